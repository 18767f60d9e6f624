//! The authorization server's signing keys (RFC 7517).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{read_last, repeated_member};

/// A key set.
#[derive(Debug, Clone, Deserialize)]
pub struct KeySet {
    /// The keys, in the order that they came.
    pub keys: Vec<Key>,
    /// A member that the set or a key has twice, of which the last one is here.
    #[serde(skip)]
    pub repeated: Option<String>,
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
}

impl KeySet {
    /// Reads the text of a key set.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> serde_json::Result<Self> {
        Ok(Self {
            repeated: repeated_member(text.as_bytes()),
            ..read_last(text)?
        })
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
