//! Writes a model of what an org has, for somebody to make their own.
//!
//! It reads and changes nothing. What a person must decide comes as a question: endpoints and
//! users, which no Management API knows, and whatever is dangerous to copy without a look (rules
//! for everyone or for any scope, policies of all clients, of other clients). A file with a
//! question is no model yet: see `unanswered` in the model's own checks.

mod look;
mod parts;
mod plain_text;
mod probes;
mod questions;
mod services;
mod written;

pub use look::{FromOrgError, Look, look};
pub use written::written;
