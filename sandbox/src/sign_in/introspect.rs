//! `/idp/idx/introspect`: what the page with this state token is to show.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::call::refuse_by_fault;
use super::message::{Message, Refusal};
use super::shape;
use crate::state::AppState;
use crate::state::sign_in::Transaction;

/// Answers with the step the sign-in stands at.
pub(super) async fn introspect(State(state): State<Arc<AppState>>, body: String) -> Response {
    match transaction(&state, &body) {
        Ok(transaction) => shape::step(&state, &transaction, None),
        Err(refusal) => refusal.into_response(),
    }
}

fn transaction(state: &AppState, body: &str) -> Result<Transaction, Refusal> {
    refuse_by_fault(state)?;
    let body: Value = serde_json::from_str(body).map_err(|_| Refusal::Malformed)?;
    let text = |name| body.get(name).and_then(Value::as_str);
    let now = state.now();
    let runtime = state.runtime();
    let by_handle = text("stateHandle").and_then(|handle| runtime.token_of_handle(handle, now));
    let token = text("stateToken").or(by_handle).unwrap_or_default();
    runtime
        .transaction(token, now)
        .cloned()
        .ok_or_else(|| Refusal::terminal(state, Message::Expired))
}
