//! Signing in: the APIs that the page speaks, and the session at the end.
//!
//! Identity Engine answers at `/idp/idx/…`, Classic Engine at `/api/v1/authn…`: which of them is
//! asked is the page's choice.

mod begin;
mod call;
pub(crate) mod classic;
mod elsewhere;
mod forms;
mod introspect;
mod message;
mod onward;
mod passkey;
mod password;
mod redirect;
pub(crate) mod scenario;
mod scripted;
mod shape;
mod steps;
pub(crate) mod totp;
mod watch;

pub(crate) use begin::begin;
pub(crate) use elsewhere::{PROVIDER_PATH, provider, to_provider};
pub(crate) use redirect::redirect;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Router, middleware};

use self::call::{Call, Move};
use self::message::Refusal;
use self::steps::{STEPS, Step};
use crate::state::AppState;
use crate::state::sign_in::Stage;

/// The endpoints that the sign-in page speaks to.
pub(crate) fn router(state: &Arc<AppState>) -> Router<Arc<AppState>> {
    let mut router = Router::new().route("/idp/idx/introspect", post(introspect::introspect));
    for (name, step) in STEPS {
        let handle = move |State(state): State<Arc<AppState>>, body: String| async move {
            handle(&state, name, step, &body)
        };
        router = router.route(&format!("/idp/idx/{name}"), post(handle));
    }
    let other = |State(state): State<Arc<AppState>>, Path(path): Path<String>, body: String| async move {
        handle(&state, &path, |_, call| call.stay(None), &body)
    };
    router
        .route("/idp/idx/{*path}", post(other))
        .merge(classic::router())
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(state),
            watch::posted,
        ))
        .route("/sandbox/events", post(watch::reported))
        .route("/sandbox/elsewhere", post(watch::elsewhere))
}

/// Takes a step, and answers with where the sign-in stands then.
fn handle(state: &AppState, path: &str, step: Step, body: &str) -> Response {
    let mut call = match Call::read(state, body) {
        Ok(call) => call,
        Err(refusal) => return refusal.into_response(),
    };
    let moved = scripted::step(state, &mut call, path).unwrap_or_else(|| step(state, &call));
    let (reached, message) = match moved {
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
            call.transaction.played.clear();
            (Stage::Identify, None)
        }
        Move::End(message) => return Refusal::terminal(state, message).into_response(),
    };
    call.advance(state, reached);
    shape::step(state, &call.transaction, message)
}
