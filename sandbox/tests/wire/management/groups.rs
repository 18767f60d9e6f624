//! Groups and who is in them.

use serde_json::json;

use super::api::{Api, user};
use super::shape::assert_shape;

#[tokio::test]
async fn a_new_group_looks_as_recorded() {
    let api = Api::start().await;
    let body = json!({"profile": {"name": "silverSubscribers", "description": ""}});
    let made = api.post("groups", &body).await;
    assert_eq!(made.status, 200);
    // okta/terraform-provider-okta, TestAccDataSourceOktaAppGroupAssignments_read.
    let link = json!({"href": "url"});
    let shape = json!({
        "id": "id:00g",
        "created": "time",
        "lastUpdated": "time",
        "lastMembershipUpdated": "time",
        "objectClass": ["=okta:user_group"],
        "type": "=OKTA_GROUP",
        "profile": {"name": "=silverSubscribers", "description": "="},
        "_links": {
            "logo": [{"name": "text", "href": "url", "type": "=image/png"}],
            "owners": link, "users": link, "apps": link,
        },
    });
    assert_shape(&made.body, &shape);
    let found = api.get(&format!("groups/{}", made.id())).await;
    assert_eq!((found.status, &found.body), (200, &made.body));
}

#[tokio::test]
async fn a_new_org_has_everyone_and_nobody_changes_it() {
    let api = Api::start().await;
    let groups = api.get("groups").await;
    assert_eq!(groups.each("/profile/name"), ["Everyone"]);
    assert_eq!(groups.body[0]["type"], "BUILT_IN");
    let everyone = format!("groups/{}", groups.body[0]["id"].as_str().unwrap());
    let body = json!({"profile": {"name": "Nobody"}});
    assert_eq!(api.put(&everyone, &body).await.status, 403);
    assert_eq!(api.delete(&everyone).await.status, 403);
    let user = api.user("silver").await;
    let members = api.get(&format!("{everyone}/users")).await;
    assert_eq!(members.each("/id"), [user]);
}

#[tokio::test]
async fn a_group_is_renamed_and_deleted() {
    let api = Api::start().await;
    let path = format!("groups/{}", api.group("silver").await);
    let body = json!({"profile": {"name": "gold", "description": "all"}});
    let changed = api.put(&path, &body).await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.body["profile"], body["profile"]);
    assert_eq!(api.delete(&path).await.status, 204);
    assert_eq!(api.get(&path).await.refusal(), (404, "E0000007"));
}

#[tokio::test]
async fn two_groups_cannot_have_one_name() {
    let api = Api::start().await;
    api.group("silver").await;
    let other = api.group("gold").await;
    let body = json!({"profile": {"name": "silver"}});
    let refused = api.post("groups", &body).await;
    assert_eq!(refused.refusal(), (400, "E0000001"));
    assert_eq!(refused.body["errorSummary"], "Api validation failed: name");
    let renamed = api.put(&format!("groups/{other}"), &body).await;
    assert_eq!(renamed.refusal(), (400, "E0000001"));
}

#[tokio::test]
async fn a_user_joins_and_leaves_a_group() {
    let api = Api::start().await;
    let (group, user) = (api.group("silver").await, api.user("silver").await);
    let members = format!("groups/{group}/users");
    let member = format!("{members}/{user}");
    for _ in 0..2 {
        let joined = api.put(&member, &json!({})).await;
        assert_eq!((joined.status, joined.body.is_null()), (204, true));
    }
    assert_eq!(api.get(&members).await.each("/id"), [user.as_str()]);
    let groups = api.get(&format!("users/{user}/groups")).await;
    assert_eq!(groups.each("/profile/name"), ["Everyone", "silver"]);
    assert_eq!(api.delete(&member).await.status, 204);
    assert_eq!(api.get(&members).await.body, json!([]));
    let stranger = api.put(&format!("{members}/00unobody"), &json!({})).await;
    let text = "Not found: Resource not found: 00unobody (User)";
    assert_eq!(stranger.body["errorSummary"], text);
}

#[tokio::test]
async fn a_user_can_be_made_in_a_group() {
    let api = Api::start().await;
    let group = api.group("silver").await;
    let mut body = user("silver");
    body["groupIds"] = json!([group]);
    let id = api.post("users", &body).await.id();
    let members = api.get(&format!("groups/{group}/users")).await;
    assert_eq!(members.each("/id"), [id]);
}
