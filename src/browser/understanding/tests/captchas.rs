//! A captcha that was not solved is what the page asks for, and refuses nobody.

use rstest::rstest;

use super::*;

/// A captcha is what the page asks for, in whatever key or words it says so.
#[rstest]
#[case::by_a_key_that_nobody_knows(&["remediation:identify", "message:captcha.not.verified"], "")]
#[case::by_its_words(&["message:of.its.own"], "CAPTCHA cannot be verified. Try again.")]
#[case::in_another_language(&["message:of.its.own"], "Das Captcha konnte nicht gelöst werden.")]
fn a_captcha_that_was_not_solved_refuses_nobody(#[case] keys: &[&str], #[case] alert: &str) {
    let mut case = Case::default();
    case.page
        .alerts
        .extend((!alert.is_empty()).then(|| alert.to_owned()));
    let understood = case.understand(&heard(keys)).expect("a page");
    assert_eq!(understood.verdict, stopped(StopPage::Captcha));
    let known = understood.known;
    assert_eq!(known.is, Some("wants a captcha to be solved"));
    assert!(
        known
            .change
            .is_some_and(|change| change.contains("turn CAPTCHA off"))
    );
}

#[test]
fn a_captcha_is_named_by_its_words_alone() {
    let mut case = Case::default();
    case.page.alerts.push("Captcha: try again".to_owned());
    let understood = case.understand(&NOTHING).expect("a page");
    assert_eq!(understood.verdict, stopped(StopPage::Captcha));
}
