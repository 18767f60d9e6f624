//! `junit.xml`: required and not met is a failure, broken while looking an error, the rest skipped.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::record::{Record, RecordedResult};
use crate::escape;

/// Renders a record as JUnit.
pub(super) fn render(record: &Record) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("okta-e2e");
    let mut suites: Vec<TestSuite> = Vec::new();
    for result in &record.results {
        let module = result.id.split("::").next().unwrap_or(&result.id);
        if suites
            .last()
            .is_none_or(|suite| suite.name.as_str() != escape::junit(module))
        {
            suites.push(TestSuite::new(escape::junit(module)));
        }
        if let Some(suite) = suites.last_mut() {
            suite.add_test_case(case(result));
        }
    }
    if let Some(reason) = &record.run.not_made {
        suites.push(not_made(reason));
    }
    report.add_test_suites(suites);
    report.to_string()
}

/// A run that looked at nothing has an error, so that nobody takes it for one without failures.
fn not_made(reason: &str) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(escape::junit(reason));
    let mut suite = TestSuite::new("run");
    suite.add_test_case(TestCase::new("the_run_was_made", status));
    suite
}

fn case(result: &RecordedResult) -> TestCase {
    let mut case = TestCase::new(escape::junit(&result.name()), status(result));
    case.set_time(Duration::from_secs_f64(result.seconds.max(0.0)));
    case
}

fn status(result: &RecordedResult) -> TestCaseStatus {
    if result.is_met() {
        return TestCaseStatus::success();
    }
    let text = |text: &Option<String>| escape::junit(text.as_deref().unwrap_or_default());
    let mut status = if result.is_not_met() && result.is_required() {
        TestCaseStatus::non_success(NonSuccessKind::Failure)
    } else if result.broke() {
        TestCaseStatus::non_success(NonSuccessKind::Error)
    } else {
        TestCaseStatus::skipped()
    };
    if result.is_not_met() {
        status.set_message(format!(
            "{}: expected {}, actual {}; fix: {}",
            result.severity,
            text(&result.expected),
            text(&result.actual),
            text(&result.fix)
        ));
    } else {
        status.set_message(format!("not checked: {}", text(&result.reason)));
    }
    status
}
