//! What stands between the password and the way back, at Identity Engine.

use okta_sandbox::{DefaultSignInPolicy, Detour, FirstPage, Options};
use rstest::rstest;
use serde_json::{Value, json};

use crate::browser::{Browser, Page, SignIn};
use crate::world::{PASSWORD, World, code, login};

/// Signs the silver user in up to whatever comes after the password.
async fn after_password(world: &World, browser: &mut Browser) -> (SignIn, Value) {
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    browser.identify(&sign_in, &login("silver")).await;
    let answered = browser.answer(&sign_in, PASSWORD).await.json();
    (sign_in, answered)
}

/// The names of the forms that an answer offers.
fn forms(answer: &Value) -> Vec<&str> {
    let forms = answer["remediation"]["value"].as_array();
    let forms = forms.into_iter().flatten();
    forms.filter_map(|form| form["name"].as_str()).collect()
}

/// Sends a form of an answer.
async fn send(browser: &mut Browser, answer: &Value, form: &str, mut body: Value) -> Page {
    let forms = answer["remediation"]["value"].as_array().expect("forms");
    let form = forms.iter().find(|found| found["name"] == form);
    body["stateHandle"] = answer["stateHandle"].clone();
    let href = form.expect("the form")["href"]
        .as_str()
        .expect("an address");
    browser.post_json(href, &body).await
}

async fn tokens_of(browser: &mut Browser, answer: &Value) -> bool {
    let href = answer["success"]["href"].as_str();
    let page = browser
        .get(href.unwrap_or_else(|| panic!("{answer}")))
        .await;
    page.fragment().contains_key("access_token")
}

