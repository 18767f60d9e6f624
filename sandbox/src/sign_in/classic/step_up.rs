//! `/api/v1/authn/consent`: the user allows what the client wants.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::Value;

use super::authn::under_way;
use super::{At, answer};
use crate::oauth::consent;
use crate::oauth::runtime::Stage;
use crate::sign_in::message::Message;
use crate::state::AppState;

/// The request goes on from where it was stopped.
pub(super) async fn consent(
    State(state): State<Arc<AppState>>,
    Json(body): Json<Value>,
) -> Response {
    let Some((token, authn)) = under_way(&state, &body) else {
        return answer::refuse(Message::Expired);
    };
    let At::Consent(key) = &authn.at else {
        return answer::step(&state, &token, &authn);
    };
    let request = super::chain::transaction(&state, key).map(|kept| kept.request);
    let Some(request) = request else {
        return answer::refuse(Message::Expired);
    };
    consent::allow(&state, &request, &authn.session);
    let mut runtime = state.runtime();
    runtime.authns.remove(&token);
    if let Some(kept) = runtime.transactions.get_mut(key) {
        kept.stage = Stage::Done(authn.session.clone());
    }
    drop(runtime);
    answer::stepped_up(&state, &authn.session, key)
}
