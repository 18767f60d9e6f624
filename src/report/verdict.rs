//! What a run comes to: its exit status, and the sentence that says why.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::causes::causes;
use super::counts::Counts;
use super::record::{RecordedOutcome, RecordedResult, Run};
use super::unseen::{by_reason, without_keys};
use crate::exchange;
use crate::observation::Cause;
use crate::requirements::{Severity, Step};

/// What one result does to the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// It is as it must be, or costs nothing that it is not.
    Nothing,
    /// It is not as it must be, or follows from something that is not.
    Fails,
    /// It was to be looked at, and could not be.
    Blind,
}

/// The exit status of a run, and the sentence that says why.
pub(super) struct Verdict {
    /// 0, 1 or 2.
    pub(super) status: u8,
    /// Why.
    pub(super) words: String,
}

/// What a result does to a run.
pub(super) fn weight(result: &RecordedResult, strict: bool) -> Weight {
    if result.severity != Severity::Required {
        return Weight::Nothing;
    }
    match (result.outcome, result.cause) {
        (RecordedOutcome::Met, _) | (_, Some(Cause::NotApplicable)) => Weight::Nothing,
        (RecordedOutcome::NotMet, _) | (_, Some(Cause::Blocked)) => Weight::Fails,
        (_, Some(Cause::NotConfigured)) if strict => Weight::Fails,
        (_, Some(Cause::NotConfigured)) => Weight::Nothing,
        (_, Some(Cause::Failed | Cause::Inconclusive) | None) => Weight::Blind,
    }
}

/// The verdict over the results of a run, full or filtered.
///
/// Not met is 1, whatever else could not be looked at; could not look is 2; what was never
/// configured costs nothing, but a run that looked at nothing at all is none.
pub(super) fn of(run: &Run, results: &[RecordedResult]) -> Verdict {
    let weighing =
        |weight: Weight| move |result: &&RecordedResult| self::weight(result, run.strict) == weight;
    let failing: Vec<&RecordedResult> = results.iter().filter(weighing(Weight::Fails)).collect();
    let blind: Vec<&RecordedResult> = results.iter().filter(weighing(Weight::Blind)).collect();
    let (status, words) = if !failing.is_empty() {
        (1, fails(&failing, results) + &unseen_too(blind))
    } else if !blind.is_empty() {
        (2, could_not_look(&blind))
    } else if let Some(reason) = saw_nothing(results) {
        (2, reason)
    } else {
        (0, good(results))
    };
    let words = words + &accepted(results) + &left_out(results);
    Verdict { status, words }
}

fn fails(failing: &[&RecordedResult], results: &[RecordedResult]) -> String {
    let unmet: Vec<&&RecordedResult> = failing
        .iter()
        .filter(|result| result.is_not_met())
        .collect();
    if let Some(first) = unmet.first() {
        let number = unmet.len();
        let causes = causes(results);
        let causes = causes.iter().filter(|cause| cause[0].is_required()).count();
        let by = match causes {
            1 if number > 1 => ", which one change fixes".to_owned(),
            causes if causes < number => format!(" by {causes} causes"),
            _ => String::new(),
        };
        return format!(
            "NOT MET: {number} required{by}, first {}: {}",
            first.step, first.title
        );
    }
    let blocked = failing
        .iter()
        .find(|result| result.cause == Some(Cause::Blocked));
    if let Some(blocked) = blocked {
        let reason = blocked.reason.as_deref().unwrap_or_default();
        return format!("NOT MET: {reason}");
    }
    format!(
        "strict: {} required not configured to be looked at, which counts as failure{}",
        failing.len(),
        reasons(failing)
    )
}

fn could_not_look(blind: &[&RecordedResult]) -> String {
    format!(
        "could not look: {} required not checked{}",
        blind.len(),
        reasons(blind)
    )
}

