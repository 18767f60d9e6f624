//! Faults do what their names say, and no more.

use std::collections::BTreeMap;
use std::time::Duration;

use okta_sandbox::Fault;
use rstest::rstest;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::world::{BOTH, GOLD, PASSWORD, SILVER, World, claims, login};

fn fault(name: &str) -> Fault {
    name.parse().unwrap()
}

async fn fragment(name: &str) -> BTreeMap<String, String> {
    let world = World::broken(fault(name)).await;
    world.sign_in("silver", &[]).await.fragment()
}

#[tokio::test]
async fn every_claim_fault_takes_or_changes_its_claim() {
    let world = World::new().await;
    let asked = [("response_type", "code id_token token")];
    let good = world.sign_in("silver", &asked).await.fragment();
    for fault in Fault::all() {
        let name = fault.to_string();
        let [
            token @ ("access-token" | "id-token"),
            claim,
            what @ ("missing" | "other"),
        ] = name.split('.').collect::<Vec<_>>()[..]
        else {
            continue;
        };
        world.sandbox.set_fault(Some(fault));
        let parameter = token.replace('-', "_");
        let bad = world.sign_in("silver", &asked).await.fragment();
        let bad = claims(&bad[&parameter]);
        let good = claims(&good[&parameter]);
        if what == "missing" {
            assert!(!bad.contains_key(claim), "{name}");
        } else {
            assert_ne!(bad.get(claim), good.get(claim), "{name}");
            let kind = |value: Option<&Value>| value.map(std::mem::discriminant);
            assert_eq!(kind(bad.get(claim)), kind(good.get(claim)), "{name}");
        }
    }
}

#[rstest]
#[case::omitted_access_token("omit-access-token", "access_token", None)]
#[case::omitted_id_token("omit-id-token", "id_token", None)]
#[case::no_state("state.missing", "state", None)]
#[case::another_state("state.other", "state", Some("other"))]
#[case::no_scope("scope-echo.missing", "scope", None)]
#[case::another_scope("scope-echo.other", "scope", Some("other"))]
#[case::another_lifetime("expires-in.other", "expires_in", Some("3600"))]
#[case::another_type("token-type.other", "token_type", Some("other"))]
#[tokio::test]
async fn a_response_fault_changes_its_parameter(
    #[case] name: &str,
    #[case] parameter: &str,
    #[case] value: Option<&str>,
) {
    let fragment = fragment(name).await;
    assert_eq!(fragment.get(parameter).map(String::as_str), value);
}

#[tokio::test]
async fn tokens_can_come_in_the_query() {
    let world = World::broken(fault("tokens-in-query")).await;
    let page = world.sign_in("silver", &[]).await;
    assert!(page.query().contains_key("access_token"));
    assert_eq!(page.location().fragment(), None);
}

#[tokio::test]
async fn a_refresh_token_can_come_through_the_browser() {
    assert!(
        fragment("refresh-token-in-fragment")
            .await
            .contains_key("refresh_token")
    );
}

#[rstest]
#[case::a_foreign_signature("foreign-signature")]
#[case::no_signature("alg-none")]
#[case::another_algorithm("alg-other")]
#[case::an_unknown_key("kid-unknown")]
#[tokio::test]
async fn a_signature_fault_makes_a_token_that_its_server_does_not_know(#[case] name: &str) {
    let world = World::broken(fault(&format!("access-token.{name}"))).await;
    let token = world.sign_in("silver", &[]).await.fragment()["access_token"].clone();
    let introspected = world.post("introspect", &[("token", &token)]).await.json();
    assert_eq!(introspected, json!({"active": false}));
}

#[rstest]
#[case::all_scopes("access-token.scp.adds-all", "silver", SILVER, GOLD)]
#[case::everything("grant-everything", "silver", GOLD, GOLD)]
#[case::part_of_it("access-token.scp.down-scope", "silver", BOTH, SILVER)]
#[tokio::test]
async fn a_policy_fault_grants_too_much(
    #[case] name: &str,
    #[case] user: &str,
    #[case] asked: &str,
    #[case] granted: &str,
) {
    let world = World::broken(fault(name)).await;
    let asked = format!("openid {}", asked.trim_start_matches("openid "));
    let fragment = world.sign_in(user, &[("scope", &asked)]).await.fragment();
    let claims = claims(&fragment["access_token"]);
    assert!(claims["scp"].as_array().unwrap().contains(&json!(granted)));
}

