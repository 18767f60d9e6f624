//! Faults in what an authorization server refuses, and how it says so: each case is the right
//! answer beside the one by the fault.

use std::collections::BTreeSet;
use std::path::Path;

use okta_sandbox::Fault;
use rstest::rstest;
use serde_json::{Value, json};

use crate::browser::{Browser, Page, client};
use crate::world::{World, claims};

fn set(world: &World, fault: &str) {
    world.sandbox.set_fault(Some(fault.parse().unwrap()));
}

/// What an authorize request comes to, in a word: an error, a page, or what it brings.
fn outcome(page: &Page) -> String {
    if page.status == 200 {
        return "sign-in".to_owned();
    }
    if !page.status.is_redirection() {
        return format!("page {}", page.status.as_u16());
    }
    let mut told = page.query();
    told.extend(page.fragment());
    told.remove("error").unwrap_or_else(|| "granted".to_owned())
}

async fn asked(world: &World, changes: &[(&str, &str)]) -> Page {
    let silent = [&[("prompt", "none")], changes].concat();
    Browser::new().get(&world.authorize_url(&silent)).await
}

#[rstest]
#[case::prefix("redirect-uri.prefix", ("redirect_uri", "http://localhost:8080/callback/x"), "page 400")]
#[case::case("redirect-uri.any-case", ("redirect_uri", "http://localhost:8080/CALLBACK"), "page 400")]
#[case::host("redirect-uri.host-alone", ("redirect_uri", "http://localhost:9/other"), "page 400")]
#[case::first("redirect-uri.first-registered", ("redirect_uri", ""), "page 400")]
#[case::kind(
    "authorize.response-type-unchecked",
    ("response_type", "banana"),
    "unsupported_response_type"
)]
#[case::mode(
    "authorize.response-mode-unchecked",
    ("response_mode", "banana"),
    "unsupported_response_mode"
)]
#[case::state("authorize.state-optional", ("state", ""), "invalid_request")]
#[case::nonce("authorize.nonce-optional", ("nonce", ""), "invalid_request")]
#[case::prompt("authorize.prompt-unchecked", ("prompt", "none login"), "invalid_request")]
#[case::age("authorize.max-age-unchecked", ("max_age", "-1"), "invalid_request")]
#[case::object(
    "authorize.request-objects-ignored",
    ("request_uri", "https://elsewhere.example/"),
    "request_uri_not_supported"
)]
#[case::challenge("authorize.challenge-unchecked", ("code_challenge", "short"), "invalid_request")]
#[tokio::test]
async fn what_must_be_refused_can_be_taken(
    #[case] fault: &str,
    #[case] change: (&str, &str),
    #[case] refused: &str,
) {
    let world = World::new().await;
    assert_eq!(outcome(&asked(&world, &[change]).await), refused);
    set(&world, fault);
    assert_eq!(outcome(&asked(&world, &[change]).await), "login_required");
}

#[rstest]
#[case::parameter("authorize.unknown-parameters-refused", ("foo", "bar"), "invalid_request")]
#[case::mode(
    "authorize.response-mode-unknown",
    ("response_mode", "fragment"),
    "unsupported_response_mode"
)]
#[case::order(
    "authorize.response-type-order",
    ("response_type", "id_token token"),
    "unsupported_response_type"
)]
#[case::silence("authorize.silence-ignored", ("foo", "bar"), "sign-in")]
#[tokio::test]
async fn what_must_be_taken_can_be_refused(
    #[case] fault: &str,
    #[case] change: (&str, &str),
    #[case] refused: &str,
) {
    let world = World::new().await;
    assert_eq!(outcome(&asked(&world, &[change]).await), "login_required");
    set(&world, fault);
    assert_eq!(outcome(&asked(&world, &[change]).await), refused);
}

#[tokio::test]
async fn what_is_said_twice_can_be_taken() {
    let world = World::new().await;
    let url = world.authorize_url(&[("prompt", "none")]) + "&scope=openid";
    assert_eq!(outcome(&Browser::new().get(&url).await), "invalid_request");
    set(&world, "authorize.duplicates-taken");
    assert_eq!(outcome(&Browser::new().get(&url).await), "login_required");
}

