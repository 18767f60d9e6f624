use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::observation::{Cause, Picture};
use crate::requirements::{Fix, Observed, Severity, Step, Subject};

/// What no terminal, page or XML may get as it is.
const HOSTILE: &str = "</script></dd>]]>--><img src=x onerror='a()'>\"&amp;\u{1b}[2J\u{9b}31m\r\n\
                       ::error::x\u{2028}##vso[x]\u{202e}gnp\u{200b}\u{0}\u{ffff}\u{e0041}";

fn record() -> Record {
    let result = RecordedResult {
        name: format!("step_5_authorize::the_user_gets_tokens[SILVER {HOSTILE}]"),
        id: "step_5_authorize::the_user_gets_tokens".to_owned(),
        step: Step::Authorize,
        subject: Some(Subject::user(HOSTILE)),
        title: HOSTILE.to_owned(),
        severity: Severity::Required,
        outcome: RecordedOutcome::NotMet,
        cause: None,
        reason: Some(HOSTILE.to_owned()),
        blocked_by: None,
        expected: Some(HOSTILE.to_owned()),
        actual: Some(HOSTILE.to_owned()),
        fix: Some(Fix::new(HOSTILE, HOSTILE)),
        see: Some(format!("javascript:{HOSTILE}")),
        observed: Observed::default(),
        seconds: 0.1,
    };
    let met = RecordedResult {
        outcome: RecordedOutcome::Met,
        ..result.clone()
    };
    let unchecked = RecordedResult {
        outcome: RecordedOutcome::NotChecked,
        cause: Some(Cause::Failed),
        ..result.clone()
    };
    let run = Run {
        target: HOSTILE.to_owned(),
        issuer: HOSTILE.to_owned(),
        resource_server: HOSTILE.to_owned(),
        started: "2026-01-02T03:04:05Z".to_owned(),
        retries: vec![HOSTILE.to_owned()],
        ..Run::default()
    };
    let results = vec![result, met, unchecked];
    Record::new(run, results)
}

fn hidden(text: &str) -> Option<char> {
    let hidden =
        |c: &char| c.is_control() || "\u{2028}\u{202e}\u{200b}\u{ffff}\u{e0041}".contains(*c);
    text.chars().filter(|c| *c != '\n').find(hidden)
}

#[test]
fn a_hostile_record_stays_text_in_every_rendering() {
    let folder = TempDir::new().expect("a folder");
    let page = render(&record(), folder.path()).expect("it renders");
    let html = std::fs::read_to_string(page).expect("the page");
    let junit = std::fs::read_to_string(folder.path().join("junit.xml")).expect("the file");
    for (name, text) in [("html", &html), ("junit", &junit)] {
        assert_eq!(hidden(text), None, "{name}");
        assert!(
            !text.contains("<img src=x") && !text.contains("</script>"),
            "{name}"
        );
        assert!(
            text.contains("\\u{1b}[2J\\u{9b}31m\\u{d}\\u{a}"),
            "{name}: {text}"
        );
    }
    assert!(!html.contains("href="), "{html}");
    assert!(html.contains("default-src 'none'"), "{html}");
    assert!(html.contains("<bdi>&lt;/script&gt;"), "{html}");
    assert!(!junit.contains("]]>"), "{junit}");
    let console = crate::console::Console::default();
    let lines = checklist(&record()).into_iter().chain(findings(&record()));
    let lines = lines
        .chain(retries(&record()))
        .chain(closing(&record(), "x"));
    for line in lines
        .map(|line| console.line(&line))
        .chain(matrix(&record()))
    {
        assert_eq!(hidden(&line), None, "{line}");
        assert!(
            !line.contains('\n') && !line.trim_start().starts_with("::"),
            "{line}"
        );
        assert!(!line.contains("##vso["), "{line}");
    }
}

fn picture(name: &str) -> Picture {
    let (name, png) = (name.to_owned(), name.as_bytes().to_vec());
    Picture { name, png }
}

fn names(record: &Record, folder: &Path) -> Vec<String> {
    pictures(record, folder)
        .into_iter()
        .map(|picture| picture.name)
        .collect()
}

fn folders(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("screenshots")).map_or(0, Iterator::count)
}

#[test]
fn pictures_belong_to_their_record() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    let read = |name: &str| Record::read(&folder.join(name)).expect("a record");
    write(&record(), &[picture("first")], folder).expect("written");
    let mut partial = record();
    partial.run.filter = Some("step_5".to_owned());
    write(&partial, &[picture("../../partial\n")], folder).expect("written");
    assert_eq!(names(&read("report.json"), folder), ["first"]);
    assert_eq!(
        names(&read("report-partial.json"), folder),
        ["      partial "]
    );
    assert_eq!(folders(folder), 2);
    let page = || std::fs::read_to_string(folder.join("report.html")).expect("the page");
    assert!(page().contains(">first<"), "{}", page());
    write(&record(), &[], folder).expect("written");
    assert!(names(&read("report.json"), folder).is_empty());
    assert!(!page().contains(">first<"), "{}", page());
    assert_eq!(
        folders(folder),
        1,
        "the pictures of the first run are gone, no others"
    );
}

#[test]
fn a_record_names_no_folder_of_others() {
    let folder = TempDir::new().expect("a folder");
    std::fs::create_dir_all(folder.path().join("elsewhere")).expect("a folder");
    std::fs::write(folder.path().join("elsewhere/1-x.png"), "x").expect("written");
    for named in [
        "elsewhere",
        "screenshots/../elsewhere",
        "/etc",
        "screenshots",
    ] {
        let mut record = record();
        record.run.pictures = Some(named.to_owned());
        assert!(names(&record, folder.path()).is_empty(), "{named}");
    }
}

#[test]
fn more_pictures_than_a_page_can_carry_are_left_out() {
    let folder = TempDir::new().expect("a folder");
    let large = || Picture {
        name: "large".to_owned(),
        png: vec![0; 400_000],
    };
    let many: Vec<Picture> = std::iter::repeat_with(large).take(20).collect();
    let written = write(&record(), &many, folder.path()).expect("written");
    let record = Record::read(&written.record).expect("a record");
    assert_eq!(names(&record, folder.path()).len(), 3);
}

#[test]
fn a_disk_that_is_full_is_told_and_leaves_no_half_of_a_file() {
    let folder = TempDir::new().expect("a folder");
    // A directory in the place of the file fails as late as a full disk does.
    std::fs::create_dir_all(folder.path().join("report.json/x")).expect("a folder");
    let error = write(&record(), &[], folder.path()).expect_err("it cannot be written");
    assert!(
        error.to_string().contains("set OKTA_E2E_REPORT_DIR"),
        "{error}"
    );
    let left = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 1, "a draft is left");
}

#[test]
fn what_is_seen_once_and_cited_often_stays_short() {
    let secrets = crate::secrets::Secrets::default();
    let mut recorder = Recorder::new(&secrets);
    let text = "B ".repeat(1_500);
    let all: usize = (0..1_000).map(|_| recorder.field(&text).len()).sum();
    assert!(all < 1_300_000, "{all}");
    assert_eq!(recorder.field("B"), "B");
    let once = Recorder::new(&secrets).field(&text);
    assert!(once.contains("… (1,000 characters more) …"), "{once}");
}
