//! What happens in front of the endpoints: answers that never come, come late, or as errors.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{MOONS, PLANETS, SolarFault, SolarState};
use crate::flaky;
use crate::server::elapse;

/// How long an answer that never comes keeps a connection; every client gives up earlier.
const HANGS_FOR: Duration = Duration::from_secs(600);

/// How much longer answers take under the latency fault.
const LATENCY: Duration = Duration::from_millis(50);

/// Lets a request through, or not.
pub(super) async fn gate(
    State(state): State<Arc<SolarState>>,
    request: Request,
    next: Next,
) -> Response {
    let has_token = request.headers().contains_key(header::AUTHORIZATION);
    let list = if request.uri().path() == "/moons" {
        MOONS
    } else {
        PLANETS
    };
    if let Some(fault) = state.fault()
        && let Some(response) = instead(&state, fault, has_token, list).await
    {
        return response;
    }
    next.run(request).await
}

async fn instead(
    state: &SolarState,
    fault: SolarFault,
    has_token: bool,
    list: [&'static str; 8],
) -> Option<Response> {
    match fault {
        SolarFault::ServerError => Some(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        SolarFault::Hangs => {
            elapse(HANGS_FOR).await;
            Some(StatusCode::GATEWAY_TIMEOUT.into_response())
        }
        SolarFault::Latency => {
            elapse(LATENCY).await;
            None
        }
        SolarFault::FlakySlow => {
            if state.count().is_multiple_of(flaky::ONE_IN) {
                elapse(flaky::SLOW_BY).await;
            }
            None
        }
        SolarFault::FlakyOneInFive => flaky::failure(state.count(), IntoResponse::into_response),
        SolarFault::RateLimitedOnce => (state.count() == 1).then(too_fast),
        SolarFault::OpensWhenAskedAgain if !has_token => Some(if state.count() % 2 == 1 {
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        } else {
            Json(list).into_response()
        }),
        SolarFault::LeaksInFailure if !has_token && state.count() == 1 => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            Some((status, Json(list)).into_response())
        }
        _ => None,
    }
}

/// 429 as gateways answer it (RFC 6585 section 4).
fn too_fast() -> Response {
    let headers = [(header::RETRY_AFTER, "1")];
    (StatusCode::TOO_MANY_REQUESTS, headers).into_response()
}
