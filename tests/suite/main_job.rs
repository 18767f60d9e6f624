//! The main job as a user runs it: a process of its own, told by its environment alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use rstest::rstest;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use crate::support::world::{World, file};

/// Every variable that a run reads; blank ones beat the `.env` of anyone who runs the tests.
const VARIABLES: [&str; 12] = [
    "OKTA_OAUTH2_ISSUER",
    "OKTA_OAUTH2_CLIENT_ID",
    "OKTA_OAUTH2_CLIENT_SECRET",
    "OKTA_OAUTH2_REDIRECT_URI",
    "OKTA_OAUTH2_AUDIENCE",
    "OKTA_CLIENT_ORGURL",
    "OKTA_CLIENT_TOKEN",
    "RESOURCE_SERVER_URL",
    "WEBDRIVER_URL",
    "OKTA_E2E_ORG_MODEL",
    "OKTA_E2E_STRICT",
    "NEXTEST",
];

/// What a run printed, where it ended, and what it left.
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) text: String,
    pub(crate) reports: TempDir,
}

impl Ended {
    pub(crate) fn says(&self, part: &str) {
        assert!(
            self.text.contains(part),
            "`{part}` is not in\n{}",
            self.text
        );
    }

    fn is_ok(&self, trial: &str) {
        let line = self
            .text
            .lines()
            .find(|line| line.contains(trial) && line.starts_with("test "));
        assert!(
            line.is_some_and(|line| line.ends_with("ok")),
            "{line:?} in\n{}",
            self.text
        );
    }

    pub(crate) fn report(&self, name: &str) -> std::path::PathBuf {
        self.reports.path().join(name)
    }
}

/// The main job's binary; cargo is asked for it once, and builds it if it must.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
        let built = Command::new(cargo)
            .current_dir(file(""))
            .args(["test", "--workspace", "--test", "org", "--no-run"])
            .args(["--message-format", "json"])
            .stderr(std::process::Stdio::inherit())
            .output()
            .expect("cargo runs");
        let messages = String::from_utf8_lossy(&built.stdout).into_owned();
        let executable = |line: &str| {
            let message: serde_json::Value = serde_json::from_str(line).ok()?;
            let of_org = message.pointer("/target/name")? == "org";
            let path = message.get("executable")?.as_str()?;
            of_org.then(|| PathBuf::from(path))
        };
        let found = messages.lines().find_map(executable);
        found.expect("cargo names the binary")
    })
}

pub(crate) async fn run(told: &[(&str, &str)], arguments: &[&str]) -> Ended {
    run_by("env", &[], told, arguments).await
}

/// The same, started by another program that is given the command.
pub(crate) async fn run_by(
    program: &str,
    before: &[&str],
    told: &[(&str, &str)],
    arguments: &[&str],
) -> Ended {
    let binary = tokio::task::spawn_blocking(binary);
    let mut command = Command::new(program);
    command
        .args(before)
        .arg(binary.await.expect("no panic"))
        .current_dir(file(""))
        .args(arguments);
    ended(command, told).await
}

/// The command with no variable of anyone who runs the tests; it reports into the folder.
pub(crate) fn alone<'a>(command: &'a mut Command, reports: &Path) -> &'a mut Command {
    for user in ["SILVER", "GOLD", "NONE", "UNASSIGNED"] {
        command.env(format!("TEST_USER_{user}_USERNAME"), "");
        command.env(format!("TEST_USER_{user}_PASSWORD"), "");
    }
    command
        .envs(VARIABLES.map(|name| (name, "")))
        // What is sent beside it is what `hostile_requests` is about.
        .env("OKTA_E2E_PROFILE", "document")
        .env("OKTA_E2E_REPORT_DIR", reports)
}

/// Runs a command that is given these variables alone.
pub(crate) async fn ended(mut command: Command, told: &[(&str, &str)]) -> Ended {
    let reports = TempDir::new().expect("a folder");
    alone(&mut command, reports.path()).envs(told.iter().copied());
    let output: Output = tokio::task::spawn_blocking(move || command.output())
        .await
        .expect("no panic")
        .expect("it runs");
    let text =
        [output.stdout, output.stderr].map(|part| String::from_utf8_lossy(&part).into_owned());
    Ended {
        status: output.status.code(),
        text: text.concat(),
        reports,
    }
}

