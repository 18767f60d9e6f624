//! The command line from outside: what it prints, what it leaves, how it ends.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use okta_e2e::config::Environment;
use okta_sandbox::{DefaultSignInPolicy, Options};
use rstest::rstest;
use tempfile::TempDir;

use super::org::{Org, SIGN_IN_POLICIES};
use crate::scripted::{Scripted, ScriptedServer};

struct Place {
    directory: TempDir,
}

struct Said {
    status: i32,
    text: String,
}

impl Place {
    fn new(env: &str) -> Self {
        let directory = TempDir::new().unwrap();
        std::fs::write(directory.path().join("my.env"), env).unwrap();
        Self { directory }
    }

    fn of(org: &Org) -> Self {
        let (url, token) = (org.sandbox.org_url(), org.sandbox.api_token());
        Self::new(&format!(
            "# my org\nOKTA_CLIENT_ORGURL={url}/ # in the browser's address bar\n\
             OKTA_CLIENT_TOKEN='{token}'\nTEST_USER_SILVER_PASSWORD='Kept-9876-value'\n"
        ))
    }

    fn env_file(&self) -> PathBuf {
        self.directory.path().join("my.env")
    }

    fn env(&self) -> String {
        std::fs::read_to_string(self.env_file()).unwrap()
    }

    fn journals(&self) -> PathBuf {
        self.directory.path().join(".okta-e2e")
    }

    async fn provision(&self, arguments: &[&str]) -> Said {
        let model = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/org.toml");
        let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_okta-e2e"))
            .args(["provision", "--env-file", "my.env", "--model", model])
            .args(arguments)
            .current_dir(self.directory.path())
            .env_clear()
            .output()
            .await
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        Said {
            status: output.status.code().unwrap(),
            text: String::from_utf8(text).unwrap(),
        }
    }
}

#[rstest]
#[tokio::test]
async fn an_org_is_set_up_found_set_up_and_taken_down() {
    let org = Org::start().await;
    let (place, before) = (Place::of(&org), org.ids().await);
    let plan = place.provision(&["--plan"]).await;
    assert_eq!(
        (plan.status, org.ids().await),
        (0, before.clone()),
        "{}",
        plan.text
    );
    assert!(plan.text.contains("nothing was changed"), "{}", plan.text);
    assert!(!place.journals().exists());

    let first = place.provision(&[]).await;
    assert_eq!(first.status, 0, "{}", first.text);
    assert!(
        first.text.contains("step 3c rule silver: created 0pr"),
        "{}",
        first.text
    );
    let second = place.provision(&[]).await;
    assert!(second.text.contains("nothing to change"), "{}", second.text);

    let down = place.provision(&["--teardown"]).await;
    assert_eq!((down.status, org.ids().await), (0, before), "{}", down.text);
    assert!(!place.journals().exists());
}

#[rstest]
#[tokio::test]
async fn sign_in_by_password_is_planned_made_and_taken_back() {
    let org = Org::with(Options {
        default_sign_in_policy: DefaultSignInPolicy::AnyTwoFactors,
        ..Options::default()
    })
    .await;
    let (place, before) = (Place::of(&org), org.get(SIGN_IN_POLICIES).await);
    let flag = "--password-only-sign-in";
    let plan = place.provision(&[flag, "--plan"]).await;
    let planned = "step 4a app sign-in policy of the client: to be made";
    assert!(plan.text.contains(planned), "{}", plan.text);
    assert_eq!(org.get(SIGN_IN_POLICIES).await, before);
    let first = place.provision(&[flag]).await;
    assert_eq!(first.status, 0, "{}", first.text);
    let made = "step 4a app sign-in policy: created rst";
    assert!(first.text.contains(made), "{}", first.text);
    assert!(!first.text.contains("warning"), "{}", first.text);
    let second = place.provision(&[flag]).await;
    assert!(second.text.contains("nothing to change"), "{}", second.text);
    let down = place.provision(&["--teardown"]).await;
    let words = "step 4a app sign-in policy of the client: put back as it was";
    assert!(down.text.contains(words), "{}", down.text);
    assert_eq!(org.get(SIGN_IN_POLICIES).await, before);
    assert!(!place.journals().exists());
}

