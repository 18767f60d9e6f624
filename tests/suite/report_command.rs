//! `okta-e2e report` beside a baseline, as a nightly job runs it: its exit status, and what a job of
//! GitHub shows of it.

use std::process::{Command, Output};

use rstest::rstest;
use tempfile::TempDir;

use okta_e2e::report;

use crate::renderings::record;
use crate::support::world::file;

/// The command over the record of one night beside that of an earlier one, in a job or not.
fn report_of(night: &str, before: &str, in_a_job: bool, more: &[&str]) -> Output {
    let folder = TempDir::new().expect("a folder");
    report::write(&record(night), &[], folder.path()).expect("written");
    let before = file("tests/suite/renderings").join(before);
    let mut command = Command::new(env!("CARGO_BIN_EXE_okta-e2e"));
    command.arg("report").arg(folder.path()).arg("--baseline");
    command.arg(before.join("report.json")).args(more);
    command
        .env_remove("GITHUB_STEP_SUMMARY")
        .env_remove("GITHUB_ACTIONS");
    if in_a_job {
        command.env("GITHUB_ACTIONS", "true");
    }
    command.output().expect("it runs")
}

/// What the record comes to by itself, and where only what is new counts.
#[rstest]
#[case::all_is_met("good", "broken", 0, 0)]
#[case::what_is_not_met_is_known("broken", "broken", 1, 0)]
#[case::what_is_not_met_is_new("broken", "good", 1, 1)]
#[case::nobody_could_look("stopped", "good", 2, 2)]
#[case::nobody_could_look_last_night_either("stopped", "stopped", 2, 2)]
#[case::nothing_was_looked_at("no-run", "broken", 2, 2)]
#[case::nothing_is_known_of_before("broken", "no-run", 1, 1)]
fn only_what_is_new_fails_where_that_is_asked_for(
    #[case] night: &str,
    #[case] before: &str,
    #[case] by_itself: i32,
    #[case] if_new: i32,
) {
    let status = |more: &[&str]| {
        let ended = report_of(night, before, false, more);
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        (ended.status.code(), said)
    };
    let (ended, said) = status(&[]);
    assert_eq!(ended, Some(by_itself), "{said}");
    let (ended, said) = status(&["--fail-on", "new"]);
    assert_eq!(ended, Some(if_new), "{said}");
}

#[test]
fn what_is_new_is_compared_with_something() {
    let ended = Command::new(env!("CARGO_BIN_EXE_okta-e2e"))
        .args(["report", "--fail-on", "new"])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(said.contains("--baseline"), "{said}");
}

/// The lines of GitHub's command for an annotation.
fn annotations(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().filter(|line| line.starts_with("::"));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_job_of_github_is_told_what_is_new_and_nothing_else() {
    let changes = report::Changes::between(&record("good"), &record("broken"));
    let new = changes.newly_not_met.len();
    let shown = annotations(&report_of("broken", "good", true, &[]));
    let errors = shown.iter().filter(|it| it.starts_with("::error title="));
    let required = changes.newly_not_met.iter();
    let required = required
        .filter(|change| change.weight == "required")
        .count();
    assert!(required > 0 && new >= required, "{new} {required}");
    assert_eq!(errors.count(), required, "{shown:#?}");
    let not_checked = changes.newly_not_checked.len();
    assert_eq!(shown.len(), new + not_checked, "{shown:#?}");
    for change in changes.newly_not_met.iter().filter(|it| it.is_required()) {
        let step = change.title.split(':').next().expect("a step");
        let is_named = |it: &String| it.starts_with(&format!("::error title={step}%3A "));
        assert!(shown.iter().any(is_named), "{step}: {shown:#?}");
    }
    for (night, before, in_a_job) in [("broken", "broken", true), ("broken", "good", false)] {
        let shown = annotations(&report_of(night, before, in_a_job, &[]));
        assert_eq!(shown, Vec::<String>::new(), "{night} after {before}");
    }
}
