//! The org's own authorization server: single sign-on to Okta, and no scope of anybody else's.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::world::{PASSWORD, REDIRECT_URI, SILVER, World, claims, login};

fn authorize(world: &World, scope: &str) -> String {
    let parameters = [
        ("client_id", world.org.client_id.as_str()),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "token id_token"),
        ("scope", scope),
        ("state", "a-state"),
        ("nonce", "a-nonce"),
    ];
    let url = format!("{}/oauth2/v1/authorize", world.sandbox.org_url());
    url::Url::parse_with_params(&url, parameters)
        .unwrap()
        .into()
}

/// As recorded by okta/terraform-provider-okta,
/// `TestAccDataSourceOktaOAuthAuthorizationServer_read`, and documented in Okta's API description,
/// `OrgASOidcMetadata`.
#[tokio::test]
async fn its_metadata_names_the_org() {
    let world = World::new().await;
    let org = world.sandbox.org_url();
    let mut browser = Browser::new();
    for name in ["openid-configuration", "oauth-authorization-server"] {
        let metadata = browser
            .get(&format!("{org}/.well-known/{name}"))
            .await
            .json();
        assert_eq!(metadata["issuer"], org);
        assert_eq!(metadata["token_endpoint"], format!("{org}/oauth2/v1/token"));
        assert_eq!(metadata["jwks_uri"], format!("{org}/oauth2/v1/keys"));
        let scopes = metadata["scopes_supported"].as_array().unwrap();
        assert!(scopes.contains(&json!("groups")) && !scopes.contains(&json!(SILVER)));
    }
}

#[tokio::test]
async fn its_keys_are_its_own() {
    let world = World::new().await;
    let url = format!("{}/oauth2/v1/keys", world.sandbox.org_url());
    let keys = Browser::new().get(&url).await.json()["keys"].take();
    let custom = world.keys().await;
    let kids = |keys: &Value| -> Vec<String> {
        let keys = keys.as_array().unwrap().iter();
        keys.map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(kids(&keys).len(), 2);
    assert!(kids(&keys).iter().all(|kid| !kids(&custom).contains(kid)));
}

#[tokio::test]
async fn whoever_is_assigned_signs_in_to_okta_itself() {
    let world = World::new().await;
    let url = authorize(&world, "openid profile");
    let page = Browser::new().sign_in(&url, &login("none"), PASSWORD).await;
    let fragment = page.fragment();
    let access = claims(&fragment["access_token"]);
    let org = world.sandbox.org_url();
    assert_eq!((&access["iss"], &access["aud"]), (&json!(org), &json!(org)));
    let header = jsonwebtoken::decode_header(&fragment["access_token"]).unwrap();
    // As recorded by okta/okta-sdk-python, `test_dpop_api_request`.
    assert_eq!(
        header.typ.as_deref(),
        Some("application/okta-internal-at+jwt")
    );
    assert_eq!(claims(&fragment["id_token"])["iss"], org);
    let mut form = vec![("token", fragment["access_token"].as_str())];
    form.push(("client_id", &world.org.client_id));
    form.push(("client_secret", &world.org.client_secret));
    let introspected = Browser::new()
        .post_form(&format!("{org}/oauth2/v1/introspect"), &form)
        .await;
    assert_eq!(introspected.json()["active"], true);
    let elsewhere = world.post("introspect", &form[..1]).await;
    assert_eq!(
        elsewhere.json(),
        json!({"active": false}),
        "another server's"
    );
}

/// Okta's concepts, "Authorization servers": the org's own server has no custom scopes.
#[tokio::test]
async fn it_never_grants_a_scope_of_another_server() {
    let world = World::new().await;
    let url = authorize(&world, &format!("openid {SILVER}"));
    let fragment = Browser::new().get(&url).await.fragment();
    assert_eq!(fragment["error"], "invalid_scope");
    let unassigned = authorize(&world, "openid");
    let page = Browser::new()
        .sign_in(&unassigned, &login("unassigned"), PASSWORD)
        .await;
    assert_eq!(page.fragment()["error"], "access_denied");
}
