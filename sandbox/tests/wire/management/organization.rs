//! What an org says of itself.

use serde_json::json;

use super::api::{Api, reply};
use super::shape::assert_shape;

#[tokio::test]
async fn the_kind_of_org_is_public() {
    let api = Api::start().await;
    let org_url = api.sandbox.org_url();
    let url = format!("{org_url}/.well-known/okta-organization");
    let answer = reply(api.request(reqwest::Method::GET, &url)).await;
    assert_eq!(answer.status, 200);
    // okta/terraform-provider-okta, TestAccDataSourceOktaAppFederatedClaim_read.
    let shape = json!({
        "id": "id:00o",
        "cell": "text",
        "_links": {"organization": {"href": format!("={org_url}")}},
        "pipeline": "=idx",
        "settings": {
            "analyticsCollectionEnabled": "flag", "bugReportingEnabled": "flag",
            "omEnabled": "flag", "pssoEnabled": "flag", "desktopMFAEnabled": "flag",
            "itpEnabled": "flag",
        },
    });
    assert_shape(&answer.body, &shape);
    let org = api.get("org").await;
    assert_eq!(
        (org.id(), &org.body["status"]),
        (answer.id(), &json!("ACTIVE"))
    );
}
