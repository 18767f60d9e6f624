//! What a request comes to: the assignment, the access policies, and the user's consent.

pub(crate) mod consent;
mod decide;
mod membership;
mod policy;

pub(crate) use decide::{Denied, decide};
pub(crate) use membership::{Expression, apply_group_rules};
pub(crate) use policy::{Question, first_match};
