//! What is understood of a page by its form and its words.

use rstest::rstest;

use super::*;

const SUBMITTED: Fields = Fields {
    username: true,
    password: true,
    code: false,
};

fn saying(text: &str) -> Page {
    Page {
        alerts: vec![text.to_owned()],
        ..Page::default()
    }
}

/// In a session that is there, nobody's password is refused.
#[rstest]
#[case::nothing(Asked::Nothing, Verdict::Wait)]
#[case::earlier(Asked::Earlier, Verdict::Wait)]
#[case::now(
    Asked::Now,
    Verdict::Refused(Refusal::Credentials, "Unable to sign in to the VPN".to_owned())
)]
fn a_password_is_refused_where_it_was_typed(#[case] asked: Asked, #[case] verdict: Verdict) {
    let page = saying("Unable to sign in to the VPN");
    assert_eq!(page.by_words(SUBMITTED, Means::default(), asked), verdict);
}

/// A notice above a form that is still to settle is no answer to anything.
#[test]
fn a_form_that_settles_is_waited_for_whatever_stands_above_it() {
    let page = Page {
        settling: true,
        ..saying("Access denied from 22:00 to 23:00")
    };
    assert_eq!(page.by_form(Fields::NONE), Some(Verdict::Wait));
}

#[rstest]
#[case::a_form(true, Verdict::Wait)]
#[case::nothing_to_fill_in(false, Verdict::Stopped(StopPage::HttpError(401)))]
fn a_form_that_came_with_an_error_status_is_waited_for(
    #[case] has_form: bool,
    #[case] verdict: Verdict,
) {
    let page = Page {
        loaded: true,
        status: 401,
        username: has_form,
        password: has_form,
        ..Page::default()
    };
    assert_eq!(
        page.by_words(SUBMITTED, Means::default(), Asked::Now),
        verdict
    );
}

#[rstest]
#[case::loading("Loading…")]
#[case::cookies("We use cookies. Accept")]
#[case::a_mail("We sent an email to t***@example.com.")]
#[case::a_push("Push notification sent")]
#[case::in_german("Anmeldung fehlgeschlagen")]
fn an_alert_of_unknown_words_is_no_refusal(#[case] text: &str) {
    let page = Page {
        alerts: vec![text.to_owned()],
        ..Page::default()
    };
    assert_eq!(
        page.by_words(SUBMITTED, Means::default(), Asked::Now),
        Verdict::Wait
    );
}

#[test]
fn what_is_said_in_passing_refuses_in_known_words_alone() {
    let saying = |text: &str| Page {
        remarks: vec![text.to_owned()],
        ..Page::default()
    };
    let verdict = |text| saying(text).by_words(SUBMITTED, Means::default(), Asked::Now);
    let text = "Incorrect username or password.";
    let refused = Verdict::Refused(Refusal::Credentials, text.to_owned());
    assert_eq!(verdict(text), refused);
    assert_eq!(verdict("We sent an email."), Verdict::Wait);
}

#[test]
fn nothing_is_a_refusal_before_something_was_submitted() {
    let page = Page {
        alerts: vec!["Your account is locked.".to_owned()],
        ..Page::default()
    };
    let verdict = page.by_words(Fields::NONE, Means::default(), Asked::Nothing);
    assert_eq!(verdict, Verdict::Wait);
}

/// "Set up" above the widget is what the brand says.
#[test]
fn a_heading_alone_makes_no_page_one_to_set_something_up() {
    let page = Page {
        heading: "Set up your new laptop".to_owned(),
        ..Page::default()
    };
    let verdict = page.by_words(SUBMITTED, Means::default(), Asked::Now);
    assert_eq!(verdict, Verdict::Wait);
}

#[test]
fn the_factor_of_a_classic_page_is_in_its_address() {
    let page = Page {
        href: "https://example.okta.com/signin/verify/google/token%3Asoftware%3Atotp?x=1".into(),
        ..Page::default()
    };
    assert_eq!(page.route().as_deref(), Some("google/token:software:totp"));
}
