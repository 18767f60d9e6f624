//! `/idp/idx/challenge`: the user chooses a second factor.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::answer::go_on;
use super::{Call, shape};
use crate::oauth::runtime::Stage;
use crate::options::Detour;
use crate::state::AppState;

/// Only the authenticator app leads on here: nobody reads mail.
pub(super) async fn choose(State(state): State<Arc<AppState>>, body: String) -> Response {
    let call = match Call::read(&state, &body) {
        Ok(call) => call,
        Err(refusal) => return refusal.into_response(),
    };
    let is_app = call.text("/authenticator/id") == shape::APP_ID;
    match call.transaction.stage.clone() {
        Stage::Detour(detour @ Detour::Choice, session) if is_app => {
            go_on(&state, call, session, Some(detour))
        }
        _ => shape::step(&state, &call.transaction, None),
    }
}