/// The variables that name a world as if it were somebody's org.
pub(crate) fn told(world: &World) -> BTreeMap<String, String> {
    let access = &world.access;
    let secret = |secret: &Option<secrecy::SecretString>| {
        secret
            .as_ref()
            .map(|secret| secret.expose_secret().to_owned())
            .unwrap_or_default()
    };
    let mut told = BTreeMap::from([
        ("OKTA_OAUTH2_ISSUER".to_owned(), access.issuer.clone()),
        ("OKTA_OAUTH2_CLIENT_ID".to_owned(), access.client_id.clone()),
        (
            "OKTA_OAUTH2_CLIENT_SECRET".to_owned(),
            secret(&access.client_secret),
        ),
        ("OKTA_CLIENT_TOKEN".to_owned(), secret(&access.api_token)),
        ("RESOURCE_SERVER_URL".to_owned(), world.api.url().to_owned()),
    ]);
    for (name, user) in &access.users {
        told.insert(format!("TEST_USER_{name}_USERNAME"), user.username.clone());
        let password = user.password.expose_secret().to_owned();
        told.insert(format!("TEST_USER_{name}_PASSWORD"), password);
    }
    told
}

pub(crate) async fn run_against(
    world: &World,
    changes: &[(&str, &str)],
    arguments: &[&str],
) -> Ended {
    let mut told = told(world);
    told.extend(
        changes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    let told: Vec<(&str, &str)> = told
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    run(&told, arguments).await
}

#[tokio::test]
async fn without_configuration_the_sandbox_is_verified() {
    let ended = run(&[], &[]).await;
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    ended.says("target: the embedded sandbox org");
    ended.says("0 not met, 0 advised, 0 not checked");
    for name in ["report.json", "junit.xml", "report.html"] {
        assert!(ended.report(name).exists(), "{name} is missing");
    }
}

#[tokio::test]
async fn an_org_of_ones_own_is_verified_by_its_variables() {
    let world = World::new().await;
    let ended = run_against(&world, &[("OKTA_E2E_STRICT", "1")], &[]).await;
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    ended.says(&format!("target: {}", world.access.issuer));
}

#[tokio::test]
async fn a_filtered_run_looks_only_at_what_it_needs_and_overwrites_no_full_report() {
    let ended = run(&[], &["step_3b"]).await;
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    ended.says("0 sign-ins");
    assert!(ended.report("report-partial.json").exists());
    assert!(!ended.report("report.json").exists());
}

#[tokio::test]
async fn the_list_needs_no_org() {
    let ended = run(
        &[
            ("OKTA_OAUTH2_ISSUER", "http://127.0.0.1:9/oauth2/aus1"),
            ("OKTA_OAUTH2_CLIENT_ID", "0oa1"),
        ],
        &["--list"],
    )
    .await;
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    ended.says("access::silver_reads_planets[silver]: test");
    ended.says("step_3b_scope::the_scope_is_on_the_authorization_server[silver]: test");
}

#[tokio::test]
async fn the_list_has_what_a_filter_lets_through() {
    let ended = run(&[], &["--list", "step_3b"]).await;
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    ended.says("step_3b_scope::the_scope_is_on_the_authorization_server[silver]: test");
    assert!(!ended.text.contains("step_3a"), "{}", ended.text);
}

#[tokio::test]
async fn a_split_run_is_put_together_by_report() {
    let world = World::new().await;
    let mut parts = Vec::new();
    for partition in ["--partition=1/2", "--partition=2/2"] {
        let ended = run_against(&world, &[], &[partition]).await;
        assert_eq!(ended.status, Some(0), "{}", ended.text);
        assert!(!ended.report("report.json").exists());
        parts.push(ended);
    }
    assert!(parts[1].report("report-partition-2-of-2.json").exists());
    let half = parts[1].report("report-partition-2-of-2.json");
    let record = okta_e2e::report::Record::read(&half).expect("a record");
    let (name, png) = ("GOLD".to_owned(), b"a picture".to_vec());
    let picture = okta_e2e::observation::Picture { name, png };
    let into = half.parent().expect("a folder");
    okta_e2e::report::write(&record, &[picture], into).expect("written");
    let into = TempDir::new().expect("a folder");
    let report = |parts: &[Ended]| {
        Command::new(env!("CARGO_BIN_EXE_okta-e2e"))
            .current_dir(file(""))
            .arg("report")
            .args(parts.iter().map(|part| part.reports.path()))
            .args(["--merge", "--into"])
            .arg(into.path())
            .output()
            .expect("it runs")
    };
    let half = report(&parts[..1]);
    assert_eq!(half.status.code(), Some(2));
    let said = String::from_utf8_lossy(&half.stderr).into_owned();
    assert!(said.contains("partition 2/2 is missing"), "{said}");
    let whole = report(&parts);
    assert_eq!(whole.status.code(), Some(0));
    let said = String::from_utf8_lossy(&whole.stdout).into_owned();
    assert!(
        said.contains("0 not met, 0 advised, 0 not checked"),
        "{said}"
    );
    for name in ["report.json", "junit.xml", "report.html"] {
        assert!(into.path().join(name).exists(), "{name} is missing");
    }
    assert_eq!(pictures(into.path()), ["GOLD"]);
}

#[rstest]
#[case::empty_partition(&["--partition", "5/5"], "more partitions than that stay empty")]
#[case::no_partition(&["--partition", "five"], "`five` is no partition")]
#[tokio::test]
async fn a_partition_that_cannot_be_judged_ends_with_2(
    #[case] arguments: &[&str],
    #[case] says: &str,
) {
    let ended = run(&[], arguments).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    ended.says(says);
}

#[rstest]
#[case::lost_issuer(&[("OKTA_OAUTH2_CLIENT_ID", "0oa1")], "OKTA_OAUTH2_ISSUER is not set")]
#[case::nextest(&[("NEXTEST", "1")], "cargo test --test org")]
#[case::browsers_elsewhere(&[("WEBDRIVER_URL", "http://grid.example:4444")], "cannot reach the embedded sandbox org")]
#[case::no_model(&[("OKTA_E2E_ORG_MODEL", "fixtures/none.toml")], "cannot read the org model")]
#[case::unreachable(
    &[("OKTA_OAUTH2_ISSUER", "http://127.0.0.1:9/oauth2/aus1"), ("OKTA_OAUTH2_CLIENT_ID", "0oa1")],
    "cannot connect to http://127.0.0.1:9/"
)]
#[tokio::test]
async fn a_run_that_cannot_be_made_ends_with_2(#[case] told: &[(&str, &str)], #[case] says: &str) {
    let ended = run(told, &[]).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    ended.says(says);
}