#[tokio::test]
async fn an_assignment_can_be_ignored() {
    let world = World::broken(fault("assignment-ignored")).await;
    let fragment = world.sign_in("unassigned", &[]).await.fragment();
    let text = "Policy evaluation failed for this request, please check the policy configurations.";
    assert_eq!(fragment["error_description"], text);
}

#[tokio::test]
async fn everybody_can_get_the_first_ones_tokens() {
    let world = World::broken(fault("session-of-first-user")).await;
    world.sign_in("gold", &[]).await;
    let fragment = world.sign_in("silver", &[]).await.fragment();
    assert_eq!(
        claims(&fragment["access_token"])["uid"],
        world.org.users["gold"]
    );
}

#[tokio::test]
async fn any_password_can_do() {
    let world = World::broken(fault("any-password")).await;
    let url = world.authorize_url(&[]);
    let mut browser = Browser::new();
    let page = browser.sign_in(&url, "silver@example.com", "wrong").await;
    assert!(page.fragment().contains_key("access_token"));
}

#[tokio::test]
async fn any_redirect_uri_can_do() {
    let world = World::broken(fault("any-redirect-uri")).await;
    let asked = [("redirect_uri", "https://evil.example/x")];
    let page = world.sign_in("silver", &asked).await;
    assert!(
        page.header("location")
            .starts_with("https://evil.example/x#")
    );
}

#[rstest]
#[case::discovery("discovery.hangs", ".well-known/openid-configuration")]
#[case::keys("keys.hangs", "v1/keys")]
#[case::authorize("authorize.hangs", "v1/authorize")]
#[tokio::test]
async fn an_endpoint_can_hang(#[case] name: &str, #[case] path: &str) {
    let world = World::broken(fault(name)).await;
    let url = format!("{}/{path}", world.issuer());
    let mut browser = Browser::new();
    let answer = tokio::time::timeout(Duration::from_millis(100), browser.get(&url)).await;
    assert!(answer.is_err(), "it answered");
}

#[rstest]
#[case::keys("keys.server-error", "v1/keys", 500)]
#[case::authorize("authorize.server-error", "v1/authorize", 500)]
#[case::discovery("discovery.missing", ".well-known/openid-configuration", 404)]
#[tokio::test]
async fn an_endpoint_can_fail(#[case] name: &str, #[case] path: &str, #[case] status: u16) {
    let world = World::broken(fault(name)).await;
    let page = Browser::new()
        .get(&format!("{}/{path}", world.issuer()))
        .await;
    assert_eq!(page.status, status);
}

#[tokio::test]
async fn the_first_authorize_requests_can_be_too_many() {
    let world = World::broken(fault("authorize.rate-limited")).await;
    let url = world.authorize_url(&[]);
    let mut browser = Browser::new();
    for _ in 0..2 {
        let page = browser.get(&url).await;
        assert_eq!(page.status, 429);
        assert_eq!(page.json()["errorCode"], "E0000047");
        assert_eq!(page.header("x-rate-limit-remaining"), "0");
    }
    assert_eq!(browser.get(&url).await.status, 200);
}

#[rstest]
#[case::enrolment("sign-in.enrolment", "select-authenticator-enroll")]
#[case::unknown("sign-in.unknown-page", "sandbox-unknown-step")]
#[tokio::test]
async fn a_sign_in_can_end_on_a_page_for_people(#[case] name: &str, #[case] step: &str) {
    let world = World::broken(fault(name)).await;
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    browser.identify(&sign_in, "silver@example.com").await;
    let page = browser.answer(&sign_in, PASSWORD).await.json();
    assert_eq!(page["remediation"]["value"][0]["name"], step);
}

#[tokio::test]
async fn a_code_can_be_redeemed_again() {
    let world = World::broken(fault("token.code-reusable")).await;
    let code = world.code(&[]).await;
    world.redeem(&code, &[]).await;
    assert_eq!(world.redeem(&code, &[]).await.status, 200);
}

#[rstest]
#[case::another_status("redirect.303")]
#[case::another_order("scp.reordered")]
#[case::another_claim("claims.extra")]
#[case::another_header("headers.extra")]
#[case::another_key("keys.extra")]
#[case::a_slow_answer("latency")]
#[case::another_wording("error-text.other")]
#[tokio::test]
async fn a_harmless_fault_leaves_a_good_token(#[case] name: &str) {
    let world = World::broken(fault(name)).await;
    let fragment = world.sign_in("silver", &[]).await.fragment();
    let claims = world.verified(&fragment["access_token"]).await;
    assert_eq!(claims["scp"].as_array().unwrap().len(), 2);
}

