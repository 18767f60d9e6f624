//! The command line from outside: what it prints, what it leaves, how it ends.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use okta_e2e::config::Environment;
use okta_sandbox::{DefaultSignInPolicy, Options};
use rstest::rstest;
use tempfile::TempDir;

use super::org::{Org, SIGN_IN_POLICIES};
use crate::scripted::{Scripted, ScriptedServer};

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/org.toml");

pub(super) struct Place {
    directory: TempDir,
}

pub(super) struct Said {
    pub(super) status: i32,
    pub(super) text: String,
}

impl Place {
    pub(super) fn new(env: &str) -> Self {
        let directory = TempDir::new().unwrap();
        std::fs::write(directory.path().join("my.env"), env).unwrap();
        Self { directory }
    }

    pub(super) fn of(org: &Org) -> Self {
        let (url, token) = (org.sandbox.org_url(), org.sandbox.api_token());
        Self::new(&format!(
            "# my org\nOKTA_CLIENT_ORGURL={url}/ # in the browser's address bar\n\
             OKTA_CLIENT_TOKEN='{token}'\nTEST_USER_SILVER_PASSWORD='Kept-9876-value'\n"
        ))
    }

    pub(super) fn env_file(&self) -> PathBuf {
        self.directory.path().join("my.env")
    }

    pub(super) fn env(&self) -> String {
        std::fs::read_to_string(self.env_file()).unwrap()
    }

    pub(super) fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    pub(super) fn journals(&self) -> PathBuf {
        self.directory.path().join(".okta-e2e")
    }

    /// A run with the default model.
    pub(super) async fn provision(&self, arguments: &[&str]) -> Said {
        self.provision_with(arguments, &[]).await
    }

    /// The same, with variables of the process.
    pub(super) async fn provision_with(&self, arguments: &[&str], env: &[(&str, &str)]) -> Said {
        said(self.command(arguments).envs(env.iter().copied())).await
    }

    /// A run without a word about the model.
    pub(super) async fn provision_plainly(&self, arguments: &[&str]) -> Said {
        said(self.plain_command("my.env").args(arguments)).await
    }

    /// A run that cannot write files beyond so many blocks of 512 bytes.
    pub(super) async fn provision_on_full_disk(&self, blocks: u32) -> Said {
        let run = self.command(&[]);
        let mut shell = tokio::process::Command::new("sh");
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        shell.args(["-c", &script, "sh"]);
        shell
            .arg(run.as_std().get_program())
            .args(run.as_std().get_args());
        shell.current_dir(self.directory());
        said(&mut shell).await
    }

    pub(super) fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = self.plain_command("my.env");
        if !arguments.contains(&"--model") {
            command.args(["--model", MODEL]);
        }
        command.args(arguments);
        command
    }

    fn plain_command(&self, env_file: &str) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_okta-e2e"));
        command.args(["provision", "--env-file", env_file]);
        command
            .current_dir(self.directory())
            .env_clear()
            .kill_on_drop(true);
        command
    }
}

async fn said(command: &mut tokio::process::Command) -> Said {
    let output = command.output().await.unwrap();
    let text = [output.stdout, output.stderr].concat();
    Said {
        status: output.status.code().unwrap(),
        text: String::from_utf8(text).unwrap(),
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
    let environment = Environment::parse("my.env", &place.env()).unwrap();
    text += &place.provision(&["--teardown"]).await.text;
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

const TWO_FACTORS: &str = r#"[{"status":"ACTIVE","priority":99,"conditions":null,"actions":
    {"appSignOn":{"access":"ALLOW","verificationMethod":{"type":"ASSURANCE","factorMode":"2FA"}}}}]"#;

#[rstest]
#[tokio::test]
async fn a_run_that_stops_ends_with_1_and_says_how_to_go_on() {
    let mut answers = vec![Scripted::new(200, r#"{"id":"00o1","pipeline":"idx"}"#)];
    // The server, two groups and the client; then the policy that a new client has, and its rules.
    answers.extend(std::iter::repeat_n(Scripted::new(200, "[]"), 4));
    answers.push(Scripted::new(200, r#"[{"id":"rst1","system":true}]"#));
    answers.push(Scripted::new(200, TWO_FACTORS));
    answers.push(Scripted::new(200, "[]"));
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
