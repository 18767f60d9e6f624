//! Classic Engine: its redirects, and its authentication API.

use okta_sandbox::{Detour, Lockout, Options};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::world::{PASSWORD, SILVER, World, code, login};

/// Signs in with username and password; what the page hears.
async fn authn(world: &World, browser: &mut Browser, password: &str) -> Page {
    let body = json!({"username": login("silver"), "password": password});
    post(world, browser, "", &body).await
}

async fn post(world: &World, browser: &mut Browser, path: &str, body: &Value) -> Page {
    let url = format!("{}/api/v1/authn{path}", world.sandbox.org_url());
    browser.post_json(&url, body).await
}

/// Follows redirects within the org; the answer to the client, or the page.
async fn follow(browser: &mut Browser, world: &World, url: &str) -> Page {
    let mut page = browser.get(url).await;
    for _ in 0..5 {
        let location = page.header("location").to_owned();
        let target = match location.strip_prefix('/') {
            Some(path) => format!("{}/{path}", world.sandbox.org_url()),
            None if location.starts_with(world.sandbox.org_url()) => location,
            None => break,
        };
        page = browser.get(&target).await;
    }
    page
}

/// Where the page sends the browser with a session token.
fn cookie_redirect(world: &World, page: &Page, success: &Value) -> String {
    let from_uri = page.body.split("var fromUri = '").nth(1).expect("a page");
    let from_uri = from_uri.split('\'').next().expect("a text");
    let from_uri = from_uri.replace("\\x2F", "/").replace("\\x3F", "?");
    let from_uri = from_uri.replace("\\x5F", "_").replace("\\x3D", "=");
    let from_uri = from_uri.replace("\\x2D", "-").replace("\\x2E", ".");
    let token = success["sessionToken"].as_str();
    let token = token.unwrap_or_else(|| panic!("{success}"));
    let org_url = world.sandbox.org_url();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("checkAccountSetupComplete", "true")
        .append_pair("token", token)
        .append_pair("redirectUrl", &format!("{org_url}{from_uri}"))
        .finish();
    format!("{org_url}/login/sessionCookieRedirect?{query}")
}

/// The way of programs without a page: Okta's guide "Work with Okta session cookies".
#[tokio::test]
async fn a_session_token_signs_in_once_without_a_page() {
    let world = World::classic(Options::default()).await;
    let success = authn(&world, &mut Browser::new(), PASSWORD).await.json();
    let token = success["sessionToken"].as_str().expect("a token");
    let url = world.authorize_url(&[("sessionToken", token), ("prompt", "none")]);
    let answer = Browser::new().get(&url).await;
    assert!(answer.fragment().contains_key("access_token"));
    let again = Browser::new().get(&url).await;
    assert_eq!(again.fragment()["error"], "login_required");
}

/// The page of Classic Engine.
pub(super) async fn page(world: &World, browser: &mut Browser) -> Page {
    follow(browser, world, &world.authorize_url(&[])).await
}

#[tokio::test]
async fn the_way_leads_over_the_page_and_a_session_token() {
    let world = World::classic(Options::default()).await;
    let mut browser = Browser::new();
    let first = browser.get(&world.authorize_url(&[])).await;
    assert_eq!(first.status, 302);
    let kept = first.header("location").to_owned();
    assert!(
        kept.starts_with("/oauth2/v1/authorize/redirect?okta_key="),
        "{kept}"
    );
    let second = browser
        .get(&format!("{}{kept}", world.sandbox.org_url()))
        .await;
    let to_page = second.header("location");
    assert!(
        to_page.starts_with("/login/login.htm?fromURI=%2Foauth2%2Fv1%2F"),
        "{to_page}"
    );
    let page = follow(&mut browser, &world, &world.authorize_url(&[])).await;
    assert_eq!(page.status, 200);
    let success = authn(&world, &mut browser, PASSWORD).await.json();
    assert_eq!(success["status"], "SUCCESS");
    let profile = &success["_embedded"]["user"]["profile"];
    assert_eq!(profile["login"], login("silver"));
    let redirect = cookie_redirect(&world, &page, &success);
    let answer = follow(&mut browser, &world, &redirect).await;
    assert!(answer.fragment().contains_key("access_token"));
    // A session token is good for one session, and a request for one answer.
    let again = Browser::new().get(&redirect).await;
    assert_eq!(again.status, 400);
    let finished = browser.get(&redirect_of(&world, &page)).await;
    assert_eq!(finished.status, 400);
    assert!(finished.body.contains("Request expired"));
}

#[tokio::test]
async fn a_session_token_leads_nowhere_else() {
    let world = World::classic(Options::default()).await;
    let mut browser = Browser::new();
    let success = authn(&world, &mut browser, PASSWORD).await.json();
    let token = success["sessionToken"].as_str().expect("a token");
    let org_url = world.sandbox.org_url();
    let url = format!(
        "{org_url}/login/sessionCookieRedirect?token={token}&redirectUrl=https://evil.invalid/"
    );
    assert_eq!(browser.get(&url).await.status, 400);
}

