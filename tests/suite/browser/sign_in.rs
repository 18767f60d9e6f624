//! Signing in on the pages of all three generations.

use okta_e2e::browser::{Landing, Refusal};
use rstest::rstest;

use super::org::{Org, PASSWORD};

#[rstest]
#[case::generation_3_identifier_first("gen3")]
#[case::generation_2_on_one_page("gen2")]
#[case::classic("classic")]
#[case::another_provider("plain")]
#[case::a_form_that_says_something_beforehand("gen2-greeting")]
#[tokio::test]
async fn a_user_signs_in_and_the_fragment_is_read(#[case] page: &str) {
    let org = Org::start().await;
    let browsers = org.browsers().await;
    let landing = org
        .sign_in(&mut browsers.user().await.unwrap(), page, PASSWORD)
        .await;
    let Landing::Redirected { url, signed_in } = landing else {
        panic!("{landing:?}")
    };
    assert!(signed_in);
    assert_eq!(url.expose().fragment(), Some("access_token=abc&state=xyz"));
    assert!(!format!("{url:?}").contains("abc"));
    let usernames = &org.seen.lock().unwrap().usernames;
    // A prefilled name is replaced, not continued.
    assert!(
        usernames.iter().all(|name| name == "alice@example.com"),
        "{usernames:?}"
    );
}

#[rstest]
#[case::keep_me_signed_in("gen3-kmsi", "do-not-stay-signed-in-btn")]
#[case::expiry_warning("gen2-warning", "skip")]
#[case::optional_enrolment("gen2-enrolment", "button")]
#[tokio::test]
async fn an_optional_page_is_passed(#[case] page: &str, #[case] control: &str) {
    let org = Org::start().await;
    let browsers = org.browsers().await;
    let landing = org
        .sign_in(&mut browsers.user().await.unwrap(), page, PASSWORD)
        .await;
    assert!(matches!(landing, Landing::Redirected { .. }), "{landing:?}");
    assert_eq!(org.seen.lock().unwrap().clicked.last().unwrap(), control);
}

#[rstest]
#[case::wrong_password("gen3", "Password is incorrect", Refusal::WrongPassword)]
#[case::wrong_password_in_generation_2("gen2", "Unable to sign in", Refusal::Credentials)]
#[case::wrong_password_in_classic("classic", "Unable to sign in", Refusal::Credentials)]
#[case::locked(
    "classic",
    "Your account is locked. Please contact your administrator.",
    Refusal::LockedOut
)]
#[case::suspended_factor(
    "gen3",
    "This factor is suspended for your account due to too many failed attempts",
    Refusal::LockedOut
)]
#[case::unassigned(
    "gen3",
    "User is not assigned to this application.",
    Refusal::NotAssigned
)]
#[case::not_allowed(
    "gen2",
    "You are not allowed to access this app. To request access, contact an admin.",
    Refusal::NotAssigned
)]
#[case::not_allowed_from_elsewhere(
    "gen2",
    "You are not allowed to access this app from this device. Register it first.",
    Refusal::NotAllowed
)]
#[case::of_something_else(
    "gen3",
    "A phone is not assigned to this account. Add one to continue.",
    Refusal::Other
)]
#[case::of_another_day(
    "gen3",
    "Security notice: authentication failed 2 times since Tuesday.",
    Refusal::Other
)]
#[case::denied(
    "gen3",
    "You do not have permission to perform the requested action",
    Refusal::NotAllowed
)]
#[case::rate_limit("gen2", "Too many attempts. Try again later.", Refusal::RateLimited)]
#[case::another_provider("plain", "Incorrect username or password.", Refusal::Credentials)]
#[case::unheard_of("gen3", "The moon is in the wrong phase.", Refusal::Other)]
#[tokio::test]
async fn a_refusal_is_told_apart_and_never_tried_twice(
    #[case] page: &str,
    #[case] message: &str,
    #[case] expected: Refusal,
) {
    let org = Org::start().await;
    let browsers = org.browsers().await;
    let backwards: String = message.chars().rev().collect();
    let password = format!("refused: {backwards}");
    let landing = org
        .sign_in(&mut browsers.user().await.unwrap(), page, &password)
        .await;
    let Landing::Refused {
        kind,
        text,
        evidence,
        ..
    } = landing
    else {
        panic!("{landing:?}")
    };
    assert_eq!((kind, text.as_str()), (expected, message));
    assert_eq!(org.seen.lock().unwrap().passwords, 1);
    assert!(evidence.text.contains(message));
    assert!(
        evidence
            .screenshot_png
            .is_some_and(|png| png.starts_with(b"\x89PNG"))
    );
}

#[tokio::test]
async fn a_refused_username_is_told_from_a_refused_password() {
    let org = Org::start().await;
    let browsers = org.browsers().await;
    let mut user = browsers.user().await.unwrap();
    let landing = org.sign_in(&mut user, "gen3-unknown", PASSWORD).await;
    let Landing::Refused { kind, .. } = landing else {
        panic!("{landing:?}")
    };
    assert_eq!(kind, Refusal::UnknownUser);
    assert_eq!(org.seen.lock().unwrap().passwords, 0);
}
