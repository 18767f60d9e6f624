//! What becomes of a judgement: outcome, weight, and whom it may blame.

use rstest::rstest;

use super::*;
use crate::config::Facts;
use crate::model::OrgModel;
use crate::observation::Observations;
use crate::requirements::{Code, Fix, Remembered};

const MODEL: &str = include_str!("../../fixtures/org.toml");
const OBJECT: &str = "something";

fn missing() -> Symptom {
    Symptom::Missing {
        object: OBJECT.to_owned(),
    }
}

fn not_met() -> Judgement {
    Judgement::not_met(
        Code::GroupMissing,
        "this",
        "that",
        Fix::new("click", "call"),
    )
}

/// A trial that says it explains the missing object.
fn cause(judgement: fn() -> Result<Judgement, NotSeen>) -> Trial {
    Trial::new(Step::Users, "the_cause", "", [], move |_| judgement())
        .explains(|_, symptom| symptom.is_missing(OBJECT))
}

fn trial(judgement: fn() -> Result<Judgement, NotSeen>) -> Trial {
    Trial::new(Step::Scope, "the_trial", "", [], move |_| judgement())
}

/// What a run of these trials comes to, and how much each weighs.
fn judged(trials: &[Trial]) -> Vec<(Outcome, Severity, Observed)> {
    let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
    let facts = Facts::of_model(&model);
    let (seen, remembered) = (Observations::default(), Remembered::default());
    let context = Context {
        model: &model,
        facts: &facts,
        seen: &seen,
        remembered: &remembered,
    };
    let judged = judge(trials, &context).into_iter();
    judged
        .map(|judged| (judged.outcome, judged.severity, judged.observed))
        .collect()
}

fn blocked_by(outcome: &Outcome) -> Option<Step> {
    match outcome {
        Outcome::NotChecked { blocked_by, .. } => *blocked_by,
        Outcome::Met(_) | Outcome::NotMet(_) => None,
    }
}

#[rstest]
#[case::unmet(|| Ok(not_met()), true)]
#[case::met(|| Ok(Judgement::met()), false)]
#[case::not_seen(|| Err(NotSeen::failed("down")), false)]
#[case::merely_advised(|| Ok(not_met().weighing(Severity::Advised)), false)]
fn only_what_is_required_and_unmet_is_to_blame(
    #[case] of_cause: fn() -> Result<Judgement, NotSeen>,
    #[case] is_blamed: bool,
) {
    let follows = || Err(NotSeen::inconclusive("gone").with(missing()));
    let judged = judged(&[cause(of_cause), trial(follows)]);
    let blamed = blocked_by(&judged[1].0);
    assert_eq!(blamed, is_blamed.then_some(Step::Users));
}

#[test]
fn an_advised_trial_that_breaks_something_is_to_blame() {
    let heavy = cause(|| Ok(not_met().weighing(Severity::Required))).advised();
    let follows = || Err(NotSeen::inconclusive("gone").with(missing()));
    let judged = judged(&[heavy, trial(follows)]);
    assert_eq!(judged[0].1, Severity::Required);
    assert_eq!(blocked_by(&judged[1].0), Some(Step::Users));
}

#[test]
fn what_a_broken_step_explains_is_not_checked_and_says_why() {
    let follows = || Ok(not_met().with(missing()));
    let judged = judged(&[cause(|| Ok(not_met())), trial(follows)]);
    let Outcome::NotChecked { cause, reason, .. } = &judged[1].0 else {
        panic!("{judged:?}");
    };
    assert_eq!(*cause, Cause::Blocked);
    assert_eq!(reason, "blocked by step 2, \"the cause\": that");
}

#[rstest]
#[case::without_symptom(|| Ok(not_met()))]
#[case::of_a_symptom_that_nothing_explains(|| Ok(not_met().with(Symptom::Missing {
    object: "another".to_owned(),
})))]
fn what_nothing_explains_stays_not_met(#[case] follows: fn() -> Result<Judgement, NotSeen>) {
    let judged = judged(&[cause(|| Ok(not_met())), trial(follows)]);
    assert!(matches!(judged[1].0, Outcome::NotMet(_)), "{judged:?}");
}

#[test]
fn what_was_not_seen_keeps_its_cause_and_reason() {
    let judged = judged(&[trial(|| Err(NotSeen::not_applicable("none here")))]);
    let Outcome::NotChecked {
        cause,
        reason,
        blocked_by,
    } = &judged[0].0
    else {
        panic!("{judged:?}");
    };
    assert_eq!(
        (*cause, reason.as_str()),
        (Cause::NotApplicable, "none here")
    );
    assert_eq!(*blocked_by, None);
    assert!(judged[0].2.is_empty());
}

#[test]
fn what_was_seen_is_kept_whatever_the_outcome() {
    let judged = judged(&[
        trial(|| Ok(Judgement::met_with("well").seeing("value", 1))),
        trial(|| Ok(not_met().seeing("value", 2))),
    ]);
    let note = Some(Note::Seen("well".to_owned()));
    assert!(matches!(&judged[0].0, Outcome::Met(found) if *found == note));
    assert_eq!(judged[0].1, Severity::Required);
    for (_, _, observed) in &judged {
        assert!(observed.texts().contains_key("value"));
    }
}
