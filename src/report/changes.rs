//! What changed between two runs: outcomes, and the values of the org and its tokens.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use super::causes::{Findings, causes};
use super::record::{ABOUT, FINDING, Record, RecordedOutcome, RecordedResult, Run};
use super::renamed;
use super::unseen::readable;
use super::verdict::Weight;
use crate::requirements::{Severity, rests_on};

/// What a run shows that an earlier one did not, and the other way round.
#[derive(Debug, Serialize)]
pub struct Changes {
    /// When the earlier run began.
    pub since: String,
    /// Why there is nothing to compare, where one of the runs looked at nothing.
    pub not_compared: Option<&'static str>,
    /// What is not the same about the two runs, so that their results may differ for it.
    pub unlike: Vec<String>,
    /// What is not met now and was not before, whatever it was: one for each cause.
    pub newly_not_met: Vec<Change>,
    /// What was not met and is met now.
    pub fixed: Vec<Change>,
    /// What was looked at before and is not checked now.
    pub newly_not_checked: Vec<Change>,
    /// What was not checked before, or was not there, and is met now.
    pub newly_met: Vec<Change>,
    /// What is no trial any more.
    pub gone: Vec<String>,
    /// Values that were other ones, whether or not anything says what they must be.
    pub drift: Vec<Drift>,
    /// Whether something required fails the later run that did not fail the earlier one.
    pub is_worse: bool,
}

/// A trial whose outcome is another.
#[derive(Debug, Serialize)]
pub struct Change {
    /// The name of the trial.
    pub name: String,
    /// The sentence that it claims.
    pub title: String,
    /// What was seen, or why it was not.
    pub words: String,
    /// Whether it is required, or only advised, say.
    pub weight: String,
    /// What else changed so by the same cause.
    pub more: Vec<String>,
}

/// A value that is another, or was seen in one run alone.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The name of the trial that it was judged by.
    pub name: String,
    /// The name of the value.
    pub value: String,
    /// What it was; none: it was not there.
    pub before: Option<String>,
    /// What it is; none: it is not there.
    pub now: Option<String>,
    /// How many other trials were judged by the same value and see the same change.
    pub more: usize,
}

impl Changes {
    /// Compares a run with an earlier one, which may have names that were changed since.
    #[must_use]
    pub fn between(before: &Record, now: &Record) -> Self {
        let earlier = before.results.iter();
        let earlier = earlier.map(|result| (renamed::today(&result.name), result));
        let mut earlier: BTreeMap<_, &RecordedResult> = earlier.collect();
        let mut changes = Self::none(&before.run, &now.run);
        changes.not_compared = [(now, "this run"), (before, "that run")]
            .into_iter()
            .find_map(|(record, which)| record.is_of_no_run().then_some(which));
        if changes.not_compared.is_some() {
            changes.unlike.clear();
            changes.is_worse = now.results.iter().any(|result| fails(now, result));
            return changes;
        }
        for result in &now.results {
            let was = earlier.remove(&*result.name);
            changes.is_worse |= fails(now, result) && !was.is_some_and(|was| fails(before, was));
            if let Some(was) = was {
                changes.note_drift(drift(was, result));
            }
            changes.note(was.map(|was| was.outcome), result);
        }
        changes.newly_not_met = by_cause(changes.newly_not_met, now);
        // What was left out of a part of a run is not gone.
        if now.run.filter.is_none() && now.run.partition.is_none() {
            changes.gone = earlier.into_keys().map(Cow::into_owned).collect();
        }
        changes
    }

    fn none(before: &Run, now: &Run) -> Self {
        let fields = [
            ("target", &before.target, &now.target),
            ("issuer", &before.issuer, &now.issuer),
            ("API", &before.resource_server, &now.resource_server),
            ("org model", &before.model_sha256, &now.model_sha256),
            ("version of the suite", &before.version, &now.version),
        ];
        let unlike = fields.iter().filter(|(_, before, now)| before != now);
        Self {
            since: before.started.clone(),
            not_compared: None,
            unlike: unlike
                .map(|(what, before, now)| format!("another {what}: {now}, before {before}"))
                .collect(),
            newly_not_met: Vec::new(),
            fixed: Vec::new(),
            newly_not_checked: Vec::new(),
            newly_met: Vec::new(),
            gone: Vec::new(),
            drift: Vec::new(),
            is_worse: false,
        }
    }

    fn note(&mut self, was: Option<RecordedOutcome>, result: &RecordedResult) {
        use RecordedOutcome::{Met, NotChecked, NotMet};
        let list = match (was, result.outcome) {
            (Some(was), is) if was == is => return,
            (_, NotMet) => &mut self.newly_not_met,
            (Some(NotMet), Met) => &mut self.fixed,
            (_, NotChecked) => &mut self.newly_not_checked,
            (_, Met) => &mut self.newly_met,
        };
        let reason = result.reason.as_deref().map(readable);
        let words = result.actual.clone().or(reason);
        list.push(Change {
            name: result.name.clone(),
            title: format!("{}: {}", result.step, result.title),
            words: words.unwrap_or_default(),
            weight: result.weight_word().to_owned(),
            more: Vec::new(),
        });
    }

