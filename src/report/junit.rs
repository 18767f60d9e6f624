//! `junit.xml`: what fails the run is a failure, what could not be looked at an error, the rest
//! skipped; so that its counts say the same as the exit status.

use std::fmt::Write as _;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::record::{Record, RecordedResult};
use super::verdict::Weight;
use crate::escape;
use crate::observation::Cause;

/// Renders a record as JUnit.
pub(super) fn render(record: &Record) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("okta-e2e");
    report.set_time(seconds(record.run.seconds));
    let mut suites: Vec<TestSuite> = Vec::new();
    for result in &record.results {
        let module = result.step.module();
        if suites
            .last()
            .is_none_or(|suite| suite.name.as_str() != module)
        {
            suites.push(suite(module, record));
        }
        if let Some(suite) = suites.last_mut() {
            suite.add_test_case(case(record, result));
        }
    }
    if record.is_of_no_run() {
        suites.push(no_run(record));
    }
    for suite in &mut suites {
        let time = suite.test_cases.iter().filter_map(|case| case.time).sum();
        suite.set_time(time);
    }
    report.add_test_suites(suites);
    report.to_string().map(|text| without_skipped(&text))
}

fn suite(name: &str, record: &Record) -> TestSuite {
    let mut suite = TestSuite::new(name);
    let started = record.run.started.trim_end_matches('Z');
    suite.extra.insert("timestamp".into(), started.into());
    suite
}

/// The schema that Jenkins reads by has no `skipped` on `testsuites`.
fn without_skipped(text: &str) -> String {
    let Some((head, rest)) = text.split_once("<testsuites") else {
        return text.to_owned();
    };
    let (tag, body) = rest.split_once('>').unwrap_or((rest, ""));
    let attribute = tag.split_once(" skipped=\"").and_then(|(before, after)| {
        let (_, after) = after.split_once('"')?;
        Some(format!("{before}{after}"))
    });
    let tag = attribute.unwrap_or_else(|| tag.to_owned());
    format!("{head}<testsuites{tag}>{body}")
}

/// A run that ended before it looked is an error, not an empty success.
fn no_run(record: &Record) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(escape::junit(&record.run.verdict));
    let mut case = TestCase::new("the_run", status);
    case.set_classname("okta-e2e");
    case.set_time(Duration::ZERO);
    let mut suite = suite("okta-e2e", record);
    suite.add_test_case(case);
    suite
}

fn case(record: &Record, result: &RecordedResult) -> TestCase {
    let name = result
        .name
        .rsplit_once("::")
        .map_or(result.name.as_str(), |(_, name)| name);
    let mut case = TestCase::new(escape::junit(name), status(record, result));
    case.set_classname(format!("okta-e2e.{}", result.step.module()));
    case.set_time(seconds(result.seconds));
    case
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

fn status(record: &Record, result: &RecordedResult) -> TestCaseStatus {
    if result.is_met() {
        return TestCaseStatus::success();
    }
    // The broken step itself is a failure already, unless a filter left it out.
    let follows = result.cause == Some(Cause::Blocked)
        && record
            .results
            .iter()
            .any(|cause| cause.is_not_met() && cause.is_required());
    let mut status = match record.weight(result) {
        Weight::Fails if !follows => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Weight::Blind => TestCaseStatus::non_success(NonSuccessKind::Error),
        _ => TestCaseStatus::skipped(),
    };
    let word = if result.is_not_met() {
        result.severity.word()
    } else {
        "not checked"
    };
    let told = result.actual.as_deref().or(result.reason.as_deref());
    status.set_message(escape::junit(&format!(
        "{word}: {}",
        told.unwrap_or_default()
    )));
    status.set_description(text(result));
    status
}

/// The whole finding, for whoever opens the test case.
fn text(result: &RecordedResult) -> String {
    let fix = result.fix.as_ref();
    let lines = [
        ("step", Some(result.step.to_string())),
        ("expected", result.expected.clone()),
        ("actual", result.actual.clone()),
        ("reason", result.reason.clone()),
        ("fix", fix.map(|fix| fix.admin_console.clone())),
        ("or", fix.map(|fix| fix.api.clone())),
        ("see", result.see.clone()),
    ];
    let mut text = String::new();
    for (label, line) in lines {
        if let Some(line) = line {
            let _ = writeln!(text, "{label:<9} {}", escape::junit(&line));
        }
    }
    text
}
