//! Weaknesses that show from one request to the next, and those of the answers themselves.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use jsonwebtoken::get_current_timestamp;
use okta_sandbox::{SolarFault, SolarSystem};
use rstest::rstest;
use serde_json::{Value, json};

use super::attack::with_header;
use super::issuer::{AUDIENCE, GOLD, SILVER, Signer, World, forge, header, public_keys};
use super::raw::{Answer, Raw};

const GOOD: Signer = Signer::Good(&RSA_PKCS1_SHA256);

async fn broken(name: &str) -> World {
    let world = World::new().await;
    world.solar.set_fault(Some(name.parse().unwrap()));
    world
}

impl World {
    async fn planets(&self, token: &str) -> u16 {
        self.send(Raw::get("/planets").bearer(token)).await.status
    }

    async fn send(&self, request: Raw) -> Answer {
        request.send(self.solar.url()).await
    }
}

#[rstest]
#[case::right(None, [401, 200, 401])]
#[case::shared(Some("rs.caches-200"), [401, 200, 200])]
#[tokio::test]
async fn an_answer_can_be_everybodys(#[case] fault: Option<&str>, #[case] statuses: [u16; 3]) {
    let world = World::new().await;
    world
        .solar
        .set_fault(fault.map(|name| name.parse().unwrap()));
    let good = world.access_token(&[SILVER]);
    let without = || world.send(Raw::get("/planets"));
    let found = [
        without().await.status,
        world.planets(&good).await,
        without().await.status,
    ];
    assert_eq!(found, statuses);
}

#[tokio::test]
async fn a_refusal_can_be_somebody_elses() {
    let world = broken("rs.caches-refusal").await;
    let good = world.access_token(&[SILVER]);
    assert_eq!(world.planets(&good).await, 200);
    assert_eq!(world.planets("bad.bad.bad").await, 401);
    assert_eq!(world.planets(&good).await, 401);
    assert_eq!(world.planets(&good).await, 200);
}

/// The forged token is sent right after the genuine one that it was made from.
#[rstest]
#[case::payload("rs.verdict-by-payload", |_: &World, good: &str| {
    format!("{}.AAAA", good.rsplit_once('.').unwrap().0)
})]
#[case::beginning("rs.verdict-by-beginning", |_: &World, good: &str| {
    format!("{}.AAAA", good.rsplit_once('.').unwrap().0)
})]
#[case::signature("rs.verdict-by-signature", |world: &World, good: &str| {
    let mut claims = world.access_claims(&[SILVER]);
    claims["sub"] = json!("somebody else");
    let signature = good.rsplit_once('.').unwrap().1;
    forge(&header(), &claims, &Signer::Text(signature.to_owned()))
})]
#[case::id("rs.verdict-by-id", |world: &World, _: &str| {
    let mut claims = world.access_claims(&[SILVER]);
    claims["sub"] = json!("somebody else");
    forge(&header(), &claims, &Signer::Foreign)
})]
#[case::subject("rs.verdict-by-subject", |world: &World, _: &str| {
    let mut claims = world.access_claims(&[SILVER]);
    claims["jti"] = json!("another");
    forge(&header(), &claims, &Signer::Foreign)
})]
#[tokio::test]
async fn a_verdict_can_be_another_tokens(
    #[case] fault: &str,
    #[case] forge: fn(&World, &str) -> String,
) {
    let world = World::new().await;
    let good = world.access_token(&[SILVER]);
    let forged = forge(&world, &good);
    for (fault, status) in [(None, 401), (Some(fault), 200)] {
        world
            .solar
            .set_fault(fault.map(|name| name.parse().unwrap()));
        assert_eq!(
            world.planets(&forged).await,
            401,
            "never without the genuine one"
        );
        assert_eq!(world.planets(&good).await, 200);
        assert_eq!(world.planets(&forged).await, status);
    }
}

#[tokio::test]
async fn a_good_token_can_be_good_for_ever() {
    let world = broken("rs.cache-past-exp").await;
    let right = SolarSystem::start(&world.issuer, AUDIENCE).await.unwrap();
    let mut claims = world.access_claims(&[SILVER]);
    // A minute of tolerance, but for a moment.
    claims["exp"] = json!(get_current_timestamp() - 58);
    let token = forge(&header(), &claims, &GOOD);
    assert_eq!(world.planets(&token).await, 200);
    let request = Raw::get("/planets").bearer(&token);
    let expired = async { while request.send(right.url()).await.status != 401 {} };
    tokio::time::timeout(Duration::from_secs(10), expired)
        .await
        .unwrap();
    assert_eq!(world.planets(&token).await, 200);
}

