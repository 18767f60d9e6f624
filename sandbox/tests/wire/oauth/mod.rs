//! The endpoints of authorization servers, and signing in to them.

mod changes;
mod claims;
mod classic;
mod code;
mod consent;
mod detours;
mod discovery;
mod faults;
mod flaky;
mod implicit;
mod pages;
mod policies;
mod refusals;
mod scenarios;
mod secrets;
mod sessions;
mod settings;
mod sign_in;
mod tokens;
