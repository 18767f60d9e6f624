//! `/idp/idx/challenge/answer`: the password, or a new one.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::Call;
use super::message::Message;
use super::shape::{self, Detour};
use crate::fault::Fault;
use crate::oauth::runtime::{Session, Stage};
use crate::oauth::{Denied, consent, decide};
use crate::options::NotAssigned;
use crate::org::{User, UserStatus};
use crate::state::AppState;

/// Checks what was typed and goes on to the next step.
pub(super) async fn answer(State(state): State<Arc<AppState>>, body: String) -> Response {
    let mut call = match Call::read(&state, &body) {
        Ok(call) => call,
        Err(refusal) => return refusal.into_response(),
    };
    let typed = call.text("/credentials/passcode").to_owned();
    match call.transaction.stage.clone() {
        Stage::Password(user_id) => match check(&state, &user_id, &typed) {
            Ok(Checked::Right) => succeed(&state, call, user_id),
            Ok(Checked::Expired) => {
                call.advance(&state, Stage::NewPassword(user_id));
                shape::step(&state, &call.transaction, None)
            }
            Err(message) => shape::step(&state, &call.transaction, Some(message)),
        },
        Stage::NewPassword(user_id) => {
            set_password(&state, &user_id, typed);
            succeed(&state, call, user_id)
        }
        Stage::Identify | Stage::Consent(_) | Stage::Declined | Stage::Done(_) => {
            shape::step(&state, &call.transaction, None)
        }
    }
}

enum Checked {
    Right,
    Expired,
}

/// Counts wrong passwords and locks the user out when there were too many.
fn check(state: &AppState, user_id: &str, typed: &str) -> Result<Checked, Message> {
    let mut org = state.org();
    let user = org.users.get_mut(user_id).ok_or(Message::UnknownUser)?;
    let is_right =
        user.password.as_deref() == Some(typed) || state.fault() == Some(Fault::AnyPassword);
    match user.status {
        UserStatus::Active | UserStatus::PasswordExpired if !is_right => {
            user.failed_attempts += 1;
            if user.failed_attempts < state.options.lockout_after {
                return Err(Message::WrongPassword);
            }
            enter(user, UserStatus::LockedOut);
            Err(Message::LockedOut)
        }
        UserStatus::Active => {
            user.failed_attempts = 0;
            user.last_login = Some(Timestamp::now());
            Ok(Checked::Right)
        }
        UserStatus::PasswordExpired => Ok(Checked::Expired),
        UserStatus::LockedOut => Err(Message::LockedOut),
        // The status changed while the page was open.
        _ => Err(Message::UnknownUser),
    }
}

fn enter(user: &mut User, status: UserStatus) {
    user.status = status;
    user.status_changed = Some(Timestamp::now());
}

fn set_password(state: &AppState, user_id: &str, password: String) {
    if let Some(user) = state.org().users.get_mut(user_id) {
        user.password = Some(password);
        user.password_changed = Some(Timestamp::now());
        user.failed_attempts = 0;
        enter(user, UserStatus::Active);
    }
}

fn succeed(state: &AppState, mut call: Call, user_id: String) -> Response {
    match state.fault() {
        Some(Fault::SignInEnrolment) => {
            return shape::detour(state, &call.transaction, Detour::Enrolment);
        }
        Some(Fault::SignInUnknownPage) => {
            return shape::detour(state, &call.transaction, Detour::Unknown);
        }
        _ => {}
    }
    let session = Session {
        user_id,
        auth_time: state.now(),
    };
    if is_stopped_on_the_page(state, &call, &session) {
        call.advance(state, Stage::Identify);
        return shape::step(state, &call.transaction, Some(Message::NotAssigned));
    }
    let is_asked = !consent::missing(state, &call.transaction.request, &session).is_empty();
    let reached = if is_asked {
        Stage::Consent(session)
    } else {
        Stage::Done(session)
    };
    call.advance(state, reached);
    shape::step(state, &call.transaction, None)
}

/// Whether the user is not assigned, and this org says so on the page instead of redirecting.
fn is_stopped_on_the_page(state: &AppState, call: &Call, session: &Session) -> bool {
    if state.options.not_assigned == NotAssigned::Redirect {
        return false;
    }
    let decided = decide(state, &call.transaction.request, session);
    matches!(decided, Err(Denied::NotAssigned))
}