#[rstest]
#[case::after_five("rs.locks-after-bad", 5)]
#[case::as_a_firewall("rs.blocks-after-20", 20)]
#[tokio::test]
async fn bad_requests_can_lock_everybody_out(#[case] fault: &str, #[case] after: usize) {
    let world = broken(fault).await;
    let good = world.access_token(&[SILVER]);
    for _ in 0..after {
        assert_eq!(world.planets(&good).await, 200);
        assert_eq!(world.planets("bad.bad.bad").await, 401);
    }
    assert_eq!(world.planets(&good).await, 403);
    world.solar.set_fault(None);
    assert_eq!(world.planets(&good).await, 200);
}

#[tokio::test]
async fn bad_requests_can_lock_everybody_out_by_an_error_in_the_body() {
    let world = broken("rs.blocks-by-error-after-20").await;
    let request = Raw::get("/planets").bearer(&world.access_token(&[SILVER]));
    let before = request.send(world.solar.url()).await;
    assert!(before.body.contains("saturn"), "{}", before.body);
    for _ in 0..20 {
        assert_eq!(world.planets("bad.bad.bad").await, 401);
    }
    let after = request.send(world.solar.url()).await;
    assert_eq!(
        (after.status, after.body.as_str()),
        (200, r#"{"error":"blocked"}"#)
    );
}

#[tokio::test]
async fn it_can_die_and_come_back() {
    let world = broken("rs.strip-crash").await;
    let good = world.access_token(&[SILVER]);
    assert_eq!(world.planets("e30.e30").await, 0);
    assert_eq!(world.planets(&good).await, 0, "nobody listens");
    let back = async { while world.planets(&good).await != 200 {} };
    tokio::time::timeout(Duration::from_secs(10), back)
        .await
        .unwrap();
}

#[rstest]
#[case::key_set("rs.fetch-jku", |world: &World| {
    json!({"kid": null, "jku": format!("{}/keys", world.foreign_issuer())})
})]
#[case::certificate("rs.fetch-x5u", |world: &World| {
    json!({"kid": null, "x5u": format!("{}/keys", world.foreign_issuer())})
})]
#[case::issuer("rs.fetch-iss", |_: &World| json!({"kid": null}))]
#[case::host("rs.fetch-iss-of-host", |_: &World| json!({"kid": null}))]
#[case::host_and_audience("rs.fetch-iss-of-host-any-aud", |_: &World| json!({"kid": null}))]
#[tokio::test]
async fn keys_can_be_fetched_from_anywhere(
    #[case] fault: &str,
    #[case] changes: fn(&World) -> Value,
) {
    let world = World::new().await;
    let mut header = header();
    for (name, value) in changes(&world).as_object().unwrap() {
        header[name] = value.clone();
    }
    header.as_object_mut().unwrap().remove("kid");
    let mut claims = world.access_claims(&[SILVER]);
    if fault.starts_with("rs.fetch-iss") {
        claims["iss"] = json!(world.foreign_issuer());
    }
    if fault.ends_with("any-aud") {
        claims["aud"] = json!("http://somebody.else");
    }
    let forged = forge(&header, &claims, &Signer::Foreign);
    assert_eq!(world.planets(&forged).await, 401);
    assert_eq!(world.foreign_fetches(), 0, "the right API asks nobody");
    world.solar.set_fault(Some(fault.parse().unwrap()));
    assert_eq!(world.planets(&forged).await, 200);
    assert_eq!(world.foreign_fetches(), 1);
}

/// A token by a key that the issuer has begun to publish.
fn by_new_key(world: &World) -> String {
    let (good, mut new) = public_keys();
    new["kid"] = json!("new");
    world.publish(Some(vec![good, new]));
    let header = json!({"alg": "RS256", "kid": "new"});
    forge(&header, &world.access_claims(&[SILVER]), &Signer::Foreign)
}

#[rstest]
#[case::right(None, 200)]
#[case::never_again(Some("rs.no-refetch"), 401)]
#[tokio::test]
async fn a_new_key_is_fetched(#[case] fault: Option<&str>, #[case] status: u16) {
    let world = World::new().await;
    world
        .solar
        .set_fault(fault.map(|name| name.parse().unwrap()));
    assert_eq!(world.planets(&world.access_token(&[SILVER])).await, 200);
    let token = by_new_key(&world);
    assert_eq!(world.planets(&token).await, status);
}

