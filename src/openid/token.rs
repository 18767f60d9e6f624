//! JSON Web Tokens, taken apart without trust and verified by the published keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::repeated::repeated_member;
use super::{Key, KeySet, LEAST_MODULUS_BITS};

/// A token's header and claims, before anything is known about its signature.
#[derive(Debug, Clone)]
pub struct Jwt {
    /// The header.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
    /// A member that its header or its payload has twice: readers differ in which one they take.
    pub repeated: Option<String>,
    token: SecretString,
}

/// Why a text is not a token that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Five segments: a token that only the resource server can read.
    #[error("the token is encrypted (five segments): it cannot be read without the API's key")]
    Encrypted,
    /// Neither three nor five segments.
    #[error("not a JSON Web Token: {0} segments where there must be three")]
    Segments(usize),
    /// A segment that is not base64url of a JSON object.
    #[error("not a JSON Web Token: its {0} is not base64url of a JSON object")]
    NotJson(&'static str),
}

/// What the keys say about a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// The key that the token names made it, by RS256.
    Valid,
    /// The header has no `kid`.
    NoKeyNamed,
    /// No published key has this `kid`.
    UnknownKey(String),
    /// The key that the token names did not make it.
    Invalid(String),
    /// Nothing can be verified by the key that the token names, such as one that is too short.
    Unverifiable(String),
}

impl Signature {
    /// What is wrong with it.
    ///
    /// # Errors
    /// Why nothing can be said of it.
    pub fn problem(self) -> Result<Option<String>, String> {
        match self {
            Self::Valid => Ok(None),
            Self::NoKeyNamed => Ok(Some("the header names no key".to_owned())),
            Self::UnknownKey(kid) => Ok(Some(format!("no published key has the kid `{kid}`"))),
            Self::Invalid(reason) => Ok(Some(reason)),
            Self::Unverifiable(reason) => Err(reason),
        }
    }
}

impl Jwt {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`TokenError`] when it is none.
    pub fn decode(token: &SecretString) -> Result<Self, TokenError> {
        let segments: Vec<&str> = token.expose_secret().split('.').collect();
        match segments[..] {
            [header, claims, _signature] => {
                let header = bytes(header).ok_or(TokenError::NotJson("header"))?;
                let claims = bytes(claims).ok_or(TokenError::NotJson("payload"))?;
                Ok(Self {
                    header: object(&header).ok_or(TokenError::NotJson("header"))?,
                    claims: object(&claims).ok_or(TokenError::NotJson("payload"))?,
                    repeated: repeated_member(&header).or_else(|| repeated_member(&claims)),
                    token: token.clone(),
                })
            }
            [_, _, _, _, _] => Err(TokenError::Encrypted),
            _ => Err(TokenError::Segments(segments.len())),
        }
    }

    /// How many bytes it has, as it is sent.
    #[must_use]
    pub fn size(&self) -> usize {
        self.token.expose_secret().len()
    }

    /// A claim as text.
    #[must_use]
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }

    /// A claim as a whole number, as times are: a fraction, which a time may have (RFC 7519
    /// section 2, `NumericDate`), is left out.
    #[must_use]
    pub fn number(&self, claim: &str) -> Option<i64> {
        let found = self.claims.get(claim).filter(|found| found.is_number())?;
        found.as_i64().or_else(|| {
            let text = found.to_string();
            let (whole, fraction) = text.split_once('.')?;
            let is_plain = fraction.bytes().all(|digit| digit.is_ascii_digit());
            whole.parse().ok().filter(|_| is_plain)
        })
    }

    /// A claim as a list of texts; nothing if it is anything else.
    #[must_use]
    pub fn list(&self, claim: &str) -> Option<Vec<&str>> {
        self.claims
            .get(claim)?
            .as_array()?
            .iter()
            .map(Value::as_str)
            .collect()
    }

    /// Scopes, by the first of these claims that is there: a list of texts, or texts with blanks
    /// between them.
    #[must_use]
    pub fn scopes(&self, claims: &[&str]) -> Option<Vec<&str>> {
        let mut claims = claims.iter();
        claims.find_map(|claim| match self.claims.get(*claim)? {
            Value::String(text) if *claim == "scope" => Some(text.split_whitespace().collect()),
            _ => self.list(claim),
        })
    }

    /// Verifies the signature with RS256 alone, by the published key that the header names.
    #[must_use]
    pub fn signature(&self, keys: &KeySet) -> Signature {
        let Some(kid) = self.header.get("kid").and_then(Value::as_str) else {
            return Signature::NoKeyNamed;
        };
        let Some(key) = keys.find(kid) else {
            return Signature::UnknownKey(kid.to_owned());
        };
        match verify(self.token.expose_secret(), key) {
            Ok(true) if !key.is_for_rs256() => Signature::Invalid(format!(
                "the key `{kid}` signed it, and is not published for RS256 signatures (`use`, `alg`)"
            )),
            Ok(true) => Signature::Valid,
            Ok(false) => Signature::Invalid(format!("the key `{kid}` did not sign it")),
            Err(reason) => Signature::Unverifiable(format!(
                "nothing can be verified by the key `{kid}`: {reason}"
            )),
        }
    }
}

