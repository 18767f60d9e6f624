//! The Management API: groups, users, authorization servers, applications and how one signs in at
//! them, Trusted Origins.
//!
//! Statuses, shapes and texts are those of answers of real orgs, recorded by
//! okta/terraform-provider-okta and okta/okta-sdk-python, and of Okta's API reference.

mod applications;
mod authorization_servers;
mod call;
mod checks;
mod error;
mod faults;
mod filter;
mod group_rules;
mod groups;
mod kinds;
mod links;
mod organization;
mod page;
mod resource;
mod sign_in_policies;
mod table;
mod time;
mod trusted_origins;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use jiff::Timestamp;
use serde_json::Value;

use self::call::{Answer, Call, FreshKeys, Route};
use self::error::ApiError;
use crate::decision::apply_group_rules;
use crate::fault::Fault;
use crate::state::AppState;
use crate::state::org::{ServerKey, new_id};

/// The resources by the first segment of their path.
const ROUTES: [(&str, Route); 7] = [
    ("groups", groups::route),
    ("users", users::route),
    ("authorizationServers", authorization_servers::route),
    ("apps", applications::route),
    ("policies", sign_in_policies::route),
    ("trustedOrigins", trusted_origins::route),
    ("org", organization::route),
];

/// The endpoints under `/api/v1`, and the one that tells what kind of org this is.
pub(crate) fn router() -> Router<Arc<AppState>> {
    Router::new().route("/api/v1/{*path}", any(handle)).route(
        "/.well-known/okta-organization",
        get(organization::well_known),
    )
}

async fn handle(
    State(state): State<Arc<AppState>>,
    Path(path): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let segments: Vec<&str> = segments.collect();
    let kind = segments.first().copied().unwrap_or_default();
    let options = &state.options;
    let allowance = state.rate_limits.count(
        kind,
        state.now(),
        options.rate_limit_per_minute,
        options.rate_limit_window_seconds,
    );
    let answer = if allowance.exceeded {
        Err(ApiError::rate_limited())
    } else if !is_authorized(&state, &headers) {
        Err(ApiError::invalid_token())
    } else if faults::is_forbidden(&state, kind) {
        Err(ApiError::forbidden())
    } else if !call::is_json_or_empty(&headers, &body) {
        Err(ApiError::wrong_media_type())
    } else {
        let is_read = method == Method::GET;
        let host = headers.get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        let answer = answer(&state, method, &uri, host, body, &segments).await;
        if is_read {
            faults::read(&state, &uri, &segments, answer)
        } else {
            answer
        }
    };
    let rate_limit_headers = [
        ("x-rate-limit-limit", allowance.limit.to_string()),
        ("x-rate-limit-remaining", allowance.remaining.to_string()),
        ("x-rate-limit-reset", allowance.reset.to_string()),
        ("x-okta-request-id", new_id("req")),
    ];
    (rate_limit_headers, render(answer)).into_response()
}

fn is_authorized(state: &AppState, headers: &HeaderMap) -> bool {
    let authorization = headers.get(header::AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok());
    let token = authorization.and_then(|value| value.strip_prefix("SSWS"));
    let token = token.and_then(|token| match token.strip_prefix(' ') {
        None if state.options.ssws_without_blank => Some(token),
        after_blank => after_blank,
    });
    token == Some(state.api_token.as_str())
}

async fn answer(
    state: &AppState,
    method: Method,
    uri: &Uri,
    host: &str,
    body: Bytes,
    segments: &[&str],
) -> Result<Answer, ApiError> {
    let (kind, rest) = segments.split_first().ok_or_else(not_there)?;
    let known = ROUTES.iter().find(|(name, _)| name == kind);
    let (_, route) = known.ok_or_else(not_there)?;
    let is_licensed =
        state.options.api_access_management && state.fault() != Some(Fault::FeatureMissing);
    if *kind == "authorizationServers" && !is_licensed {
        return Err(ApiError::feature_missing());
    }
    let call = Call {
        path: uri.path().to_owned(),
        query: call::parse_query(uri.query().unwrap_or_default()),
        body,
        base_url: state.base_url.clone(),
        custom_url: state.address("CUSTOM_URL", host).to_owned(),
        asked_url: state.address("DYNAMIC", host).to_owned(),
        now: Timestamp::from_second(state.now()).map_err(|_| ApiError::internal())?,
        fresh_keys: fresh_keys(state, &method, segments).await?,
        method,
    };
    let mut org = state.org();
    let answer = route(&call, &mut org, rest)?;
    if call.method != Method::GET {
        apply_group_rules(&mut org, call.now);
    }
    Ok(answer)
}

/// What Okta answers under `/api/v1` where there is nothing is not on record; this is what it
/// answers to a method that an endpoint does not have.
fn not_there() -> ApiError {
    ApiError::method_not_allowed()
}

async fn fresh_keys(
    state: &AppState,
    method: &Method,
    segments: &[&str],
) -> Result<FreshKeys, ApiError> {
    let mut keys = FreshKeys::default();
    if *method != Method::POST {
        return Ok(keys);
    }
    match segments {
        ["authorizationServers"] => {
            let made = tokio::try_join!(state.keys.take(), state.keys.take());
            let (active, next) = made.map_err(|_| ApiError::internal())?;
            keys.of_server = ServerKey::pair(active, next);
        }
        [.., "keyRotate"] => {
            let next = state.keys.take().await;
            keys.next = Some(next.map_err(|_| ApiError::internal())?);
        }
        _ => {}
    }
    Ok(keys)
}

fn render(answer: Result<Answer, ApiError>) -> Response {
    let (status, body, links) = match answer {
        Ok(answer) => (answer.status, answer.body, answer.links),
        Err(error) => (error.status, Some(error.body()), Vec::new()),
    };
    let mut response = json_response(status, body);
    let headers = response.headers_mut();
    for link in links {
        if let Ok(link) = HeaderValue::from_str(&link) {
            headers.append(header::LINK, link);
        }
    }
    response
}

fn json_response(status: StatusCode, body: Option<Value>) -> Response {
    const CACHE_CONTROL: (HeaderName, HeaderValue) = (
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache, no-store"),
    );
    match body {
        Some(body) => (status, [CACHE_CONTROL], axum::Json(body)).into_response(),
        None => (status, [CACHE_CONTROL]).into_response(),
    }
}
