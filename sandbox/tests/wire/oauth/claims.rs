//! Custom claims.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{World, claims, login};

async fn with_claim(claim: &Value) -> World {
    let world = World::new().await;
    let path = format!("authorizationServers/{}/claims", world.org.server_id);
    let mut body = json!({
        "name": "custom",
        "claimType": "RESOURCE",
        "valueType": "EXPRESSION",
        "alwaysIncludeInToken": true,
        "conditions": {"scopes": []},
    });
    body.as_object_mut()
        .unwrap()
        .extend(claim.as_object().unwrap().clone());
    world.manage(Method::POST, &path, &body).await;
    world
}

#[rstest]
#[case::a_text(json!({"value": "\"gold\""}), json!("gold"))]
#[case::an_attribute(json!({"value": "user.email"}), json!(login("silver")))]
#[case::the_scopes(json!({"value": "access.scope"}), json!("openid"))]
#[case::groups_by_their_beginning(
    json!({"value": "silver", "valueType": "GROUPS", "group_filter_type": "STARTS_WITH"}),
    json!(["silverSubscribers"])
)]
#[case::groups_by_their_beginning_in_other_letters(
    json!({"value": "SILVER", "valueType": "GROUPS", "group_filter_type": "STARTS_WITH"}),
    json!(["silverSubscribers"])
)]
#[case::a_group_by_its_name_in_other_letters(
    json!({"value": "silversubscribers", "valueType": "GROUPS", "group_filter_type": "EQUALS"}),
    json!(["silverSubscribers"])
)]
#[case::groups_by_a_part_in_other_letters(
    json!({"value": "SUBSCRIBER", "valueType": "GROUPS", "group_filter_type": "CONTAINS"}),
    json!(["silverSubscribers"])
)]
#[case::groups_by_an_expression(
    json!({"value": "^silver.*s$", "valueType": "GROUPS", "group_filter_type": "REGEX"}),
    json!(["silverSubscribers"])
)]
#[case::an_expression_tells_capitals_apart(
    json!({"value": "^Silver", "valueType": "GROUPS", "group_filter_type": "REGEX"}),
    json!([])
)]
#[case::all_groups(
    json!({"value": ".*", "valueType": "GROUPS", "group_filter_type": "REGEX"}),
    json!(["Everyone", "silverSubscribers"])
)]
#[tokio::test]
async fn an_access_token_carries_a_custom_claim(#[case] claim: Value, #[case] value: Value) {
    let world = with_claim(&claim).await;
    let fragment = world
        .sign_in("silver", &[("scope", "openid")])
        .await
        .fragment();
    assert_eq!(claims(&fragment["access_token"])["custom"], value);
    assert!(!claims(&fragment["id_token"]).contains_key("custom"));
}

/// Okta's reference "OpenID Connect and OAuth 2.0": "if the evaluated result is null, that custom
/// claim isn't added into the ID token or access token".
#[tokio::test]
async fn a_claim_of_an_attribute_that_the_user_does_not_have_is_left_out() {
    let world = with_claim(&json!({"value": "user.costCenter"})).await;
    let fragment = world.sign_in("silver", &[]).await.fragment();
    assert!(!claims(&fragment["access_token"]).contains_key("custom"));
}

/// Okta's "Authorization Servers API", "Details for `alwaysIncludeInToken`".
#[rstest]
#[case::always(true)]
#[case::by_userinfo_alone(false)]
#[tokio::test]
async fn an_id_token_beside_an_access_token_has_what_is_always_included(#[case] always: bool) {
    let claim = json!({
        "value": "\"gold\"", "claimType": "IDENTITY", "alwaysIncludeInToken": always,
    });
    let world = with_claim(&claim).await;
    let fragment = world.sign_in("silver", &[]).await.fragment();
    assert_eq!(claims(&fragment["id_token"]).contains_key("custom"), always);
    let code = world.code(&[]).await;
    let tokens = world.redeem(&code, &[]).await.json();
    let id_token = tokens["id_token"].as_str().unwrap();
    assert_eq!(claims(id_token).contains_key("custom"), always);
    assert!(!claims(&fragment["access_token"]).contains_key("custom"));
}

/// What a claim says in the access token and in the ID token while a fault is set.
#[rstest]
#[case::in_both(
    "claims.in-both-tokens",
    json!({"value": "\"gold\""}),
    json!("gold"),
    json!("gold")
)]
#[case::without_its_scope(
    "claims.without-scope",
    json!({"value": "\"gold\"", "conditions": {"scopes": ["email"]}}),
    json!("gold"),
    json!(null)
)]
#[case::groups_of_anybody(
    "claims.groups-of-anybody",
    json!({"value": "subscribers", "valueType": "GROUPS", "group_filter_type": "CONTAINS"}),
    json!(["goldSubscribers", "silverSubscribers"]),
    json!(null)
)]
#[tokio::test]
async fn a_fault_of_claims_is_one_thing_wrong(
    #[case] fault: &str,
    #[case] claim: Value,
    #[case] in_access_token: Value,
    #[case] in_id_token: Value,
) {
    let world = with_claim(&claim).await;
    world.sandbox.set_fault(Some(fault.parse().unwrap()));
    let fragment = world
        .sign_in("silver", &[("scope", "openid")])
        .await
        .fragment();
    let custom = |token: &str| {
        let custom = claims(&fragment[token]).get("custom").cloned();
        let mut custom = custom.unwrap_or_default();
        if let Some(list) = custom.as_array_mut() {
            list.sort_by_key(ToString::to_string);
        }
        custom
    };
    assert_eq!(custom("access_token"), in_access_token);
    assert_eq!(custom("id_token"), in_id_token);
}

#[rstest]
#[case::a_granted_scope("email", true)]
#[case::another_scope("profile", false)]
#[tokio::test]
async fn a_claim_comes_with_its_scopes(#[case] scope: &str, #[case] comes: bool) {
    let claim = json!({"value": "user.login", "conditions": {"scopes": [scope]}});
    let world = with_claim(&claim).await;
    let fragment = world
        .sign_in("silver", &[("scope", "openid email")])
        .await
        .fragment();
    assert_eq!(
        claims(&fragment["access_token"]).contains_key("custom"),
        comes
    );
}

/// support.okta.com, "Error: The groups claim matched too many groups …": at most 100 groups come
/// through a browser, and the code flow has no such limit.
#[rstest]
#[case::as_many_as_may_be(98, None)]
#[case::one_more(99, Some("server_error"))]
#[tokio::test]
async fn a_claim_of_too_many_groups_ends_an_implicit_request(
    #[case] more: usize,
    #[case] error: Option<&str>,
) {
    let all = json!({"value": ".*", "valueType": "GROUPS", "group_filter_type": "REGEX"});
    let world = with_claim(&all).await;
    for number in 0..more {
        let _ = world
            .sandbox
            .bring_group(&format!("team-{number}"), &[&login("silver")]);
    }
    let fragment = world.sign_in("silver", &[]).await.fragment();
    assert_eq!(fragment.get("error").map(String::as_str), error);
    if error.is_some() {
        let text = "The groups claim matched too many groups and must be configured to match fewer groups.";
        assert_eq!(fragment["error_description"], text);
    }
    let code = world.code(&[]).await;
    let tokens = world.redeem(&code, &[]).await.json();
    let groups = claims(tokens["access_token"].as_str().unwrap())["custom"].take();
    assert_eq!(groups.as_array().unwrap().len(), more + 2);
}
