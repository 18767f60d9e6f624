//! `/api/v1/authn`: username and password at once, or where a sign-in stands.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::{At, Authn, answer};
use crate::oauth::runtime::Session;
use crate::oauth::tokens::random_token;
use crate::options::{Detour, Lockout};
use crate::sign_in::message::{Message, Refusal};
use crate::sign_in::onward;
use crate::sign_in::password::{self, Checked};
use crate::state::AppState;

/// What Classic Engine has no page for.
const NOT_HERE: [Detour; 2] = [Detour::Choice, Detour::KeepMeSignedIn];

/// How long a sign-in at the authentication API may take, in seconds.
const LIFETIME_SECONDS: i64 = 300;

/// Checks who is there, or says where the sign-in with the state token stands.
pub(super) async fn authn(State(state): State<Arc<AppState>>, body: String) -> Response {
    let Ok(body) = serde_json::from_str::<Value>(&body) else {
        return Refusal::Malformed.into_response();
    };
    if body.get("stateToken").is_some() && body.get("username").is_none() {
        return stand(&state, &body);
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let login = text("username").trim();
    match onward::refusal(&state, login) {
        // What takes too long here is the request, and that is told when the page is done.
        None | Some(Message::Expired) => {}
        Some(message) => return answer::refuse(message),
    }
    let Some(user_id) = password::known_user(&state, login) else {
        return answer::refuse(Message::UnknownUser);
    };
    let session = |user_id| Session {
        user_id,
        auth_time: state.now(),
    };
    match password::check(&state, &user_id, text("password")) {
        Checked::Right => go_on(&state, None, session(user_id), &[]),
        Checked::Expired => stop(&state, None, At::NewPassword, session(user_id), &[]),
        Checked::LockedOut if state.options.lockout == Lockout::Told => answer::locked_out(&state),
        Checked::Wrong | Checked::LockedOut | Checked::Nobody => {
            answer::refuse(Message::WrongPassword)
        }
    }
}

/// `/api/v1/authn/introspect`
pub(super) async fn introspect(State(state): State<Arc<AppState>>, body: String) -> Response {
    match serde_json::from_str::<Value>(&body) {
        Ok(body) => stand(&state, &body),
        Err(_) => Refusal::Malformed.into_response(),
    }
}

fn stand(state: &AppState, body: &Value) -> Response {
    match under_way(state, body) {
        Some((token, authn)) => answer::step(state, &token, &authn),
        None => answer::refuse(Message::Expired),
    }
}

/// The sign-in that a body names.
pub(super) fn under_way(state: &AppState, body: &Value) -> Option<(String, Authn)> {
    let token = body.get("stateToken").and_then(Value::as_str)?;
    let runtime = state.runtime();
    let authn = runtime.authns.get(token)?;
    let is_alive = state.now() - authn.started < LIFETIME_SECONDS;
    is_alive.then(|| (token.to_owned(), authn.clone()))
}

/// Goes on to whatever the user meets next, or to the end.
pub(super) fn go_on(
    state: &AppState,
    token: Option<&str>,
    session: Session,
    passed: &[Detour],
) -> Response {
    let mut behind = passed.to_vec();
    behind.extend(NOT_HERE);
    match onward::next_detour(state, &session.user_id, &behind) {
        None => {
            if let Some(token) = token {
                state.runtime().authns.remove(token);
            }
            answer::success(state, &session)
        }
        Some(detour) => stop(state, token, At::Detour(detour), session, passed),
    }
}

/// Stops where something is to be done, under the same state token or a new one.
pub(super) fn stop(
    state: &AppState,
    token: Option<&str>,
    at: At,
    session: Session,
    passed: &[Detour],
) -> Response {
    let token = token.map_or_else(|| format!("00{}", random_token()), str::to_owned);
    let authn = Authn {
        at,
        session,
        passed: passed.to_vec(),
        started: state.now(),
    };
    let mut runtime = state.runtime();
    runtime.authns.insert(token.clone(), authn.clone());
    drop(runtime);
    answer::step(state, &token, &authn)
}
