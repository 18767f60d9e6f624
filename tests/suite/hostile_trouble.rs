//! What becomes of the API by a hostile request is charged to that request: whether it dies, fails,
//! hangs or blocks, and whether it is but late.

use okta_e2e::config::Profile;
use okta_e2e::requirements::{Severity, Trial};
use rstest::rstest;

use crate::finding_codes::codes;
use crate::hostile_requests::{HOSTILE, cases, none, of_case, world};

/// What takes the API from everybody weighs more than what makes it fail or hang for its sender.
#[rstest]
#[case::dies(
    "rs.strip-crash",
    "two_segments",
    Severity::Required,
    "the API came back"
)]
#[case::fails("rs.strip-500", "two_segments", Severity::Advised, "it fails")]
#[case::hangs(
    "rs.strip-hangs",
    "two_segments",
    Severity::Advised,
    "while a good token is answered"
)]
#[tokio::test]
async fn what_becomes_of_the_api_is_charged_to_the_case(
    #[case] fault: &str,
    #[case] case: &str,
    #[case] severity: Severity,
    #[case] said: &str,
) {
    let result = of_case(fault, case).await;
    assert!(result.is_not_met(), "{result:?}");
    assert_eq!(result.severity, severity);
    let actual = result.actual.unwrap_or_default();
    assert!(actual.contains(said), "{actual}");
}

/// A connection that stands and is answered late is that of a busy machine.
#[tokio::test]
async fn an_api_that_answers_late_is_not_dead() {
    let result = of_case("answers.slow-after-two-segments", "two_segments").await;
    assert!(result.is_met(), "{result:?}");
    let said = format!("{result:?}");
    assert!(
        said.contains("answered late (no answer within 10 s)"),
        "{said}"
    );
}

/// After an API that stays away, or a firewall that has taken notice, nothing more is sent.
#[rstest]
#[case::dead(
    "rs.strip-crash-for-good",
    Severity::Required,
    "the API is gone since hostile::",
    "hostile-took-the-api"
)]
#[case::blocked(
    "rs.blocks-after-20",
    Severity::Advised,
    "has blocked this address since hostile::",
    "hostile-blocked"
)]
#[case::blocked_by_an_error_in_the_body(
    "rs.blocks-by-error-after-20",
    Severity::Advised,
    "has blocked this address since hostile::",
    "hostile-blocked"
)]
#[tokio::test]
async fn the_lane_ends_where_good_tokens_get_nothing(
    #[case] fault: &str,
    #[case] severity: Severity,
    #[case] said: &str,
    #[case] code: &str,
) {
    let world = world(Profile::Standard).await;
    world.set_faults(None, Some(fault));
    let verified = world.verify_filtered(HOSTILE).await;
    let red: Vec<_> = verified
        .record
        .results
        .iter()
        .filter(|r| r.is_not_met())
        .collect();
    assert_eq!(red.len(), 1, "{red:?}");
    assert_eq!(red[0].severity, severity);
    assert_eq!(codes(red[0]), [code.to_owned()].into());
    let unchecked = verified
        .record
        .results
        .iter()
        .filter_map(|result| result.reason.as_ref());
    let after: Vec<_> = unchecked.filter(|reason| reason.contains(said)).collect();
    assert!(after.len() > 100, "{}", after.len());
}

/// What a rate limit answers is no answer: the request is sent again, and every case is judged.
#[tokio::test]
async fn a_rate_limit_hides_nothing() {
    let world = world(Profile::Standard).await;
    world.set_faults(None, Some("rate-limited.one-in-fifty"));
    let here = |trial: &Trial| {
        trial.id.starts_with(HOSTILE)
            && trial.id.contains("outsider_")
            && trial.name().ends_with("[/moons]")
    };
    let verified = world.verify_where(&here).await;
    assert_eq!(cases(&verified, "not_checked"), none());
    assert_eq!(cases(&verified, "not_met"), none());
    assert!(cases(&verified, "met").len() > 50);
}
