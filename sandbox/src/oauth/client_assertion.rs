//! Clients that authenticate by a JWT: signed with their own key, or with their secret
//! (OpenID Connect Core section 9).

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

use super::caller::Caller;
use super::verify;
use crate::error::OAuthError;
use crate::state::AppState;
use crate::state::org::{Application, Status};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead an assertion may end, in seconds.
const LONGEST: i64 = 3600;

/// The algorithms of a client's own key, and those of its secret.
const OF_KEYS: [Algorithm; 5] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::ES256,
    Algorithm::ES384,
];
const OF_SECRETS: [Algorithm; 3] = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];

/// The assertion that was sent, if one was.
pub(super) fn sent<'a>(caller: &'a Caller<'_>) -> Result<Option<&'a str>, OAuthError> {
    let assertion = caller.get("client_assertion");
    let kind = caller.get("client_assertion_type");
    if assertion.is_some() && kind != Some(TYPE) {
        return Err(OAuthError::invalid_request(
            "The client_assertion_type is invalid.",
        ));
    }
    Ok(assertion)
}

/// Who an assertion says it is of, whoever signed it.
pub(super) fn issuer(assertion: &str) -> Result<String, OAuthError> {
    let decoded = jsonwebtoken::dangerous::insecure_decode::<Map<String, Value>>(assertion);
    let claims = decoded.map_err(|_| unreadable())?.claims;
    Ok(verify::text(&claims, "iss").to_owned())
}

/// Checks that an assertion is of the client, meant for one of the addresses, and new.
pub(super) fn check(
    state: &AppState,
    client: &Application,
    assertion: &str,
    addresses: &[String],
) -> Result<(), OAuthError> {
    let claims = signed_claims(client, assertion)?;
    check_names(&claims, &client.id, addresses)?;
    check_times(&claims, state.now())?;
    let id = verify::text(&claims, "jti");
    let mut runtime = state.runtime();
    if !id.is_empty() && runtime.assertions.get(id).is_some() {
        return refuse("The client_assertion token has already been used.");
    }
    runtime.assertions.insert(id.to_owned(), ());
    Ok(())
}

fn signed_claims(client: &Application, assertion: &str) -> Result<Map<String, Value>, OAuthError> {
    let header = jsonwebtoken::decode_header(assertion).map_err(|_| unreadable())?;
    let is_by_key = client.credentials.token_endpoint_auth_method == "private_key_jwt";
    let algorithms: &[Algorithm] = if is_by_key { &OF_KEYS } else { &OF_SECRETS };
    if !algorithms.contains(&header.alg) {
        return refuse("The client_assertion JWT signature algorithm is invalid.");
    }
    let keys = if is_by_key {
        vec![own_key(client, header.kid.as_deref())?]
    } else {
        secrets(client)
    };
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let mut claims = keys.iter().filter_map(|key| {
        let decoded = jsonwebtoken::decode::<Map<String, Value>>(assertion, key, &validation);
        decoded.ok().map(|data| data.claims)
    });
    claims
        .next()
        .ok_or_else(|| OAuthError::invalid_client("The client_assertion signature is invalid."))
}

fn secrets(client: &Application) -> Vec<DecodingKey> {
    let secrets = client.secrets.values();
    let active = secrets.filter(|secret| secret.status == Status::Active);
    active
        .map(|secret| DecodingKey::from_secret(secret.value.as_bytes()))
        .collect()
}

/// The key that an assertion names; a client with one key need not name it.
fn own_key(client: &Application, kid: Option<&str>) -> Result<DecodingKey, OAuthError> {
    let jwks = client.settings.other.get("jwks");
    let keys = jwks.and_then(|jwks| jwks.get("keys")?.as_array());
    let keys = keys.into_iter().flatten();
    let keys: Vec<&Value> = keys.filter(|key| is_active(key)).collect();
    if keys.is_empty() {
        return refuse(
            "The client does not have a JWKSet configured, but the client_assertion requires one.",
        );
    }
    let named = |key: &&&Value| kid.is_some_and(|kid| key["kid"] == kid);
    let found = match (keys.as_slice(), kid) {
        ([only], None) => Some(*only),
        _ => keys.iter().find(named).copied(),
    };
    let Some(found) = found else {
        return refuse("The client_assertion JWT kid is invalid.");
    };
    let key = serde_json::from_value::<Jwk>(found.clone());
    let key = key.ok().and_then(|key| DecodingKey::from_jwk(&key).ok());
    key.ok_or_else(|| OAuthError::invalid_client("The client JWKSet is invalid."))
}

fn is_active(key: &Value) -> bool {
    let status = key.get("status");
    status.is_none_or(|status| status == "ACTIVE")
}

fn check_names(
    claims: &Map<String, Value>,
    client_id: &str,
    addresses: &[String],
) -> Result<(), OAuthError> {
    if verify::text(claims, "iss") != client_id {
        return refuse("The issuer claim for client_assertion is not a valid client_id.");
    }
    if verify::text(claims, "sub") != client_id {
        return refuse("The subject claim for client_assertion is not a valid client_id.");
    }
    let is_address = |value: &Value| {
        let mut addresses = addresses.iter();
        addresses.any(|address| value == address.as_str())
    };
    let is_meant = match claims.get("aud") {
        Some(Value::Array(audiences)) => audiences.iter().any(is_address),
        Some(audience) => is_address(audience),
        None => false,
    };
    if is_meant {
        return Ok(());
    }
    refuse("The audience claim for client_assertion must be the endpoint invoked for the request.")
}

fn check_times(claims: &Map<String, Value>, now: i64) -> Result<(), OAuthError> {
    let Some(ends) = claims.get("exp").and_then(Value::as_i64) else {
        return refuse("The client_assertion must contain the 'exp' claim as seconds since epoch.");
    };
    if ends <= now {
        return refuse("The client_assertion token is expired.");
    }
    if ends > now + LONGEST {
        return refuse("The client_assertion token has an expiration too far into the future.");
    }
    if verify::seconds(claims, "iat") > now {
        return refuse("The client_assertion token must be issued before the current time.");
    }
    Ok(())
}

fn unreadable() -> OAuthError {
    OAuthError::invalid_client("The parsing of the client_assertion failed.")
}

fn refuse<T>(description: &str) -> Result<T, OAuthError> {
    Err(OAuthError::invalid_client(description))
}
