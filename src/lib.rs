//! End-to-end verification of an Okta org that protects an API.

pub mod browser;