#[tokio::test]
async fn an_issuer_that_is_no_authorization_server_is_told_so() {
    let world = World::new().await;
    let issuer = format!("{}/oauth2/ausnone", world.sandbox.org_url());
    let ended = run_against(
        &world,
        &[("OKTA_OAUTH2_ISSUER", &issuer), ("OKTA_CLIENT_TOKEN", "")],
        &[],
    )
    .await;
    assert_eq!(ended.status, Some(1), "{}", ended.text);
    ended.says("check OKTA_OAUTH2_ISSUER");
    ended.says("NOT MET, step 3a: its metadata names the issuer");
}

#[tokio::test]
async fn a_wrong_client_id_is_named_by_its_step() {
    let world = World::new().await;
    let changes = [
        ("OKTA_OAUTH2_CLIENT_ID", "0oanone"),
        ("OKTA_CLIENT_TOKEN", ""),
    ];
    let ended = run_against(&world, &changes, &["step_5"]).await;
    assert_eq!(ended.status, Some(1), "{}", ended.text);
    ended.says("step 4a: check the Client ID");
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_keeps_nobody_else_from_being_checked() {
    let options = okta_sandbox::Options {
        lockout_after: 2,
        ..okta_sandbox::Options::default()
    };
    let sandbox = okta_sandbox::Sandbox::builder().options(options);
    let world = World::of("fixtures/org.toml", sandbox).await;
    let changes = [("TEST_USER_SILVER_PASSWORD", "not-the-password")];
    let ended = run_against(&world, &changes, &["step_5"]).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    ended.says("check TEST_USER_SILVER_PASSWORD");
    ended.is_ok("step_5_authorize::the_user_gets_tokens[GOLD silver and gold]");
    ended.is_ok("step_5_authorize::the_user_is_denied_the_scopes[NONE silver]");
    let again = run_against(&world, &[], &["step_2_users::the_user_is_active"]).await;
    again.is_ok("step_2_users::the_user_is_active[SILVER]");
}

#[tokio::test]
async fn an_api_that_hangs_is_told_in_time() {
    let world = World::new().await;
    world.api.set_fault(Some("hangs".parse().expect("a fault")));
    let ended = run_against(&world, &[], &["access"]).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    ended.says("gave no answer within");
    let junit = std::fs::read_to_string(ended.report("junit-partial.xml")).expect("written");
    assert!(junit.contains("<error"), "{junit}");
}

#[tokio::test]
async fn no_secret_of_the_run_is_printed_or_written() {
    let world = World::new().await;
    world
        .sandbox
        .set_fault(Some("access-token.aud.other".parse().expect("a fault")));
    let ended = run_against(&world, &[], &["--nocapture"]).await;
    assert_eq!(ended.status, Some(1), "{}", ended.text);
    let mut secrets: Vec<String> = world.sandbox.secrets();
    let passwords = world
        .access
        .users
        .values()
        .map(|user| user.password.expose_secret().to_owned());
    secrets.extend(passwords);
    assert!(
        secrets.len() > 25,
        "the sandbox gave out {} secrets alone",
        secrets.len()
    );
    let mut written = vec![("the output".to_owned(), ended.text.clone())];
    collect(ended.reports.path(), &mut written);
    assert!(written.len() > 3, "the report is not written");
    for (place, text) in &written {
        for secret in &secrets {
            assert!(
                !text.contains(secret.as_str()),
                "{place} holds a secret of the run"
            );
        }
    }
}

/// The names of the pictures of the record in a folder.
fn pictures(folder: &Path) -> Vec<String> {
    let record = okta_e2e::report::Record::read(&folder.join("report.json")).expect("a record");
    let pictures = okta_e2e::report::pictures(&record, folder);
    pictures.into_iter().map(|picture| picture.name).collect()
}

/// Every file below a folder, as text.
pub(crate) fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            let bytes = std::fs::read(&path).expect("a file");
            files.push((
                path.display().to_string(),
                String::from_utf8_lossy(&bytes).into_owned(),
            ));
        }
    }
}

