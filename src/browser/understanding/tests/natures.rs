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

#[rstest]
#[case::nothing(Instead::Nothing, "no content")]
#[case::a_file(Instead::File, "a file")]
fn what_came_in_place_of_the_next_page_is_named(#[case] instead: Instead, #[case] words: &str) {
    let case = Case {
        instead: Some(instead),
        ..Case::default()
    };
    let understood = case.understand(&NOTHING).expect("an end");
    let is = understood.known.is.unwrap_or_default();
    assert!(is.contains(words), "{is}");
}
