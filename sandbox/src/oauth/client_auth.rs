//! Who calls the token, introspection and revocation endpoints.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::caller::Caller;
use super::client_assertion;
use crate::error::OAuthError;
use crate::fault::Fault;
use crate::state::AppState;
use crate::state::org::{Application, Status};

/// Who a client says it is, and what proves it.
struct Credentials<'a> {
    client_id: String,
    proof: Proof<'a>,
}

enum Proof<'a> {
    Nothing,
    Secret(String),
    /// A JWT signed by a key of the client (RFC 7523).
    Assertion(&'a str),
}

/// The id of the client that proved who it is.
pub(crate) fn authenticated(state: &AppState, caller: &Caller<'_>) -> Result<String, OAuthError> {
    let sent = credentials(caller)?;
    let client = {
        let org = state.org();
        let client = org.applications.get(&sent.client_id);
        let client = client.filter(|client| client.status == Status::Active);
        let is_any = state.fault() == Some(Fault::AnyClient);
        if let Some(first) = org
            .applications
            .values()
            .next()
            .filter(|_| is_any && client.is_none())
        {
            return Ok(first.id.clone());
        }
        client.cloned().ok_or_else(OAuthError::invalid_client_id)?
    };
    let method = client.credentials.token_endpoint_auth_method.as_str();
    match (method, &sent.proof) {
        ("none", Proof::Nothing) => {}
        (_, Proof::Nothing) if state.fault() == Some(Fault::SecretOptional) => {}
        (_, Proof::Nothing) => return Err(missing_credentials()),
        (_, Proof::Assertion(_)) if state.fault() == Some(Fault::AssertionUnchecked) => {}
        ("client_secret_jwt" | "private_key_jwt", Proof::Assertion(assertion)) => {
            let audiences = caller.addresses(state);
            client_assertion::check(state, &client, assertion, &audiences)?;
        }
        // Okta takes basic and post alike, whichever of the two the client is configured for.
        ("client_secret_basic" | "client_secret_post", Proof::Secret(secret)) => {
            check_secret(state, &client, secret)?;
        }
        _ => return Err(wrong_method()),
    }
    Ok(client.id)
}

fn check_secret(state: &AppState, client: &Application, secret: &str) -> Result<(), OAuthError> {
    let is_unchecked = state.fault() == Some(Fault::SecretUnchecked);
    if is_unchecked || client.has_secret(secret) {
        return Ok(());
    }
    Err(OAuthError::invalid_client(
        "The client secret supplied for a confidential client is invalid.",
    ))
}

fn credentials<'a>(caller: &'a Caller<'_>) -> Result<Credentials<'a>, OAuthError> {
    let basic = basic(caller.headers)?;
    let secret = caller.get("client_secret");
    let assertion = client_assertion::sent(caller)?;
    let ways = [basic.is_some(), secret.is_some(), assertion.is_some()];
    if ways.into_iter().filter(|is_used| *is_used).count() > 1 {
        return Err(OAuthError::multiple_client_credentials());
    }
    let named = caller.client_id();
    if let Some(basic) = basic {
        let is_another = named.is_some_and(|named| named != basic.client_id);
        return if is_another {
            Err(wrong_method())
        } else {
            Ok(basic)
        };
    }
    if let Some(assertion) = assertion {
        let issuer = client_assertion::issuer(assertion)?;
        return Ok(Credentials {
            client_id: named.map_or(issuer, str::to_owned),
            proof: Proof::Assertion(assertion),
        });
    }
    let client_id = named.ok_or_else(missing_credentials)?.to_owned();
    let proof = secret.map_or(Proof::Nothing, |secret| Proof::Secret(secret.to_owned()));
    Ok(Credentials { client_id, proof })
}

fn basic(headers: &HeaderMap) -> Result<Option<Credentials<'static>>, OAuthError> {
    let Some(sent) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let decoded = sent
        .to_str()
        .ok()
        .and_then(|sent| sent.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
    let (id, secret) = pair.ok_or_else(|| {
        OAuthError::invalid_client(
            "Found Authentication header but was not valid client credentials.",
        )
    })?;
    let secret = Some(decode(secret)).filter(|secret| !secret.is_empty());
    Ok(Some(Credentials {
        client_id: decode(id),
        proof: secret.map_or(Proof::Nothing, Proof::Secret),
    }))
}

/// Both halves of Basic credentials are form-encoded (RFC 6749 section 2.3.1).
fn decode(half: &str) -> String {
    let encoded = format!("v={half}");
    let mut pairs = url::form_urlencoded::parse(encoded.as_bytes());
    pairs
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn missing_credentials() -> OAuthError {
    OAuthError::invalid_client("No client credentials found.")
}

fn wrong_method() -> OAuthError {
    OAuthError::invalid_client(
        "Client authentication failed. Either the client or the client credentials are invalid.",
    )
}
