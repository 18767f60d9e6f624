//! The authorization server in a path: there and active, or not.

use axum::response::{IntoResponse, Response};

use crate::error::{self, OAuthError};
use crate::state::AppState;
use crate::state::org::Status;

/// The answer instead of the endpoint's own, for a server that is not there or not active.
pub(crate) fn refused(state: &AppState, id: &str) -> Option<Response> {
    match state.org().servers.get(id).map(|server| server.status) {
        Some(Status::Active) => None,
        Some(Status::Inactive) => Some(invalid().into_response()),
        None => Some(error::unknown_server(id)),
    }
}

/// The server is there and not active.
pub(crate) fn invalid() -> OAuthError {
    OAuthError::invalid_request("The authorization server id is invalid.")
}
