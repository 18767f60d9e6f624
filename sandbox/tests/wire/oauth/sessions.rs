//! Sessions: when nobody is asked, and when somebody must be.

use rstest::rstest;
use serde_json::Value;

use crate::browser::Browser;
use crate::world::{GOLD, LOGOUT_URI, PASSWORD, World, claims, login};

fn set(world: &World, fault: &str) {
    world.sandbox.set_fault(Some(fault.parse().unwrap()));
}

async fn signed_in(world: &World) -> (Browser, Value) {
    let mut browser = Browser::new();
    let url = world.authorize_url(&[]);
    let page = browser.sign_in(&url, &login("silver"), PASSWORD).await;
    let id_token = page.fragment()["id_token"].clone();
    (browser, id_token.into())
}

#[rstest]
#[case::without_prompt(&[])]
#[case::with_prompt_none(&[("prompt", "none")])]
#[case::with_a_large_age(&[("max_age", "10000")])]
#[tokio::test]
async fn a_session_answers_silently(#[case] changes: &[(&str, &str)]) {
    let world = World::new().await;
    let (mut browser, first) = signed_in(&world).await;
    let fragment = browser.get(&world.authorize_url(changes)).await.fragment();
    let first = claims(first.as_str().unwrap());
    let second = claims(&fragment["id_token"]);
    assert_eq!(second["auth_time"], first["auth_time"]);
    assert_eq!(second["sub"], first["sub"]);
    assert_ne!(second["jti"], first["jti"]);
}

#[rstest]
#[case::prompt_login(&[("prompt", "login")])]
#[case::prompt_login_and_consent(&[("prompt", "consent login")])]
#[case::no_age_at_all(&[("max_age", "0")])]
#[tokio::test]
async fn a_session_does_not_spare_the_password(#[case] changes: &[(&str, &str)]) {
    let world = World::new().await;
    let (mut browser, _) = signed_in(&world).await;
    let page = browser.get(&world.authorize_url(changes)).await;
    assert_eq!(page.status, 200);
    assert!(page.state_token().starts_with("02.id."));
}

#[tokio::test]
async fn a_session_is_asked_the_policies_anew() {
    let world = World::new().await;
    let (mut browser, _) = signed_in(&world).await;
    let asked = format!("openid {GOLD}");
    let url = world.authorize_url(&[("scope", &asked)]);
    assert_eq!(browser.get(&url).await.fragment()["error"], "access_denied");
}

#[tokio::test]
async fn a_session_belongs_to_one_browser() {
    let world = World::new().await;
    let _signed_in = signed_in(&world).await;
    let url = world.authorize_url(&[("prompt", "none")]);
    let fragment = Browser::new().get(&url).await.fragment();
    assert_eq!(fragment["error"], "login_required");
}

#[tokio::test]
async fn a_hint_of_somebody_else_needs_a_sign_in() {
    let world = World::new().await;
    let (mut browser, _) = signed_in(&world).await;
    let other = world.sign_in("gold", &[]).await.fragment();
    let asked = [
        ("id_token_hint", other["id_token"].as_str()),
        ("prompt", "none"),
    ];
    let fragment = browser.get(&world.authorize_url(&asked)).await.fragment();
    assert_eq!(fragment["error"], "login_required");
}

#[tokio::test]
async fn by_the_fault_a_hint_of_somebody_else_is_passed_over() {
    let world = World::new().await;
    let (mut browser, own) = signed_in(&world).await;
    let other = world.sign_in("gold", &[]).await.fragment();
    let asked = [
        ("id_token_hint", other["id_token"].as_str()),
        ("prompt", "none"),
    ];
    set(&world, "authorize.hint-unchecked");
    let fragment = browser.get(&world.authorize_url(&asked)).await.fragment();
    let given = claims(&fragment["id_token"]);
    assert_eq!(given["sub"], claims(own.as_str().unwrap())["sub"]);
}

/// By the fault, a session goes on that was ended.
#[rstest]
#[case::right(None, false)]
#[case::by_the_fault(Some("logout.ends-nothing"), true)]
#[tokio::test]
async fn signing_out_ends_a_session(#[case] fault: Option<&str>, #[case] goes_on: bool) {
    let world = World::new().await;
    let (mut browser, id_token) = signed_in(&world).await;
    if let Some(fault) = fault {
        set(&world, fault);
    }
    let hint = id_token.as_str().unwrap();
    let url = format!("{}?id_token_hint={hint}", world.endpoint("logout"));
    browser.get(&url).await;
    let url = world.authorize_url(&[("prompt", "none")]);
    let fragment = browser.get(&url).await.fragment();
    assert_eq!(fragment.contains_key("id_token"), goes_on, "{fragment:?}");
}

#[tokio::test]
async fn signing_out_ends_the_session_and_returns_the_state() {
    let world = World::new().await;
    let (mut browser, id_token) = signed_in(&world).await;
    let url = url::Url::parse_with_params(
        &world.endpoint("logout"),
        [
            ("id_token_hint", id_token.as_str().unwrap()),
            ("post_logout_redirect_uri", LOGOUT_URI),
            ("state", "bye"),
        ],
    );
    let page = browser.get(url.unwrap().as_str()).await;
    assert_eq!(page.header("location"), format!("{LOGOUT_URI}?state=bye"));
    let url = world.authorize_url(&[("prompt", "none")]);
    assert_eq!(
        browser.get(&url).await.fragment()["error"],
        "login_required"
    );
}

#[tokio::test]
async fn signing_out_to_an_unknown_uri_shows_a_page() {
    let world = World::new().await;
    let (mut browser, id_token) = signed_in(&world).await;
    let hint = id_token.as_str().unwrap();
    let url = format!(
        "{}?id_token_hint={hint}&post_logout_redirect_uri=https://evil.example",
        world.endpoint("logout")
    );
    let page = browser.get(&url).await;
    assert_eq!(page.status, 400);
    assert_eq!(page.header("location"), "");
}
