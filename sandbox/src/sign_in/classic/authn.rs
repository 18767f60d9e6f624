//! `/api/v1/authn`: username and password at once, or where a sign-in stands.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::answer;
use super::call::{Call, Move};
use super::steps::Step;
use crate::options::{Detour, Lockout};
use crate::sign_in::message::{Message, Refusal};
use crate::sign_in::onward;
use crate::sign_in::password::{self, Checked};
use crate::sign_in::scenario::{self, Engine, Scenario, When};
use crate::state::AppState;
use crate::state::org::random_token;
use crate::state::sign_in::{At, Authn, Session, Stage};

/// What Classic Engine has no page for.
const NOT_HERE: [Detour; 3] = [Detour::Choice, Detour::Passkey, Detour::KeepMeSignedIn];

/// Checks who is there, or says where the sign-in with the state token stands.
pub(super) async fn authn(State(state): State<Arc<AppState>>, body: String) -> Response {
    let Ok(body) = serde_json::from_str::<Value>(&body) else {
        return Refusal::Malformed.into_response();
    };
    if body.get("stateToken").is_some() && body.get("username").is_none() {
        return take(&state, ("introspect", |_, _| Move::Stay), body, None);
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
    let checked = password::check(&state, &user_id, text("password"));
    let started = state.now();
    let session = Session {
        user_id,
        auth_time: started,
    };
    let token = format!("00{}", random_token());
    let authn = Authn {
        at: At::NewPassword,
        session,
        passed: Vec::new(),
        played: Vec::new(),
        started,
    };
    match checked {
        Checked::Right => go_on(&state, &token, authn),
        Checked::Expired => stop(&state, &token, authn),
        Checked::LockedOut if state.options.lockout == Lockout::Told => answer::locked_out(&state),
        Checked::Wrong | Checked::LockedOut | Checked::Nobody => {
            answer::refuse(Message::WrongPassword)
        }
    }
}

/// `/api/v1/authn/introspect`
pub(super) async fn introspect(State(state): State<Arc<AppState>>, body: String) -> Response {
    match serde_json::from_str::<Value>(&body) {
        Ok(body) => take(&state, ("introspect", |_, _| Move::Stay), body, None),
        Err(_) => Refusal::Malformed.into_response(),
    }
}

/// Forgets the sign-in; a request that waits for consent is declined.
pub(super) async fn cancel(
    State(state): State<Arc<AppState>>,
    Json(body): Json<Value>,
) -> Response {
    if let Some(call) = Call::read(&state, body, None) {
        let mut runtime = state.runtime();
        runtime.authns.remove(&call.token);
        if let At::Consent(key) = &call.authn.at
            && let Some(request) = runtime.transactions.get_mut(key)
        {
            request.stage = Stage::Declined;
        }
    }
    Json(json!({"_embedded": {}})).into_response()
}

/// Takes a step, and answers with where the sign-in stands then.
pub(super) fn take(
    state: &AppState,
    (path, step): (&str, Step),
    body: Value,
    factor: Option<String>,
) -> Response {
    let Some(call) = Call::read(state, body, factor) else {
        return answer::refuse(Message::Expired);
    };
    let moved = scripted(&call, path).unwrap_or_else(|| step(state, &call));
    let Call {
        token, mut authn, ..
    } = call;
    match moved {
        Move::Stay => answer::step(state, &token, &authn),
        Move::Refuse(message) => answer::refuse(message),
        Move::Stop(at) => {
            authn.at = at;
            stop(state, &token, authn)
        }
        Move::Played(name) => {
            authn.played.push(name);
            go_on(state, &token, authn)
        }
        Move::On(passed) => {
            authn.passed.extend(passed);
            go_on(state, &token, authn)
        }
        Move::Allowed(key) => {
            let mut runtime = state.runtime();
            runtime.authns.remove(&token);
            if let Some(kept) = runtime.transactions.get_mut(&key) {
                kept.stage = Stage::Done(authn.session.clone());
            }
            drop(runtime);
            answer::stepped_up(state, &authn.session, &key)
        }
    }
}

/// Goes on to whatever the user meets next, or to the end.
fn go_on(state: &AppState, token: &str, mut authn: Authn) -> Response {
    if let Some(next) = next_scenario(state, &authn) {
        if let Some(refusal) = answer::refusal_of(state, next) {
            return refusal;
        }
        authn.at = At::Scripted(next.name.clone(), 0);
        return stop(state, token, authn);
    }
    let behind = [authn.passed.as_slice(), &NOT_HERE].concat();
    match onward::next_detour(state, &authn.session.user_id, &behind) {
        None => {
            state.runtime().authns.remove(token);
            answer::success(state, &authn.session)
        }
        Some(detour) => {
            authn.at = At::Detour(detour);
            stop(state, token, authn)
        }
    }
}

/// Classic Engine asks for the username and the password at once, so that all comes after both.
fn next_scenario(state: &AppState, authn: &Authn) -> Option<&'static Scenario> {
    let login = onward::login(state, &authn.session.user_id).unwrap_or_default();
    let at = [When::Username, When::Password];
    scenario::next_of(state, Engine::Classic, &login, &at, &authn.played)
}

/// Where a call leads from a page that was asked for by name.
fn scripted(call: &Call, path: &str) -> Option<Move> {
    let At::Scripted(name, step) = &call.authn.at else {
        return None;
    };
    let scenario = scenario::find(name)?;
    if !scenario.leads(Engine::Classic, *step, path, "") {
        return Some(Move::Stay);
    }
    let next = step + 1;
    Some(if next < scenario.len(Engine::Classic) {
        Move::Stop(At::Scripted(name.clone(), next))
    } else {
        Move::Played(name.clone())
    })
}

/// Stops where something is to be done.
fn stop(state: &AppState, token: &str, mut authn: Authn) -> Response {
    authn.started = state.now();
    let mut runtime = state.runtime();
    runtime.authns.insert(token.to_owned(), authn.clone());
    drop(runtime);
    answer::step(state, token, &authn)
}
