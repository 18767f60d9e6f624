//! What changed from one night to the next.

use rstest::rstest;

use super::*;

/// Two runs: the names of what changed, in the order of the lines.
pub(super) fn changed(before: &[RecordedResult], now: &[RecordedResult]) -> Changes {
    let of = |results: &[RecordedResult]| Record::new(Run::default(), results.to_vec());
    Changes::between(&of(before), &of(now))
}

#[test]
fn two_equal_nights_differ_in_nothing() {
    let mut met = of_matrix("SILVER", None, RecordedOutcome::Met);
    met.observed.keep("scp", "silver");
    met.observed.keep_changing("iat", 1);
    let mut later = met.clone();
    later.observed.keep_changing("iat", 2);
    let changes = changed(&[met], &[later]);
    assert!(changes.is_empty(), "{changes:?}");
    assert!(!changes.is_worse);
    assert!(changes.lines()[0].starts_with("nothing changed"));
}

/// A night on which nobody looked is neither the same as another nor different.
#[rstest]
#[case::this_night(false, "this run")]
#[case::the_night_before(true, "that run")]
fn a_run_that_looked_at_nothing_is_not_compared(#[case] is_before: bool, #[case] which: &str) {
    let failing = vec![of_matrix("A", None, RecordedOutcome::NotMet)];
    let looked = Record::new(Run::default(), failing);
    let blind = Record::not_made("no browser", "not known", Run::default());
    let (before, now) = if is_before {
        (blind, looked)
    } else {
        (looked, blind)
    };
    let changes = Changes::between(&before, &now);
    let lines = changes.lines();
    let wanted = format!(
        "not compared with the run of {}: {which} ",
        before.run.started
    );
    assert!(lines[0].starts_with(&wanted), "{lines:?}");
    assert_eq!(lines.len(), 1, "{lines:?}");
    // What fails is new for all that anyone knows.
    assert_eq!(changes.is_worse, is_before);
}

#[test]
fn each_kind_of_change_is_named_once() {
    use RecordedOutcome::{Met, NotChecked, NotMet};
    let of = |user: &str, outcome| of_matrix(user, None, outcome);
    let before = [
        of("A", Met),
        of("B", NotMet),
        of("C", Met),
        of("D", NotMet),
        of("E", Met),
    ];
    let now = [
        of("A", NotMet),
        of("B", Met),
        of("C", NotChecked),
        of("D", NotMet),
        of("F", Met),
    ];
    let changes = changed(&before, &now);
    let lists = [
        (&changes.newly_not_met, "A"),
        (&changes.fixed, "B"),
        (&changes.newly_not_checked, "C"),
        (&changes.newly_met, "F"),
    ];
    for (list, user) in lists {
        let [change] = &list[..] else {
            panic!("{user}: {list:?}")
        };
        assert!(change.title.ends_with(user), "{change:?}");
    }
    assert_eq!(changes.gone.len(), 1);
    assert!(changes.is_worse);
    let same = changed(&[of("D", NotMet)], &[of("D", NotMet)]);
    assert!(!same.is_worse && same.is_empty());
}

/// What one change brought is one line and one note of a job, and says how much it weighs.
#[test]
fn what_is_newly_not_met_is_said_by_its_cause() {
    let of = |user: &str, outcome| of_matrix(user, None, outcome);
    let advised = |outcome| RecordedResult {
        severity: Severity::Advised,
        fix: Some(Fix::new("another", "another")),
        ..of("C", outcome)
    };
    let night = |outcome| [of("A", outcome), of("B", outcome), advised(outcome)];
    let changes = changed(
        &night(RecordedOutcome::Met),
        &night(RecordedOutcome::NotMet),
    );
    let [one, other] = &changes.newly_not_met[..] else {
        panic!("{changes:?}")
    };
    assert_eq!((one.is_required(), one.more.len()), (true, 1));
    assert_eq!((other.is_required(), other.more.len()), (false, 0));
    let lines = changes.lines();
    let has = |end: &str| lines.iter().any(|line| line.contains(end));
    assert!(
        has("A: ") && has("(and 1 more, which the same change fixes)"),
        "{lines:?}"
    );
    assert!(has("C (advised): "), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains(" B")), "{lines:?}");
}

#[test]
fn a_value_that_is_another_is_drift_and_one_that_was_not_seen_is_not() {
    let seen = |value: &str, outcome| {
        let mut result = of_matrix("SILVER", None, outcome);
        result.observed.keep("lives", value);
        result
    };
    let before = seen("3600", RecordedOutcome::Met);
    let drifted = changed(
        std::slice::from_ref(&before),
        &[seen("7200", RecordedOutcome::Met)],
    );
    let words = drifted.drift[0].words();
    assert!(words.starts_with("lives is 7200, was 3600"), "{words}");
    let mut unseen = of_matrix("SILVER", None, RecordedOutcome::NotChecked);
    unseen.cause = Some(Cause::Failed);
    assert!(changed(&[before], &[unseen]).drift.is_empty());
}

#[test]
fn what_many_trials_see_alike_is_one_change() {
    let seen = |user: &str, key: &str| {
        let mut result = of_matrix(user, None, RecordedOutcome::Met);
        result.observed.keep("kid", key);
        result
    };
    let night = |key: &str| [seen("A", key), seen("B", key), seen("C", "own")];
    let changes = changed(&night("k1"), &night("k2"));
    let words: Vec<String> = changes.drift.iter().map(Drift::words).collect();
    assert_eq!(words.len(), 1, "{words:?}");
    assert!(words[0].starts_with("kid is k2, was k1"), "{words:?}");
    assert!(words[0].ends_with(" and 1 more)"), "{words:?}");
}

#[test]
fn what_a_finding_is_of_is_drift_only_beside_an_earlier_one() {
    let of = |outcome, about: &str| {
        let mut result = of_matrix("SILVER", None, outcome);
        if outcome == RecordedOutcome::NotMet {
            result.observed.keep("finding_about", about);
            result.observed.keep("rests on rules", about);
        }
        result
    };
    let (met, one) = (
        of(RecordedOutcome::Met, ""),
        of(RecordedOutcome::NotMet, "a"),
    );
    let newly = changed(std::slice::from_ref(&met), std::slice::from_ref(&one));
    assert_eq!((newly.newly_not_met.len(), newly.drift.len()), (1, 0));
    let fixed = changed(std::slice::from_ref(&one), &[met]);
    assert_eq!((fixed.fixed.len(), fixed.drift.len()), (1, 0));
    let other = changed(&[one], &[of(RecordedOutcome::NotMet, "b")]);
    assert!(!other.drift.is_empty(), "{other:?}");
}

/// What a part of a run left out is there all the same.
#[rstest]
#[case::whole(None, None, 1)]
#[case::filtered(Some("step_3"), None, 0)]
#[case::partition(None, Some("1/2"), 0)]
#[case::part_of_a_partition(Some("step_3"), Some("1/2"), 0)]
fn what_a_part_of_a_run_left_out_is_not_gone(
    #[case] filter: Option<&str>,
    #[case] partition: Option<&str>,
    #[case] gone: usize,
) {
    let of = |user: &str| of_matrix(user, None, RecordedOutcome::Met);
    let run = Run {
        filter: filter.map(str::to_owned),
        partition: partition.map(str::to_owned),
        ..Run::default()
    };
    let before = Record::new(Run::default(), vec![of("A"), of("B")]);
    let now = Record::new(run, vec![of("A")]);
    assert_eq!(Changes::between(&before, &now).gone.len(), gone);
}
