//! What stands before the org and answers in its place says nothing of it: a bot manager that leads
//! programs elsewhere, a firewall whose page comes at an endpoint for clients.

use okta_e2e::config::Profile;
use okta_e2e::requirements::Trial;
use okta_e2e::verification::Verified;
use rstest::rstest;

use crate::support::agent::USER_AGENT;
use crate::support::front::{Answer, Change, Front, Request};
use crate::support::scenario::told;
use crate::support::world::{World, names};

const AWAY: &str = "http://challenge.example/c?id=1";
const ENDPOINTS: [&str; 4] = ["/v1/token", "/v1/introspect", "/v1/revoke", "/v1/userinfo"];

async fn protocol(change: Change) -> Verified {
    let front = Front::start().await;
    let mut world = World::behind(&front).await;
    world.config.profile = Profile::Standard;
    front.changes(change);
    let here = |trial: &Trial| trial.id.starts_with("protocol::");
    world.verify_where(&here).await
}

/// Whether something before the org takes it for a program: browsers come through.
fn is_of_a_program(request: &Request) -> bool {
    request.is_to("/v1/authorize") && request.header("user-agent") != Some(USER_AGENT)
}

/// The same with a page of a firewall.
fn block(request: &Request, answer: &mut Answer) {
    if ENDPOINTS.iter().any(|endpoint| request.is_to(endpoint)) {
        answer.status = 403;
        answer.set("content-type", "text/html");
        answer.body = b"<!doctype html><title>Request blocked</title>".to_vec();
    }
}

#[rstest]
#[case::a_bot_manager(
    |request: &Request, answer: &mut Answer| if is_of_a_program(request) {
        answer.lead_to(AWAY.to_owned());
    },
    "protocol::a_silent_request_without_a_session_is_refused[authorize]",
    "is led to http://challenge.example/c, and so is the same request"
)]
#[case::a_bot_manager_with_a_page(
    |request: &Request, answer: &mut Answer| if is_of_a_program(request) {
        answer.status = 200;
        answer.set("content-type", "text/html");
        answer.body = b"<!doctype html><title>One moment, please</title>".to_vec();
    },
    "protocol::a_redirect_uri_at_another_host_is_refused[authorize]",
    "every request of a program is answered by a page (200)"
)]
#[case::a_firewall(
    block,
    "protocol::an_access_token_fetches_the_claims_of_its_user[userinfo]",
    "the userinfo endpoint answers 403 Forbidden with the page \"Request blocked\""
)]
#[case::a_portal(
    |request: &Request, answer: &mut Answer| if request.is_to("/v1/userinfo") && answer.status == 200 {
        answer.set("content-type", "text/html");
        answer.body = b"<p>signed in</p>".to_vec();
    },
    "protocol::claims_come_as_json[userinfo]",
    "the userinfo endpoint answers 200 OK"
)]
#[tokio::test]
async fn what_stands_before_the_org_is_no_breach_of_it(
    #[case] change: Change,
    #[case] name: &str,
    #[case] why: &str,
) {
    let verified = protocol(change).await;
    assert_eq!(names(&verified, "not_met"), [""; 0]);
    let told = told(&verified.record, name);
    assert!(told.contains(why), "{told}");
    assert_eq!(verified.record.run.exit_status, 2);
}

/// Where the wrong request alone is led elsewhere, or something of it goes along, that is a breach.
#[rstest]
#[case::of_the_wrong_request_alone(|request: &Request, answer: &mut Answer| {
    let is_wrong = request.parameter("client_id").is_none_or(|id| !id.starts_with("0oa"));
    if is_of_a_program(request) && is_wrong {
        answer.lead_to(AWAY.to_owned());
    }
})]
#[case::with_the_state_in_the_path(|request: &Request, answer: &mut Answer| {
    let state = request.parameter("state").unwrap_or_default();
    if is_of_a_program(request) {
        answer.lead_to(format!("http://challenge.example/c&state={state}"));
    }
})]
#[case::with_the_state(|request: &Request, answer: &mut Answer| {
    let state = request.parameter("state").unwrap_or_default();
    if is_of_a_program(request) {
        answer.lead_to(format!("{AWAY}&state={state}"));
    }
})]
#[tokio::test]
async fn what_leads_elsewhere_with_something_is_one(#[case] change: Change) {
    let verified = protocol(change).await;
    assert!(!names(&verified, "not_met").is_empty());
}
