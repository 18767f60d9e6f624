//! App sign-in policies, their rules, and the applications that have them.

use okta_sandbox::{DefaultSignInPolicy, Options};
use rstest::rstest;
use serde_json::{Value, json};

use super::api::{Api, reply};
use super::shape::assert_shape;
use crate::world::World;

const LIST: &str = "policies?type=ACCESS_POLICY";

fn policy() -> Value {
    json!({"type": "ACCESS_POLICY", "name": "test", "description": "test", "priority": 1})
}

/// A rule that asks for a password and nothing else.
fn rule() -> Value {
    json!({
        "type": "ACCESS_POLICY",
        "name": "test",
        "priority": 0,
        "conditions": {"network": {"connection": "ANYWHERE"}},
        "actions": {"appSignOn": {
            "access": "ALLOW",
            "verificationMethod": {
                "type": "ASSURANCE",
                "factorMode": "1FA",
                "constraints": [{"knowledge": {"types": ["password"]}}],
            },
        }},
    })
}

fn links(names: &[&str]) -> Value {
    let link = json!({"href": "url", "hints": {"allow": ["text"]}});
    names.iter().map(|name| (*name, link.clone())).collect()
}

async fn two_factors() -> Api {
    let options = Options {
        default_sign_in_policy: DefaultSignInPolicy::AnyTwoFactors,
        ..Options::default()
    };
    Api::with(options).await
}

/// The last part of an application's `_links.accessPolicy`.
async fn policy_of(api: &Api, application: &str) -> String {
    let shown = api.get(&format!("apps/{application}")).await.body;
    let href = shown["_links"]["accessPolicy"]["href"].as_str();
    let (before, id) = href.expect("a link").rsplit_once('/').expect("a path");
    assert!(before.ends_with("/api/v1/policies"), "{before}");
    id.to_owned()
}

#[tokio::test]
async fn a_new_org_asks_for_any_two_factors() {
    let api = two_factors().await;
    let list = api.get(LIST).await;
    // okta/terraform-provider-okta, test/fixtures/vcr/idaas,
    // TestAccResourceOktaAppSignOnPolicyRule_issue_1059814/oie-00.yaml.
    let shape = json!([{
        "id": "id:rst", "status": "=ACTIVE", "name": "=Any two factors",
        "description": "=Require two factors to access.",
        "priority": 1, "system": true, "conditions": null,
        "created": "time", "lastUpdated": "time",
        "_links": links(&["self", "rules"]),
        "_embedded": {"resourceType": "=APP"},
        "type": "=ACCESS_POLICY",
    }]);
    assert_shape(&list.body, &shape);
    assert!(list.links()[0].ends_with("/api/v1/policies?type=ACCESS_POLICY>; rel=\"self\""));
    let allowed = list.body[0].pointer("/_links/self/hints/allow");
    assert_eq!(allowed, Some(&json!(["GET", "PUT"])));
    // The same repository, TestAccResourceOktaAppSignOnPolicyRules_Issue2774/classic-00.yaml.
    let id = list.body[0]["id"].as_str().unwrap();
    let rules = api.get(&format!("policies/{id}/rules")).await;
    let asked = &rules.body[0]["actions"]["appSignOn"]["verificationMethod"];
    let expected = json!({"factorMode": "2FA", "type": "ASSURANCE", "reauthenticateIn": "PT12H"});
    assert_eq!(*asked, expected);
    // okta/okta-developer-docs, docs/reference/api/policy: it is assigned to new applications.
    let application = api.application().await;
    assert_eq!(policy_of(&api, &application).await, id);
}

#[tokio::test]
async fn a_new_policy_looks_as_recorded_and_comes_with_a_catch_all_rule() {
    let api = Api::start().await;
    let made = api.post("policies", &policy()).await;
    assert_eq!(made.status, 200);
    // okta/terraform-provider-okta, test/fixtures/vcr/idaas,
    // TestAccResourceOktaAppSignOnPolicyRule_issue_1059814/oie-00.yaml.
    let shape = json!({
        "id": "id:rst", "status": "=ACTIVE", "name": "=test", "description": "=test",
        "priority": 1, "system": false, "conditions": null,
        "created": "time", "lastUpdated": "time",
        "_links": links(&["mappings", "self", "rules", "deactivate"]),
        "type": "=ACCESS_POLICY",
    });
    assert_shape(&made.body, &shape);
    let one = format!("policies/{}", made.id());
    assert_eq!(api.get(&one).await.body, made.body);
    let rules = api.get(&format!("{one}/rules")).await;
    let shape = json!([{
        "id": "id:rul", "status": "=ACTIVE", "name": "=Catch-all Rule", "priority": 99,
        "created": "time", "lastUpdated": "time", "system": true, "conditions": null,
        "actions": {"appSignOn": {
            "access": "=ALLOW",
            "verificationMethod": {
                "factorMode": "=2FA", "type": "=ASSURANCE", "reauthenticateIn": "=PT12H",
                "constraints": [{"possession": {"required": true, "deviceBound": "=REQUIRED"}}],
            },
            "keepMeSignedIn": {"postAuth": "=NOT_ALLOWED"},
        }},
        "_links": links(&["self"]),
        "type": "=ACCESS_POLICY",
    }]);
    assert_shape(&rules.body, &shape);
    assert_eq!(api.delete(&one).await.status, 204);
    // okta/okta-sdk-python, test_auth_server_it, has this of policies of the other kind.
    assert_eq!(api.get(&one).await.refusal(), (404, "E0000007"));
}

