//! What a change of the org does to requests, sessions and tokens.

use rstest::rstest;
use serde_json::json;

use crate::browser::{Browser, Page};
use crate::fault::Fault;
use crate::org::{Org, Scope, Status, UserStatus};
use crate::testing::PASSWORD;
use crate::world::{SILVER, World, login};

/// A change that an administrator makes.
type Change = fn(&mut Org);

fn suspend_silver(org: &mut Org) {
    let mut users = org.users.values_mut();
    let silver = users.find(|user| user.login() == login("silver"));
    silver.unwrap().status = UserStatus::Suspended;
}

fn deactivate_client(org: &mut Org) {
    for client in org.applications.values_mut() {
        client.status = Status::Inactive;
    }
}

fn unassign_silver(org: &mut Org) {
    for client in org.applications.values_mut() {
        client.groups.shift_remove("silver");
    }
}

#[rstest]
#[case::the_user_is_suspended(suspend_silver)]
#[case::the_assignment_ends(unassign_silver)]
#[tokio::test]
async fn a_token_ends_when(#[case] change: Change) {
    let world = World::new().await;
    let token = world.sign_in("silver", &[]).await.fragment()["access_token"].clone();
    let code = world.code(&[]).await;
    change(&mut world.sandbox.state.org());
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
    suspend_silver(&mut world.sandbox.state.org());
    let url = world.authorize_url(&[("prompt", "none")]);
    let fragment = browser.get(&url).await.fragment();
    assert_eq!(fragment["error"], "login_required");
}

#[tokio::test]
async fn an_inactive_client_has_nowhere_to_go() {
    let world = World::new().await;
    deactivate_client(&mut world.sandbox.state.org());
    let page = Browser::new().get(&world.authorize_url(&[])).await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("Error Code: invalid_client"));
}

#[tokio::test]
async fn an_inactive_server_answers_nobody() {
    let world = World::new().await;
    for server in world.sandbox.state.org().servers.values_mut() {
        server.status = Status::Inactive;
    }
    let page = Browser::new().get(&world.authorize_url(&[])).await;
    assert!(
        page.body
            .contains("The authorization server id is invalid.")
    );
    let token = world.redeem("a-code", &[]).await;
    let text = "The authorization server id is invalid.";
    assert_eq!(token.json()["error_description"], text);
    let url = format!("{}/.well-known/openid-configuration", world.issuer());
    assert_eq!(Browser::new().get(&url).await.status, 404);
}

#[rstest]
#[case::staged(UserStatus::Staged)]
#[case::provisioned(UserStatus::Provisioned)]
#[case::suspended(UserStatus::Suspended)]
#[case::deprovisioned(UserStatus::Deprovisioned)]
#[tokio::test]
async fn a_user_who_cannot_sign_in_is_as_good_as_unknown(#[case] status: UserStatus) {
    let world = World::new().await;
    world.sandbox.state.org().users[&world.org.users["silver"]].status = status;
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    let page = browser.identify(&sign_in, &login("silver")).await;
    assert_eq!(
        page.json()["messages"]["value"][0]["i18n"]["key"],
        "errors.E0000004"
    );
}

#[tokio::test]
async fn an_expired_password_is_changed_before_going_on() {
    let world = World::new().await;
    let silver = world.org.users["silver"].clone();
    world.sandbox.state.org().users[&silver].status = UserStatus::PasswordExpired;
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    browser.identify(&sign_in, &login("silver")).await;
    let page = browser.answer(&sign_in, PASSWORD).await.json();
    assert_eq!(
        page["remediation"]["value"][0]["name"],
        "reenroll-authenticator"
    );
    let page = browser.answer(&sign_in, "another-Passw0rd").await.json();
    assert!(page["success"]["href"].is_string());
    let org = world.sandbox.state.org();
    assert_eq!(
        org.users[&silver].password.as_deref(),
        Some("another-Passw0rd")
    );
    assert_eq!(org.users[&silver].status, UserStatus::Active);
}

