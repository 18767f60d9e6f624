//! Requests that a browser makes for a page: they name the page's origin.

use axum::http::header;
use url::Url;

use super::GrantType;
use crate::error::OAuthError;
use crate::oauth::caller::Caller;
use crate::state::AppState;
use crate::state::org::Application;

/// Refuses what a page of this origin may not ask for the client.
///
/// Okta's error catalogue, `illegal_origin_browser_request` and its kin; that pages refresh tokens
/// too is okta/okta-developer-docs, `docs/guides/refresh-tokens`, "Renew access and ID tokens with
/// SPAs".
pub(super) fn check(
    state: &AppState,
    caller: &Caller<'_>,
    client_id: &str,
    grant_type: GrantType,
) -> Result<(), OAuthError> {
    let origin = caller.headers.get(header::ORIGIN);
    let Some(origin) = origin.and_then(|origin| origin.to_str().ok()) else {
        return Ok(());
    };
    if grant_type == GrantType::ClientCredentials {
        return Err(OAuthError::bad(
            "unauthorized_client",
            "Browser requests to the token endpoint may only use the authorization_code grant_type.",
        ));
    }
    let org = state.org();
    let client = org.applications.get(client_id);
    if !client.is_some_and(|client| is_of_client(client, origin)) {
        return Err(OAuthError::invalid_request(
            "Browser requests to the token endpoint must be part of at least one whitelisted \
             redirect_uri.",
        ));
    }
    let is_code = grant_type == GrantType::AuthorizationCode;
    if is_code && caller.get("code_verifier").is_none() {
        return Err(OAuthError::invalid_client(
            "Browser requests to the token endpoint must use Proof Key for Code Exchange.",
        ));
    }
    Ok(())
}

/// Whether a redirect URI of the client is at the origin.
fn is_of_client(client: &Application, origin: &str) -> bool {
    let uris = client.settings.redirect_uris.iter();
    let mut origins = uris.filter_map(|uri| Url::parse(uri).ok());
    origins.any(|uri| uri.origin().ascii_serialization() == origin)
}
