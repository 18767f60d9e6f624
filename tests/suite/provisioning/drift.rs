//! What was changed by hand since, and what is done about it.

use okta_e2e::provisioning::{Memory, Store as _, provision};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::org::{Org, model, path};

#[rstest]
#[case::another_audience("server", "", "/audiences", json!(["http://other"]), "audiences")]
#[case::a_scope_given_unasked("scope", "http://myapp.com/scp/gold", "/default", json!(true), "default")]
#[case::all_clients("policy", "", "/conditions/clients/include", json!(["ALL_CLIENTS"]), "clients")]
#[case::every_scope("rule", "silver", "/conditions/scopes/include", json!(["*"]), "scopes")]
#[case::everyone("rule", "gold", "/conditions/people/groups/include", json!(["EVERYONE"]), "groups")]
#[case::no_implicit_grant("rule", "gold", "/conditions/grantTypes/include", json!(["authorization_code"]), "grantTypes")]
#[case::another_lifetime("rule", "gold", "/actions/token/accessTokenLifetimeMinutes", json!(5), "Lifetime")]
#[case::rules_swapped("rule", "silver", "/priority", json!(1), "priority")]
#[case::no_id_token("client", "", "/settings/oauthClient/response_types", json!(["code", "token"]), "response_types")]
#[case::consent("client", "", "/settings/oauthClient/consent_method", json!("REQUIRED"), "consent_method")]
#[case::redirects_only("origin", "http://localhost:8080", "/scopes", json!([{ "type": "REDIRECT" }]), "CORS")]
#[tokio::test]
async fn a_changed_field_is_mended(
    #[case] kind: &str,
    #[case] name: &str,
    #[case] pointer: &str,
    #[case] value: Value,
    #[case] words: &str,
) {
    let (org, mut store) = (Org::start().await, Memory::default());
    org.provision(&mut store).await;
    let object = path(&store, kind, name);
    org.change(&object, |found| {
        *found.pointer_mut(pointer).unwrap() = value;
    })
    .await;
    let changes = org.provision(&mut store).await.changes.join("\n");
    assert!(changes.contains(words), "{changes}");
    assert_eq!(org.provision(&mut store).await.changes, [""; 0]);
}

/// A single-page client of the code flow: what would let a code be stolen, or tokens through the
/// browser, is taken back.
#[rstest]
#[case::no_pkce("client", "", "/credentials/oauthClient/pkce_required", json!(false), "pkce_required")]
#[case::a_secret("client", "", "/credentials/oauthClient/token_endpoint_auth_method", json!("client_secret_basic"), "auth_method")]
#[case::implicit_too("client", "", "/settings/oauthClient/grant_types", json!(["authorization_code", "implicit"]), "grant_types")]
#[case::implicit_rule("rule", "gold", "/conditions/grantTypes/include", json!(["implicit"]), "grantTypes")]
#[tokio::test]
async fn a_client_of_the_code_flow_alone_is_kept_so(
    #[case] kind: &str,
    #[case] name: &str,
    #[case] pointer: &str,
    #[case] value: Value,
    #[case] words: &str,
) {
    let (org, mut store, model) = (
        Org::start().await,
        Memory::default(),
        model("org-code-only.toml"),
    );
    let made = provision(&model, &org.client, &mut store, |_| {})
        .await
        .unwrap();
    assert!(made.client_secret.is_none());
    let object = path(&store, kind, name);
    let wanted = org.get(&object).await.pointer(pointer).cloned();
    assert_ne!(wanted.as_ref(), Some(&value));
    org.change(&object, |found| {
        *found.pointer_mut(pointer).unwrap() = value;
    })
    .await;
    let made = provision(&model, &org.client, &mut store, |_| {})
        .await
        .unwrap();
    let changes = made.changes.join("\n");
    assert!(changes.contains(words), "{changes}");
    assert_eq!(org.get(&object).await.pointer(pointer), wanted.as_ref());
}

/// The document's web client need not demand PKCE; one that does is left so.
#[tokio::test]
async fn pkce_that_nobody_asked_for_is_left_as_it_is() {
    let (org, mut store) = (Org::start().await, Memory::default());
    org.provision(&mut store).await;
    let object = path(&store, "client", "");
    let pkce = "/credentials/oauthClient/pkce_required";
    assert_eq!(*org.get(&object).await.pointer(pkce).unwrap(), json!(false));
    org.change(&object, |found| {
        *found.pointer_mut(pkce).unwrap() = json!(true);
    })
    .await;
    assert_eq!(org.provision(&mut store).await.changes, [""; 0]);
    assert_eq!(*org.get(&object).await.pointer(pkce).unwrap(), json!(true));
}

