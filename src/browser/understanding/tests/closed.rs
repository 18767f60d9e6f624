//! A known page that lets nobody in, yet or at all.

use rstest::rstest;

use super::*;

/// Fields that a script opens at once, or a veil that it takes away, are no reason to stop.
#[rstest]
#[case::open(false, false, true)]
#[case::closed(true, false, false)]
#[case::covered(false, true, false)]
fn a_form_that_may_open_yet_is_waited_for(
    #[case] is_closed: bool,
    #[case] is_covered: bool,
    #[case] is_stop: bool,
) {
    let identify = heard(&["remediation:identify"]);
    let mut case = Case::before_anything();
    case.page.closed_for_now = is_closed;
    case.page.covered = is_covered;
    case.still = CONTRACT;
    assert_eq!(case.verdict(&identify).is_some(), is_stop);
    case.still = LONG_AGO;
    assert!(matches!(case.verdict(&identify), Some(Verdict::Stopped(_))));
}

/// Neither a cookie banner nor a list over it is what the form asks for.
#[rstest]
#[case::covered(true, "covers its form with something else")]
#[case::open(false, "asks for the username")]
fn a_form_that_something_covers_is_named(#[case] is_covered: bool, #[case] is: &str) {
    let mut case = Case::before_anything();
    case.page.covered = is_covered;
    case.still = LONG_AGO;
    let understood = case.understand(&heard(&["remediation:identify"]));
    assert_eq!(understood.and_then(|it| it.known.is), Some(is));
}

#[test]
fn what_is_said_before_anything_was_submitted_refuses_nobody() {
    let denied = heard(&["message:security.access_denied"]);
    let refused = Case::default().verdict(&denied);
    assert!(
        matches!(refused, Some(Verdict::Refused(Refusal::NotAllowed, _))),
        "{refused:?}"
    );
    let closed = Case::before_anything().verdict(&denied);
    assert_eq!(closed, Some(stopped(StopPage::Closed)));
}
