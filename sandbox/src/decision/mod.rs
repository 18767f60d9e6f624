//! What a request comes to: the assignment, the access policies, and the user's consent.

pub(crate) mod consent;
mod decide;
mod policy;

pub(crate) use decide::{Denied, decide};
pub(crate) use policy::{Question, first_match};
