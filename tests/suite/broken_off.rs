//! An audit that breaks off in the middle: what is missing of a list is never "nobody else", and
//! the reason blames what broke.

use okta_e2e::requirements::Trial;
use rstest::rstest;

use crate::support::front::{Answer, Change, Front, Request};
use crate::support::world::World;

const NOBODY_ELSE: &str = "step_3c_access_policy::no_rule_gives_the_scope_to_anybody_else";
const ORIGINS: &str = "step_4b_redirect_uri::no_other_trusted_origin_is_a_danger";
const CLAIMS: &str =
    "step_3a_authorization_server::the_authorization_server_differs_in_nothing_else";
const SCOPES: &str = "step_3b_scope::the_scope_is_on_the_authorization_server";
const API: &str = "/api/v1/";

/// The list at the end of this path has a second page, which is answered so.
fn second_page(request: &Request, answer: &mut Answer, end: &str, bad: fn(&mut Answer)) {
    if request.method != "GET" || !request.is_to(end) {
        return;
    }
    if request.parameter("after").is_some() {
        return bad(answer);
    }
    let host = request.header("host").unwrap_or_default().to_owned();
    let path = request.target.split('?').next().unwrap_or_default();
    answer.set(
        "link",
        format!("<http://{host}{path}?after=x>; rel=\"next\""),
    );
}

/// Okta's error, of its catalogue.
fn error(answer: &mut Answer, status: u16, code: &str, summary: &str) {
    answer.status = status;
    let body = serde_json::json!({
        "errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": "oae1",
        "errorCauses": []
    });
    answer.body = body.to_string().into_bytes();
}

fn fails(answer: &mut Answer) {
    error(answer, 500, "E0000008", "no");
}

fn forbidden(answer: &mut Answer) {
    let summary = "You do not have permission to perform the requested action";
    error(answer, 403, "E0000006", summary);
}

fn revoked(answer: &mut Answer) {
    error(answer, 401, "E0000011", "Invalid token provided");
}

/// The limit is given back in the year 2100: nobody waits for that.
fn too_fast(answer: &mut Answer) {
    let summary = "API call exceeded rate limit due to too many requests.";
    error(answer, 429, "E0000047", summary);
    answer.set("x-rate-limit-remaining", "0");
    answer.set("x-rate-limit-reset", "4102444800");
}

fn read_only(answer: &mut Answer) {
    error(answer, 503, "E0000010", "Service is in read only mode");
}

fn breaks_off(answer: &mut Answer) {
    answer.status = 200;
    answer.body = b"[{\"id\":\"x\",".to_vec();
}

/// A page of whatever stands before the org.
fn maintenance(answer: &mut Answer) {
    answer.status = 503;
    answer.set("content-type", "text/html");
    answer.body = b"<title>Under maintenance</title>".to_vec();
}

/// What all calls are answered that an audit makes after those about groups and the server.
fn from_the_client_on(request: &Request, answer: &mut Answer, bad: fn(&mut Answer)) {
    let below = request.target.strip_prefix(API).unwrap_or_default();
    if ["apps", "users", "trustedOrigins"]
        .iter()
        .any(|kind| below.starts_with(kind))
    {
        bad(answer);
    }
}

#[rstest]
#[case::policies_fail(
    |asked: &Request, answer: &mut Answer| {
        second_page(asked, answer, "/policies", fails);
    },
    NOBODY_ELSE,
    "E0000008: no"
)]
#[case::policies_are_limited(
    |asked: &Request, answer: &mut Answer| {
        second_page(asked, answer, "/policies", too_fast);
    },
    NOBODY_ELSE,
    "rate limit stays exhausted"
)]
#[case::policies_break_off(
    |asked: &Request, answer: &mut Answer| {
        second_page(asked, answer, "/policies", breaks_off);
    },
    NOBODY_ELSE,
    "than the org, which answers other calls"
)]
#[case::rules_are_forbidden(
    |asked: &Request, answer: &mut Answer| {
        second_page(asked, answer, "/rules", forbidden);
    },
    NOBODY_ELSE,
    "Read-Only Administrator"
)]
#[case::groups_fail(
    |asked: &Request, answer: &mut Answer| {
        second_page(asked, answer, "/groups", fails);
    },
    NOBODY_ELSE,
    "E0000008: no"
)]
#[case::servers_are_forbidden(
    |asked: &Request, answer: &mut Answer| {
        second_page(asked, answer, "/authorizationServers", forbidden);
    },
    NOBODY_ELSE,
    "Read-Only Administrator"
)]
#[case::scopes_are_forbidden(
    |asked: &Request, answer: &mut Answer| {
        second_page(asked, answer, "/scopes", forbidden);
    },
    SCOPES,
    "Read-Only Administrator"
)]
#[case::claims_are_forbidden(
    |asked: &Request, answer: &mut Answer| {
        second_page(asked, answer, "/claims", forbidden);
    },
    CLAIMS,
    "Read-Only Administrator"
)]
#[case::origins_break_off(
    |asked: &Request, answer: &mut Answer| {
        second_page(asked, answer, "/trustedOrigins", breaks_off);
    },
    ORIGINS,
    "than the org, which answers other calls"
)]
#[case::token_is_revoked(
    |asked: &Request, answer: &mut Answer| {
        from_the_client_on(asked, answer, revoked);
    },
    ORIGINS,
    "does not accept the API token"
)]
#[case::all_is_limited(
    |asked: &Request, answer: &mut Answer| {
        from_the_client_on(asked, answer, too_fast);
    },
    ORIGINS,
    "rate limit stays exhausted"
)]
#[case::read_only(
    |asked: &Request, answer: &mut Answer| {
        if asked.target.starts_with(API) { read_only(answer) }
    },
    NOBODY_ELSE,
    "(E0000010: Service is in read only mode): it, or what stands"
)]
#[case::maintenance(
    |asked: &Request, answer: &mut Answer| {
        if asked.target.starts_with(API) { maintenance(answer) }
    },
    NOBODY_ELSE,
    "is under maintenance or overloaded; run again later"
)]
#[tokio::test]
async fn what_breaks_off_is_not_taken_for_all(
    #[case] change: Change,
    #[case] trial: &str,
    #[case] because: &str,
) {
    let front = Front::start().await;
    let world = World::behind(&front).await;
    front.changes(change);
    let of_the_audit =
        |trial: &Trial| !trial.id.starts_with("step_5") && trial.id.contains("step_");
    let verified = world.verify_where(&of_the_audit).await;
    let record = &verified.record;
    let results = record.results.iter().filter(|result| result.id == trial);
    let reasons: Vec<(&str, &str)> = results
        .map(|result| {
            let reason = result.reason.as_deref().unwrap_or_default();
            (result.outcome.word(), reason)
        })
        .collect();
    let is_said =
        |(outcome, reason): &(&str, &str)| *outcome == "not_checked" && reason.contains(because);
    assert!(
        !reasons.is_empty() && reasons.iter().all(is_said),
        "{reasons:#?}"
    );
    let blamed = record.results.iter().filter(|result| result.is_not_met());
    let blamed: Vec<&str> = blamed.map(|result| result.name.as_str()).collect();
    assert_eq!(blamed, Vec::<&str>::new());
    assert_ne!(record.run.exit_status, 1, "{}", record.run.verdict);
}
