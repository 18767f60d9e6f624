//! `/idp/idx/identify`: who wants to sign in, and on some pages the password too.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::message::{Message, Refusal};
use super::onward;
use super::password::known_user;
use super::{Call, answer, shape};
use crate::oauth::runtime::Stage;
use crate::state::AppState;

/// Asks for the password next, or says that there is no such user.
pub(super) async fn identify(State(state): State<Arc<AppState>>, body: String) -> Response {
    let mut call = match Call::read(&state, &body) {
        Ok(call) => call,
        Err(refusal) => return refusal.into_response(),
    };
    let login = call.text("/identifier").trim().to_owned();
    if let Some(message) = onward::refusal(&state, &login) {
        return Refusal::Terminal(message).into_response();
    }
    call.advance(&state, Stage::Identify);
    let Some(user_id) = known_user(&state, &login) else {
        return shape::step(&state, &call.transaction, Some(Message::UnknownUser));
    };
    let typed = call.body.pointer("/credentials/passcode");
    if let Some(typed) = typed.and_then(serde_json::Value::as_str) {
        let typed = typed.to_owned();
        return answer::password(&state, call, user_id, &typed);
    }
    call.advance(&state, Stage::Password(user_id));
    shape::step(&state, &call.transaction, None)
}