#[tokio::test]
async fn a_new_rule_looks_as_recorded_and_comes_before_the_catch_all_rule() {
    let api = Api::start().await;
    let path = format!(
        "policies/{}/rules",
        api.post("policies", &policy()).await.id()
    );
    let made = api.post(&path, &rule()).await;
    assert_eq!(made.status, 200);
    // okta/terraform-provider-okta, test/fixtures/vcr/idaas,
    // TestAccResourceOktaAppSignOnPolicyRule_issue_1059814/oie-00.yaml, and for one factor
    // TestAccResourceOktaAppSignOnPolicyRules_Issue2797/classic-00.yaml; that a constraint says
    // `required` is okta/okta-management-openapi-spec, AccessPolicyConstraint.
    let shape = json!({
        "id": "id:rul", "status": "=ACTIVE", "name": "=test", "priority": 0,
        "created": "time", "lastUpdated": "time", "system": false,
        "conditions": {
            "people": {"users": {"exclude": []}},
            "network": {"connection": "=ANYWHERE"},
            "userType": {"include": [], "exclude": []},
        },
        "actions": {"appSignOn": {
            "access": "=ALLOW",
            "verificationMethod": {
                "factorMode": "=1FA", "type": "=ASSURANCE", "reauthenticateIn": "=PT12H",
                "constraints": [{"knowledge": {"required": true, "types": ["=password"]}}],
            },
            "keepMeSignedIn": {"postAuth": "=NOT_ALLOWED"},
        }},
        "_links": links(&["self", "deactivate"]),
        "type": "=ACCESS_POLICY",
    });
    assert_shape(&made.body, &shape);
    let names = api.get(&path).await;
    assert_eq!(names.each("/name"), ["test", "Catch-all Rule"]);
    let one = format!("{path}/{}", made.id());
    assert_eq!(api.get(&one).await.body, made.body);
    let mut changed = rule();
    changed["actions"]["appSignOn"]["verificationMethod"]["factorMode"] = json!("2FA");
    let again = api.put(&one, &changed).await;
    assert_eq!(again.status, 200);
    let pointer = "/actions/appSignOn/verificationMethod/factorMode";
    assert_eq!(again.body.pointer(pointer), Some(&json!("2FA")));
    let off = api.step(&format!("{one}/lifecycle/deactivate")).await;
    assert_eq!(off.status, 204);
    assert_eq!(api.get(&one).await.body["status"], "INACTIVE");
    let on = api.step(&format!("{one}/lifecycle/activate")).await;
    assert_eq!(on.status, 204);
    assert_eq!(api.delete(&one).await.status, 204);
    assert_eq!(api.get(&one).await.refusal(), (404, "E0000007"));
}

#[tokio::test]
async fn an_application_takes_the_policy_that_it_is_assigned() {
    let api = Api::start().await;
    let application = api.application().await;
    let id = api.post("policies", &policy()).await.id();
    let token = format!("SSWS {}", api.sandbox.api_token());
    let path = format!("apps/{application}/policies/{id}");
    let put = api
        .request(reqwest::Method::PUT, &path)
        .header("authorization", token);
    // okta/terraform-provider-okta, test/fixtures/vcr/idaas,
    // TestAccDataSourceOktaAppFederatedClaim_read/classic-00.yaml: no body, and none comes back.
    let answer = reply(put).await;
    assert_eq!((answer.status, answer.body), (204, Value::Null));
    assert_eq!(policy_of(&api, &application).await, id);
    let missing = api
        .put(
            &format!("apps/{application}/policies/rstNobody"),
            &json!({}),
        )
        .await;
    assert_eq!(missing.refusal(), (404, "E0000007"));
}

