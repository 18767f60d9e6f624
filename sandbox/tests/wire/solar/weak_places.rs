//! Weaknesses of two places that read a request otherwise, and of what is believed beside a token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::attack::{Attack, attack, lets_in, play, with_claims, with_header};
use super::issuer::{
    AUDIENCE, GOLD, SILVER, Signer, World, foreign_certificate, forge, header, public_keys,
};
use super::raw::Raw;

/// A token of the issuer's that is good for `/moons`, and one of nobody's for `/planets`.
fn gold_and_forged(world: &World) -> (String, String) {
    let forged = forge(&header(), &world.access_claims(&[SILVER]), &Signer::Foreign);
    (world.access_token(&[GOLD]), forged)
}

fn presentation(world: &World) -> Vec<Attack> {
    let good = world.access_token(&[SILVER]);
    let (for_moons, forged) = gold_and_forged(world);
    let at = || Raw::get("/planets");
    let first = "rs.verifies-first-reads-last";
    let last = "rs.verifies-last-reads-first";
    let in_query = format!("/planets?access_token={forged}");
    let in_cookie = |name: &str| at().header("Cookie", &format!("{name}={good}"));
    let by_header = |value: String| at().header("Authorization", &value);
    vec![
        attack(first, at().bearer(&for_moons).bearer(&forged), 400, 200),
        attack(first, Raw::get(&in_query).bearer(&for_moons), 400, 200),
        attack(last, at().bearer(&forged).bearer(&for_moons), 400, 200),
        attack("rs.scheme-any", by_header(format!("JWT {good}")), 401, 200),
        attack("rs.cookie-of-any-name", in_cookie("jwt"), 401, 200),
        attack(
            "rs.parameter-of-any-name",
            Raw::get(&format!("/planets?token={good}")),
            401,
            200,
        ),
        attack(
            "rs.header-token-of-proxies",
            at().header("X-Forwarded-Authorization", &format!("Bearer {good}")),
            401,
            200,
        ),
    ]
}

fn signatures(world: &World) -> Vec<Attack> {
    let by = |changes: Value, signer: Signer| with_header(world, &changes, &signer);
    let (public, _) = public_keys();
    let modulus = URL_SAFE_NO_PAD.decode(public["n"].as_str().unwrap());
    let zeros = URL_SAFE_NO_PAD.encode([0; 64]);
    let certificate = json!({"kid": null, "x5c": [foreign_certificate()]});
    vec![
        lets_in(
            "rs.hs-longer-with-pubkey",
            &by(json!({"alg": "HS512"}), Signer::Secret(modulus.unwrap())),
        ),
        lets_in(
            "rs.hs-names",
            &by(
                json!({"alg": "HS256"}),
                Signer::Secret(AUDIENCE.as_bytes().to_vec()),
            ),
        ),
        lets_in(
            "rs.es256-zeros",
            &by(json!({"alg": "ES256"}), Signer::Text(zeros)),
        ),
        lets_in("rs.trust-x5c", &by(certificate, Signer::Foreign)),
        lets_in(
            "rs.trust-jwk",
            &by(
                json!({"alg": "HS256", "jwk": {"kty": "oct", "k": URL_SAFE_NO_PAD.encode("known")}}),
                Signer::Secret(b"known".to_vec()),
            ),
        ),
    ]
}

fn comparisons(world: &World) -> Vec<Attack> {
    let with = |changes: Value| with_claims(world, &changes);
    let https = |text: &str| text.replacen("http://", "https://", 1);
    let scope = |fault: &'static str, scope: String| {
        let token = with_claims(world, &json!({"scp": [scope]}));
        attack(fault, Raw::get("/planets").bearer(&token), 403, 200)
    };
    vec![
        lets_in("rs.iss-scheme", &with(json!({"iss": https(&world.issuer)}))),
        lets_in(
            "rs.aud-slash",
            &with(json!({"aud": format!("{AUDIENCE}/")})),
        ),
        scope("rs.scope-slash", format!("{SILVER}/")),
        scope("rs.scope-address", SILVER.replace(".com/", ".com:80/")),
        scope("rs.scope-scheme", https(SILVER)),
    ]
}

