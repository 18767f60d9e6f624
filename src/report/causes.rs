//! Findings by their cause: those that follow from one, and those of a step that one and the same
//! change fixes.

use std::collections::BTreeMap;

use super::links;
use super::place;
use super::record::RecordedResult;
use crate::requirements::{Severity, Step};

/// Findings with one cause. The first is what to fix: of those that weigh most, the one that
/// follows from none of the others.
pub type Findings<'a> = Vec<&'a RecordedResult>;

/// All that is not met, by its cause: what is required before what is not, what the model accepts
/// last, then in the document's order.
#[must_use]
pub fn causes(results: &[RecordedResult]) -> Vec<Findings<'_>> {
    let unmet = results.iter().filter(|result| result.is_not_met());
    let mut unmet: Findings<'_> = unmet.collect();
    unmet.sort_by_key(|result| weight(result));
    let explained = links::explained(&unmet);
    let mut causes: Vec<Cause<'_>> = Vec::new();
    let mut places = BTreeMap::new();
    for (place, result) in unmet.iter().enumerate() {
        let root = links::root(&explained, place);
        let cause = *places.entry(key(unmet[root])).or_insert(causes.len());
        if cause == causes.len() {
            causes.push(Vec::new());
        }
        causes[cause].push((weight(result), place != root, *result));
    }
    causes.into_iter().map(in_order).collect()
}

/// Each finding with its weight, and whether it follows from another one.
type Cause<'a> = Vec<(Weight, bool, &'a RecordedResult)>;

/// Whether the model accepts it, and how much it weighs: what weighs most is least.
type Weight = (bool, Severity);

fn weight(result: &RecordedResult) -> Weight {
    (result.is_accepted(), result.severity)
}

fn in_order(mut cause: Cause<'_>) -> Findings<'_> {
    cause.sort_by_key(|(weight, follows, _)| (*weight, *follows));
    cause.into_iter().map(|(_, _, result)| result).collect()
}

/// What fixes it, and where, whatever the objects are called. What follows from a finding is of its
/// cause, and of no other that the same change fixes.
fn key(result: &RecordedResult) -> (Step, Option<String>) {
    let fix = result.fix.as_ref();
    let place = fix.map(|fix| place::nameless(&fix.admin_console));
    (result.step, place)
}

/// Where to click to fix a cause: in the words of its first finding, with the names of whatever
/// else the same change is made to.
#[must_use]
pub fn place_of(cause: &[&RecordedResult]) -> Option<String> {
    let first = cause.first()?;
    let place = first.fix.as_ref()?.admin_console.as_str();
    let mut names = place::names_in(place);
    let key_of_first = key(first);
    for result in cause.iter().filter(|result| key(result) == key_of_first) {
        let own = result
            .fix
            .iter()
            .map(|fix| place::names_in(&fix.admin_console));
        for (kind, more) in own.flatten() {
            names.entry(kind).or_default().extend(more);
        }
    }
    Some(place::named(place, &names))
}
