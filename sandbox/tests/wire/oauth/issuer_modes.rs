//! Issuer modes: okta/okta-management-openapi-spec, `issuerMode` of an authorization server and
//! `issuer_mode` of a client.

use okta_sandbox::Sandbox;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::world::{World, claims};

/// An org with a custom domain: the same machine by another name.
async fn world() -> World {
    World::of(Sandbox::builder().custom_domain("http://localhost")).await
}

async fn set_mode(world: &World, mode: &str) -> Value {
    let path = format!("authorizationServers/{}", world.org.server_id);
    let mut server = world.manage(Method::GET, &path, &Value::Null).await;
    server["issuerMode"] = json!(mode);
    world.manage(Method::PUT, &path, &server).await
}

#[rstest]
#[case::of_the_org("ORG_URL", false, false)]
#[case::of_the_custom_domain("CUSTOM_URL", true, true)]
#[case::of_whoever_is_asked("DYNAMIC", false, true)]
#[tokio::test]
async fn an_issuer_follows_the_mode_of_its_server(
    #[case] mode: &str,
    #[case] by_org: bool,
    #[case] by_custom: bool,
) {
    let world = world().await;
    let (org, custom) = (
        world.sandbox.org_url(),
        world.sandbox.custom_domain().unwrap(),
    );
    let path = format!("/oauth2/{}", world.org.server_id);
    let shown = set_mode(&world, mode).await;
    let issuer = |is_custom: bool| format!("{}{path}", if is_custom { custom } else { org });
    assert_eq!(shown["issuer"], issuer(by_org));
    let mut browser = Browser::new();
    for (asked, is_custom) in [(org, by_org), (custom, by_custom)] {
        let url = format!("{asked}{path}/.well-known/openid-configuration");
        let metadata = browser.get(&url).await.json();
        assert_eq!(metadata["issuer"], issuer(is_custom), "{asked}");
        let keys = format!("{}/v1/keys", issuer(is_custom));
        assert_eq!(metadata["jwks_uri"], keys);
    }
    let tokens = world.sign_in("silver", &[]).await.fragment();
    for name in ["access_token", "id_token"] {
        assert_eq!(claims(&tokens[name])["iss"], issuer(by_org));
    }
    let asked = world.authorize_url(&[]).replace(org, custom);
    let page = browser.get(&asked).await;
    assert_eq!(page.status, 200, "the endpoints are at both addresses");
}

#[tokio::test]
async fn without_a_custom_domain_every_issuer_is_the_orgs() {
    let world = World::new().await;
    for mode in ["ORG_URL", "CUSTOM_URL", "DYNAMIC"] {
        assert_eq!(set_mode(&world, mode).await["issuer"], world.issuer());
    }
}
