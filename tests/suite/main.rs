//! The suite's proof of itself; it ignores `.env` and uses sandboxes of its own.

mod another_provider;
mod asking_again;
mod broken_orgs;
mod browser;
mod configuration;
mod document;
mod evaluators;
mod flaky;
mod green;
mod growth;
mod harmless;
mod house_rules;
mod main_job;
mod management;
mod org_model;
mod partition;
mod proofs;
mod provisioning;
mod scripted;
mod support;
