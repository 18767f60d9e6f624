//! `/idp/idx/credential/enroll`: the user chooses a security method to set up.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::{Call, shape, totp};
use crate::oauth::runtime::Stage;
use crate::options::Detour;
use crate::state::AppState;

/// Only the authenticator app can be set up here.
pub(super) async fn enrol(State(state): State<Arc<AppState>>, body: String) -> Response {
    let mut call = match Call::read(&state, &body) {
        Ok(call) => call,
        Err(refusal) => return refusal.into_response(),
    };
    let is_app = call.text("/authenticator/id") == shape::APP_ID;
    if let Stage::Detour(Detour::Enrolment | Detour::OptionalEnrolment, session) =
        call.transaction.stage.clone()
        && is_app
    {
        call.advance(&state, Stage::EnrolCode(totp::new_secret(), session));
    }
    shape::step(&state, &call.transaction, None)
}
