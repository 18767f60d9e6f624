//! All of a finding is accepted or nothing of it, and an entry is needed and in date or fails.

use jiff::civil::date;
use rstest::rstest;

use super::*;
use crate::judgement::Outcome;
use crate::observation::NotSeen;
use crate::requirements::{Found, Observed, Step, Subject, Trial};

const MODEL: &str = include_str!("../../../fixtures/org.toml");
const EXTRA: Code = Code::RedirectUriExtra;
const LAST: Date = date(2027, 1, 31);

/// The default model, which accepts these redirect URIs beside the one in use.
fn model(uris: &[&str]) -> OrgModel {
    let entry = |uri: &&str| {
        format!(
            "[[accepted]]\nfinding = \"redirect-uri-extra\"\nsubject = \"{uri}\"\n\
             reason = \"the old portal\"\nowner = \"identity\"\nuntil = 2027-01-31\n"
        )
    };
    let entries: String = uris.iter().map(entry).collect();
    let text = format!("{MODEL}\n{entries}");
    OrgModel::parse("org.toml".as_ref(), &text).expect("the model is right")
}

fn trial(name: &str) -> Trial {
    Trial::new(Step::RedirectUri, name, "", [], |_| {
        Err(NotSeen::inconclusive("the test says what it came to"))
    })
}

fn found(about: &[&str]) -> Outcome {
    Outcome::NotMet(Finding {
        found: Found::of(EXTRA, about.iter().copied()),
        expected: "none".to_owned(),
        actual: "some".to_owned(),
        fix: Fix::new("click", "call"),
    })
}

fn judged(trial: &Trial, outcome: Outcome) -> Judged<'_> {
    Judged {
        trial,
        outcome,
        observed: Observed::default(),
        severity: Severity::Required,
    }
}

/// What becomes of a finding about these, and of the trial of each entry, on a day.
fn accepted(model: &OrgModel, outcome: Outcome, today: Date) -> (Severity, Vec<Outcome>) {
    let looks = trial("no_other_redirect_uri_is_registered");
    let entries: Vec<Trial> = model.accepted.iter().map(entry_trial).collect();
    let mut all = vec![judged(&looks, outcome)];
    let of_entries = entries
        .iter()
        .map(|entry| judged(entry, Outcome::Met(None)));
    all.extend(of_entries);
    accept(&mut all, model, today);
    let outcomes = all[1..].iter().map(|judged| judged.outcome.clone());
    (all[0].severity, outcomes.collect())
}

fn entry_trial(entry: &Accepted) -> Trial {
    let mut of_entry = trial("accepted").about(Subject::case(&entry.words()));
    of_entry.accepts = Some(Box::new(entry.clone()));
    of_entry
}

fn code(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::NotMet(finding) => Some(finding.found.codes()),
        Outcome::Met(_) | Outcome::NotChecked { .. } => None,
    }
}

#[rstest]
#[case::all(&["a"], &["a"], LAST, Severity::Advised)]
#[case::both(&["a", "b"], &["a", "b"], LAST, Severity::Advised)]
#[case::one_of_two(&["a"], &["a", "b"], LAST, Severity::Required)]
#[case::another(&["a"], &["b"], LAST, Severity::Required)]
#[case::out_of_date(&["a"], &["a"], date(2027, 2, 1), Severity::Required)]
fn a_finding_is_accepted_whole(
    #[case] named: &[&str],
    #[case] about: &[&str],
    #[case] today: Date,
    #[case] severity: Severity,
) {
    assert_eq!(accepted(&model(named), found(about), today).0, severity);
}

/// Another finding about the same is another finding.
#[test]
fn a_finding_is_accepted_by_its_own_code() {
    let Outcome::NotMet(finding) = found(&["a"]) else {
        unreachable!("it is not met")
    };
    let other = Outcome::NotMet(Finding {
        found: Found::of(Code::RedirectUriWildcard, ["a"]),
        ..finding
    });
    let (severity, entries) = accepted(&model(&["a"]), other, LAST);
    assert_eq!(severity, Severity::Required);
    assert_eq!(code(&entries[0]).as_deref(), Some("accepted-gone"));
}

/// What this target cannot have is not there.
#[test]
fn what_nobody_can_have_is_gone() {
    let unseen = Outcome::NotChecked {
        cause: Cause::NotApplicable,
        reason: "none here".to_owned(),
        blocked_by: None,
    };
    let (_, entries) = accepted(&model(&["a"]), unseen, LAST);
    assert_eq!(code(&entries[0]).as_deref(), Some("accepted-gone"));
}

#[rstest]
#[case::there(found(&["a"]), LAST, None)]
#[case::there_beside_another(found(&["a", "b"]), LAST, None)]
#[case::out_of_date(found(&["a"]), date(2027, 2, 1), Some("accepted-expired"))]
#[case::gone(Outcome::Met(None), LAST, Some("accepted-gone"))]
#[case::of_another(found(&["b"]), LAST, Some("accepted-gone"))]
fn an_entry_is_there_and_in_date_or_fails(
    #[case] outcome: Outcome,
    #[case] today: Date,
    #[case] wanted: Option<&str>,
) {
    let (_, entries) = accepted(&model(&["a"]), outcome, today);
    assert_eq!(code(&entries[0]).as_deref(), wanted);
}

#[test]
fn a_mistyped_subject_is_shown_what_was_found() {
    let (_, entries) = accepted(&model(&["a"]), found(&["https://b.example"]), LAST);
    let Outcome::NotMet(finding) = &entries[0] else {
        panic!("{entries:?}");
    };
    assert!(
        finding.actual.contains("`https://b.example`"),
        "{}",
        finding.actual
    );
}

/// What could not be looked at is neither there nor gone.
#[rstest]
#[case::not_configured(Cause::NotConfigured, Cause::NotConfigured)]
#[case::failed(Cause::Failed, Cause::NotApplicable)]
fn what_was_not_looked_at_may_be_there(#[case] cause: Cause, #[case] wanted: Cause) {
    let unseen = Outcome::NotChecked {
        cause,
        reason: "no audit".to_owned(),
        blocked_by: None,
    };
    let (severity, entries) = accepted(&model(&["a"]), unseen, LAST);
    assert_eq!(
        severity,
        Severity::Required,
        "could not look is never accepted"
    );
    match &entries[0] {
        Outcome::NotChecked { cause, .. } => assert_eq!(*cause, wanted),
        other => panic!("{other:?}"),
    }
}