#[tokio::test]
async fn an_error_can_go_anywhere() {
    let world = World::new().await;
    let elsewhere = [("redirect_uri", "https://elsewhere.example/x")];
    assert_eq!(outcome(&asked(&world, &elsewhere).await), "page 400");
    set(&world, "authorize.errors-go-anywhere");
    let page = asked(&world, &elsewhere).await;
    assert_eq!(page.location().host_str(), Some("elsewhere.example"));
}

#[tokio::test]
async fn an_error_can_stand_in_the_wrong_place() {
    let world = World::new().await;
    assert!(asked(&world, &[]).await.fragment().contains_key("error"));
    set(&world, "authorize.errors-in-query");
    assert!(asked(&world, &[]).await.query().contains_key("error"));
    set(&world, "authorize.errors-in-fragment");
    let code = [("response_type", "code")];
    assert!(asked(&world, &code).await.fragment().contains_key("error"));
    set(&world, "authorize.errors-without-state");
    assert!(!asked(&world, &[]).await.fragment().contains_key("state"));
}

#[rstest]
#[case::whole("state.truncated", "s", 100, "s", 64)]
#[case::decoded("state.decoded-twice", "%41+", 1, "A ", 1)]
#[case::raw("state.unencoded", "a%41", 1, "aA", 1)]
#[tokio::test]
async fn a_state_can_come_back_as_another(
    #[case] fault: &str,
    #[case] sent: &str,
    #[case] times: usize,
    #[case] back: &str,
    #[case] times_back: usize,
) {
    let world = World::new().await;
    let sent = sent.repeat(times);
    let asks = [("state", sent.as_str())];
    assert_eq!(asked(&world, &asks).await.fragment()["state"], sent);
    set(&world, fault);
    let found = asked(&world, &asks).await.fragment()["state"].clone();
    assert_eq!(found, back.repeat(times_back));
}

#[tokio::test]
async fn a_redirect_can_be_made_carelessly() {
    let world = World::new().await;
    let good = asked(&world, &[]).await;
    assert_eq!(
        (good.status.as_u16(), good.header("referrer-policy")),
        (302, "no-referrer")
    );
    assert_eq!(good.fragment().get("iss"), None);
    set(&world, "redirect.307");
    assert_eq!(asked(&world, &[]).await.status, 307);
    set(&world, "redirect.with-referrer");
    assert_eq!(
        asked(&world, &[]).await.header("referrer-policy"),
        "unsafe-url"
    );
    set(&world, "response-issuer.other");
    assert!(asked(&world, &[]).await.fragment().contains_key("iss"));
}

#[tokio::test]
async fn the_query_of_a_redirect_uri_can_be_left_out() {
    let world = World::new().await;
    let uri = "http://localhost:8080/callback?tenant=1";
    let own = json!({ "redirect_uris": [uri] });
    world.change_client("settings", &own).await;
    let asks = [("redirect_uri", uri), ("response_type", "code")];
    assert_eq!(asked(&world, &asks).await.query()["tenant"], "1");
    set(&world, "redirect-uri.query-dropped");
    assert!(!asked(&world, &asks).await.query().contains_key("tenant"));
}

#[tokio::test]
async fn codes_can_be_counted() {
    let world = World::new().await;
    let asks = [("response_type", "code")];
    let code = |page: Page| page.query()["code"].clone();
    assert!(!code(world.sign_in("silver", &asks).await).starts_with("code-"));
    set(&world, "codes.counted");
    let first = code(world.sign_in("silver", &asks).await);
    let second = code(world.sign_in("silver", &asks).await);
    assert_eq!(first, "code-of-the-org-00000001");
    assert_eq!(second, "code-of-the-org-00000002");
}

#[tokio::test]
async fn a_form_can_be_passed_over() {
    let world = World::new().await;
    let asks = [("response_mode", "form_post")];
    assert!(asked(&world, &asks).await.body.contains("method=\"POST\""));
    set(&world, "form-post.ignored");
    assert!(asked(&world, &asks).await.query().contains_key("error"));
}

#[tokio::test]
async fn a_message_can_be_for_any_page() {
    let world = World::new().await;
    let asks = [("response_mode", "okta_post_message")];
    assert!(!asked(&world, &asks).await.body.contains(r"'\x2A'"));
    set(&world, "post-message.target-star");
    assert!(
        asked(&world, &asks)
            .await
            .body
            .contains(r"postMessage(data, '\x2A')")
    );
}

