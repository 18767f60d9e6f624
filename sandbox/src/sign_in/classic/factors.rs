//! `/api/v1/authn/factors…`: the authenticator app is asked for, or set up.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::Value;

use super::At;
use super::answer::{self, FACTOR_ID};
use super::authn::{go_on, stop, under_way};
use crate::options::Detour;
use crate::sign_in::message::Message;
use crate::sign_in::onward::login;
use crate::sign_in::totp::{self, Checked};
use crate::state::AppState;

/// Checks a code of the app.
pub(super) async fn verify(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    let Some((token, mut authn)) = under_way(&state, &body) else {
        return answer::refuse(Message::Expired);
    };
    if authn.at != At::Detour(Detour::Code) || id != FACTOR_ID {
        return answer::step(&state, &token, &authn);
    }
    let login = login(&state, &authn.session.user_id).unwrap_or_default();
    match totp::check(&state, &login, code(&body)) {
        Checked::Right => {
            authn.passed.push(Detour::Code);
            go_on(&state, Some(&token), authn.session, &authn.passed)
        }
        Checked::Wrong => answer::refuse(Message::WrongCode),
        Checked::Used => answer::refuse(Message::UsedCode),
    }
}

/// Begins to set the app up.
pub(super) async fn enrol(State(state): State<Arc<AppState>>, Json(body): Json<Value>) -> Response {
    let Some((token, authn)) = under_way(&state, &body) else {
        return answer::refuse(Message::Expired);
    };
    let may = matches!(
        authn.at,
        At::Detour(Detour::Enrolment | Detour::OptionalEnrolment)
    );
    if !may {
        return answer::step(&state, &token, &authn);
    }
    let at = At::Activation(totp::new_secret());
    stop(&state, Some(&token), at, authn.session, &authn.passed)
}

/// The first code proves that the app is set up.
pub(super) async fn activate(
    State(state): State<Arc<AppState>>,
    Json(body): Json<Value>,
) -> Response {
    let Some((token, mut authn)) = under_way(&state, &body) else {
        return answer::refuse(Message::Expired);
    };
    let At::Activation(secret) = &authn.at else {
        return answer::step(&state, &token, &authn);
    };
    if !totp::fits(secret, code(&body), state.now()) {
        return answer::refuse(Message::WrongCode);
    }
    let login = login(&state, &authn.session.user_id).unwrap_or_default();
    totp::set_up(&state, &login, secret.clone());
    authn
        .passed
        .extend([Detour::OptionalEnrolment, Detour::Enrolment]);
    go_on(&state, Some(&token), authn.session, &authn.passed)
}

fn code(body: &Value) -> &str {
    let code = body.get("passCode").and_then(Value::as_str);
    code.unwrap_or_default()
}
