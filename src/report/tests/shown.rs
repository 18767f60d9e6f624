//! What a terminal shows of a record.

use rstest::rstest;

use super::*;
use crate::console::Line;

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
    let text = lines(&record, "x", None, None).join("\n");
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
    let text = lines(&Record::new(Run::default(), results), "x", None, None).join("\n");
    let (_, table) = text.split_once('┌').expect("a table");
    assert!(table.contains("U0 and 198 alike"), "{table}");
    assert!(table.contains("U17"), "{table}");
    assert!(!table.contains("U18"), "{table}");
}

/// A line that breaks where the terminal ends says nothing.
#[test]
fn a_table_wider_than_the_terminal_is_a_list() {
    let given = of_matrix("SILVER", None, RecordedOutcome::Met);
    let breach = of_matrix("SILVER", Some("/moons"), RecordedOutcome::NotMet);
    let record = Record::new(Run::default(), vec![given, breach]);
    let shown = |columns| lines(&record, "x", None, columns);
    let table = shown(None);
    let widest = table.iter().filter(|line| line.starts_with('│'));
    let widest = widest.map(|line| line.chars().count()).max();
    let has_table = |lines: &[Line]| lines.iter().any(|line| line.starts_with('│'));
    assert!(has_table(&shown(widest)));
    let narrow = shown(widest.map(|widest| widest - 1));
    assert!(!has_table(&narrow), "{narrow:?}");
    let list = [
        "SILVER",
        "  silver: yes",
        "    /moons: GIVEN, wanted: refused",
    ];
    let list = list.map(str::to_owned);
    let texts: Vec<String> = narrow.into_iter().map(|line| line.text).collect();
    assert!(texts.windows(3).any(|lines| lines == list), "{texts:#?}");
}

#[test]
fn a_reason_is_said_at_the_first_step_that_has_it() {
    let at = |step: Step, reason: &str| RecordedResult {
        step,
        ..unseen("A", Cause::NotConfigured, reason)
    };
    let results = vec![
        at(Step::Groups, "no token"),
        at(Step::Users, "no token"),
        at(Step::Users, "no user"),
    ];
    let lines = checklist(&Record::new(Run::default(), results));
    let said = lines.iter().filter(|line| line.contains("not checked (1)"));
    let said: Vec<&str> = said.map(|line| line.trim()).collect();
    let wanted = [
        "not checked (1): no token",
        "not checked (1): as at step 1",
        "not checked (1): no user",
    ];
    assert_eq!(said, wanted);
}

/// Nobody reads green where there is no report, nor a breach as anything else.
#[rstest]
#[case::good(RecordedOutcome::Met, 2)]
#[case::a_breach(RecordedOutcome::NotMet, 1)]
fn a_report_that_is_lost_is_said_by_the_exit_status(
    #[case] outcome: RecordedOutcome,
    #[case] status: u8,
) {
    let mut record = Record::new(Run::default(), vec![of_matrix("A", None, outcome)]);
    record.without_report();
    let lines = lines(&record, "not written", None, None);
    let wanted = format!("exit status {status}: the report could not be written; ");
    assert!(
        lines.iter().any(|line| line.starts_with(&wanted)),
        "{lines:?}"
    );
}

fn unseen(user: &str, cause: Cause, reason: &str) -> RecordedResult {
    RecordedResult {
        cause: Some(cause),
        reason: Some(reason.to_owned()),
        ..of_matrix(user, None, RecordedOutcome::NotChecked)
    }
}

/// What follows from what fails is no further trouble; what could not be looked at is.
#[rstest]
#[case::two_reasons(
    &[("A", Cause::Failed, "no A"), ("B", Cause::Failed, "no B")],
    "could not look: 2 required not checked (no A; and for one other reason)",
    &["could not look (1): no A", "could not look (1): no B"]
)]
#[case::three_reasons(
    &[("A", Cause::Failed, "no A"), ("B", Cause::Failed, "no B"), ("C", Cause::Failed, "no C")],
    "(no A; and for 2 other reasons)",
    &["could not look (1): no C"]
)]
#[case::one_reason(
    &[("A", Cause::Failed, "no A"), ("B", Cause::Failed, "no A")],
    "could not look: 2 required not checked (no A)",
    &[]
)]
fn every_reason_for_which_nobody_looked_is_said_at_the_start(
    #[case] results: &[(&str, Cause, &str)],
    #[case] verdict: &str,
    #[case] reasons: &[&str],
) {
    let results = results
        .iter()
        .map(|(user, cause, reason)| unseen(user, *cause, reason));
    let record = Record::new(Run::default(), results.collect());
    let lines = lines(&record, "file:///page", None, None);
    assert!(lines[0].contains(verdict), "{lines:?}");
    let said: Vec<&str> = lines[1..].iter().map(|line| &*line.text).collect();
    let said: Vec<&str> = said
        .into_iter()
        .filter(|line| line.starts_with("could not"))
        .collect();
    for reason in reasons {
        assert!(said.contains(reason), "{said:?}");
    }
    assert!(!reasons.is_empty() || said.is_empty(), "{said:?}");
}