#[tokio::test]
async fn a_page_can_be_made_carelessly() {
    let world = World::new().await;
    let marked = [("client_id", "<i id=x>")];
    assert!(!asked(&world, &marked).await.body.contains("<i id=x>"));
    set(&world, "pages.unescaped");
    assert!(asked(&world, &marked).await.body.contains("<i id=x>"));
    assert_eq!(
        asked(&world, &marked).await.header("x-frame-options"),
        "SAMEORIGIN"
    );
    set(&world, "pages.frameable");
    assert_eq!(asked(&world, &marked).await.header("x-frame-options"), "");
}

#[tokio::test]
async fn any_page_can_read_an_answer() {
    let world = World::new().await;
    let url = world.authorize_url(&[("prompt", "none")]);
    let allowed = async || {
        let asked = client()
            .get(&url)
            .header("origin", "https://elsewhere.example");
        let answer = asked.send().await.unwrap();
        let headers = answer.headers();
        [
            "access-control-allow-origin",
            "access-control-allow-credentials",
        ]
        .map(|name| {
            headers
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        })
    };
    assert_eq!(allowed().await, [None, None]);
    set(&world, "cors.any-origin");
    let everything = ["https://elsewhere.example", "true"].map(|text| Some(text.to_owned()));
    assert_eq!(allowed().await, everything);
}

#[rstest]
#[case::one_token("authorize.both-tokens", ("response_type", "id_token"), "access_token")]
#[case::code("token-beside-code", ("response_type", "code"), "access_token")]
#[tokio::test]
async fn more_can_come_than_is_asked_for(
    #[case] fault: &str,
    #[case] change: (&str, &str),
    #[case] more: &str,
) {
    let world = World::new().await;
    let brought = async || {
        let page = world.sign_in("silver", &[change]).await;
        let mut told = page.query();
        told.extend(page.fragment());
        told
    };
    assert!(!brought().await.contains_key(more));
    set(&world, fault);
    assert!(brought().await.contains_key(more));
}

#[tokio::test]
async fn a_token_can_come_in_the_place_of_a_code() {
    let world = World::new().await;
    set(&world, "token-instead-of-code");
    let query = world
        .sign_in("silver", &[("response_type", "code")])
        .await
        .query();
    assert!(query.contains_key("access_token") && !query.contains_key("code"));
}

#[tokio::test]
async fn an_access_token_can_be_opaque() {
    let world = World::new().await;
    set(&world, "opaque-access-token");
    let fragment = world.sign_in("silver", &[]).await.fragment();
    assert!(!fragment["access_token"].contains('.'));
}

#[rstest]
#[case::unknown("scope.unknown-ignored", "openid nobody", json!(["openid"]))]
#[case::capitals("scope.any-case", "openid http://myapp.com/scp/SILVER",
    json!(["openid", "http://myapp.com/scp/silver"]))]
#[case::alike("scope.begins-alike", "openid http://myapp.com/scp/silverplated",
    json!(["openid", "http://myapp.com/scp/silver"]))]
#[tokio::test]
async fn a_scope_can_be_taken_for_another(
    #[case] fault: &str,
    #[case] scope: &str,
    #[case] granted: Value,
) {
    let world = World::new().await;
    let asks = [("scope", scope)];
    let refused = asked(&world, &asks).await;
    assert_eq!(outcome(&refused), "invalid_scope");
    set(&world, fault);
    let token = world.sign_in("silver", &asks).await.fragment()["access_token"].clone();
    let wanted: BTreeSet<String> = serde_json::from_value(granted).unwrap();
    let held: BTreeSet<String> = serde_json::from_value(claims(&token)["scp"].clone()).unwrap();
    assert_eq!(held, wanted);
}

#[tokio::test]
async fn a_session_can_be_of_no_use_to_silent_requests() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let login = crate::world::login("silver");
    let url = world.authorize_url(&[]);
    browser.sign_in(&url, &login, crate::world::PASSWORD).await;
    let silent = world.authorize_url(&[("prompt", "none")]);
    assert_eq!(outcome(&browser.get(&silent).await), "granted");
    set(&world, "session.never-silent");
    assert_eq!(outcome(&browser.get(&silent).await), "login_required");
}

