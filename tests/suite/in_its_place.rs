//! What answers in place of the org, a VPN, a proxy or the sign-in page of a network, is no answer
//! of the org's: nothing was seen of it, and nothing of it is wrong.

use okta_e2e::observation::Cause;
use okta_e2e::verification::Verified;
use rstest::rstest;

use crate::support::front::{Answer, Change, Front, Request};
use crate::support::world::{World, names};

const PORTAL: &str = "<!doctype html><title>Guest network</title><p>Accept our terms.</p>";

/// The portal's page, with the status of success.
fn page(_: &Request, answer: &mut Answer) {
    answer.status = 200;
    answer.headers.clear();
    answer.set("content-type", "text/html");
    answer.set("server", "portal/1.0");
    answer.body = PORTAL.into();
}

/// Whether it is asked by the run, since the API fetches the keys from elsewhere.
fn is_of_the_run(asked: &Request, path: &str) -> bool {
    let by = asked.header("user-agent").unwrap_or_default();
    by.starts_with("okta-e2e/") && asked.target.contains(path)
}

fn page_for(asked: &Request, answer: &mut Answer, path: &str) {
    if is_of_the_run(asked, path) {
        page(asked, answer);
    }
}

fn redirect(_: &Request, answer: &mut Answer) {
    answer.headers.clear();
    answer.lead_to("https://login.portal.example/sso?back=1".to_owned());
}

fn redirect_for(asked: &Request, answer: &mut Answer, path: &str) {
    if is_of_the_run(asked, path) {
        redirect(asked, answer);
    }
}

fn refusal(asked: &Request, answer: &mut Answer) {
    page(asked, answer);
    answer.status = 403;
}

fn sign_in_to_the_network(asked: &Request, answer: &mut Answer) {
    page(asked, answer);
    answer.status = 511;
}

fn json(_: &Request, answer: &mut Answer) {
    answer.status = 200;
    answer.headers.clear();
    answer.set("content-type", "application/json");
    answer.body = "{\"status\":\"login required\"}".into();
}

async fn verify(change: Change, is_audited: bool) -> Verified {
    let front = Front::start().await;
    let mut world = World::behind(&front).await;
    if !is_audited {
        world.access.api_token = None;
    }
    front.changes(change);
    world.verify().await
}

/// Fails unless a run found nothing wrong, and ended as one that could not look.
fn assert_nothing_was_seen(verified: &Verified, of: &str, who: &str) {
    assert_eq!(names(verified, "not_met"), Vec::<String>::new());
    let run = &verified.record.run;
    assert_eq!(run.exit_status, 2, "{}", run.verdict);
    let mut results = verified.record.results.iter();
    let result = results.find(|result| result.name == of).expect(of);
    assert_eq!(result.cause, Some(Cause::Failed), "{result:#?}");
    let reason = result.reason.as_deref().expect("a reason");
    assert!(reason.contains(who), "{reason}");
    assert!(reason.contains("in its place"), "{reason}");
}

const METADATA: &str = "step_3a_authorization_server::its_metadata_names_the_issuer";
const KEYS: &str = "step_3a_authorization_server::its_keys_can_verify_rs256";
const AUDIT: &str = "step_1_groups::the_group_exists[silverSubscribers]";

#[rstest]
#[case::page(page, "the page \"Guest network\", by `portal/1.0`")]
#[case::redirect(redirect, "https://login.portal.example/sso")]
#[case::json(json, "login required")]
#[case::network(sign_in_to_the_network, "the page \"Guest network\"")]
#[tokio::test]
async fn nothing_is_wrong_with_an_org_that_something_stands_before(
    #[case] change: Change,
    #[case] who: &str,
    #[values(true, false)] is_audited: bool,
) {
    let verified = verify(change, is_audited).await;
    assert_nothing_was_seen(&verified, METADATA, who);
}

/// A refusal in words for people may be of the issuer's own host, where nothing else is seen.
#[rstest]
#[tokio::test]
async fn a_refusal_for_people_is_none_of_the_org(#[values(true, false)] is_audited: bool) {
    let verified = verify(refusal, is_audited).await;
    // Worth knowing, and no more: what answers is no org of Okta's.
    let worth_knowing = ["step_0_prerequisites::an_okta_org_answers"];
    assert_eq!(names(&verified, "not_met"), worth_knowing);
    assert_eq!(verified.record.run.exit_status, 2);
}

#[rstest]
#[case::metadata(
    |asked: &Request, answer: &mut Answer| page_for(asked, answer, "/.well-known/o"),
    METADATA,
    "the page \"Guest network\", by `portal/1.0`"
)]
#[case::metadata_elsewhere(
    |asked: &Request, answer: &mut Answer| redirect_for(asked, answer, "/.well-known/o"),
    METADATA,
    "https://login.portal.example/sso"
)]
#[case::keys(
    |asked: &Request, answer: &mut Answer| page_for(asked, answer, "/v1/keys"),
    KEYS,
    "the page \"Guest network\", by `portal/1.0`"
)]
#[case::keys_elsewhere(
    |asked: &Request, answer: &mut Answer| redirect_for(asked, answer, "/v1/keys"),
    KEYS,
    "https://login.portal.example/sso"
)]
#[case::management(
    |asked: &Request, answer: &mut Answer| page_for(asked, answer, "/api/v1/"),
    AUDIT,
    "with the page \"Guest network\", by `portal/1.0`"
)]
#[case::management_elsewhere(
    |asked: &Request, answer: &mut Answer| redirect_for(asked, answer, "/api/v1/"),
    AUDIT,
    "https://login.portal.example/sso"
)]
#[tokio::test]
async fn what_stands_before_a_part_of_the_org_is_named(
    #[case] change: Change,
    #[case] of: &str,
    #[case] who: &str,
) {
    let verified = verify(change, true).await;
    assert_nothing_was_seen(&verified, of, who);
}
