//! What the org model accepts is still there, and still accepted.
//!
//! Whether it is depends on the findings of all other trials, so that it is judged behind them.

use super::context::Context;
use super::step::Step;
use super::subject::Subject;
use super::trial::Trial;
use crate::model::{Accepted, OrgModel};
use crate::observation::NotSeen;

const MODULE: &str = "accepted";
const NAME: &str = "the_accepted_finding_is_there_and_in_date";
const SEE: &str = "docs/model.md, \"What is there and meant\"";

/// A trial of each entry.
pub(super) fn trials(model: &OrgModel) -> impl Iterator<Item = Trial> {
    model.accepted.iter().map(trial)
}

fn trial(entry: &Accepted) -> Trial {
    let judge = |_: &Context<'_>| Err(NotSeen::inconclusive("the other trials were not judged"));
    Trial::new(Step::Access, NAME, SEE, [], judge)
        .named(MODULE, NAME)
        .about(Subject::case(&entry.words()))
        .accepting(entry)
}