fn verify(token: &str, key: &Key) -> Result<bool, String> {
    let (Some(n), Some(e)) = (&key.n, &key.e) else {
        return Err("it has no modulus or exponent".to_owned());
    };
    let bits = key.modulus().len() * 8;
    if bits < LEAST_MODULUS_BITS {
        return Err(format!("it has {bits} bits"));
    }
    let decoding = DecodingKey::from_rsa_components(n, e).map_err(|error| error.to_string())?;
    let Some((message, signature)) = token.rsplit_once('.') else {
        return Ok(false);
    };
    jsonwebtoken::crypto::verify(signature, message.as_bytes(), &decoding, Algorithm::RS256)
        .map_err(|error| error.to_string())
}

fn bytes(segment: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(segment).ok()
}

fn object(text: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(text).ok()
}

/// The left half of the SHA-256 of a token: `at_hash` (OpenID Connect Core 3.1.3.6).
#[must_use]
pub fn half_hash(token: &SecretString) -> String {
    let hash = Sha256::digest(token.expose_secret().as_bytes());
    URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::whole("1795904942", Some(1_795_904_942))]
    #[case::with_a_point("1795904942.0", Some(1_795_904_942))]
    #[case::fraction("1795904942.75", Some(1_795_904_942))]
    #[case::text("\"1795904942\"", None)]
    #[case::too_great("1e300", None)]
    #[case::too_great_to_be_whole("1.5e300", None)]
    fn a_time_may_have_a_fraction(#[case] told: &str, #[case] seconds: Option<i64>) {
        let claims = format!(r#"{{"iat":{told}}}"#);
        let parts = ["{}", claims.as_str(), ""].map(|part| URL_SAFE_NO_PAD.encode(part));
        let token = Jwt::decode(&parts.join(".").into()).expect("a token");
        assert_eq!(token.number("iat"), seconds);
    }

    #[rstest]
    #[case::of_okta(r#"{"scp":["a","b"]}"#, &["scp"], Some(vec!["a", "b"]))]
    #[case::by_rfc_9068(r#"{"scope":"a b"}"#, &["scp", "scope"], Some(vec!["a", "b"]))]
    #[case::both(r#"{"scp":["a"],"scope":"a b"}"#, &["scp", "scope"], Some(vec!["a"]))]
    #[case::not_as_okta_has_it(r#"{"scope":"a b"}"#, &["scp"], None)]
    #[case::okta_has_no_text(r#"{"scp":"a b"}"#, &["scp"], None)]
    fn scopes_are_in_the_claims_of_the_provider(
        #[case] claims: &str,
        #[case] names: &[&str],
        #[case] expected: Option<Vec<&str>>,
    ) {
        let segments = ["{}", claims, ""].map(|part| URL_SAFE_NO_PAD.encode(part));
        let token = Jwt::decode(&segments.join(".").into()).expect("a token");
        assert_eq!(token.scopes(names), expected);
    }
}
