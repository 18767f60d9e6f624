//! Tokens that nobody may accept, made of genuine ones: the key is not needed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

/// The token with one claim more in its payload, under the signature that it had.
///
/// A validator that does not verify signatures takes it (RFC 8725 section 3.3).
#[must_use]
pub fn tampered(token: &SecretString) -> SecretString {
    let segments: Vec<&str> = token.expose_secret().split('.').collect();
    let [header, payload, signature] = segments[..] else {
        return token.clone();
    };
    let mut claims = decoded(payload);
    claims["tampered"] = true.into();
    SecretString::from(format!("{header}.{}.{signature}", encoded(&claims)))
}

/// The token with `alg: none` in its header and no signature (RFC 8725 section 2.1).
#[must_use]
pub fn unsigned(token: &SecretString) -> SecretString {
    let segments: Vec<&str> = token.expose_secret().split('.').collect();
    let [header, payload, _] = segments[..] else {
        return token.clone();
    };
    let mut header = decoded(header);
    header["alg"] = "none".into();
    SecretString::from(format!("{}.{payload}.", encoded(&header)))
}

fn decoded(segment: &str) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(segment).unwrap_or_default();
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Value::Object(object),
        _ => Value::Object(serde_json::Map::new()),
    }
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