fn field_message(answer: &Value) -> &str {
    let field = &answer["remediation"]["value"][0]["value"][0]["form"]["value"][0];
    let key = &field["messages"]["value"][0]["i18n"]["key"];
    key.as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_code_is_asked_for_and_taken_once() {
    let world = World::new().await;
    let secret = world.sandbox.enrol_totp(&login("silver"));
    assert_eq!(
        world.sandbox.totp_secret(&login("silver")),
        Some(secret.clone())
    );
    let mut browser = Browser::new();
    let (sign_in, asked) = after_password(&world, &mut browser).await;
    assert_eq!(forms(&asked), ["challenge-authenticator"]);
    assert_eq!(asked["currentAuthenticator"]["value"]["key"], "google_otp");
    let wrong = browser.answer(&sign_in, "000000x").await;
    assert_eq!(wrong.status, 401);
    let key = "authfactor.challenge.soft_token.invalid_passcode";
    assert_eq!(field_message(&wrong.json()), key);
    let right = code(&secret);
    let done = browser.answer(&sign_in, &right).await.json();
    assert!(tokens_of(&mut browser, &done).await);
    let mut browser = Browser::new();
    let (again, _) = after_password(&world, &mut browser).await;
    let used = browser.answer(&again, &right).await.json();
    assert_eq!(
        field_message(&used),
        "authfactor.challenge.soft_token.used_passcode"
    );
}

#[rstest]
#[case::warning(Detour::ExpiryWarning, &["reenroll-authenticator-warning", "skip"])]
#[case::offer(Detour::OptionalEnrolment, &["select-authenticator-enroll", "skip"])]
#[tokio::test]
async fn what_is_no_must_can_be_skipped(#[case] detour: Detour, #[case] expected: &[&str]) {
    let world = World::new().await;
    world.sandbox.set_detour(&login("silver"), detour);
    let mut browser = Browser::new();
    let (_, asked) = after_password(&world, &mut browser).await;
    assert_eq!(forms(&asked), expected);
    let done = send(&mut browser, &asked, "skip", json!({})).await.json();
    assert!(tokens_of(&mut browser, &done).await);
}

#[tokio::test]
async fn a_password_that_expires_soon_can_be_changed() {
    let world = World::new().await;
    world
        .sandbox
        .set_detour(&login("silver"), Detour::ExpiryWarning);
    let mut browser = Browser::new();
    let (sign_in, asked) = after_password(&world, &mut browser).await;
    let days = &asked["currentAuthenticator"]["value"]["settings"]["daysToExpiry"];
    assert_eq!(*days, 4);
    let new = "Another-horse-8";
    let done = browser.answer(&sign_in, new).await.json();
    assert!(tokens_of(&mut browser, &done).await);
    let mut other = Browser::new();
    let sign_in = other.open(&world.authorize_url(&[])).await;
    other.identify(&sign_in, &login("silver")).await;
    assert_eq!(other.answer(&sign_in, PASSWORD).await.status, 401);
    assert_eq!(other.answer(&sign_in, new).await.status, 200);
}

#[tokio::test]
async fn an_app_can_be_set_up_and_nothing_can_be_skipped() {
    let world = World::new().await;
    world
        .sandbox
        .set_detour(&login("silver"), Detour::Enrolment);
    let mut browser = Browser::new();
    let (sign_in, asked) = after_password(&world, &mut browser).await;
    assert_eq!(forms(&asked), ["select-authenticator-enroll"]);
    let skip = format!("{}/idp/idx/skip", world.sandbox.org_url());
    let body = json!({"stateHandle": asked["stateHandle"]});
    let still = browser.post_json(&skip, &body).await.json();
    assert_eq!(forms(&still), ["select-authenticator-enroll"]);
    let options = &asked["remediation"]["value"][0]["value"][0]["options"];
    let id = options[0]["value"]["form"]["value"][0]["value"].clone();
    let chosen = json!({"authenticator": {"id": id}});
    let shown = send(&mut browser, &asked, "select-authenticator-enroll", chosen).await;
    let shown = shown.json();
    assert_eq!(forms(&shown), ["enroll-authenticator"]);
    let data = &shown["currentAuthenticator"]["value"]["contextualData"];
    let secret = data["sharedSecret"].as_str().expect("a secret");
    assert_eq!(browser.answer(&sign_in, "000000x").await.status, 401);
    let done = browser.answer(&sign_in, &code(secret)).await.json();
    assert!(tokens_of(&mut browser, &done).await);
    let kept = world.sandbox.totp_secret(&login("silver"));
    assert_eq!(kept.as_deref(), Some(secret));
}

#[rstest]
#[case::yes(true)]
#[case::no(false)]
#[tokio::test]
async fn whoever_may_stay_signed_in_goes_on_either_way(#[case] kept: bool) {
    let world = World::new().await;
    world
        .sandbox
        .set_detour(&login("silver"), Detour::KeepMeSignedIn);
    let mut browser = Browser::new();
    let (_, asked) = after_password(&world, &mut browser).await;
    let body = json!({"keepMeSignedIn": kept});
    let done = send(&mut browser, &asked, "keep-me-signed-in", body)
        .await
        .json();
    assert!(tokens_of(&mut browser, &done).await);
}

#[rstest]
#[case::denied(Detour::AccessDenied, 403, "security.access_denied")]
#[case::too_often(Detour::RateLimited, 429, "tooManyRequests")]
#[case::too_late(Detour::Expired, 401, "idx.session.expired")]
#[tokio::test]
async fn a_sign_in_can_end_before_the_password(
    #[case] detour: Detour,
    #[case] status: u16,
    #[case] key: &str,
) {
    let world = World::new().await;
    world.sandbox.set_detour(&login("silver"), detour);
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    let refused = browser.identify(&sign_in, &login("silver")).await;
    assert_eq!(refused.status, status);
    assert_eq!(refused.json()["messages"]["value"][0]["i18n"]["key"], key);
    // It is this user alone who is refused.
    let other = browser.identify(&sign_in, &login("gold")).await;
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn username_and_password_can_be_asked_for_at_once() {
    let options = Options {
        first_page: FirstPage::IdentifierAndPassword,
        ..Options::default()
    };
    let world = World::with(options).await;
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    let first = sign_in.first.json();
    assert_eq!(
        first["remediation"]["value"][0]["value"][1]["name"],
        "credentials"
    );
    let body = |password: &str| json!({"identifier": login("silver"), "credentials": {"passcode": password}});
    let wrong = send(&mut browser, &first, "identify", body("wrong"))
        .await
        .json();
    assert_eq!(
        wrong["messages"]["value"][0]["i18n"]["key"],
        "errors.E0000004"
    );
    let done = send(&mut browser, &wrong, "identify", body(PASSWORD))
        .await
        .json();
    assert!(tokens_of(&mut browser, &done).await);
}

#[tokio::test]
async fn going_back_forgets_what_was_put_behind() {
    let world = World::new().await;
    world
        .sandbox
        .set_detour(&login("silver"), Detour::ExpiryWarning);
    let mut browser = Browser::new();
    let (_, asked) = after_password(&world, &mut browser).await;
    let body = json!({"stateHandle": asked["stateHandle"]});
    let cancel = asked["cancel"]["href"].as_str().expect("an address");
    let first = browser.post_json(cancel, &body).await.json();
    assert_eq!(forms(&first), ["identify"]);
}

/// okta/okta-developer-docs, docs/reference/api/policy: new applications have the default policy,
/// and the rule that fits says by `factorMode` how many factors are asked for.
#[tokio::test]
async fn a_policy_of_two_factors_asks_for_what_the_user_has_or_to_set_it_up() {
    let options = Options {
        default_sign_in_policy: DefaultSignInPolicy::AnyTwoFactors,
        ..Options::default()
    };
    let world = World::with(options).await;
    let (_, asked) = after_password(&world, &mut Browser::new()).await;
    assert_eq!(forms(&asked), ["select-authenticator-enroll"]);
    let secret = world.sandbox.enrol_totp(&login("silver"));
    let mut browser = Browser::new();
    let (sign_in, asked) = after_password(&world, &mut browser).await;
    assert_eq!(forms(&asked), ["challenge-authenticator"]);
    let done = browser.answer(&sign_in, &code(&secret)).await.json();
    assert!(tokens_of(&mut browser, &done).await);
}
