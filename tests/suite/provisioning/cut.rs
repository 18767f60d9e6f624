//! Cut off at every call, in every way: the next run finishes, and a teardown leaves the org
//! exactly as it was, with everything that others have made in it.

use std::path::PathBuf;
use std::process::Stdio;

use futures_util::StreamExt as _;
use okta_e2e::config::Environment;
use okta_e2e::management::ManagementClient;
use okta_e2e::model::OrgModel;
use okta_e2e::provisioning::{self, FileStore, Foreign, Memory, Provisioned, Store as _};
use okta_sandbox::{DefaultSignInPolicy, Options};
use reqwest::Method;
use rstest::rstest;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::command::Place;
use super::front::{Cut, Front};
use super::org::{Org, model};

/// So many orgs at a time.
const AT_ONCE: usize = 16;

/// Everything that provisioning can make.
fn wanted() -> OrgModel {
    let mut model = model("org.toml");
    model.client.password_only_sign_in = true;
    model
}

/// An org in which others have made things of similar names.
async fn org() -> Org {
    let org = Org::with(Options {
        default_sign_in_policy: DefaultSignInPolicy::AnyTwoFactors,
        rate_limit_per_minute: 100_000,
        ..Options::default()
    })
    .await;
    // Another run, by another journal, for a model of other names.
    let mut theirs = wanted();
    for group in &mut theirs.groups {
        group.description.push_str(" okta-e2e 0123456789abcdef");
    }
    let similar = json!({ "profile": {
        "name": "silverSubscribers of another team",
        "description": "okta-e2e 0123456789abcdef",
    } });
    org.call(Method::POST, "groups", Some(similar)).await;
    let app = json!({
        "name": "oidc_client",
        "label": format!("{} (another team)", theirs.client.label),
        "signOnMode": "OPENID_CONNECT",
        "credentials": { "oauthClient": { "token_endpoint_auth_method": "client_secret_basic" } },
        "settings": { "oauthClient": {
            "application_type": "web",
            "redirect_uris": ["http://localhost:8080/other"],
            "response_types": ["code"],
            "grant_types": ["authorization_code"],
        } },
    });
    org.call(Method::POST, "apps", Some(app)).await;
    let server = json!({
        "name": format!("{} 2", theirs.authorization_server.name),
        "description": "okta-e2e 0123456789abcdef",
        "audiences": ["http://myapp.com"],
    });
    org.call(Method::POST, "authorizationServers", Some(server))
        .await;
    let user = json!({
        "profile": {
            "firstName": "Test", "lastName": "SILVER", "department": "okta-e2e",
            "login": "okta-e2e-silver@example.com", "email": "okta-e2e-silver@example.com",
        },
        "credentials": { "password": { "value": "Abcd1234efgh" } },
    });
    org.call(Method::POST, "users", Some(user)).await;
    org
}

/// The whole state of an org, but for the times of changes.
pub(super) async fn state(org: &Org) -> Value {
    let mut lists = vec![
        "groups".to_owned(),
        "users".to_owned(),
        "users?filter=status%20eq%20%22DEPROVISIONED%22".to_owned(),
        "authorizationServers".to_owned(),
        "apps".to_owned(),
        "trustedOrigins".to_owned(),
        "policies?type=ACCESS_POLICY".to_owned(),
    ];
    let mut state = serde_json::Map::new();
    while let Some(list) = lists.pop() {
        let items = org.get(&list).await;
        let parent = list.split('?').next().unwrap().to_owned();
        let kind = parent.rsplit('/').next().unwrap();
        let parts: &[&str] = match (parent.matches('/').count(), kind) {
            (0, "groups") => &["users"],
            (0, "authorizationServers") => &["scopes", "policies", "claims"],
            (0, "apps") => &["groups", "users", "credentials/secrets"],
            (0 | 2, "policies") => &["rules"],
            _ => &[],
        };
        for item in items.as_array().unwrap() {
            let id = item["id"].as_str().unwrap();
            lists.extend(parts.iter().map(|part| format!("{parent}/{id}/{part}")));
        }
        state.insert(list, items);
    }
    let mut state = Value::Object(state);
    forget_times(&mut state);
    state
}

fn forget_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !name.starts_with("last"));
            fields.values_mut().for_each(forget_times);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_times),
        _ => {}
    }
}

/// A directory with a file of variables and journals.
pub(super) struct Desk {
    pub(super) directory: TempDir,
    org_url: Url,
}

