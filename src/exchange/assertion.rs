//! What a client with a key of its own says who it is by: a JWT that the key signs (RFC 7523, and
//! OpenID Connect Core 1.0 section 9, `private_key_jwt`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::credential::Algorithm;
use super::keys::{SigningKey, own};
use crate::openid::random;

/// `client_assertion_type` of such a JWT.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion is good, in seconds: Okta takes an hour at most.
const LIFETIME_SECONDS: i64 = 300;

/// An assertion of the client for an endpoint, signed by its key.
///
/// # Errors
/// A sentence, when the key is none or cannot sign; nothing of it is said.
pub fn client_assertion(
    pem: &SecretString,
    client_id: &str,
    audience: &str,
) -> Result<SecretString, String> {
    let key = SigningKey::from_pem(pem)?;
    let message = message(client_id, audience);
    let signature = key.signature(Algorithm::RS256, &message);
    let signature = signature.ok_or("the key cannot sign")?;
    Ok(format!("{message}.{signature}").into())
}

/// The same, signed by a key that nobody knows as the client's.
///
/// # Errors
/// A sentence, when there is no key.
pub fn foreign_assertion(client_id: &str, audience: &str) -> Result<SecretString, String> {
    let message = message(client_id, audience);
    let signature = own().and_then(|own| own.signature(Algorithm::RS256, &message));
    let signature = signature.ok_or("the system gives no random numbers for a key")?;
    Ok(format!("{message}.{signature}").into())
}

/// The public half of a key, as the org is told it.
///
/// # Errors
/// A sentence, when the key is none; nothing of it is said.
pub fn public_key(pem: &SecretString, kid: &str) -> Result<Value, String> {
    Ok(SigningKey::from_pem(pem)?.jwk(kid))
}

fn message(client_id: &str, audience: &str) -> String {
    let now = Timestamp::now().as_second();
    let segment = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({ "alg": "RS256", "typ": "JWT" });
    let claims = json!({
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "jti": random(),
    });
    format!("{}.{}", segment(header), segment(claims))
}
