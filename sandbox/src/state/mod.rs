//! What an org holds and remembers: plain data, which everything else stands on.
//!
//! Who may change it and how it looks on the wire is in [`crate::management`], what it means to a
//! request is in [`crate::decision`], and how a user gets in is in [`crate::sign_in`].

mod app;
mod event;
pub(crate) mod grant;
pub(crate) mod org;
pub(crate) mod rate_limit;
pub(crate) mod request;
mod response_type;
pub(crate) mod runtime;
pub(crate) mod sign_in;

pub(crate) use app::AppState;
pub use event::Event;
