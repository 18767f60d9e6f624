//! What tokens say, and that the published keys stand for it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::browser::Browser;
use crate::world::{SILVER, World, login};

fn names(claims: &Map<String, Value>) -> String {
    claims
        .keys()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

fn half_hash(value: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(value)[..16])
}

#[tokio::test]
async fn an_access_token_says_exactly_what_oktas_says() {
    let world = World::new().await;
    let token = world.sign_in("silver", &[]).await.fragment()["access_token"].clone();
    let claims = world.verified(&token).await;
    assert_eq!(
        names(&claims),
        "aud auth_time cid exp iat iss jti scp sub uid ver"
    );
    assert_eq!(claims["iss"], world.issuer());
    assert_eq!(claims["aud"], "http://myapp.com");
    assert_eq!(claims["cid"], world.org.client_id);
    assert_eq!(claims["uid"], world.org.users["silver"]);
    assert_eq!(claims["sub"], login("silver"));
    assert_eq!(claims["scp"], json!(["openid", SILVER]));
    assert_eq!(claims["ver"], 1);
    assert!(claims["jti"].as_str().unwrap().starts_with("AT."));
    let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 1800);
}

#[tokio::test]
async fn an_id_token_says_exactly_what_oktas_says() {
    let world = World::new().await;
    let asked = [("response_type", "code id_token token")];
    let fragment = world.sign_in("silver", &asked).await.fragment();
    let claims = world.verified(&fragment["id_token"]).await;
    let wanted = "amr at_hash aud auth_time c_hash exp iat idp iss jti nonce sub ver";
    assert_eq!(names(&claims), wanted);
    assert_eq!(claims["sub"], world.org.users["silver"]);
    assert_eq!(claims["aud"], world.org.client_id);
    assert_eq!(claims["nonce"], "a-nonce");
    assert_eq!(claims["amr"], json!(["pwd"]));
    assert_eq!(claims["at_hash"], half_hash(&fragment["access_token"]));
    assert_eq!(claims["c_hash"], half_hash(&fragment["code"]));
    assert!(claims["idp"].as_str().unwrap().starts_with("00o"));
    assert!(claims["jti"].as_str().unwrap().starts_with("ID."));
    let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 3600);
}

#[tokio::test]
async fn a_header_holds_the_key_id_and_the_algorithm_alone() {
    let world = World::new().await;
    let token = world.sign_in("silver", &[]).await.fragment()["access_token"].clone();
    let header = URL_SAFE_NO_PAD
        .decode(token.split('.').next().unwrap())
        .unwrap();
    let header: Map<String, Value> = serde_json::from_slice(&header).unwrap();
    assert_eq!(names(&header), "alg kid");
    assert_eq!(header["alg"], "RS256");
}

#[tokio::test]
async fn a_live_token_introspects_as_its_claims_and_a_revoked_one_as_inactive() {
    let world = World::new().await;
    let token = world.sign_in("silver", &[]).await.fragment()["access_token"].clone();
    let form = [("token", token.as_str())];
    let live = world.post("introspect", &form).await.json();
    assert_eq!(live["active"], true);
    assert_eq!(live["scope"], format!("openid {SILVER}"));
    assert_eq!(live["username"], login("silver"));
    assert_eq!(live["uid"], world.org.users["silver"]);
    assert_eq!(world.post("revoke", &form).await.status, 200);
    let revoked = world.post("introspect", &form).await.json();
    assert_eq!(revoked, json!({"active": false}));
    let garbage = world
        .post("introspect", &[("token", "garbage")])
        .await
        .json();
    assert_eq!(garbage, json!({"active": false}));
}

#[tokio::test]
async fn introspection_asks_who_is_calling() {
    let world = World::new().await;
    let url = world.endpoint("introspect");
    let page = Browser::new().post_form(&url, &[("token", "t")]).await;
    assert_eq!(page.status, 401);
    assert_eq!(
        page.json()["error_description"],
        "No client credentials found."
    );
    let page = world.post("introspect", &[]).await;
    assert_eq!(page.status, 400);
    assert_eq!(
        page.json()["error_description"],
        "The 'token' parameter is required."
    );
}

async fn userinfo(world: &World, token: &str) -> reqwest::Response {
    let client = crate::browser::client();
    let request = client.get(world.endpoint("userinfo"));
    request.bearer_auth(token).send().await.unwrap()
}

#[tokio::test]
async fn userinfo_takes_a_live_access_token_with_openid() {
    let world = World::new().await;
    let scope = ("scope", "openid profile email");
    let fragment = world.sign_in("silver", &[scope]).await.fragment();
    let answer = userinfo(&world, &fragment["access_token"]).await;
    let claims: Value = answer.json().await.unwrap();
    assert_eq!(claims["sub"], world.org.users["silver"]);
    assert_eq!(claims["given_name"], "silver");
    let refused = userinfo(&world, &fragment["id_token"]).await;
    assert_eq!(refused.status(), 401);
    let challenge =
        r#"Bearer error="invalid_token", error_description="The access token is invalid""#;
    assert_eq!(refused.headers()["www-authenticate"], challenge);
}

#[tokio::test]
async fn userinfo_refuses_a_token_without_openid() {
    let world = World::new().await;
    let asked = [("scope", SILVER), ("response_type", "token")];
    let token = world.sign_in("silver", &asked).await.fragment()["access_token"].clone();
    let refused = userinfo(&world, &token).await;
    assert_eq!(refused.status(), 403);
    let challenge = refused.headers()["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with(r#"Bearer error="insufficient_scope""#));
}
