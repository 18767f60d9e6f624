//! What goes wrong in passing: answers that never come, come late, or as errors.

use std::time::Duration;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::answer::Verdict;
use super::behaviour::{Flaky, Instead};
use super::endpoint::Endpoint;
use super::malformed;
use super::request::Credential;
use super::visit::Visit;
use crate::flaky;
use crate::server::elapse;

/// How long an answer that never comes keeps a connection; every client gives up earlier.
const HANGS_FOR: Duration = Duration::from_secs(600);

/// What is answered instead of what was asked for, if anything is.
pub(super) async fn instead(visit: &Visit) -> Option<Response> {
    let trouble = &visit.behaviour.trouble;
    let count = visit.state.memory().count();
    if visit.state.is_dead() {
        return Some(flaky::broken_off());
    }
    let busy = visit.state.memory().busy();
    elapse(busy).await;
    if trouble.latency > 0 {
        elapse(Duration::from_millis(trouble.latency)).await;
    }
    let is_blocked = |after: u32| visit.state.memory().refusals() >= after;
    if trouble.blocks_after.is_some_and(is_blocked) {
        return Some(if trouble.blocks_by_error {
            Json(json!({ "error": "blocked" })).into_response()
        } else {
            StatusCode::FORBIDDEN.into_response()
        });
    }
    if let Some(always) = trouble.always {
        return Some(visit.happens(always).await);
    }
    if malformed::is_one_of(&trouble.on, &visit.asked, &visit.credential) {
        if let Some(busy_for) = trouble.busy_for {
            let busy_for = Duration::from_millis(busy_for);
            visit.state.memory().be_busy(busy_for);
        }
        if let Some(does) = trouble.does {
            return Some(visit.happens(does).await);
        }
    }
    in_passing(visit, count).await
}

async fn in_passing(visit: &Visit, count: u32) -> Option<Response> {
    let trouble = &visit.behaviour.trouble;
    let has_token = visit.credential != Credential::None;
    match trouble.one_in_five {
        Some(Flaky::Fails) => return flaky::failure(count, IntoResponse::into_response),
        Some(Flaky::Slow) if count.is_multiple_of(flaky::ONE_IN) => elapse(flaky::SLOW_BY).await,
        _ => {}
    }
    let is_too_much = |every: u32| count.is_multiple_of(every);
    if (trouble.first_is_too_much && count == 1) || trouble.too_much_every.is_some_and(is_too_much)
    {
        return Some(too_fast());
    }
    if trouble.opens_when_asked_again && !has_token {
        return Some(match count % 2 {
            1 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            _ => visit.list(),
        });
    }
    if trouble.first_failure_leaks && !has_token && visit.state.memory().leaks() {
        let mut response = visit.list();
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        return Some(response);
    }
    None
}

impl Visit {
    async fn happens(&self, what: Instead) -> Response {
        match what {
            Instead::Fails => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Instead::BadGateway => StatusCode::BAD_GATEWAY.into_response(),
            Instead::Hangs => {
                elapse(HANGS_FOR).await;
                StatusCode::GATEWAY_TIMEOUT.into_response()
            }
            Instead::Dies => {
                let dead_for = self.behaviour.trouble.dead_for;
                self.state.die(dead_for.map(Duration::from_millis));
                flaky::broken_off()
            }
        }
    }

    /// What whoever is let in gets.
    fn list(&self) -> Response {
        let endpoints = &self.state.endpoints;
        let is_asked = |endpoint: &&Endpoint| endpoint.is_at(self.asked.path());
        match endpoints.iter().find(is_asked) {
            Some(endpoint) => self
                .behaviour
                .answer
                .to(&Verdict::Granted, &self.asked, endpoint),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }
}

/// 429 as gateways answer it (RFC 6585 section 4).
fn too_fast() -> Response {
    let headers = [(header::RETRY_AFTER, "1")];
    (StatusCode::TOO_MANY_REQUESTS, headers).into_response()
}
