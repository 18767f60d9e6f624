//! `/v1/revoke`: ends a token of the calling client.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::caller::{Caller, Posted};
use super::{client_auth, presented, verify};
use crate::error::OAuthError;
use crate::fault::Fault;
use crate::state::AppState;
use crate::state::grant::RefreshToken;

/// Answers 200 and nothing, for tokens that are not there too.
pub(crate) async fn revoke(State(state): State<Arc<AppState>>, posted: Posted) -> Response {
    let caller = Caller::read("revoke", &posted, state.fault());
    match caller.and_then(|caller| end(&state, &caller)) {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => error.into_response(),
    }
}

/// An access token ends alone, a refresh token with the access tokens that came of the same sign-in
/// (Okta's guide "Revoke tokens"). Another client's token is none of the caller's business (RFC
/// 7009 section 2.1).
fn end(state: &AppState, caller: &Caller<'_>) -> Result<(), OAuthError> {
    let client_id = client_auth::authenticated(state, caller)?;
    let value = caller.get("token").ok_or_else(OAuthError::token_missing)?;
    if state.fault() == Some(Fault::RevocationEndsNothing) {
        return Ok(());
    }
    let token = presented::live(state, caller.server_id, value);
    if token.is_some() && state.fault() == Some(Fault::RevocationRefusesKnown) {
        return Err(OAuthError::invalid_request("The token is invalid."));
    }
    if token.is_none() && state.fault() == Some(Fault::RevocationRefusesUnknown) {
        return Err(OAuthError::invalid_request("The token is invalid."));
    }
    let is_of_another = |token: &presented::Presented| token.grant.client_id != client_id;
    if token.as_ref().is_some_and(is_of_another)
        && state.fault() == Some(Fault::RevocationOfOthersFails)
    {
        return Err(OAuthError {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            ..OAuthError::invalid_request("The token is of another client.")
        });
    }
    let is_anybodys = state.fault() == Some(Fault::RevocationOfAnyClient);
    if let Some(token) = token.filter(|token| is_anybodys || token.grant.client_id == client_id) {
        let jti = verify::text(&token.claims, "jti").to_owned();
        state.runtime().revoked.insert(jti);
    }
    if state.fault() == Some(Fault::RefreshOutlivesRevocation) {
        return Ok(());
    }
    let now = state.now();
    let mut runtime = state.runtime();
    let is_own = |token: &&RefreshToken| {
        token.grant.client_id == client_id && token.grant.server_id == caller.server_id
    };
    let token = runtime.refresh_token(value, now).filter(is_own);
    if let Some(family) = token.map(|token| token.family.clone()) {
        runtime.end_family(&family);
    }
    Ok(())
}
