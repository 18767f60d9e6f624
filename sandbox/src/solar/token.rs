//! A token taken apart (RFC 7515 section 3.1), strictly: what is not exactly of that form is none.

use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};
use base64::{Engine as _, alphabet};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

/// The members of a header, or the claims of a payload.
pub(super) type Members = Map<String, Value>;

/// A token in its parts.
pub(super) struct Token<'a> {
    pub(super) header: Members,
    pub(super) claims: Members,
    /// What is signed: header and payload as they came.
    pub(super) message: &'a str,
    /// As it came.
    pub(super) signature: &'a str,
}

impl<'a> Token<'a> {
    /// The parts; none, when it is no token. The signature may be missing: that is for those to
    /// judge who look at it.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut segments = text.split('.');
        let (header, payload) = (segments.next()?, segments.next()?);
        let signature = segments.next().unwrap_or_default();
        if segments.next().is_some() {
            return None;
        }
        let message = text.get(..=header.len() + payload.len())?;
        Some(Self {
            header: members(header)?,
            claims: members(payload)?,
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

fn members(segment: &str) -> Option<Members> {
    let bytes = URL_SAFE_NO_PAD.decode(segment).ok()?;
    let Unique(members) = serde_json::from_slice(&bytes).ok()?;
    Some(members)
}

/// An object that has no member twice (RFC 7519 section 4).
struct Unique(Members);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Members;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is there twice"));
            }
        }
        Ok(members)
    }
}