#[rstest]
#[case::right(None, 401)]
#[case::kept(Some("rs.keeps-removed-key"), 200)]
#[tokio::test]
async fn a_removed_key_is_forgotten(#[case] fault: Option<&str>, #[case] status: u16) {
    let world = World::new().await;
    world
        .solar
        .set_fault(fault.map(|name| name.parse().unwrap()));
    let old = world.access_token(&[SILVER]);
    assert_eq!(world.planets(&old).await, 200);
    let new = by_new_key(&world);
    let (_, mut alone) = public_keys();
    alone["kid"] = json!("new");
    world.publish(Some(vec![alone]));
    assert_eq!(world.planets(&new).await, 200);
    assert_eq!(world.planets(&old).await, status);
}

/// However many unknown keys somebody names, a new key of the issuer is found soon.
#[tokio::test]
async fn unknown_keys_do_not_keep_a_new_one_out() {
    let world = World::new().await;
    for number in 0..20 {
        let unknown = json!({"alg": "RS256", "kid": format!("unknown-{number}")});
        let token = forge(&unknown, &world.access_claims(&[SILVER]), &Signer::Foreign);
        assert_eq!(world.planets(&token).await, 401);
    }
    assert!(world.fetches() <= 6, "{}", world.fetches());
    let token = by_new_key(&world);
    let found = async { while world.planets(&token).await != 200 {} };
    tokio::time::timeout(Duration::from_secs(30), found)
        .await
        .unwrap();
}

/// A good token uses up nothing of what unknown keys may cause.
#[tokio::test]
async fn good_tokens_do_not_keep_a_new_key_out() {
    let world = World::new().await;
    let good = world.access_token(&[SILVER]);
    for _ in 0..20 {
        assert_eq!(world.planets(&good).await, 200);
    }
    let token = by_new_key(&world);
    assert_eq!(world.planets(&token).await, 200);
}

/// While somebody waits for keys that do not come, those who need none of them go on.
#[tokio::test]
async fn an_issuer_that_hangs_keeps_no_good_token_waiting() {
    let world = World::new().await;
    let good = world.access_token(&[SILVER]);
    assert_eq!(world.planets(&good).await, 200);
    world.hang();
    let unknown = json!({"alg": "RS256", "kid": "unknown"});
    let unknown = forge(&unknown, &world.access_claims(&[SILVER]), &GOOD);
    let request = Raw::get("/planets").bearer(&unknown);
    let url = world.solar.url().to_owned();
    let waits = tokio::spawn(async move { request.send(&url).await.status });
    let asked = async {
        while world.fetches() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), asked)
        .await
        .unwrap();
    assert_eq!(world.planets(&good).await, 200);
    assert_eq!(waits.await.unwrap(), 1, "no answer in time");
}

/// As a machine that has too much to do: it answers nobody, and lives.
#[tokio::test]
async fn after_a_token_of_two_segments_nobody_is_answered_for_a_while() {
    let world = broken("answers.slow-after-two-segments").await;
    let good = world.access_token(&[SILVER]);
    assert_eq!(world.planets(&good).await, 200);
    let two_segments = with_header(&world, &json!({}), &Signer::Nothing);
    assert_eq!(world.planets(&two_segments).await, 401);
    assert_eq!(world.planets(&good).await, 1, "no answer in time");
}

#[tokio::test]
async fn unknown_keys_can_make_for_endless_fetches() {
    let world = broken("rs.refetch-unbounded").await;
    let unknown = json!({"alg": "RS256", "kid": "unknown"});
    let token = forge(&unknown, &world.access_claims(&[SILVER]), &GOOD);
    for _ in 0..30 {
        assert_eq!(world.planets(&token).await, 401);
    }
    assert!(world.fetches() >= 30);
}

#[rstest]
#[case::right(None, 503)]
#[case::open(Some("rs.fail-open"), 200)]
#[tokio::test]
async fn without_keys_nobody_gets_in(#[case] fault: Option<&str>, #[case] cold: u16) {
    let world = World::new().await;
    let good = world.access_token(&[SILVER]);
    world.publish(None);
    world
        .solar
        .set_fault(fault.map(|name| name.parse().unwrap()));
    assert_eq!(world.planets(&good).await, cold);
    world.publish(Some(vec![public_keys().0]));
    assert_eq!(world.planets(&good).await, 200);
    world.publish(None);
    assert_eq!(world.planets(&good).await, 200, "known keys stay good");
}