fn requests(world: &World) -> Vec<Attack> {
    let arrives = |fault: &'static str, target: &str| attack(fault, Raw::get(target), 404, 200);
    let let_in = |fault: &'static str, name: &str, value: &str| {
        attack(fault, Raw::get("/moons").header(name, value), 401, 200)
    };
    let query = |fault: &'static str, query: &str| {
        attack(fault, Raw::get(&format!("/moons?{query}")), 401, 200)
    };
    let silver = world.access_token(&[SILVER]);
    let named = |fault: &'static str, target: &str, other: &str| {
        let request = Raw::get(target).bearer(&silver);
        let right = if target == "/planets" { 200 } else { 403 };
        attack(fault, request.header("X-Original-Path", other), right, 200)
    };
    vec![
        arrives("rs.path-overlong", "/planets/%c0%ae%c0%ae/moons"),
        arrives("rs.path-alias", "/public../moons"),
        arrives("rs.path-alias", "/static/moons"),
        arrives("rs.path-below-anything", "/api/moons"),
        query("rs.trust-query-flags", "debug=true&x=1"),
        query("rs.trust-query-scope", &format!("scope={GOLD}")),
        let_in("rs.trust-rarer-address", "Client-IP", "127.0.0.1"),
        let_in("rs.trust-rarer-user", "X-Authenticated-User", "admin"),
        let_in("rs.trust-flag", "Cookie", "admin=true"),
        let_in("rs.trust-flag", "X-Middleware-Subrequest", "middleware"),
        let_in("rs.trust-own-pages", "Referer", "http://127.0.0.1:1/"),
        let_in("rs.trust-kind", "Accept", "text/event-stream"),
        let_in("rs.trust-agent", "User-Agent", "Envoy/HC"),
        named("rs.rarer-headers-name-the-path", "/planets", "/moons"),
        named(
            "rs.rarer-headers-name-what-is-checked",
            "/moons",
            "/planets",
        ),
    ]
}

#[rstest::rstest]
#[case::presentation(presentation)]
#[case::signatures(signatures)]
#[case::comparisons(comparisons)]
#[case::requests(requests)]
#[tokio::test]
async fn a_weakness_is_what_it_says(#[case] attacks: fn(&World) -> Vec<Attack>) {
    let world = World::new().await;
    let wrong = play(&world, attacks(&world)).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A good token and then none, on one connection: the status of the second answer.
#[rstest::rstest]
#[case::right(None, "401")]
#[case::remembered(Some("rs.connection-remembered"), "200")]
#[tokio::test]
async fn a_connection_can_be_remembered(#[case] fault: Option<&str>, #[case] status: &str) {
    let world = World::new().await;
    let fault = fault.map(|name| name.parse().unwrap());
    world.solar.set_fault(fault);
    let token = world.access_token(&[SILVER]);
    let address = world.solar.url().trim_start_matches("http://");
    let head = format!("GET /planets HTTP/1.1\r\nHost: {address}\r\n");
    let requests =
        format!("{head}Authorization: Bearer {token}\r\n\r\n{head}Connection: close\r\n\r\n");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(requests.as_bytes()).await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    let last = answers.rsplit("HTTP/1.1 ").next().unwrap();
    assert!(last.starts_with(status), "{answers}");
}

/// No token, and a good one while that waits for its answer: what the first is answered.
#[rstest::rstest]
#[case::right(None, 401)]
#[case::shared(Some("rs.verdict-shared"), 200)]
#[tokio::test]
async fn a_verdict_can_be_anothers(#[case] fault: Option<&str>, #[case] status: u16) {
    let world = World::new().await;
    let fault = fault.map(|name| name.parse().unwrap());
    world.solar.set_fault(fault);
    let (url, good) = (world.solar.url(), world.access_token(&[SILVER]));
    let (nothing, good) = (Raw::get("/planets"), Raw::get("/planets").bearer(&good));
    let both = async { tokio::join!(nothing.send(url), good.send(url)).0.status };
    let mut often = 0..20;
    let mut found = both.await;
    while found != status && often.next().is_some() {
        found = tokio::join!(nothing.send(url), good.send(url)).0.status;
    }
    assert_eq!(found, status);
}
