//! Group rules, and groups that a directory brings.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::api::{Api, user};
use super::shape::assert_shape;

fn rule(group: &str, expression: &str) -> Value {
    json!({
        "type": "group_rule",
        "name": "doctors",
        "conditions": {"expression": {"value": expression, "type": "urn:okta:expression:1.0"}},
        "actions": {"assignUserToGroups": {"groupIds": [group]}},
    })
}

async fn members(api: &Api, group: &str) -> Vec<String> {
    let members = api.get(&format!("groups/{group}/users")).await;
    members.each("/id").into_iter().map(str::to_owned).collect()
}

/// Statuses as recorded by okta/okta-sdk-python, `test_group_rule_operations`; the keys are those
/// of twenty recorded answers of okta/terraform-provider-okta, `TestAccResourceOktaGroupRule_crud`.
#[tokio::test]
async fn a_rule_lives_as_recorded() {
    let api = Api::start().await;
    let group = api.group("silver").await;
    let made = api
        .post("groups/rules", &rule(&group, "user.lastName==\"Doe\""))
        .await;
    assert_eq!(made.status, 200);
    let shape = json!({
        "type": "=group_rule", "id": "id:0pr", "status": "=INACTIVE", "name": "=doctors",
        "created": "time", "lastUpdated": "time",
        "conditions": {
            "people": {"users": {"exclude": []}, "groups": {"exclude": []}},
            "expression": {
                "value": "=user.lastName==\"Doe\"", "type": "=urn:okta:expression:1.0",
            },
        },
        "actions": {"assignUserToGroups": {"groupIds": ["id:00g"]}},
        "allGroupsValid": true,
    });
    assert_shape(&made.body, &shape);
    let one = format!("groups/rules/{}", made.id());
    let on = api.step(&format!("{one}/lifecycle/activate")).await;
    assert_eq!((on.status, on.body), (204, Value::Null));
    let list = api.get("groups/rules").await;
    assert_eq!(list.each("/status"), ["ACTIVE"]);
    let off = api.step(&format!("{one}/lifecycle/deactivate")).await;
    assert_eq!(off.status, 204);
    let changed = api.put(&one, &rule(&group, "user.lastName==\"Roe\"")).await;
    assert_eq!(
        (changed.status, &changed.body["status"]),
        (200, &json!("INACTIVE"))
    );
    let gone = api.delete(&one).await;
    assert_eq!((gone.status, gone.body), (202, json!({})));
    assert_eq!(api.get(&one).await.refusal(), (404, "E0000007"));
}

/// support.okta.com, "How to add and remove users from groups using group rules and exceptions".
#[tokio::test]
async fn an_active_rule_puts_users_in_and_takes_them_out() {
    let api = Api::start().await;
    let group = api.group("silver").await;
    let before = api.user("before").await;
    let change = async |id: &str, department: &str| {
        let change = json!({"profile": {"department": department}});
        assert_eq!(api.post(&format!("users/{id}"), &change).await.status, 200);
    };
    change(&before, "Sales").await;
    let made = api
        .post("groups/rules", &rule(&group, "user.department==\"Sales\""))
        .await;
    assert!(
        members(&api, &group).await.is_empty(),
        "a new rule is inactive"
    );
    let one = format!("groups/rules/{}", made.id());
    api.step(&format!("{one}/lifecycle/activate")).await;
    assert_eq!(members(&api, &group).await, std::slice::from_ref(&before));
    let after = api.user("after").await;
    change(&after, "Sales").await;
    assert_eq!(members(&api, &group).await, [before.clone(), after.clone()]);
    change(&before, "Finance").await;
    assert_eq!(members(&api, &group).await, std::slice::from_ref(&after));
    // "If you manually remove a rule-managed user from a group, that user automatically gets added
    // to Except The following users for that rule": support.okta.com, "User getting added in group
    // exclusion list by Okta System".
    api.delete(&format!("groups/{group}/users/{after}")).await;
    assert!(members(&api, &group).await.is_empty());
    let shown = api.get(&one).await.body;
    let excluded = shown.pointer("/conditions/people/users/exclude");
    assert_eq!(excluded, Some(&json!([after])));
}

/// support.okta.com, "Removing Users from Exception List in Group Rules": users keep their
/// membership when the rule is deactivated; okta/okta-management-openapi-spec, `removeUsers` of
/// `deleteGroupRule`.
#[rstest]
#[case::as_they_are("", 1)]
#[case::without_them("?removeUsers=true", 0)]
#[tokio::test]
async fn users_outlive_their_rule(#[case] query: &str, #[case] left: usize) {
    let api = Api::start().await;
    let group = api.group("silver").await;
    api.user("doe").await;
    let expression = "String.startsWith(user.login, \"doe@\")";
    let one = api
        .post("groups/rules", &rule(&group, expression))
        .await
        .id();
    let one = format!("groups/rules/{one}");
    api.step(&format!("{one}/lifecycle/activate")).await;
    api.step(&format!("{one}/lifecycle/deactivate")).await;
    assert_eq!(members(&api, &group).await.len(), 1);
    api.delete(&format!("{one}{query}")).await;
    assert_eq!(members(&api, &group).await.len(), left);
}

#[rstest]
#[case::no_name("/name", json!(""))]
#[case::no_group("/actions/assignUserToGroups/groupIds", json!([]))]
#[case::no_such_group("/actions/assignUserToGroups/groupIds", json!(["00gnone"]))]
#[case::no_expression("/conditions/expression/value", json!(""))]
#[tokio::test]
async fn a_rule_that_cannot_be_is_refused(#[case] pointer: &str, #[case] value: Value) {
    let api = Api::start().await;
    let mut body = rule(&api.group("silver").await, "user.lastName==\"Doe\"");
    *body.pointer_mut(pointer).unwrap() = value;
    let refused = api.post("groups/rules", &body).await;
    assert_eq!(refused.refusal(), (400, "E0000001"));
}

/// okta/terraform-provider-okta#1794: a directory brings a group of the same name as Okta's own.
/// okta/okta-developer-docs, `docs/reference/api/groups`: "You can only modify Group memberships
/// for Groups of `OKTA_GROUP` type"; with what others are refused is not documented.
#[tokio::test]
async fn a_directory_brings_a_group_of_the_same_name() {
    let api = Api::start().await;
    let (member, other) = (api.user("member").await, api.user("other").await);
    let own = api.group("silver").await;
    let brought = api.sandbox.bring_group("silver", &["member@example.com"]);
    let both = api.get("groups?q=silver").await;
    assert_eq!(both.each("/id"), [own.as_str(), brought.as_str()]);
    assert_eq!(both.each("/type"), ["OKTA_GROUP", "APP_GROUP"]);
    let filtered = api.get("groups?filter=type+eq+%22APP_GROUP%22").await;
    assert_eq!(filtered.each("/id"), [brought.as_str()]);
    assert_eq!(members(&api, &brought).await, [member]);
    let path = format!("groups/{brought}");
    let renamed = json!({"profile": {"name": "gold"}});
    let refused = [
        api.put(&path, &renamed).await.status,
        api.delete(&path).await.status,
        api.put(&format!("{path}/users/{other}"), &json!({}))
            .await
            .status,
    ];
    assert!(
        refused.iter().all(|status| status / 100 == 4),
        "{refused:?}"
    );
    let request = api.request(Method::GET, &path);
    assert_eq!(request.send().await.unwrap().status(), 401);
    let mut body = user("third");
    body["groupIds"] = json!([own]);
    assert_eq!(api.post("users", &body).await.status, 200);
}