#[rstest]
#[tokio::test]
async fn the_file_gets_what_a_run_needs_and_keeps_what_it_had() {
    let org = Org::start().await;
    let place = Place::of(&org);
    place.provision(&[]).await;
    let text = place.env();
    assert!(text.starts_with("# my org\nOKTA_CLIENT_ORGURL="), "{text}");
    assert!(text.contains("# in the browser's address bar"));
    let environment = Environment::parse("my.env", &text).unwrap();
    let silver = environment.get("TEST_USER_SILVER_PASSWORD");
    assert_eq!(silver, Some("Kept-9876-value"));
    assert!(okta_e2e::config::Config::read(&environment).is_ok());
    let mode = std::fs::metadata(place.env_file())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let journal = std::fs::read_dir(place.journals()).unwrap().next().unwrap();
    let journal = journal.unwrap();
    assert_eq!(
        journal.metadata().unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[rstest]
#[tokio::test]
async fn nothing_that_is_printed_or_noted_holds_a_secret() {
    let org = Org::start().await;
    let place = Place::of(&org);
    let mut text = place.provision(&["--plan"]).await.text;
    text += &place.provision(&[]).await.text;
    text += &place.provision(&[]).await.text;
    let journal = std::fs::read_dir(place.journals()).unwrap().next().unwrap();
    text += &std::fs::read_to_string(journal.unwrap().path()).unwrap();
    text += &place.provision(&["--teardown"]).await.text;
    let environment = Environment::parse("my.env", &place.env()).unwrap();
    let secret = |name: &&str| {
        ["_PASSWORD", "_SECRET", "_TOKEN"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let secrets: Vec<&str> = environment.names().filter(secret).collect();
    assert_eq!(secrets.len(), 6, "{secrets:?}");
    for name in secrets {
        assert!(!text.contains(environment.get(name).unwrap()), "{name}");
    }
}

#[rstest]
#[case::no_org("OKTA_CLIENT_TOKEN='token'\n", "OKTA_CLIENT_ORGURL is not set")]
#[case::no_token(
    "OKTA_CLIENT_ORGURL='http://127.0.0.1:1'\n",
    "OKTA_CLIENT_TOKEN is not set"
)]
#[case::clear_text(
    "OKTA_CLIENT_ORGURL='http://example.com'\nOKTA_CLIENT_TOKEN='t'\n",
    "https://"
)]
#[case::malformed("OKTA_CLIENT_ORGURL\n", "line 1")]
#[tokio::test]
async fn a_configuration_that_cannot_be_used_ends_with_2(#[case] env: &str, #[case] words: &str) {
    let said = Place::new(env).provision(&[]).await;
    assert_eq!(said.status, 2, "{}", said.text);
    assert!(said.text.contains(words), "{}", said.text);
}

#[rstest]
#[tokio::test]
async fn plan_and_teardown_do_not_go_together() {
    let said = Place::new("").provision(&["--plan", "--teardown"]).await;
    assert_eq!(said.status, 2, "{}", said.text);
}

#[rstest]
#[tokio::test]
async fn a_run_that_stops_ends_with_1_and_says_how_to_go_on() {
    let mut answers = vec![Scripted::new(200, r#"{"id":"00o1","pipeline":"idx"}"#)];
    answers.extend(std::iter::repeat_n(Scripted::new(200, "[]"), 5));
    answers.push(Scripted::new(200, r#"{"id":"00g1"}"#));
    answers.push(Scripted::okta_error(
        403,
        "E0000006",
        "You do not have permission",
    ));
    let server = ScriptedServer::start(answers).await;
    let place = Place::new(&format!(
        "OKTA_CLIENT_ORGURL='{}'\nOKTA_CLIENT_TOKEN='token'\n",
        server.base()
    ));
    let said = place.provision(&[]).await;
    assert_eq!(said.status, 1, "{}", said.text);
    assert!(
        said.text.contains("run the same command again"),
        "{}",
        said.text
    );
    assert!(said.text.contains("any two factors"), "{}", said.text);
    let remedy = said.text.contains("--password-only-sign-in");
    assert!(remedy, "{}", said.text);
    let journal = std::fs::read_dir(place.journals()).unwrap().next().unwrap();
    let journal = std::fs::read_to_string(journal.unwrap().path()).unwrap();
    assert!(journal.contains("groups/00g1"), "{journal}");
}
