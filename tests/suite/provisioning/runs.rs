//! Runs that begin, go on after a kill, find nothing to do, and take everything down again.

use okta_e2e::model::OrgModel;
use okta_e2e::provisioning::{
    self, Change, Entry, Journal, Memory, ProvisionError, Store, StoreError, Subject,
};
use okta_sandbox::Options;
use reqwest::Method;
use rstest::rstest;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::lagging::LaggingOrg;
use super::org::{Org, model, path, text};

#[rstest]
#[case::the_document_with_a_gold_tier("org.toml")]
#[case::the_document_to_the_letter("org-planets-only.toml")]
#[case::two_separate_tiers("org-two-separate-tiers.toml")]
#[tokio::test]
async fn the_second_run_changes_nothing(#[case] file: &str) {
    let (org, mut store, model) = (Org::start().await, Memory::default(), model(file));
    let first = provisioning::provision(&model, &org.client, &mut store, |_| {}).await;
    assert!(!first.unwrap().changes.is_empty());
    let ids = org.ids().await;
    let second = provisioning::provision(&model, &org.client, &mut store, |_| {}).await;
    assert_eq!(second.unwrap().changes, [""; 0]);
    assert_eq!(org.ids().await, ids);
}

#[rstest]
#[tokio::test]
async fn a_fresh_org_gets_groups_users_and_client() {
    let (org, mut store) = (Org::start().await, Memory::default());
    let made = org.provision(&mut store).await;
    for (name, user) in &made.users {
        let found = org.get(&format!("users/{}", user.username)).await;
        assert_eq!(text(&found, "/status"), "ACTIVE", "{name}");
    }
    let gold = org
        .get(&format!("{}/groups", path(&store, "user", "GOLD")))
        .await;
    let names = gold.as_array().unwrap().iter();
    let names: Vec<&str> = names.map(|group| text(group, "/profile/name")).collect();
    assert!(names.contains(&"goldSubscribers") && !names.contains(&"silverSubscribers"));

    let app = org.get(&format!("apps/{}", made.client_id)).await;
    let settings = &app["settings"]["oauthClient"];
    assert_eq!(
        settings["redirect_uris"],
        json!([made.redirect_uri.as_str()])
    );
    assert_eq!(
        settings["grant_types"],
        json!(["authorization_code", "implicit"])
    );
    assert!(made.client_secret.unwrap().expose_secret().len() > 8);
    let groups = org.get(&format!("apps/{}/groups", made.client_id)).await;
    assert_eq!(groups.as_array().unwrap().len(), 2);
    let users = org.get(&format!("apps/{}/users", made.client_id)).await;
    let users = users.as_array().unwrap().iter();
    let direct: Vec<&Value> = users.filter(|user| user["scope"] == "USER").collect();
    let none = path(&store, "user", "NONE");
    assert_eq!(direct.len(), 1);
    assert!(none.ends_with(text(direct[0], "/id")));
    let origin = org
        .get(&path(&store, "origin", "http://localhost:8080"))
        .await;
    assert_eq!(text(&origin, "/status"), "ACTIVE");
}

#[rstest]
#[tokio::test]
async fn a_fresh_org_gets_server_scopes_policy_and_rules_in_order() {
    let (org, mut store) = (Org::start().await, Memory::default());
    let made = org.provision(&mut store).await;
    let server = org.get(&path(&store, "server", "")).await;
    assert_eq!(text(&server, "/issuer"), made.issuer);
    assert_eq!(server["audiences"], json!(["http://myapp.com"]));
    let policy = org.get(&path(&store, "policy", "")).await;
    let clients = &policy["conditions"]["clients"]["include"];
    assert_eq!(*clients, json!([made.client_id]));
    let gold = org.get(&path(&store, "rule", "gold")).await;
    let silver = org.get(&path(&store, "rule", "silver")).await;
    assert_eq!(
        [&gold["priority"], &silver["priority"]],
        [&json!(1), &json!(2)]
    );
    let group = path(&store, "group", "silverSubscribers").replace("groups/", "");
    assert_eq!(
        silver["conditions"]["people"]["groups"]["include"],
        json!([group])
    );
    let scopes = json!(["openid", "http://myapp.com/scp/silver"]);
    assert_eq!(silver["conditions"]["scopes"]["include"], scopes);
    assert_eq!(silver["actions"]["token"]["accessTokenLifetimeMinutes"], 60);
}

