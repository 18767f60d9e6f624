//! Accidents around a run: files that are lost, two runs at once, objects that others made. The
//! right outcome of each is what its name says.

use std::process::Stdio;

use okta_e2e::config::Environment;
use okta_e2e::management::ManagementClient;
use okta_e2e::provisioning;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::command::{Place, Said};
use super::cut::{Desk, assert_known, state};
use super::front::{Cut, Front};
use super::org::{Org, model, path_in, text};

fn assert_status(said: &Said, status: i32) {
    assert_eq!(said.status, status, "{}", said.text);
}

/// A server that the model names, made by hand, with another audience.
async fn server_of_others(org: &Org) {
    let server = json!({
        "name": model("org.toml").authorization_server.name,
        "description": "theirs",
        "audiences": ["http://theirs"],
    });
    org.call(Method::POST, "authorizationServers", Some(server))
        .await;
}

#[rstest]
#[tokio::test]
async fn a_file_that_the_example_has_overwritten_is_filled_in_again() {
    let org = Org::start().await;
    let place = Place::of(&org);
    assert_status(&place.provision(&[]).await, 0);
    let before = place.env();
    let token = org.sandbox.api_token();
    let example = include_str!("../../../.env.example")
        .replace(
            "OKTA_CLIENT_ORGURL=''",
            &format!("OKTA_CLIENT_ORGURL='{}'", org.sandbox.org_url()),
        )
        .replace(
            "OKTA_CLIENT_TOKEN=''",
            &format!("OKTA_CLIENT_TOKEN='{token}'"),
        );
    std::fs::write(place.env_file(), &example).unwrap();
    let said = place.provision(&[]).await;
    assert_status(&said, 0);
    for words in [
        "OKTA_OAUTH2_CLIENT_SECRET",
        "blank now",
        "step 2 password of user GOLD: set anew",
        "step 4a client secret: read",
    ] {
        assert!(said.text.contains(words), "{words}: {}", said.text);
    }
    let (before, after) = (
        Environment::parse("before", &before).unwrap(),
        Environment::parse("after", &place.env()).unwrap(),
    );
    for name in before.names() {
        assert!(after.get(name).is_some(), "{name}");
        if !name.ends_with("_PASSWORD") {
            let value = before.get(name).map(|value| value.trim_end_matches('/'));
            assert_eq!(after.get(name), value, "{name}");
        }
    }
    let login = json!({
        "username": after.get("TEST_USER_GOLD_USERNAME"),
        "password": after.get("TEST_USER_GOLD_PASSWORD"),
    });
    let url = format!("{}/api/v1/authn", org.sandbox.org_url());
    let answer = org.http.post(url).json(&login).send().await;
    assert_eq!(answer.unwrap().status(), 200);
}

/// A password that was written and may not have been set is not taken for the user's.
#[rstest]
#[case::lost_request(Cut::LostRequest)]
#[case::lost_answer(Cut::LostAnswer)]
#[tokio::test]
async fn a_password_that_may_not_have_been_set_is_set_again(#[case] cut: Cut) {
    let org = Org::start().await;
    let desk = Desk::of(&org);
    let provision = async |client: &ManagementClient| {
        let mut store = desk.store();
        provisioning::provision(&model("org.toml"), client, &mut store, |_| {}).await
    };
    provision(&org.client).await.unwrap();
    let environment = desk.env();
    let password = environment.get("TEST_USER_GOLD_PASSWORD").unwrap();
    let text = std::fs::read_to_string(desk.env_file()).unwrap();
    std::fs::write(desk.env_file(), text.replace(password, "")).unwrap();
    let looks = Front::before(&org, Cut::Never, 0).await;
    let plan = provisioning::plan(&model("org.toml"), &looks.client(&org), &desk.store()).await;
    assert_eq!(plan.unwrap().changes().count(), 1);
    let front = Front::before(&org, cut, looks.asked().len()).await;
    assert!(provision(&front.client(&org)).await.is_err());
    assert!(
        front
            .asked()
            .last()
            .unwrap()
            .starts_with("POST /api/v1/users/00u")
    );
    let made = provision(&org.client).await.unwrap();
    assert!(
        made.changes
            .join("")
            .contains("password of user GOLD: set anew")
    );
    assert_known(&org, &made, "set again").await;
    assert_eq!(provision(&org.client).await.unwrap().changes, [""; 0]);
}

