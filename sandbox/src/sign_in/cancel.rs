//! `/idp/idx/cancel`: back to the first step.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::{Call, shape};
use crate::oauth::runtime::Stage;
use crate::state::AppState;

/// Forgets who wanted to sign in.
pub(super) async fn cancel(State(state): State<Arc<AppState>>, body: String) -> Response {
    match Call::read(&state, &body) {
        Ok(mut call) => {
            call.transaction.passed.clear();
            call.advance(&state, Stage::Identify);
            shape::step(&state, &call.transaction, None)
        }
        Err(refusal) => refusal.into_response(),
    }
}
