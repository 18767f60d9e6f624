//! `/login/token/redirect`: the browser gets its session and goes on to the client.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;

use super::session;
use crate::oauth::error::OAuthError;
use crate::oauth::issue;
use crate::oauth::parameters::Parameters;
use crate::oauth::request::AuthorizeRequest;
use crate::oauth::runtime::{Session, Stage};
use crate::pages;
use crate::state::AppState;

/// Finishes a sign-in, once.
pub(super) async fn redirect(
    State(state): State<Arc<AppState>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let token = query.get("stateToken").unwrap_or_default();
    let Some((request, session)) = finished(&state, token) else {
        return pages::error(&state, &OAuthError::request_expired());
    };
    let cookie = session::start(&state, session.clone());
    let mut response = issue::finish(&state, &request, &session).await;
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn finished(state: &AppState, token: &str) -> Option<(AuthorizeRequest, Session)> {
    let now = state.now();
    let mut runtime = state.runtime();
    let transaction = runtime.transaction(token, now)?;
    let Stage::Done(user_id) = transaction.stage.clone() else {
        return None;
    };
    let transaction = runtime.transactions.remove(token)?;
    let session = Session {
        user_id,
        auth_time: now,
    };
    Some((transaction.request, session))
}