#[rstest]
#[tokio::test]
async fn steps_are_told_in_the_documents_words_without_any_secret() {
    let (org, mut store, mut told) = (Org::start().await, Memory::default(), String::new());
    let tell = |line: &str| told.push_str(line);
    let model = model("org.toml");
    let made = provisioning::provision(&model, &org.client, &mut store, tell).await;
    let made = made.unwrap();
    assert!(
        told.contains("step 1 group silverSubscribers: created 00g"),
        "{told}"
    );
    assert!(
        told.contains("step 2 user GOLD in goldSubscribers"),
        "{told}"
    );
    let passwords = made.users.values().map(|user| &user.password);
    for secret in passwords.chain(&made.client_secret) {
        assert!(!told.contains(secret.expose_secret()));
        assert!(!format!("{made:?} {store:?}").contains(secret.expose_secret()));
    }
}

#[rstest]
#[tokio::test]
async fn passwords_satisfy_the_default_policy_and_differ() {
    let (org, mut store) = (Org::start().await, Memory::default());
    let made = org.provision(&mut store).await;
    let mut passwords: Vec<&str> = Vec::new();
    for user in made.users.values() {
        let password = user.password.expose_secret();
        assert!(password.len() >= 8);
        assert!(password.chars().any(|letter| letter.is_ascii_lowercase()));
        assert!(password.chars().any(|letter| letter.is_ascii_uppercase()));
        assert!(password.chars().any(|letter| letter.is_ascii_digit()));
        assert!(user.username.ends_with("@example.com"));
        assert!(!passwords.contains(&password));
        passwords.push(password);
    }
    assert_eq!(passwords.len(), 4);
}

#[rstest]
#[tokio::test]
async fn a_plan_changes_nothing() {
    let (org, store) = (Org::start().await, Memory::default());
    let before = org.ids().await;
    let plan = org.plan(&store).await;
    assert!(
        plan.actions
            .iter()
            .all(|action| action.change == Change::Create)
    );
    assert_eq!(org.ids().await, before);
}

#[rstest]
#[tokio::test]
async fn a_free_orgs_rate_limit_is_waited_for() {
    let options = Options {
        rate_limit_per_minute: 5,
        rate_limit_window_seconds: 1,
        ..Options::default()
    };
    let (org, mut store) = (Org::with(options).await, Memory::default());
    org.provision(&mut store).await;
    assert!(!org.client.retries().is_empty());
}

/// Keeps everything in memory until it dies after so many notes.
struct Mortal {
    memory: Memory,
    notes_left: usize,
    /// Whether the last thing that was made is noted before the end.
    is_noted: bool,
}

impl Store for Mortal {
    fn variable(&self, name: &str) -> Option<String> {
        self.memory.variable(name)
    }

    fn set(&mut self, variables: &[(&str, &str)]) -> Result<(), StoreError> {
        self.memory.set(variables)
    }

    fn set_if_blank(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        self.memory.set_if_blank(name, value)
    }

    fn check(&self, variables: &[(&str, &str)]) -> Result<(), StoreError> {
        self.memory.check(variables)
    }

    fn blank_written(&mut self) -> Result<Vec<String>, StoreError> {
        self.memory.blank_written()
    }

    fn journal(&self) -> &Journal {
        self.memory.journal()
    }

    fn note(&mut self, entry: Entry) -> Result<(), StoreError> {
        self.notes_left -= 1;
        if self.notes_left > 0 || self.is_noted {
            self.memory.note(entry)?;
        }
        if self.notes_left > 0 {
            return Ok(());
        }
        Err(StoreError::File {
            verb: "write",
            path: "journal".to_owned(),
            source: std::io::Error::other("killed"),
        })
    }

    fn forget(&mut self, subject: &Subject) -> Result<(), StoreError> {
        self.memory.forget(subject)
    }
}

/// What is known when a run was killed after so many things were made.
pub(super) async fn killed_after(
    org: &Org,
    model: &OrgModel,
    notes: usize,
    is_noted: bool,
) -> Memory {
    let memory = Memory::default();
    let mut store = Mortal {
        memory,
        notes_left: notes,
        is_noted,
    };
    let killed = provisioning::provision(model, &org.client, &mut store, |_| {}).await;
    assert!(
        matches!(killed, Err(ProvisionError::Store(_))),
        "{killed:?}"
    );
    store.memory
}

#[rstest]
#[tokio::test]
async fn a_killed_run_is_finished_by_the_next_and_taken_down_whole(
    #[values(1, 3, 4, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17)] notes: usize,
) {
    let org = Org::start().await;
    let before = org.ids().await;
    let mut store = killed_after(&org, &model("org.toml"), notes, true).await;
    let finished = org.provision(&mut store).await;
    assert_eq!(finished.users.len(), 4);
    assert_eq!(org.provision(&mut store).await.changes, [""; 0]);
    provisioning::teardown(&org.client, &mut store, |_| {})
        .await
        .unwrap();
    assert_eq!(org.ids().await, before);
    assert!(store.journal().is_empty());
}

