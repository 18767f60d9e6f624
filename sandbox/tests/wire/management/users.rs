//! Users and their life.

use rstest::rstest;
use serde_json::{Value, json};

use super::api::{Api, user};
use super::shape::assert_shape;

/// okta/terraform-provider-okta, TestAccResourceOktaUser_updateCredentials.
fn shape_of_active(links: &Value) -> Value {
    json!({
        "id": "id:00u",
        "status": "=ACTIVE",
        "created": "time",
        "activated": "time",
        "statusChanged": "time",
        "lastLogin": "null",
        "lastUpdated": "time",
        "passwordChanged": "time",
        "realmId": "id:guo",
        "type": {"id": "id:oty"},
        "profile": {
            "firstName": "text",
            "lastName": "text",
            "mobilePhone": "null",
            "secondEmail": "null",
            "login": "text",
            "email": "text",
        },
        "credentials": {"password": {}, "provider": {"type": "=OKTA", "name": "=OKTA"}},
        "_links": links,
    })
}

#[tokio::test]
async fn a_new_user_looks_as_recorded() {
    let api = Api::start().await;
    let made = api.post("users", &user("silver")).await;
    assert_eq!(made.status, 200);
    let step = json!({"href": "url", "method": "=POST"});
    let link = json!({"href": "url"});
    let links = json!({
        "suspend": step, "resetPassword": step, "forgotPassword": step, "expirePassword": step,
        "changeRecoveryQuestion": step, "resetFactors": step, "changePassword": step,
        "deactivate": step, "self": link, "schema": link, "type": link,
    });
    assert_shape(&made.body, &shape_of_active(&links));
    let listed = api.get("users").await;
    let only_self = json!({"self": link});
    assert_shape(&listed.body, &json!([shape_of_active(&only_self)]));
}

#[rstest]
#[case::with_a_password("users", true, "ACTIVE")]
#[case::without_a_password("users", false, "PROVISIONED")]
#[case::not_activated("users?activate=false", true, "STAGED")]
#[case::to_change_the_password("users?nextLogin=changePassword", true, "PASSWORD_EXPIRED")]
#[tokio::test]
async fn a_user_begins_in_the_status(
    #[case] path: &str,
    #[case] has_password: bool,
    #[case] status: &str,
) {
    let api = Api::start().await;
    let mut body = user("silver");
    if !has_password {
        body["credentials"] = json!({"password": {}});
    }
    let made = api.post(path, &body).await;
    assert_eq!(made.body["status"], status);
    let has = made.body["credentials"].get("password").is_some();
    assert_eq!(has, has_password);
}

#[tokio::test]
async fn a_user_is_found_by_login_and_its_first_part() {
    let api = Api::start().await;
    let id = api.user("silver").await;
    for name in [&id, "silver@example.com", "SILVER%40example.com", "silver"] {
        assert_eq!(api.get(&format!("users/{name}")).await.id(), id);
    }
    let missing = api.get("users/gold@example.com").await;
    assert_eq!(missing.refusal(), (404, "E0000007"));
}

#[rstest]
#[case::suspend(&["suspend"], "SUSPENDED")]
#[case::unsuspend(&["suspend", "unsuspend"], "ACTIVE")]
#[case::deactivate(&["deactivate"], "DEPROVISIONED")]
#[case::back_again(&["deactivate", "activate"], "ACTIVE")]
#[case::expire_password(&["expire_password"], "PASSWORD_EXPIRED")]
#[case::reset_password(&["reset_password"], "RECOVERY")]
#[tokio::test]
async fn the_life_cycle_leads_to_the_status(#[case] steps: &[&str], #[case] status: &str) {
    let api = Api::start().await;
    let path = format!("users/{}", api.user("silver").await);
    for step in steps {
        let answer = api.step(&format!("{path}/lifecycle/{step}")).await;
        assert_eq!(answer.status, 200);
        let is_user = answer.body.get("id").is_some();
        assert_eq!(is_user, *step == "expire_password");
    }
    assert_eq!(api.get(&path).await.body["status"], status);
}

