//! Pages that end a visit without a redirect.

use std::time::Duration;

use okta_e2e::browser::{BrowserError, Browsers, Landing, StopPage};
use rstest::rstest;

use super::org::{Org, PASSWORD};

#[rstest]
#[case::old(
    "old_error",
    "Your request resulted in an error.",
    "invalid_request",
    "The 'redirect_uri'"
)]
#[case::themed("themed_error", "Bad Request", "400", "The client is unknown.")]
#[tokio::test]
async fn an_error_page_is_read(
    #[case] page: &str,
    #[case] expected_heading: &str,
    #[case] expected_code: &str,
    #[case] expected_description: &str,
) {
    let org = Org::start().await;
    let browsers = org.browsers().await;
    let landing = org
        .sign_in(&mut browsers.user().await.unwrap(), page, PASSWORD)
        .await;
    let Landing::ErrorPage {
        heading,
        code,
        description,
        evidence,
    } = landing
    else {
        panic!("{landing:?}")
    };
    assert_eq!(heading, expected_heading);
    assert_eq!(code.as_deref(), Some(expected_code));
    assert!(description.unwrap().starts_with(expected_description));
    assert!(
        evidence.url.ends_with("/authorize?page=…&redirect_uri=…"),
        "{}",
        evidence.url
    );
}

#[rstest]
#[case::expired_password("expired", StopPage::ExpiredPassword, "Your Okta password has expired")]
#[case::enrolment("enrolment", StopPage::Enrolment, "Set up security methods")]
#[case::second_factor(
    "second_factor",
    StopPage::SecondFactor,
    "Verify with Google Authenticator"
)]
#[case::consent("consent", StopPage::Consent, "Native client")]
#[case::inactivity("inactive", StopPage::RequestExpired, "Sandbox")]
#[tokio::test]
async fn a_page_no_robot_may_pass_stops_it(
    #[case] page: &str,
    #[case] expected: StopPage,
    #[case] expected_heading: &str,
) {
    let org = Org::start().await;
    let browsers = org.browsers().await;
    let landing = org
        .sign_in(&mut browsers.user().await.unwrap(), page, PASSWORD)
        .await;
    let Landing::Stopped { kind, heading, .. } = landing else {
        panic!("{landing:?}")
    };
    assert_eq!((kind, heading.as_str()), (expected, expected_heading));
}

#[tokio::test]
async fn a_page_of_no_known_kind_stops_with_what_it_shows() {
    let org = Org::start().await;
    let mut config = org.config();
    config.step_timeout = Duration::from_millis(700);
    let browsers = Browsers::start(config).await.unwrap();
    let landing = org
        .sign_in(&mut browsers.user().await.unwrap(), "unknown", PASSWORD)
        .await;
    let Landing::Stopped {
        kind: StopPage::Unknown,
        heading,
        evidence,
        ..
    } = landing
    else {
        panic!("{landing:?}")
    };
    assert_eq!(heading, "Pick a tenant");
    assert!(evidence.text.contains("We are not a page anyone knows."));
}

#[tokio::test]
async fn a_sign_in_page_without_credentials_stops() {
    let org = Org::start().await;
    let browsers = org.browsers().await;
    let url = org.authorize_url("gen3");
    let landing = org
        .open(&mut browsers.user().await.unwrap(), &url)
        .await
        .unwrap();
    let Landing::Stopped { kind, .. } = landing else {
        panic!("{landing:?}")
    };
    assert_eq!(kind, StopPage::SignIn);
}

#[tokio::test]
async fn a_server_that_never_answers_times_out_and_the_next_user_is_served() {
    let org = Org::start().await;
    let mut config = org.config();
    config.step_timeout = Duration::from_millis(700);
    let browsers = Browsers::start(config).await.unwrap();
    let url = org.authorize_url("hang");
    let error = org
        .open(&mut browsers.user().await.unwrap(), &url)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("for a page of http://127.0.0.1"),
        "{error}"
    );
    let BrowserError::Timeout {
        evidence: Some(evidence),
        ..
    } = error
    else {
        panic!("{error:?}")
    };
    assert!(evidence.screenshot_png.is_some(), "{evidence:?}");
    let landing = org
        .sign_in(&mut browsers.user().await.unwrap(), "redirect", PASSWORD)
        .await;
    assert!(
        matches!(
            landing,
            Landing::Redirected {
                signed_in: false,
                ..
            }
        ),
        "{landing:?}"
    );
}

/// A browser still shows where the visit before ended, as the next one begins.
#[rstest]
#[case::at_the_stand_in(None)]
#[case::at_an_unreachable_address(Some("https://client.invalid/cb"))]
#[tokio::test]
async fn the_end_of_one_visit_is_none_of_the_next(#[case] redirect_uri: Option<&str>) {
    let mut org = Org::start().await;
    if let Some(redirect_uri) = redirect_uri {
        org.redirect_uri = redirect_uri.parse().unwrap();
    }
    let mut config = org.config();
    config.step_timeout = Duration::from_secs(3);
    let browsers = Browsers::start(config).await.unwrap();
    let mut user = browsers.user().await.unwrap();
    let landing = org.sign_in(&mut user, "redirect", PASSWORD).await;
    assert!(matches!(landing, Landing::Redirected { .. }), "{landing:?}");
    let error = org
        .open(&mut user, &org.authorize_url("hang"))
        .await
        .unwrap_err();
    assert!(matches!(error, BrowserError::Timeout { .. }), "{error:?}");
}

#[tokio::test]
async fn a_page_that_keeps_the_browser_busy_does_not_keep_the_next_user_waiting() {
    let org = Org::start().await;
    let mut config = org.config();
    config.step_timeout = Duration::from_millis(700);
    let browsers = Browsers::start(config).await.unwrap();
    let url = org.authorize_url("busy");
    let error = org
        .open(&mut browsers.user().await.unwrap(), &url)
        .await
        .unwrap_err();
    assert!(matches!(error, BrowserError::Timeout { .. }), "{error:?}");
    let landing = org
        .sign_in(&mut browsers.user().await.unwrap(), "redirect", PASSWORD)
        .await;
    assert!(matches!(landing, Landing::Redirected { .. }), "{landing:?}");
}

#[tokio::test]
async fn an_org_that_is_down_is_unreachable() {
    let org = Org::start().await;
    let browsers = org.browsers().await;
    let url = "http://org.invalid/authorize?client_id=secret"
        .parse()
        .unwrap();
    let error = org
        .open(&mut browsers.user().await.unwrap(), &url)
        .await
        .unwrap_err();
    assert!(
        matches!(error, BrowserError::Unreachable { .. }),
        "{error:?}"
    );
    assert!(!error.to_string().contains("secret"), "{error}");
}
