//! Orgs that cannot be set up: what is said, and that nothing was made.

use okta_e2e::management::ManagementClient;
use okta_e2e::provisioning::{self, Entry, Memory, Store as _, Subject};
use okta_sandbox::Options;
use reqwest::Method;
use rstest::rstest;
use secrecy::SecretString;
use serde_json::json;
use url::Url;

use super::org::{Org, model};
use crate::scripted::{Scripted, ScriptedServer};

async fn refusal(url: &str, token: &str) -> String {
    let client = ManagementClient::new(Url::parse(url).unwrap(), SecretString::from(token));
    let (client, mut store) = (client.unwrap(), Memory::default());
    let made = provisioning::provision(&model("org.toml"), &client, &mut store, |_| {}).await;
    made.unwrap_err().to_string()
}

#[rstest]
#[tokio::test]
async fn a_wrong_token_is_named_and_never_told() {
    let org = Org::start().await;
    let message = refusal(org.sandbox.org_url(), "not-the-token").await;
    assert!(message.contains("OKTA_CLIENT_TOKEN"), "{message}");
    assert!(!message.contains("not-the-token"), "{message}");
}

#[rstest]
#[tokio::test]
async fn an_org_without_api_access_management_is_left_untouched() {
    let options = Options {
        api_access_management: false,
        ..Options::default()
    };
    let org = Org::with(options).await;
    let message = refusal(org.sandbox.org_url(), org.sandbox.api_token()).await;
    assert!(message.contains("API Access Management"), "{message}");
    let groups = org.get("groups").await;
    assert_eq!(groups.as_array().unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn a_web_site_is_no_org() {
    let server = ScriptedServer::start([Scripted::new(200, "<!doctype html>")]).await;
    let message = refusal(server.base(), "token").await;
    assert!(message.contains("OKTA_CLIENT_ORGURL"), "{message}");
    assert_eq!(server.asked().len(), 1);
}

/// A new org as far as it is looked at: itself, and six empty lists.
fn new_org() -> Vec<Scripted> {
    let mut answers = vec![Scripted::new(200, r#"{"id":"00o1","pipeline":"idx"}"#)];
    answers.extend(std::iter::repeat_n(Scripted::new(200, "[]"), 6));
    answers
}

#[rstest]
#[tokio::test]
async fn what_may_have_been_made_is_not_asked_for_twice() {
    let mut answers = new_org();
    answers.push(Scripted::new(503, "<html>"));
    let server = ScriptedServer::start(answers).await;
    refusal(server.base(), "token").await;
    assert_eq!(server.asked().len(), 8);
}

#[rstest]
#[tokio::test]
async fn a_full_org_is_explained() {
    let mut answers = new_org();
    answers.push(Scripted::new(200, r#"{"id":"00g1"}"#));
    answers.push(Scripted::new(200, r#"{"id":"00g2"}"#));
    answers.push(Scripted::okta_error(
        400,
        "E0000001",
        "Api validation failed: user limit",
    ));
    let server = ScriptedServer::start(answers).await;
    let message = refusal(server.base(), "token").await;
    assert!(message.contains("at most 10 users"), "{message}");
}

/// An org with two groups of the name of the model's first.
fn two_groups() -> Vec<Scripted> {
    let group =
        |id: &str| json!({"id": id, "type": "APP_GROUP", "profile": {"name": "silverSubscribers"}});
    let mut answers = new_org();
    answers.truncate(2);
    answers.push(Scripted::new(
        200,
        json!([group("00g1"), group("00g2")]).to_string(),
    ));
    answers.push(Scripted::new(200, "[]"));
    answers
}

#[tokio::test]
async fn nobody_guesses_between_two_groups_of_one_name() {
    let server = ScriptedServer::start(two_groups()).await;
    let message = refusal(server.base(), "token").await;
    for part in [
        "silverSubscribers",
        "00g1 and 00g2",
        "nothing was made",
        "rename",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn of_two_groups_of_one_name_the_noted_one_is_meant() {
    let server = ScriptedServer::start(two_groups()).await;
    let url = Url::parse(server.base()).unwrap();
    let client = ManagementClient::new(url, SecretString::from("token")).unwrap();
    let mut store = Memory::default();
    let subject = Subject::Group {
        name: "silverSubscribers".to_owned(),
    };
    let (path, before, intent) = ("groups/00g2".to_owned(), None, None);
    let entry = Entry {
        subject: subject.clone(),
        path,
        before,
        intent,
    };
    store.note(entry).unwrap();
    let plan = provisioning::plan(&model("org.toml"), &client, &store).await;
    let plan = plan.unwrap();
    let action = plan.actions.iter().find(|action| action.subject == subject);
    assert!(action.unwrap().is_own);
}

/// Nothing keeps two clients from having one label.
#[tokio::test]
async fn nobody_guesses_between_two_clients_of_one_label_and_the_variable_decides() {
    let org = Org::start().await;
    let body = json!({
        "name": "oidc_client", "label": "Solar System Explorer", "signOnMode": "OPENID_CONNECT",
        "credentials": {"oauthClient": {"token_endpoint_auth_method": "client_secret_basic"}},
        "settings": {"oauthClient": {
            "application_type": "web", "grant_types": ["authorization_code"],
            "response_types": ["code"], "redirect_uris": ["http://localhost:8080/callback"],
        }},
    });
    org.call(Method::POST, "apps", Some(body.clone())).await;
    let second = org.call(Method::POST, "apps", Some(body)).await;
    let message = refusal(org.sandbox.org_url(), org.sandbox.api_token()).await;
    let id = second["id"].as_str().unwrap();
    for part in [id, "OKTA_OAUTH2_CLIENT_ID"] {
        assert!(message.contains(part), "{message}");
    }
    let mut store = Memory::default();
    store.set(&[("OKTA_OAUTH2_CLIENT_ID", id)]).unwrap();
    assert!(org.plan(&store).await.changes().next().is_some());
}
