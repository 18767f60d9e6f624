//! `/idp/idx/challenge/answer`: the password, a new one, or a code.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::message::Message;
use super::onward::{login, onward};
use super::password::{self, Checked};
use super::{Call, shape, totp};
use crate::oauth::runtime::{Session, Stage};
use crate::options::Detour;
use crate::state::AppState;

/// Checks what was typed and goes on to the next step.
pub(super) async fn answer(State(state): State<Arc<AppState>>, body: String) -> Response {
    let call = match Call::read(&state, &body) {
        Ok(call) => call,
        Err(refusal) => return refusal.into_response(),
    };
    let typed = call.text("/credentials/passcode").to_owned();
    match call.transaction.stage.clone() {
        Stage::Password(user_id) => password(&state, call, user_id, &typed),
        Stage::NewPassword(user_id) => {
            password::set(&state, &user_id, typed);
            succeed(&state, call, user_id)
        }
        Stage::Detour(Detour::Code, session) => code(&state, call, session, &typed),
        Stage::Detour(Detour::ExpiryWarning, session) => {
            password::set(&state, &session.user_id, typed);
            go_on(&state, call, session, Some(Detour::ExpiryWarning))
        }
        Stage::EnrolCode(secret, session) => enrol(&state, call, &secret, session, &typed),
        _ => shape::step(&state, &call.transaction, None),
    }
}

/// Checks the password of a user who has said who they are.
pub(super) fn password(state: &AppState, mut call: Call, user_id: String, typed: &str) -> Response {
    let message = match password::check(state, &user_id, typed) {
        Checked::Right => return succeed(state, call, user_id),
        Checked::Expired => {
            call.advance(state, Stage::NewPassword(user_id));
            return shape::step(state, &call.transaction, None);
        }
        // Where both are asked for at once, nobody is told which of them is wrong.
        Checked::Wrong if call.transaction.stage == Stage::Identify => Message::UnknownUser,
        Checked::Wrong => Message::WrongPassword,
        Checked::LockedOut => Message::LockedOut,
        Checked::Nobody => Message::UnknownUser,
    };
    shape::step(state, &call.transaction, Some(message))
}

fn code(state: &AppState, call: Call, session: Session, typed: &str) -> Response {
    let login = login(state, &session.user_id).unwrap_or_default();
    let message = match totp::check(state, &login, typed) {
        totp::Checked::Right => return go_on(state, call, session, Some(Detour::Code)),
        totp::Checked::Wrong => Message::WrongCode,
        totp::Checked::Used => Message::UsedCode,
    };
    shape::step(state, &call.transaction, Some(message))
}

fn enrol(state: &AppState, call: Call, secret: &str, session: Session, typed: &str) -> Response {
    if !totp::fits(secret, typed, state.now()) {
        return shape::step(state, &call.transaction, Some(Message::WrongCode));
    }
    let login = login(state, &session.user_id).unwrap_or_default();
    totp::set_up(state, &login, secret.to_owned());
    let mut call = call;
    call.transaction.passed.push(Detour::OptionalEnrolment);
    go_on(state, call, session, Some(Detour::Enrolment))
}

fn succeed(state: &AppState, call: Call, user_id: String) -> Response {
    let session = Session {
        user_id,
        auth_time: state.now(),
    };
    go_on(state, call, session, None)
}

/// Goes on to whatever comes after what the user has just put behind.
pub(super) fn go_on(
    state: &AppState,
    mut call: Call,
    session: Session,
    passed: Option<Detour>,
) -> Response {
    call.transaction.passed.extend(passed);
    let (reached, message) = match onward(state, &call.transaction, session) {
        Ok(reached) => (reached, None),
        Err(message) => (Stage::Identify, Some(message)),
    };
    call.advance(state, reached);
    shape::step(state, &call.transaction, message)
}
