//! Trusted Origins.

use rstest::rstest;
use serde_json::{Value, json};

use super::api::Api;
use super::shape::assert_shape;

fn origin() -> Value {
    json!({
        "name": "local",
        "origin": "http://localhost:8080",
        "scopes": [{"type": "CORS"}, {"type": "REDIRECT"}],
        "status": "ACTIVE",
    })
}

#[tokio::test]
async fn a_trusted_origin_looks_as_recorded_through_its_life() {
    let api = Api::start().await;
    let made = api.post("trustedOrigins", &origin()).await;
    assert_eq!(made.status, 200);
    // okta/terraform-provider-okta, TestAccResourceOktaTrustedOrigin_crud.
    let link = json!({"href": "url", "hints": {"allow": ["text"]}});
    let mut shape = json!({
        "id": "id:tos", "name": "=local", "origin": "=http://localhost:8080",
        "scopes": [{"type": "text"}], "status": "=ACTIVE",
        "created": "time", "createdBy": "id:00u", "lastUpdated": "time", "lastUpdatedBy": "id:00u",
        "_links": {"self": link, "deactivate": link},
    });
    assert_shape(&made.body, &shape);
    let path = format!("trustedOrigins/{}", made.id());
    let off = api.step(&format!("{path}/lifecycle/deactivate")).await;
    assert_eq!(off.status, 200);
    shape["status"] = json!("=INACTIVE");
    shape["_links"] = json!({"self": link, "activate": link});
    assert_shape(&off.body, &shape);
    let on = api.put(&path, &origin()).await;
    assert_eq!((on.status, &on.body["status"]), (200, &json!("ACTIVE")));
    assert_eq!(api.get("trustedOrigins").await.body, json!([on.body]));
    assert_eq!(api.delete(&path).await.status, 204);
    assert_eq!(api.get(&path).await.refusal(), (404, "E0000007"));
}

#[rstest]
#[case::path("origin", json!("http://localhost:8080/callback"))]
#[case::no_scheme("origin", json!("localhost:8080"))]
#[case::no_scope("scopes", json!([]))]
#[case::unknown_scope("scopes", json!([{"type": "EVERYTHING"}]))]
#[case::taken_name("name", json!("taken"))]
#[case::taken_origin("origin", json!("http://taken.example.com"))]
#[tokio::test]
async fn an_origin_that_cannot_be_is_refused(#[case] field: &str, #[case] value: Value) {
    let api = Api::start().await;
    let mut taken = origin();
    taken["name"] = json!("taken");
    taken["origin"] = json!("http://taken.example.com");
    api.post("trustedOrigins", &taken).await;
    let mut body = origin();
    body[field] = value;
    let refused = api.post("trustedOrigins", &body).await;
    assert_eq!(refused.refusal(), (400, "E0000001"));
}
