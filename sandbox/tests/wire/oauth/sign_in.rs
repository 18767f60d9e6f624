//! The sign-in API behind the page.

use okta_sandbox::Options;
use serde_json::json;

use crate::browser::{Browser, Page};
use crate::world::{PASSWORD, World, login};

fn message(page: &Page) -> (u16, String, String) {
    let body = page.json();
    let message = &body["messages"]["value"][0];
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    (
        page.status.as_u16(),
        text(&message["i18n"]["key"]),
        text(&message["message"]),
    )
}

#[tokio::test]
async fn a_sign_in_asks_for_the_name_and_then_for_the_password() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    let first = sign_in.first.json();
    assert_eq!(
        sign_in.first.header("content-type"),
        "application/ion+json; okta-version=1.0.0"
    );
    assert_eq!(first["remediation"]["value"][0]["name"], "identify");
    let second = browser.identify(&sign_in, &login("silver")).await.json();
    assert_eq!(
        second["remediation"]["value"][0]["name"],
        "challenge-authenticator"
    );
    assert_eq!(second["user"]["value"]["identifier"], login("silver"));
    let third = browser.answer(&sign_in, PASSWORD).await.json();
    assert_eq!(third["success"]["name"], "success-redirect");
}

#[tokio::test]
async fn an_unknown_user_is_refused() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    let page = browser.identify(&sign_in, "nobody@example.com").await;
    let wanted = (
        401,
        "errors.E0000004".to_owned(),
        "Authentication failed".to_owned(),
    );
    assert_eq!(message(&page), wanted);
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_the_right_one_still_taken() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    browser.identify(&sign_in, &login("silver")).await;
    let page = browser.answer(&sign_in, "wrong").await;
    let wanted = (
        401,
        "incorrectPassword".to_owned(),
        "Password is incorrect".to_owned(),
    );
    assert_eq!(message(&page), wanted);
    let page = browser.answer(&sign_in, PASSWORD).await;
    assert!(page.json()["success"]["href"].is_string());
}

#[tokio::test]
async fn too_many_wrong_passwords_lock_the_user_out() {
    let options = Options {
        lockout_after: 2,
        ..Options::default()
    };
    let world = World::with(options).await;
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    browser.identify(&sign_in, &login("silver")).await;
    browser.answer(&sign_in, "wrong").await;
    let locked = browser.answer(&sign_in, "wrong").await;
    let text = "This factor is suspended for your account due to too many failed attempts";
    assert_eq!(message(&locked).2, text);
    let still = browser.answer(&sign_in, PASSWORD).await;
    assert_eq!(message(&still).2, text);
}

#[tokio::test]
async fn a_handle_of_nobody_is_expired() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let url = format!("{}/idp/idx/identify", world.sandbox.org_url());
    let body = json!({"identifier": login("silver"), "stateHandle": "02.id.x~c.y"});
    let page = browser.post_json(&url, &body).await;
    assert_eq!(page.status, 401);
    assert_eq!(message(&page).1, "idx.session.expired");
}

#[tokio::test]
async fn a_finished_sign_in_cannot_be_finished_again() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    browser.identify(&sign_in, &login("silver")).await;
    let answered = browser.answer(&sign_in, PASSWORD).await.json();
    let href = answered["success"]["href"].as_str().unwrap();
    assert_eq!(browser.get(href).await.status, 302);
    let again = browser.get(href).await;
    assert_eq!(again.status, 400);
    assert!(
        again
            .body
            .contains("Request expired, please start over and try again.")
    );
}

#[tokio::test]
async fn an_unfinished_sign_in_has_nothing_to_fetch() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let token = browser.get(&world.authorize_url(&[])).await.state_token();
    let url = format!(
        "{}/login/token/redirect?stateToken={token}",
        world.sandbox.org_url()
    );
    assert_eq!(browser.get(&url).await.status, 400);
}