#[rstest]
#[case::activate("activate", 403, "E0000016")]
#[case::unsuspend("unsuspend", 400, "E0000001")]
#[case::unlock("unlock", 403, "E0000032")]
#[case::reactivate("reactivate", 403, "E0000038")]
#[case::unknown("promote", 405, "E0000022")]
#[tokio::test]
async fn an_active_user_is_refused(#[case] step: &str, #[case] status: u16, #[case] code: &str) {
    let api = Api::start().await;
    let id = api.user("silver").await;
    let refused = api.step(&format!("users/{id}/lifecycle/{step}")).await;
    assert_eq!(refused.refusal(), (status, code));
}

#[rstest]
#[case::activate("activate", &["activationToken", "activationUrl"])]
#[case::reset_password("reset_password", &["resetPasswordUrl"])]
#[tokio::test]
async fn what_would_be_mailed_is_answered_when_asked(#[case] step: &str, #[case] keys: &[&str]) {
    let api = Api::start().await;
    let id = api.post("users?activate=false", &user("silver")).await.id();
    let path = format!("users/{id}/lifecycle");
    if step == "reset_password" {
        assert_eq!(api.step(&format!("{path}/activate")).await.body, json!({}));
    }
    let answer = api.step(&format!("{path}/{step}?sendEmail=false")).await;
    let found: Vec<_> = answer.body.as_object().unwrap().keys().collect();
    assert_eq!(found, keys);
}

#[tokio::test]
async fn deleting_takes_two() {
    let api = Api::start().await;
    let id = api.user("silver").await;
    let path = format!("users/{id}");
    assert_eq!(api.delete(&path).await.status, 204);
    assert_eq!(api.get(&path).await.body["status"], "DEPROVISIONED");
    assert_eq!(api.get("users").await.body, json!([]));
    let search = r#"users?search=status eq "DEPROVISIONED""#;
    assert_eq!(api.get(search).await.each("/id"), [id]);
    assert_eq!(api.delete(&path).await.status, 204);
    assert_eq!(api.get(&path).await.refusal(), (404, "E0000007"));
}

#[tokio::test]
async fn a_partial_update_keeps_the_rest_and_a_full_one_does_not() {
    let api = Api::start().await;
    let mut body = user("silver");
    body["profile"]["nickName"] = json!("Ag");
    let path = format!("users/{}", api.post("users", &body).await.id());
    let partial = json!({"profile": {"lastName": "Smith"}});
    let merged = api.post(&path, &partial).await;
    assert_eq!(merged.body["profile"]["lastName"], "Smith");
    assert_eq!(merged.body["profile"]["nickName"], "Ag");
    let replaced = api.put(&path, &user("silver")).await;
    assert_eq!(replaced.status, 200);
    assert_eq!(replaced.body["profile"].get("nickName"), None);
}

#[rstest]
#[case::no_login("/profile/login", json!(null), "login")]
#[case::login_is_no_address("/profile/login", json!("silver"), "login")]
#[case::no_last_name("/profile/lastName", json!(""), "lastName")]
#[case::weak_password("/credentials/password/value", json!("secret"), "password")]
#[case::password_with_the_name("/credentials/password/value", json!("Xy9silver"), "password")]
#[tokio::test]
async fn a_user_that_cannot_be_is_refused(
    #[case] pointer: &str,
    #[case] value: Value,
    #[case] field: &str,
) {
    let api = Api::start().await;
    let mut body = user("silver");
    *body.pointer_mut(pointer).unwrap() = value;
    let refused = api.post("users", &body).await;
    assert_eq!(refused.refusal(), (400, "E0000001"));
    let summary = format!("Api validation failed: {field}");
    assert_eq!(refused.body["errorSummary"], summary);
}

#[tokio::test]
async fn an_unknown_attribute_is_refused_as_recorded() {
    let api = Api::start().await;
    let mut body = user("silver");
    body["profile"]["notValid"] = json!("this-isnt-valid");
    let refused = api.post("users", &body).await;
    assert_eq!(refused.refusal(), (400, "E0000001"));
    assert_eq!(
        refused.body["errorSummary"],
        "Api validation failed: newUser"
    );
    let cause = json!([{"errorSummary": "Property name 'notValid' is not defined in profile"}]);
    assert_eq!(refused.body["errorCauses"], cause);
}

#[tokio::test]
async fn a_login_is_taken_once() {
    let api = Api::start().await;
    api.user("silver").await;
    let refused = api.post("users", &user("Silver")).await;
    assert_eq!(refused.refusal(), (400, "E0000001"));
    assert_eq!(refused.body["errorSummary"], "Api validation failed: login");
}
