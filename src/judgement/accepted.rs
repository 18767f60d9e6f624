//! What the org model accepts: found, it is shown and no failure; not found, or out of date, it
//! fails by a trial of its own.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Judged, Outcome};
use crate::code::Code;
use crate::model::{Accepted, OrgModel};
use crate::observation::Cause;
use crate::requirements::{Finding, Fix, Note, Severity};

/// The observed value that says by whom a finding is accepted.
pub(crate) const ACCEPTED: &str = "accepted";
/// So many findings of the same code are named.
const MOST_NAMED: usize = 5;

/// Takes what the model accepts out of what fails, all of a finding or nothing of it, and judges
/// whether each entry is still needed and in date.
pub fn accept(judged: &mut [Judged<'_>], model: &OrgModel, today: Date) {
    let mut there = BTreeSet::new();
    for judged in judged.iter_mut() {
        take(judged, &model.accepted, today, &mut there);
    }
    let outcomes: Vec<Option<Outcome>> = judged
        .iter()
        .map(|own| {
            let entry = own.trial.accepts.as_deref()?;
            let is_there = there.contains(&entry.words());
            Some(outcome(entry, is_there, judged, today))
        })
        .collect();
    for (judged, outcome) in judged.iter_mut().zip(outcomes) {
        if let Some(outcome) = outcome {
            judged.outcome = outcome;
        }
    }
}

/// Notes which entries a finding is of, and makes it weigh nothing where all of it is accepted.
fn take(judged: &mut Judged<'_>, entries: &[Accepted], today: Date, there: &mut BTreeSet<String>) {
    let Outcome::NotMet(finding) = &mut judged.outcome else {
        return;
    };
    let parts = finding.found.parts(judged.trial.subject.as_deref());
    let entry_of = |(code, about): &(Code, String)| {
        let mut entries = entries.iter();
        entries.find(|entry| entry.code() == Some(*code) && entry.about() == *about)
    };
    let found: Vec<Option<&Accepted>> = parts.iter().map(entry_of).collect();
    there.extend(found.iter().flatten().map(|entry| entry.words()));
    let in_date = found.into_iter().map(|entry| {
        let entry = entry.filter(|entry| is_in_date(entry, today));
        entry.map(words)
    });
    let accepted: Option<BTreeSet<String>> = in_date.collect();
    if let Some(accepted) = accepted.filter(|accepted| !accepted.is_empty()) {
        let words = accepted.into_iter().collect::<Vec<_>>().join("; ");
        finding.actual = format!("{words}: {}", finding.actual);
        judged.observed.keep(ACCEPTED, words);
        judged.severity = judged.severity.max(Severity::Advised);
    }
}

fn is_in_date(entry: &Accepted, today: Date) -> bool {
    entry.last_day().is_some_and(|last| today <= last)
}

fn words(entry: &Accepted) -> String {
    format!(
        "accepted until {} by {} ({})",
        entry.until.get_ref(),
        entry.owner.get_ref(),
        entry.reason.get_ref()
    )
}

/// What becomes of the trial of an entry.
fn outcome(entry: &Accepted, is_there: bool, judged: &[Judged<'_>], today: Date) -> Outcome {
    if !is_in_date(entry, today) {
        let (code, until) = (Code::AcceptedExpired, entry.until.get_ref());
        let actual = format!("`{}` was accepted until {until}", entry.words());
        return not_met(code, entry, actual);
    }
    if is_there {
        return Outcome::Met(Some(Note::Seen(words(entry))));
    }
    let Some(code) = entry.code() else {
        return not_met(
            Code::AcceptedGone,
            entry,
            "there is no such code".to_owned(),
        );
    };
    let own = || {
        judged
            .iter()
            .filter(|own| own.trial.id.starts_with(code.module()))
    };
    own().find_map(not_looked_at).unwrap_or_else(|| {
        let others = others(code, own());
        let actual = format!("nothing finds `{}`{others}", entry.words());
        not_met(Code::AcceptedGone, entry, actual)
    })
}

/// What could not be looked at may be there still.
fn not_looked_at(judged: &Judged<'_>) -> Option<Outcome> {
    let Outcome::NotChecked { cause, reason, .. } = &judged.outcome else {
        return None;
    };
    let cause = match cause {
        Cause::NotApplicable => return None,
        Cause::NotConfigured => Cause::NotConfigured,
        // The trial that was not checked has the same weight already.
        Cause::Failed | Cause::Inconclusive | Cause::Blocked => Cause::NotApplicable,
    };
    Some(Outcome::NotChecked {
        cause,
        reason: format!(
            "whether it is still there is not known: {} was not checked ({reason})",
            judged.trial.name()
        ),
        blocked_by: None,
    })
}

/// What is found by the same code, for anyone who mistyped what it is about.
fn others<'j>(code: Code, judged: impl Iterator<Item = &'j Judged<'j>>) -> String {
    let mut found = BTreeSet::new();
    for judged in judged {
        if let Outcome::NotMet(finding) = &judged.outcome {
            let parts = finding.found.parts(judged.trial.subject.as_deref());
            found.extend(parts.into_iter().filter(|(other, _)| *other == code));
        }
    }
    let about = found.iter().take(MOST_NAMED);
    let about: Vec<String> = about.map(|(_, about)| format!("`{about}`")).collect();
    if about.is_empty() {
        return String::new();
    }
    format!("; what is found by that code is about {}", about.join(", "))
}

fn not_met(code: Code, entry: &Accepted, actual: String) -> Outcome {
    let owner = entry.owner.get_ref();
    Outcome::NotMet(Finding {
        found: code.into(),
        expected: "an accepted finding that is there, and in date".to_owned(),
        actual,
        fix: Fix::new(
            format!(
                "in the org model: take this [[accepted]] out, or have {owner} say for how long \
                 it is accepted yet, and about what"
            ),
            "none",
        ),
    })
}

#[cfg(test)]
mod tests;
