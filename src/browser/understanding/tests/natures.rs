//! What is said of a page that nothing is known of.

use rstest::rstest;

use super::*;

/// A site has a field to search in, whatever else it shows.
#[rstest]
#[case::no_form_of_its_own(false, Some("shows a frame"))]
#[case::a_form_to_sign_in_with(true, None)]
fn a_frame_is_named_beside_a_field_for_something_else(
    #[case] has_form: bool,
    #[case] expected: Option<&str>,
) {
    let mut case = Case::before_anything();
    case.page.framed = true;
    case.page.asks = true;
    // One that another form keeps from being used.
    case.page.settling = has_form;
    let understood = case.understand(&NOTHING).expect("an end");
    let is = understood
        .known
        .is
        .map(|is| is.starts_with("shows a frame"));
    assert_eq!(is, expected.map(|_| true));
}

/// After something was submitted, or by itself.
#[rstest]
#[case::nothing(Instead::Nothing, 1.0, "what was submitted with no content")]
#[case::a_file(Instead::File, 1.0, "what was submitted with a file")]
#[case::never(Instead::Never, 1.0, "leads to no page")]
#[case::nothing_by_itself(Instead::Nothing, 0.0, "leads to no page")]
#[case::a_file_by_itself(Instead::File, 0.0, "leads to no page")]
fn what_came_in_place_of_the_next_page_is_named(
    #[case] instead: Instead,
    #[case] acted_at: f64,
    #[case] words: &str,
) {
    let mut case = Case {
        instead: Some(instead),
        ..Case::default()
    };
    case.page.acted_at = acted_at;
    // Before it leads on, a page may show nothing.
    case.page.blank = acted_at <= 0.0;
    let understood = case.understand(&NOTHING).expect("an end");
    let is = understood.known.is.unwrap_or_default();
    assert!(is.contains(words), "{is}");
}

#[test]
fn a_question_in_a_dialog_is_named() {
    let case = Case {
        asks_in_dialog: true,
        ..Case::default()
    };
    let understood = case.understand(&NOTHING).expect("an end");
    assert!(
        understood
            .known
            .is
            .is_some_and(|is| is.contains("in a dialog"))
    );
}

#[test]
fn a_form_that_is_not_known_to_sign_in_is_named() {
    let mut case = Case::before_anything();
    case.page.asks = true;
    case.page.doubtful = true;
    let understood = case.understand(&NOTHING).expect("an end");
    assert!(
        understood
            .known
            .is
            .is_some_and(|is| is.contains("not known to be one to sign in"))
    );
}

/// What a page waits for, and what stands before the org, is no page that asks somebody something.
#[rstest]
#[case::waits(
    0,
    Some("org.example/what/comes/next"),
    "waits for an answer of the org"
)]
#[case::checks_browsers(403, None, "which checks browsers")]
#[case::both(403, Some("org.example/check"), "which checks browsers")]
#[case::neither(200, None, "")]
fn a_page_that_is_given_up_says_why(
    #[case] status: u16,
    #[case] waits_for: Option<&str>,
    #[case] words: &str,
) {
    let understood = Case::before_anything()
        .situation()
        .given_up(&Heard::Pending);
    let understood = understood.given_up_with(status, waits_for.map(str::to_owned));
    let is = understood.known.is.unwrap_or_default();
    assert!(is.contains(words), "{is}");
    assert_eq!(is.is_empty(), words.is_empty(), "{is}");
    let change = understood.known.change.unwrap_or_default();
    assert_eq!(change.contains("by hand"), words.is_empty(), "{change}");
}

/// A firewall's page in the place of the org's JSON.
#[test]
fn a_page_that_was_answered_by_something_else_says_so() {
    let answer = Answer::read("2", 403, "<!doctype html><title>Request blocked</title>");
    let understood = Case::default().understand(&fresh(answer)).expect("an end");
    let is = understood.known.is.unwrap_or_default();
    assert!(is.contains("something else answered in its place"), "{is}");
    assert!(understood.known.keys.contains(&"http:403".to_owned()));
}
