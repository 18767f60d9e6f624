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
