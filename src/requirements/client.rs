//! The client that was found, for the steps that speak of it.

use serde_json::Value;

use super::context::{CLIENT, Context, missing};
use crate::management::found::FoundApplication;
use crate::observation::Seen;

/// Where its settings are in the Admin Console.
pub(super) const PLACE: &str =
    "Applications > Applications > the client > General > General Settings > Edit";

/// The client that was found.
pub(super) fn client<'a>(context: &'a Context<'_>) -> Seen<&'a FoundApplication> {
    let client = context.seen.org.client.as_ref().map_err(Clone::clone)?;
    client.as_ref().ok_or_else(|| missing(CLIENT))
}

/// From where it may be used, where the org says.
pub(super) fn network(client: &FoundApplication) -> Option<&Value> {
    client.settings.oauth_client.other.get("network")
}
