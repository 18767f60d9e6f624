//! Good tokens that are refused: because they have ended, because their user is locked, or by what
//! stands before the API. Each has its own cause, and only one of them is a block.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use okta_e2e::requirements::Severity;
use rstest::rstest;
use serde_json::Value;

use crate::before_the_api::behind;
use crate::support::front::{Answer, Change, Request};
use crate::support::scenario::told;
use crate::support::world::names;

const READS: &str = "access::silver_reads_planets[silver]";

/// Whose token it is.
fn sub(asked: &Request) -> String {
    let token = asked.header("authorization").unwrap_or_default();
    let payload = token.split('.').nth(1).unwrap_or_default();
    let payload = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    let payload: Value = serde_json::from_slice(&payload).unwrap_or_default();
    payload["sub"].to_string()
}

/// Whether a good token comes after so many others.
fn is_late(count: &AtomicUsize, answer: &Answer) -> bool {
    answer.status == 200 && count.fetch_add(1, Ordering::Relaxed) >= 40
}

#[tokio::test]
async fn tokens_that_have_ended_are_no_block() {
    let verified = behind(
        |_, answer| {
            static GOOD: AtomicUsize = AtomicUsize::new(0);
            if is_late(&GOOD, answer) {
                answer.status = 401;
                answer.set("www-authenticate", "Bearer error=\"invalid_token\"");
                answer.body = Vec::new();
            }
        },
        |name| name.starts_with("hostile::anonymous_"),
    )
    .await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    assert_eq!(verified.record.run.exit_status, 2);
    let results = verified.record.results.iter();
    let reasons = results.filter_map(|result| result.reason.as_deref());
    let ended = reasons.filter(|why| why.contains("every good token of the run is answered 401"));
    assert!(ended.count() > 30);
}

/// Nobody is blocked but the user whose tokens were forged.
#[tokio::test]
async fn a_user_who_is_locked_is_no_block_of_the_address() {
    let verified = behind(
        |asked, answer| {
            static GOOD: AtomicUsize = AtomicUsize::new(0);
            static LOCKED: OnceLock<String> = OnceLock::new();
            let user = sub(asked);
            if is_late(&GOOD, answer) && *LOCKED.get_or_init(|| user.clone()) == user {
                answer.status = 403;
                answer.body = br#"{"error":"account_locked"}"#.to_vec();
            }
        },
        |name| name.starts_with("hostile::anonymous_") && name.ends_with("[/planets]"),
    )
    .await;
    let unmet = names(&verified, "not_met");
    assert_eq!(unmet.len(), 1, "{unmet:?}");
    let told = told(&verified.record, &unmet[0]);
    assert!(told.contains("another user's is let in"), "{told}");
    assert!(told.contains("locks that user out"), "{told}");
    let mut results = verified.record.results.iter();
    let found = results.find(|result| result.is_not_met()).expect("it");
    assert_eq!(found.severity, Severity::Advised);
    assert!(names(&verified, "met").len() > 30);
}

#[rstest]
#[case::a_firewall(
    |_: &Request, answer: &mut Answer| {
        static REFUSED: AtomicUsize = AtomicUsize::new(0);
        let is_one_more = answer.status == 401 && REFUSED.fetch_add(1, Ordering::Relaxed) > 2;
        if is_one_more || REFUSED.load(Ordering::Relaxed) > 3 {
            answer.status = 403;
            answer.headers.clear();
            answer.set("content-type", "text/html");
            answer.body = b"<h1>Access Denied</h1>".to_vec();
        }
    },
    "something before the API, such as a firewall"
)]
#[case::a_cache(
    |asked: &Request, answer: &mut Answer| {
        if asked.is_to("/planets") {
            answer.status = 401;
            answer.set("age", "1");
            answer.body = Vec::new();
        }
    },
    "a cache before the API refuses"
)]
#[tokio::test]
async fn what_refuses_in_the_place_of_the_api_is_named(#[case] change: Change, #[case] says: &str) {
    let verified = behind(change, |name| name.starts_with("access::")).await;
    let told = told(&verified.record, READS);
    assert!(told.contains(says), "{told}");
}

/// All users locked: what the API says of it is the only thing that tells why.
#[tokio::test]
async fn what_a_refusal_of_every_good_token_says_is_shown() {
    let verified = behind(
        |_, answer| {
            static GOOD: AtomicUsize = AtomicUsize::new(0);
            if answer.status == 200 && GOOD.fetch_add(1, Ordering::Relaxed) >= 4 {
                answer.status = 403;
                answer.body = br#"{"error":"account_locked"}"#.to_vec();
            }
        },
        |name| name.starts_with("access::") || name == "hostile::anonymous_again[/planets]",
    )
    .await;
    let results = verified.record.results.iter();
    let mut reasons = results.filter_map(|result| result.reason.as_deref());
    let says = reasons.any(|why| why.contains("answers 403 (`{\"error\":\"account_locked\"}`)"));
    assert!(says, "{:?}", names(&verified, "not_checked"));
}
