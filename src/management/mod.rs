//! The Management API of an Okta org, as the suite uses it.

mod answer;
mod client;
mod error;
pub mod found;
mod identity;
mod lookup;
mod path;
mod personal;
mod reading;
pub mod status;
mod told;
mod unread;

pub use client::ManagementClient;
pub use error::ManagementError;
pub use lookup::Named;
pub(crate) use lookup::{ids, meant};
pub(crate) use path::is_id;
pub use told::Told;
