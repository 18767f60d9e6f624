//! Which tokens open which endpoint.

use jsonwebtoken::{Algorithm, get_current_timestamp};
use okta_sandbox::SolarSystem;
use rstest::rstest;
use serde_json::{Value, json};

use super::issuer::{AUDIENCE, GOLD, SILVER, World, sign, sign_as, sign_foreign};

#[tokio::test]
async fn each_scope_opens_its_endpoint() {
    let world = World::new().await;
    let silver = world.access_token(&["openid", SILVER]);
    let gold = world.access_token(&[GOLD]);
    let planets = json!([
        "mercury", "venus", "earth", "mars", "jupiter", "saturn", "uranus", "neptune"
    ]);
    let moons = json!([
        "adrastea", "amalthea", "callisto", "europa", "ganymede", "io", "metis", "thebe"
    ]);
    let opened = world.call("/planets", Some(&silver)).await;
    assert_eq!(opened, (200, String::new(), planets));
    let opened = world.call("/moons", Some(&gold)).await;
    assert_eq!(opened, (200, String::new(), moons));
    assert_eq!(world.fetches(), 1);
}

#[rstest]
#[case::planets("/planets", GOLD, SILVER)]
#[case::moons("/moons", SILVER, GOLD)]
#[case::a_longer_name("/planets", "http://myapp.com/scp/silver2", SILVER)]
#[tokio::test]
async fn another_scope_is_not_enough(#[case] path: &str, #[case] held: &str, #[case] wanted: &str) {
    let world = World::new().await;
    let token = world.access_token(&["openid", held]);
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{wanted}\"");
    let refused = world.call(path, Some(&token)).await;
    assert_eq!(refused, (403, challenge, Value::Null));
}

#[tokio::test]
async fn without_a_token_the_challenge_names_no_error() {
    let world = World::new().await;
    let refused = world.call("/planets", None).await;
    assert_eq!(refused, (401, "Bearer".to_owned(), Value::Null));
}

#[rstest]
#[case::other_issuer("iss", json!("http://elsewhere/oauth2/aus1"))]
#[case::other_audience("aud", json!("api://default"))]
#[case::expired("exp", json!(get_current_timestamp() - 120))]
#[case::not_yet_valid("nbf", json!(get_current_timestamp() + 120))]
#[case::no_audience("aud", json!(null))]
#[case::no_expiry("exp", json!(null))]
#[tokio::test]
async fn a_token_with_a_wrong_claim_is_invalid(#[case] claim: &str, #[case] value: Value) {
    let world = World::new().await;
    let mut claims = world.access_claims(&[SILVER]);
    claims[claim] = value;
    if claims[claim].is_null() {
        claims.as_object_mut().unwrap().remove(claim);
    }
    assert_invalid(&world, &sign(&claims)).await;
}

#[tokio::test]
async fn a_token_nobody_should_trust_is_invalid() {
    let world = World::new().await;
    let claims = world.access_claims(&[SILVER]);
    assert_invalid(&world, "garbage").await;
    assert_invalid(&world, &sign_foreign(&claims)).await;
    assert_invalid(&world, &sign_as("unknown", Algorithm::RS256, &claims)).await;
    assert_invalid(&world, &sign_as("good", Algorithm::RS512, &claims)).await;
    assert_invalid(&world, &sign(&world.id_claims())).await;
    let mut for_api = world.id_claims();
    for_api["aud"] = json!(AUDIENCE);
    assert_invalid(&world, &sign(&for_api)).await;
}

/// Who is somebody, and may do nothing here.
#[rstest]
#[case::none(json!(null))]
#[case::a_text(json!(SILVER))]
#[case::an_item_of_two(json!([format!("openid {SILVER}")]))]
#[case::a_list_in_the_list(json!([[SILVER]]))]
#[case::a_member(json!({SILVER: true}))]
#[case::a_number(json!(7))]
#[tokio::test]
async fn scopes_of_another_form_are_not_enough(#[case] scopes: Value) {
    let world = World::new().await;
    let mut claims = world.access_claims(&[]);
    claims["scp"] = scopes;
    assert_eq!(world.status("/planets", Some(&sign(&claims))).await, 403);
}

