//! The endpoints of authorization servers, and signing in to them.

mod changes;
mod claims;
mod code;
mod consent;
mod discovery;
mod faults;
mod flaky;
mod implicit;
mod pages;
mod policies;
mod refusals;
mod sessions;
mod settings;
mod sign_in;
mod tokens;
