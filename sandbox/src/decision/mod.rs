//! What a request comes to: the assignment, the access policies, and the user's consent.

pub(crate) mod consent;
mod decide;
mod membership;
mod policy;
mod sign_on;

pub(crate) use decide::{Asked, Denied, decide, decide_asked};
pub(crate) use membership::{Expression, apply_group_rules};
pub(crate) use policy::{Question, first_match};
pub(crate) use sign_on::{SignOn, sign_on};
