//! The client that was found, for the steps that speak of it.

use serde_json::Value;

use super::context::{CLIENT, Context, missing};
use crate::management::found::FoundApplication;
use crate::model::{AccessPolicy, Allowed};
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

/// What to look at first where a policy is for a client of the same label: it may be the one that
/// is meant, and a second client that gets the scopes is one too many.
pub(super) fn namesakes(context: &Context<'_>, policies: &[AccessPolicy]) -> String {
    let Some(own) = context.own_client() else {
        return String::new();
    };
    let has_its_label = |id: &&str| {
        let found = context.seen.org.other_clients.get(*id);
        let found = found.and_then(|found| found.as_ref().ok()?.as_ref());
        found.is_some_and(|found| found.label == own.label)
    };
    let named = policies.iter().flat_map(|policy| match &policy.clients {
        Allowed::All => Vec::new(),
        Allowed::Only(ids) => ids.iter().map(String::as_str).collect(),
    });
    let same: Vec<&str> = named.filter(has_its_label).collect();
    if same.is_empty() {
        return String::new();
    }
    format!(
        "set OKTA_OAUTH2_CLIENT_ID to {}, which has the same label, if that is the client that is \
         meant; else ",
        same.join(" or ")
    )
}
