//! What is refused, and how.

use okta_sandbox::Options;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::api::{Api, reply};
use super::shape::assert_shape;

#[rstest]
#[case::group("groups/00gnone", "00gnone (UserGroup)")]
#[case::user("users/00unone", "00unone (User)")]
#[case::server("authorizationServers/ausnone", "ausnone (AuthorizationServer)")]
#[case::default_server("authorizationServers/default", "default (AuthorizationServer)")]
#[case::scope("{server}/scopes/scpnone", "scpnone (OAuth2Scope)")]
#[case::claim("{server}/claims/oclnone", "oclnone (OAuth2Claim)")]
#[case::policy("{server}/policies/00pnone", "00pnone (Policy)")]
#[case::rule("{policy}/rules/0prnone", "0prnone (PolicyRule)")]
#[case::application("apps/0oanone", "0oanone (AppInstance)")]
#[case::origin("trustedOrigins/tosnone", "tosnone (TrustedOrigin)")]
#[tokio::test]
async fn what_is_missing_is_named_with_its_kind(#[case] path: &str, #[case] text: &str) {
    let api = Api::start().await;
    let policy = api.policy().await;
    let server = policy.split("/policies").next().unwrap();
    let path = path
        .replace("{server}", server)
        .replace("{policy}", &policy);
    let missing = api.get(&path).await;
    assert_eq!(missing.refusal(), (404, "E0000007"));
    let summary = format!("Not found: Resource not found: {text}");
    assert_eq!(missing.body["errorSummary"], summary);
    let shape = json!({
        "errorCode": "text", "errorSummary": "text", "errorLink": "=E0000007", "errorId": "text",
        "errorCauses": [],
    });
    assert_shape(&missing.body, &shape);
    let error_id = missing.body["errorId"].as_str().unwrap();
    assert!(error_id.starts_with("oae") && error_id.len() == 25);
}

#[rstest]
#[case::none(None)]
#[case::wrong(Some("SSWS 00wrong"))]
#[case::other_scheme(Some("Bearer eyJ"))]
#[tokio::test]
async fn without_the_token_nothing_is_told(#[case] authorization: Option<&str>) {
    let api = Api::start().await;
    let mut request = api.request(Method::GET, "groups");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let refused = reply(request).await;
    assert_eq!(refused.refusal(), (401, "E0000011"));
    assert_eq!(refused.body["errorSummary"], "Invalid token provided");
}

#[rstest]
#[case::no_json("{", "application/json", "E0000003")]
#[case::wrong_type(r#"{"profile": "silver"}"#, "application/json", "E0000003")]
#[case::form("name=silver", "application/x-www-form-urlencoded", "E0000019")]
#[tokio::test]
async fn a_body_that_is_not_understood_is_refused(
    #[case] body: &'static str,
    #[case] content_type: &str,
    #[case] code: &str,
) {
    let api = Api::start().await;
    let token = format!("SSWS {}", api.sandbox.api_token());
    let request = api
        .request(Method::POST, "groups")
        .header("authorization", token)
        .header("content-type", content_type)
        .body(body);
    assert_eq!(reply(request).await.refusal(), (400, code));
}

#[rstest]
#[case::groups("groups")]
#[case::below_a_server("authorizationServers/aus1/nothing")]
#[case::nothing("nothing")]
#[tokio::test]
async fn a_method_nobody_answers_is_not_allowed(#[case] path: &str) {
    let api = Api::start().await;
    assert_eq!(api.delete(path).await.refusal(), (405, "E0000022"));
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_once() {
    let api = Api::start().await;
    let refused = api.post("authorizationServers", &json!({})).await;
    assert_eq!(refused.refusal(), (400, "E0000001"));
    assert_eq!(refused.body["errorCauses"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn every_answer_has_oktas_headers() {
    let api = Api::start().await;
    for path in ["groups", "groups/00gnone"] {
        let answer = api.get(path).await;
        let header = |name: &str| answer.headers[name].to_str().unwrap();
        assert_eq!(header("content-type"), "application/json");
        assert_eq!(header("cache-control"), "no-cache, no-store");
        assert!(!header("x-okta-request-id").is_empty());
        assert!(header("date").ends_with("GMT"));
    }
}

/// okta/okta-sdk-python sends the token so; that Okta takes it is not documented.
#[rstest]
#[case::as_documented(false, 401)]
#[case::as_the_library_needs_it(true, 200)]
#[tokio::test]
async fn a_token_may_follow_its_scheme_without_a_blank(#[case] option: bool, #[case] status: u16) {
    let options = Options {
        ssws_without_blank: option,
        ..Options::default()
    };
    let api = Api::with(options).await;
    let token = api.sandbox.api_token();
    for (authorization, expected) in [
        (format!("SSWS{token}"), status),
        (format!("SSWS {token}"), 200),
        (format!("SSWSx{token}"), 401),
    ] {
        let request = api.request(Method::GET, "groups");
        let answer = reply(request.header("authorization", authorization)).await;
        assert_eq!(answer.status, expected);
    }
}