#[rstest]
#[case::wrong_password(Options::default(), "wrong", 401, "E0000004")]
#[case::hidden_lockout(Options { lockout_after: 1, ..Options::default() }, "wrong", 401, "E0000004")]
#[tokio::test]
async fn a_refusal_is_okta_s_error(
    #[case] options: Options,
    #[case] password: &str,
    #[case] status: u16,
    #[case] error: &str,
) {
    let world = World::classic(options).await;
    let refused = authn(&world, &mut Browser::new(), password).await;
    assert_eq!(refused.status, status);
    assert_eq!(refused.json()["errorCode"], error);
}

#[tokio::test]
async fn a_lockout_can_be_told() {
    let options = Options {
        lockout_after: 1,
        lockout: Lockout::Told,
        ..Options::default()
    };
    let world = World::classic(options).await;
    let told = authn(&world, &mut Browser::new(), "wrong").await;
    assert_eq!(
        (told.status.as_u16(), told.json()["status"].as_str()),
        (200, Some("LOCKED_OUT"))
    );
}

#[rstest]
#[case::denied(Detour::AccessDenied, 403, "E0000006")]
#[case::too_often(Detour::RateLimited, 429, "E0000047")]
#[tokio::test]
async fn a_user_can_be_kept_out(#[case] detour: Detour, #[case] status: u16, #[case] error: &str) {
    let world = World::classic(Options::default()).await;
    world.sandbox.set_detour(&login("silver"), detour);
    let refused = authn(&world, &mut Browser::new(), PASSWORD).await;
    assert_eq!(refused.status, status);
    assert_eq!(refused.json()["errorCode"], error);
}

#[tokio::test]
async fn an_expired_password_is_changed() {
    let world = World::classic(Options::default()).await;
    let path = format!("users/{}/lifecycle/expire_password", login("silver"));
    world.manage(Method::POST, &path, &Value::Null).await;
    let mut browser = Browser::new();
    let asked = authn(&world, &mut browser, PASSWORD).await.json();
    assert_eq!(asked["status"], "PASSWORD_EXPIRED");
    let change = |old: &str| {
        json!({
            "stateToken": asked["stateToken"],
            "oldPassword": old,
            "newPassword": "Another-horse-8",
        })
    };
    let path = "/credentials/change_password";
    let wrong = post(&world, &mut browser, path, &change("wrong")).await;
    assert_eq!(wrong.status, 401);
    let done = post(&world, &mut browser, path, &change(PASSWORD))
        .await
        .json();
    assert_eq!(done["status"], "SUCCESS");
    let old = authn(&world, &mut Browser::new(), PASSWORD).await;
    assert_eq!(old.status, 401);
}

#[rstest]
#[case::warning(Detour::ExpiryWarning, "PASSWORD_WARN")]
#[case::offer(Detour::OptionalEnrolment, "MFA_ENROLL")]
#[tokio::test]
async fn what_is_no_must_can_be_skipped(#[case] detour: Detour, #[case] status: &str) {
    let world = World::classic(Options::default()).await;
    world.sandbox.set_detour(&login("silver"), detour);
    let mut browser = Browser::new();
    let asked = authn(&world, &mut browser, PASSWORD).await.json();
    assert_eq!(asked["status"], status);
    let body = json!({"stateToken": asked["stateToken"]});
    let done = post(&world, &mut browser, "/skip", &body).await.json();
    assert_eq!(done["status"], "SUCCESS");
    let gone = post(&world, &mut browser, "/skip", &body).await;
    assert_eq!(
        (gone.status.as_u16(), gone.json()["errorCode"].as_str()),
        (401, Some("E0000011"))
    );
}

#[tokio::test]
async fn a_code_is_asked_for_and_taken_once() {
    let world = World::classic(Options::default()).await;
    let secret = world.sandbox.enrol_totp(&login("silver"));
    let mut browser = Browser::new();
    let asked = authn(&world, &mut browser, PASSWORD).await.json();
    assert_eq!(asked["status"], "MFA_REQUIRED");
    let factor = &asked["_embedded"]["factors"][0];
    assert_eq!(factor["factorType"], "token:software:totp");
    let path = format!("/factors/{}/verify", factor["id"].as_str().expect("an id"));
    let body =
        |asked: &Value, code: &str| json!({"stateToken": asked["stateToken"], "passCode": code});
    let wrong = post(&world, &mut browser, &path, &body(&asked, "000000x")).await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.json()["errorCode"].as_str()),
        (403, Some("E0000068"))
    );
    let right = code(&secret);
    let done = post(&world, &mut browser, &path, &body(&asked, &right))
        .await
        .json();
    assert_eq!(done["status"], "SUCCESS");
    let asked = authn(&world, &mut browser, PASSWORD).await.json();
    let used = post(&world, &mut browser, &path, &body(&asked, &right)).await;
    assert_eq!(
        (used.status.as_u16(), used.json()["errorCode"].as_str()),
        (403, Some("E0000082"))
    );
}