/// RFC 9068: no claim that only Okta has is needed.
#[tokio::test]
async fn a_token_of_another_issuers_form_is_good() {
    let world = World::new().await;
    let mut claims = world.access_claims(&[]);
    let members = claims.as_object_mut().unwrap();
    for only_oktas in ["scp", "cid", "uid", "ver"] {
        members.remove(only_oktas);
    }
    members.insert("client_id".to_owned(), json!("0oa1"));
    members.insert("scope".to_owned(), json!(format!("openid {SILVER}")));
    let token = sign(&claims);
    assert_eq!(world.status("/planets", Some(&token)).await, 200);
    assert_eq!(world.status("/moons", Some(&token)).await, 403);
}

async fn assert_invalid(world: &World, token: &str) {
    let challenge = "Bearer error=\"invalid_token\"".to_owned();
    let refused = world.call("/planets", Some(token)).await;
    assert_eq!(refused, (401, challenge, Value::Null));
}

#[rstest]
#[case::audience_in_a_list("aud", json!(["other", AUDIENCE]))]
#[case::a_minute_late("exp", json!(get_current_timestamp() - 30))]
#[tokio::test]
async fn a_token_within_tolerance_is_good(#[case] claim: &str, #[case] value: Value) {
    let world = World::new().await;
    let mut claims = world.access_claims(&[SILVER]);
    claims[claim] = value;
    let token = sign(&claims);
    assert_eq!(world.status("/planets", Some(&token)).await, 200);
}

#[tokio::test]
async fn unknown_keys_do_not_make_for_endless_fetches() {
    let world = World::new().await;
    let claims = world.access_claims(&[SILVER]);
    for number in 0..50 {
        let kid = format!("unknown-{number}");
        let token = sign_as(&kid, Algorithm::RS256, &claims);
        assert_eq!(world.status("/planets", Some(&token)).await, 401);
    }
    assert!((2..=30).contains(&world.fetches()));
    let good = world.access_token(&[SILVER]);
    assert_eq!(world.status("/planets", Some(&good)).await, 200);
}

/// A foreign issuer must not have this machine asked for it.
#[tokio::test]
async fn keys_at_another_port_of_this_machine_are_not_fetched() {
    let other = World::new().await;
    let origin = other.issuer.trim_end_matches("/oauth2/aus1");
    let world = World::naming_keys(Some(&format!("{origin}/keys"))).await;
    let token = world.access_token(&[SILVER]);
    assert_eq!(world.status("/planets", Some(&token)).await, 503);
    assert_eq!(other.fetches(), 0);
}

#[tokio::test]
async fn an_issuer_that_is_not_there_is_not_the_callers_fault() {
    let world = World::new().await;
    let token = world.access_token(&[SILVER]);
    let lost = SolarSystem::start("http://127.0.0.1:1/oauth2/aus1", AUDIENCE);
    let lost = lost.await.unwrap();
    let request = crate::browser::client().get(format!("{}/planets", lost.url()));
    let answer = request.bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 503);
}

#[tokio::test]
async fn there_is_nothing_else() {
    let world = World::new().await;
    let token = world.access_token(&[SILVER, GOLD]);
    assert_eq!(world.status("/suns", Some(&token)).await, 404);
}

/// What is behind a gateway lets everybody in.
#[rstest]
#[case::without_a_token("/planets", None, 200)]
#[case::with_no_token_at_all("/planets", Some("garbage"), 200)]
#[case::nothing_else("/suns", None, 404)]
#[tokio::test]
async fn an_open_api_checks_nothing(
    #[case] path: &str,
    #[case] token: Option<&str>,
    #[case] status: u16,
) {
    let open = SolarSystem::builder("http://127.0.0.1:1/oauth2/aus1", AUDIENCE).open();
    let open = open.start().await.unwrap();
    let mut request = crate::browser::client().get(format!("{}{path}", open.url()));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), status);
}
