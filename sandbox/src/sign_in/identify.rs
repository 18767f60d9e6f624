//! `/idp/idx/identify`: who wants to sign in.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::Call;
use super::message::Message;
use super::shape;
use crate::oauth::runtime::Stage;
use crate::org::{User, UserStatus};
use crate::state::AppState;

/// Asks for the password next, or says that there is no such user.
pub(super) async fn identify(State(state): State<Arc<AppState>>, body: String) -> Response {
    let mut call = match Call::read(&state, &body) {
        Ok(call) => call,
        Err(refusal) => return refusal.into_response(),
    };
    let Some(user_id) = known_user(&state, call.text("/identifier")) else {
        call.advance(&state, Stage::Identify);
        return shape::step(&state, &call.transaction, Some(Message::UnknownUser));
    };
    call.advance(&state, Stage::Password(user_id));
    shape::step(&state, &call.transaction, None)
}

/// The user who may be asked for a password: whoever cannot have one is as good as unknown.
fn known_user(state: &AppState, login: &str) -> Option<String> {
    let org = state.org();
    let may_be_asked = |user: &&User| {
        let status = user.status;
        let has_one = matches!(
            status,
            UserStatus::Active | UserStatus::PasswordExpired | UserStatus::LockedOut
        );
        has_one && user.password.is_some()
    };
    let user = org.user_by_login(login.trim()).filter(may_be_asked);
    user.map(|user| user.id.clone())
}
