//! Faults in what clients are answered: each case is the right answer beside the one by the fault.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::browser::{Browser, client};
use crate::world::{GOLD, REDIRECT_URI, World, claims};

fn set(world: &World, fault: &str) {
    world.sandbox.set_fault(Some(fault.parse().unwrap()));
}

/// The answer of an endpoint to a form, by status and error.
async fn posted(world: &World, endpoint: &str, form: &[(&str, &str)]) -> (u16, String) {
    let page = Browser::new()
        .post_form(&world.endpoint(endpoint), form)
        .await;
    let body: Value = serde_json::from_str(&page.body).unwrap_or_default();
    let error = body["error"]
        .as_str()
        .or_else(|| body["errorCode"].as_str());
    (page.status.as_u16(), error.unwrap_or_default().to_owned())
}

const OWN: [&str; 2] = ["{id}", "{secret}"];
const CODE: [(&str, &str); 2] = [("grant_type", "authorization_code"), ("code", "x")];

#[rstest]
#[case::no_secret("token.secret-optional", "introspect", &[("token", "x")], ["{id}", ""], (200, ""))]
#[case::client("token.any-client", "introspect", &[("token", "x")], ["nobody", "x"], (200, ""))]
#[case::grant_type(
    "token.grant-type-unchecked",
    "token",
    &[("grant_type", "banana"), ("code", "x")],
    OWN,
    (400, "invalid_grant")
)]
#[case::twice(
    "token.duplicates-taken",
    "token",
    &[("grant_type", "authorization_code"), ("code", "x"), ("code", "y")],
    OWN,
    (400, "invalid_grant")
)]
#[case::grant(
    "token.client-grants-unchecked",
    "token",
    &[("grant_type", "client_credentials"), ("scope", "nobody")],
    OWN,
    (400, "invalid_scope")
)]
#[case::status("token.errors-with-200", "token", &CODE, OWN, (200, "invalid_grant"))]
#[case::unknown("revocation.refuses-unknown", "revoke", &[("token", "x")], OWN, (400, "invalid_request"))]
#[tokio::test]
async fn an_endpoint_can_answer_a_client_otherwise(
    #[case] fault: &str,
    #[case] endpoint: &str,
    #[case] form: &[(&str, &str)],
    #[case] client: [&str; 2],
    #[case] faulty: (u16, &str),
) {
    let world = World::new().await;
    let filled = client.map(|text| {
        let text = text.replace("{id}", &world.org.client_id);
        text.replace("{secret}", &world.org.client_secret)
    });
    let mut form = form.to_vec();
    form.push(("client_id", &filled[0]));
    form.extend(
        Some(("client_secret", filled[1].as_str())).filter(|(_, secret)| !secret.is_empty()),
    );
    let right = posted(&world, endpoint, &form).await;
    set(&world, fault);
    let found = posted(&world, endpoint, &form).await;
    assert_ne!(right, found);
    assert_eq!((found.0, found.1.as_str()), faulty);
}

#[tokio::test]
async fn an_unknown_token_can_be_told_of() {
    let world = World::new().await;
    let told = async || world.post("introspect", &[("token", "x")]).await.json();
    assert_eq!(told().await, json!({"active": false}));
    set(&world, "introspection.always-active");
    assert_eq!(told().await, json!({"active": true}));
    set(&world, "introspection.tells-more");
    assert_ne!(told().await, json!({"active": false}));
}

#[tokio::test]
async fn tokens_can_be_had_by_get() {
    let world = World::new().await;
    let url = format!(
        "{}?grant_type=authorization_code&code=x",
        world.endpoint("token")
    );
    assert_eq!(Browser::new().get(&url).await.status, 405);
    set(&world, "token.get-taken");
    assert_ne!(Browser::new().get(&url).await.status, 405);
}

#[tokio::test]
async fn credentials_in_the_query_can_be_passed_over() {
    let world = World::new().await;
    let form = [&CODE[..], &[("client_id", world.org.client_id.as_str())]].concat();
    let asked = async || posted(&world, "token?client_secret=x", &form).await;
    assert_eq!(asked().await, (400, "invalid_request".to_owned()));
    set(&world, "token.query-credentials-ignored");
    assert_eq!(asked().await, (401, "invalid_client".to_owned()));
}

