//! The redirects from the authorize URL to the page, and from the page back to the client.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::{At, Authn};
use crate::oauth::error::OAuthError;
use crate::oauth::parameters::Parameters;
use crate::oauth::runtime::{Session, Stage, Transaction};
use crate::oauth::tokens::random_token;
use crate::oauth::{consent, issue, response};
use crate::pages;
use crate::sign_in::{onward, session};
use crate::state::AppState;

/// From the authorize URL to where the request is kept by its key.
pub(in crate::sign_in) fn begin(key: &str) -> Response {
    to(&redirect_path(key))
}

/// The path at which the request with this key goes on.
pub(super) fn redirect_path(key: &str) -> String {
    format!("/oauth2/v1/authorize/redirect?okta_key={key}")
}

fn to(location: &str) -> Response {
    let headers: [(HeaderName, &str); 2] = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, "no-cache, no-store"),
    ];
    (StatusCode::FOUND, headers).into_response()
}

/// `/oauth2/v1/authorize/redirect`: to the page, or to the client once the user is signed in.
pub(super) async fn redirect(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let key = query.get("okta_key").unwrap_or_default();
    let Some(transaction) = transaction(&state, key) else {
        return pages::error(&state, &OAuthError::request_expired());
    };
    match standing(&transaction, session::session(&state, &headers).as_ref()) {
        Stage::Done(session) => {
            state.runtime().transactions.remove(key);
            if onward::has_taken_too_long(&state, &session.user_id) {
                return pages::error(&state, &OAuthError::request_expired());
            }
            issue::finish(&state, &transaction.request, &session).await
        }
        Stage::Declined => {
            state.runtime().transactions.remove(key);
            let return_to = &transaction.request.return_to;
            response::refuse(&state, return_to, OAuthError::declined())
        }
        _ => {
            let from_uri = redirect_path(key);
            let from_uri = url::form_urlencoded::byte_serialize(from_uri.as_bytes());
            to(&format!(
                "/login/login.htm?fromURI={}",
                from_uri.collect::<String>()
            ))
        }
    }
}

/// A sign-in that is still under way.
pub(super) fn transaction(state: &AppState, key: &str) -> Option<Transaction> {
    let now = state.now();
    state.runtime().transaction(key, now).cloned()
}

/// How far a request has come for the browser with this session: no further than to the page for
/// any other than the one that signed in for it.
fn standing(transaction: &Transaction, session: Option<&Session>) -> Stage {
    match (&transaction.stage, session) {
        (Stage::Consent(of) | Stage::Done(of), Some(session)) if of == session => {
            transaction.stage.clone()
        }
        (Stage::Declined, _) => Stage::Declined,
        _ => Stage::Identify,
    }
}

/// Notes that the user has signed in for the request with this key.
fn signed_in(state: &AppState, key: &str, session: &Session) {
    let Some(transaction) = transaction(state, key) else {
        return;
    };
    let missing = consent::missing(state, &transaction.request, session);
    let reached = if missing.is_empty() {
        Stage::Done(session.clone())
    } else {
        Stage::Consent(session.clone())
    };
    if let Some(kept) = state.runtime().transactions.get_mut(key) {
        kept.stage = reached;
    }
}

/// The state token by which the page asks for consent; none where it asks who is there.
pub(super) fn step_up(
    state: &AppState,
    key: &str,
    transaction: &Transaction,
    headers: &HeaderMap,
) -> Option<String> {
    let own = session::session(state, headers);
    let Stage::Consent(session) = standing(transaction, own.as_ref()) else {
        return None;
    };
    let token = format!("00{}", random_token());
    let authn = Authn {
        at: At::Consent(key.to_owned()),
        session,
        passed: Vec::new(),
        started: state.now(),
    };
    state.runtime().authns.insert(token.clone(), authn);
    Some(token)
}

/// `/login/sessionCookieRedirect`: a session token becomes a session, once.
pub(super) async fn session_cookie(
    State(state): State<Arc<AppState>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let token = query.get("token").unwrap_or_default();
    let session = state.runtime().session_tokens.remove(token);
    let Some(session) = session else {
        return pages::error(&state, &OAuthError::request_expired());
    };
    let target = query.get("redirectUrl").unwrap_or_default();
    // Nothing but this org's own pages: the address comes from the page.
    let Some(path) = target.strip_prefix(&state.base_url) else {
        return pages::error(&state, &OAuthError::request_expired());
    };
    if let Some((_, key)) = path.split_once("okta_key=") {
        signed_in(&state, key, &session);
    }
    let cookie = session::start(&state, session);
    let mut response = to(&format!("{}{path}", state.base_url));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
