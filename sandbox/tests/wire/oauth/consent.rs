//! Consent: clients that are not trusted, and scopes that are not given silently.

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::world::{PASSWORD, SILVER, World, login};

pub(super) async fn ask_for_consent(world: &World) {
    let change = json!({"consent_method": "REQUIRED"});
    world.change_client("settings", &change).await;
    let scopes = format!("authorizationServers/{}/scopes", world.org.server_id);
    let found = world.manage(Method::GET, &scopes, &Value::Null).await;
    let mut found = found.as_array().unwrap().iter();
    let mut silver = found.find(|scope| scope["name"] == SILVER).unwrap().clone();
    silver["consent"] = "REQUIRED".into();
    let path = format!("{scopes}/{}", silver["id"].as_str().unwrap());
    world.manage(Method::PUT, &path, &silver).await;
}

/// Signs in up to the consent page and says yes or no; the answer to the client.
async fn consent(world: &World, browser: &mut Browser, allowed: bool) -> Page {
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    browser.identify(&sign_in, &login("silver")).await;
    let asked = browser.answer(&sign_in, PASSWORD).await.json();
    let form = &asked["remediation"]["value"][0];
    assert_eq!(form["name"], "consent");
    let body = json!({"consent": allowed, "stateHandle": asked["stateHandle"]});
    let href = form["href"].as_str().unwrap();
    let done = browser.post_json(href, &body).await.json();
    browser.get(done["success"]["href"].as_str().unwrap()).await
}

#[tokio::test]
async fn a_user_allows_a_client_that_is_not_trusted_once() {
    let world = World::new().await;
    ask_for_consent(&world).await;
    let mut browser = Browser::new();
    let page = consent(&world, &mut browser, true).await;
    assert!(page.fragment().contains_key("access_token"));
    let again = browser.get(&world.authorize_url(&[])).await;
    assert!(again.fragment().contains_key("access_token"));
    let url = world.authorize_url(&[("prompt", "consent")]);
    assert_eq!(browser.get(&url).await.status, 200);
}

#[tokio::test]
async fn a_user_who_does_not_allow_it_sends_the_client_away() {
    let world = World::new().await;
    ask_for_consent(&world).await;
    let fragment = consent(&world, &mut Browser::new(), false).await.fragment();
    assert_eq!(fragment["error"], "access_denied");
}

#[tokio::test]
async fn a_consent_that_is_missing_cannot_be_asked_for_silently() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let url = world.authorize_url(&[]);
    browser.sign_in(&url, &login("silver"), PASSWORD).await;
    ask_for_consent(&world).await;
    let url = world.authorize_url(&[("prompt", "none")]);
    let fragment = browser.get(&url).await.fragment();
    assert_eq!(fragment["error"], "consent_required");
    let text = format!("The following scopes require user consent: [{SILVER}].");
    assert_eq!(fragment["error_description"], text);
}