#[rstest]
#[tokio::test]
async fn a_client_of_others_keeps_its_secret_to_itself() {
    let org = Org::start().await;
    let place = Place::of(&org);
    place.provision(&[]).await;
    std::fs::remove_dir_all(place.journals()).unwrap();
    let environment = Environment::parse("my.env", &place.env()).unwrap();
    let secret = environment.get("OKTA_OAUTH2_CLIENT_SECRET").unwrap();
    std::fs::write(place.env_file(), place.env().replace(secret, "")).unwrap();
    let before = state(&org).await;
    let said = place.provision(&[]).await;
    assert_status(&said, 3);
    let words = "OKTA_OAUTH2_CLIENT_SECRET is not known: copy it";
    assert!(said.text.contains(words), "{}", said.text);
    assert_eq!(state(&org).await, before);
    assert!(!place.env().contains(secret));
}

#[rstest]
#[tokio::test]
async fn a_blank_secret_is_noticed_and_replaced() {
    let org = Org::start().await;
    let place = Place::of(&org);
    place.provision(&[]).await;
    let environment = Environment::parse("my.env", &place.env()).unwrap();
    let secret = environment.get("OKTA_OAUTH2_CLIENT_SECRET").unwrap();
    std::fs::write(place.env_file(), place.env().replace(secret, "")).unwrap();
    let plan = place.provision(&["--plan"]).await;
    let words = "step 4a client secret: to be read or made anew";
    assert!(plan.text.contains(words), "{}", plan.text);
    assert_status(&place.provision(&[]).await, 0);
    assert!(place.env().contains(secret));
}

#[rstest]
#[tokio::test]
async fn what_others_made_is_listed_apart_and_changed_only_where_it_is_adopted() {
    let org = Org::start().await;
    server_of_others(&org).await;
    let theirs = org.get("authorizationServers").await;
    let place = Place::of(&org);
    let plan = place.provision(&["--plan"]).await;
    assert_status(&plan, 0);
    let (own, foreign) = plan.text.split_once("only with --adopt:").unwrap();
    assert!(own.contains("step 4a client: to be made"), "{own}");
    assert!(!own.contains("step 3c"), "{own}");
    for words in ["step 3a", "step 3b scope", "step 3c rule gold"] {
        assert!(foreign.contains(words), "{words}: {foreign}");
    }
    let said = place.provision(&[]).await;
    assert_status(&said, 3);
    assert!(said.text.contains("need --adopt"), "{}", said.text);
    assert!(said.text.contains("step 3c rule silver"), "{}", said.text);
    assert_eq!(org.get("authorizationServers").await, theirs);
    let said = place.provision(&["--adopt"]).await;
    assert_status(&said, 0);
    assert_status(&place.provision(&[]).await, 0);
    let server = org.get("authorizationServers").await;
    assert_eq!(server[0]["audiences"], json!(["http://myapp.com"]));
    assert_status(&place.provision(&["--teardown"]).await, 0);
    let id = text(&theirs[0], "/id");
    let policies = org
        .get(&format!("authorizationServers/{id}/policies"))
        .await;
    assert_eq!(policies, json!([]));
}

