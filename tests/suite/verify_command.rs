//! `okta-e2e verify`, for those who want no checkout: the same as the main job of `cargo test`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use okta_e2e::report::Record;
use rstest::rstest;
use tempfile::TempDir;

use crate::main_job::{self, Ended};
use crate::support::world::{World, file};

/// The command, started in a folder.
async fn verify(folder: &Path, told: &[(&str, &str)], arguments: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_okta-e2e"));
    command.current_dir(folder).arg("verify").args(arguments);
    main_job::ended(command, told).await
}

/// The lines of a run, in an order of their own: users are done in any order, and each run takes
/// its own time and has a folder of its own.
fn lines(ended: &Ended) -> Vec<String> {
    let seconds = regex::Regex::new(r"\d+\.\d+ ?s").expect("a pattern");
    let folder = ended.reports.path().display().to_string();
    let text = ended.text.replace(&folder, "FOLDER");
    let text = seconds.replace_all(&text, "SECONDS");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// What the report of a run has: its files, and what each trial came to.
fn report(ended: &Ended) -> (BTreeSet<String>, Vec<String>) {
    let entries = std::fs::read_dir(ended.reports.path()).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names: BTreeSet<String> = names.map(|name| name.display().to_string()).collect();
    let records = names
        .iter()
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "json"));
    let results = records.flat_map(|name| {
        let record = Record::read(&ended.report(name)).expect("a record");
        let results = record.results.into_iter().map(|result| {
            let words = result.actual.or(result.reason);
            format!("{} {:?} {words:?}", result.name, result.outcome)
        });
        std::iter::once(record.run.verdict)
            .chain(results)
            .collect::<Vec<_>>()
    });
    let results = results.collect();
    (names, results)
}

#[rstest]
#[case::met(None, &["access"], 0)]
#[case::not_met(Some("open-without-token"), &["access"], 1)]
#[case::could_not_look(Some("hangs"), &["access::silver_reads"], 2)]
#[case::a_part(None, &["--partition", "1/2", "--skip", "step_5"], 0)]
#[case::list(None, &["--list"], 0)]
#[case::nothing_selected(None, &["no_such_trial"], 2)]
#[case::wrong_usage(None, &["--no-such-option"], 2)]
#[tokio::test]
async fn both_ways_print_leave_and_end_alike(
    #[case] fault: Option<&str>,
    #[case] arguments: &[&str],
    #[case] status: i32,
) {
    let world = World::new().await;
    world.set_faults(None, fault);
    let told = main_job::told(&world);
    let told: Vec<(&str, &str)> = told
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let by_cargo = main_job::run(&told, arguments).await;
    let by_command = verify(&file(""), &told, arguments).await;
    assert_eq!(by_cargo.status, Some(status), "{}", by_cargo.text);
    assert_eq!(by_command.status, by_cargo.status, "{}", by_command.text);
    assert_eq!(lines(&by_command), lines(&by_cargo));
    assert_eq!(report(&by_command), report(&by_cargo));
}

#[tokio::test]
async fn in_an_empty_folder_the_documents_own_model_is_built_in() {
    let folder = TempDir::new().expect("a folder");
    let here = folder.path();
    let ended = verify(here, &[("OKTA_E2E_REPORT_DIR", "")], &["step_3b"]).await;
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    ended.says("note: there is no fixtures/org.toml in this folder: the org of Okta's document");
    ended.says("target: the embedded sandbox org");
    assert!(here.join("target/okta-e2e/report-partial.json").exists());
    let beside = verify(&file(""), &[], &["step_3b"]).await;
    assert!(
        !beside.text.contains("there is no fixtures"),
        "{}",
        beside.text
    );
}

#[tokio::test]
async fn a_model_that_is_named_and_missing_is_no_built_in_one() {
    let folder = TempDir::new().expect("a folder");
    let named = [("OKTA_E2E_ORG_MODEL", "fixtures/org.toml")];
    let ended = verify(folder.path(), &named, &["step_3b"]).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    ended.says("cannot read the org model");
}

#[tokio::test]
async fn the_help_says_how_a_run_ends() {
    let ended = verify(&file(""), &[], &["--help"]).await;
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    for part in [
        "okta-e2e verify [OPTIONS] [FILTER]",
        "--env-file",
        "--partition",
        "Exit status: 0",
    ] {
        ended.says(part);
    }
}

/// The page of a job is beside the report: a run is no other, and keeps its report, without it.
#[tokio::test]
async fn a_summary_that_cannot_be_written_takes_nothing_from_the_run() {
    let folder = TempDir::new().expect("a folder");
    let told = [("GITHUB_STEP_SUMMARY", "/proc/nope/summary.md")];
    let ended = verify(folder.path(), &told, &["step_0"]).await;
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    ended.says("GITHUB_STEP_SUMMARY has no summary");
    let record = Record::read(&ended.report("report-partial.json")).expect("a record");
    assert!(
        record.run.verdict.starts_with("good"),
        "{}",
        record.run.verdict
    );
}

/// Many jobs name no locale, and a browser takes no folder then whose name is no ASCII.
#[tokio::test]
async fn the_temporary_folder_may_have_any_name_in_any_locale() {
    let world = World::new().await;
    let parent = TempDir::new().expect("a folder");
    let folder = parent.path().join("vorl\u{e4}ufig");
    std::fs::create_dir(&folder).expect("a folder");
    let mut told = main_job::told(&world);
    told.insert("TMPDIR".to_owned(), folder.display().to_string());
    told.insert("LC_ALL".to_owned(), "C".to_owned());
    let told: Vec<(&str, &str)> = told
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let trial = "step_5_authorize::the_user_gets_tokens[SILVER silver]";
    let ended = verify(parent.path(), &told, &[trial]).await;
    assert_eq!(ended.status, Some(0), "{}", ended.text);
}