/// What an answer has, and the right one has not.
#[rstest]
#[case("rs.cache-public", "good", 200, "cache-control: public")]
#[case("rs.cache-shared", "good", 200, "cache-control: s-maxage=3600")]
#[case(
    "rs.cors-reflect",
    "evil",
    401,
    "access-control-allow-origin: http://evil"
)]
#[case(
    "rs.cors-beginning",
    "like-ours",
    401,
    "access-control-allow-origin: http://localhost.evil"
)]
#[case(
    "rs.cors-holding",
    "holds-ours",
    401,
    "access-control-allow-origin: http://evil-localhost"
)]
#[case("rs.cors-star", "evil", 401, "access-control-allow-origin: *")]
#[case("rs.401-error-when-none", "none", 401, "bearer error=")]
#[case("rs.error-echoes-token", "bad", 401, "bad.bad.bad")]
#[case("rs.error-shows-inside", "two-words", 400, "verify.js:12:7")]
#[case("rs.body-with-refusal", "none", 401, "mercury")]
#[case("rs.403-as-404", "other", 404, "http/1.1 404")]
#[case("rs.preflight-401", "preflight", 401, "http/1.1 401")]
#[case("challenge.realm", "none", 401, "bearer realm=")]
#[case("challenge.two-headers", "none", 401, "www-authenticate: dpop")]
#[case("refusals.html", "none", 401, "text/html")]
#[case("refusals.not-found", "none", 404, "http/1.1 404")]
#[case("refusals.not-found", "other", 404, "http/1.1 404")]
#[case("refusals.forbidden", "bad", 403, "http/1.1 403")]
#[case("refusals.bad-request", "bad", 400, "http/1.1 400")]
#[case("paths.redirected", "slash", 301, "location: /planets\r\n")]
#[case("answers.compressed", "gzip", 200, "content-encoding: gzip")]
#[case("answers.extra-headers", "good", 200, "x-request-id")]
#[case("answers.empty-head", "head", 204, "http/1.1 204")]
#[case("hosts.other-site", "elsewhere", 200, "http/1.1 200")]
#[tokio::test]
async fn an_answer_can_look_otherwise(
    #[case] fault: &str,
    #[case] request: &str,
    #[case] status: u16,
    #[case] has: &str,
) {
    let world = World::new().await;
    let good = || Raw::get("/planets").bearer(&world.access_token(&[SILVER]));
    let request = match request {
        "good" => good(),
        "gzip" => good().header("Accept-Encoding", "gzip"),
        "evil" => Raw::get("/planets").header("Origin", "http://evil"),
        "like-ours" => Raw::get("/planets").header("Origin", "http://localhost.evil"),
        "holds-ours" => Raw::get("/planets").header("Origin", "http://evil-localhost"),
        "bad" => Raw::get("/planets").bearer("bad.bad.bad"),
        "two-words" => Raw::get("/planets").header("Authorization", "Bearer a b"),
        "other" => Raw::get("/planets").bearer(&world.access_token(&[GOLD])),
        "slash" => Raw::get("/planets/"),
        "elsewhere" => Raw::get("/planets").header("Host", "elsewhere"),
        "head" => Raw::get("/planets").method("HEAD"),
        "preflight" => Raw::get("/planets")
            .method("OPTIONS")
            .header("Origin", "http://evil")
            .header("Access-Control-Request-Method", "GET"),
        _ => Raw::get("/planets"),
    };
    let has_it = |answer: &Answer| answer.head.contains(has) || answer.body.contains(has);
    let answer = world.send(request.clone()).await;
    assert!(!has_it(&answer), "{answer:?}");
    world.solar.set_fault(Some(fault.parse().unwrap()));
    let answer = world.send(request).await;
    assert!(answer.status == status && has_it(&answer), "{answer:?}");
}

/// A row that no test of these plays may do anything, or nothing.
#[test]
fn every_fault_is_played() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/solar");
    let files = std::fs::read_dir(folder).unwrap();
    let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let text: String = texts.collect();
    let quoted: BTreeSet<&str> = text.split('"').collect();
    let names = SolarFault::all().into_iter().map(|fault| fault.to_string());
    let unplayed: Vec<String> = names
        .filter(|name| !quoted.contains(name.as_str()))
        .collect();
    assert!(unplayed.is_empty(), "nothing plays {unplayed:?}");
}
