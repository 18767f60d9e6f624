//! `junit.xml`: required and not met is a failure, broken while looking an error, the rest skipped.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::record::{Record, RecordedResult};

/// Renders a record as JUnit.
pub(super) fn render(record: &Record) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("okta-e2e");
    let mut suites: Vec<TestSuite> = Vec::new();
    for result in &record.results {
        let module = result.id.split("::").next().unwrap_or(&result.id);
        if suites
            .last()
            .is_none_or(|suite| suite.name.as_str() != module)
        {
            suites.push(TestSuite::new(module));
        }
        if let Some(suite) = suites.last_mut() {
            suite.add_test_case(case(result));
        }
    }
    report.add_test_suites(suites);
    report.to_string()
}

fn case(result: &RecordedResult) -> TestCase {
    let mut case = TestCase::new(result.name(), status(result));
    case.set_time(Duration::from_secs_f64(result.seconds.max(0.0)));
    case
}

fn status(result: &RecordedResult) -> TestCaseStatus {
    if result.is_met() {
        return TestCaseStatus::success();
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
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
