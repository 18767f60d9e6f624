//! `/idp/idx/keep-me-signed-in`: for how long the browser is remembered, which nothing depends on.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::answer::go_on;
use super::{Call, shape};
use crate::oauth::runtime::Stage;
use crate::options::Detour;
use crate::state::AppState;

/// Either answer leads on.
pub(super) async fn keep(State(state): State<Arc<AppState>>, body: String) -> Response {
    let call = match Call::read(&state, &body) {
        Ok(call) => call,
        Err(refusal) => return refusal.into_response(),
    };
    match call.transaction.stage.clone() {
        Stage::Detour(detour @ Detour::KeepMeSignedIn, session) => {
            go_on(&state, call, session, Some(detour))
        }
        _ => shape::step(&state, &call.transaction, None),
    }
}