#[rstest]
#[case::unsigned("metadata.unsigned-tokens", "/id_token_signing_alg_values_supported/1", json!("none"))]
#[case::plain("metadata.plain-challenge", "/code_challenge_methods_supported/0", json!("plain"))]
#[case::userinfo(
    "metadata.userinfo-other-host",
    "/userinfo_endpoint",
    json!("https://other.example.com/oauth2/other/v1/userinfo")
)]
#[case::logout(
    "metadata.logout-other-host",
    "/end_session_endpoint",
    json!("https://other.example.com/oauth2/other/v1/logout")
)]
#[tokio::test]
async fn discovery_can_say_what_is_not_so(
    #[case] fault: &str,
    #[case] member: &str,
    #[case] said: Value,
) {
    let world = World::new().await;
    set(&world, fault);
    let url = format!("{}/.well-known/openid-configuration", world.issuer());
    let metadata = Browser::new().get(&url).await.json();
    assert_eq!(metadata.pointer(member), Some(&said));
}

#[tokio::test]
async fn discovery_can_fail() {
    let world = World::new().await;
    set(&world, "discovery.server-error");
    let url = format!("{}/.well-known/openid-configuration", world.issuer());
    assert_eq!(Browser::new().get(&url).await.status, 500);
}

#[tokio::test]
async fn keys_can_be_published_badly() {
    let world = World::new().await;
    set(&world, "keys.private-member");
    assert!(world.keys().await[0].get("d").is_some());
    set(&world, "keys.for-encryption");
    let keys = world.keys().await;
    let uses: Vec<&Value> = keys
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["use"])
        .collect();
    assert_eq!(uses, ["enc", "enc", "sig"]);
    set(&world, "keys.equal-ids");
    let keys = world.keys().await;
    let ids: Vec<&Value> = keys
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["kid"])
        .collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(ids[1], ids[2]);
    let cache = async || {
        let page = Browser::new().get(&world.endpoint("keys")).await;
        page.header("cache-control").to_owned()
    };
    assert!(cache().await.contains("max-age"));
    set(&world, "keys.without-age");
    assert_eq!(cache().await, "");
}

#[tokio::test]
async fn what_is_typed_can_go_elsewhere_too() {
    let world = World::new().await;
    set(&world, "sign-in.sends-elsewhere");
    let page = Browser::new().get(&world.authorize_url(&[])).await;
    assert!(page.body.contains("elsewhere"));
    world.sandbox.set_fault(None);
    let page = Browser::new().get(&world.authorize_url(&[])).await;
    assert!(!page.body.contains("elsewhere"));
}

/// The texts between quotation marks in these tests.
fn quoted() -> BTreeSet<String> {
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")];
    let mut quoted = BTreeSet::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).unwrap();
            open.extend(entries.map(|entry| entry.unwrap().path()));
        } else if is_source(&path) {
            let text = std::fs::read_to_string(&path).unwrap();
            quoted.extend(text.split('"').map(str::to_owned));
        }
    }
    quoted
}

fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// What is wrong with tokens alone has a test of all of them, in `faults`.
#[test]
fn every_fault_is_shown_to_do_what_it_says() {
    let quoted = quoted();
    let of_requests = Fault::all()
        .into_iter()
        .filter(|fault| !matches!(fault, Fault::Token(..) | Fault::TokenByCode(..)));
    let unshown: Vec<String> = of_requests
        .map(|fault| fault.to_string())
        .filter(|fault| !quoted.contains(fault))
        .collect();
    assert!(unshown.is_empty(), "no test shows what {unshown:?} does");
}

/// Nobody signs in where nobody is asked (OpenID Connect Core section 3.1.2.1).
#[tokio::test]
async fn a_silent_answer_can_be_of_another_time() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let login = crate::world::login("silver");
    let url = world.authorize_url(&[]);
    browser.sign_in(&url, &login, crate::world::PASSWORD).await;
    let mut time = async || {
        let silent = world.authorize_url(&[("prompt", "none")]);
        let id_token = browser.get(&silent).await.fragment()["id_token"].clone();
        claims(&id_token)["auth_time"].as_i64().unwrap()
    };
    let right = time().await;
    set(&world, "session.of-another-time");
    assert_eq!(time().await, right - 60);
}