#[rstest]
#[case::verifier("token.verifier-unchecked", ("code_verifier", "short"))]
#[case::redirect_uri("token.redirect-uri-unchecked", ("redirect_uri", "https://elsewhere.example/"))]
#[tokio::test]
async fn a_code_can_be_good_for_another(#[case] fault: &str, #[case] change: (&str, &str)) {
    let world = World::new().await;
    let redeem = async || {
        let form = [
            ("grant_type", "authorization_code"),
            ("redirect_uri", REDIRECT_URI),
        ];
        let mut form: Vec<(&str, &str)> = form
            .into_iter()
            .filter(|(name, _)| *name != change.0)
            .collect();
        let code = world.code(&[]).await;
        form.extend([("code", code.as_str()), change]);
        world.post("token", &form).await
    };
    assert_eq!(redeem().await.status, 400);
    set(&world, fault);
    assert_eq!(redeem().await.status, 200);
}

/// By `plain` a code challenge is its own verifier (RFC 7636 section 4.6).
#[tokio::test]
async fn a_code_challenge_can_be_taken_for_its_verifier() {
    let world = World::new().await;
    let redeem = async || {
        let challenge = "c".repeat(43);
        let asked = [
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let code = world.code(&asked).await;
        let form = [("code_verifier", challenge.as_str())];
        world.redeem(&code, &form).await.status
    };
    assert_eq!(redeem().await, 400);
    set(&world, "token.verifier-plain-too");
    assert_eq!(redeem().await, 200);
}

/// Nobody asked for a verifier (RFC 9700 section 4.8.2).
#[tokio::test]
async fn a_verifier_can_be_passed_over_where_there_was_no_challenge() {
    let world = World::new().await;
    let redeem = async || {
        let verifier = "v".repeat(43);
        let code = world.code(&[]).await;
        let form = [("code_verifier", verifier.as_str())];
        world.redeem(&code, &form).await.status
    };
    assert_eq!(redeem().await, 400);
    set(&world, "token.verifier-without-challenge");
    assert_eq!(redeem().await, 200);
}

#[tokio::test]
async fn the_tokens_of_a_code_that_comes_again_can_live_on() {
    let world = World::new().await;
    set(&world, "token.reuse-ends-nothing");
    let code = world.code(&[]).await;
    let tokens = world.redeem(&code, &[]).await.json();
    assert_eq!(world.redeem(&code, &[]).await.status, 400);
    let form = [("token", tokens["access_token"].as_str().unwrap())];
    assert_eq!(world.post("introspect", &form).await.json()["active"], true);
}

#[tokio::test]
async fn a_password_can_be_looked_at_for_any_client() {
    let world = World::new().await;
    let form = [
        ("grant_type", "password"),
        ("username", "nobody"),
        ("password", "none"),
    ];
    let asked = async || world.post("token", &form).await.json()["error"].clone();
    assert_eq!(asked().await, "unauthorized_client");
    set(&world, "token.password-grant");
    assert_eq!(asked().await, "invalid_grant");
}

#[tokio::test]
async fn a_code_can_be_good_without_a_redirect_uri() {
    let world = World::new().await;
    let redeem = async || {
        let code = world.code(&[]).await;
        let form = [("grant_type", "authorization_code"), ("code", &code)];
        world.post("token", &form).await.status
    };
    assert_eq!(redeem().await, 400);
    set(&world, "token.redirect-uri-optional");
    assert_eq!(redeem().await, 200);
}

#[tokio::test]
async fn tokens_can_be_kept_by_caches() {
    let world = World::new().await;
    let kept = async || {
        let code = world.code(&[]).await;
        world
            .redeem(&code, &[])
            .await
            .header("cache-control")
            .to_owned()
    };
    assert_eq!(kept().await, "no-cache, no-store");
    set(&world, "token.cacheable");
    assert_eq!(kept().await, "");
}

/// What userinfo answers to a token, by status and by whom it is about.
async fn claims_of(world: &World, token: &str) -> (u16, String) {
    let asked = client().request(Method::GET, world.endpoint("userinfo"));
    let answer = asked.bearer_auth(token).send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap_or_default();
    (status, body["sub"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn userinfo_can_answer_to_others() {
    let world = World::new().await;
    let tokens = world.sign_in("silver", &[]).await.fragment();
    let (access, id) = (tokens["access_token"].as_str(), tokens["id_token"].as_str());
    let own = (200, world.org.users["silver"].clone());
    assert_eq!(claims_of(&world, access).await, own);
    assert_eq!(claims_of(&world, id).await.0, 401);
    assert_eq!(claims_of(&world, "x").await.0, 401);
    set(&world, "userinfo.closed");
    assert_eq!(claims_of(&world, access).await.0, 401);
    set(&world, "userinfo.open");
    assert_eq!(claims_of(&world, "x").await.0, 200);
    set(&world, "userinfo.id-token-taken");
    assert_eq!(claims_of(&world, id).await.0, 200);
    set(&world, "userinfo.sub-other");
    assert_eq!(
        claims_of(&world, access).await,
        (200, "somebody".to_owned())
    );
}

#[tokio::test]
async fn claims_can_be_fetched_by_get_alone() {
    let world = World::new().await;
    let access = world.sign_in("silver", &[]).await.fragment()["access_token"].clone();
    let posted = async || {
        let asked = client().request(Method::POST, world.endpoint("userinfo"));
        let answer = asked.bearer_auth(&access).send().await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(posted().await, 200);
    set(&world, "userinfo.get-alone");
    assert_eq!(posted().await, 405);
    assert_eq!(claims_of(&world, &access).await.0, 200);
}

#[tokio::test]
async fn a_token_can_be_told_with_another_scope() {
    let world = World::new().await;
    let access = world.sign_in("silver", &[]).await.fragment()["access_token"].clone();
    set(&world, "introspection.scope-other");
    let told = world.post("introspect", &[("token", &access)]).await.json();
    assert_eq!(told["scope"], "openid other");
}

#[tokio::test]
async fn a_revocation_can_end_nothing() {
    let world = World::new().await;
    let access = world.sign_in("silver", &[]).await.fragment()["access_token"].clone();
    let form = [("token", access.as_str())];
    set(&world, "revocation.refuses-known");
    assert_eq!(world.post("revoke", &form).await.status, 400);
    set(&world, "revocation.ends-nothing");
    assert_eq!(world.post("revoke", &form).await.status, 200);
    assert_eq!(world.post("introspect", &form).await.json()["active"], true);
    world.sandbox.set_fault(None);
    world.post("revoke", &form).await;
    assert_eq!(
        world.post("introspect", &form).await.json()["active"],
        false
    );
    assert_eq!(claims_of(&world, &access).await.0, 401);
    set(&world, "userinfo.revoked-taken");
    assert_eq!(claims_of(&world, &access).await.0, 200);
    assert_eq!(
        world.post("introspect", &form).await.json()["active"],
        false
    );
}

#[tokio::test]
async fn whoever_signs_out_can_be_sent_anywhere() {
    let world = World::new().await;
    let id = world.sign_in("silver", &[]).await.fragment()["id_token"].clone();
    let url = |more: &str| format!("{}?id_token_hint={id}{more}", world.endpoint("logout"));
    let elsewhere = url("&post_logout_redirect_uri=https%3A%2F%2Felsewhere.example%2F");
    assert_eq!(Browser::new().get(&url("")).await.status, 302);
    assert_eq!(Browser::new().get(&elsewhere).await.status, 400);
    set(&world, "logout.goes-anywhere");
    let page = Browser::new().get(&elsewhere).await;
    assert_eq!(page.location().host_str(), Some("elsewhere.example"));
    set(&world, "logout.refused");
    assert_eq!(Browser::new().get(&url("")).await.status, 400);
    world.sandbox.set_fault(None);
    let (signed, _) = id.rsplit_once('.').unwrap();
    let forged = format!("{}?id_token_hint={signed}.AAAA", world.endpoint("logout"));
    assert_eq!(Browser::new().get(&forged).await.status, 400);
    set(&world, "logout.hint-unsigned");
    assert_eq!(Browser::new().get(&forged).await.status, 302);
}

#[tokio::test]
async fn an_administrator_may_not_see_the_servers() {
    let world = World::new().await;
    set(&world, "management.servers-forbidden");
    let asked = async |path: &str| {
        let url = format!("{}/api/v1/{path}", world.sandbox.org_url());
        let token = format!("SSWS {}", world.sandbox.api_token());
        let asked = client().get(url).header("authorization", token);
        asked.send().await.unwrap().status().as_u16()
    };
    assert_eq!(asked("authorizationServers").await, 403);
    assert_eq!(asked("groups").await, 200);
}

#[tokio::test]
async fn a_service_can_get_every_scope() {
    let world = super::client_credentials::acting().await;
    set(&world, "service.token-with-all-scopes");
    let form = [("grant_type", "client_credentials"), ("scope", GOLD)];
    let answer = world.post("token", &form).await.json();
    let claims = claims(answer["access_token"].as_str().unwrap());
    assert!(claims["scp"].as_array().unwrap().len() > 1, "{claims:?}");
}
