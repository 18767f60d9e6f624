//! The suite's proof of itself; it ignores `.env` and uses sandboxes of its own.

mod broken_orgs;
mod browser;
mod configuration;
mod document;
mod green;
mod house_rules;
mod main_job;
mod management;
mod org_model;
mod partition;
mod provisioning;
mod scripted;
mod support;
