//! The Management API, pinned to what was recorded of real orgs.

pub(crate) mod api;
mod applications;
mod assignments;
mod authorization_servers;
mod claims_and_scopes;
mod errors;
mod group_rules;
mod groups;
mod lists;
mod organization;
mod policies;
mod rate_limit;
mod shape;
mod sign_in_policies;
mod trusted_origins;
mod users;