#[rstest]
#[case::server("server", "")]
#[case::policy("policy", "")]
#[case::rule("rule", "gold")]
#[case::client("client", "")]
#[case::origin("origin", "http://localhost:8080")]
#[tokio::test]
async fn what_was_deactivated_is_activated(#[case] kind: &str, #[case] name: &str) {
    let (org, mut store) = (Org::start().await, Memory::default());
    org.provision(&mut store).await;
    let object = path(&store, kind, name);
    org.call(
        Method::POST,
        &format!("{object}/lifecycle/deactivate"),
        None,
    )
    .await;
    let changes = org.provision(&mut store).await.changes.join("\n");
    assert!(changes.contains("INACTIVE"), "{changes}");
    assert_eq!(org.get(&object).await["status"], "ACTIVE");
}

#[rstest]
#[case::group_assignment("group_assignment", "goldSubscribers")]
#[case::user_assignment("user_assignment", "NONE")]
#[case::membership("membership", "GOLD")]
#[case::origin("origin", "http://localhost:8080")]
#[case::scope("scope", "http://myapp.com/scp/gold")]
#[case::rule("rule", "gold")]
#[case::policy("policy", "")]
#[tokio::test]
async fn what_was_deleted_is_made_again(#[case] kind: &str, #[case] name: &str) {
    let (org, mut store) = (Org::start().await, Memory::default());
    org.provision(&mut store).await;
    org.call(Method::DELETE, &path(&store, kind, name), None)
        .await;
    assert!(!org.provision(&mut store).await.changes.is_empty());
    assert_eq!(org.provision(&mut store).await.changes, [""; 0]);
    let gold = org.get(&path(&store, "rule", "gold")).await;
    assert_eq!(gold["priority"], 1);
}

#[rstest]
#[tokio::test]
async fn a_redirect_uri_of_somebody_else_stays() {
    let (org, mut store) = (Org::start().await, Memory::default());
    let made = org.provision(&mut store).await;
    let app = path(&store, "client", "");
    let uris = "/settings/oauthClient/redirect_uris";
    org.change(&app, |found| {
        *found.pointer_mut(uris).unwrap() = json!(["https://example.com/cb"]);
    })
    .await;
    org.provision(&mut store).await;
    let found = org.get(&app).await;
    let wanted = json!(["https://example.com/cb", made.redirect_uri.as_str()]);
    assert_eq!(*found.pointer(uris).unwrap(), wanted);
}

#[rstest]
#[tokio::test]
async fn other_policies_and_rules_stay_and_are_told_of() {
    let (org, mut store) = (Org::start().await, Memory::default());
    org.provision(&mut store).await;
    let rules = format!("{}/rules", path(&store, "policy", ""));
    let mut rule = org.get(&path(&store, "rule", "gold")).await;
    rule["name"] = json!("everything for everyone");
    rule["priority"] = json!(3);
    org.call(Method::POST, &rules, Some(rule)).await;
    let policies = format!("{}/policies", path(&store, "server", ""));
    let mut policy = org.get(&path(&store, "policy", "")).await;
    policy["name"] = json!("somebody's");
    policy["priority"] = json!(2);
    org.call(Method::POST, &policies, Some(policy)).await;

    let plan = org.plan(&store).await;
    assert_eq!(plan.changes().count(), 0);
    let warnings = plan.warnings.join("\n");
    assert!(
        warnings.contains("`everything for everyone` stays"),
        "{warnings}"
    );
    assert!(warnings.contains("`somebody's` stays"), "{warnings}");
    org.provision(&mut store).await;
    assert_eq!(org.get(&rules).await.as_array().unwrap().len(), 3);
}

#[rstest]
#[case::suspended("suspend", "SUSPENDED", "unsuspend")]
#[case::expired("expire_password", "PASSWORD_EXPIRED", "set a new password")]
#[tokio::test]
async fn a_user_who_cannot_sign_in_is_told_of(
    #[case] step: &str,
    #[case] status: &str,
    #[case] remedy: &str,
) {
    let (org, mut store) = (Org::start().await, Memory::default());
    org.provision(&mut store).await;
    let user = path(&store, "user", "SILVER");
    org.call(Method::POST, &format!("{user}/lifecycle/{step}"), None)
        .await;
    let warnings = org.plan(&store).await.warnings.join("\n");
    assert!(
        warnings.contains(&format!("SILVER is {status}")),
        "{warnings}"
    );
    assert!(warnings.contains(remedy), "{warnings}");
}

#[rstest]
#[tokio::test]
async fn what_was_found_and_not_made_is_named_so_before_it_is_changed() {
    let (org, mut store) = (Org::start().await, Memory::default());
    let made = org.provision(&mut store).await;
    org.change(&path(&store, "server", ""), |found| {
        found["audiences"] = json!(["http://other"]);
    })
    .await;
    let mut other = Memory::default();
    other
        .set(&[
            ("OKTA_OAUTH2_ISSUER", &made.issuer),
            ("OKTA_OAUTH2_CLIENT_ID", &made.client_id),
        ])
        .unwrap();
    let plan = org.plan(&other).await;
    let lines: Vec<String> = plan.changes().map(ToString::to_string).collect();
    let server = lines.iter().find(|line| line.contains("3a")).unwrap();
    assert!(server.contains("not made by provision"), "{server}");
}