#[tokio::test]
async fn a_public_client_needs_a_code_challenge() {
    let world = World::new().await;
    for client in world.sandbox.state.org().applications.values_mut() {
        client.credentials.token_endpoint_auth_method = "none".to_owned();
    }
    let url = world.authorize_url(&[("response_type", "code")]);
    let query = Browser::new().get(&url).await.query();
    assert_eq!(query["error"], "invalid_request");
    let text = "PKCE code challenge is required by the application.";
    assert_eq!(query["error_description"], text);
}

#[tokio::test]
async fn a_response_type_the_client_does_not_have_is_refused_in_its_own_place() {
    let world = World::new().await;
    for client in world.sandbox.state.org().applications.values_mut() {
        client.settings.response_types = vec!["code".to_owned()];
    }
    let page = Browser::new().get(&world.authorize_url(&[])).await;
    assert_eq!(page.fragment()["error"], "unsupported_response_type");
    let text = "The response type is not supported by the authorization server. \
                Configured response types: [code].";
    assert_eq!(page.fragment()["error_description"], text);
}

#[tokio::test]
async fn a_grant_the_client_does_not_have_is_refused() {
    let world = World::new().await;
    for client in world.sandbox.state.org().applications.values_mut() {
        client.settings.grant_types = vec!["authorization_code".to_owned()];
    }
    let page = Browser::new().get(&world.authorize_url(&[])).await;
    assert_eq!(page.fragment()["error"], "unauthorized_client");
}

#[tokio::test]
async fn default_scopes_are_granted_as_far_as_the_rule_goes() {
    let world = World::new().await;
    let is_default = |scope: &&mut Scope| scope.name == SILVER || scope.name == "phone";
    for server in world.sandbox.state.org().servers.values_mut() {
        for scope in server.scopes.values_mut().filter(is_default) {
            scope.default = true;
        }
    }
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

fn ask_for_consent(org: &mut Org) {
    for client in org.applications.values_mut() {
        client.settings.consent_method = "REQUIRED".to_owned();
    }
    for server in org.servers.values_mut() {
        server.scopes[SILVER].consent = "REQUIRED".to_owned();
    }
}

/// Signs in up to the consent page and says yes or no; the answer to the client.
async fn consent(world: &World, browser: &mut Browser, allowed: bool) -> Page {
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    browser.identify(&sign_in, &login("silver")).await;
    let asked = browser.answer(&sign_in, PASSWORD).await.json();
    let form = &asked["remediation"]["value"][0];
    assert_eq!(form["name"], "consent");
    let body = json!({"consent": allowed, "stateHandle": asked["stateHandle"]});
    let href = form["href"].as_str().unwrap();
    let done = browser.post_json(href, &body).await.json();
    browser.get(done["success"]["href"].as_str().unwrap()).await
}

#[tokio::test]
async fn a_user_allows_a_client_that_is_not_trusted_once() {
    let world = World::new().await;
    ask_for_consent(&mut world.sandbox.state.org());
    let mut browser = Browser::new();
    let page = consent(&world, &mut browser, true).await;
    assert!(page.fragment().contains_key("access_token"));
    let again = browser.get(&world.authorize_url(&[])).await;
    assert!(again.fragment().contains_key("access_token"));
    let url = world.authorize_url(&[("prompt", "consent")]);
    assert_eq!(browser.get(&url).await.status, 200);
}

#[tokio::test]
async fn a_user_who_does_not_allow_it_sends_the_client_away() {
    let world = World::new().await;
    ask_for_consent(&mut world.sandbox.state.org());
    let fragment = consent(&world, &mut Browser::new(), false).await.fragment();
    assert_eq!(fragment["error"], "access_denied");
}

#[tokio::test]
async fn a_consent_that_is_missing_cannot_be_asked_for_silently() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let url = world.authorize_url(&[]);
    browser.sign_in(&url, &login("silver"), PASSWORD).await;
    ask_for_consent(&mut world.sandbox.state.org());
    let url = world.authorize_url(&[("prompt", "none")]);
    let fragment = browser.get(&url).await.fragment();
    assert_eq!(fragment["error"], "consent_required");
    let text = format!("The following scopes require user consent: [{SILVER}].");
    assert_eq!(fragment["error_description"], text);
}
