//! Scenarios: pages that Okta can show in a sign-in, as rows of `rows/`.
//!
//! A row says where a sign-in comes to it, what the engine answers there, and how the answer's
//! shape
//! is known. Nothing of a real org's behaviour stands behind such a page: what is sent to it is
//! kept, and it stays unless the row says that the call leads on.

mod authn;
mod facts;
mod identity;
mod row;

pub(super) use authn::{answer as classic_answer, factor_to_verify, with_user};
pub use facts::{Facts, FactsOfAnswer, scenarios};
pub(super) use identity::{Made, answer, key_of};
pub use row::UnknownScenario;
pub(crate) use row::find;
pub(super) use row::{Engine, Scenario, When, next_of, starts_blank};
