//! Real browsers that sign users in at an org and bring back what it answers.
//!
//! [`Browsers`] finds and starts them and lends one to each user in turn;
//! [`UserBrowser::authorize`]
//! takes an authorization request to its end, a [`Landing`]. The sign-in page is driven by what it
//! shows, never by a setting, and no password is submitted twice.

mod abroad;
mod account;
mod address;
mod agent;
mod answer;
mod certificates;
mod clicks;
mod config;
mod driver;
mod endpoint;
mod error;
mod evidence;
mod filling;
mod find;
mod gather;
mod hearing;
mod http_sign_in;
mod known;
mod landing;
mod misdirected;
mod options;
mod page;
mod pool;
mod script;
mod session;
mod sign_in;
mod stand_in;
mod status;
mod traffic;
mod typed;
mod understanding;
mod watchdog;

pub use agent::{UserAgent, UserAgents};
pub use config::BrowserConfig;
pub use error::BrowserError;
pub use evidence::{Evidence, SecretUrl};
pub use landing::{Credentials, Danger, Known, KnownBy, Landing, Refusal, StopPage, Visit};
pub use pool::{Browsers, UserBrowser};
