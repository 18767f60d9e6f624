//! The Management API of an Okta org, as the suite uses it.

pub mod found;
