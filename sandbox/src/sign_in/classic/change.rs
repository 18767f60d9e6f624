//! `/api/v1/authn/cancel`, `/skip` and `/credentials/change_password`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::authn::{go_on, under_way};
use super::{At, answer};
use crate::oauth::runtime::Stage;
use crate::options::Detour;
use crate::sign_in::message::Message;
use crate::sign_in::password::{self, Checked};
use crate::state::AppState;

/// Forgets the sign-in; a request that waits for consent is declined.
pub(super) async fn cancel(
    State(state): State<Arc<AppState>>,
    Json(body): Json<Value>,
) -> Response {
    if let Some((token, authn)) = under_way(&state, &body) {
        let mut runtime = state.runtime();
        runtime.authns.remove(&token);
        if let At::Consent(key) = &authn.at
            && let Some(request) = runtime.transactions.get_mut(key)
        {
            request.stage = Stage::Declined;
        }
    }
    Json(json!({"_embedded": {}})).into_response()
}

/// Only what is no must can be skipped.
pub(super) async fn skip(State(state): State<Arc<AppState>>, Json(body): Json<Value>) -> Response {
    let Some((token, mut authn)) = under_way(&state, &body) else {
        return answer::refuse(Message::Expired);
    };
    match authn.at {
        At::Detour(detour @ (Detour::ExpiryWarning | Detour::OptionalEnrolment)) => {
            authn.passed.push(detour);
            go_on(&state, Some(&token), authn.session, &authn.passed)
        }
        _ => answer::step(&state, &token, &authn),
    }
}

/// A new password in place of one that has expired or soon will.
pub(super) async fn password(
    State(state): State<Arc<AppState>>,
    Json(body): Json<Value>,
) -> Response {
    let Some((token, mut authn)) = under_way(&state, &body) else {
        return answer::refuse(Message::Expired);
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let user_id = authn.session.user_id.clone();
    match password::check(&state, &user_id, text("oldPassword")) {
        Checked::Right | Checked::Expired => {}
        _ => return answer::refuse(Message::WrongPassword),
    }
    password::set(&state, &user_id, text("newPassword").to_owned());
    authn.passed.push(Detour::ExpiryWarning);
    go_on(&state, Some(&token), authn.session, &authn.passed)
}
