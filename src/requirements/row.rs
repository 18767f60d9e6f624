//! Requirements of one line: rows, each with what is wanted, what is wrong, and how to mend it.

use super::context::Context;
use super::found::{Code, Found};
use super::step::Step;
use super::trial::{Fix, Judgement, Trial};
use crate::observation::{Need, Seen};

/// What is not as it is wanted, and what is there instead, in words.
pub(super) type Wrong = (Found, String);

/// A requirement that is one look at one thing.
pub(super) struct Row {
    /// The sentence that it claims, with `_` for spaces.
    pub(super) name: &'static str,
    /// Where to read about it.
    pub(super) see: &'static str,
    /// What must be looked at.
    pub(super) needs: Vec<Need>,
    /// What the model or the norm wants.
    pub(super) expected: String,
    /// What is wrong; none, where it holds.
    pub(super) look: fn(&Context<'_>) -> Seen<Option<Wrong>>,
    /// How to mend it.
    pub(super) fix: Fix,
}

impl Row {
    /// The trial of this row, about nothing less than its step.
    pub(super) fn trial(self, step: Step) -> Trial {
        let (expected, look, fix) = (self.expected, self.look, self.fix);
        Trial::new(step, self.name, self.see, self.needs, move |context| {
            let wrong = look(context)?;
            Ok(wrong.map_or_else(Judgement::met, |(found, actual)| {
                Judgement::not_met(found, &expected, actual, fix.clone())
            }))
        })
    }
}

/// What is wrong by a list of what is there and should not be: none, where it is empty.
pub(super) fn listed(code: Code, list: Vec<String>, separator: &str) -> Option<Wrong> {
    let words = list.join(separator);
    (!list.is_empty()).then(|| (Found::of(code, list), words))
}
