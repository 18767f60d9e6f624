//! A world that fails in passing: some requests fail, are slow or come too fast, the next is fine.
//!
//! Which ones is counted and not drawn, so that a test sees the same every time.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::okta_error;
use crate::fault::Fault;
use crate::server;
use crate::state::AppState;

/// Of so many requests one has trouble.
pub(crate) const ONE_IN: u32 = 5;

/// How much longer a slow answer takes: more than the others, less than anyone's patience.
pub(crate) const SLOW_BY: Duration = Duration::from_millis(300);

/// How often one request fails at most. Who asks beside it moves the count, so that one request
/// could fail each time it is made again, and that would not be in passing.
const MOST_FAILURES: u32 = 3;

/// With the answer to this the password is lost that was typed before it: nobody types one a third
/// time, so that this is no failure that everybody gets over.
const FOLLOWS_A_PASSWORD: &str = "/login/token/redirect";

/// What the counts of the requests are kept under.
const REQUESTS: &str = "requests";

/// What happens to a request.
enum Trouble {
    Answer(Response),
    Wait,
    None,
}

/// Lets a request through, or not.
pub(crate) async fn gate(
    State(state): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    match trouble(&state, request.uri()) {
        Trouble::Answer(response) => return response,
        Trouble::Wait => server::elapse(SLOW_BY).await,
        Trouble::None => {}
    }
    next.run(request).await
}

fn trouble(state: &AppState, uri: &Uri) -> Trouble {
    let path = uri.path();
    let is_sign_in = path.starts_with("/idp/idx/");
    match state.fault() {
        Some(Fault::FlakyOneInFive) if !is_sign_in && path != FOLLOWS_A_PASSWORD => {
            let mut runtime = state.runtime();
            // Of each endpoint some fail, however many requests go to others meanwhile.
            let failure = failure(runtime.count(endpoint(path)), failed);
            let failure = failure.filter(|_| runtime.count(&asked(uri)) <= MOST_FAILURES);
            failure.map_or(Trouble::None, Trouble::Answer)
        }
        Some(Fault::FlakySlow) if state.runtime().count(REQUESTS).is_multiple_of(ONE_IN) => {
            Trouble::Wait
        }
        Some(Fault::FlakySignIn)
            if is_sign_in && state.runtime().count(REQUESTS).is_multiple_of(ONE_IN) =>
        {
            Trouble::Answer(failed(StatusCode::INTERNAL_SERVER_ERROR))
        }
        Some(Fault::FlakyRateLimited)
            if !is_sign_in && state.runtime().count(endpoint(path)) == 1 =>
        {
            Trouble::Answer(server::too_fast(state.now()))
        }
        _ => Trouble::None,
    }
}

/// How the request of this number fails, if it does: by 500, by 503, or without an answer.
pub(crate) fn failure(count: u32, failed: impl FnOnce(StatusCode) -> Response) -> Option<Response> {
    let is_one = count.is_multiple_of(ONE_IN);
    is_one.then(|| match count / ONE_IN % 3 {
        1 => failed(StatusCode::INTERNAL_SERVER_ERROR),
        2 => failed(StatusCode::SERVICE_UNAVAILABLE),
        _ => broken_off(),
    })
}

/// What a request is for: it is the same one when it is made again with another `state`.
fn asked(uri: &Uri) -> String {
    let query = uri.query().unwrap_or_default().split('&');
    let scope = query.into_iter().find(|part| part.starts_with("scope="));
    format!("{}?{}", uri.path(), scope.unwrap_or_default())
}

/// What Okta's rate limits tell apart: kinds of objects, and endpoints.
fn endpoint(path: &str) -> &str {
    match path.strip_prefix("/api/v1/") {
        Some(rest) => rest.split('/').next().unwrap_or_default(),
        None => path.rsplit('/').next().unwrap_or_default(),
    }
}

fn failed(status: StatusCode) -> Response {
    okta_error(status, "E0000009", "Internal Server Error")
}

/// An answer that ends before it began: the connection is closed.
pub(crate) fn broken_off() -> Response {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let body = futures_util::stream::once(async { Err::<String, _>(broken) });
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    (status, Body::from_stream(body)).into_response()
}
