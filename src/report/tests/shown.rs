//! What a terminal shows of a record.

use super::*;

#[test]
fn findings_that_one_change_mends_are_told_once() {
    let breach = |user: &str, fix: &str| RecordedResult {
        fix: Some(Fix::new(fix, user)),
        ..of_matrix(user, None, RecordedOutcome::NotMet)
    };
    let results = ["A", "B", "C", "D", "E"].map(|user| breach(user, "one"));
    let mut results = results.to_vec();
    results.push(breach("F", "another"));
    let told = findings(&Record::new(Run::default(), results));
    let starts = |start: &str| told.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!(starts("NOT MET, "), 2, "{told:?}");
    let more: Vec<_> = told
        .iter()
        .filter(|line| line.starts_with("  and"))
        .collect();
    assert_eq!(more.len(), 1, "{told:?}");
    assert!(
        more[0].contains("4 more") && more[0].ends_with("; …"),
        "{told:?}"
    );
}

#[test]
fn the_verdict_comes_first_and_an_address_to_read_once() {
    let of = |user: &str| RecordedResult {
        fix: Some(Fix::new(user, user)),
        ..of_matrix(user, None, RecordedOutcome::NotMet)
    };
    let lines = lines(
        &Record::new(Run::default(), vec![of("A"), of("B")]),
        "file:///page",
        None,
    );
    assert!(lines[0].starts_with("NOT MET: 2 required"), "{lines:?}");
    let starts = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!(starts("  expected"), 2, "{lines:?}");
    assert_eq!(starts("  see"), 1, "{lines:?}");
    assert_eq!(starts("  advised: "), 0, "{lines:?}");
    assert_eq!(starts("report: file:///page"), 1, "{lines:?}");
    let [.., why, target] = &lines[..] else {
        panic!("{lines:?}")
    };
    assert!(why.starts_with("exit status 1: NOT MET"), "{why}");
    assert!(target.starts_with("target: "), "{target}");
}

#[test]
fn what_fails_nothing_is_counted_apart_and_explained() {
    let advised = RecordedResult {
        severity: Severity::Advised,
        ..of_matrix("A", None, RecordedOutcome::NotMet)
    };
    let mut accepted = RecordedResult {
        name: "another".to_owned(),
        fix: Some(Fix::new("another", "another")),
        ..advised.clone()
    };
    accepted.observed.keep("accepted", "until 2999-12-31");
    let met = of_matrix("C", None, RecordedOutcome::Met);
    let record = Record::new(Run::default(), vec![advised, accepted, met]);
    let verdict = "good: all 1 required that were looked at are met; 1 not met and accepted by \
                   the org model";
    assert_eq!(record.run.verdict, verdict);
    let text = lines(&record, "x", None).join("\n");
    for part in [
        "1 met, 0 not met, 1 advised, 1 accepted, 0 not checked",
        "  advised: Okta or its document recommends it",
        "  accepted: by an [[accepted]] table of the org model",
        "accepted, step 5: ",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let html = page(&record);
    assert!(
        html.contains("<a href=\"#findings\">1 accepted</a>"),
        "{html}"
    );
}

#[test]
fn the_page_is_named_by_an_address_that_can_be_clicked() {
    let address = link(Path::new("/tmp/a b/report.html"));
    assert_eq!(address, "file:///tmp/a%20b/report.html");
    assert!(link(Path::new("report.html")).starts_with("file:///"));
}

#[test]
fn a_table_of_many_users_has_a_row_for_those_who_fare_alike() {
    let given = |number: usize| of_matrix(&format!("U{number}"), None, RecordedOutcome::Met);
    let mut results: Vec<RecordedResult> = (0..200).map(given).collect();
    results[17] = of_matrix("U17", None, RecordedOutcome::NotMet);
    let text = lines(&Record::new(Run::default(), results), "x", None).join("\n");
    let (_, table) = text.split_once('┌').expect("a table");
    assert!(table.contains("U0 and 198 alike"), "{table}");
    assert!(table.contains("U17"), "{table}");
    assert!(!table.contains("U18"), "{table}");
}
