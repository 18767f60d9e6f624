//! Who calls the token, introspection and revocation endpoints.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::OAuthError;
use crate::fault::Fault;
use crate::parameters::Parameters;
use crate::state::AppState;
use crate::state::org::Status;

/// Credentials as sent.
struct Credentials {
    client_id: String,
    secret: Option<String>,
}

/// The id of the client that proved who it is.
pub(crate) fn authenticated(
    state: &AppState,
    headers: &HeaderMap,
    form: &Parameters,
) -> Result<String, OAuthError> {
    let sent = credentials(headers, form)?;
    let org = state.org();
    let client = org.applications.get(&sent.client_id);
    let client = client
        .filter(|client| client.status == Status::Active)
        .ok_or_else(OAuthError::invalid_client_id)?;
    let is_public = client.credentials.token_endpoint_auth_method == "none";
    let is_unchecked = state.fault() == Some(Fault::SecretUnchecked);
    match (is_public, &sent.secret) {
        (true, None) => {}
        (true, Some(_)) => return Err(wrong_method()),
        (false, None) => return Err(missing_credentials()),
        // Okta takes basic and post alike, whichever of the two the client is configured for.
        (false, Some(secret)) => {
            if !is_unchecked && client.client_secret.as_ref() != Some(secret) {
                return Err(OAuthError::invalid_client(
                    "The client secret supplied for a confidential client is invalid.",
                ));
            }
        }
    }
    Ok(client.id.clone())
}

fn credentials(headers: &HeaderMap, form: &Parameters) -> Result<Credentials, OAuthError> {
    let in_form = form.get("client_id").map(|client_id| Credentials {
        client_id: client_id.to_owned(),
        secret: form.get("client_secret").map(str::to_owned),
    });
    match (basic(headers)?, in_form) {
        (
            Some(_),
            Some(Credentials {
                secret: Some(_), ..
            }),
        ) => Err(OAuthError::invalid_request(
            "Can't supply multiple client credentials. Use one of the following: credentials \
                 in the Authorization header, credentials in the post body, or a \
                 `client_assertion` in the post body.",
        )),
        (Some(basic), Some(in_form)) if basic.client_id != in_form.client_id => Err(wrong_method()),
        (Some(sent), _) | (None, Some(sent)) => Ok(sent),
        (None, None) => Err(missing_credentials()),
    }
}

fn basic(headers: &HeaderMap) -> Result<Option<Credentials>, OAuthError> {
    let Some(sent) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let decoded = sent
        .to_str()
        .ok()
        .and_then(|sent| sent.strip_prefix("Basic "))
        .and_then(|encoded| STANDARD.decode(encoded.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
    let (id, secret) = pair.ok_or_else(|| {
        OAuthError::invalid_client(
            "Found Authentication header but was not valid client credentials.",
        )
    })?;
    Ok(Some(Credentials {
        client_id: decode(id),
        secret: Some(decode(secret)).filter(|secret| !secret.is_empty()),
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
