//! Access policies, their rules, and the order of both.

use rstest::rstest;
use serde_json::{Value, json};

use super::api::{Api, policy, rule};
use super::shape::assert_shape;

fn links(more: &[&str]) -> Value {
    let link = json!({"href": "url", "hints": {"allow": ["text"]}});
    let names = more.iter().chain(&["self", "deactivate"]);
    names.map(|name| (*name, link.clone())).collect()
}

#[tokio::test]
async fn a_new_policy_looks_as_recorded() {
    let api = Api::start().await;
    let path = format!("authorizationServers/{}/policies", api.server().await);
    assert_eq!(api.get(&path).await.body, json!([]));
    let made = api.post(&path, &policy("test")).await;
    assert_eq!(made.status, 201);
    // okta/terraform-provider-okta, TestAccDataSourceAuthorizationServersPoliciesRule_read.
    let shape = json!({
        "id": "id:00p", "status": "=ACTIVE", "name": "=test", "description": "=test",
        "priority": 1, "system": false,
        "conditions": {"clients": {"include": ["=ALL_CLIENTS"]}},
        "created": "time", "lastUpdated": "time", "_links": links(&["rules"]),
        "type": "=OAUTH_AUTHORIZATION_POLICY",
    });
    assert_shape(&made.body, &shape);
    let one = format!("{path}/{}", made.id());
    assert_eq!(api.get(&one).await.body, made.body);
    let off = api.step(&format!("{one}/lifecycle/deactivate")).await;
    assert_eq!(off.status, 204);
    assert_eq!(api.get(&one).await.body["status"], "INACTIVE");
    assert_eq!(api.delete(&one).await.status, 204);
    assert_eq!(api.get(&one).await.refusal(), (404, "E0000007"));
}

#[tokio::test]
async fn a_new_rule_looks_as_recorded() {
    let api = Api::start().await;
    let path = format!("{}/rules", api.policy().await);
    let made = api.post(&path, &rule("test")).await;
    assert_eq!(made.status, 201);
    // okta/terraform-provider-okta, TestAccDataSourceAuthorizationServersPoliciesRule_read.
    let shape = json!({
        "id": "id:0pr", "status": "=ACTIVE", "name": "=test", "priority": 1,
        "created": "time", "lastUpdated": "time", "system": false,
        "conditions": {
            "people": {"users": {"exclude": []}, "groups": {"include": ["=EVERYONE"]}},
            "grantTypes": {"include": ["=implicit"]},
            "scopes": {"include": []},
        },
        "actions": {"token": {
            "accessTokenLifetimeMinutes": 60,
            "refreshTokenLifetimeMinutes": 0,
            "refreshTokenWindowMinutes": 10080,
        }},
        "_links": links(&[]),
        "type": "=RESOURCE_ACCESS",
    });
    assert_shape(&made.body, &shape);
    let one = format!("{path}/{}", made.id());
    let off = api.step(&format!("{one}/lifecycle/deactivate")).await;
    assert_eq!(off.status, 204);
    assert_eq!(api.get(&one).await.body["status"], "INACTIVE");
    let on = api.step(&format!("{one}/lifecycle/activate")).await;
    assert_eq!(on.status, 204);
    assert_eq!(api.put(&one, &rule("again")).await.body["name"], "again");
    assert_eq!(api.delete(&one).await.status, 204);
    assert_eq!(api.get(&one).await.refusal(), (404, "E0000007"));
}

#[tokio::test]
async fn a_rule_keeps_whom_and_what_it_names() {
    let api = Api::start().await;
    let (silver, gold) = (api.group("silver").await, api.group("gold").await);
    let user = api.user("silver").await;
    let path = format!("{}/rules", api.policy().await);
    let mut body = rule("test");
    body["conditions"] = json!({
        "people": {
            "users": {"include": [user], "exclude": []},
            "groups": {"include": [silver], "exclude": [gold]},
        },
        "grantTypes": {"include": ["implicit", "authorization_code"]},
        "scopes": {"include": ["openid", "http://myapp.com/scp/silver"]},
    });
    body["actions"]["token"]["inlineHook"] = json!({"id": "cal1"});
    let made = api.post(&path, &body).await;
    assert_eq!(made.body["conditions"], body["conditions"]);
    assert_eq!(made.body["actions"], body["actions"]);
}

