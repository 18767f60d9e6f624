//! Weaknesses of how texts are compared, and of what is believed in place of a token.

use serde_json::{Value, json};

use super::attack::{Attack, attack, lets_in, play, with_claims};
use super::issuer::{AUDIENCE, GOLD, SILVER, World};
use super::raw::Raw;

fn claims(world: &World) -> Vec<Attack> {
    let issuer = world.issuer.as_str();
    let iss = |fault: &'static str, text: String| {
        lets_in(fault, &with_claims(world, &json!({"iss": text})))
    };
    let aud = |fault: &'static str, audience: Value| {
        lets_in(fault, &with_claims(world, &json!({"aud": audience})))
    };
    let below = |text: &str| text.replacen("://", "://below.", 1);
    let path = issuer.find("/oauth2").unwrap();
    let at_another_port = format!("http://127.0.0.1:1{}", &issuer[path..]);
    vec![
        iss("rs.iss-dots", issuer.replace('.', "x")),
        iss("rs.iss-suffix", format!("http://evil/{issuer}")),
        iss("rs.iss-subdomain", below(issuer)),
        iss("rs.iss-port", at_another_port),
        iss("rs.iss-before-mark", format!("{issuer}?x")),
        aud("rs.aud-dots", json!(AUDIENCE.replace('.', "x"))),
        aud("rs.aud-suffix", json!(format!("http://evil/{AUDIENCE}"))),
        aud("rs.aud-subdomain", json!(below(AUDIENCE))),
        aud("rs.aud-scheme", json!(AUDIENCE.replace("http:", "https:"))),
        aud("rs.aud-host", json!(format!("{AUDIENCE}/other"))),
        aud("rs.aud-list-part", json!([format!("{AUDIENCE}.evil")])),
    ]
}

fn scopes(world: &World) -> Vec<Attack> {
    let with = |fault: &'static str, changes: Value| {
        let request = Raw::get("/planets").bearer(&with_claims(world, &changes));
        attack(fault, request, 403, 200)
    };
    let scope = |fault: &'static str, scope: String| with(fault, json!({"scp": [scope]}));
    let (parent, _) = SILVER.rsplit_once('/').unwrap();
    vec![
        scope("rs.scope-star", format!("{parent}/*")),
        scope("rs.scope-full-width", SILVER.replace('s', "\u{ff53}")),
        scope("rs.scope-negated", format!("-{SILVER}")),
        scope("rs.scope-decoded", SILVER.replace('/', "%2F")),
        scope("rs.scope-before-mark", format!("{SILVER}#x")),
        scope("rs.scope-below", format!("{SILVER}:x")),
        scope("rs.scope-above", parent.to_owned()),
        scope("rs.scope-of-admins", "admin".to_owned()),
        with("rs.scope-of-admins", json!({"scp": [], "admin": true})),
        with("rs.scope-of-admins", json!({"scp": [], "role": "admin"})),
    ]
}

fn requests(world: &World) -> Vec<Attack> {
    let gold = world.access_token(&[GOLD]);
    let let_in = |fault: &'static str, name: &str, value: &str| {
        attack(fault, Raw::get("/moons").header(name, value), 401, 200)
    };
    let below = Raw::get("/api/planets").bearer(&gold);
    let (once, wide) = ("rs.path-dots-taken-out-once", "rs.path-overlong");
    vec![
        attack("rs.path-below-any-token", below, 404, 200),
        attack(once, Raw::get("/planets/....//moons"), 404, 200),
        attack(wide, Raw::get("/%ef%bd%8doons"), 404, 200),
        let_in("rs.trust-first-guess", "Authorization", "Bearer test"),
        let_in("rs.trust-any-key", "X-API-Key", "x"),
        attack("rs.trust-any-key", Raw::get("/moons?api_key=x"), 401, 200),
        let_in("rs.trust-rarer-caller", "Via", "1.1 gateway"),
        let_in("rs.trust-private-address", "X-Forwarded-For", "172.16.0.1"),
    ]
}

#[rstest::rstest]
#[case::claims(claims)]
#[case::scopes(scopes)]
#[case::requests(requests)]
#[tokio::test]
async fn a_comparison_is_as_weak_as_it_says(#[case] attacks: fn(&World) -> Vec<Attack>) {
    let world = World::new().await;
    let wrong = play(&world, attacks(&world)).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What was answered to a token at a path that looks like a file is answered to anyone there, and
/// nowhere else.
#[tokio::test]
async fn a_file_is_kept_for_everybody() {
    let world = World::new().await;
    let good = world.access_token(&[SILVER]);
    let fault = "rs.caches-files".parse().unwrap();
    world.solar.set_fault(Some(fault));
    let status = async |request: Raw| request.send(world.solar.url()).await.status;
    let file = || Raw::get("/planets/x.css");
    assert_eq!(status(file()).await, 401);
    assert_eq!(status(file().bearer(&good)).await, 200);
    assert_eq!(status(file()).await, 200);
    assert_eq!(status(Raw::get("/planets").bearer(&good)).await, 200);
    assert_eq!(status(Raw::get("/planets")).await, 401);
}
