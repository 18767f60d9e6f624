//! Findings by their cause: those of a step that one and the same change mends.

use std::collections::BTreeMap;

use super::record::RecordedResult;
use crate::requirements::Step;

/// Findings with one cause, the first of them the plainest.
pub(super) type Findings<'a> = Vec<&'a RecordedResult>;

/// All that is not met, by its cause: what is required before what is not, what the model accepts
/// last, then in the document's order.
pub(super) fn causes(results: &[RecordedResult]) -> Vec<Findings<'_>> {
    let mut unmet: Findings<'_> = results
        .iter()
        .filter(|result| result.is_not_met())
        .collect();
    unmet.sort_by_key(|result| (result.is_accepted(), result.severity));
    let mut causes: Vec<Findings<'_>> = Vec::new();
    let mut places = BTreeMap::new();
    for result in unmet {
        let place = *places.entry(key(result)).or_insert(causes.len());
        match causes.get_mut(place) {
            Some(cause) => cause.push(result),
            None => causes.push(vec![result]),
        }
    }
    causes
}

/// What mends it, and where.
fn key(result: &RecordedResult) -> (Step, Option<&str>) {
    let fix = result.fix.as_ref();
    (result.step, fix.map(|fix| fix.admin_console.as_str()))
}
