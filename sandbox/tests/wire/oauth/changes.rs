//! What a change of the org does to requests, sessions and tokens.

use okta_sandbox::Fault;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::world::{PASSWORD, SILVER, World, login};

impl World {
    async fn lifecycle(&self, object: &str, step: &str) {
        let path = format!("{object}/lifecycle/{step}");
        self.manage(Method::POST, &path, &Value::Null).await;
    }

    fn path_of_silver(&self) -> String {
        format!("users/{}", self.org.users["silver"])
    }

    fn path_of_server(&self) -> String {
        format!("authorizationServers/{}", self.org.server_id)
    }
}

enum Change {
    SuspendUser,
    DeactivateUser,
    UnassignGroup,
    LeaveGroup,
}

async fn apply(world: &World, change: Change) {
    let silver = world.path_of_silver();
    let group = &world.org.groups["silver"];
    let (method, path) = match change {
        Change::SuspendUser => (Method::POST, format!("{silver}/lifecycle/suspend")),
        Change::DeactivateUser => (Method::POST, format!("{silver}/lifecycle/deactivate")),
        Change::UnassignGroup => {
            let client = &world.org.client_id;
            (Method::DELETE, format!("apps/{client}/groups/{group}"))
        }
        Change::LeaveGroup => (Method::DELETE, format!("groups/{group}/{silver}")),
    };
    world.manage(method, &path, &Value::Null).await;
}

#[rstest]
#[case::the_user_is_suspended(Change::SuspendUser)]
#[case::the_user_is_deactivated(Change::DeactivateUser)]
#[case::the_group_is_unassigned(Change::UnassignGroup)]
#[case::the_user_leaves_the_group(Change::LeaveGroup)]
#[tokio::test]
async fn tokens_and_codes_end_when(#[case] change: Change) {
    let world = World::new().await;
    let token = world.sign_in("silver", &[]).await.fragment()["access_token"].clone();
    let code = world.code(&[]).await;
    apply(&world, change).await;
    let introspected = world.post("introspect", &[("token", &token)]).await;
    assert_eq!(introspected.json(), json!({"active": false}));
    let redeemed = world.redeem(&code, &[]).await;
    assert_eq!(redeemed.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_session_ends_when_its_user_is_suspended() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let url = world.authorize_url(&[]);
    browser.sign_in(&url, &login("silver"), PASSWORD).await;
    apply(&world, Change::SuspendUser).await;
    let url = world.authorize_url(&[("prompt", "none")]);
    let fragment = browser.get(&url).await.fragment();
    assert_eq!(fragment["error"], "login_required");
}

#[tokio::test]
async fn an_inactive_client_has_nowhere_to_go() {
    let world = World::new().await;
    world
        .lifecycle(&format!("apps/{}", world.org.client_id), "deactivate")
        .await;
    let page = Browser::new().get(&world.authorize_url(&[])).await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("Error Code: invalid_client"));
}

#[tokio::test]
async fn an_inactive_server_answers_nobody() {
    let world = World::new().await;
    world.lifecycle(&world.path_of_server(), "deactivate").await;
    let page = Browser::new().get(&world.authorize_url(&[])).await;
    let text = "The authorization server id is invalid.";
    assert!(page.body.contains(text));
    let token = world.redeem("a-code", &[]).await;
    assert_eq!(token.json()["error_description"], text);
    let url = format!("{}/.well-known/openid-configuration", world.issuer());
    assert_eq!(Browser::new().get(&url).await.status, 404);
}

#[tokio::test]
async fn an_inactive_policy_grants_nothing() {
    let world = World::new().await;
    let policy = format!(
        "{}/policies/{}",
        world.path_of_server(),
        world.org.policy_id
    );
    world.lifecycle(&policy, "deactivate").await;
    let fragment = world.sign_in("silver", &[]).await.fragment();
    assert_eq!(fragment["error"], "access_denied");
}