/// What could not be looked at beside what fails. What proves nothing may follow from that.
fn unseen_too(mut blind: Vec<&RecordedResult>) -> String {
    blind.retain(|result| result.cause == Some(Cause::Failed));
    if blind.is_empty() {
        return String::new();
    }
    let number = blind.len();
    format!(
        "; {number} required could not be looked at{}",
        reasons(&blind)
    )
}

/// The first reason in the document's order, and how many others there are.
fn reasons(results: &[&RecordedResult]) -> String {
    let Some(first) = results.first().and_then(|result| result.reason.as_deref()) else {
        return String::new();
    };
    let (first, _) = without_keys(first);
    match by_reason(results.iter().copied()).len() {
        0 | 1 => format!(" ({first})"),
        2 => format!(" ({first}; and for one other reason)"),
        all => format!(" ({first}; and for {} other reasons)", all - 1),
    }
}

fn first_reason(results: &[&RecordedResult]) -> String {
    let reason = results.first().and_then(|result| result.reason.as_deref());
    reason.map_or_else(String::new, |reason| {
        format!(" ({})", without_keys(reason).0)
    })
}

/// Why nobody may read green from a run in which nothing was wrong.
fn saw_nothing(results: &[RecordedResult]) -> Option<String> {
    let required = || results.iter().filter(|result| result.is_required());
    if !required().any(RecordedResult::is_met) {
        let unseen: Vec<&RecordedResult> = required().collect();
        let reason = first_reason(&unseen);
        return Some(format!(
            "could not look: nothing required was looked at{reason}"
        ));
    }
    let mut live =
        required().filter(|result| matches!(result.step, Step::Authorize | Step::Access));
    let was_asked = |result: &RecordedResult| result.cause != Some(Cause::NotConfigured);
    let any = live.clone().next().is_some();
    (any && !live.any(was_asked)).then(|| {
        "could not look: no test user is configured, so nothing that the document is about was \
         looked at; set TEST_USER_…_USERNAME and TEST_USER_…_PASSWORD"
            .to_owned()
    })
}

fn good(results: &[RecordedResult]) -> String {
    let required = results.iter().filter(|result| result.is_required());
    let met = required.filter(|result| result.is_met()).count();
    format!("good: all {met} required that were looked at are met")
}

/// What is not met and fails nothing, since the model accepts it: counted, so that it is not taken
/// for met.
fn accepted(results: &[RecordedResult]) -> String {
    match Counts::of(results).accepted {
        0 => String::new(),
        number => format!("; {number} not met and accepted by the org model"),
    }
}

/// What was not looked at and costs nothing: counted, so that it is not taken for met.
pub(super) fn left_out(results: &[RecordedResult]) -> String {
    let mut counts: BTreeMap<Cause, usize> = BTreeMap::new();
    for cause in results.iter().filter_map(|result| result.cause) {
        *counts.entry(cause).or_default() += 1;
    }
    let mut text = String::new();
    for (cause, words) in [
        (Cause::NotConfigured, "not configured"),
        (Cause::NotApplicable, "not applicable to this target"),
    ] {
        if let Some(number) = counts.get(&cause) {
            let _ = write!(text, "; {number} {words}");
        }
    }
    text + &without_key(results)
}

/// What the API makes of tokens that only the issuer's key can sign: named, where nobody looked.
fn without_key(results: &[RecordedResult]) -> String {
    let unconfigured = results
        .iter()
        .filter(|result| result.cause == Some(Cause::NotConfigured) && result.subject.is_some());
    let ids: BTreeSet<&str> = unconfigured
        .filter_map(|result| result.subject.as_ref()?.case.as_deref())
        .collect();
    let cases = exchange::hostile().filter(|case| ids.contains(case.id.as_str()));
    let mut probes: Vec<&str> = cases.filter_map(|case| case.probe.as_deref()).collect();
    let mut told = BTreeSet::new();
    probes.retain(|probe| told.insert(*probe));
    if probes.is_empty() {
        return String::new();
    }
    format!(
        ", among them the API's check of another {} (OKTA_E2E_TRUSTED_KEY, or `[probes]` in the \
         org model with `provision --with-probes`)",
        probes.join(", ")
    )
}
