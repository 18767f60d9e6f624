//! The authorization server in a path: there and active, or not. The org's own has no id.

use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};

use crate::error::{self, OAuthError};
use crate::keys::KeyError;
use crate::state::AppState;
use crate::state::org::{Application, AuthorizationServer, ServerKey, Status};

/// The id of an authorization server in a path, where there is one.
pub(crate) type InPath = Option<Path<String>>;

/// The id in the path; empty is the org's own server.
pub(crate) fn id(path: InPath) -> String {
    path.map(|Path(id)| id).unwrap_or_default()
}

/// The answer instead of the endpoint's own, for a server that is not there or not active.
pub(crate) fn refused(state: &AppState, id: &str) -> Option<Response> {
    match state.org().server(id).map(|server| server.status) {
        Some(Status::Active) => None,
        Some(Status::Inactive) => Some(invalid().into_response()),
        None => Some(error::unknown_server(id)),
    }
}

/// The server is there and not active.
pub(crate) fn invalid() -> OAuthError {
    OAuthError::invalid_request("The authorization server id is invalid.")
}

/// Makes the keys of the org's own server, where it has none yet: most orgs never need them.
pub(crate) async fn prepare(state: &AppState, id: &str) -> Result<(), KeyError> {
    let has_keys = |server: &AuthorizationServer| !server.is_of_org() || !server.keys.is_empty();
    if state.org().server(id).is_none_or(has_keys) {
        return Ok(());
    }
    let (active, next) = tokio::try_join!(state.keys.take(), state.keys.take())?;
    let keys = &mut state.org().own_server.keys;
    if keys.is_empty() {
        *keys = ServerKey::pair(active, next);
    }
    Ok(())
}

/// The `iss` of a server in the answer to a request with these headers.
pub(crate) fn issuer(
    state: &AppState,
    server: &AuthorizationServer,
    headers: &HeaderMap,
) -> String {
    issuer_in_mode(state, server, &server.issuer_mode, headers)
}

/// The `iss` of the tokens of a client: the org's own server leaves the mode to the client.
pub(crate) fn issuer_for(
    state: &AppState,
    server: &AuthorizationServer,
    client: &Application,
    headers: &HeaderMap,
) -> String {
    let mode = if server.is_of_org() {
        client.issuer_mode()
    } else {
        &server.issuer_mode
    };
    issuer_in_mode(state, server, mode, headers)
}

fn issuer_in_mode(
    state: &AppState,
    server: &AuthorizationServer,
    mode: &str,
    headers: &HeaderMap,
) -> String {
    let host = headers.get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let address = state.address(mode, host.unwrap_or_default());
    format!("{address}{}", path(&server.id))
}

/// Where the endpoints of a server are when its org is reached at this address.
pub(crate) fn endpoints(address: &str, id: &str) -> String {
    match id {
        "" => format!("{address}/oauth2/v1"),
        _ => format!("{address}{}/v1", path(id)),
    }
}

fn path(id: &str) -> String {
    match id {
        "" => String::new(),
        _ => format!("/oauth2/{id}"),
    }
}
