//! Judges what was seen, trial by trial, and blames the first broken step.
//!
//! Looking and judging are apart: an audit finding never prevents an observation, and whatever is
//! missing cites the earliest unmet requirement that explains it, afterwards.

mod accepted;

pub(crate) use accepted::ACCEPTED;
pub use accepted::accept;

use crate::blame::Blame;
use crate::observation::{Cause, NotSeen, Symptom};
use crate::requirements::{
    Context, Finding, Judgement, Note, Observed, Severity, Step, Trial, Verdict,
};

/// What became of a trial: the three outcomes, which never mix.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It holds; what is worth saying although all is well.
    Met(Option<Note>),
    /// It does not hold.
    NotMet(Finding),
    /// It could not be looked at, proves nothing by itself, or follows from a broken step.
    NotChecked {
        /// What kept it from being checked.
        cause: Cause,
        /// Why, in a sentence.
        reason: String,
        /// The broken step that explains it.
        blocked_by: Option<Step>,
    },
}

/// A trial with its outcome.
#[derive(Debug)]
pub struct Judged<'a> {
    /// The trial.
    pub trial: &'a Trial,
    /// What became of it.
    pub outcome: Outcome,
    /// The values that it was judged by.
    pub observed: Observed,
    /// How much it weighs.
    pub severity: Severity,
}

/// Judges every trial, in the document's order.
///
/// All trials of a model take part, so that whatever was seen of an earlier step can be blamed;
/// those that nobody selected were not looked at and come out as not checked.
#[must_use]
pub fn judge<'a>(trials: &'a [Trial], context: &Context<'_>) -> Vec<Judged<'a>> {
    let judgements: Vec<Result<Judgement, NotSeen>> =
        trials.iter().map(|trial| trial.judge(context)).collect();
    // What is merely advised breaks nothing, so it can be to blame for nothing.
    let unmet = judgements
        .iter()
        .zip(trials)
        .enumerate()
        .filter(|(_, (judgement, trial))| {
            severity(trial, judgement) == Severity::Required
                && matches!(judgement, Ok(judgement) if !judgement.is_met())
        })
        .map(|(index, _)| index);
    let blame = Blame::new(trials, context, unmet);
    trials
        .iter()
        .zip(&judgements)
        .enumerate()
        .map(|(index, (trial, judgement))| {
            let cause = symptom(judgement).and_then(|symptom| blame.cause(index, symptom));
            Judged {
                trial,
                outcome: outcome(judgement, cause),
                observed: observed(judgement),
                severity: severity(trial, judgement),
            }
        })
        .collect()
}

/// How much the outcome weighs: as the trial does, unless what was seen says otherwise.
fn severity(trial: &Trial, judgement: &Result<Judgement, NotSeen>) -> Severity {
    let seen = judgement
        .as_ref()
        .ok()
        .and_then(|judgement| judgement.severity);
    seen.unwrap_or(trial.severity)
}

fn symptom(judgement: &Result<Judgement, NotSeen>) -> Option<&Symptom> {
    match judgement {
        Ok(judgement) => judgement.symptom.as_deref(),
        Err(not_seen) => not_seen.symptom.as_deref(),
    }
}

fn observed(judgement: &Result<Judgement, NotSeen>) -> Observed {
    let judgement = judgement.as_ref();
    judgement.map_or_else(
        |_| Observed::default(),
        |judgement| judgement.observed.clone(),
    )
}

fn outcome(judgement: &Result<Judgement, NotSeen>, cause: Option<&Trial>) -> Outcome {
    match (judgement, cause) {
        (
            Ok(Judgement {
                verdict: Verdict::Met,
                note,
                ..
            }),
            _,
        ) => Outcome::Met(note.clone()),
        (
            Ok(Judgement {
                verdict: Verdict::NotMet(finding),
                ..
            }),
            None,
        ) => Outcome::NotMet(finding.clone()),
        (
            Ok(Judgement {
                verdict: Verdict::NotMet(finding),
                ..
            }),
            Some(cause),
        ) => blocked(&finding.actual, cause),
        (Err(not_seen), Some(cause)) => blocked(&not_seen.reason, cause),
        (Err(not_seen), None) => Outcome::NotChecked {
            cause: not_seen.cause,
            reason: not_seen.reason.clone(),
            blocked_by: None,
        },
    }
}

fn blocked(what: &str, cause: &Trial) -> Outcome {
    Outcome::NotChecked {
        cause: Cause::Blocked,
        reason: format!("blocked by {}, \"{}\": {what}", cause.step, cause.title()),
        blocked_by: Some(cause.step),
    }
}

#[cfg(test)]
mod tests;
