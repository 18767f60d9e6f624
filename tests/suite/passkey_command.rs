//! `okta-e2e passkey`: a file is made, and an org is changed where that was asked for alone.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Output;

use okta_e2e::passkey::Passkey;
use okta_sandbox::Sandbox;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::world::World;

/// An org, and a folder that the command is called in.
struct Place {
    world: World,
    folder: TempDir,
}

impl Place {
    async fn new() -> Self {
        let sandbox = Sandbox::builder().host_name("localhost");
        Self {
            world: World::of("fixtures/org.toml", sandbox).await,
            folder: TempDir::new().expect("a folder"),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("silver.passkey")
    }

    async fn call(&self, more: &[&str], without: Option<&str>) -> Output {
        let access = &self.world.access;
        let silver = &access.users["SILVER"].username;
        let variables = [
            ("OKTA_OAUTH2_ISSUER", access.issuer.as_str()),
            ("OKTA_CLIENT_TOKEN", self.world.sandbox.api_token()),
            ("TEST_USER_SILVER_USERNAME", silver),
        ];
        let variables = variables
            .into_iter()
            .filter(|(name, _)| Some(*name) != without);
        Command::new(env!("CARGO_BIN_EXE_okta-e2e"))
            .args(["passkey", "--user", "SILVER", "silver.passkey"])
            .args(more)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(variables)
            .output()
            .await
            .expect("the command runs")
    }

    /// The factors of the user.
    async fn factors(&self) -> Vec<Value> {
        let (sandbox, access) = (&self.world.sandbox, &self.world.access);
        let user = &access.users["SILVER"].username;
        let url = format!("{}/api/v1/users/{user}/factors", sandbox.local_url());
        let token = format!("SSWS {}", sandbox.api_token());
        let request = crate::support::http()
            .get(url)
            .header("authorization", token);
        let answer = request.send().await.expect("an answer");
        answer.json().await.expect("a list")
    }
}

fn said(output: &Output) -> String {
    let told = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    told.concat()
}

#[tokio::test]
async fn without_the_flag_a_file_is_made_and_the_org_stays_as_it_is() {
    let place = Place::new().await;
    let output = place.call(&[], None).await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let mode = place
        .file()
        .metadata()
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let passkey = Passkey::read(&place.file()).expect("a passkey");
    assert_eq!(passkey.relying_party(), "localhost");
    assert_eq!(place.factors().await, Vec::<Value>::new());
    assert!(said.contains("nothing was changed in the org"), "{said}");
    assert!(
        said.contains("--user SILVER silver.passkey --enroll"),
        "{said}"
    );
    assert!(said.contains("TEST_USER_SILVER_PASSKEY="), "{said}");
    assert!(!said.contains(passkey.secret().expose_secret()), "{said}");
    let again = place.call(&[], None).await;
    assert_eq!(again.status.code(), Some(2));
    let kept = Passkey::read(&place.file()).expect("a passkey");
    let keys = [&kept, &passkey].map(|passkey| passkey.secret().expose_secret().to_owned());
    assert_eq!(keys[0], keys[1], "it was overwritten");
}

#[tokio::test]
async fn with_the_flag_the_passkey_is_enrolled_and_it_is_said_before() {
    let place = Place::new().await;
    let made = place.call(&[], None).await;
    assert_eq!(made.status.code(), Some(0));
    let before = Passkey::read(&place.file()).expect("a passkey");
    let output = place.call(&["--enroll"], None).await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let factors = place.factors().await;
    assert_eq!(factors.len(), 1, "{factors:?}");
    assert_eq!(factors[0]["status"], "ACTIVE");
    let login = &place.world.access.users["SILVER"].username;
    let change = format!("adds to the user {login}");
    let told = said.find(&change).unwrap_or_else(|| panic!("{said}"));
    let done = said.find("enrolled; to undo it: DELETE").expect("done");
    assert!(told < done, "{said}");
    let after = Passkey::read(&place.file()).expect("a passkey");
    assert_eq!(
        after.secret().expose_secret(),
        before.secret().expose_secret()
    );
    assert!(!said.contains(after.secret().expose_secret()), "{said}");
}

#[tokio::test]
async fn what_is_missing_is_said_before_anything_is_made() {
    let place = Place::new().await;
    for missing in ["OKTA_CLIENT_TOKEN", "TEST_USER_SILVER_USERNAME"] {
        let output = place.call(&["--enroll"], Some(missing)).await;
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(missing), "{said}");
        assert!(!place.file().exists());
    }
}

/// The org's users sign in at another host than the passkey is for: nothing is left in the org.
#[tokio::test]
async fn what_the_org_does_not_take_is_not_left_in_it() {
    let place = Place::new().await;
    let more = ["--enroll", "--relying-party", "login.example.com"];
    let output = place.call(&more, None).await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("E0000068"), "{said}");
    assert_eq!(place.factors().await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_help_says_what_a_live_org_needs_and_what_comes_next() {
    let place = Place::new().await;
    let help = place.call(&["--help"], None).await;
    let said = said(&help);
    let needed = [
        "OKTA_CLIENT_TOKEN",
        "FIDO2",
        "TEST_USER_<NAME>_PASSKEY",
        "--enroll",
    ];
    for word in needed {
        assert!(said.contains(word), "{word}: {said}");
    }
}
