//! APIs that decide the same otherwise from one time to the next, or by something that many hostile
//! requests have in common: one cause is named, and the right one.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use okta_e2e::report::causes;
use rstest::rstest;

use crate::before_the_api::behind;
use crate::support::front::{Answer, Change, Request};
use crate::support::scenario::told;
use crate::support::world::names;

const PLANETS: &str = r#"["mercury","venus","earth","mars","jupiter","saturn","uranus","neptune"]"#;
const MOONS: &str =
    r#"["adrastea","amalthea","callisto","europa","ganymede","io","metis","thebe"]"#;

fn give(answer: &mut Answer, body: &str) {
    answer.status = 200;
    answer.body = body.into();
}

/// Whether one of three answers is another server's, beginning with this one.
fn is_of_another_server(count: &AtomicUsize) -> bool {
    count.fetch_add(1, Ordering::Relaxed).is_multiple_of(3)
}

#[rstest]
#[case::in_the_access_matrix(
    |asked: &Request, answer: &mut Answer| {
        static REFUSED: AtomicUsize = AtomicUsize::new(0);
        if answer.status == 403 && asked.is_to("/moons") && is_of_another_server(&REFUSED) {
            give(answer, MOONS);
        }
    },
    "access::silver_is_refused_moons[silver]"
)]
#[case::at_a_hostile_request(
    |asked: &Request, answer: &mut Answer| {
        static REFUSED: AtomicUsize = AtomicUsize::new(0);
        let is_hostile = asked.target.contains("debug=true");
        if is_hostile && asked.is_to("/planets") && is_of_another_server(&REFUSED) {
            give(answer, PLANETS);
        }
    },
    "hostile::anonymous_flags_in_the_query[/planets]"
)]
#[tokio::test]
async fn servers_that_differ_are_the_cause(#[case] change: Change, #[case] trial: &str) {
    let verified = behind(change, |name| name == trial).await;
    let told = told(&verified.record, trial);
    assert_eq!(names(&verified, "not_met"), [trial], "{told}");
    assert!(
        told.contains("servers behind one address may differ"),
        "{told}"
    );
}

/// What is let in each time is no matter of servers.
#[tokio::test]
async fn what_is_given_each_time_has_a_cause_of_its_own() {
    const TRIAL: &str = "hostile::anonymous_flags_in_the_query[/planets]";
    let verified = behind(
        |asked, answer| {
            if asked.target.contains("debug=true") && asked.is_to("/planets") {
                give(answer, PLANETS);
            }
        },
        |name| name == TRIAL,
    )
    .await;
    let told = told(&verified.record, TRIAL);
    assert!(
        told.contains("decide by the path and the token alone"),
        "{told}"
    );
}

/// What hostile requests are sent by writes the names of headers as people do.
fn is_by_hostile_lane(asked: &Request) -> bool {
    asked.headers.iter().any(|(name, _)| name == "User-Agent")
}

#[tokio::test]
async fn what_asks_for_no_token_by_one_version_of_http_is_one_cause() {
    let verified = behind(
        |asked, answer| {
            if is_by_hostile_lane(asked) && asked.is_to("/planets") {
                give(answer, PLANETS);
            }
        },
        |name| name.starts_with("hostile::") && name.ends_with("[/planets]"),
    )
    .await;
    let unmet = names(&verified, "not_met").len();
    assert!(unmet > 100, "{unmet}");
    let causes = causes(&verified.record.results);
    let fixes = causes.iter().map(|cause| cause[0].fix.as_ref());
    let fixes: Vec<_> = fixes.map(|fix| fix.map(|fix| &fix.admin_console)).collect();
    assert_eq!(fixes.len(), 1, "{fixes:#?}");
}

/// Whether a token says more than was signed.
fn is_tampered(asked: &Request) -> bool {
    let token = asked.header("authorization").unwrap_or_default();
    let payload = token.split('.').nth(1).unwrap_or_default();
    let payload = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    String::from_utf8_lossy(&payload).contains("tampered")
}

