//! The document's step 5: both tokens in the fragment.

use rstest::rstest;

use crate::world::{SILVER, World, claims};

#[tokio::test]
async fn the_documents_request_brings_both_tokens_in_the_fragment() {
    let world = World::new().await;
    let page = world.sign_in("silver", &[("prompt", "login")]).await;
    assert_eq!(page.status, 302);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.location().query(), None);
    let fragment = page.fragment();
    let names: Vec<&str> = fragment.keys().map(String::as_str).collect();
    let wanted = [
        "access_token",
        "expires_in",
        "id_token",
        "scope",
        "state",
        "token_type",
    ];
    assert_eq!(names, wanted);
    assert_eq!(fragment["token_type"], "Bearer");
    assert_eq!(fragment["expires_in"], "1800");
    assert_eq!(fragment["scope"], format!("openid {SILVER}"));
    assert_eq!(fragment["state"], "a-state");
}

#[rstest]
#[case::token("token", "access_token expires_in scope state token_type")]
#[case::id_token("id_token", "id_token state")]
#[case::both_the_other_way_round(
    "id_token token",
    "access_token expires_in id_token scope state token_type"
)]
#[case::code_with_id_token("code id_token", "code id_token state")]
#[case::code_with_token("token code", "access_token code expires_in scope state token_type")]
#[case::all(
    "code token id_token",
    "access_token code expires_in id_token scope state token_type"
)]
#[tokio::test]
async fn a_response_type_brings_what_it_names(#[case] asked: &str, #[case] brought: &str) {
    let world = World::new().await;
    let page = world.sign_in("silver", &[("response_type", asked)]).await;
    let names: Vec<String> = page.fragment().into_keys().collect();
    assert_eq!(names.join(" "), brought);
}

#[tokio::test]
async fn an_id_token_alone_is_fat_and_one_with_an_access_token_is_thin() {
    let world = World::new().await;
    let scope = ("scope", "openid profile email");
    let fat = world
        .sign_in("silver", &[scope, ("response_type", "id_token")])
        .await;
    let fat = claims(&fat.fragment()["id_token"]);
    assert_eq!(fat["given_name"], "silver");
    assert_eq!(fat["email_verified"], true);
    let thin = world.sign_in("silver", &[scope]).await;
    let thin = claims(&thin.fragment()["id_token"]);
    assert!(!thin.contains_key("given_name"));
    assert_eq!(thin["name"], "silver User");
    assert_eq!(thin["preferred_username"], "silver@example.com");
    assert_eq!(thin["email"], "silver@example.com");
}

#[tokio::test]
async fn a_posted_form_is_as_good_as_a_query() {
    let world = World::new().await;
    let url = world.authorize_url(&[]);
    let (endpoint, query) = url.split_once('?').unwrap();
    let form: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let page = crate::browser::Browser::new()
        .post_form(endpoint, &form)
        .await;
    assert!(page.state_token().starts_with("02.id."));
}

#[tokio::test]
async fn offline_access_is_ignored_without_a_code() {
    let world = World::new().await;
    let scope = format!("openid offline_access {SILVER}");
    let page = world.sign_in("silver", &[("scope", &scope)]).await;
    assert_eq!(page.fragment()["scope"], format!("openid {SILVER}"));
}
