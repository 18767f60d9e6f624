//! Settings of a client that decide who gets in, and faults of the whole org.

use okta_sandbox::Fault;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::world::{World, claims};

fn fault(name: &str) -> Fault {
    name.parse().unwrap()
}

/// Okta's error catalogue, `disallowed_network_zone`.
#[tokio::test]
async fn a_client_that_is_kept_to_a_zone_refuses_callers_from_elsewhere() {
    let world = World::new().await;
    let network = json!({"network": {"connection": "ZONE", "include": ["nzoOfTheOffice000000"]}});
    world.change_client("settings", &network).await;
    let fragment = world.sign_in("silver", &[]).await.fragment();
    assert_eq!(fragment["error"], "access_denied");
    assert_eq!(
        fragment["error_description"],
        "The request is made from outside the client's permitted network zones."
    );
    let anywhere = json!({"network": {"connection": "ANYWHERE"}});
    world.change_client("settings", &anywhere).await;
    let fragment = world.sign_in("silver", &[]).await.fragment();
    assert!(fragment.contains_key("access_token"));
}

/// Okta's help, "Manage Federation Broker Mode".
#[tokio::test]
async fn a_client_without_assignments_leaves_the_decision_to_the_policies() {
    let world = World::new().await;
    let path = format!("apps/{}", world.org.client_id);
    let mut client = world.manage(Method::GET, &path, &Value::Null).await;
    client["settings"]["implicitAssignment"] = json!(true);
    world.manage(Method::PUT, &path, &client).await;
    let fragment = world.sign_in("unassigned", &[]).await.fragment();
    let text = "Policy evaluation failed for this request, please check the policy configurations.";
    assert_eq!(fragment["error_description"], text);
}

/// As recorded of an org that wants `DPoP`.
#[tokio::test]
async fn a_client_that_must_prove_possession_gets_no_tokens_without() {
    let world = World::new().await;
    let settings = json!({
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "dpop_bound_access_tokens": true,
    });
    world.change_client("settings", &settings).await;
    let code = world.code(&[]).await;
    let page = world.redeem(&code, &[]).await;
    assert_eq!(page.status, 400);
    assert_eq!(
        page.json(),
        json!({
            "error": "invalid_dpop_proof",
            "error_description": "The DPoP proof JWT header is missing.",
        })
    );
}

/// Okta's error catalogue: `feature_not_enabled_access_denied`, `system_claim_evaluation_failure`.
#[rstest]
#[case::no_licence(
    "api-access-management.missing",
    "access_denied",
    "The requested feature is not enabled in this environment."
)]
#[case::a_claim(
    "claim-evaluation.fails",
    "server_error",
    "The 'sub' system claim could not be evaluated."
)]
#[tokio::test]
async fn a_fault_of_the_org_ends_every_request(
    #[case] name: &str,
    #[case] error: &str,
    #[case] text: &str,
) {
    let world = World::new().await;
    world.sandbox.set_fault(Some(fault(name)));
    let fragment = world.sign_in("silver", &[]).await.fragment();
    assert_eq!(fragment["error"], error);
    assert_eq!(fragment["error_description"], text);
}

/// `E0000015` as recorded; `E0000006` by Okta's list of errors.
#[rstest]
#[case::no_licence("api-access-management.missing", 401, "E0000015")]
#[case::no_rights("management.forbidden", 403, "E0000006")]
#[tokio::test]
async fn a_fault_of_the_org_stops_the_management_api(
    #[case] name: &str,
    #[case] status: u16,
    #[case] code: &str,
) {
    let world = World::new().await;
    world.sandbox.set_fault(Some(fault(name)));
    let url = format!("{}/api/v1/authorizationServers", world.sandbox.org_url());
    let authorization = format!("SSWS {}", world.sandbox.api_token());
    let request = crate::browser::client().get(url);
    let answer = request
        .header("authorization", authorization)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), status);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["errorCode"], code);
}

#[tokio::test]
async fn an_org_can_hide_what_it_is() {
    let world = World::new().await;
    world.sandbox.set_fault(Some(fault("organization.missing")));
    let url = format!("{}/.well-known/okta-organization", world.sandbox.org_url());
    assert_eq!(Browser::new().get(&url).await.status, 404);
}

#[tokio::test]
async fn the_two_discovery_documents_can_differ() {
    let world = World::new().await;
    world
        .sandbox
        .set_fault(Some(fault("discovery.documents-differ")));
    let mut browser = Browser::new();
    let mut endpoints = Vec::new();
    for name in ["openid-configuration", "oauth-authorization-server"] {
        let url = format!("{}/.well-known/{name}", world.issuer());
        endpoints.push(browser.get(&url).await.json()["token_endpoint"].clone());
    }
    assert_ne!(endpoints[0], endpoints[1]);
}

#[tokio::test]
async fn a_code_can_bring_fewer_scopes() {
    let world = World::new().await;
    let code = world.code(&[]).await;
    world
        .sandbox
        .set_fault(Some(fault("token.code-scopes-dropped")));
    let answer = world.redeem(&code, &[]).await.json();
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(claims(token)["scp"], json!(["openid"]));
}
