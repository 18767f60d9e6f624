//! The suite's proof of itself.

mod browser;
mod management;
mod provisioning;
mod scripted;
