//! Passkeys on Okta's own pages and on the builtin one: of a sandbox at `localhost`, since no
//! passkey is for an address.

use std::path::PathBuf;

use okta_e2e::browser::{Browsers, Credentials, Known, Landing, StopPage};
use okta_e2e::management::ManagementClient;
use okta_e2e::passkey::Passkey;
use okta_e2e::provisioning;
use okta_sandbox::{Detour, Event, Options, SignInPage};
use rstest::rstest;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tempfile::TempDir;

use super::place::{self, Org};
use crate::browser::remote::Driver;
use crate::support::world::{World, names};

macro_rules! on_pages {
    ($($(#[$only:meta])* $page:ident: $variant:ident, $most:expr;)+) => {$(
        mod $page {
            use super::*;

            $(#[$only])*
            #[test]
            fn a_passkey_signs_its_user_in() {
                place::run(signs_in(SignInPage::$variant));
            }

            $(#[$only])*
            #[test]
            fn a_passkey_is_chosen_among_other_methods() {
                place::run(is_chosen(SignInPage::$variant));
            }

            $(#[$only])*
            #[test]
            fn a_user_without_the_variable_is_told_of_it() {
                place::run(without_one(SignInPage::$variant));
            }

            $(#[$only])*
            #[test]
            fn another_key_than_the_enrolled_one_is_named_and_not_tried_on() {
                place::run(another_key(SignInPage::$variant, $most));
            }

            $(#[$only])*
            #[test]
            fn a_passkey_alone_signs_its_user_in() {
                place::run(without_a_password(SignInPage::$variant));
            }

            $(#[$only])*
            #[test]
            fn a_passkey_of_another_host_is_not_used() {
                place::run(another_host(SignInPage::$variant));
            }

            $(#[$only])*
            #[test]
            fn everything_is_met_where_the_policy_asks_a_user_for_a_passkey() {
                place::run(everything_is_met(SignInPage::$variant));
            }
        }
    )+};
}

// With how often the page itself sends what was signed wrongly, before it is left: the third
// generation asks the browser again when it shows the refusal.
on_pages! {
    builtin: Builtin, 1;
    #[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
    generation_2: Gen2, 1;
    #[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
    generation_3: Gen3, 2;
}

/// A passkey in a file, as a run has it.
struct Enrolled {
    passkey: Passkey,
    file: PathBuf,
    _folder: TempDir,
}

async fn world(page: SignInPage) -> World {
    let options = Options {
        watches_sign_in: true,
        ..Options::default()
    };
    let world = place::world_at_localhost(page, options).await;
    assert!(world.sandbox.org_url().starts_with("http://localhost:"));
    world
}

fn login(world: &World, user: &str) -> String {
    world.access.users[user].username.clone()
}

/// Enrols a new passkey for a user, whom the page asks for it from then on.
async fn enrolled(world: &World, user: &str) -> Enrolled {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("user.passkey");
    let passkey = Passkey::make("localhost").expect("a passkey");
    passkey.write_new(&file).expect("written");
    let token = SecretString::from(world.sandbox.api_token());
    let client = ManagementClient::new(world.access.org_url.clone(), token).expect("a client");
    let login = login(world, user);
    let found = client.user(&login).await.expect("an answer");
    let id = found.expect("the user").id;
    let page = world.access.org_url.origin();
    let enrolled = provisioning::enroll(&client, &id, passkey, &page).await;
    let (passkey, _) = enrolled.expect("it is enrolled");
    passkey.write_again(&file).expect("written");
    world.sandbox.set_detour(&login, Detour::Passkey);
    Enrolled {
        passkey,
        file,
        _folder: folder,
    }
}

/// The same passkey with something else in its file.
fn changed(enrolled: &Enrolled, change: impl FnOnce(&mut Value)) -> Passkey {
    let text = std::fs::read_to_string(&enrolled.file).expect("a text");
    let mut value: Value = serde_json::from_str(&text).expect("JSON");
    change(&mut value);
    std::fs::write(&enrolled.file, value.to_string()).expect("written");
    Passkey::read(&enrolled.file).expect("a passkey")
}

async fn sign_in(world: &World, passkey: Option<&Passkey>) -> Landing {
    sign_in_by(place::browsers().await, world, passkey).await
}

async fn sign_in_by(browsers: &Browsers, world: &World, passkey: Option<&Passkey>) -> Landing {
    let silver = &world.access.users["SILVER"];
    let credentials = Credentials {
        username: &silver.username,
        password: &silver.password,
        totp: None,
        passkey,
    };
    let _before = world.sandbox.take_events();
    let mut browser = browsers.user().await.expect("a browser");
    let org = Org { world };
    org.visit(&mut browser, Some(credentials)).await
}

/// How often something signed was sent to the org.
fn proofs(world: &World) -> usize {
    let events = world.sandbox.take_events().into_iter();
    let signed = events.filter(|event| match event {
        Event::Posted { body, .. } => body.pointer("/credentials/signatureData").is_some(),
        _ => false,
    });
    signed.count()
}

fn stopped(landing: &Landing) -> &Known {
    match landing {
        Landing::Stopped {
            kind: StopPage::SecondFactor,
            known,
            ..
        } => known,
        other => panic!("{other:?}"),
    }
}

fn change(landing: &Landing) -> &str {
    stopped(landing).change.unwrap_or_default()
}

async fn signs_in(page: SignInPage) {
    let world = world(page).await;
    let enrolled = enrolled(&world, "SILVER").await;
    // In two browsers, of which the second knows nothing of the first.
    for _ in 0..2 {
        let landing = sign_in(&world, Some(&enrolled.passkey)).await;
        let subject = Org { world: &world }.subject(&landing);
        assert_eq!(subject, login(&world, "SILVER"));
        assert_eq!(proofs(&world), 1);
    }
    // A browser that another user had holds nothing of theirs.
    let landing = sign_in(&world, None).await;
    assert!(change(&landing).contains("TEST_USER_{user}_PASSKEY"));
    assert_eq!(proofs(&world), 0);
}

async fn is_chosen(page: SignInPage) {
    let world = world(page).await;
    let enrolled = enrolled(&world, "SILVER").await;
    let login = login(&world, "SILVER");
    world.sandbox.set_detour(&login, Detour::Choice);
    let landing = sign_in(&world, Some(&enrolled.passkey)).await;
    assert_eq!(Org { world: &world }.subject(&landing), login);
    assert_eq!(proofs(&world), 1);
}

async fn without_one(page: SignInPage) {
    let world = world(page).await;
    let _enrolled = enrolled(&world, "SILVER").await;
    let landing = sign_in(&world, None).await;
    let known = stopped(&landing);
    assert!(
        known.keys.iter().any(|key| key == "authenticator:webauthn"),
        "{known:?}"
    );
    assert!(
        known.is.is_some_and(|is| is.contains("passkey")),
        "{known:?}"
    );
    assert!(
        change(&landing).contains("set TEST_USER_{user}_PASSKEY"),
        "{known:?}"
    );
    assert_eq!(proofs(&world), 0);
}

async fn another_key(page: SignInPage, most: usize) {
    let world = world(page).await;
    let enrolled = enrolled(&world, "SILVER").await;
    let other = Passkey::make("localhost").expect("a passkey");
    let other = changed(&enrolled, |file| {
        file["privateKey"] = other.secret().expose_secret().into();
    });
    let landing = sign_in(&world, Some(&other)).await;
    let known = stopped(&landing);
    let is = "says that the passkey was not accepted";
    assert_eq!(known.is, Some(is), "{known:?}");
    let told = change(&landing);
    assert!(told.contains("TEST_USER_{user}_PASSKEY"), "{told}");
    let proofs = proofs(&world);
    assert!((1..=most).contains(&proofs), "{proofs}");
}

/// A policy may ask for a passkey alone: then it is what signs in.
async fn without_a_password(page: SignInPage) {
    let world = world(page).await;
    let enrolled = enrolled(&world, "SILVER").await;
    let login = login(&world, "SILVER");
    world.sandbox.set_detour(&login, Detour::PasskeyAlone);
    let landing = sign_in(&world, Some(&enrolled.passkey)).await;
    assert_eq!(Org { world: &world }.subject(&landing), login);
    let signed_in = matches!(landing, Landing::Redirected { signed_in, .. } if signed_in);
    assert!(signed_in, "{landing:?}");
}

async fn another_host(page: SignInPage) {
    let world = world(page).await;
    let enrolled = enrolled(&world, "SILVER").await;
    let other = changed(&enrolled, |file| file["rpId"] = "login.example.com".into());
    let landing = sign_in(&world, Some(&other)).await;
    let known = stopped(&landing);
    assert!(change(&landing).contains("did not use it"), "{known:?}");
    assert_eq!(proofs(&world), 0);
}

async fn everything_is_met(page: SignInPage) {
    let mut world = world(page).await;
    let enrolled = enrolled(&world, "SILVER").await;
    let silver = world.access.users.get_mut("SILVER").expect("a test user");
    silver.passkey = Some(enrolled.passkey.clone());
    let verified = world.verify_with(Some(place::browsers().await)).await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    assert_eq!(names(&verified, "not_checked"), Vec::<String>::new());
    assert_eq!(verified.record.run.sign_ins, 4);
    assert!(proofs(&world) > 0);
    let record = serde_json::to_string(&verified.record).expect("a record");
    let key = enrolled.passkey.secret().expose_secret();
    assert!(!record.contains(key));
}

/// As that of another machine may be, or Firefox's: what is typed is typed, and the page is named.
#[rstest]
#[case::with_devtools(&["/webauthn/"])]
#[case::without_devtools(&["/webauthn/", "/goog/"])]
fn a_driver_without_virtual_authenticators_is_named(#[case] unknown: &'static [&'static str]) {
    place::run(async {
        let driver = Driver::start().await;
        let mut config = place::config();
        config.sessions = 1;
        config.webdriver_url = Some(driver.without(unknown).await);
        let browsers = Browsers::start(config).await.expect("a browser starts");
        let world = world(SignInPage::Builtin).await;
        let enrolled = enrolled(&world, "SILVER").await;
        let landing = sign_in_by(&browsers, &world, Some(&enrolled.passkey)).await;
        let told = change(&landing);
        assert!(told.contains("has no virtual authenticators"), "{told}");
        assert!(told.contains("WEBDRIVER_URL"), "{told}");
        assert_eq!(proofs(&world), 0);
        browsers.close().await;
    });
}
