//! What happens in front of the endpoints: answers that never come, or come as errors.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use crate::error::okta_error;
use crate::fault::Fault;
use crate::parameters::Parameters;
use crate::state::AppState;
use crate::state::rate_limit::Allowance;
use crate::{server, session};

/// How long an endpoint that hangs keeps a connection; every client gives up earlier.
const HANGS_FOR: Duration = Duration::from_secs(600);

/// How much longer answers take under the latency fault.
const LATENCY: Duration = Duration::from_millis(50);

/// The cookie by which Okta tells browsers apart.
const DEVICE_COOKIE: &str = "DT";

/// How many authorize requests the rate limit fault refuses.
const REFUSED_REQUESTS: u32 = 2;

/// The endpoints that faults stand in front of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    Discovery,
    Keys,
    Authorize,
    Other,
}

impl Endpoint {
    fn of(path: &str) -> Self {
        if path.contains("/.well-known/") {
            Self::Discovery
        } else if path.ends_with("/v1/keys") {
            Self::Keys
        } else if path.ends_with("/v1/authorize") {
            Self::Authorize
        } else {
            Self::Other
        }
    }
}

/// Lets a request through, or not.
pub(crate) async fn gate(
    State(state): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    let endpoint = Endpoint::of(request.uri().path());
    let allowance = allowance(&state, endpoint, &request);
    let mut response = match instead(&state, endpoint).await {
        Some(response) => response,
        None if allowance.is_some_and(|allowance| allowance.exceeded) => server::too_many(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    if let Some(allowance) = allowance {
        headers.extend(server::rate_limit_headers(allowance));
    }
    if state.base_url.starts_with("https://") {
        // As recorded of every answer.
        let forever = HeaderValue::from_static("max-age=315360000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, forever);
    }
    match state.fault() {
        Some(Fault::HeadersExtra) => {
            let name = HeaderName::from_static("x-sandbox-extra");
            headers.insert(name, HeaderValue::from_static("harmless"));
        }
        Some(Fault::ClockSkew) => {
            if let Some(date) = http_date(state.now()) {
                headers.insert(header::DATE, date);
            }
        }
        _ => {}
    }
    response
}

/// Okta's client-based rate limit: authorize requests of a client from one address, by the cookie
/// that tells browsers apart, which whoever keeps no cookies does without.
fn allowance(state: &AppState, endpoint: Endpoint, request: &Request) -> Option<Allowance> {
    let limit = state.options.authorize_per_minute?;
    if endpoint != Endpoint::Authorize {
        return None;
    }
    let query = request.uri().query().unwrap_or_default();
    let sent = Parameters::parse(query.as_bytes());
    let client = sent.get("client_id").unwrap_or_default();
    let device = session::named(request.headers(), DEVICE_COOKIE).unwrap_or_default();
    let kind = format!("authorize {client} {device}");
    let window = state.options.rate_limit_window_seconds;
    Some(state.rate_limits.count(&kind, state.now(), limit, window))
}

async fn instead(state: &AppState, endpoint: Endpoint) -> Option<Response> {
    match (state.fault()?, endpoint) {
        (Fault::Latency, _) => {
            server::elapse(LATENCY).await;
            None
        }
        (Fault::DiscoveryHangs, Endpoint::Discovery)
        | (Fault::KeysHangs, Endpoint::Keys)
        | (Fault::AuthorizeHangs, Endpoint::Authorize) => {
            server::elapse(HANGS_FOR).await;
            Some(StatusCode::GATEWAY_TIMEOUT.into_response())
        }
        (Fault::KeysServerError, Endpoint::Keys)
        | (Fault::DiscoveryServerError, Endpoint::Discovery)
        | (Fault::AuthorizeServerError, Endpoint::Authorize) => Some(okta_error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "E0000009",
            "Internal Server Error",
        )),
        (Fault::AuthorizeRateLimited, Endpoint::Authorize) => rate_limited(state),
        _ => None,
    }
}

/// 429 to the first requests, with the headers that say when the next may come.
fn rate_limited(state: &AppState) -> Option<Response> {
    let count = state.runtime().count("authorize");
    (count <= REFUSED_REQUESTS).then(|| server::too_fast(state.now()))
}

fn http_date(seconds: i64) -> Option<HeaderValue> {
    let time = Timestamp::from_second(seconds).ok()?;
    let date = DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&time)
        .ok()?;
    HeaderValue::from_str(&date).ok()
}
