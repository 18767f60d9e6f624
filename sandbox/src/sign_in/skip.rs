//! `/idp/idx/skip`: past a warning or an offer.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::answer::go_on;
use super::{Call, shape};
use crate::oauth::runtime::Stage;
use crate::options::Detour;
use crate::state::AppState;

/// Only what is no must can be skipped.
pub(super) async fn skip(State(state): State<Arc<AppState>>, body: String) -> Response {
    let call = match Call::read(&state, &body) {
        Ok(call) => call,
        Err(refusal) => return refusal.into_response(),
    };
    match call.transaction.stage.clone() {
        Stage::Detour(detour @ (Detour::ExpiryWarning | Detour::OptionalEnrolment), session) => {
            go_on(&state, call, session, Some(detour))
        }
        _ => shape::step(&state, &call.transaction, None),
    }
}
