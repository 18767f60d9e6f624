//! Keeps what happens on sign-in pages, where an org is to.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::Value;

use crate::state::{AppState, Event};

/// The most of a body that is looked at, in bytes.
const MOST: usize = 100_000;

/// What the script of a page reports.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Report {
    Typed { field: String, text: String },
    Clicked { control: String },
}

/// Keeps what is posted to a sign-in API.
pub(super) async fn posted(
    State(state): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    if !state.options.watches_sign_in {
        return next.run(request).await;
    }
    let path = request.uri().path().to_owned();
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MOST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let request = Request::from_parts(parts, Body::from(bytes));
    let response = next.run(request).await;
    keep(
        &state,
        Event::Posted {
            path,
            body,
            answered: Instant::now(),
        },
    );
    response
}

/// Takes the report of a page.
pub(super) async fn reported(State(state): State<Arc<AppState>>, body: String) -> StatusCode {
    let event = match serde_json::from_str(&body) {
        Ok(Report::Typed { field, text }) => Event::Typed { field, text },
        Ok(Report::Clicked { control }) => Event::Clicked { control },
        Err(_) => return StatusCode::BAD_REQUEST,
    };
    keep(&state, event);
    StatusCode::NO_CONTENT
}

/// Takes what somebody sends to the page of another provider.
pub(super) async fn elsewhere(State(state): State<Arc<AppState>>, body: String) -> StatusCode {
    keep(&state, Event::SentElsewhere { body });
    StatusCode::NO_CONTENT
}

fn keep(state: &AppState, event: Event) {
    if state.options.watches_sign_in {
        state.runtime().events.push(event);
    }
}
