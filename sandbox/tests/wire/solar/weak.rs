//! Each weakness lets in, or fails at, exactly what it says; the right API refuses the same.

use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RSA_PSS_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::get_current_timestamp;
use serde_json::{Value, json};

use super::issuer::{
    AUDIENCE, GOLD, SILVER, Signer, World, forge, forge_text, header, public_keys, signature,
};
use super::raw::Raw;

const GOOD: Signer = Signer::Good(&RSA_PKCS1_SHA256);

/// A request, what the right API answers, and what the API with the fault does.
struct Attack {
    fault: &'static str,
    request: Raw,
    right: u16,
    wrong: u16,
}

fn attack(fault: &'static str, request: Raw, right: u16, wrong: u16) -> Attack {
    Attack {
        fault,
        request,
        right,
        wrong,
    }
}

/// What lets in a token that is refused with 401.
fn lets_in(fault: &'static str, token: &str) -> Attack {
    attack(fault, Raw::get("/planets").bearer(token), 401, 200)
}

/// A good token for `/planets` but for these members of the header.
fn with_header(world: &World, changes: &Value, signer: &Signer) -> String {
    let mut header = header();
    change(&mut header, changes);
    forge(&header, &world.access_claims(&[SILVER]), signer)
}

/// A good token for `/planets` but for these claims.
fn with_claims(world: &World, changes: &Value) -> String {
    let mut claims = world.access_claims(&[SILVER]);
    change(&mut claims, changes);
    forge(&header(), &claims, &GOOD)
}

/// Null takes a member away.
fn change(members: &mut Value, changes: &Value) {
    let members = members.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
}

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
        lets_in("rs.alg-none", &none(json!("none"))),
        lets_in("rs.alg-none-caseless", &none(json!("nOnE"))),
        lets_in("rs.alg-missing", &none(json!(null))),
        lets_in("rs.alg-missing", &none(json!(""))),
        lets_in(
            "rs.verify-skips-unknown-alg",
            &by(json!({"alg": "XS999"}), Signer::Foreign),
        ),
        lets_in("rs.hs-with-pubkey", &secret(&modulus)),
        lets_in("rs.hs-blank", &secret(b"")),
        lets_in("rs.hs-weak", &secret(b"secret")),
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
    let now = get_current_timestamp();
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
        lets_in("expiry-unchecked", &with(json!({"exp": now - 86_400}))),
        lets_in("rs.leeway-1h", &with(json!({"exp": now - 1800}))),
        lets_in("rs.leeway-10m", &with(json!({"exp": now - 300}))),
        lets_in("rs.exp-optional", &with(json!({"exp": null}))),
        lets_in(
            "rs.exp-string",
            &with(json!({"exp": (now + 3600).to_string()})),
        ),
        lets_in("rs.nbf-unchecked", &with(json!({"nbf": now + 3600}))),
        lets_in("id-token-accepted", &id_token),
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

fn presentation(world: &World) -> Vec<Attack> {
    let good = world.access_token(&[SILVER]);
    let at = || Raw::get("/planets");
    let twice = |one: &str, other: &str| at().bearer(one).bearer(other);
    let query = format!("/planets?access_token={good}");
    vec![
        attack("open-without-token", at(), 401, 200),
        attack("query-token-accepted", Raw::get(&query), 401, 200),
        attack(
            "rs.body-token",
            at().form(&format!("access_token={good}")),
            405,
            200,
        ),
        attack(
            "rs.cookie-token",
            at().header("Cookie", &format!("a=b; access_token={good}")),
            401,
            200,
        ),
        attack(
            "rs.header-token",
            at().header("X-Access-Token", &good),
            401,
            200,
        ),
        attack(
            "rs.two-methods-ok",
            Raw::get(&query).bearer(&good),
            400,
            200,
        ),
        attack(
            "rs.unanchored-scheme",
            at().header("Authorization", &format!("Foo Bearer {good}")),
            401,
            200,
        ),
        attack(
            "rs.unanchored-scheme",
            at().header("Authorization", &format!("xBearer {good}")),
            401,
            200,
        ),
        attack("rs.dup-first-wins", twice(&good, "bad.bad.bad"), 400, 200),
        attack("rs.dup-last-wins", twice("bad.bad.bad", &good), 400, 200),
        attack("rs.dup-any-wins", twice("bad.bad.bad", &good), 400, 200),
        attack(
            "rs.scheme-case",
            at().header("Authorization", &format!("bearer {good}")),
            200,
            401,
        ),
    ]
}

