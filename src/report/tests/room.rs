//! A page has room for half a megabyte, whatever was recorded.

use rstest::rstest;

use super::*;

/// Without pictures.
const MOST_BYTES: usize = 500_000;

/// As long as a field of a record may be.
fn long(text: &str) -> String {
    let word = format!("{text} ");
    word.repeat(2_000 / word.len())
}

/// So many results, each with a user of its own.
fn of_users(number: usize, change: impl Fn(&mut RecordedResult, usize)) -> Vec<RecordedResult> {
    let results = (0..number).map(|user| {
        let mut result = of_matrix(&format!("U{user}"), None, RecordedOutcome::Met);
        change(&mut result, user);
        result
    });
    results.collect()
}

fn not_checked(number: usize, reason: &str) -> Vec<RecordedResult> {
    of_users(number, |result, _| {
        result.outcome = RecordedOutcome::NotChecked;
        result.cause = Some(Cause::Failed);
        result.reason = Some(reason.to_owned());
    })
}

fn not_met(number: usize, fix: impl Fn(usize) -> String) -> Vec<RecordedResult> {
    of_users(number, |result, user| {
        result.outcome = RecordedOutcome::NotMet;
        result.expected = Some(long("expected"));
        result.actual = Some(long("actual"));
        result.fix = Some(Fix::new(fix(user), long("call")));
        result.evidence = hostile_evidence();
    })
}

/// What is most of a record: each result long, and with a reason and a cause of its own.
fn worst() -> Vec<RecordedResult> {
    let mut results = not_met(400, |user| format!("{} {user}", long("place")));
    results.extend(of_users(400, |result, user| {
        result.step = Step::ALL[user % Step::ALL.len()];
        result.outcome = RecordedOutcome::NotChecked;
        result.cause = Some(Cause::Inconclusive);
        result.reason = Some(format!("{user} {}", long("reason")));
    }));
    results.extend(of_users(400, |result, user| {
        result.step = Step::ALL[user % Step::ALL.len()];
        result.actual = Some(long("seen"));
        result.observed.keep("value", long("value"));
    }));
    results
}

#[rstest]
#[case::nothing_was_looked_at(not_checked(700, &long("the page stops")))]
#[case::one_cause(not_met(700, |_| "one".to_owned()))]
#[case::many_causes(not_met(700, |user| user.to_string()))]
#[case::all_is_met(of_users(2_000, |_, _| {}))]
#[case::everything_is_long(worst())]
fn no_page_is_longer_than_half_a_megabyte(#[case] results: Vec<RecordedResult>) {
    let run = Run {
        retries: vec![long("again"); 500],
        ..Run::default()
    };
    let now = Record::new(run, results);
    let before = Record::new(Run::default(), of_users(3_000, |_, _| {}));
    let changes = Changes::between(&before, &now);
    let folder = TempDir::new().expect("a folder");
    let page = render(&now, folder.path(), Some(&changes)).expect("it renders");
    let length = std::fs::read(page).expect("the page").len();
    assert!(length < MOST_BYTES, "{length} bytes");
}

/// Pictures are not counted: a page with some has as many rows as without.
#[test]
fn pictures_take_no_room_from_what_is_said() {
    let record = Record::new(Run::default(), not_met(100, |user| user.to_string()));
    let picture = Picture {
        name: "U0".to_owned(),
        png: vec![0; 400_000],
    };
    let folder = TempDir::new().expect("a folder");
    let written = write(&record, &[picture], folder.path()).expect("it is written");
    let with = std::fs::read_to_string(written.page).expect("the page");
    let rows = |page: &str| page.matches("class=\"finding ").count();
    assert_eq!(rows(&with), rows(&page(&record)));
}

#[test]
fn a_reason_is_in_full_once_and_every_other_row_leads_to_it() {
    let reason = long("the page stops");
    let page = page(&Record::new(Run::default(), not_checked(150, &reason)));
    // In the verdict, which is the title too, and as what was not checked.
    assert_eq!(page.matches(&*reason).count(), 3);
    assert_eq!(page.matches(">the reason said above<").count(), 149);
}

#[test]
fn what_there_is_no_room_for_is_counted() {
    let page = page(&Record::new(Run::default(), not_checked(700, "no")));
    let counted = page.matches(" more not checked: <code><bdi>report.json</bdi></code>");
    assert_eq!(counted.count(), 1);
    let rows = page.matches("data-outcome=\"not_checked\"").count();
    let more = format!("<li>{} more not checked: ", 700 - rows);
    assert!(page.contains(&more), "{more}");
    assert!(page.contains("the 700 that were not checked for it"));
}

#[test]
fn of_many_findings_the_first_is_in_full_and_all_are_counted() {
    let page = page(&Record::new(
        Run::default(),
        not_met(700, |_| "one".to_owned()),
    ));
    assert!(page.contains("699 more, which the same change fixes"));
    let in_full = page.matches("class=\"finding ").count();
    let in_short = page.matches("<br><small>seen: ").count();
    assert!(in_full >= 1 && in_short >= in_full, "{in_full} {in_short}");
}

/// Neither a cell nor a row leads to something for which there was no room.
#[rstest]
#[case::nothing_was_looked_at(not_checked(700, &long("the page stops")))]
#[case::one_cause(not_met(700, |_| "one".to_owned()))]
#[case::all_is_met(of_users(2_000, |_, _| {}))]
fn every_link_of_a_page_leads_somewhere(#[case] results: Vec<RecordedResult>) {
    let page = page(&Record::new(Run::default(), results));
    let anchors = |before: &'static str| {
        let parts = page.split(before).skip(1);
        parts.filter_map(|rest| rest.split_once('"').map(|(anchor, _)| anchor))
    };
    let there: std::collections::BTreeSet<&str> = anchors(" id=\"").collect();
    let lost: Vec<&str> = anchors("href=\"#")
        .filter(|it| !there.contains(it))
        .collect();
    assert!(
        anchors("href=\"#").count() > 10 && lost.is_empty(),
        "{lost:?}"
    );
}

/// Of many users who all fare differently, those come first for whom something is wrong.
#[test]
fn a_matrix_without_room_keeps_those_for_whom_something_is_wrong() {
    let results = of_users(900, |result, user| {
        let request = result.subject.as_mut().and_then(|it| it.request.as_mut());
        request.expect("a request").push_str(&user.to_string());
        if user == 899 {
            result.outcome = RecordedOutcome::NotMet;
        }
    });
    let page = page(&Record::new(Run::default(), results));
    let (_, matrix) = page.split_once("id=\"matrix\"").expect("a matrix");
    let (matrix, _) = matrix.split_once("</section>").expect("its end");
    assert!(matrix.contains("<bdi>U899</bdi>") && matrix.contains(" more users: "));
}
