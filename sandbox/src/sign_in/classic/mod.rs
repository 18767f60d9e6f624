//! Classic Engine: the redirects around its page, and the authentication API the page speaks.

mod answer;
mod authn;
mod call;
mod chain;
mod steps;

pub(crate) use chain::{page, redirect, redirect_path, session_cookie};

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;

use self::call::Move;
use crate::state::AppState;

pub(super) fn router() -> Router<Arc<AppState>> {
    let mut router = Router::new()
        .route("/api/v1/authn", post(authn::authn))
        .route("/api/v1/authn/introspect", post(authn::introspect))
        .route("/api/v1/authn/cancel", post(authn::cancel));
    for (path, step) in steps::STEPS {
        let take = move |State(state): State<Arc<AppState>>,
                         factor: Option<Path<String>>,
                         Json(body): Json<Value>| async move {
            authn::take(&state, (path, step), body, factor.map(|Path(id)| id))
        };
        router = router.route(&format!("/api/v1/authn/{path}"), post(take));
    }
    let other = |State(state): State<Arc<AppState>>,
                 Path(path): Path<String>,
                 Json(body): Json<Value>| async move {
        authn::take(&state, (&path, |_, _| Move::Stay), body, None)
    };
    router.route("/api/v1/authn/{*path}", post(other))
}
