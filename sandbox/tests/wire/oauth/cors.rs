//! What pages of other origins may read.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::browser::client;
use crate::world::World;

const PAGE: &str = "https://page.example.com";
const CLIENT: &str = "http://localhost:8080";

async fn trusting(kinds: &[&str]) -> World {
    let world = World::new().await;
    let scopes: Vec<_> = kinds.iter().map(|kind| json!({"type": kind})).collect();
    let body = json!({"name": "page", "origin": PAGE, "scopes": scopes});
    world.manage(Method::POST, "trustedOrigins", &body).await;
    world
}

/// `access-control-allow-origin` and `-credentials`.
async fn asked(world: &World, method: Method, url: &str, origin: &str) -> (String, String) {
    let request = client().request(method, url).header("origin", origin);
    let request = request.header("access-control-request-method", "POST");
    let answer = request.send().await.unwrap();
    let header = |name: &str| {
        let value = answer
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap());
        value.unwrap_or_default().to_owned()
    };
    let named = header("access-control-allow-origin").replace(world.sandbox.org_url(), "org");
    (named, header("access-control-allow-credentials"))
}

/// okta/samples-js-react#105: whoever is not trusted gets `*`; okta/okta-oidc-js#337: whoever is
/// gets their own origin.
#[rstest]
#[case::metadata(".well-known/openid-configuration")]
#[case::oauth_metadata(".well-known/oauth-authorization-server")]
#[case::keys("v1/keys")]
#[tokio::test]
async fn everybody_reads_metadata_and_keys(#[case] path: &str) {
    let world = trusting(&["CORS"]).await;
    let url = format!("{}/{path}", world.issuer());
    let named = asked(&world, Method::GET, &url, PAGE).await;
    assert_eq!(named, (PAGE.to_owned(), "true".to_owned()));
    let other = asked(&world, Method::GET, &url, "https://other.example.com").await;
    assert_eq!(other, ("*".to_owned(), String::new()));
}

/// Okta's API description, `isCorsEnabled`; the guide "Enable CORS": "Every website origin must be
/// explicitly permitted".
#[rstest]
#[case::userinfo("userinfo")]
#[case::introspect("introspect")]
#[case::revoke("revoke")]
#[tokio::test]
async fn a_trusted_origin_reads_what_is_about_tokens(#[case] endpoint: &str) {
    let world = trusting(&["CORS"]).await;
    let url = world.endpoint(endpoint);
    let trusted = (PAGE.to_owned(), "true".to_owned());
    assert_eq!(asked(&world, Method::POST, &url, PAGE).await, trusted);
    assert_eq!(asked(&world, Method::OPTIONS, &url, PAGE).await, trusted);
    let nothing = (String::new(), String::new());
    assert_eq!(asked(&world, Method::POST, &url, CLIENT).await, nothing);
    let redirects = trusting(&["REDIRECT"]).await;
    let url = redirects.endpoint(endpoint);
    assert_eq!(asked(&redirects, Method::POST, &url, PAGE).await, nothing);
}

/// Okta's error catalogue, `illegal_origin_browser_request`: the pages of a client are at its
/// redirect URIs. That they need be no Trusted Origins for it is inferred.
#[tokio::test]
async fn the_token_endpoint_is_read_by_the_pages_of_clients() {
    let world = trusting(&["CORS"]).await;
    let url = world.endpoint("token");
    for origin in [PAGE, CLIENT] {
        let named = asked(&world, Method::POST, &url, origin).await;
        assert_eq!(named, (origin.to_owned(), "true".to_owned()));
    }
    let other = asked(&world, Method::POST, &url, "https://other.example.com").await;
    assert_eq!(other.0, "");
}

/// okta/okta-developer-docs, `docs/reference/api/oidc`: "You can't use AJAX with this endpoint."
#[rstest]
#[case::authorize("authorize")]
#[case::logout("logout")]
#[tokio::test]
async fn no_page_reads_where_browsers_go(#[case] endpoint: &str) {
    let world = trusting(&["CORS"]).await;
    let named = asked(&world, Method::GET, &world.endpoint(endpoint), PAGE).await;
    assert_eq!(named.0, "");
}

/// As recorded by okta/samples-js-react, `tools/mock-okta/tapes`, of 2017: `OPTIONS /api/v1/authn`.
#[tokio::test]
async fn a_question_beforehand_is_answered_as_recorded() {
    let world = World::classic(okta_sandbox::Options::default()).await;
    let scopes = [json!({"type": "CORS"})];
    let body = json!({"name": "page", "origin": format!("{PAGE}/"), "scopes": scopes});
    world.manage(Method::POST, "trustedOrigins", &body).await;
    let url = format!("{}/api/v1/authn", world.sandbox.org_url());
    let request = client()
        .request(Method::OPTIONS, url)
        .header("origin", PAGE);
    let request = request.header("access-control-request-method", "POST");
    let request = request.header("access-control-request-headers", "content-type");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    for (name, value) in [
        ("access-control-allow-origin", PAGE),
        ("access-control-allow-methods", "POST, OPTIONS"),
        ("access-control-allow-credentials", "true"),
        ("access-control-max-age", "3600"),
        ("access-control-allow-headers", "content-type"),
    ] {
        assert_eq!(answer.headers()[name], value, "{name}");
    }
}
