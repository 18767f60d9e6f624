//! The main job on Okta's own pages, and what it says where a page stops it.

use okta_e2e::report::{RecordedOutcome, RecordedResult};
use okta_e2e::verification::Verified;
use okta_sandbox::{Detour, Options, Sandbox, SignInPage};
use secrecy::SecretString;

use super::place::{self, Org};
use crate::support::world::{World, file, names};

macro_rules! on_pages {
    ($($(#[$only:meta])* $page:ident: $variant:ident, $pages:expr;)+) => {$(
        mod $page {
            use super::*;

            $(#[$only])*
            #[test]
            fn everything_is_met_and_a_user_may_have_an_app() {
                place::run(everything_is_met(SignInPage::$variant));
            }

            $(#[$only])*
            #[test]
            fn a_page_that_stops_it_is_named_with_what_to_change() {
                place::run(stops(SignInPage::$variant, $pages));
            }
        }
    )+};
}

on_pages! {
    builtin: Builtin, &IDENTITY_ENGINE;
    #[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
    classic: Classic, &CLASSIC;
    #[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
    generation_2: Gen2, &IDENTITY_ENGINE;
    #[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
    generation_3: Gen3, &IDENTITY_ENGINE;
}

/// The headings of the pages that SILVER, GOLD and NONE stop at.
type Headings = [&'static str; 3];

const IDENTITY_ENGINE: Headings = [
    "Set up security methods",
    "Your Okta password has expired",
    "Verify with Google Authenticator",
];

const CLASSIC: Headings = [
    "Set up multifactor authentication",
    "Your Okta password has expired",
    "Google Authenticator",
];

/// Where the model says that users are asked, they allow it.
#[test]
fn a_model_may_have_users_asked_for_consent() {
    let text = std::fs::read_to_string(file("fixtures/org.toml")).expect("the model");
    let asking = text.replacen("[client]", "[client]\nasks_for_consent = true", 1);
    assert_ne!(asking, text);
    let model = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(model.path(), asking).expect("written");
    place::run(async {
        let path = model.path().to_str().expect("a path");
        let world = World::of(path, Sandbox::builder()).await;
        let verified = world.verify_with(None).await;
        assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
        assert_eq!(names(&verified, "not_checked"), Vec::<String>::new());
    });
}

async fn everything_is_met(page: SignInPage) {
    let mut world = place::world(page, Options::default()).await;
    let silver = world.access.users.get_mut("SILVER").expect("a test user");
    let secret = world.sandbox.enrol_totp(&silver.username);
    silver.totp_secret = Some(SecretString::from(secret));
    let verified = world.verify_with(Some(place::browsers().await)).await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    assert_eq!(names(&verified, "not_checked"), Vec::<String>::new());
    assert_eq!(verified.record.run.sign_ins, 4);
}

async fn stops(page: SignInPage, headings: &Headings) {
    let world = place::world(page, Options::default()).await;
    let login = |name: &str| world.access.users[name].username.clone();
    world
        .sandbox
        .set_detour(&login("SILVER"), Detour::Enrolment);
    let expire = format!("users/{}/lifecycle/expire_password", login("GOLD"));
    Org { world: &world }.manage("POST", &expire, None).await;
    let _secret = world.sandbox.enrol_totp(&login("NONE"));
    let verified = world.verify_with(Some(place::browsers().await)).await;
    let policy = "let the client's authentication policy ask for a password alone";
    let wanted = [
        ("the_user_gets_tokens", "SILVER silver", policy),
        (
            "the_user_gets_tokens",
            "GOLD gold",
            "set a password for the user",
        ),
        (
            "the_user_is_denied_the_scopes",
            "NONE silver",
            "TEST_USER_NONE_TOTP_SECRET",
        ),
    ];
    for ((trial, subject, advice), heading) in wanted.into_iter().zip(headings) {
        let result = result(&verified, trial, subject);
        assert_eq!(result.outcome, RecordedOutcome::NotChecked, "{subject}");
        let reason = result.reason.as_deref().unwrap_or_default();
        assert!(
            reason.contains(&format!("\"{heading}\"")),
            "{subject}: {reason}"
        );
        assert!(reason.contains(advice), "{subject}: {reason}");
    }
    let pictures = verified
        .pictures
        .iter()
        .map(|picture| picture.name.as_str());
    let pictures: Vec<&str> = pictures.collect();
    for user in ["SILVER", "GOLD", "NONE"] {
        let is_shown = pictures.iter().any(|name| name.starts_with(user));
        assert!(is_shown, "{user}: {pictures:?}");
    }
}

fn result<'a>(verified: &'a Verified, trial: &str, subject: &str) -> &'a RecordedResult {
    let mut results = verified.record.results.iter();
    let name = format!("{trial}[{subject}]");
    let found = results.find(|result| result.name.ends_with(&name));
    found.unwrap_or_else(|| panic!("no {trial}[{subject}]"))
}
