//! The table: what a user meets, and where that ends on each page.

use okta_e2e::browser::{Landing, Refusal, StopPage};
use okta_e2e::totp::Totp;
use okta_sandbox::{Detour, SignInPage};
use rstest::rstest;
use secrecy::SecretString;

use super::place::{self, Org, PASSWORD, keep_picture};

/// What is the matter with the user, or how they sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Anybody,
    /// Types a wrong password.
    Mistaken,
    Unknown,
    /// Put into this state by `lifecycle/…` of the Management API.
    State(&'static str),
    /// After so many wrong passwords.
    LockedOut,
    Meets(Detour),
    /// Has an authenticator app.
    WithApp,
    /// Has an authenticator app of another user.
    WithForeignApp,
    /// Has one, and the suite does not.
    WithoutApp,
    /// Has one, and mail: one of them is to be chosen.
    WithAppAndMail,
    /// Has both, and the suite has neither.
    WithMailAlone,
    /// Was asked for a password, and has none.
    Nobody,
}

/// Where the visit ends.
#[derive(Debug, PartialEq, Eq)]
enum End {
    SignedIn,
    Refused(Refusal),
    Stopped(StopPage),
}

use End::{Refused, SignedIn, Stopped};

macro_rules! on_pages {
    ($($(#[$only:meta])* $page:ident: $variant:ident,)+) => {$(
        mod $page {
            use super::*;

            #[rstest]
            #[case::anybody(Who::Anybody, SignedIn)]
            #[case::wrong_password(Who::Mistaken, Refused(Refusal::WrongPassword))]
            #[case::unknown_user(Who::Unknown, Refused(Refusal::UnknownUser))]
            #[case::suspended(Who::State("suspend"), Refused(Refusal::UnknownUser))]
            #[case::locked_out(Who::LockedOut, Refused(Refusal::LockedOut))]
            #[case::password_expired(Who::State("expire_password"), Stopped(StopPage::ExpiredPassword))]
            #[case::password_expires_soon(Who::Meets(Detour::ExpiryWarning), SignedIn)]
            #[case::access_denied(Who::Meets(Detour::AccessDenied), Refused(Refusal::NotAllowed))]
            #[case::rate_limited(Who::Meets(Detour::RateLimited), Refused(Refusal::RateLimited))]
            #[case::request_expired(Who::Meets(Detour::Expired), Stopped(StopPage::RequestExpired))]
            #[case::code(Who::WithApp, SignedIn)]
            #[case::wrong_code(Who::WithForeignApp, Refused(Refusal::WrongCode))]
            #[case::code_without_an_app(Who::WithoutApp, Stopped(StopPage::SecondFactor))]
            #[case::choice_of_a_factor(Who::WithAppAndMail, SignedIn)]
            #[case::choice_without_an_app(Who::WithMailAlone, Stopped(StopPage::SecondFactor))]
            #[case::enrolment_that_may_wait(Who::Meets(Detour::OptionalEnrolment), SignedIn)]
            #[case::enrolment(Who::Meets(Detour::Enrolment), Stopped(StopPage::Enrolment))]
            #[case::unknown_page(Who::Meets(Detour::UnknownPage), Stopped(StopPage::Unknown))]
            #[case::keep_me_signed_in(Who::Meets(Detour::KeepMeSignedIn), SignedIn)]
            #[case::nobody(Who::Nobody, Stopped(StopPage::SignIn))]
            $(#[$only])*
            fn a_sign_in_ends_as_it_should(#[case] who: Who, #[case] end: End) {
                place::run(check(SignInPage::$variant, who, end));
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

/// Classic Engine asks for both at once, and says of an unknown user what it says of a wrong
/// password. The page that nobody knows is its recovery question, by its field a security question:
/// another proof than the password, which is named as such.
fn on_page(page: SignInPage, end: End) -> End {
    match (page, end) {
        (SignInPage::Classic, Refused(Refusal::UnknownUser | Refusal::WrongPassword)) => {
            Refused(Refusal::Credentials)
        }
        (SignInPage::Classic, Stopped(StopPage::Unknown)) => Stopped(StopPage::SecondFactor),
        (_, end) => end,
    }
}

async fn check(page: SignInPage, who: Who, end: End) {
    let org = place::org(page).await;
    let name = format!("{who:?}")
        .to_lowercase()
        .replace(['(', ')', '"'], "-");
    let landing = visit(org, who, &name).await;
    keep_picture(page, &name, &landing);
    let ended = match &landing {
        Landing::Redirected { url, signed_in } => {
            assert!(signed_in);
            let answer = url.expose().fragment().unwrap_or_default();
            assert!(answer.contains("access_token="), "{landing:?}");
            SignedIn
        }
        Landing::Refused { kind, .. } => Refused(*kind),
        Landing::Stopped { kind, .. } => Stopped(*kind),
        Landing::ErrorPage { .. } | Landing::Untrusted { .. } | Landing::Elsewhere { .. } => {
            panic!("{landing:?}")
        }
    };
    assert_eq!(ended, on_page(page, end), "{landing:?}");
}

async fn visit(org: Org<'_>, who: Who, name: &str) -> Landing {
    if who == Who::Nobody {
        let mut browser = place::browsers().await.user().await.expect("a browser");
        return org.visit(&mut browser, None).await;
    }
    if who == Who::Unknown {
        return org
            .sign_in("no-such-user@example.com", PASSWORD, None)
            .await;
    }
    let login = org.subscriber(name.trim_matches('-')).await;
    let sandbox = &org.world.sandbox;
    let app = |secret: String| Totp::new(&SecretString::from(secret)).expect("a secret");
    let mut password = PASSWORD;
    let mut totp = None;
    match who {
        Who::Mistaken => password = "wrong",
        Who::State(step) => {
            let path = format!("users/{login}/lifecycle/{step}");
            org.manage("POST", &path, None).await;
        }
        Who::LockedOut => lock_out(org, &login).await,
        Who::Meets(detour) => sandbox.set_detour(&login, detour),
        Who::WithApp => totp = Some(app(sandbox.enrol_totp(&login))),
        Who::WithAppAndMail => {
            sandbox.set_detour(&login, Detour::Choice);
            totp = Some(app(sandbox.enrol_totp(&login)));
        }
        Who::WithMailAlone => {
            sandbox.set_detour(&login, Detour::Choice);
            let _secret = sandbox.enrol_totp(&login);
        }
        Who::WithForeignApp => {
            let _own = sandbox.enrol_totp(&login);
            totp = Some(app(sandbox.enrol_totp("another@example.com")));
        }
        Who::WithoutApp => {
            let _secret = sandbox.enrol_totp(&login);
        }
        Who::Anybody | Who::Unknown | Who::Nobody => {}
    }
    org.sign_in(&login, password, totp.as_ref()).await
}

/// Types wrong passwords until the org has enough of it.
async fn lock_out(org: Org<'_>, login: &str) {
    let url = format!("{}/api/v1/authn", org.world.sandbox.org_url());
    let http = crate::support::http();
    for _ in 0..10 {
        let body = serde_json::json!({"username": login, "password": "wrong"});
        http.post(&url).json(&body).send().await.expect("an answer");
    }
}
