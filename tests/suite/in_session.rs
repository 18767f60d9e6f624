//! What is asked in a session goes by plain HTTP, with the cookies of the user's browser: the whole
//! answer can be seen there. An org that knows the session in the browser alone is asked there.

use std::collections::BTreeSet;

use okta_e2e::browser::UserAgents;
use okta_e2e::config::Profile;
use okta_e2e::exchange::{self, Place};
use okta_e2e::observation::Cause;
use okta_e2e::report::RecordedResult;
use okta_e2e::requirements::Trial;
use okta_e2e::verification::Verified;
use rstest::rstest;

use crate::support::agent::HttpAgents;
use crate::support::front::{Answer, Change, Front, Request};
use crate::support::world::World;

/// The beginning of the name of each trial of a row.
const PROTOCOL: &str = "protocol::";
/// What nobody but the org and the browser knows.
const COOKIE: &str = "kept-0123456789abcdefghijklmnop";

/// Whether plain HTTP asks it in a session: a browser says more of itself, and the agent of these
/// tests takes everything.
fn is_carried(asked: &Request) -> bool {
    let takes = asked.header("accept").unwrap_or_default();
    let by = asked.header("user-agent").unwrap_or_default();
    let by_agent = by.starts_with("HttpAgent/1") || by.starts_with("Mozilla/5.0");
    asked.is_to("/v1/authorize")
        && asked.header("cookie").is_some()
        && asked.header("upgrade-insecure-requests").is_none()
        && takes.starts_with("text/html")
        && by_agent
}

fn led_back(asked: &Request, answer: &mut Answer, error: &str) {
    let redirect_uri = asked.parameter("redirect_uri").unwrap_or_default();
    let state = asked.parameter("state").unwrap_or_default();
    answer.lead_to(format!(
        "{redirect_uri}?error={error}&error_description={error}&state={state}"
    ));
}

/// By a status that nobody sees in a browser.
fn marked(asked: &Request, answer: &mut Answer) {
    if is_carried(asked) && answer.status == 302 {
        answer.status = 303;
    }
}

/// A session that is good in the browser alone.
fn bound(asked: &Request, answer: &mut Answer) {
    if is_carried(asked) {
        led_back(asked, answer, "login_required");
    }
}

/// Says to everyone what they were told to keep.
fn telling(asked: &Request, answer: &mut Answer) {
    let is_kept = asked
        .header("cookie")
        .is_some_and(|kept| kept.contains(COOKIE));
    if is_carried(asked) && is_kept {
        led_back(asked, answer, COOKIE);
    } else if asked.is_to("/v1/authorize") {
        answer.add("set-cookie", format!("kept={COOKIE}; Path=/; HttpOnly"));
    }
}

async fn verified(change: Change, agents: Option<&dyn UserAgents>) -> Verified {
    let front = Front::start().await;
    let mut world = World::behind(&front).await;
    world.config.profile = Profile::Standard;
    front.changes(change);
    let is_asked = |trial: &Trial| {
        let case = trial
            .subject
            .as_ref()
            .and_then(|subject| subject.case.as_deref());
        trial.id.starts_with(PROTOCOL) && case == Some(Place::Session.name())
    };
    world.verify_where_with(&is_asked, agents).await
}

fn session_rows(verified: &Verified) -> impl Iterator<Item = (&str, &RecordedResult)> {
    let results = verified.record.results.iter();
    let rows = results.filter_map(|result| Some((result.id.strip_prefix(PROTOCOL)?, result)));
    rows.filter(|(row, _)| {
        let mut known = exchange::protocol();
        known.any(|known| known.id == *row && known.to() == Place::Session)
    })
}

fn unmet(verified: &Verified) -> BTreeSet<&str> {
    let unmet = session_rows(verified).filter(|(_, result)| !result.is_met());
    unmet.map(|(row, _)| row).collect()
}

#[rstest]
#[case::of_an_agent(Some(&HttpAgents as &dyn UserAgents))]
#[case::of_a_browser(None)]
#[tokio::test]
async fn what_is_asked_in_a_session_goes_by_plain_http(#[case] agents: Option<&dyn UserAgents>) {
    let verified = verified(marked, agents).await;
    assert_eq!(unmet(&verified), BTreeSet::new());
    assert!(session_rows(&verified).count() > 10);
    // What a browser does with a form or a message, it does itself.
    let by_browser = ["_in_a_form", "_to_the_page_of_the_client"];
    let by_http =
        session_rows(&verified).filter(|(row, _)| !by_browser.iter().any(|end| row.ends_with(end)));
    for (row, result) in by_http {
        let status = serde_json::to_value(&result.observed).expect("values")["status"].clone();
        let expected = if row.contains("form") { 200 } else { 303 };
        assert_eq!(status, expected, "{row}: {result:#?}");
    }
    assert_eq!(verified.record.run.retries, Vec::<String>::new());
}

/// It is right, what a browser does not show is not checked, and the record says why.
#[tokio::test]
async fn an_org_that_knows_the_session_in_the_browser_alone_is_asked_there() {
    let verified = verified(bound, Some(&HttpAgents)).await;
    let by_http = exchange::protocol().filter(|row| row.is_by_http_alone());
    let by_http: BTreeSet<&str> = by_http.map(|row| row.id.as_str()).collect();
    assert_eq!(unmet(&verified), by_http);
    let unmet = session_rows(&verified).filter(|(row, _)| by_http.contains(row));
    for (row, result) in unmet {
        assert_eq!(
            result.cause,
            Some(Cause::NotApplicable),
            "{row}: {result:#?}"
        );
    }
    let run = &verified.record.run;
    // Whose session it is, and another user, of whom an ID token is shown.
    assert_eq!(run.sign_ins, 2);
    assert_eq!(run.retries.len(), 1, "{:#?}", run.retries);
    assert!(run.retries[0].contains("asked again in the browser"));
}

/// A cookie is a secret of the run as soon as it is carried.
#[tokio::test]
async fn a_cookie_that_the_org_tells_is_taken_out_of_what_is_written() {
    let verified = verified(telling, Some(&HttpAgents)).await;
    let written = serde_json::to_string(&verified.record).expect("a record");
    assert!(
        written.contains("302, to the redirect URI with `[redacted]`"),
        "{written}"
    );
    assert!(!written.contains(COOKIE), "{written}");
}
