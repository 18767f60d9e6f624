//! `/login/token/redirect`: the browser gets its session and goes on to the client.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;

use super::session;
use crate::oauth::error::OAuthError;
use crate::oauth::issue;
use crate::oauth::parameters::Parameters;
use crate::oauth::response;
use crate::oauth::runtime::{Stage, Transaction};
use crate::pages;
use crate::state::AppState;

/// Finishes a sign-in, once.
pub(super) async fn redirect(
    State(state): State<Arc<AppState>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let token = query.get("stateToken").unwrap_or_default();
    let Some(transaction) = finished(&state, token) else {
        return pages::error(&state, &OAuthError::request_expired());
    };
    let request = transaction.request;
    let Stage::Done(session) = transaction.stage else {
        return response::refuse(&state, &request.return_to, OAuthError::declined());
    };
    let cookie = session::start(&state, session.clone());
    let mut response = issue::finish(&state, &request, &session).await;
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Takes a sign-in that has come to its end.
fn finished(state: &AppState, token: &str) -> Option<Transaction> {
    let now = state.now();
    let mut runtime = state.runtime();
    let reached = &runtime.transaction(token, now)?.stage;
    if !matches!(reached, Stage::Done(_) | Stage::Declined) {
        return None;
    }
    runtime.transactions.remove(token)
}