#[rstest]
#[case::the_issuer("discovery.issuer-other", "issuer")]
#[case::an_endpoint("discovery.endpoint-other-host", "token_endpoint")]
#[tokio::test]
async fn discovery_can_point_elsewhere(#[case] name: &str, #[case] member: &str) {
    let world = World::broken(fault(name)).await;
    let url = format!("{}/.well-known/openid-configuration", world.issuer());
    let metadata = Browser::new().get(&url).await.json();
    let value = metadata[member].as_str().unwrap();
    assert!(value.starts_with("https://other.example.com/"));
}

#[tokio::test]
async fn no_key_can_be_published() {
    let world = World::broken(fault("keys.empty")).await;
    assert_eq!(world.keys().await, json!([]));
}

#[tokio::test]
async fn the_clock_can_be_ten_minutes_ahead() {
    let world = World::broken(fault("clock.skew")).await;
    let page = world.sign_in("silver", &[]).await;
    let issued = claims(&page.fragment()["access_token"])["iat"]
        .as_i64()
        .unwrap();
    let ahead = issued - jiff::Timestamp::now().as_second();
    assert!((590..=610).contains(&ahead), "{ahead} seconds ahead");
    let date = jiff::fmt::rfc2822::parse(page.header("date")).unwrap();
    assert!((date.timestamp().as_second() - issued).abs() <= 5);
}

#[tokio::test]
async fn any_client_secret_can_do() {
    let world = World::broken(fault("token.secret-unchecked")).await;
    let form = [
        ("token", "t"),
        ("client_id", world.org.client_id.as_str()),
        ("client_secret", "other"),
    ];
    let url = world.endpoint("introspect");
    assert_eq!(Browser::new().post_form(&url, &form).await.status, 200);
}

#[rstest]
#[case::prompt_login("prompt-login-ignored", ("prompt", "login"))]
#[case::max_age("max-age-ignored", ("max_age", "0"))]
#[tokio::test]
async fn a_new_sign_in_can_be_left_out(#[case] name: &str, #[case] asks: (&str, &str)) {
    let world = World::broken(fault(name)).await;
    let mut browser = Browser::new();
    let url = world.authorize_url(&[asks]);
    browser.sign_in(&url, &login("silver"), PASSWORD).await;
    let page = browser.get(&url).await;
    assert!(page.fragment().contains_key("access_token"));
}

#[rstest]
#[case::denied("sign-in.access-denied", 403, "security.access_denied")]
#[case::rate_limited("sign-in.rate-limited", 429, "tooManyRequests")]
#[case::expired("sign-in.expired", 401, "idx.session.expired")]
#[tokio::test]
async fn a_sign_in_can_be_refused_at_once(
    #[case] name: &str,
    #[case] status: u16,
    #[case] key: &str,
) {
    let world = World::broken(fault(name)).await;
    let first = Browser::new().open(&world.authorize_url(&[])).await.first;
    assert_eq!(first.status, status);
    assert_eq!(first.json()["messages"]["value"][0]["i18n"]["key"], key);
}

#[tokio::test]
async fn a_harmless_fault_is_seen() {
    let world = World::broken(fault("redirect.303")).await;
    assert_eq!(world.sign_in("silver", &[]).await.status, 303);
    world.sandbox.set_fault(Some(fault("headers.extra")));
    let page = world.sign_in("silver", &[]).await;
    assert_eq!(page.header("x-sandbox-extra"), "harmless");
    world.sandbox.set_fault(Some(fault("scp.reordered")));
    let fragment = world.sign_in("silver", &[]).await.fragment();
    let reordered = claims(&fragment["access_token"])["scp"].clone();
    assert_eq!(reordered, json!([SILVER, "openid"]));
    world.sandbox.set_fault(Some(fault("keys.extra")));
    assert_eq!(world.keys().await.as_array().unwrap().len(), 3);
    world.sandbox.set_fault(Some(fault("claims.extra")));
    let fragment = world.sign_in("silver", &[]).await.fragment();
    assert!(claims(&fragment["id_token"]).contains_key("sandbox_extra"));
    world.sandbox.set_fault(Some(fault("error-text.other")));
    let fragment = world.sign_in("none", &[]).await.fragment();
    assert_eq!(fragment["error_description"], "The request was denied.");
}