#[rstest]
#[tokio::test]
async fn without_its_journal_a_teardown_deletes_nothing_and_says_what_it_cannot_know() {
    let org = Org::start().await;
    let place = Place::of(&org);
    place.provision(&[]).await;
    let before = state(&org).await;
    std::fs::remove_dir_all(place.journals()).unwrap();
    let said = place.provision(&["--teardown"]).await;
    assert_status(&said, 3);
    for words in [
        "nothing was deleted",
        "step 1 group silverSubscribers (groups/00g",
        "says that okta-e2e made it",
        "has a name of the model",
    ] {
        assert!(said.text.contains(words), "{words}: {}", said.text);
    }
    assert_eq!(state(&org).await, before);
    assert!(!place.journals().exists());
}

#[rstest]
#[tokio::test]
async fn a_file_with_the_values_of_another_org_is_not_overwritten() {
    let (first, second) = (Org::start().await, Org::start().await);
    let place = Place::of(&first);
    place.provision(&[]).await;
    let text = place
        .env()
        .replace(first.sandbox.api_token(), second.sandbox.api_token())
        .replace(
            &format!("ORGURL={}/", first.sandbox.org_url()),
            &format!("ORGURL={}/", second.sandbox.org_url()),
        );
    std::fs::write(place.env_file(), &text).unwrap();
    let before = state(&second).await;
    let said = place.provision(&[]).await;
    assert_status(&said, 2);
    assert!(said.text.contains("OKTA_OAUTH2_CLIENT_ID"), "{}", said.text);
    assert!(said.text.contains("nothing was made"), "{}", said.text);
    assert_eq!((place.env(), state(&second).await), (text, before));
    assert_status(&place.provision(&["--adopt"]).await, 0);
}

#[rstest]
#[tokio::test]
async fn a_value_that_no_line_holds_is_refused_before_anything_is_made() {
    let org = Org::start().await;
    let (place, before) = (Place::of(&org), state(&org).await);
    let password = ("TEST_USER_GOLD_PASSWORD", "Abcd'1234\nefgh");
    let said = place.provision_with(&[], &[password]).await;
    assert_status(&said, 2);
    assert!(
        said.text.contains("TEST_USER_GOLD_PASSWORD"),
        "{}",
        said.text
    );
    assert!(!said.text.contains("1234"), "{}", said.text);
    assert_eq!(state(&org).await, before);
    assert!(!place.journals().exists());
}

#[rstest]
#[tokio::test]
async fn credentials_of_the_process_are_kept_for_the_next_run() {
    let org = Org::start().await;
    let place = Place::of(&org);
    let given = [
        ("TEST_USER_GOLD_USERNAME", "gold.of.ours@example.com"),
        ("TEST_USER_GOLD_PASSWORD", "Abcd1234efgh$"),
    ];
    assert_status(&place.provision_with(&[], &given).await, 0);
    let said = place.provision(&[]).await;
    assert!(said.text.contains("nothing to change"), "{}", said.text);
    assert!(place.env().contains("gold.of.ours@example.com"));
}

/// Waits, at the org, with the lock in its hands.
#[rstest]
#[tokio::test]
async fn of_two_runs_at_once_the_second_says_who_is_at_work() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let place = Place::new(&format!(
        "OKTA_CLIENT_ORGURL='{url}'\nOKTA_CLIENT_TOKEN='token'\n"
    ));
    let mut first = place.command(&[]).stdout(Stdio::null()).spawn().unwrap();
    let _asked = listener.accept().await.unwrap();
    let second = place.provision(&[]).await;
    assert_status(&second, 2);
    let holder = format!("process {}", first.id().unwrap());
    assert!(second.text.contains(&holder), "{}", second.text);
    // Killed, it leaves its file behind, which is in nobody's way.
    first.kill().await.unwrap();
    assert!(place.journals().join("lock").exists());
    let org = Org::start().await;
    let free = Place::of(&org);
    std::fs::create_dir(free.journals()).unwrap();
    std::fs::write(free.journals().join("lock"), "process 1").unwrap();
    assert_status(&free.provision(&[]).await, 0);
    assert!(!free.journals().join("lock").exists());
}

