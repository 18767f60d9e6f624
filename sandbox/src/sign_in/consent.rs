//! `/idp/idx/consent`: the user allows what the client wants, or does not.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::onward::after_consent;
use super::{Call, shape};
use crate::oauth::consent;
use crate::oauth::runtime::Stage;
use crate::state::AppState;

/// Either way the browser goes on to the client.
pub(super) async fn consent(State(state): State<Arc<AppState>>, body: String) -> Response {
    let mut call = match Call::read(&state, &body) {
        Ok(call) => call,
        Err(refusal) => return refusal.into_response(),
    };
    if let Stage::Consent(session) = call.transaction.stage.clone() {
        if call.body.get("consent") == Some(&Value::Bool(true)) {
            consent::allow(&state, &call.transaction.request, &session);
            let reached = after_consent(&state, &call.transaction, session);
            call.advance(&state, reached);
        } else {
            call.advance(&state, Stage::Declined);
        }
    }
    shape::step(&state, &call.transaction, None)
}