impl Desk {
    pub(super) fn of(org: &Org) -> Self {
        let desk = Self {
            directory: TempDir::new().unwrap(),
            org_url: Url::parse(org.sandbox.org_url()).unwrap(),
        };
        std::fs::write(desk.env_file(), "# mine\nMINE='kept'\n").unwrap();
        desk
    }

    pub(super) fn env_file(&self) -> PathBuf {
        self.directory.path().join(".env")
    }

    pub(super) fn env(&self) -> Environment {
        let text = std::fs::read_to_string(self.env_file()).unwrap();
        Environment::parse(".env", &text).unwrap()
    }

    /// What a new process knows.
    pub(super) fn store(&self) -> FileStore {
        let journals = self.directory.path().join("journals");
        FileStore::open(&self.env_file(), self.env(), &journals, &self.org_url).unwrap()
    }

    pub(super) async fn provision(&self, client: &ManagementClient) -> Provisioned {
        let made = provisioning::provision(&wanted(), client, &mut self.store(), |_| {}).await;
        made.unwrap()
    }

    pub(super) async fn teardown(&self, client: &ManagementClient) {
        let down = provisioning::teardown(client, &mut self.store(), |_| {}).await;
        down.unwrap();
    }

    /// The file as it was, and no journal.
    pub(super) fn assert_clean(&self, words: &str) {
        let environment = self.env();
        for name in environment.names() {
            let value = environment.get(name);
            assert_eq!(value, (name == "MINE").then_some("kept"), "{words}: {name}");
        }
        assert!(!self.directory.path().join("journals").exists(), "{words}");
    }
}

/// One run that is cut off, or gets through by asking again.
async fn cut_off(org: &Org, desk: &Desk, cut: Cut, at: usize) -> Vec<String> {
    let front = Front::before(org, cut, at).await;
    let (client, model, mut store) = (front.client(org), wanted(), desk.store());
    tokio::select! {
        _ = provisioning::provision(&model, &client, &mut store, |_| {}) => {}
        () = front.killed() => {}
    }
    front.asked()
}

/// That users and client are known by what opens their doors.
pub(super) async fn assert_known(org: &Org, made: &Provisioned, words: &str) {
    assert_eq!(made.left, [""; 0], "{words}");
    assert_eq!(made.users.len(), 4, "{words}");
    let secrets = format!("apps/{}/credentials/secrets", made.client_id);
    let secrets = org.get(&secrets).await;
    let secret = made.client_secret.as_ref().expect(words);
    let mut listed = secrets.as_array().unwrap().iter();
    assert!(
        listed.any(|listed| listed["client_secret"] == secret.expose_secret()),
        "{words}"
    );
    for user in made.users.values() {
        let login = json!({
            "username": user.username,
            "password": user.password.expose_secret(),
        });
        let url = format!("{}/api/v1/authn", org.sandbox.org_url());
        let answer = org.http.post(url).json(&login).send().await;
        assert_eq!(answer.unwrap().status(), 200, "{words}: {}", user.username);
    }
}

/// Cut off at one call: finished and taken down; in another org, taken down at once.
async fn case(cut: Cut, at: usize) -> Vec<String> {
    let (org, words) = (org().await, format!("{cut:?} at {at}"));
    let before = state(&org).await;
    let desk = Desk::of(&org);
    let asked = cut_off(&org, &desk, cut, at).await;
    let words = format!("{words}: {:?}", asked.get(at));
    let made = desk.provision(&org.client).await;
    assert_known(&org, &made, &words).await;
    assert_eq!(
        desk.provision(&org.client).await.changes,
        [""; 0],
        "{words}"
    );
    desk.teardown(&org.client).await;
    assert_eq!(state(&org).await, before, "{words}");
    desk.assert_clean(&words);

    cut_off(&org, &desk, cut, at).await;
    desk.teardown(&org.client).await;
    assert_eq!(state(&org).await, before, "{words}, taken down at once");
    desk.assert_clean(&words);
    asked
}

/// The calls that a run makes.
async fn calls() -> Vec<String> {
    let org = org().await;
    cut_off(&org, &Desk::of(&org), Cut::Never, 0).await
}

