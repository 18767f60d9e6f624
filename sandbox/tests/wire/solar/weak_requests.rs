//! Attacks by how a token is presented, by path, method and header, and by what is no token.

use serde_json::{Value, json};

use super::attack::{Attack, GOOD, attack, with_claims, with_header};
use super::issuer::{GOLD, SILVER, Signer, World, forge_text, header};
use super::raw::Raw;

pub(crate) fn presentation(world: &World) -> Vec<Attack> {
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

pub(crate) fn paths(world: &World) -> Vec<Attack> {
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
        arrives("rs.path-casefold-decoded", "/%4DOONS"),
        arrives("rs.path-trailing-slash", "/moons/"),
        arrives("rs.path-trailing-dot", "/moons."),
        arrives("rs.path-nul", "/moons%00x"),
        arrives("rs.path-blank", "/moons%20"),
        arrives("rs.path-blank", "/moons%09"),
        arrives("rs.path-hash", "/moons%23/planets"),
        arrives("rs.path-question", "/moons%3f/planets"),
        arrives("rs.path-extension", "/moons.json"),
        arrives("rs.path-info", "/moons/x.css"),
        arrives("rs.path-info", "/moons;/planets"),
        arrives("rs.path-dots-decoded-twice", "/planets/%252e%252e/moons"),
        attack("rs.path-by-its-end", Raw::get("/planets?/moons"), 401, 200),
        arrives("rs.path-by-its-end", "/planets%23/moons"),
        arrives("rs.path-no-normalise", "/planets/../moons"),
        by_silver("rs.path-prefix-only", "/planets/../moons"),
        by_silver("rs.path-any-token", "/planets/%2e%2e/moons"),
        named("rs.x-original-url", "X-Original-URL"),
        named("rs.x-rewrite-url", "X-Rewrite-URL"),
        named("rs.x-forwarded-path", "X-Forwarded-Uri"),
        named("rs.headers-name-the-path", "X-Original-Uri"),
    ]
}

pub(crate) fn requests(_world: &World) -> Vec<Attack> {
    let at = || Raw::get("/moons");
    let by = |method: &str| at().method(method);
    let with = |name: &str, value: &str| at().header(name, value);
    let overridden = with("X-HTTP-Method-Override", "OPTIONS");
    let let_in = |fault, name: &str, value: &str| attack(fault, with(name, value), 401, 200);
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
        let_in("rs.trust-private-address", "X-Forwarded-For", "10.0.0.1"),
        let_in("rs.trust-a-name", "Authorization", "AWS4 Credential=admin/"),
        let_in("rs.trust-what-is-left", "Cookie", "a=%zz"),
        let_in("rs.trust-what-is-left", "Connection", "X-Forwarded-For"),
        let_in("rs.trust-what-is-left", "Forwarded", "by=here"),
        let_in("rs.trust-probe", "User-Agent", "kube-probe/1.29"),
        attack("rs.trust-unnamed-client", Raw::get("/planets"), 401, 200),
        let_in("rs.trust-unnamed-client", "User-Agent", ""),
        let_in("rs.trust-method-header", "X-Forwarded-Method", "OPTIONS"),
        let_in("rs.trust-the-unexpected", "Accept-Language", "en"),
        let_in("rs.websocket-open", "Upgrade", "websocket"),
        let_in("rs.headers-name-what-is-checked", "X-Original-URL", "/"),
        attack("rs.open-parts", Raw::get("/moons?x.css"), 401, 200),
    ]
}

pub(crate) fn robustness(world: &World) -> Vec<Attack> {
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
        with("rs.large-goes-past", &long, 200),
        with("rs.large-goes-past", "garbage", 401),
        with("rs.bad-token-hangs", "garbage", 1),
        with("rs.strip-hangs", &two, 1),
        with("rs.deep-hangs", &deep, 1),
    ]
}