#[rstest]
#[tokio::test]
async fn what_was_made_and_not_noted_is_found_rather_than_made_twice(
    #[values(1, 3, 7, 9, 11, 12, 13, 14, 15, 16, 17)] notes: usize,
) {
    let org = Org::start().await;
    let mut store = killed_after(&org, &model("org.toml"), notes, false).await;
    org.provision(&mut store).await;
    let ids = org.ids().await;
    // Everyone, two groups, four users, a server, a client, an origin.
    assert_eq!(ids.len(), 10, "{ids:?}");
    assert_eq!(org.provision(&mut store).await.changes, [""; 0]);
}

#[rstest]
#[tokio::test]
async fn the_secret_of_another_client_is_not_taken_for_the_clients_own() {
    let (org, mut store) = (Org::start().await, Memory::default());
    let made = org.provision(&mut store).await;
    let mut other = Memory::default();
    let secret = ("OKTA_OAUTH2_CLIENT_SECRET", "of another client");
    other
        .set(&[("OKTA_OAUTH2_CLIENT_ID", "0oaOfAnotherOrg"), secret])
        .unwrap();
    let unknown = org.plan(&other).await.unknown.join("\n");
    assert!(unknown.contains("OKTA_OAUTH2_CLIENT_SECRET"), "{unknown}");
    let found = org.adopt(&mut other).await;
    assert_eq!(found.client_id, made.client_id);
    assert!(found.client_secret.is_none());
    assert!(found.left.contains(&unknown), "{:?}", found.left);
}

#[rstest]
#[tokio::test]
async fn lists_that_lag_behind_make_nothing_twice() {
    let org = Org::start().await;
    let mut store = Memory::default();
    org.provision(&mut store).await;
    let ids = org.ids().await;
    let lagging = LaggingOrg::before(&org).await;
    let plan = provisioning::plan(&model("org.toml"), &lagging.client, &store).await;
    // Links have no id to be asked by; making one again is harmless.
    for action in plan.unwrap().changes() {
        let is_link = matches!(
            action.subject,
            Subject::Membership { .. } | Subject::GroupAssignment { .. }
        );
        assert!(is_link, "{action}");
    }
    let model = model("org.toml");
    let again = provisioning::provision(&model, &lagging.client, &mut store, |_| {}).await;
    again.unwrap();
    assert_eq!(org.ids().await, ids);
}

#[rstest]
#[tokio::test]
async fn a_teardown_leaves_what_was_there_before() {
    let org = Org::start().await;
    let group = json!({ "profile": { "name": "silverSubscribers" } });
    let group = org.call(Method::POST, "groups", Some(group)).await;
    let user = json!({
        "profile": {
            "firstName": "By", "lastName": "Hand",
            "login": "by.hand@example.com", "email": "by.hand@example.com",
        },
        "credentials": { "password": { "value": "Abcd1234efgh" } },
    });
    org.call(Method::POST, "users", Some(user)).await;
    let before = org.ids().await;
    let mut store = Memory::default();
    store
        .set(&[("TEST_USER_SILVER_USERNAME", "by.hand@example.com")])
        .unwrap();
    org.adopt(&mut store).await;
    let members = format!("groups/{}/users", text(&group, "/id"));
    assert_eq!(org.get(&members).await.as_array().unwrap().len(), 1);
    provisioning::teardown(&org.client, &mut store, |_| {})
        .await
        .unwrap();
    assert_eq!(org.ids().await, before);
    assert_eq!(org.get(&members).await, json!([]));
}

#[rstest]
#[tokio::test]
async fn a_teardown_tolerates_what_is_gone_already() {
    let (org, mut store) = (Org::start().await, Memory::default());
    org.provision(&mut store).await;
    let app = path(&store, "client", "");
    org.call(Method::POST, &format!("{app}/lifecycle/deactivate"), None)
        .await;
    for path in [
        app,
        path(&store, "group", "goldSubscribers"),
        path(&store, "rule", "gold"),
    ] {
        org.call(Method::DELETE, &path, None).await;
    }
    let mut told = String::new();
    let tell = |line: &str| told.push_str(line);
    provisioning::teardown(&org.client, &mut store, tell)
        .await
        .unwrap();
    assert!(
        told.contains("step 3c rule gold: was gone already"),
        "{told}"
    );
    assert!(store.journal().is_empty());
}
