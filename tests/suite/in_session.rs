//! What is asked in a session goes by plain HTTP, with the cookies of the user's browser: the whole
//! answer can be seen there. An org that knows the session in the browser alone is asked there.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use okta_e2e::browser::UserAgents;
use okta_e2e::config::Profile;
use okta_e2e::exchange::{self, Place};
use okta_e2e::observation::Cause;
use okta_e2e::report::RecordedResult;
use okta_e2e::requirements::Trial;
use okta_e2e::verification::Verified;
use rstest::rstest;
use serde_json::Value;

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
    verified_beside(change, agents, "").await
}

/// The same with the trial of this id, for what it has looked at.
async fn verified_beside(
    change: Change,
    agents: Option<&dyn UserAgents>,
    beside: &str,
) -> Verified {
    let front = Front::start().await;
    let mut world = World::behind(&front).await;
    world.config.profile = Profile::Standard;
    front.changes(change);
    let is_asked = |trial: &Trial| {
        let case = trial
            .subject
            .as_ref()
            .and_then(|subject| subject.case.as_deref());
        let is_row = trial.id.starts_with(PROTOCOL) && case == Some(Place::Session.name());
        is_row || trial.id == beside
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

/// A token in an answer, with something else in its header and its claims.
fn altered(asked: &Request, answer: &mut Answer, name: &str, alter: fn(&mut Value, &mut Value)) {
    if !is_carried(asked) {
        return;
    }
    answer.redirect(|to| {
        let (place, fields) = to.split_once('#').unwrap_or((to, ""));
        let fields = url::form_urlencoded::parse(fields.as_bytes());
        let fields = fields.map(|(field, value)| {
            let value = match &*field {
                field if field == name => with(&value, alter),
                // The hash in it would be of another token.
                "id_token" => "unread".to_owned(),
                _ => value.into_owned(),
            };
            (field.into_owned(), value)
        });
        let fields: Vec<(String, String)> = fields.collect();
        let mut written = url::form_urlencoded::Serializer::new(String::new());
        format!("{place}#{}", written.extend_pairs(fields).finish())
    });
}

/// What it says is another thing than what is signed.
fn with(token: &str, alter: fn(&mut Value, &mut Value)) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let read = |part: &str| -> Value {
        let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    let (mut header, mut claims) = (read(parts[0]), read(parts[1]));
    alter(&mut header, &mut claims);
    let write = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", write(&header), write(&claims), parts[2])
}

fn longer(claims: &mut Value) {
    claims["exp"] = (claims["exp"].as_i64().expect("a time") + 3600).into();
}

/// What protects a user is looked at in what a silent answer brings too.
#[rstest]
#[case::another_client(
    |asked: &Request, answer: &mut Answer| {
        altered(asked, answer, "access_token", |_, claims| claims["cid"] = "0oaother".into());
    },
    "\"0oaother\""
)]
#[case::a_longer_life(
    |asked: &Request, answer: &mut Answer| {
        altered(asked, answer, "access_token", |_, claims| longer(claims));
    },
    "one that lives 7200 s"
)]
#[case::a_longer_life_of_the_id_token(
    |asked: &Request, answer: &mut Answer| {
        altered(asked, answer, "id_token", |_, claims| longer(claims));
    },
    "one that lives 7200 s"
)]
#[case::an_unknown_key(
    |asked: &Request, answer: &mut Answer| {
        altered(asked, answer, "id_token", |header, _| header["kid"] = "of-nobody".into());
    },
    "it names `of-nobody`, which is not"
)]
#[tokio::test]
async fn tokens_of_a_silent_answer_are_looked_at(#[case] change: Change, #[case] found: &str) {
    let keys = "step_3a_authorization_server::its_keys_can_verify_rs256";
    let verified = verified_beside(change, Some(&HttpAgents), keys).await;
    let unmet = verified.record.results.iter();
    let mut unmet = unmet.filter_map(|result| result.actual.as_deref());
    assert!(unmet.any(|actual| actual.contains(found)), "{found}");
}
