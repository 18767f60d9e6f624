//! The suite's proof of itself; it ignores `.env` and uses sandboxes of its own.

mod another_provider;
mod asking_again;
mod bad_days;
mod broken_orgs;
mod browser;
mod configuration;
mod document;
mod evaluators;
mod exit_status;
mod flaky;
mod flows;
mod foreign_endpoints;
mod green;
mod harmless;
mod hostile_api;
mod house_rules;
mod main_job;
mod management;
mod org_model;
mod partition;
mod proofs;
mod provisioning;
mod proxy;
mod scripted;
mod support;
mod waiting;
