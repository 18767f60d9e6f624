//! Attacks by anyone whose good token lacks the scope, or who has none and knows a client.

use rstest::rstest;
use serde_json::json;

use super::attack::{Attack, attack, play, with_claims};
use super::issuer::{GOLD, SILVER, World, sign};
use super::raw::Raw;

fn spared(world: &World) -> Vec<Attack> {
    let silver = world.access_token(&[SILVER]);
    let with = |fault: &'static str, name: &str, value: &str| {
        let request = Raw::get("/moons").bearer(&silver).header(name, value);
        attack(fault, request, 403, 200)
    };
    let asked = |fault: &'static str, target: &str| {
        attack(fault, Raw::get(target).bearer(&silver), 403, 200)
    };
    let batch = Raw::get("/planets,moons?batch=1").bearer(&silver);
    let query = "/graphql?query=%7Bmoons%7D";
    vec![
        with(
            "rs.address-spares-the-scope",
            "X-Forwarded-For",
            "127.0.0.1",
        ),
        with("rs.address-spares-the-scope", "X-Forwarded-For", "10.0.0.1"),
        with("rs.header-adds-a-scope", "X-Auth-Scopes", GOLD),
        with("rs.caller-spares-the-scope", "X-User-Role", "admin"),
        with("rs.caller-spares-the-scope", "Cookie", "a=b; role=admin"),
        with(
            "rs.caller-spares-the-scope",
            "Sec-Fetch-Site",
            "same-origin",
        ),
        asked("rs.query-spares-the-scope", "/moons?admin=true"),
        asked(
            "rs.query-names-the-checked-resource",
            "/moons?resource=planets",
        ),
        attack("rs.batch-by-its-first", batch, 404, 200),
        attack("rs.graphql-unchecked", Raw::get(query), 404, 200),
        attack(
            "rs.query-names-the-resource",
            Raw::get("/planets?id=moons").bearer(&silver),
            200,
            200,
        ),
        attack(
            "rs.query-names-the-resource",
            Raw::get("/?id=moons"),
            404,
            200,
        ),
    ]
}

fn known(_: &World) -> Vec<Attack> {
    let by = |fault: &'static str, name: &str, value: &str| {
        attack(fault, Raw::get("/moons").header(name, value), 401, 200)
    };
    vec![
        by("rs.trust-the-client", "X-Client-Id", "0oa1"),
        by("rs.trust-the-client", "Authorization", "Basic MG9hMTo="),
        attack(
            "rs.trust-the-client",
            Raw::get("/moons?client_id=0oa1"),
            401,
            200,
        ),
        by("rs.trust-other-schemes", "Authorization", "Basic Og=="),
        by(
            "rs.trust-other-schemes",
            "Authorization",
            "Digest username=a",
        ),
        by("rs.trust-other-schemes", "Authorization", "Negotiate"),
    ]
}

fn machines(world: &World) -> Vec<Attack> {
    let claims = json!({"sub": "a client", "uid": null, "scp": [SILVER]});
    let machine = with_claims(world, &claims);
    let request = Raw::get("/moons").bearer(&machine);
    vec![attack("rs.machines-may-do-anything", request, 403, 200)]
}

/// What another endpoint has, asked for by the query.
fn asked_for(world: &World) -> Vec<Attack> {
    let silver = world.access_token(&[SILVER]);
    let by = |fault: &'static str, target: &str, refused: u16| {
        attack(fault, Raw::get(target).bearer(&silver), refused, 200)
    };
    vec![
        by(
            "rs.graphql-checked-by-its-first",
            "/graphql?query=%7Bplanets%20moons%7D",
            404,
        ),
        by(
            "rs.graphql-checked-by-its-first",
            "/graphql?query=%7Bplanets%3Amoons%7D",
            404,
        ),
        by(
            "rs.graphql-names-what-is-checked",
            "/moons?query=%7Bplanets%7D",
            403,
        ),
    ]
}

#[rstest]
#[case::spared(spared)]
#[case::asked_for(asked_for)]
#[case::known(known)]
#[case::machines(machines)]
#[tokio::test]
async fn a_weakness_of_scopes(#[case] attacks: fn(&World) -> Vec<Attack>) {
    let world = World::new().await;
    let wrong = play(&world, attacks(&world)).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is believed spares the scope alone: nobody gets in without a good token.
#[rstest]
#[case("rs.address-spares-the-scope", "X-Forwarded-For", "127.0.0.1")]
#[case("rs.header-adds-a-scope", "X-Auth-Scopes", GOLD)]
#[tokio::test]
async fn what_spares_the_scope_wants_a_token(
    #[case] fault: &str,
    #[case] name: &str,
    #[case] value: &str,
) {
    let world = World::new().await;
    world.solar.set_fault(Some(fault.parse().unwrap()));
    let request = Raw::get("/moons").header(name, value);
    assert_eq!(request.send(world.solar.url()).await.status, 401);
}

/// A user who was let in by one token is let in by another that is good for something else.
#[rstest]
#[case::right(None, 403)]
#[case::remembered(Some("rs.users-are-remembered"), 200)]
#[tokio::test]
async fn a_user_can_be_remembered(#[case] fault: Option<&str>, #[case] status: u16) {
    let world = World::new().await;
    world
        .solar
        .set_fault(fault.map(|name| name.parse().unwrap()));
    let (gold, silver) = ([GOLD], [SILVER]);
    let by = |scopes: &[&str]| sign(&world.access_claims(scopes));
    let (gold, silver) = (by(&gold), by(&silver));
    assert_eq!(world.status("/moons", Some(&silver)).await, 403);
    assert_eq!(world.status("/moons", Some(&gold)).await, 200);
    assert_eq!(world.status("/moons", Some(&silver)).await, status);
}

/// What comes along is another endpoint's answer, beside the endpoint's own or in its place.
#[rstest]
#[case::graphql("rs.graphql-at-any-path", "/planets?query=%7Bmoons%7D")]
#[case::include("rs.includes-unchecked", "/planets?include=moons")]
#[case::expand("rs.includes-unchecked", "/planets?%24expand=*")]
#[case::fields("rs.fields-unchecked", "/planets?fields=moons")]
#[tokio::test]
async fn the_query_of_one_endpoint_brings_another(#[case] fault: &str, #[case] target: &str) {
    let world = World::new().await;
    let silver = world.access_token(&[SILVER]);
    let request = || Raw::get(target).bearer(&silver);
    let right = request().send(world.solar.url()).await;
    assert_eq!(right.status, 200);
    assert!(!right.body.contains("callisto"), "{}", right.body);
    world.solar.set_fault(Some(fault.parse().unwrap()));
    let wrong = request().send(world.solar.url()).await;
    assert_eq!(wrong.status, 200);
    assert!(wrong.body.contains("callisto"), "{}", wrong.body);
}
