//! Tokens that come back: is one of this authorization server, and what does it say?

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

use crate::state::org::AuthorizationServer;

/// The claims of a token that this server signed, expired or not.
pub(crate) fn signed_claims(
    server: &AuthorizationServer,
    token: &str,
) -> Option<Map<String, Value>> {
    let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
    let mut keys = server.keys.iter();
    let key = keys.find(|key| key.key.kid == kid)?;
    let decoding = DecodingKey::from_rsa_components(&key.key.n, &key.key.e).ok()?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let decoded = jsonwebtoken::decode::<Map<String, Value>>(token, &decoding, &validation);
    decoded.ok().map(|data| data.claims)
}

/// The claims of a token, whoever signed it.
pub(crate) fn unsigned_claims(token: &str) -> Option<Map<String, Value>> {
    let decoded = jsonwebtoken::dangerous::insecure_decode::<Map<String, Value>>(token);
    decoded.ok().map(|data| data.claims)
}

/// A claim that is a text.
pub(crate) fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> &'a str {
    claims.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A claim that is a time, in seconds since 1970.
pub(crate) fn seconds(claims: &Map<String, Value>, name: &str) -> i64 {
    claims.get(name).and_then(Value::as_i64).unwrap_or_default()
}

/// The user of an ID token of this server, which may have expired.
pub(crate) fn hinted_user(server: &AuthorizationServer, id_token: &str) -> Option<String> {
    let claims = signed_claims(server, id_token)?;
    let is_id_token = text(&claims, "jti").starts_with("ID.");
    is_id_token.then(|| text(&claims, "sub").to_owned())
}
