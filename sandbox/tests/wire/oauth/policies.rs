//! Who gets what: the matrix of the document's model, and who is not assigned.

use okta_sandbox::{Denial, NotAssigned, OpenIdConnectScopes, Options, UnknownScope};
use rstest::rstest;

use crate::browser::Browser;
use crate::world::{BOTH, GOLD, PASSWORD, SILVER, World, claims, login};

fn scope(names: &[&str]) -> String {
    let mut all = vec!["openid"];
    all.extend_from_slice(names);
    all.join(" ")
}

#[rstest]
#[case::silver_gets_openid("silver", &[], 1800)]
#[case::silver_gets_silver("silver", &[SILVER], 1800)]
#[case::gold_gets_openid("gold", &[], 3600)]
#[case::gold_gets_silver("gold", &[SILVER], 3600)]
#[case::gold_gets_gold("gold", &[GOLD], 3600)]
#[case::gold_gets_both("gold", &[SILVER, GOLD], 3600)]
#[tokio::test]
async fn a_rule_grants_all_that_was_asked(
    #[case] user: &str,
    #[case] scopes: &[&str],
    #[case] lifetime: i64,
) {
    let world = World::new().await;
    let asked = scope(scopes);
    let fragment = world.sign_in(user, &[("scope", &asked)]).await.fragment();
    assert_eq!(fragment["scope"], asked);
    let claims = claims(&fragment["access_token"]);
    let granted = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(granted, lifetime, "another rule matched");
}

const NO_POLICY: &str =
    "Policy evaluation failed for this request, please check the policy configurations.";

#[rstest]
#[case::silver_asks_gold("silver", &[GOLD])]
#[case::silver_asks_both("silver", &[SILVER, GOLD])]
#[case::none_asks_nothing("none", &[])]
#[case::none_asks_silver("none", &[SILVER])]
#[case::none_asks_both("none", &[SILVER, GOLD])]
#[tokio::test]
async fn a_request_is_denied_as_a_whole(#[case] user: &str, #[case] scopes: &[&str]) {
    let world = World::new().await;
    let asked = scope(scopes);
    let fragment = world.sign_in(user, &[("scope", &asked)]).await.fragment();
    assert_eq!(fragment["error"], "access_denied");
    assert_eq!(fragment["error_description"], NO_POLICY);
    assert!(!fragment.contains_key("access_token"));
}

#[tokio::test]
async fn a_denial_can_name_the_denied_scopes() {
    let options = Options {
        denial: Denial::ScopeDenied,
        ..Options::default()
    };
    let world = World::with(options).await;
    let fragment = world.sign_in("silver", &[("scope", BOTH)]).await.fragment();
    let text =
        format!("Some of the requested scopes were denied by the policy. Denied scopes: [{GOLD}].");
    assert_eq!(fragment["error_description"], text);
}

#[tokio::test]
async fn who_is_not_assigned_is_sent_back() {
    let world = World::new().await;
    let fragment = world.sign_in("unassigned", &[]).await.fragment();
    assert_eq!(fragment["error"], "access_denied");
    let text = "User is not assigned to the client application.";
    assert_eq!(fragment["error_description"], text);
}

#[tokio::test]
async fn who_is_not_assigned_can_be_told_on_the_page() {
    let options = Options {
        not_assigned: NotAssigned::SignInPage,
        ..Options::default()
    };
    let world = World::with(options).await;
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    browser.identify(&sign_in, &login("unassigned")).await;
    let page = browser.answer(&sign_in, PASSWORD).await;
    assert_eq!(page.status, 400);
    let message = &page.json()["messages"]["value"][0];
    assert_eq!(
        message["message"],
        "User is not assigned to this application."
    );
    assert_eq!(message["i18n"]["key"], "idx.error.user.not.assigned.to.app");
}

#[tokio::test]
async fn openid_connect_scopes_can_be_granted_without_being_listed() {
    let asked = format!("openid email {GOLD}");
    let world = World::new().await;
    let refused = world.sign_in("gold", &[("scope", &asked)]).await.fragment();
    assert_eq!(refused["error"], "access_denied");
    let options = Options {
        openid_connect_scopes: OpenIdConnectScopes::AlwaysGranted,
        ..Options::default()
    };
    let world = World::with(options).await;
    let granted = world.sign_in("gold", &[("scope", &asked)]).await.fragment();
    assert_eq!(granted["scope"], asked);
}

#[tokio::test]
async fn an_unknown_scope_can_be_refused_after_signing_in() {
    let options = Options {
        unknown_scope: UnknownScope::AfterSignIn,
        ..Options::default()
    };
    let world = World::with(options).await;
    let asked = [("scope", "openid bronze")];
    let fragment = world.sign_in("silver", &asked).await.fragment();
    assert_eq!(fragment["error"], "invalid_scope");
}

#[tokio::test]
async fn the_policies_can_be_asked_without_a_sign_in() {
    let world = World::new().await;
    let asked = |user: &str, grant_type: &str, scope: &str| {
        let scopes = ["openid".to_owned(), scope.to_owned()];
        let org = &world.org;
        let user = org.users.get(user).map_or("nobody", String::as_str);
        world
            .sandbox
            .would_grant(&org.server_id, &org.client_id, user, grant_type, &scopes)
    };
    assert_eq!(asked("silver", "implicit", SILVER), Some(30));
    assert_eq!(asked("silver", "implicit", GOLD), None);
    assert_eq!(asked("silver", "password", SILVER), None);
    assert_eq!(asked("nobody", "implicit", SILVER), None);
    let fragment = world.sign_in("silver", &[]).await.fragment();
    assert_eq!(fragment["expires_in"], (30 * 60).to_string());
}
