//! Signing in: the APIs that the page speaks, and the session at the end.
//!
//! Identity Engine answers at `/idp/idx/…`, Classic Engine at `/api/v1/authn…`: which of them is
//! asked is the page's choice.

mod begin;
mod call;
pub(crate) mod classic;
mod forms;
mod introspect;
mod message;
mod onward;
mod password;
mod redirect;
mod shape;
mod steps;
pub(crate) mod totp;

pub(crate) use begin::begin;
pub(crate) use redirect::redirect;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;

use self::call::{Call, Move};
use self::message::Refusal;
use self::steps::{STEPS, Step};
use crate::state::AppState;
use crate::state::sign_in::Stage;

/// The endpoints that the sign-in page speaks to.
pub(crate) fn router() -> Router<Arc<AppState>> {
    let mut router = Router::new().route("/idp/idx/introspect", post(introspect::introspect));
    for (name, step) in STEPS {
        let handle = move |State(state): State<Arc<AppState>>, body: String| async move {
            handle(&state, step, &body)
        };
        router = router.route(&format!("/idp/idx/{name}"), post(handle));
    }
    router.merge(classic::router())
}

/// Takes a step, and answers with where the sign-in stands then.
fn handle(state: &AppState, step: Step, body: &str) -> Response {
    let mut call = match Call::read(state, body) {
        Ok(call) => call,
        Err(refusal) => return refusal.into_response(),
    };
    let (reached, message) = match step(state, &call) {
        Move::To(reached, message) => (reached, message),
        Move::On(session, passed) => {
            call.transaction.passed.extend(passed);
            match onward::onward(state, &call.transaction, session) {
                Ok(reached) => (reached, None),
                Err(message) => (Stage::Identify, Some(message)),
            }
        }
        Move::Anew => {
            call.transaction.passed.clear();
            (Stage::Identify, None)
        }
        Move::End(message) => return Refusal::Terminal(message).into_response(),
    };
    call.advance(state, reached);
    shape::step(state, &call.transaction, message)
}
