//! Every rendering of a record, as files that are reviewed: `tests/suite/renderings/NAME/` has the
//! record, and what a terminal, a pull request, a CI server and a browser show of it.
//!
//! `OKTA_E2E_WRITE_DOCS=1 scripts/test renderings` writes them anew: review what differs.

use std::path::Path;

use okta_e2e::report::{self, Changes, Record};
use rstest::rstest;
use tempfile::TempDir;

use crate::support::world::file;

/// The renderings of a record by the names of their files.
fn renderings(record: &Record, changes: Option<&Changes>) -> [(&'static str, String); 4] {
    let folder = TempDir::new().expect("a folder");
    let page = report::render(record, folder.path(), changes).expect("it renders");
    let read = |path: &Path| std::fs::read_to_string(path).expect("it is written");
    let junit = read(&folder.path().join("junit.xml"));
    [
        ("terminal.txt", terminal(record, changes)),
        ("summary.md", report::markdown(record, changes)),
        ("junit.xml", junit + "\n"),
        ("page.html", markup(&read(&page))),
    ]
}

fn terminal(record: &Record, changes: Option<&Changes>) -> String {
    let lines = report::lines(record, "file:///report.html", changes, None);
    let lines = lines.iter().map(|line| format!("{}\n", line.trim_end()));
    lines.collect()
}

/// What the page says, without its style and its script.
fn markup(page: &str) -> String {
    let (_, body) = page.split_once("<main>").expect("a main part");
    let (body, _) = body.split_once("</main>").expect("its end");
    let lines = body.lines().map(str::trim_end);
    let lines = lines.filter(|line| !line.is_empty());
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The record of a folder, with the verdict that it has today.
pub(crate) fn record(name: &str) -> Record {
    let file = file("tests/suite/renderings")
        .join(name)
        .join("report.json");
    let record = Record::read(&file).expect("a record");
    if record.is_of_no_run() {
        return record;
    }
    Record::new(record.run, record.results)
}

#[rstest]
#[case::all_is_met("good", None)]
#[case::breaches_by_cause("broken", None)]
#[case::accepted_and_advised("accepted", None)]
#[case::could_not_look("stopped", None)]
#[case::no_run("no-run", None)]
#[case::what_changed("broken", Some("good"))]
fn a_record_is_rendered_as_it_was_reviewed(#[case] name: &str, #[case] baseline: Option<&str>) {
    let changes = baseline.map(|before| Changes::between(&record(before), &record(name)));
    let folder = baseline.map_or_else(
        || name.to_owned(),
        |before| format!("{name}-after-{before}"),
    );
    let folder = file("tests/suite/renderings").join(folder);
    for (name, text) in renderings(&record(name), changes.as_ref()) {
        let path = folder.join(name);
        if std::env::var_os("OKTA_E2E_WRITE_DOCS").is_some() {
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(&path, &text).expect("it is written");
        }
        let reviewed = std::fs::read_to_string(&path).unwrap_or_default();
        let lines = text.lines().zip(reviewed.lines());
        let differs = lines.into_iter().find(|(now, then)| now != then);
        assert!(
            text == reviewed,
            "{} is rendered otherwise: {differs:?}; `OKTA_E2E_WRITE_DOCS=1 scripts/test \
             renderings` writes it anew, to be reviewed",
            path.display()
        );
    }
}

/// The command of a recipe for GitHub: the record of a run that was not met, beside a good night's.
fn what_changed(summary: &Path) -> std::process::Output {
    let folder = TempDir::new().expect("a folder");
    report::write(&record("broken"), &[], folder.path()).expect("written");
    let good = file("tests/suite/renderings/good/report.json");
    std::process::Command::new(env!("CARGO_BIN_EXE_okta-e2e"))
        .arg("report")
        .arg(folder.path())
        .arg("--baseline")
        .arg(good)
        .env("GITHUB_STEP_SUMMARY", summary)
        .output()
        .expect("it runs")
}

/// The run itself has put its findings there: a second table would be the same one.
#[test]
fn the_page_of_a_job_has_what_changed_and_no_second_table() {
    let folder = TempDir::new().expect("a folder");
    let summary = folder.path().join("summary.md");
    let ended = what_changed(&summary);
    let text = std::fs::read_to_string(&summary).expect("a summary");
    assert_eq!(ended.status.code(), Some(1), "{text}");
    let changes = Changes::between(&record("good"), &record("broken"));
    assert_eq!(
        text,
        report::markdown_of_changes(&record("broken"), &changes)
    );
    assert!(text.contains("newly not met"), "{text}");
    assert!(!text.contains("| step |"), "{text}");
}

#[test]
fn a_page_of_a_job_that_cannot_be_written_leaves_the_status_of_the_run() {
    let ended = what_changed(Path::new("/proc/nope/summary.md"));
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(
        said.contains("GITHUB_STEP_SUMMARY has no summary"),
        "{said}"
    );
}

/// Keys by which a page is known are for those who look into the record: a line has words.
#[test]
fn a_line_that_says_why_nobody_looked_has_no_keys() {
    let mut stopped = record("stopped");
    let with_keys = "; check (known by message:a, http:403)";
    for result in &mut stopped.results {
        let reason = result.reason.as_deref();
        result.reason = reason.map(|reason| reason.replace("; check", with_keys));
    }
    let stopped = Record::new(stopped.run, stopped.results);
    let kept = serde_json::to_string(&stopped).expect("JSON");
    assert!(kept.contains("message:a"), "{kept}");
    let changes = Changes::between(&record("good"), &stopped);
    let shown = renderings(&stopped, Some(&changes));
    let is_lines = |name: &str| ["terminal.txt", "summary.md"].contains(&name);
    let lines = shown.iter().filter(|(name, _)| is_lines(name));
    for (name, text) in lines {
        assert!(text.contains("SILVER could not sign in"), "{name}: {text}");
        assert!(!text.contains("message:a"), "{name}: {text}");
    }
}
