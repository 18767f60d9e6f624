//! App sign-in policies that deny, and whom their rules mean.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::world::{PASSWORD, World, login};

/// Gives the client a policy whose first rule denies the users of these conditions, before a rule
/// for a password.
async fn deny(world: &World, conditions: &Value) {
    let policy = json!({"type": "ACCESS_POLICY", "name": "strict", "priority": 1});
    let policy = world.manage(Method::POST, "policies", &policy).await;
    let id = policy["id"].as_str().unwrap();
    let rule = |name: &str, priority: u32, access: &str, conditions: &Value| {
        json!({
            "type": "ACCESS_POLICY", "name": name, "priority": priority, "conditions": conditions,
            "actions": {"appSignOn": {
                "access": access,
                "verificationMethod": {"type": "ASSURANCE", "factorMode": "1FA"},
            }},
        })
    };
    let rules = format!("policies/{id}/rules");
    let denies = rule("denies", 0, "DENY", conditions);
    world.manage(Method::POST, &rules, &denies).await;
    let allows = rule("allows", 1, "ALLOW", &json!({}));
    world.manage(Method::POST, &rules, &allows).await;
    let path = format!("apps/{}/policies/{id}", world.org.client_id);
    world.manage(Method::PUT, &path, &json!({})).await;
}

/// support.okta.com, "Okta Dashboard Sign-In Generates …": the text of the page on Identity Engine.
#[tokio::test]
async fn a_user_who_is_denied_stays_on_the_page() {
    let world = World::new().await;
    deny(&world, &json!({})).await;
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    browser.identify(&sign_in, &login("silver")).await;
    let answered = browser.answer(&sign_in, PASSWORD).await;
    assert_eq!(answered.status, 403);
    let message = answered.json()["messages"]["value"][0]["message"].take();
    let text = "You are not allowed to access this app. To request access, contact an admin.";
    assert_eq!(message, text);
    assert_eq!(answered.json().get("success"), None);
}

#[rstest]
#[case::the_group_of_gold("groups", "gold", true)]
#[case::the_group_of_silver("groups", "silver", false)]
#[case::the_user_gold("users", "gold", true)]
#[case::the_user_silver("users", "silver", false)]
#[tokio::test]
async fn a_rule_denies_whom_it_means(
    #[case] kind: &str,
    #[case] meant: &str,
    #[case] silver_gets_in: bool,
) {
    let world = World::new().await;
    let ids = if kind == "groups" {
        &world.org.groups
    } else {
        &world.org.users
    };
    deny(
        &world,
        &json!({"people": {kind: {"include": [ids[meant]]}}}),
    )
    .await;
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    browser.identify(&sign_in, &login("silver")).await;
    let answered = browser.answer(&sign_in, PASSWORD).await.json();
    assert_eq!(answered.get("success").is_some(), silver_gets_in);
}

/// What a session gets where nobody may be asked is a guess: the general refusal of the catalogue.
#[tokio::test]
async fn a_session_does_not_help_whoever_is_denied() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let url = world.authorize_url(&[]);
    browser.sign_in(&url, &login("silver"), PASSWORD).await;
    let silent = world.authorize_url(&[("prompt", "none")]);
    assert!(
        browser
            .get(&silent)
            .await
            .fragment()
            .contains_key("access_token")
    );
    deny(&world, &json!({})).await;
    assert_eq!(
        browser.get(&silent).await.fragment()["error"],
        "access_denied"
    );
    assert_eq!(browser.get(&url).await.status, 200, "the page comes");
}