fn paths(world: &World) -> Vec<Attack> {
    let silver = world.access_token(&[SILVER]);
    let arrives = |fault: &'static str, target: &str| attack(fault, Raw::get(target), 404, 200);
    let by_silver = |fault: &'static str, target: &str| {
        attack(fault, Raw::get(target).bearer(&silver), 404, 200)
    };
    let named = |fault: &'static str, header: &str| {
        let request = Raw::get("/planets")
            .bearer(&silver)
            .header(header, "/moons");
        attack(fault, request, 200, 200)
    };
    vec![
        arrives("rs.path-dot-segments", "/planets/../moons"),
        arrives("rs.path-dot-segments", "/./moons"),
        arrives("rs.path-encoded-dots", "/planets/%2e%2e/moons"),
        arrives("rs.path-decode-after-check", "/%6doons"),
        arrives("rs.path-decode-twice", "/%256doons"),
        arrives("rs.path-double-slash", "//moons"),
        arrives("rs.path-encoded-slash", "/planets/..%2fmoons"),
        arrives("rs.path-matrix-param", "/moons;x=1"),
        arrives("rs.path-matrix-param", "/;/moons"),
        arrives("rs.path-semicolon-dots", "/planets/..;/moons"),
        arrives("rs.path-encoded-semicolon", "/moons%3bx"),
        arrives("rs.path-backslash", "/planets/..\\moons"),
        arrives("rs.path-encoded-backslash", "/planets/..%5cmoons"),
        arrives("rs.path-casefold", "/MOONS"),
        arrives("rs.path-trailing-slash", "/moons/"),
        arrives("rs.path-trailing-dot", "/moons."),
        arrives("rs.path-nul", "/moons%00x"),
        arrives("rs.path-blank", "/moons%20"),
        arrives("rs.path-blank", "/moons%09"),
        arrives("rs.path-hash", "/moons%23/planets"),
        arrives("rs.path-question", "/moons%3f/planets"),
        arrives("rs.path-extension", "/moons.json"),
        arrives("rs.path-no-normalise", "/planets/../moons"),
        by_silver("rs.path-prefix-only", "/planets/../moons"),
        by_silver("rs.path-any-token", "/planets/%2e%2e/moons"),
        named("rs.x-original-url", "X-Original-URL"),
        named("rs.x-rewrite-url", "X-Rewrite-URL"),
        named("rs.x-forwarded-path", "X-Forwarded-Uri"),
    ]
}

fn requests(_world: &World) -> Vec<Attack> {
    let at = || Raw::get("/moons");
    let by = |method: &str| at().method(method);
    let with = |name: &str, value: &str| at().header(name, value);
    let overridden = with("X-HTTP-Method-Override", "OPTIONS");
    vec![
        attack("rs.head-open", by("HEAD"), 401, 200),
        attack("rs.options-open", by("OPTIONS"), 405, 200),
        attack("rs.post-open", by("POST"), 405, 200),
        attack("rs.trace-open", by("TRACE"), 405, 200),
        attack("rs.unknown-method-open", by("FOO"), 405, 200),
        attack("rs.method-lower-case", by("get"), 405, 200),
        attack("rs.method-override", overridden, 401, 200),
        attack(
            "rs.trust-xff",
            with("X-Forwarded-For", "127.0.0.1"),
            401,
            200,
        ),
        attack(
            "rs.trust-claim-header",
            with("OIDC_CLAIM_scp", GOLD),
            401,
            200,
        ),
        attack(
            "rs.trust-user-header",
            with("X-Forwarded-User", "admin"),
            401,
            200,
        ),
        attack(
            "rs.trust-spelled",
            with("X_Forwarded_For", "127.0.0.1"),
            401,
            200,
        ),
        attack(
            "rs.trust-spelled",
            with("X.Forwarded.For", "127.0.0.1"),
            401,
            200,
        ),
        attack(
            "rs.hopbyhop-bypass",
            with("Connection", "close, Authorization"),
            401,
            200,
        ),
        attack("rs.vhost-open", with("Host", "internal"), 401, 200),
    ]
}

