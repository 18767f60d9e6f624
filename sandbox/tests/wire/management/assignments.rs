//! Who may use an application.

use serde_json::{Value, json};

use super::api::Api;
use super::shape::assert_shape;

/// okta/terraform-provider-okta, TestAccDataSourceOktaAppUserAssignments_read.
fn shape_of_user(scope: &str) -> Value {
    let link = json!({"href": "url"});
    let empty = [
        "street_address",
        "country",
        "website",
        "birthdate",
        "gender",
        "formatted",
        "profile",
        "locality",
        "middle_name",
        "picture",
        "nickname",
        "phone_number",
        "region",
        "postal_code",
    ];
    let filled = [
        "zoneinfo",
        "given_name",
        "locale",
        "name",
        "family_name",
        "email",
    ];
    let empty = empty.into_iter().map(|name| (name, "null"));
    let profile: Value = empty
        .chain(filled.into_iter().map(|name| (name, "text")))
        .collect();
    json!({
        "id": "id:00u",
        "externalId": "null",
        "created": "time",
        "lastUpdated": "time",
        "scope": format!("={scope}"),
        "status": "=ACTIVE",
        "statusChanged": "time",
        "passwordChanged": "null",
        "syncState": "=DISABLED",
        "credentials": {"userName": "=silver@example.com"},
        "profile": profile,
        "_links": {"app": link, "user": link},
    })
}

#[tokio::test]
async fn an_assigned_group_looks_as_recorded() {
    let api = Api::start().await;
    let path = format!("apps/{}/groups", api.application().await);
    let one = format!("{path}/{}", api.group("silver").await);
    assert_eq!(api.get(&one).await.refusal(), (404, "E0000007"));
    let body = json!({"priority": 1, "profile": {}});
    let assigned = api.put(&one, &body).await;
    assert_eq!(assigned.status, 200);
    let link = json!({"href": "url"});
    let shape = json!({
        "id": "id:00g", "lastUpdated": "time", "priority": 1, "profile": {},
        "_links": {"app": link, "self": link, "group": link},
    });
    assert_shape(&assigned.body, &shape);
    assert_eq!(api.get(&one).await.body, assigned.body);
    assert_eq!(api.get(&path).await.body, json!([assigned.body]));
    assert_eq!(api.delete(&one).await.status, 204);
    assert_eq!(api.get(&path).await.body, json!([]));
}

#[tokio::test]
async fn an_unknown_group_is_not_assigned() {
    let api = Api::start().await;
    let path = format!("apps/{}/groups/00gnobody", api.application().await);
    assert_eq!(
        api.put(&path, &json!({})).await.refusal(),
        (404, "E0000007")
    );
}

#[tokio::test]
async fn a_user_is_assigned_directly() {
    let api = Api::start().await;
    let path = format!("apps/{}/users", api.application().await);
    let user = api.user("silver").await;
    let one = format!("{path}/{user}");
    assert_eq!(api.get(&one).await.refusal(), (404, "E0000007"));
    let assigned = api.post(&path, &json!({"id": user, "scope": "USER"})).await;
    assert_eq!(assigned.status, 200);
    assert_shape(&assigned.body, &shape_of_user("USER"));
    assert_eq!(api.get(&path).await.body, json!([assigned.body]));
    assert_eq!(api.delete(&one).await.status, 204);
    assert_eq!(api.get(&one).await.status, 404);
}

#[tokio::test]
async fn a_user_is_assigned_through_a_group() {
    let api = Api::start().await;
    let application = api.application().await;
    let (group, user) = (api.group("silver").await, api.user("silver").await);
    let group_path = format!("apps/{application}/groups/{group}");
    api.put(&group_path, &json!({})).await;
    let one = format!("apps/{application}/users/{user}");
    assert_eq!(api.get(&one).await.status, 404);
    api.put(&format!("groups/{group}/users/{user}"), &json!({}))
        .await;
    assert_shape(&api.get(&one).await.body, &shape_of_user("GROUP"));
    let users = api.get(&format!("apps/{application}/users")).await;
    assert_eq!(users.each("/scope"), ["GROUP"]);
    // Unassigning the user alone does not take the group away.
    assert_eq!(api.delete(&one).await.status, 404);
    assert_eq!(api.delete(&format!("groups/{group}")).await.status, 204);
    assert_eq!(api.get(&one).await.status, 404);
}

#[tokio::test]
async fn an_assignment_can_give_another_name() {
    let api = Api::start().await;
    let path = format!("apps/{}/users", api.application().await);
    let user = api.user("silver").await;
    let body = json!({"id": user, "credentials": {"userName": "ag"}});
    let assigned = api.post(&path, &body).await;
    assert_eq!(assigned.body["credentials"]["userName"], "ag");
}

#[tokio::test]
async fn a_deactivated_user_is_no_longer_assigned() {
    let api = Api::start().await;
    let application = api.application().await;
    let user = api.user("silver").await;
    let path = format!("apps/{application}/users");
    api.post(&path, &json!({"id": user})).await;
    api.step(&format!("users/{user}/lifecycle/deactivate"))
        .await;
    assert_eq!(api.get(&path).await.body, json!([]));
}
