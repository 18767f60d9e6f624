//! The one way to send: deadlines, limits, when to ask again, and raw bytes.

mod address;
mod client;
mod coding;
mod header;
mod left;
pub(crate) mod limits;
mod patience;
mod raw;
mod scheme;
pub(crate) mod stranger;
mod trust;
mod waited;

use std::time::Duration;

pub(crate) use address::{address, redirect_target};
pub(crate) use client::{Failure, Outcome, Question, Received, Transport};
pub(crate) use coding::text;
pub use header::{AuthorizationHeader, Unsendable};
pub(crate) use header::{CLIENT_SECRET, can_be_sent};
pub(crate) use patience::Patience;
pub use raw::{RawAnswer, RawHead, RawOutcome, RawRequest};
pub(crate) use scheme::{Names, is_a_proxy_named};
pub use trust::Certificates;
pub(crate) use trust::Trust;

/// What every request says that it comes from: some APIs refuse those that say nothing.
pub(crate) const USER_AGENT: &str = concat!("okta-e2e/", env!("CARGO_PKG_VERSION"));

/// No request takes longer, its answer included.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
