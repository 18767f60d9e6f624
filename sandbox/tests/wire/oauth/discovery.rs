//! Discovery and keys.

use rstest::rstest;
use serde_json::json;

use crate::browser::Browser;
use crate::world::{SILVER, World};

#[tokio::test]
async fn discovery_names_the_endpoints_of_the_issuer() {
    let world = World::new().await;
    let issuer = world.issuer();
    let url = format!("{issuer}/.well-known/openid-configuration");
    let metadata = Browser::new().get(&url).await.json();
    assert_eq!(metadata["issuer"], issuer);
    assert_eq!(
        metadata["authorization_endpoint"],
        world.endpoint("authorize")
    );
    assert_eq!(metadata["jwks_uri"], world.endpoint("keys"));
    assert_eq!(metadata["userinfo_endpoint"], world.endpoint("userinfo"));
    let scopes = metadata["scopes_supported"].as_array().unwrap();
    assert!(scopes.contains(&json!("openid")));
    assert!(
        !scopes.contains(&json!(SILVER)),
        "it is published to no client"
    );
    let types = metadata["response_types_supported"].as_array().unwrap();
    assert_eq!(types.len(), 6);
    assert!(!types.contains(&json!("token")));
}

#[tokio::test]
async fn the_oauth_document_is_at_both_of_its_places_and_names_the_bare_token() {
    let world = World::new().await;
    let issuer = world.issuer();
    let org_url = world.sandbox.org_url();
    let path = issuer.strip_prefix(org_url).unwrap();
    let mut browser = Browser::new();
    let url = format!("{issuer}/.well-known/oauth-authorization-server");
    let inside = browser.get(&url).await.json();
    let url = format!("{org_url}/.well-known/oauth-authorization-server{path}");
    assert_eq!(browser.get(&url).await.json(), inside);
    let types = inside["response_types_supported"].as_array().unwrap();
    assert!(types.contains(&json!("token")));
    assert!(inside.get("userinfo_endpoint").is_none());
}

#[rstest]
#[case::discovery(".well-known/openid-configuration")]
#[case::keys("v1/keys")]
#[case::authorize("v1/authorize")]
#[tokio::test]
async fn an_unknown_server_is_not_found(#[case] path: &str) {
    let world = World::new().await;
    let url = format!("{}/oauth2/ausunknown/{path}", world.sandbox.org_url());
    let page = Browser::new().get(&url).await;
    assert_eq!(page.status, 404);
    assert_eq!(page.json()["errorCode"], "E0000007");
    let text = "Not found: Resource not found: ausunknown (AuthorizationServer)";
    assert_eq!(page.json()["errorSummary"], text);
}

#[tokio::test]
async fn keys_are_public_halves_that_may_be_cached() {
    let world = World::new().await;
    let page = Browser::new().get(&world.endpoint("keys")).await;
    assert!(page.header("cache-control").contains("max-age="));
    let keys = page.json()["keys"].take();
    for key in keys.as_array().unwrap() {
        let names: Vec<&str> = key
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(names, ["alg", "e", "kid", "kty", "n", "use"]);
        assert_eq!(key["alg"], "RS256");
        assert_eq!(key["e"], "AQAB");
    }
    assert_eq!(keys.as_array().unwrap().len(), 2, "one signs, one will");
}

/// What the metadata names is there: a request without anything is answered by the endpoint itself.
#[rstest]
#[case::custom_server("/oauth2/{server}")]
#[case::of_the_org("")]
#[tokio::test]
async fn what_the_metadata_advertises_is_served(#[case] path: &str) {
    let world = World::new().await;
    let path = path.replace("{server}", &world.org.server_id);
    let mut browser = Browser::new();
    for name in ["openid-configuration", "oauth-authorization-server"] {
        let url = format!("{}{path}/.well-known/{name}", world.sandbox.org_url());
        let metadata = browser.get(&url).await.json();
        let named = metadata.as_object().unwrap().iter();
        let endpoints = named.filter(|(key, _)| key.ends_with("_endpoint") || *key == "jwks_uri");
        let mut count = 0;
        for (key, url) in endpoints {
            let url = url.as_str().unwrap();
            let got = browser.get(url).await.status;
            let posted = browser.post_form(url, &[]).await.status;
            let there = [got, posted]
                .iter()
                .any(|status| ![404, 405].contains(&status.as_u16()));
            assert!(there, "{key}: {got} {posted}");
            count += 1;
        }
        assert!(count >= 6, "{metadata}");
        for absent in [
            "request_parameter_supported",
            "pushed_authorization_request_endpoint",
        ] {
            assert_eq!(metadata.get(absent), None);
        }
        let grants = metadata["grant_types_supported"].as_array().unwrap();
        assert!(!grants.contains(&json!("password")));
    }
}
