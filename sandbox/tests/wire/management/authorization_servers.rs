//! Authorization servers and their keys.

use okta_sandbox::Options;
use rstest::rstest;
use serde_json::{Value, json};

use super::api::{Api, server};
use super::shape::assert_shape;

#[tokio::test]
async fn a_new_server_looks_as_recorded() {
    let api = Api::start().await;
    let made = api.post("authorizationServers", &server("solar")).await;
    assert_eq!(made.status, 201);
    // okta/terraform-provider-okta, TestAccDataSourceOktaAuthServer_read.
    let link = json!({"href": "url", "hints": {"allow": ["text"]}});
    let metadata = json!({"name": "text", "href": "url", "hints": {"allow": ["=GET"]}});
    let shape = json!({
        "id": "id:aus",
        "name": "=solar",
        "description": "=test",
        "audiences": ["=http://api.example.com"],
        "issuer": "url",
        "issuerMode": "=ORG_URL",
        "status": "=ACTIVE",
        "created": "time",
        "lastUpdated": "time",
        "credentials": {"signing": {
            "kid": "text", "rotationMode": "=AUTO", "lastRotated": "time", "nextRotation": "time",
        }},
        "default": false,
        "_links": {
            "rotateKey": link, "metadata": [metadata], "keys": link, "claims": link,
            "policies": link, "self": link, "scopes": link, "deactivate": link,
        },
    });
    assert_shape(&made.body, &shape);
    let issuer = format!("{}/oauth2/{}", api.sandbox.org_url(), made.id());
    assert_eq!(made.body["issuer"], issuer);
    let listed = api.get("authorizationServers?q=solar").await;
    assert_eq!(listed.body, json!([made.body]));
    assert_eq!(
        api.get("authorizationServers?q=lunar").await.body,
        json!([])
    );
}

#[tokio::test]
async fn a_server_is_changed_deactivated_and_deleted() {
    let api = Api::start().await;
    let path = format!("authorizationServers/{}", api.server().await);
    let mut body = server("lunar");
    body["accessTokenEncryptedResponseAlgorithm"] = json!("RSA-OAEP-256");
    body["credentials"]["signing"]["rotationMode"] = json!("MANUAL");
    let changed = api.put(&path, &body).await;
    assert_eq!(
        (changed.status, &changed.body["name"]),
        (200, &json!("lunar"))
    );
    let kept = &changed.body["accessTokenEncryptedResponseAlgorithm"];
    assert_eq!(kept, "RSA-OAEP-256");
    let signing = &changed.body["credentials"]["signing"];
    assert_eq!(signing.get("nextRotation"), None);
    let off = api.step(&format!("{path}/lifecycle/deactivate")).await;
    assert_eq!((off.status, off.body), (204, Value::Null));
    let found = api.get(&path).await;
    assert_eq!(found.body["status"], "INACTIVE");
    assert!(found.body["_links"].get("activate").is_some());
    assert_eq!(api.delete(&path).await.status, 204);
    assert_eq!(api.get(&path).await.refusal(), (404, "E0000007"));
}

#[rstest]
#[case::no_name("name", json!(""))]
#[case::no_audience("audiences", json!([]))]
#[case::two_audiences("audiences", json!(["a", "b"]))]
#[case::audience_is_no_uri("audiences", json!(["no uri:"]))]
#[case::issuer_mode("issuerMode", json!("HERE"))]
#[tokio::test]
async fn a_server_that_cannot_be_is_refused(#[case] field: &str, #[case] value: Value) {
    let api = Api::start().await;
    let mut body = server("solar");
    body[field] = value;
    let refused = api.post("authorizationServers", &body).await;
    assert_eq!(refused.refusal(), (400, "E0000001"));
    let summary = format!("Api validation failed: {field}");
    assert_eq!(refused.body["errorSummary"], summary);
}

#[tokio::test]
async fn rotation_promotes_the_next_key_at_once() {
    let api = Api::start().await;
    let path = format!("authorizationServers/{}", api.server().await);
    let before = api.get(&format!("{path}/credentials/keys")).await;
    // okta/okta-sdk-python, test_rotate_keys of the authorization server.
    let shape = json!([{
        "kty": "=RSA", "status": "text", "alg": "=RS256", "kid": "text", "use": "=sig",
        "_links": {"self": {"href": "url", "hints": {"allow": ["=GET"]}}},
        "e": "=AQAB", "n": "text",
    }]);
    assert_shape(&before.body, &shape);
    assert_eq!(before.each("/status"), ["ACTIVE", "NEXT"]);
    let rotate = format!("{path}/credentials/lifecycle/keyRotate");
    let after = api.post(&rotate, &json!({"use": "sig"})).await;
    assert_eq!(after.status, 200);
    assert_eq!(after.each("/status"), ["EXPIRED", "ACTIVE", "NEXT"]);
    assert_eq!(after.each("/kid")[..2], before.each("/kid"));
    let signing = &api.get(&path).await.body["credentials"]["signing"]["kid"];
    assert_eq!(signing, before.each("/kid")[1]);
}

#[rstest]
#[case::list("authorizationServers")]
#[case::one("authorizationServers/default")]
#[case::below("authorizationServers/default/scopes")]
#[tokio::test]
async fn without_api_access_management_the_feature_is_missing(#[case] path: &str) {
    let options = Options {
        api_access_management: false,
        ..Options::default()
    };
    let api = Api::with(options).await;
    assert_eq!(api.get(path).await.refusal(), (401, "E0000015"));
    assert_eq!(api.get("groups").await.status, 200);
}