fn robustness(world: &World) -> Vec<Attack> {
    let payload = |bytes: &[u8]| forge_text(header().to_string().as_bytes(), bytes, &GOOD);
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100), "]".repeat(100));
    let deep = payload(deep.as_bytes());
    let with = |changes: Value| with_header(world, &changes, &GOOD);
    let two = with_header(world, &json!({}), &Signer::Nothing);
    let header_text = "bm8uIGpzb24.e30.AA";
    let (key_id, algorithm) = (with(json!({"kid": 7})), with(json!({"alg": 7})));
    let four = format!("{two}.AA.AA");
    let unsigned = with_header(world, &json!({}), &Signer::Text("=!".to_owned()));
    let long = with_claims(world, &json!({"a": "a".repeat(20_000), "aud": "other"}));
    let with = |fault: &'static str, token: &str, wrong: u16| {
        attack(fault, Raw::get("/planets").bearer(token), 401, wrong)
    };
    let two_words = Raw::get("/planets").header("Authorization", "Bearer a b");
    let unsigned = Raw::get("/planets").header("Authorization", &format!("Bearer {unsigned}"));
    vec![
        with("rs.strip-crash", &two, 0),
        with("rs.strip-crash-for-good", &two, 0),
        with("rs.header-crash", header_text, 0),
        with("rs.kid-crash", &key_id, 0),
        with("rs.deep-crash", &deep, 0),
        attack("rs.malformed-500", two_words, 400, 500),
        with("rs.bad-token-500", "garbage", 500),
        with("rs.strip-500", &two, 500),
        with("rs.segments-500", &four, 500),
        with("rs.payload-500", &payload(b"[1]"), 500),
        with("rs.nonutf8-500", &payload(b"{\"a\":\"\xff\"}"), 500),
        with("rs.kid-500", &key_id, 500),
        with("rs.alg-500", &algorithm, 500),
        attack("rs.signature-500", unsigned, 400, 400),
        with("rs.signature-500", &format!("{two}."), 500),
        with("rs.long-500", &long, 500),
        with("rs.bad-token-hangs", "garbage", 1),
        with("rs.strip-hangs", &two, 1),
        with("rs.deep-hangs", &deep, 1),
    ]
}

/// Plays every attack against the right API and against the one with the fault.
async fn play(world: &World, attacks: Vec<Attack>) -> Vec<String> {
    let url = world.solar.url();
    let good = Raw::get("/planets").bearer(&world.access_token(&[SILVER]));
    let mut wrong = Vec::new();
    for Attack {
        fault,
        request,
        right,
        wrong: broken,
    } in attacks
    {
        world.solar.set_fault(None);
        alive(&good, url).await;
        let found = request.send(url).await;
        if found.status != right || (right != 200 && !found.body.is_empty()) {
            wrong.push(format!("without {fault}: {found:?} to {request:?}"));
        }
        world.solar.set_fault(Some(fault.parse().unwrap()));
        let found = request.send(url).await;
        if found.status != broken {
            wrong.push(format!("with {fault}: {found:?} to {request:?}"));
        }
    }
    wrong
}

/// Waits until the API listens again, which takes as long as its port.
async fn alive(good: &Raw, url: &str) {
    let listens = async { while good.send(url).await.status != 200 {} };
    let deadline = std::time::Duration::from_secs(10);
    tokio::time::timeout(deadline, listens).await.unwrap();
}

#[rstest::rstest]
#[case::algorithms(algorithms)]
#[case::keys(keys)]
#[case::claims(claims)]
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
