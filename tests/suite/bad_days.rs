//! The main job on a bad day: what is wrong is said at once and by name, with the right status.

use std::process::Command;

use rstest::rstest;
use tempfile::TempDir;

use crate::main_job::{run, run_by};

/// A folder with a file in it, and the file's path.
fn file_with(content: &[u8]) -> (TempDir, String) {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, content).expect("a file");
    let path = file.to_str().expect("a path").to_owned();
    (folder, path)
}

#[rstest]
#[case::argument(&["--frobnicate"], "unexpected argument \'--frobnicate\'")]
#[case::partition(&["--partition", "0/3"], "`0/3` is no partition")]
#[case::no_file(&["--env-file", "none.env"], "there is no file `none.env`")]
#[case::folder_for_a_file(&["--env-file", "fixtures"], "cannot read `fixtures`: it is a folder")]
#[tokio::test]
async fn bad_usage_ends_with_2(#[case] arguments: &[&str], #[case] says: &str) {
    let ended = run(&[], arguments).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    ended.says(says);
}

#[rstest]
#[case::value(
    b"OKTA_E2E_BROWSERS=\'many\'",
    "OKTA_E2E_BROWSERS must be a number from 1 to 64"
)]
#[case::line(b"A=\'1\'\nOKTA", "line 2: not a line of the form")]
#[case::utf_16(b"\xff\xfeA\0=\0", "line 1: the file is UTF-16; save it as UTF-8")]
#[case::slip(
    b"OKTA_OATH2_ISSUER=\'hidden-value\'",
    "rename it to OKTA_OAUTH2_ISSUER"
)]
#[case::model(
    b"OKTA_E2E_BROWSER=\'4\'\nOKTA_E2E_BROWSERS=\'0\'",
    "the nearest variable is OKTA_E2E_BROWSERS"
)]
#[tokio::test]
async fn a_named_file_is_what_a_run_is_told(#[case] content: &[u8], #[case] says: &str) {
    let (_folder, path) = file_with(content);
    let ended = run(&[], &["--env-file", &path]).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    ended.says(says);
    assert!(!ended.text.contains("hidden-value"), "{}", ended.text);
}

#[tokio::test]
async fn every_line_that_cannot_be_used_is_a_line_of_its_own() {
    let (_folder, path) = file_with(b"A='1'\nB='1'\nA='2'\nB='2'");
    let ended = run(&[], &["--env-file", &path]).await;
    let lines = ["line 3: A is set", "line 4: B is set"];
    for own in lines {
        let mut found = ended.text.lines().filter(|line| line.contains(own));
        let line = found.next().expect("it is told");
        assert!(
            line.starts_with(&path) && found.next().is_none(),
            "{}",
            ended.text
        );
    }
}

/// What a command of the command line says of a file that is named, and its status.
fn command(arguments: &[&str], env_file: &str) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_okta-e2e"))
        .env_remove("OKTA_E2E_REPORT_DIR")
        .env_remove("OKTA_E2E_BROWSERS")
        .args(arguments)
        .args(["--env-file", env_file])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said)
}

#[rstest]
#[case::authorize_url(&["authorize-url"])]
#[case::report(&["report"])]
#[case::report_of_a_folder(&["report", "target"])]
#[case::merge(&["report", "--merge"])]
fn every_command_takes_a_file_and_misses_one_that_is_not_there(#[case] arguments: &[&str]) {
    let (status, said) = command(arguments, "none.env");
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("there is no file `none.env`"), "{said}");
}

#[rstest]
#[case::authorize_url(&["authorize-url"], "OKTA_E2E_BROWSERS must be a number")]
#[case::report(&["report"], "no record of a whole run in none/such")]
fn every_command_reads_the_file_that_is_named(#[case] arguments: &[&str], #[case] says: &str) {
    let variables = b"OKTA_E2E_BROWSERS=\'many\'\nOKTA_E2E_REPORT_DIR=\'none/such\'";
    let (_folder, path) = file_with(variables);
    let (status, said) = command(arguments, &path);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains(says), "{said}");
}

