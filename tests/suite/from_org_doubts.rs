//! What nobody knows of an org gets into no model in silence: it is asked about, as the audit does
//! not judge it.

use okta_sandbox::Sandbox;
use rstest::rstest;
use serde_json::{Value, json};

use crate::from_org::{client, filled_in, parsed, policy, text_of};
use crate::support::scenario::Scenario;
use crate::support::world::World;

const MODEL: &str = "fixtures/org.toml";

/// The first policy of the world, and the path and id of its rule of this name.
async fn rule(world: &World, name: &str) -> (String, String) {
    let (path, server, _) = policy(world).await;
    let found = client(world).policies_with_rules(&server).await;
    let found = found.expect("policies");
    let mut rules = found.iter().flat_map(|found| &found.rules);
    let rule = rules.find(|rule| rule.name == name).expect("the rule");
    (path, rule.id.clone())
}

/// What is written of the world once an object is shown otherwise.
async fn text_showing(world: &World, path: &str, otherwise: Value) -> String {
    let merge = move |object: &mut Value| json_patch::merge(object, &otherwise);
    world.sandbox.show(path, merge);
    text_of(world).await
}

/// A rule that may be active, or says more than a model can, is asked about and left out; of one
/// that is known not to be active nothing is said.
#[rstest]
#[case::of_an_unknown_status(
    json!({"status": "PENDING"}),
    Some("is PENDING, which does not say whether it is active")
)]
#[case::without_a_status(json!({"status": null}), Some("the org does not show its status"))]
#[case::with_a_condition(
    json!({"conditions": {"network": {"connection": "ZONE", "include": ["nzo1"]}}}),
    Some("says conditions.network, which a model cannot say")
)]
#[case::without_scopes(
    json!({"conditions": {"scopes": null}}),
    Some("has no conditions.scopes that the org shows")
)]
#[case::without_what_it_gives(
    json!({"conditions": {"scopes": {"include": null}}}),
    Some("has no conditions.scopes that the org shows")
)]
#[case::without_a_lifetime(
    json!({"actions": {"token": {"accessTokenLifetimeMinutes": null}}}),
    Some("has no actions.token.accessTokenLifetimeMinutes that the org shows")
)]
#[case::not_active(json!({"status": "INACTIVE"}), None)]
#[tokio::test]
async fn a_rule_that_nobody_understands_is_asked_about(
    #[case] otherwise: Value,
    #[case] question: Option<&str>,
) {
    let world = World::new().await;
    let (policy, id) = rule(&world, "gold").await;
    let text = text_showing(&world, &format!("{policy}/rules/{id}"), otherwise).await;
    let asks = parsed(&text).expect_err("it asks for endpoints");
    let asked = asks.contains("The rule `gold`");
    assert_eq!(asked, question.is_some(), "{asks}");
    assert!(asks.contains(question.unwrap_or_default()), "{asks}");
    assert_eq!(text.contains("# name = \"gold\""), question.is_some());
    assert!(!text.contains("\nname = \"gold\""), "{text}");
}

#[rstest]
#[case::of_an_unknown_status(json!({"status": "PENDING"}), Some("is PENDING"))]
#[case::without_clients(json!({"conditions": {"clients": null}}), Some("does not show its clients"))]
#[case::not_active(json!({"status": "INACTIVE"}), None)]
#[tokio::test]
async fn a_policy_that_may_apply_is_asked_about(
    #[case] otherwise: Value,
    #[case] question: Option<&str>,
) {
    let world = World::new().await;
    let (path, ..) = policy(&world).await;
    let text = text_showing(&world, &path, otherwise).await;
    let asks = parsed(&text).expect_err("it asks for endpoints");
    let asked = asks.contains("its rules are not in this file. Are they meant?");
    assert_eq!(asked, question.is_some(), "{asks}");
    assert!(asks.contains(question.unwrap_or_default()), "{asks}");
    assert!(!text.contains("\nname = \"gold\""), "{text}");
}

/// A policy that leaves clients out says what no model can.
#[tokio::test]
async fn a_policy_that_says_more_than_a_model_is_asked_about() {
    let world = World::new().await;
    let (path, ..) = policy(&world).await;
    let otherwise = json!({"conditions": {"clients": {"exclude": ["0oa1"]}}});
    let text = text_showing(&world, &path, otherwise).await;
    let asks = parsed(&text).expect_err("it asks");
    assert!(asks.contains("says conditions.clients.exclude"), "{asks}");
}

#[tokio::test]
async fn a_trusted_origin_that_may_be_active_is_asked_about() {
    let world = World::new().await;
    let origins = client(&world).trusted_origins().await.expect("origins");
    let path = format!("trustedOrigins/{}", origins[0].id);
    let text = text_showing(&world, &path, json!({"status": "PENDING"})).await;
    let asks = parsed(&text).expect_err("it asks");
    assert!(
        asks.contains("The Trusted Origin http://localhost:8080 is PENDING"),
        "{asks}"
    );
    let model = parsed(&filled_in(&text, MODEL)).expect("a model");
    assert!(model.trusted_origins.is_empty());
}

/// A claim that may be active is asked about in either token.
#[tokio::test]
async fn a_claim_that_may_be_active_is_asked_about() {
    let world = World::of("fixtures/org-orders.toml", Sandbox::builder()).await;
    let (_, server, _) = policy(&world).await;
    let claims = client(&world).claims(&server).await.expect("claims");
    let company = claims.iter().find(|claim| claim.name == "company");
    let id = &company.expect("the claim").id;
    let path = format!("authorizationServers/{server}/claims/{id}");
    let text = text_showing(&world, &path, json!({"status": "PENDING"})).await;
    let asks = parsed(&text).expect_err("it asks");
    assert!(asks.contains("The claim `company` is PENDING"), "{asks}");
    assert!(text.contains("# name = \"company\""), "{text}");
}

/// What only the client reads is written as it is, for a person to see.
#[tokio::test]
async fn a_claim_of_id_tokens_is_written_as_it_is() {
    let (_, world) = Scenario::broken("step-3a-orders-claim-in-the-other-token").await;
    let text = text_of(&world).await;
    let asks = parsed(&text).expect_err("it asks for endpoints");
    assert!(!asks.contains("The claim `cost_center`"), "{asks}");
    assert!(
        text.contains("\nname = \"cost_center\"\ntoken = \"id\""),
        "{text}"
    );
}
