//! Provisioning against an org that begins empty, as any new org does.

mod accidents;
mod claims;
mod command;
mod cut;
mod drift;
mod files;
mod front;
mod lagging;
mod org;
mod probes;
mod refusals;
mod runs;
mod sign_in;