#[tokio::test]
async fn an_app_can_be_set_up_and_nothing_can_be_skipped() {
    let world = World::classic(Options::default()).await;
    world
        .sandbox
        .set_detour(&login("silver"), Detour::Enrolment);
    let mut browser = Browser::new();
    let asked = authn(&world, &mut browser, PASSWORD).await.json();
    assert_eq!(asked["_embedded"]["factors"][0]["enrollment"], "REQUIRED");
    let body = json!({"stateToken": asked["stateToken"]});
    let still = post(&world, &mut browser, "/skip", &body).await.json();
    assert_eq!(still["status"], "MFA_ENROLL");
    let shown = post(&world, &mut browser, "/factors", &body).await.json();
    assert_eq!(shown["status"], "MFA_ENROLL_ACTIVATE");
    let factor = &shown["_embedded"]["factor"];
    let secret = factor["_embedded"]["activation"]["sharedSecret"]
        .as_str()
        .expect("a secret");
    let id = factor["id"].as_str().expect("an id");
    let path = format!("/factors/{id}/lifecycle/activate");
    let body = json!({"stateToken": shown["stateToken"], "passCode": code(secret)});
    let done = post(&world, &mut browser, &path, &body).await.json();
    assert_eq!(done["status"], "SUCCESS");
}

#[rstest]
#[case::allowed(true)]
#[case::declined(false)]
#[tokio::test]
async fn consent_is_asked_for_after_the_session(#[case] is_allowed: bool) {
    let world = World::classic(Options::default()).await;
    crate::oauth::consent::ask_for_consent(&world).await;
    let mut browser = Browser::new();
    let page = follow(&mut browser, &world, &world.authorize_url(&[])).await;
    let success = authn(&world, &mut browser, PASSWORD).await.json();
    let redirect = cookie_redirect(&world, &page, &success);
    let page = follow(&mut browser, &world, &redirect).await;
    let token = page.state_token();
    assert!(token.starts_with("00"), "{token}");
    let body = json!({"stateToken": token});
    let asked = post(&world, &mut browser, "/introspect", &body)
        .await
        .json();
    assert_eq!(asked["status"], "CONSENT_REQUIRED");
    let scopes = asked["_embedded"]["scopes"].as_array().expect("scopes");
    assert!(scopes.iter().any(|scope| scope["name"] == SILVER));
    let path = if is_allowed { "/consent" } else { "/cancel" };
    let done = post(&world, &mut browser, path, &body).await.json();
    if is_allowed {
        assert_eq!(done["type"], "SESSION_STEP_UP");
        let next = done["_links"]["next"]["href"].as_str().expect("an address");
        let answer = follow(&mut browser, &world, next).await;
        assert!(answer.fragment().contains_key("access_token"));
    } else {
        let answer = follow(&mut browser, &world, &redirect_of(&world, &page)).await;
        assert_eq!(answer.fragment()["error"], "access_denied");
    }
}

/// Where the page goes on when it is done.
fn redirect_of(world: &World, page: &Page) -> String {
    let unused = json!({"sessionToken": "unused"});
    let url = cookie_redirect(world, page, &unused);
    let url: url::Url = url.parse().expect("an address");
    let mut query = url.query_pairs();
    let target = query.find(|(name, _)| name == "redirectUrl");
    target.expect("an address").1.into_owned()
}

#[tokio::test]
async fn nobody_goes_on_with_the_request_of_another() {
    let world = World::classic(Options::default()).await;
    crate::oauth::consent::ask_for_consent(&world).await;
    let mut browser = Browser::new();
    let page = follow(&mut browser, &world, &world.authorize_url(&[])).await;
    let success = authn(&world, &mut browser, PASSWORD).await.json();
    let redirect = cookie_redirect(&world, &page, &success);
    follow(&mut browser, &world, &redirect).await;
    let going_on = redirect_of(&world, &page);
    let other = follow(&mut Browser::new(), &world, &going_on).await;
    // No token to consent with: whoever comes without the session is asked who they are.
    assert_eq!(other.state_token(), "");
    let own = follow(&mut browser, &world, &going_on).await;
    assert!(own.state_token().starts_with("00"));
}

#[tokio::test]
async fn a_session_of_this_very_second_is_none_where_a_sign_in_is_asked_for() {
    let world = World::classic(Options::default()).await;
    let mut browser = Browser::new();
    let page = follow(&mut browser, &world, &world.authorize_url(&[])).await;
    let success = authn(&world, &mut browser, PASSWORD).await.json();
    let redirect = cookie_redirect(&world, &page, &success);
    follow(&mut browser, &world, &redirect).await;
    let url = world.authorize_url(&[("prompt", "login")]);
    let asked = follow(&mut browser, &world, &url).await;
    assert_eq!(asked.status, 200);
}
