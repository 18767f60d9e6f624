//! Each weakness lets in, or fails at, exactly what it says; the right API refuses the same.

use aws_lc_rs::signature::{RSA_PKCS1_SHA512, RSA_PSS_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::get_current_timestamp;
use serde_json::{Value, json};

use super::attack::{Attack, GOOD, attack, lets_in, play, with_claims, with_header};
use super::issuer::{AUDIENCE, GOLD, SILVER, Signer, World, forge, header, public_keys, signature};
use super::raw::Raw;
use super::weak_requests::{paths, presentation, requests, robustness};

fn algorithms(world: &World) -> Vec<Attack> {
    let by = |changes: Value, signer: Signer| with_header(world, &changes, &signer);
    let none = |alg: Value| by(json!({"alg": alg}), Signer::Text(String::new()));
    let (public, _) = public_keys();
    let modulus = URL_SAFE_NO_PAD
        .decode(public["n"].as_str().unwrap())
        .unwrap();
    let secret = |secret: &[u8]| by(json!({"alg": "HS256"}), Signer::Secret(secret.to_vec()));
    let (rs512, ps256) = (
        Signer::Good(&RSA_PKCS1_SHA512),
        Signer::Good(&RSA_PSS_SHA256),
    );
    vec![
        lets_in("signature-unchecked", &by(json!({}), Signer::Foreign)),
        lets_in("rs.strip-ok", &by(json!({}), Signer::Text(String::new()))),
        lets_in("rs.strip-ok", &by(json!({}), Signer::Nothing)),
        lets_in("rs.base64-lax", &format!("{}~", by(json!({}), GOOD))),
        lets_in("rs.alg-none", &none(json!("none"))),
        lets_in("rs.alg-none-caseless", &none(json!("nOnE"))),
        lets_in("rs.alg-missing", &none(json!(null))),
        lets_in("rs.alg-missing", &none(json!(""))),
        lets_in(
            "rs.verify-skips-unknown-alg",
            &by(json!({"alg": "XS999"}), Signer::Foreign),
        ),
        lets_in("rs.hs-with-pubkey", &secret(&modulus)),
        lets_in(
            "rs.hs-with-pubkey",
            &secret(public["kid"].as_str().unwrap().as_bytes()),
        ),
        lets_in(
            "rs.hs-with-published-text",
            &secret(public.to_string().as_bytes()),
        ),
        lets_in(
            "rs.hs-with-published-text",
            &secret(json!({"keys": [public]}).to_string().as_bytes()),
        ),
        lets_in("rs.hs-blank", &secret(b"")),
        lets_in("rs.hs-weak", &secret(b"secret")),
        lets_in("rs.hs-weak", &secret(b"[object Object]")),
        lets_in("rs.alg-unpinned", &by(json!({"alg": "RS512"}), rs512)),
        lets_in("rs.alg-unpinned", &by(json!({"alg": "PS256"}), ps256)),
    ]
}

/// A token whose payload is signed as it is, without being encoded (RFC 7797).
fn not_encoded(world: &World) -> String {
    let changes = json!({"crit": ["b64"], "b64": false});
    let token = with_header(world, &changes, &Signer::Nothing);
    let (header, payload) = token.split_once('.').unwrap();
    let payload = URL_SAFE_NO_PAD.decode(payload).unwrap();
    let message = [header.as_bytes(), b".", &payload].concat();
    format!("{token}.{}", signature(&message))
}

fn keys(world: &World) -> Vec<Attack> {
    let by = |changes: Value, signer: Signer| with_header(world, &changes, &signer);
    let (_, foreign) = public_keys();
    let empty = Signer::Secret(Vec::new());
    let path = json!({"alg": "HS256", "kid": "../../../dev/null"});
    let query = json!({"alg": "HS256", "kid": "x' UNION SELECT 'known'--"});
    vec![
        lets_in(
            "rs.trust-jwk",
            &by(json!({"kid": null, "jwk": foreign}), Signer::Foreign),
        ),
        lets_in("rs.kid-ignored", &by(json!({"kid": "unknown"}), GOOD)),
        lets_in("rs.kid-any", &by(json!({"kid": null}), GOOD)),
        lets_in("rs.kid-number", &by(json!({"kid": 0}), GOOD)),
        lets_in("rs.kid-file", &by(path, empty)),
        lets_in("rs.kid-sql", &by(query, Signer::Secret(b"known".to_vec()))),
        lets_in(
            "rs.crit-ignored",
            &by(json!({"crit": ["exp"], "exp": 1}), GOOD),
        ),
        lets_in(
            "rs.typ-unchecked",
            &by(json!({"typ": "id-token+jwt"}), GOOD),
        ),
        lets_in("rs.typ-unchecked", &by(json!({"typ": "dpop+jwt"}), GOOD)),
        lets_in(
            "rs.b64-ignored",
            &by(json!({"crit": ["b64"], "b64": false}), GOOD),
        ),
        lets_in("rs.b64-obeyed", &not_encoded(world)),
        lets_in("garbage-accepted", "garbage.garbage.garbage"),
    ]
}

/// A slow command answers as ever, later.
#[tokio::test]
async fn a_key_id_can_be_a_command() {
    let world = World::new().await;
    let token = with_header(&world, &json!({"kid": "good;sleep 3"}), &GOOD);
    let request = Raw::get("/planets").bearer(&token);
    assert_eq!(request.send(world.solar.url()).await.status, 401);
    world
        .solar
        .set_fault(Some("rs.kid-command".parse().unwrap()));
    assert_eq!(
        request.send(world.solar.url()).await.status,
        1,
        "no answer in time"
    );
}

fn claims(world: &World) -> Vec<Attack> {
    let with = |changes: Value| with_claims(world, &changes);
    let issuer = world.issuer.as_str();
    let of_host = issuer.replace("/oauth2/aus1", "/oauth2/other");
    let id_token = forge(&header(), &world.id_claims(), &GOOD);
    vec![
        lets_in(
            "issuer-unchecked",
            &with(json!({"iss": "http://elsewhere"})),
        ),
        lets_in("rs.iss-prefix", &with(json!({"iss": format!("{issuer}2")}))),
        lets_in("rs.iss-prefix", &with(json!({"iss": format!("{issuer}/")}))),
        lets_in(
            "rs.iss-substring",
            &with(json!({"iss": format!("http://evil/?{issuer}")})),
        ),
        lets_in(
            "rs.iss-part",
            &with(json!({"iss": &issuer[..issuer.len() - 1]})),
        ),
        lets_in(
            "rs.iss-casefold",
            &with(json!({"iss": issuer.to_uppercase()})),
        ),
        lets_in("rs.iss-host", &with(json!({"iss": of_host}))),
        lets_in("rs.iss-optional", &with(json!({"iss": null}))),
        lets_in("audience-unchecked", &with(json!({"aud": "api://default"}))),
        lets_in(
            "rs.aud-prefix",
            &with(json!({"aud": format!("{AUDIENCE}.evil")})),
        ),
        lets_in(
            "rs.aud-substring",
            &with(json!({"aud": format!("x{AUDIENCE}")})),
        ),
        lets_in(
            "rs.aud-part",
            &with(json!({"aud": &AUDIENCE[..AUDIENCE.len() - 1]})),
        ),
        lets_in(
            "rs.aud-casefold",
            &with(json!({"aud": AUDIENCE.to_uppercase()})),
        ),
        lets_in("rs.aud-array-any", &with(json!({"aud": ["other"]}))),
        lets_in("rs.aud-array-any", &with(json!({"aud": []}))),
        lets_in("rs.aud-optional", &with(json!({"aud": null}))),
        lets_in("id-token-accepted", &id_token),
    ]
}

fn times(world: &World) -> Vec<Attack> {
    let with = |changes: Value| with_claims(world, &changes);
    let now = get_current_timestamp();
    vec![
        lets_in("expiry-unchecked", &with(json!({"exp": now - 86_400}))),
        lets_in("rs.leeway-1h", &with(json!({"exp": now - 1800}))),
        lets_in("rs.leeway-10m", &with(json!({"exp": now - 300}))),
        lets_in("rs.exp-optional", &with(json!({"exp": null}))),
        lets_in(
            "rs.exp-string",
            &with(json!({"exp": (now + 3600).to_string()})),
        ),
        lets_in("rs.nbf-unchecked", &with(json!({"nbf": now + 3600}))),
        attack(
            "expiry.to-the-second",
            Raw::get("/planets").bearer(&with(json!({"exp": now - 30}))),
            200,
            401,
        ),
        attack(
            "rs.iat-checked",
            Raw::get("/planets").bearer(&with(json!({"iat": now + 3600}))),
            200,
            401,
        ),
    ]
}

fn scopes(world: &World) -> Vec<Attack> {
    let with = |fault: &'static str, scopes: Value| {
        let token = with_claims(world, &json!({"scp": scopes}));
        attack(fault, Raw::get("/planets").bearer(&token), 403, 200)
    };
    let moons = |fault: &'static str, held: &str| {
        let token = world.access_token(&[held]);
        attack(fault, Raw::get("/moons").bearer(&token), 403, 200)
    };
    let other_claim = with_claims(world, &json!({"scp": null, "groups": [SILVER]}));
    vec![
        moons("scope-unchecked", SILVER),
        moons("rs.scope-unchecked-at-last", SILVER),
        moons("rs.any-scope", SILVER),
        with("rs.scope-unchecked-at-first", json!([GOLD])),
        with("scopes-swapped", json!([GOLD])),
        with("gold-implies-silver", json!([GOLD])),
        with(
            "rs.scope-substring",
            json!([format!("http://evil/{SILVER}")]),
        ),
        with("rs.scope-prefix", json!([format!("{SILVER}plated")])),
        with("rs.scope-part", json!([&SILVER[..SILVER.len() - 1]])),
        with("rs.scope-casefold", json!([SILVER.to_uppercase()])),
        with("rs.scope-regex-dot", json!([SILVER.replace('.', "x")])),
        with(
            "rs.scope-string-includes",
            json!(format!("openid {SILVER}plated")),
        ),
        with("rs.scope-space-joined", json!([format!("openid {SILVER}")])),
        with("rs.scope-comma", json!([format!("openid,{SILVER}")])),
        attack(
            "rs.scope-any-claim",
            Raw::get("/planets").bearer(&other_claim),
            403,
            200,
        ),
        attack(
            "scope-claim-other",
            Raw::get("/planets").bearer(&world.access_token(&[SILVER])),
            200,
            403,
        ),
    ]
}

#[rstest::rstest]
#[case::algorithms(algorithms)]
#[case::keys(keys)]
#[case::claims(claims)]
#[case::times(times)]
#[case::scopes(scopes)]
#[case::presentation(presentation)]
#[case::paths(paths)]
#[case::requests(requests)]
#[case::robustness(robustness)]
#[tokio::test]
async fn a_weakness_is_what_it_says(#[case] attacks: fn(&World) -> Vec<Attack>) {
    let world = World::new().await;
    let wrong = play(&world, attacks(&world)).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What brings the wrong list with a right status.
#[tokio::test]
async fn a_header_can_name_the_path_that_is_served() {
    let world = World::new().await;
    let silver = world.access_token(&[SILVER]);
    let request = Raw::get("/planets").bearer(&silver);
    let request = request.header("X-Original-URL", "/moons");
    assert!(
        request
            .send(world.solar.url())
            .await
            .body
            .contains("mercury")
    );
    world
        .solar
        .set_fault(Some("rs.x-original-url".parse().unwrap()));
    assert!(
        request
            .send(world.solar.url())
            .await
            .body
            .contains("adrastea")
    );
}
