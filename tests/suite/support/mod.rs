//! Worlds for the suite's own proof: sandboxes, changes to them, and a sign-in without a browser.

pub(crate) mod agent;
pub(crate) mod change;
pub(crate) mod large_model;
pub(crate) mod pattern;
pub(crate) mod world;