#[rstest]
#[case::could_not_be_looked_at(Cause::Failed, "; 1 required could not be looked at (no B)")]
#[case::follows_perhaps(Cause::Inconclusive, "")]
fn a_breach_hides_nothing_that_could_not_be_looked_at(#[case] cause: Cause, #[case] wanted: &str) {
    let failing = of_matrix("A", None, RecordedOutcome::NotMet);
    let title = failing.title.clone();
    let record = Record::new(Run::default(), vec![failing, unseen("B", cause, "no B")]);
    let verdict = format!("NOT MET: 1 required, first step 5: {title}{wanted}");
    assert_eq!(record.run.verdict, verdict);
    assert_eq!(record.run.exit_status, 1);
}

/// What changed is said by its kind; of much, what to fix stays in sight.
#[rstest]
#[case::few(
    3,
    "<details open><summary><span class=\"tag not_met\">3 newly not met"
)]
#[case::many(9, "<details><summary><span class=\"tag not_met\">9 newly not met")]
fn the_page_folds_many_changes_by_their_kind(#[case] number: usize, #[case] wanted: &str) {
    let night = |outcome: RecordedOutcome| {
        let results = (0..number).map(|user| RecordedResult {
            fix: Some(Fix::new(user.to_string(), "")),
            ..of_matrix(&user.to_string(), None, outcome)
        });
        Record::new(Run::default(), results.collect())
    };
    let now = night(RecordedOutcome::NotMet);
    let changes = Changes::between(&night(RecordedOutcome::Met), &now);
    let folder = TempDir::new().expect("a folder");
    let page = render(&now, folder.path(), Some(&changes)).expect("it renders");
    let html = std::fs::read_to_string(page).expect("the page");
    assert!(html.contains(wanted), "{html}");
}

/// Why nobody could look is read before what was seen all the same.
#[rstest]
#[case::could_not_look(Vec::new(), true)]
#[case::something_is_wrong(vec![of_matrix("Z", None, RecordedOutcome::NotMet)], false)]
fn the_page_of_a_run_that_could_not_look_begins_with_why(
    #[case] mut results: Vec<RecordedResult>,
    #[case] is_first: bool,
) {
    results.push(unseen("A", Cause::Failed, "no A"));
    results.push(of_matrix("B", None, RecordedOutcome::Met));
    let page = page(&Record::new(Run::default(), results));
    let place = |id: &str| page.find(id).unwrap_or_else(|| panic!("{id}: {page}"));
    assert_eq!(
        place("id=\"not-checked\"") < place("id=\"matrix\""),
        is_first
    );
}

#[test]
fn the_page_has_the_figures_that_were_observed() {
    let seeing = |id: &str, endpoint: Option<&str>, name: &str, seconds: u64| {
        let mut result = of_matrix("A", endpoint, RecordedOutcome::Met);
        result.id = id.to_owned();
        result.observed.keep(name, seconds);
        result
    };
    let results = vec![
        seeing("the_access_token_lives", None, "lifetime in seconds", 3600),
        seeing("the_access_token_lives", None, "lifetime in seconds", 300),
        seeing("the_id_token_lives", None, "lifetime in seconds", 3600),
        seeing("expired", Some("/planets"), "leeway_seconds", 59),
        seeing("expired", Some("/moons"), "leeway_seconds", 0),
    ];
    let page = page(&Record::new(Run::default(), results));
    for figure in [
        "<dt>tokens live</dt><dd><bdi>ID token 3600 s, access token 300 s or 3600 s</bdi></dd>",
        "<dt>let in past expiry</dt><dd><bdi>/moons 0 s, /planets 59 s</bdi></dd>",
    ] {
        assert!(page.contains(figure), "{figure}: {page}");
    }
    assert!(!page.contains("<dt>waited</dt>") && !page.contains("<dt>signing key</dt>"));
}

/// A request that differs from another in one thing alone is no second row of that one.
#[test]
fn a_request_without_openid_is_a_row_of_its_own() {
    let plain = of_matrix("A", None, RecordedOutcome::Met);
    let mut without = plain.clone();
    without.name.push_str(" without openid");
    let case = without.subject.as_mut().map(|subject| &mut subject.case);
    *case.expect("a subject") = Some("without openid".to_owned());
    let read = of_matrix("A", Some("/moons"), RecordedOutcome::Met);
    let page = page(&Record::new(Run::default(), vec![plain, read, without]));
    let row = |request: &str| {
        let cell = format!("<td><bdi>{request}</bdi></td>");
        let rest = page.split_once(&cell).map(|(_, rest)| rest);
        let row = rest.and_then(|rest| rest.split_once("</tr>"));
        row.map(|(row, _)| row.contains("<td>·</td>"))
    };
    assert_eq!(row("silver"), Some(false), "{page}");
    assert_eq!(row("silver without openid"), Some(true), "{page}");
}

/// Of many users, the one is seen at once for whom something is wrong.
#[test]
fn of_many_users_those_come_first_for_whom_something_is_wrong() {
    let of = |user: usize| of_matrix(&format!("U{user}"), None, RecordedOutcome::Met);
    let mut results: Vec<RecordedResult> = (0..40).map(of).collect();
    results[33] = of_matrix("U33", None, RecordedOutcome::NotMet);
    let page = page(&Record::new(Run::default(), results));
    let (_, matrix) = page.split_once("id=\"matrix\"").expect("a matrix");
    let place = |user: &str| matrix.find(&format!("<bdi>{user}</bdi>"));
    assert!(place("U33") < place("U0"), "{matrix}");
}