/// Files cannot grow beyond so many blocks of 512 bytes: the journal does, sooner or later.
#[rstest]
#[case::at_once(0)]
#[case::half_way(3)]
#[case::later(6)]
#[tokio::test]
async fn a_full_disk_stops_a_run_that_the_next_finishes(#[case] blocks: u32) {
    let org = Org::start().await;
    let (place, before) = (Place::of(&org), state(&org).await);
    let said = place.provision_on_full_disk(blocks).await;
    assert!(
        said.status != 0 && said.text.contains("cannot write"),
        "{}",
        said.text
    );
    assert_status(&place.provision(&[]).await, 0);
    assert_status(&place.provision(&["--teardown"]).await, 0);
    assert_eq!(state(&org).await, before);
}

#[rstest]
#[tokio::test]
async fn users_that_somebody_deleted_are_made_again() {
    let org = Org::start().await;
    let (place, before) = (Place::of(&org), state(&org).await);
    place.provision(&[]).await;
    let user = path_in(&place.journals(), "user", "GOLD");
    org.call(Method::DELETE, &user, None).await;
    org.call(Method::DELETE, &user, None).await;
    assert_status(&place.provision(&[]).await, 0);
    assert_ne!(path_in(&place.journals(), "user", "GOLD"), user);
    assert_status(&place.provision(&["--teardown"]).await, 0);
    assert_eq!(state(&org).await, before);
}

#[rstest]
#[tokio::test]
async fn another_model_is_named_in_the_file_and_blanked_with_the_rest() {
    let org = Org::start().await;
    let place = Place::of(&org);
    let model = place.directory().join("mine.toml");
    let theirs = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/org-planets-only.toml"
    );
    std::fs::copy(theirs, &model).unwrap();
    let named = |place: &Place| {
        let environment = Environment::parse("my.env", &place.env()).unwrap();
        environment.get("OKTA_E2E_ORG_MODEL").map(str::to_owned)
    };
    let said = place.provision(&["--model", "mine.toml"]).await;
    assert_status(&said, 0);
    let model = model.canonicalize().unwrap();
    assert_eq!(named(&place).as_deref(), model.to_str());
    // From then on without the option, and by another one it is not overwritten.
    let said = place.provision_plainly(&[]).await;
    assert!(said.text.contains("nothing to change"), "{}", said.text);
    std::fs::copy(theirs, place.directory().join("other.toml")).unwrap();
    let said = place.provision(&["--model", "other.toml"]).await;
    assert!(
        said.text.contains("OKTA_E2E_ORG_MODEL stays"),
        "{}",
        said.text
    );
    assert_eq!(named(&place).as_deref(), model.to_str());
    place.provision(&["--teardown"]).await;
    assert_eq!(named(&place), None);
}

#[rstest]
#[tokio::test]
async fn a_teardown_blanks_what_was_written_and_keeps_what_was_changed_since() {
    let org = Org::start().await;
    let place = Place::of(&org);
    place.provision(&[]).await;
    let environment = Environment::parse("my.env", &place.env()).unwrap();
    let old = environment.get("TEST_USER_NONE_PASSWORD").unwrap();
    std::fs::write(place.env_file(), place.env().replace(old, "By-hand-4711")).unwrap();
    let said = place.provision(&["--teardown"]).await;
    assert!(
        said.text.contains("OKTA_OAUTH2_CLIENT_SECRET"),
        "{}",
        said.text
    );
    let environment = Environment::parse("my.env", &place.env()).unwrap();
    let kept = [
        "OKTA_CLIENT_ORGURL",
        "OKTA_CLIENT_TOKEN",
        "TEST_USER_NONE_PASSWORD",
        "TEST_USER_SILVER_PASSWORD",
    ];
    for name in environment.names() {
        assert_eq!(
            environment.get(name).is_some(),
            kept.contains(&name),
            "{name}"
        );
    }
    // What is left is as good as a file to begin with.
    assert_status(&place.provision(&[]).await, 0);
}
