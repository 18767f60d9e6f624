//! `/v1/revoke`: ends a token of the calling client.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{client_auth, presented, server, verify};
use crate::error::OAuthError;
use crate::parameters::Parameters;
use crate::state::AppState;

/// Answers 200 and nothing, for tokens that are not there too.
pub(crate) async fn revoke(
    State(state): State<Arc<AppState>>,
    Path(server_id): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    if let Some(refusal) = server::refused(&state, &server_id) {
        return refusal;
    }
    let sent = Parameters::parse(body.as_bytes());
    match end(&state, &server_id, &headers, &sent) {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => error.into_response(),
    }
}

fn end(
    state: &AppState,
    server_id: &str,
    headers: &HeaderMap,
    sent: &Parameters,
) -> Result<(), OAuthError> {
    let client_id = client_auth::authenticated(state, headers, sent)?;
    let token = sent.get("token").ok_or_else(OAuthError::token_missing)?;
    let token = presented::live(state, server_id, token);
    // Another client's token is none of the caller's business (RFC 7009 section 2.1).
    if let Some(token) = token.filter(|token| token.grant.client_id == client_id) {
        let jti = verify::text(&token.claims, "jti").to_owned();
        state.runtime().revoked.insert(jti);
    }
    Ok(())
}
