//! The authorization server's signing keys (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Ordered, read_last, repeated_member};

/// A key set.
#[derive(Debug, Clone, Deserialize)]
pub struct KeySet {
    /// The keys, in the order that they came.
    pub keys: Vec<Key>,
    /// A member that the set or a key has twice, of which the last one is here.
    #[serde(skip)]
    pub repeated: Option<String>,
    /// The text that was read.
    #[serde(skip)]
    pub text: String,
}

/// A key set as it is written.
#[derive(Deserialize)]
struct Written {
    keys: Vec<Ordered>,
}

/// A public key.
#[derive(Debug, Clone, Deserialize)]
pub struct Key {
    /// Which tokens it verifies.
    #[serde(default)]
    pub kid: Option<String>,
    /// `RSA`.
    pub kty: String,
    /// `RS256`.
    #[serde(default)]
    pub alg: Option<String>,
    /// `sig`.
    #[serde(rename = "use", default)]
    pub usage: Option<String>,
    /// The modulus, base64url.
    #[serde(default)]
    pub n: Option<String>,
    /// The exponent, base64url.
    #[serde(default)]
    pub e: Option<String>,
    /// Every other member: a private one must not be among them.
    #[serde(flatten)]
    pub other: Map<String, Value>,
    /// The key as JSON without blanks, its members in the order in which they came.
    #[serde(skip)]
    pub text: String,
}

/// RFC 7518 section 3.3: "A key of size 2048 bits or larger MUST be used".
pub const LEAST_MODULUS_BITS: usize = 2048;

impl Key {
    /// The bytes of the modulus; none where it has none that can be read.
    #[must_use]
    pub fn modulus(&self) -> Vec<u8> {
        number(self.n.as_deref())
    }

    /// Whether it is published for RS256 signatures, or for nothing in particular (RFC 7517 sections
    /// 4.2 and 4.4): libraries take no token by any other.
    #[must_use]
    pub fn is_for_rs256(&self) -> bool {
        self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.alg.as_deref().is_none_or(|alg| alg == "RS256")
    }

    /// The bytes of the exponent, likewise.
    #[must_use]
    pub fn exponent(&self) -> Vec<u8> {
        number(self.e.as_deref())
    }
}

/// RFC 7518 section 2: base64url of a big-endian number; the zeros before it are left out.
fn number(text: Option<&str>) -> Vec<u8> {
    let bytes = URL_SAFE_NO_PAD.decode(text.unwrap_or_default());
    let bytes = bytes.unwrap_or_default().into_iter();
    bytes.skip_while(|byte| *byte == 0).collect()
}

impl KeySet {
    /// Reads the text of a key set.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> serde_json::Result<Self> {
        let mut set = Self {
            repeated: repeated_member(text.as_bytes()),
            text: text.to_owned(),
            ..read_last(text)?
        };
        // Where a name comes twice, nobody knows which text is meant.
        if let Ok(written) = serde_json::from_str::<Written>(text) {
            for (key, written) in set.keys.iter_mut().zip(written.keys) {
                key.text = written.text();
            }
        }
        Ok(set)
    }

    /// Adds the keys that are new by their `kid`.
    pub fn extend(&mut self, later: Self) {
        let known: Vec<Option<String>> = self.keys.iter().map(|key| key.kid.clone()).collect();
        let new = later.keys.into_iter();
        self.keys
            .extend(new.filter(|key| !known.contains(&key.kid)));
        self.repeated = self.repeated.take().or(later.repeated);
    }

    /// The key that a token names.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.kid.as_deref() == Some(kid))
    }
}