/// Where a run is cut off: everything is looked at before anything is made, so that one cut among
/// the looks stands for all.
async fn places(is_one: impl Fn(&str) -> bool) -> Vec<usize> {
    let calls = calls().await;
    let makes = |call: &String| !call.starts_with("GET");
    let first = calls.iter().position(makes).unwrap();
    let places: Vec<usize> = (first - 1..calls.len())
        .filter(|at| *at == first - 1 || makes(&calls[*at]))
        .filter(|at| is_one(&calls[*at]))
        .collect();
    assert!(places.len() > 10, "{calls:?}");
    places
}

#[rstest]
#[case::lost_request(Cut::LostRequest)]
#[case::lost_answer(Cut::LostAnswer)]
#[tokio::test]
async fn a_run_that_is_cut_off_anywhere_loses_and_takes_nothing(#[case] cut: Cut) {
    let places = places(|_| true).await;
    let cases = futures_util::stream::iter(places.iter().map(|at| case(cut, *at)));
    let done: Vec<_> = cases.buffer_unordered(AT_ONCE).collect().await;
    assert_eq!(done.len(), places.len());
}

/// What makes an object is asked once; the other calls are made again and get through.
#[rstest]
#[case::failed_afterwards(Cut::FailedAfterwards)]
#[case::gateway_afterwards(Cut::GatewayAfterwards)]
#[case::empty_answer(Cut::EmptyAnswer)]
#[case::rights_lost(Cut::Forbidden)]
#[tokio::test]
async fn an_object_whose_answer_says_nothing_or_lies_is_neither_lost_nor_made_twice(
    #[case] cut: Cut,
) {
    let places = places(|call| call.starts_with("POST")).await;
    let cases = futures_util::stream::iter(places.iter().map(|at| case(cut, *at)));
    let done: Vec<_> = cases.buffer_unordered(AT_ONCE).collect().await;
    assert_eq!(done.len(), places.len());
}

#[rstest]
#[case::before_the_call(Cut::KilledBefore)]
#[case::after_the_call(Cut::KilledAfterwards)]
#[tokio::test]
async fn a_process_that_is_killed_anywhere_loses_and_takes_nothing(#[case] cut: Cut) {
    let places = places(|_| true).await;
    let cases = futures_util::stream::iter(places.iter().map(|at| killed(cut, *at)));
    let done: Vec<_> = cases.buffer_unordered(AT_ONCE).collect().await;
    assert_eq!(done.len(), places.len());
}

/// The command itself, ended by `kill -9` at one call, and run again.
async fn killed(cut: Cut, at: usize) {
    let org = org().await;
    let before = state(&org).await;
    let front = Front::before(&org, cut, at).await;
    let (url, token) = (&front.url, org.sandbox.api_token());
    let place = Place::new(&format!(
        "OKTA_CLIENT_ORGURL='{url}'\nOKTA_CLIENT_TOKEN='{token}'\n"
    ));
    let flag = "--password-only-sign-in";
    let mut process = place
        .command(&[flag])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    front.killed().await;
    process.kill().await.unwrap();
    front.heal();
    let words = format!("{cut:?} at {at}: {:?}", front.asked().get(at));
    let finished = place.provision(&[flag]).await;
    assert_eq!(finished.status, 0, "{words}: {}", finished.text);
    let again = place.provision(&[flag]).await;
    assert!(
        again.text.contains("nothing to change"),
        "{words}: {}",
        again.text
    );
    let down = place.provision(&["--teardown"]).await;
    assert_eq!(down.status, 0, "{words}: {}", down.text);
    assert_eq!(state(&org).await, before, "{words}");
    assert!(!place.journals().exists(), "{words}");
}

#[rstest]
#[case::lost_answer(Cut::LostAnswer)]
#[case::rights_lost(Cut::Forbidden)]
#[case::killed_afterwards(Cut::KilledAfterwards)]
#[tokio::test]
async fn a_teardown_that_is_cut_off_anywhere_is_finished_by_the_next(#[case] cut: Cut) {
    let calls = teardown_cut(Cut::Never, 0).await;
    assert!(calls > 20, "{calls}");
    let cases = futures_util::stream::iter((0..calls).map(|at| teardown_cut(cut, at)));
    let done: Vec<_> = cases.buffer_unordered(AT_ONCE).collect().await;
    assert_eq!(done.len(), calls);
}

