//! The scopes and claims of an authorization server.

use rstest::rstest;
use serde_json::{Value, json};

use super::api::Api;
use super::shape::assert_shape;

const SILVER: &str = "http://myapp.com/scp/silver";

fn scope(name: &str) -> Value {
    json!({
        "name": name, "displayName": "test display name", "description": "test",
        "consent": "REQUIRED", "metadataPublish": "ALL_CLIENTS", "default": false, "optional": false,
    })
}

fn claim() -> Value {
    json!({
        "name": "test", "status": "ACTIVE", "claimType": "RESOURCE", "valueType": "EXPRESSION",
        "value": "cool", "alwaysIncludeInToken": true, "conditions": {},
    })
}

fn self_link() -> Value {
    json!({"self": {"href": "url", "hints": {"allow": ["text"]}}})
}

#[tokio::test]
async fn a_new_scope_looks_as_recorded() {
    let api = Api::start().await;
    let path = format!("authorizationServers/{}/scopes", api.server().await);
    let made = api.post(&path, &scope(SILVER)).await;
    assert_eq!(made.status, 201);
    // okta/terraform-provider-okta, TestAccResourceOktaAuthServerScope_crud.
    let shape = json!({
        "id": "id:scp", "name": "text", "displayName": "text", "description": "text",
        "system": false, "metadataPublish": "=ALL_CLIENTS", "consent": "=REQUIRED",
        "optional": false, "apiResourceId": "null", "default": false, "_links": self_link(),
    });
    assert_shape(&made.body, &shape);
    let one = format!("{path}/{}", made.id());
    let mut body = scope(SILVER);
    body["description"] = json!("changed");
    let changed = api.put(&one, &body).await;
    assert_eq!((changed.status, changed.id()), (200, made.id()));
    assert_eq!(api.get(&one).await.body, changed.body);
    assert_eq!(api.delete(&one).await.status, 204);
    assert_eq!(api.get(&one).await.refusal(), (404, "E0000007"));
}

#[tokio::test]
async fn a_server_begins_with_oktas_own_scopes() {
    let api = Api::start().await;
    let path = format!("authorizationServers/{}/scopes", api.server().await);
    let scopes = api.get(&path).await;
    let names = [
        "openid",
        "profile",
        "email",
        "address",
        "phone",
        "offline_access",
        "device_sso",
    ];
    assert_eq!(scopes.each("/name"), names);
    let openid = format!("{path}/{}", scopes.each("/id")[0]);
    assert_eq!(api.delete(&openid).await.status, 403);
}

#[rstest]
#[case::space("two words")]
#[case::oktas("okta.users.read")]
#[case::star("*")]
#[case::taken(SILVER)]
#[case::none("")]
#[tokio::test]
async fn a_scope_of_an_impossible_name_is_refused(#[case] name: &str) {
    let api = Api::start().await;
    let path = format!("authorizationServers/{}/scopes", api.server().await);
    api.post(&path, &scope(SILVER)).await;
    let refused = api.post(&path, &scope(name)).await;
    assert_eq!(refused.refusal(), (400, "E0000001"));
}

#[tokio::test]
async fn a_new_claim_looks_as_recorded() {
    let api = Api::start().await;
    let path = format!("authorizationServers/{}/claims", api.server().await);
    let made = api.post(&path, &claim()).await;
    assert_eq!(made.status, 201);
    // okta/terraform-provider-okta, TestAccResourceOktaAuthServerClaim_create.
    let mut shape = json!({
        "id": "id:ocl", "name": "=test", "status": "=ACTIVE", "claimType": "=RESOURCE",
        "valueType": "=EXPRESSION", "value": "=cool", "conditions": {"scopes": []},
        "system": false, "alwaysIncludeInToken": true, "apiResourceId": "null",
        "_links": self_link(),
    });
    assert_shape(&made.body, &shape);
    let mut groups = claim();
    groups["name"] = json!("groups");
    groups["valueType"] = json!("GROUPS");
    groups["group_filter_type"] = json!("EQUALS");
    let made = api.post(&path, &groups).await;
    shape["name"] = json!("=groups");
    shape["valueType"] = json!("=GROUPS");
    shape["group_filter_type"] = json!("=EQUALS");
    assert_shape(&made.body, &shape);
}

#[tokio::test]
async fn a_server_begins_with_oktas_own_claims() {
    let api = Api::start().await;
    let path = format!("authorizationServers/{}/claims", api.server().await);
    let claims = api.get(&path).await;
    let all = claims.body.as_array().unwrap();
    assert_eq!(all.len(), 19);
    let of_access_tokens: Vec<_> = all
        .iter()
        .filter(|claim| claim["claimType"] == "RESOURCE")
        .map(|claim| (&claim["name"], &claim["value"]))
        .collect();
    let value = json!("(appuser != null) ? appuser.userName : app.clientId");
    assert_eq!(of_access_tokens, [(&json!("sub"), &value)]);
    let mut always: Vec<_> = all
        .iter()
        .filter(|claim| claim["alwaysIncludeInToken"] == true)
        .map(|claim| claim["name"].as_str().unwrap())
        .collect();
    always.sort_unstable();
    assert_eq!(always, ["email", "name", "preferred_username", "sub"]);
}

#[rstest]
#[case::no_value("value", json!(""))]
#[case::kind("claimType", json!("COOKIE"))]
#[case::groups_without_filter("valueType", json!("GROUPS"))]
#[case::taken("name", json!("sub"))]
#[tokio::test]
async fn a_claim_that_cannot_be_is_refused(#[case] field: &str, #[case] value: Value) {
    let api = Api::start().await;
    let path = format!("authorizationServers/{}/claims", api.server().await);
    let mut body = claim();
    body[field] = value;
    assert_eq!(api.post(&path, &body).await.refusal(), (400, "E0000001"));
}
