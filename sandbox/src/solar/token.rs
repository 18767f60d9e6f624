//! A token taken apart (RFC 7515 section 3.1), strictly: what is not exactly of that form is none.

use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};
use base64::{Engine as _, alphabet};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

/// The members of a header, or the claims of a payload.
pub(super) type Members = Map<String, Value>;

/// A token in its parts.
pub(super) struct Token<'a> {
    pub(super) header: Members,
    /// The same as it is read by anyone who keeps the first of two members of one name.
    pub(super) first: Members,
    pub(super) claims: Members,
    /// What is signed: header and payload as they came.
    pub(super) message: &'a str,
    /// As it came.
    pub(super) signature: &'a str,
}

impl<'a> Token<'a> {
    /// The parts; none, when it is no token. The signature may be missing: that is for those to
    /// judge who look at it. A header may have a member `twice`.
    pub(super) fn parse(text: &'a str, twice: bool) -> Option<Self> {
        let mut segments = text.split('.');
        let (header, payload) = (segments.next()?, segments.next()?);
        let signature = segments.next().unwrap_or_default();
        if segments.next().is_some() {
            return None;
        }
        let message = text.get(..=header.len() + payload.len())?;
        let Unique(claims) = decoded(payload)?;
        let (first, header) = if twice {
            let Both { first, last, .. } = decoded(header)?;
            (first, last)
        } else {
            let Unique(header) = decoded(header)?;
            (header.clone(), header)
        };
        Some(Self {
            header,
            first,
            claims,
            message,
            signature,
        })
    }

    /// A member of the header that is a text.
    pub(super) fn named(&self, member: &str) -> Option<&str> {
        self.header.get(member).and_then(Value::as_str)
    }

    /// A claim that is a text.
    pub(super) fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    pub(super) fn signature(&self) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(self.signature).ok()
    }

    /// The signature as it is read by who passes over whatever is no base64url, and over the bits
    /// that stand for nothing.
    pub(super) fn signature_as_far_as_it_goes(&self) -> Option<Vec<u8>> {
        let is_letter = |c: &char| c.is_ascii_alphanumeric() || "-_".contains(*c);
        let letters: String = self.signature.chars().filter(is_letter).collect();
        let lax = GeneralPurposeConfig::new()
            .with_encode_padding(false)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true);
        let lax = GeneralPurpose::new(&alphabet::URL_SAFE, lax);
        lax.decode(letters).ok()
    }
}

fn decoded<T: DeserializeOwned>(segment: &str) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(segment).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The token that is verified of one in JSON (RFC 7515 section 7.2.2), and the token that is read
/// by anyone who parts the same text at its dots, passing over what is no base64url.
pub(super) fn of_json(text: &str) -> Option<(String, String)> {
    let members: Members = serde_json::from_str(text).ok()?;
    let member = |name: &str| members.get(name).and_then(Value::as_str);
    let (header, payload) = (member("protected")?, member("payload")?);
    let signature = member("signature")?;
    let is_letter = |c: &char| c.is_ascii_alphanumeric() || "-_.".contains(*c);
    let [_, read, _] = text.split('.').collect::<Vec<&str>>()[..] else {
        return None;
    };
    let read: String = read.chars().filter(is_letter).collect();
    let verified = format!("{header}.{payload}.{signature}");
    Some((verified, format!("{header}.{read}.{signature}")))
}

/// An object that has no member twice (RFC 7519 section 4).
struct Unique(Members);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let both = Both::deserialize(deserializer)?;
        if both.is_unique {
            Ok(Self(both.last))
        } else {
            Err(D::Error::custom("a member is there twice"))
        }
    }
}

/// An object as it is read by anyone who keeps the first of two members of one name, and the last.
struct Both {
    first: Members,
    last: Members,
    is_unique: bool,
}

impl<'de> Deserialize<'de> for Both {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(BothVisitor)
    }
}

struct BothVisitor;

impl<'de> Visitor<'de> for BothVisitor {
    type Value = Both;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Both, A::Error> {
        let (mut first, mut last, mut is_unique) = (Members::new(), Members::new(), true);
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            first.entry(name.clone()).or_insert_with(|| value.clone());
            is_unique &= last.insert(name, value).is_none();
        }
        Ok(Both {
            first,
            last,
            is_unique,
        })
    }
}