#[rstest]
#[case::suspended("suspend")]
#[case::deactivated("deactivate")]
#[tokio::test]
async fn a_user_who_cannot_sign_in_is_as_good_as_unknown(#[case] step: &str) {
    let world = World::new().await;
    world.lifecycle(&world.path_of_silver(), step).await;
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    let page = browser.identify(&sign_in, &login("silver")).await;
    let key = &page.json()["messages"]["value"][0]["i18n"]["key"];
    assert_eq!(*key, "errors.E0000004");
}

#[tokio::test]
async fn an_expired_password_is_changed_before_going_on() {
    let world = World::new().await;
    world
        .lifecycle(&world.path_of_silver(), "expire_password")
        .await;
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    browser.identify(&sign_in, &login("silver")).await;
    let page = browser.answer(&sign_in, PASSWORD).await.json();
    let step = &page["remediation"]["value"][0]["name"];
    assert_eq!(*step, "reenroll-authenticator");
    let page = browser.answer(&sign_in, "another-Passw0rd").await.json();
    assert!(page["success"]["href"].is_string());
    let user = world
        .manage(Method::GET, &world.path_of_silver(), &Value::Null)
        .await;
    assert_eq!(user["status"], "ACTIVE");
    let url = world.authorize_url(&[]);
    let login = login("silver");
    let page = Browser::new()
        .sign_in(&url, &login, "another-Passw0rd")
        .await;
    assert!(page.fragment().contains_key("access_token"));
}

#[tokio::test]
async fn a_client_that_must_use_pkce_needs_a_code_challenge() {
    let world = World::new().await;
    world
        .change_client("credentials", &json!({"pkce_required": true}))
        .await;
    let url = world.authorize_url(&[("response_type", "code")]);
    let query = Browser::new().get(&url).await.query();
    assert_eq!(query["error"], "invalid_request");
    let text = "PKCE code challenge is required by the application.";
    assert_eq!(query["error_description"], text);
}

#[tokio::test]
async fn what_the_client_does_not_have_is_refused_in_its_own_place() {
    let world = World::new().await;
    let change = json!({"response_types": ["code"], "grant_types": ["authorization_code"]});
    world.change_client("settings", &change).await;
    let page = Browser::new().get(&world.authorize_url(&[])).await;
    assert_eq!(page.fragment()["error"], "unsupported_response_type");
    let text = "The response type is not supported by the authorization server. \
                Configured response types: [code].";
    assert_eq!(page.fragment()["error_description"], text);
}

#[tokio::test]
async fn default_scopes_are_granted_as_far_as_the_rule_goes() {
    let world = World::new().await;
    let scopes = format!("{}/scopes", world.path_of_server());
    for mut scope in world
        .manage(Method::GET, &scopes, &Value::Null)
        .await
        .as_array()
        .unwrap()
        .clone()
    {
        if scope["name"] == SILVER {
            scope["default"] = true.into();
            let path = format!("{scopes}/{}", scope["id"].as_str().unwrap());
            world.manage(Method::PUT, &path, &scope).await;
        }
    }
    let other = json!({"name": "other", "default": true});
    world.manage(Method::POST, &scopes, &other).await;
    let asked = [("scope", ""), ("response_type", "token")];
    let fragment = world.sign_in("silver", &asked).await.fragment();
    assert_eq!(fragment["scope"], SILVER);
}

#[tokio::test]
async fn a_code_is_too_old_after_five_minutes() {
    let world = World::new().await;
    let code = world.code(&[]).await;
    world.sandbox.set_fault(Some(Fault::ClockSkew));
    let page = world.redeem(&code, &[]).await;
    let text = "The authorization code is invalid or has expired.";
    assert_eq!(page.json()["error_description"], text);
}

#[tokio::test]
async fn after_a_rotation_another_key_signs_and_the_old_one_is_still_published() {
    let world = World::new().await;
    let token = || async { world.sign_in("silver", &[]).await.fragment()["access_token"].clone() };
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let before = token().await;
    let rotate = format!("{}/credentials/lifecycle/keyRotate", world.path_of_server());
    world
        .manage(Method::POST, &rotate, &json!({"use": "sig"}))
        .await;
    let after = token().await;
    assert_ne!(kid(&before), kid(&after));
    world.verified(&before).await;
    world.verified(&after).await;
    assert_eq!(world.keys().await.as_array().unwrap().len(), 3);
}
