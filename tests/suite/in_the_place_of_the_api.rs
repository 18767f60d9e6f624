//! What stands before an API and answers in its place after some refusals, while good tokens are let
//! through: then a refusal says nothing of the API.

use std::sync::atomic::{AtomicUsize, Ordering};

use okta_e2e::config::Profile;
use okta_e2e::requirements::Trial;
use okta_sandbox::Sandbox;
use rcgen::{KeyPair, PKCS_RSA_SHA256};
use rstest::rstest;

use crate::before_the_api::behind;
use crate::support::front::{Answer, Change, Request};
use crate::support::scenario::told;
use crate::support::world::{World, names};

/// So many refusals it lets through, those of the access matrix among them.
const ENOUGH: usize = 12;

/// Whether a refusal is one too many.
fn is_enough(refusals: &AtomicUsize, answer: &Answer) -> bool {
    answer.status >= 400 && refusals.fetch_add(1, Ordering::Relaxed) >= ENOUGH
}

#[rstest]
#[case::a_page_that_forbids(|_: &Request, answer: &mut Answer| {
    static REFUSALS: AtomicUsize = AtomicUsize::new(0);
    if is_enough(&REFUSALS, answer) {
        answer.status = 403;
        answer.set("content-type", "text/html");
        answer.body = b"<h1>Access Denied</h1>".to_vec();
    }
}, "a firewall or a limit")]
#[case::a_captcha(|_: &Request, answer: &mut Answer| {
    static REFUSALS: AtomicUsize = AtomicUsize::new(0);
    if is_enough(&REFUSALS, answer) {
        answer.status = 302;
        answer.set("location", "https://captcha.example/?id=1");
    }
}, "a captcha")]
#[case::a_captcha_that_succeeds(|_: &Request, answer: &mut Answer| {
    static REFUSALS: AtomicUsize = AtomicUsize::new(0);
    if is_enough(&REFUSALS, answer) {
        answer.status = 200;
        answer.set("content-type", "text/html");
        answer.body = b"<h1>Just a moment...</h1>".to_vec();
    }
}, "a captcha")]
#[case::a_challenge(|_: &Request, answer: &mut Answer| {
    static REFUSALS: AtomicUsize = AtomicUsize::new(0);
    if is_enough(&REFUSALS, answer) {
        answer.status = 503;
        answer.body = b"Just a moment...".to_vec();
    }
}, "a challenge to browsers")]
#[tokio::test]
async fn what_others_refuse_is_not_checked(#[case] change: Change, #[case] who: &str) {
    let verified = behind(change, |name| name.starts_with("hostile::anonymous_")).await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    let run = &verified.record.run;
    assert_eq!(run.exit_status, 2, "{}", run.verdict);
    let results = verified.record.results.iter();
    let unseen = results.filter_map(|result| result.reason.as_deref());
    let unseen: Vec<&str> = unseen
        .filter(|why| why.contains("something before the API"))
        .collect();
    assert!(unseen.len() > 30, "{}: {unseen:?}", run.verdict);
    assert!(unseen.iter().all(|why| why.contains(who)), "{unseen:?}");
}

/// What is signed by a key that the API does not trust is refused for that.
#[tokio::test]
async fn what_another_key_signs_proves_nothing() {
    const TRIAL: &str = "hostile::audience_other[/planets]";
    let mut world = World::of("fixtures/org.toml", Sandbox::builder()).await;
    let other = KeyPair::generate_for(&PKCS_RSA_SHA256).expect("a key");
    world.config.profile = Profile::Standard;
    world.access.trusted_key = Some(other.serialize_pem().into());
    let here = |trial: &Trial| trial.name() == TRIAL;
    let verified = world.verify_where_at(&world.resource_server, &here).await;
    let told = told(&verified.record, TRIAL);
    assert_eq!(names(&verified, "not_checked"), [TRIAL], "{told}");
    assert!(
        told.contains("signed by the same key, is refused as well"),
        "{told}"
    );
}

/// RFC 9110 section 15.4.5: that nothing has changed is no refusal.
#[tokio::test]
async fn what_has_not_changed_is_not_refused() {
    const TRIAL: &str = "hostile::anonymous_conditional[/planets]";
    let verified = behind(
        |asked, answer| {
            if asked.header("if-none-match").is_some() && answer.status == 401 {
                answer.status = 304;
                answer.body = Vec::new();
            }
        },
        |name| name == TRIAL,
    )
    .await;
    let told = told(&verified.record, TRIAL);
    assert_eq!(names(&verified, "not_checked"), [TRIAL], "{told}");
}

/// A deploy in the middle of a run is nobody's doing.
#[tokio::test]
async fn an_api_that_is_away_for_a_moment_is_charged_to_no_request() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let verified = behind(
        |_: &Request, answer: &mut Answer| {
            if (60..66).contains(&ASKED.fetch_add(1, Ordering::Relaxed)) {
                answer.status = 502;
                answer.body = Vec::new();
            }
        },
        |name| name.starts_with("hostile::anonymous_"),
    )
    .await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    let run = &verified.record.run;
    assert_eq!(run.exit_status, 0, "{}", run.verdict);
    assert!(ASKED.load(Ordering::Relaxed) > 66);
}