    /// What many trials saw alike is one change: a new key is in every token.
    fn note_drift(&mut self, drift: Vec<Drift>) {
        for one in drift {
            let mut known = self.drift.iter_mut();
            match known.find(|known| known.is_like(&one)) {
                Some(known) => known.more += 1,
                None => self.drift.push(one),
            }
        }
    }

    /// Whether the two runs saw the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many changes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        let lists = [
            &self.newly_not_met,
            &self.fixed,
            &self.newly_not_checked,
            &self.newly_met,
        ];
        let trials: usize = lists.iter().map(|list| list.len()).sum();
        trials + self.gone.len() + self.drift.len()
    }

    /// Each kind of change with its heading, in the order in which somebody wants to know.
    fn sections(&self) -> [(&'static str, &[Change]); 4] {
        [
            ("newly not met", &self.newly_not_met),
            ("newly not checked", &self.newly_not_checked),
            ("fixed", &self.fixed),
            ("newly met", &self.newly_met),
        ]
    }

    /// A line for every change, and one that says what they are compared with.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.heading()];
        lines.extend(self.unlike.iter().map(|unlike| format!("  {unlike}")));
        for (heading, changes) in self.sections() {
            for change in changes {
                lines.push(format!("  {heading}: {}", change.in_full()));
            }
        }
        lines.extend(
            self.gone
                .iter()
                .map(|name| format!("  no trial any more: {name}")),
        );
        lines.extend(
            self.drift
                .iter()
                .map(|drift| format!("  {}", drift.words())),
        );
        lines
    }

    fn heading(&self) -> String {
        if let Some(which) = self.not_compared {
            return format!(
                "not compared with the run of {}: {which} looked at nothing",
                self.since
            );
        }
        if self.is_empty() {
            return format!("nothing changed since the run of {}", self.since);
        }
        format!("what changed since the run of {}:", self.since)
    }
}

impl Change {
    /// Whether it fails a run where it is not met.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.weight == Severity::Required.word()
    }

    /// What it says, if it says anything, and how many others there are of its cause.
    #[must_use]
    pub fn words(&self) -> String {
        let more = match self.more.len() {
            0 => String::new(),
            more => format!(" (and {more} more, which the same change fixes)"),
        };
        self.words.clone() + &more
    }

    /// The trial, how much it weighs where that is less than required, and what it says.
    fn in_full(&self) -> String {
        let weight = if self.is_required() {
            String::new()
        } else {
            format!(" ({})", self.weight)
        };
        let words = self.words();
        let colon = if words.is_empty() { "" } else { ": " };
        format!("{}{weight}{colon}{words}", self.title)
    }
}

/// Those of one cause behind the first of them: what one change brought is said once.
fn by_cause(changes: Vec<Change>, now: &Record) -> Vec<Change> {
    let mut changes: BTreeMap<String, Change> = changes
        .into_iter()
        .map(|change| (change.name.clone(), change))
        .collect();
    let of_cause = |cause: Findings<'_>| {
        let mut newly = cause
            .into_iter()
            .filter_map(|result| changes.remove(&result.name));
        let first = newly.next()?;
        let more = newly.map(|change| change.title).collect();
        Some(Change { more, ..first })
    };
    causes(&now.results)
        .into_iter()
        .filter_map(of_cause)
        .collect()
}

impl Drift {
    /// Whether it is the same change, whichever trial saw it.
    fn is_like(&self, other: &Self) -> bool {
        let change = |drift: &Self| (drift.value.clone(), drift.before.clone(), drift.now.clone());
        change(self) == change(other)
    }

    /// In words, for a line.
    #[must_use]
    pub fn words(&self) -> String {
        let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".into());
        let more = match self.more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "{} is {}, was {} ({}{more})",
            self.value,
            or_none(&self.now),
            or_none(&self.before),
            self.name
        )
    }
}

fn fails(record: &Record, result: &RecordedResult) -> bool {
    record.weight(result) == Weight::Fails
}

/// Whether a value only says what a finding is of, in a run that has it and one that has none; what
/// it rests on, it says in words.
fn is_said(name: &str, both_not_met: bool) -> bool {
    rests_on::is_one(name) || (!both_not_met && [FINDING, ABOUT].contains(&name))
}

/// The lasting values that are others. What only one of the runs could look at is no drift.
fn drift(was: &RecordedResult, is: &RecordedResult) -> Vec<Drift> {
    let looked = [was, is].map(|result| result.outcome != RecordedOutcome::NotChecked);
    if looked != [true, true] {
        return Vec::new();
    }
    let [before, now] = [was, is].map(|result| result.observed.lasting().texts());
    let names: std::collections::BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let both_not_met = [was, is].into_iter().all(RecordedResult::is_not_met);
    let differ = names
        .into_iter()
        .filter(|name| before.get(*name) != now.get(*name) && !is_said(name, both_not_met));
    differ
        .map(|name| Drift {
            name: is.name.clone(),
            value: name.clone(),
            before: before.get(name).cloned(),
            now: now.get(name).cloned(),
            more: 0,
        })
        .collect()
}
