//! The one way to send: deadlines, limits, when to ask again, and raw bytes.

mod address;
mod client;
mod header;
pub(crate) mod limits;
mod raw;
mod trust;

use std::time::Duration;

pub(crate) use address::{address, innermost, redirect_target};
pub(crate) use client::{Incomplete, Transport, read_body};
pub use header::{AuthorizationHeader, Unsendable};
pub(crate) use header::{CLIENT_SECRET, can_be_sent};
pub use raw::{RawAnswer, RawHead, RawOutcome, RawRequest};

/// No request takes longer, its answer included.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
