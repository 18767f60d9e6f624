//! Finds what may have been made: by the name that was noted, if it is ours.

use serde_json::Value;

use super::journal::{Entry, Intent, Journal};
use super::look::{APPS, USERS};
use super::mark;
use super::sign_in;
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
    let name = intent.name.as_str();
    if matches!(entry.subject, Subject::User { .. }) {
        let user = client.get(&format!("{USERS}/{name}")).await?;
        return Ok(user.into_iter().collect());
    }
    let query = match entry.subject {
        Subject::Group { .. } | Subject::Client => vec![("q", name)],
        Subject::SignInPolicy => vec![("type", sign_in::TYPE)],
        Subject::Server | Subject::Origin { .. } => vec![("limit", "200")],
        _ => Vec::new(),
    };
    let list = match client.list(&entry.path, &query).await {
        // What it would be in is gone, and it with that.
        Err(error) if error.is_not_found() => Vec::new(),
        list => list?,
    };
    let field = match entry.subject {
        Subject::Group { .. } => "/profile/name",
        Subject::Client => "/label",
        Subject::Origin { .. } => "/origin",
        _ => "/name",
    };
    let fits = |item: &Value| item.pointer(field).and_then(Value::as_str) == Some(name);
    let is_client = |item: &Value| entry.path != APPS || item["name"] == "oidc_client";
    let fitting = list
        .into_iter()
        .filter(|item| fits(item) && is_client(item));
    Ok(fitting.collect())
}