#[tokio::test]
async fn a_model_that_is_no_toml_ends_with_2() {
    let (_folder, path) = file_with(b"title = \"a\"\n[policy");
    let ended = run(&[("OKTA_E2E_ORG_MODEL", &path)], &[]).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    ended.says("file: line 2, column");
}

#[tokio::test]
async fn names_that_no_run_reads_are_noted_before_the_run() {
    let told = [
        ("OKTA_E2E_TRUSTED_ORIGIN", "https://hidden-value.example"),
        ("OKTA_ORG_NAME", "hidden-value"),
    ];
    let ended = run(&told, &["step_3b"]).await;
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    ended.says("note: no run reads OKTA_E2E_TRUSTED_ORIGIN; the nearest variable is");
    ended.says("note: set for other tools, perhaps, and read by no run: OKTA_ORG_NAME");
    assert!(!ended.text.contains("hidden-value"), "{}", ended.text);
}

#[rstest]
#[case::missing("/none/such")]
#[case::file("/dev/null")]
#[case::cannot_be_written("/proc")]
#[tokio::test]
async fn no_temporary_folder_is_said_by_name_before_anything_is_done(#[case] folder: &str) {
    let ended = run(&[("TMPDIR", folder)], &[]).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    ended.says(&format!("no temporary file can be made in `{folder}`"));
    ended.says("set TMPDIR to one that can be written");
    assert!(!ended.text.contains("target:"), "{}", ended.text);
}

#[tokio::test]
async fn a_report_folder_that_is_a_file_is_said_before_anybody_signs_in() {
    let (_folder, path) = file_with(b"");
    let ended = run(&[("OKTA_E2E_REPORT_DIR", &path)], &[]).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    let says = "set OKTA_E2E_REPORT_DIR to a folder that can be written";
    assert_eq!(ended.text.matches(says).count(), 1, "{}", ended.text);
    assert!(!ended.text.contains("target:"), "{}", ended.text);
}

/// A disk in memory, mounted for the run alone, that has room for the note that a run is under way.
const SMALL_DISK: &str = "mount -t tmpfs -o size=24k small /mnt && exec \"$@\"";

#[tokio::test]
async fn a_disk_that_fills_up_makes_no_run_green() {
    let may = Command::new("unshare")
        .args(["-m", "sh", "-c", SMALL_DISK, "sh", "true"])
        .status();
    if !may.is_ok_and(|status| status.success()) {
        eprintln!("NOT TESTED: this user cannot mount a small disk");
        return;
    }
    let before = ["-m", "sh", "-c", SMALL_DISK, "sh"];
    let told = [("OKTA_E2E_REPORT_DIR", "/mnt/report")];
    let ended = run_by("unshare", &before, &told, &["step_3"]).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    ended.says("No space left on device");
    ended.says("exit status 2: the report could not be written; good: all");
}

#[tokio::test]
async fn a_driver_that_is_named_and_missing_is_no_run() {
    let ended = run(&[("CHROMEWEBDRIVER", "/none/such")], &["step_5"]).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    ended.says("CHROMEWEBDRIVER names `/none/such`, which cannot be used");
    ended.says("unset it to have one looked for");
}

/// A network of its own with the loopback interface alone, and no IPv6 in it.
const WITHOUT_IPV6: &str = "ip link set lo up && \
    { [ ! -e /proc/sys/net/ipv6 ] || sysctl -qw net.ipv6.conf.all.disable_ipv6=1; } && exec \"$@\"";

#[tokio::test]
async fn a_machine_without_ipv6_makes_the_whole_run() {
    let may = Command::new("unshare")
        .args(["-n", "sh", "-c", WITHOUT_IPV6, "sh", "true"])
        .status();
    if !may.is_ok_and(|status| status.success()) {
        eprintln!("NOT TESTED: this user cannot make a network namespace without IPv6");
        return;
    }
    let before = ["-n", "sh", "-c", WITHOUT_IPV6, "sh"];
    let ended = run_by("unshare", &before, &[], &[]).await;
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    ended.says("0 not met, 0 advised, 0 not checked; 4 sign-ins");
}
