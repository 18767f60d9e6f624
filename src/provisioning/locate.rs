//! Finds what may have been made: by the name that was noted, if it is ours.

use serde_json::Value;

use super::journal::{Entry, Intent, Journal};
use super::mark;
use super::subject::Subject;
use crate::management::{ManagementClient, ManagementError, is_id};

/// Where everything is that came of an intent, with what the org tells of it.
pub(super) async fn locate(
    client: &ManagementClient,
    journal: &Journal,
    entry: &Entry,
) -> Result<Vec<(String, Value)>, ManagementError> {
    let Some(intent) = &entry.intent else {
        return Ok(Vec::new());
    };
    if !entry.subject.is_object() {
        return Ok(vec![(entry.path.clone(), Value::Null)]);
    }
    let mut found = candidates(client, entry, intent).await?;
    found.retain(|item| mark::is_ours(journal, entry, item));
    // Access tokens and ID tokens may have claims of one name.
    if let Subject::Claim { claim_type, .. } = &entry.subject {
        found.retain(|item| item.get("claimType").and_then(Value::as_str) == Some(claim_type));
    }
    let located = found.into_iter().filter_map(|item| {
        let id = item.get("id")?.as_str().filter(|id| is_id(id))?;
        Some((format!("{}/{id}", entry.path), item))
    });
    Ok(located.collect())
}

async fn candidates(
    client: &ManagementClient,
    entry: &Entry,
    intent: &Intent,
) -> Result<Vec<Value>, ManagementError> {
    match client.called(&entry.path, &intent.name).await {
        // What it would be in is gone, and it with that.
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        found => found,
    }
}