/// okta/terraform-provider-okta, `resource_okta_app_signon_policy.go`, gives the
/// applications of a policy the default one before it deletes it, and its recordings have no other
/// case: what Okta answers otherwise is not known, and the code that is refused with is not pinned.
/// That system policies and rules stay is okta/okta-developer-docs, docs/reference/api/policy.
#[tokio::test]
async fn what_is_in_use_or_okta_s_own_stays() {
    let api = Api::start().await;
    let application = api.application().await;
    let id = api.post("policies", &policy()).await.id();
    let default = policy_of(&api, &application).await;
    let assign = |policy: String| format!("apps/{application}/policies/{policy}");
    api.put(&assign(id.clone()), &json!({})).await;
    let catch_all = api.get(&format!("policies/{id}/rules")).await.body[0]["id"].clone();
    let catch_all = catch_all.as_str().expect("an id");
    for kept in [
        format!("policies/{id}"),
        format!("policies/{default}"),
        format!("policies/{id}/rules/{catch_all}"),
    ] {
        assert_eq!(api.delete(&kept).await.status / 100, 4, "{kept}");
        assert_eq!(api.get(&kept).await.status, 200, "{kept}");
    }
    api.put(&assign(default), &json!({})).await;
    assert_eq!(api.delete(&format!("policies/{id}")).await.status, 204);
}

#[rstest]
#[case::no_name("/name", json!(""))]
#[case::other_type("/type", json!("SIGN_ON"))]
#[case::no_such_mode("/actions/appSignOn/verificationMethod/factorMode", json!("3FA"))]
#[case::no_access("/actions/appSignOn/access", json!(null))]
#[tokio::test]
async fn a_rule_that_cannot_be_is_refused(#[case] pointer: &str, #[case] value: Value) {
    let api = Api::start().await;
    let id = api.post("policies", &policy()).await.id();
    let mut body = rule();
    *body.pointer_mut(pointer).unwrap() = value;
    let refused = api.post(&format!("policies/{id}/rules"), &body).await;
    assert_eq!(refused.refusal(), (400, "E0000001"));
}

/// okta/terraform-provider-okta, `docs/resources/app_signon_policy.md`: on Classic Engine they can
/// be changed in the Admin Console alone. `v1` is okta/okta-management-openapi-spec,
/// `PipelineType`.
#[tokio::test]
async fn classic_engine_has_none() {
    let api = Api::of(World::classic(Options::default()).await.sandbox);
    let refused = [
        api.get(LIST).await.status,
        api.post("policies", &policy()).await.status,
    ];
    assert!(
        refused.iter().all(|status| status / 100 == 4),
        "{refused:?}"
    );
    let application = api.application().await;
    let shown = api.get(&format!("apps/{application}")).await.body;
    assert_eq!(shown["_links"].get("accessPolicy"), None);
    let url = format!("{}/.well-known/okta-organization", api.sandbox.org_url());
    let told = reply(api.request(reqwest::Method::GET, &url)).await;
    assert_eq!(told.body["pipeline"], "v1");
}

/// As recorded by okta/okta-sdk-python, `test_list_policies_by_type`, of the policy that every org
/// has, on both engines; the keys of its rule are those of recorded rules of the type `SIGN_ON`.
#[rstest]
#[case::identity_engine(false)]
#[case::classic_engine(true)]
#[tokio::test]
async fn an_org_has_a_policy_for_its_sessions(#[case] classic: bool) {
    let api = if classic {
        Api::of(World::classic(Options::default()).await.sandbox)
    } else {
        Api::start().await
    };
    let list = api.get("policies?type=OKTA_SIGN_ON").await;
    let shape = json!([{
        "type": "=OKTA_SIGN_ON", "id": "id:00p", "status": "=ACTIVE", "name": "=Default Policy",
        "description": "text", "priority": 1, "system": true,
        "conditions": {"people": {"groups": {"include": ["id:00g"]}}},
        "created": "time", "lastUpdated": "time", "_links": links(&["self", "rules"]),
    }]);
    assert_shape(&list.body, &shape);
    assert!(list.links()[0].ends_with("/api/v1/policies?type=OKTA_SIGN_ON>; rel=\"self\""));
    let path = format!("policies/{}", list.body[0]["id"].as_str().unwrap());
    assert_eq!(api.get(&path).await.body, list.body[0]);
    let rules = api.get(&format!("{path}/rules")).await;
    assert_eq!(rules.each("/type"), ["SIGN_ON"]);
    assert_eq!(rules.each("/actions/signon/access"), ["ALLOW"]);
    assert_eq!(api.delete(&path).await.status / 100, 4, "it stays");
}
