//! What an org can have otherwise, and what one sign-in may leave for the next.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use okta_e2e::browser::{Browsers, Landing, Refusal, StopPage};
use okta_e2e::totp::Totp;
use okta_sandbox::{FirstPage, NotAssigned, Options, SignInPage};
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::place::{self, Org, PASSWORD, keep_picture};

macro_rules! on_pages {
    ($($(#[$only:meta])* $page:ident: $variant:ident,)+) => {$(
        mod $page {
            use super::*;

            const PAGE: SignInPage = SignInPage::$variant;

            $(#[$only])*
            #[test]
            fn nobody_gets_the_name_of_the_user_before() {
                place::run(nobody_gets_the_name_of_the_last(PAGE));
            }

            $(#[$only])*
            #[test]
            fn a_page_that_was_left_is_not_gone_on_with() {
                place::run(a_page_that_was_left(PAGE));
            }

            $(#[$only])*
            #[test]
            fn a_code_that_was_used_is_followed_by_the_next() {
                place::run(a_used_code(PAGE));
            }

            #[rstest]
            #[case::stops(false)]
            #[case::goes_on_where_the_suite_may(true)]
            $(#[$only])*
            fn a_page_that_asks_for_consent(#[case] is_allowed: bool) {
                place::run(consent(PAGE, is_allowed));
            }

            $(#[$only])*
            #[test]
            fn who_is_not_assigned_is_sent_away() {
                place::run(not_assigned(PAGE));
            }
        }
    )+};
}

on_pages! {
    builtin: Builtin,
    #[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
    classic: Classic,
    #[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
    generation_2: Gen2,
    #[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
    generation_3: Gen3,
}

/// Pages of Identity Engine that ask for username and password at once, or tell who is not
/// assigned.
macro_rules! on_identity_engine {
    ($($(#[$only:meta])* $page:ident: $variant:ident,)+) => {$(
        #[rstest]
        #[case::anybody(Some(PASSWORD), None)]
        #[case::wrong_password(Some("wrong"), Some(Refusal::Credentials))]
        #[case::unknown_user(None, Some(Refusal::Credentials))]
        $(#[$only])*
        fn $page(#[case] password: Option<&str>, #[case] refusal: Option<Refusal>) {
            place::run(on_one_page(SignInPage::$variant, password, refusal));
        }
    )+};
}

mod on_one_page {
    use super::*;

    on_identity_engine! {
        builtin: Builtin,
        #[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
        generation_2: Gen2,
        #[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
        generation_3: Gen3,
    }
}

/// Okta's widget fills in who signed in last, and a field that is not emptied keeps that.
async fn nobody_gets_the_name_of_the_last(page: SignInPage) {
    let org = place::org(page).await;
    let mut browser = place::browsers().await.user().await.expect("a browser");
    for name in ["the-first-user", "another-user"] {
        let login = org.subscriber(name).await;
        let landing = org.sign_in_with(&mut browser, &login, PASSWORD, None).await;
        assert!(
            matches!(
                landing,
                Landing::Redirected {
                    signed_in: true,
                    ..
                }
            ),
            "{login} {landing:?}"
        );
        assert_eq!(org.subject(&landing), login);
    }
}

/// Okta's widget resumes what the tab was at if the same address is asked for again.
async fn a_page_that_was_left(page: SignInPage) {
    let org = place::org(page).await;
    let login = org.subscriber("comes-back").await;
    let mut browser = place::browsers().await.user().await.expect("a browser");
    let left = org.visit(&mut browser, None).await;
    assert!(
        matches!(
            left,
            Landing::Stopped {
                kind: StopPage::SignIn,
                ..
            }
        ),
        "{left:?}"
    );
    // The state of the answer is compared with that of the request.
    let landing = org.sign_in_with(&mut browser, &login, PASSWORD, None).await;
    assert_eq!(org.subject(&landing), login);
}

/// Somebody else's run may have used the present code a moment ago.
async fn a_used_code(page: SignInPage) {
    let org = place::org(page).await;
    let login = org.subscriber("in-a-hurry").await;
    let secret = SecretString::from(org.world.sandbox.enrol_totp(&login));
    let earlier = Totp::new(&secret).expect("a secret");
    let landing = org.sign_in(&login, PASSWORD, Some(&earlier)).await;
    assert!(matches!(landing, Landing::Redirected { .. }), "{landing:?}");
    // The second look at this clock is half a minute later, and the sandbox allows for that.
    let looks = AtomicU64::new(0);
    let clock = move || {
        let later = looks.fetch_add(1, Ordering::Relaxed).min(1) * 30;
        SystemTime::now() + Duration::from_secs(later)
    };
    let later = Totp::with_clock(&secret, clock).expect("a secret");
    let landing = org.sign_in(&login, PASSWORD, Some(&later)).await;
    assert!(matches!(landing, Landing::Redirected { .. }), "{landing:?}");
}

async fn consent(page: SignInPage, is_allowed: bool) {
    let world = place::world(page, Options::default()).await;
    let org = Org { world: &world };
    ask_for_consent(org).await;
    let login = org.subscriber("is-asked").await;
    let mut config = place::config();
    config.allows_consent = is_allowed;
    let browsers = Browsers::start(config).await.expect("a browser starts");
    let mut browser = browsers.user().await.expect("a browser");
    let landing = org.sign_in_with(&mut browser, &login, PASSWORD, None).await;
    keep_picture(page, "consent", &landing);
    if is_allowed {
        assert_eq!(org.subject(&landing), login);
    } else {
        let is_stopped = matches!(
            landing,
            Landing::Stopped {
                kind: StopPage::Consent,
                ..
            }
        );
        assert!(is_stopped, "{landing:?}");
    }
    drop(browser);
    browsers.close().await;
}

/// Makes the client one that is not trusted, and silver a scope that is not given silently.
async fn ask_for_consent(org: Org<'_>) {
    let access = &org.world.access;
    let app = format!("apps/{}", access.client_id);
    let mut client = org.manage("GET", &app, None).await;
    client["settings"]["oauthClient"]["consent_method"] = "REQUIRED".into();
    org.manage("PUT", &app, Some(client)).await;
    let server = access.issuer.rsplit('/').next().expect("an id");
    let scopes = format!("authorizationServers/{server}/scopes");
    let found = org.manage("GET", &scopes, None).await;
    let found = found.as_array().expect("scopes").iter();
    let is_silver = |scope: &&Value| scope["name"] == "http://myapp.com/scp/silver";
    let mut silver = found.clone().find(is_silver).expect("silver").clone();
    silver["consent"] = "REQUIRED".into();
    let path = format!("{scopes}/{}", silver["id"].as_str().expect("an id"));
    org.manage("PUT", &path, Some(silver)).await;
}

async fn not_assigned(page: SignInPage) {
    let org = place::org(page).await;
    let login = org.user("not-assigned", &json!([])).await;
    let landing = org.sign_in(&login, PASSWORD, None).await;
    let Landing::Redirected { url, .. } = &landing else {
        panic!("{landing:?}")
    };
    let answer = url.expose().fragment().unwrap_or_default();
    assert!(answer.contains("error=access_denied"), "{landing:?}");
    if page == SignInPage::Classic {
        return;
    }
    let options = Options {
        not_assigned: NotAssigned::SignInPage,
        ..Options::default()
    };
    let world = place::world(page, options).await;
    let org = Org { world: &world };
    let login = org.user("not-assigned", &json!([])).await;
    let landing = org.sign_in(&login, PASSWORD, None).await;
    keep_picture(page, "not-assigned", &landing);
    let Landing::Refused { kind, text, .. } = landing else {
        panic!("{landing:?}")
    };
    assert_eq!(kind, Refusal::NotAssigned);
    assert_eq!(text, "User is not assigned to this application.");
}

async fn on_one_page(page: SignInPage, password: Option<&str>, refusal: Option<Refusal>) {
    let options = Options {
        first_page: FirstPage::IdentifierAndPassword,
        ..Options::default()
    };
    let world = place::world(page, options).await;
    let org = Org { world: &world };
    let login = match password {
        Some(_) => org.subscriber("all-at-once").await,
        None => "no-such-user@example.com".to_owned(),
    };
    let landing = org
        .sign_in(&login, password.unwrap_or(PASSWORD), None)
        .await;
    keep_picture(page, "one-page", &landing);
    match (&landing, refusal) {
        (Landing::Refused { kind, .. }, Some(expected)) => assert_eq!(*kind, expected),
        _ => assert_eq!(org.subject(&landing), login),
    }
}

/// Classic Engine hides by default that a user is locked out.
#[test]
#[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
fn a_lockout_that_is_hidden_looks_like_a_wrong_password() {
    place::run(async {
        let options = Options {
            lockout_after: 1,
            ..Options::default()
        };
        let world = place::world(SignInPage::Classic, options).await;
        let org = Org { world: &world };
        let login = org.subscriber("locked-out").await;
        let landing = org.sign_in(&login, "wrong", None).await;
        let refused = matches!(
            &landing,
            Landing::Refused {
                kind: Refusal::Credentials,
                ..
            }
        );
        assert!(refused, "{landing:?}");
        let user = org.manage("GET", &format!("users/{login}"), None).await;
        assert_eq!(user["status"], "LOCKED_OUT");
    });
}