/// The same decision is kept for both endpoints, and shows at one of them before a good token came.
#[tokio::test]
async fn a_decision_that_is_kept_is_one_cause_at_all_endpoints() {
    const TRIAL: &str = "access::a_tampered_token_is_refused";
    let verified = behind(
        |asked, answer| {
            static AT_MOONS: AtomicUsize = AtomicUsize::new(0);
            if !is_tampered(asked) {
                return;
            }
            if asked.is_to("/planets") {
                give(answer, PLANETS);
            } else if AT_MOONS.fetch_add(1, Ordering::Relaxed) > 0 {
                give(answer, MOONS);
            }
        },
        |name| {
            let nothing = "access::a_request_without_token_is_refused";
            name.starts_with(TRIAL) || name.starts_with(nothing)
        },
    )
    .await;
    assert_eq!(names(&verified, "not_met").len(), 2);
    for endpoint in ["/planets", "/moons"] {
        let told = told(&verified.record, &format!("{TRIAL}[{endpoint}]"));
        assert!(
            told.contains("keeps what it decided of one token"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn what_is_no_token_and_let_in_has_a_cause_of_its_own() {
    const TRIAL: &str = "access::garbage_for_a_token_is_refused[/planets]";
    let verified = behind(
        |asked, answer| {
            let token = asked.header("authorization").unwrap_or_default();
            if token.contains("garbage") && asked.is_to("/planets") {
                give(answer, PLANETS);
            }
        },
        |name| name == TRIAL || name == "access::a_request_without_token_is_refused[/planets]",
    )
    .await;
    let told = told(&verified.record, TRIAL);
    assert_eq!(names(&verified, "not_met"), [TRIAL], "{told}");
    assert!(told.contains("what is no token at all is let in"), "{told}");
}

/// A refusal that holds the data each time is the same each time.
#[tokio::test]
async fn data_beside_each_refusal_are_no_matter_of_servers() {
    const TRIAL: &str = "hostile::anonymous_flags_in_the_query[/planets]";
    let verified = behind(
        |asked, answer| {
            if asked.target.contains("debug=true") && asked.is_to("/planets") {
                answer.body = PLANETS.into();
            }
        },
        |name| name == TRIAL,
    )
    .await;
    let told = told(&verified.record, TRIAL);
    assert_eq!(names(&verified, "not_met"), [TRIAL], "{told}");
    assert!(!told.contains("servers behind one address"), "{told}");
}

/// What is let in once some others were refused is let in by no fault of what each tries.
#[tokio::test]
async fn what_opens_after_some_refusals_is_one_cause() {
    let verified = behind(
        |asked, answer| {
            static REFUSED: AtomicUsize = AtomicUsize::new(0);
            let is_refused = answer.status == 403 && asked.is_to("/moons");
            if is_refused && REFUSED.fetch_add(1, Ordering::Relaxed) > 8 {
                give(answer, MOONS);
            }
        },
        |name| name.starts_with("hostile::outsider_") && name.ends_with("[/moons]"),
    )
    .await;
    let unmet = names(&verified, "not_met").len();
    assert!(unmet > 30, "{unmet}");
    let causes = causes(&verified.record.results);
    let told = told(&verified.record, &causes[0][0].name);
    assert!(told.contains("refused at first and let in later"), "{told}");
    assert_eq!(causes.len(), 1, "{told}");
}

/// What was decided of a token at one path is taken for another, once it was let in there.
#[tokio::test]
async fn a_decision_that_is_kept_for_another_path_is_said_to_be() {
    const TRIAL: &str = "access::silver_is_refused_moons[silver]";
    let verified = behind(
        |asked, answer| {
            static LET_IN: AtomicUsize = AtomicUsize::new(0);
            if asked.is_to("/planets") && answer.status == 200 {
                LET_IN.fetch_add(1, Ordering::Relaxed);
            } else if answer.status == 403 && LET_IN.load(Ordering::Relaxed) > 0 {
                give(answer, MOONS);
            }
        },
        |name| name == TRIAL || name == "access::a_request_without_token_is_refused[/moons]",
    )
    .await;
    let told = told(&verified.record, TRIAL);
    assert_eq!(names(&verified, "not_met"), [TRIAL], "{told}");
    assert!(
        told.contains("keep what it decides by path and method too"),
        "{told}"
    );
}

/// An authorizer that allows one path and keeps that for the token refuses it at all others.
#[tokio::test]
async fn a_good_token_that_was_decided_on_elsewhere_is_no_matter_of_settings() {
    const TRIAL: &str = "access::gold_reads_planets[silver and gold]";
    let verified = behind(
        |asked, answer| {
            if asked.is_to("/planets") && answer.status == 200 {
                answer.status = 403;
                answer.body = br#"{"Message":"explicit deny"}"#.into();
            }
        },
        |name| name == TRIAL || name == "access::gold_reads_moons[silver and gold]",
    )
    .await;
    let told = told(&verified.record, TRIAL);
    assert_eq!(names(&verified, "not_met"), [TRIAL], "{told}");
    assert!(
        told.contains("keep its decision for the token alone"),
        "{told}"
    );
}

/// Whoever is not on a list of those who may not is let in: one mistake, whatever scopes are made up.
#[tokio::test]
async fn tokens_of_no_scope_that_are_let_in_explain_those_of_other_scopes() {
    const MADE_UP: &str = "hostile::scope_longer[/moons]";
    let verified = behind(
        |asked, answer| {
            let token = asked.header("authorization").unwrap_or_default();
            let payload = token.split('.').nth(1).unwrap_or_default();
            let payload = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
            let is_silver = String::from_utf8_lossy(&payload).contains("scp/silver\"");
            if asked.is_to("/moons") && answer.status == 403 && !is_silver {
                give(answer, MOONS);
            }
        },
        |name| name == MADE_UP || name == "access::silver_is_refused_moons[openid alone]",
    )
    .await;
    let told = told(&verified.record, MADE_UP);
    assert_eq!(names(&verified, "not_met").len(), 2, "{told}");
    assert_eq!(causes(&verified.record.results).len(), 1, "{told}");
    assert!(
        told.contains("a token without the scope as it is"),
        "{told}"
    );
}

/// An API that lets other tokens in reads their scopes, whatever it says of this one.
#[tokio::test]
async fn a_scope_that_is_missing_by_a_kept_decision_is_no_matter_of_its_claim() {
    const TRIAL: &str = "access::silver_reads_planets[silver]";
    const OTHER: &str = "access::gold_reads_planets[silver and gold]";
    let verified = behind(
        |asked, answer| {
            let token = asked.header("authorization").unwrap_or_default();
            let payload = token.split('.').nth(1).unwrap_or_default();
            let payload = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
            let is_gold = String::from_utf8_lossy(&payload).contains("scp/gold");
            if asked.is_to("/planets") && answer.status == 200 && !is_gold {
                answer.status = 403;
                answer.set("www-authenticate", r#"Bearer error="insufficient_scope""#);
                answer.body = b"{}".into();
            }
        },
        |name| name == TRIAL || name == OTHER || name == "access::silver_is_refused_moons[silver]",
    )
    .await;
    let told = told(&verified.record, TRIAL);
    assert_eq!(names(&verified, "not_met"), [TRIAL], "{told}");
    assert!(
        told.contains("keep its decision for the token alone"),
        "{told}"
    );
}