#[rstest]
#[case::at_the_end(None, &["a", "b", "c", "new"])]
#[case::first(Some(1), &["new", "a", "b", "c"])]
#[case::between(Some(2), &["a", "new", "b", "c"])]
#[case::beyond_the_end(Some(9), &["a", "b", "c", "new"])]
#[tokio::test]
async fn a_new_rule_moves_the_others_down(#[case] priority: Option<u32>, #[case] order: &[&str]) {
    let api = Api::start().await;
    let path = format!("{}/rules", api.policy().await);
    for name in ["a", "b", "c"] {
        api.post(&path, &rule(name)).await;
    }
    let mut body = rule("new");
    body["priority"] = json!(priority);
    api.post(&path, &body).await;
    assert_order(&api, &path, order).await;
}

#[rstest]
#[case::to_the_end(3, &["b", "c", "a"])]
#[case::to_the_middle(2, &["b", "a", "c"])]
#[case::nowhere(1, &["a", "b", "c"])]
#[tokio::test]
async fn a_policy_moves_among_the_others(#[case] priority: u32, #[case] order: &[&str]) {
    let api = Api::start().await;
    let path = format!("authorizationServers/{}/policies", api.server().await);
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(api.post(&path, &policy(name)).await.id());
    }
    let mut body = policy("a");
    body["priority"] = json!(priority);
    let moved = api.put(&format!("{path}/{}", ids[0]), &body).await;
    assert_eq!(moved.body["priority"], priority);
    assert_order(&api, &path, order).await;
}

#[tokio::test]
async fn a_deleted_rule_leaves_no_gap() {
    let api = Api::start().await;
    let path = format!("{}/rules", api.policy().await);
    let first = api.post(&path, &rule("a")).await.id();
    api.post(&path, &rule("b")).await;
    api.delete(&format!("{path}/{first}")).await;
    assert_order(&api, &path, &["b"]).await;
}

/// The names in the order of their priorities, which are 1, 2, ….
async fn assert_order(api: &Api, path: &str, names: &[&str]) {
    let list = api.get(path).await;
    assert_eq!(list.each("/name"), names);
    for (priority, item) in (1..).zip(list.body.as_array().unwrap()) {
        assert_eq!(item["priority"], priority);
    }
}

#[rstest]
#[case::nobody("/conditions/people", json!({}))]
#[case::unknown_group("/conditions/people/groups/include", json!(["00gnobody"]))]
#[case::unknown_user("/conditions/people/users", json!({"include": ["00unobody"]}))]
#[case::no_grant_type("/conditions/grantTypes/include", json!([]))]
#[case::too_short("/actions/token/accessTokenLifetimeMinutes", json!(4))]
#[case::too_long("/actions/token/accessTokenLifetimeMinutes", json!(1441))]
#[case::no_name("/name", json!(""))]
#[case::taken("/name", json!("taken"))]
#[case::other_type("/type", json!("SIGN_ON"))]
#[tokio::test]
async fn a_rule_that_cannot_be_is_refused(#[case] pointer: &str, #[case] value: Value) {
    let api = Api::start().await;
    let path = format!("{}/rules", api.policy().await);
    api.post(&path, &rule("taken")).await;
    let mut body = rule("test");
    *body.pointer_mut(pointer).unwrap() = value;
    assert_eq!(api.post(&path, &body).await.refusal(), (400, "E0000001"));
}

#[tokio::test]
async fn a_rule_for_machines_needs_no_people() {
    let api = Api::start().await;
    let path = format!("{}/rules", api.policy().await);
    let mut body = rule("machines");
    body["conditions"] = json!({"grantTypes": {"include": ["client_credentials"]}});
    assert_eq!(api.post(&path, &body).await.status, 201);
}

/// As recorded by okta/okta-sdk-python, `test_authorization_server_rules_it`: it is made, and names
/// no client.
#[rstest]
#[case::no_conditions(json!({"name": "test", "description": "test", "priority": 1}))]
#[case::no_clients(json!({"name": "test", "conditions": {}}))]
#[tokio::test]
async fn a_policy_without_conditions_is_for_no_client(#[case] body: Value) {
    let api = Api::start().await;
    let path = format!("authorizationServers/{}/policies", api.server().await);
    let made = api.post(&path, &body).await;
    assert_eq!(made.status, 201);
    let clients = json!({"clients": {"include": []}});
    assert_eq!(made.body["conditions"], clients);
    let one = format!("{path}/{}", made.id());
    assert_eq!(api.put(&one, &body).await.body["conditions"], clients);
}