/// A teardown cut off at one call, and finished: how many calls the first made.
async fn teardown_cut(cut: Cut, at: usize) -> usize {
    let org = org().await;
    let (before, desk) = (state(&org).await, Desk::of(&org));
    desk.provision(&org.client).await;
    let front = Front::before(&org, cut, at).await;
    let (client, mut store) = (front.client(&org), desk.store());
    tokio::select! {
        _ = provisioning::teardown(&client, &mut store, |_| {}) => {}
        () = front.killed() => {}
    }
    let asked = front.asked();
    if cut != Cut::Never {
        desk.teardown(&org.client).await;
    }
    let words = format!("{cut:?} at {at}: {:?}", asked.get(at));
    assert_eq!(state(&org).await, before, "{words}");
    desk.assert_clean(&words);
    asked.len()
}

/// Others have made what the model names; what provisioning adds to that, it takes out again.
#[rstest]
#[case::lost_answer(Cut::LostAnswer)]
#[case::lost_request(Cut::LostRequest)]
#[tokio::test]
async fn what_was_adopted_is_left_when_a_run_is_cut_off_anywhere(#[case] cut: Cut) {
    let calls = adopted_cut(Cut::Never, 0).await;
    let places = calls
        .iter()
        .enumerate()
        .filter(|(_, call)| !call.starts_with("GET"));
    let cases = futures_util::stream::iter(places.map(|(at, _)| adopted_cut(cut, at)));
    let done: Vec<_> = cases.buffer_unordered(AT_ONCE).collect().await;
    assert!(done.len() > 15, "{calls:?}");
}

/// A run that adopts, cut off at one call, finished and taken down: the calls that it made.
async fn adopted_cut(cut: Cut, at: usize) -> Vec<String> {
    let org = Org::start().await;
    let group = json!({ "profile": { "name": "goldSubscribers", "description": "theirs" } });
    org.call(Method::POST, "groups", Some(group)).await;
    let server = json!({
        "name": wanted().authorization_server.name,
        "description": "theirs",
        "audiences": [wanted().authorization_server.audience],
    });
    org.call(Method::POST, "authorizationServers", Some(server))
        .await;
    let (before, desk) = (state(&org).await, Desk::of(&org));
    let front = Front::before(&org, cut, at).await;
    let adopt = async |client: &ManagementClient| {
        let (model, mut store) = (model("org.toml"), desk.store());
        let adopt = Foreign::Adopt;
        provisioning::provision_with(adopt, &model, client, &mut store, |_| {}).await
    };
    let _cut_off = adopt(&front.client(&org)).await;
    let words = format!("{cut:?} at {at}: {:?}", front.asked().get(at));
    let made = adopt(&org.client).await.unwrap();
    assert_eq!(made.left, [""; 0], "{words}");
    desk.teardown(&org.client).await;
    assert_eq!(state(&org).await, before, "{words}");
    front.asked()
}

#[rstest]
#[tokio::test]
async fn a_group_of_the_same_name_that_somebody_made_meanwhile_stays() {
    let org = org().await;
    let desk = Desk::of(&org);
    // The first thing that is made is lost on its way, and somebody makes the same.
    let asked = cut_off(&org, &desk, Cut::Never, 0).await;
    let at = asked
        .iter()
        .position(|call| call.starts_with("POST"))
        .unwrap();
    desk.teardown(&org.client).await;
    cut_off(&org, &desk, Cut::LostRequest, at).await;
    let name = asked[at]
        .ends_with("groups")
        .then_some(&wanted().groups[0].name)
        .cloned();
    let group = json!({ "profile": { "name": name.unwrap(), "description": "theirs" } });
    org.call(Method::POST, "groups", Some(group)).await;
    let before = state(&org).await;
    let mut store = desk.store();
    let made = provisioning::provision(&wanted(), &org.client, &mut store, |_| {}).await;
    let left = made.unwrap().left;
    assert!(!left.is_empty());
    desk.teardown(&org.client).await;
    assert_eq!(state(&org).await, before);
}

/// Nothing that is in the memory of a process alone.
#[rstest]
#[tokio::test]
async fn a_journal_in_memory_does_the_same() {
    let org = org().await;
    let (before, mut store) = (state(&org).await, Memory::default());
    let made = provisioning::provision(&wanted(), &org.client, &mut store, |_| {}).await;
    assert_known(&org, &made.unwrap(), "in memory").await;
    provisioning::teardown(&org.client, &mut store, |_| {})
        .await
        .unwrap();
    assert_eq!(state(&org).await, before);
    assert!(store.journal().is_empty());
    assert_eq!(store.variable("OKTA_OAUTH2_ISSUER"), None);
}