#[tokio::test]
async fn without_the_client_secret_the_code_flow_is_not_checked() {
    let world = World::new().await;
    let ended = run_against(&world, &[("OKTA_OAUTH2_CLIENT_SECRET", "")], &["code_flow"]).await;
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    ended.says("set OKTA_OAUTH2_CLIENT_SECRET to have the code redeemed");
    let wrong = [("OKTA_OAUTH2_CLIENT_SECRET", "not-the-secret")];
    let ended = run_against(&world, &wrong, &["code_flow"]).await;
    assert_eq!(ended.status, Some(1), "{}", ended.text);
    ended.says("set OKTA_OAUTH2_CLIENT_SECRET to the client's");
}

#[tokio::test]
async fn a_report_that_cannot_be_written_is_told_before_anybody_signs_in() {
    let ended = run(&[("OKTA_E2E_REPORT_DIR", "/proc/nope")], &[]).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    ended.says("set OKTA_E2E_REPORT_DIR");
    assert!(!ended.text.contains("requests made"), "{}", ended.text);
}

#[tokio::test]
async fn an_org_that_fails_is_told_at_once_and_is_no_green_run() {
    let world = World::new().await;
    world
        .sandbox
        .set_fault(Some("authorize.server-error".parse().expect("a fault")));
    let ended = run_against(&world, &[], &[]).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    ended.says("answers 500");
}

#[tokio::test]
async fn at_a_page_that_no_robot_may_pass_each_user_signs_in_once() {
    let world = World::new().await;
    world
        .sandbox
        .set_fault(Some("sign-in.enrolment".parse().expect("a fault")));
    let ended = run_against(&world, &[], &[]).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    ended.says("automated sign-in cannot go past the page \"Set up security methods\"");
    ended.says("Sign On > User authentication");
    ended.says("; 4 sign-ins in");
    let pictures = pictures(ended.reports.path());
    let gold = pictures
        .iter()
        .any(|name| name == "GOLD openid alone implicit");
    assert!(gold, "{pictures:?}");
}

#[tokio::test]
async fn a_user_that_is_not_configured_costs_nobody_else_anything() {
    let world = World::new().await;
    let gone = [
        ("TEST_USER_SILVER_USERNAME", ""),
        ("TEST_USER_SILVER_PASSWORD", ""),
    ];
    let ended = run_against(&world, &gone, &["denied_the_scopes"]).await;
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    ended.is_ok("step_5_authorize::the_user_is_denied_the_scopes[NONE silver]");
    ended.says("set TEST_USER_SILVER_USERNAME and TEST_USER_SILVER_PASSWORD");
    let strict = [gone[0], gone[1], ("OKTA_E2E_STRICT", "1")];
    let ended = run_against(&world, &strict, &["denied_the_scopes"]).await;
    assert_eq!(ended.status, Some(1), "{}", ended.text);
}
