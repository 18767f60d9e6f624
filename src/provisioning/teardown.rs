//! Takes down what provisioning has made, and nothing else.

use serde_json::Value;

use super::locate::locate;
use super::mark::{self, SIGNATURE};
use super::sign_in::{self, POLICIES};
use super::store::Store;
use super::{Entry, ProvisionError, Subject, look};
use crate::management::{ManagementClient, ManagementError};
use crate::model::OrgModel;

/// What a teardown has done.
#[derive(Debug)]
pub struct Teardown {
    /// How much the journal named.
    pub entries: usize,
    /// The variables that were blanked.
    pub blanked: Vec<String>,
}

/// What looks as if provisioning had made it, and is not noted.
#[derive(Debug)]
pub struct LookAlike {
    /// What it is, and where below `/api/v1/`.
    pub words: String,
    /// Whether it carries the mark of some journal.
    pub is_signed: bool,
}

/// Deletes what the journal names, what was made last first, and blanks what it wrote.
///
/// # Errors
/// [`ProvisionError`] at the first object that cannot be deleted; the journal keeps the rest.
pub async fn teardown(
    client: &ManagementClient,
    store: &mut impl Store,
    mut progress: impl FnMut(&str),
) -> Result<Teardown, ProvisionError> {
    let entries: Vec<Entry> = store.journal().latest_first().cloned().collect();
    for entry in &entries {
        let words = take_down(client, store, entry).await;
        let words = words.map_err(|source| ProvisionError::at(&entry.subject, source))?;
        store.forget(&entry.subject)?;
        progress(&format!("{}: {words}", entry.subject));
    }
    Ok(Teardown {
        entries: entries.len(),
        blanked: store.blank_written()?,
    })
}

/// Deletes what an entry names, or what may have come of its intent; in words.
async fn take_down(
    client: &ManagementClient,
    store: &impl Store,
    entry: &Entry,
) -> Result<&'static str, ManagementError> {
    if entry.intent.is_none() {
        let there = remove(client, &entry.subject, &entry.path, entry.before.as_deref()).await?;
        return Ok(match (there, &entry.before) {
            (true, None) => "deleted",
            (true, Some(_)) => "put back as it was",
            (false, _) => "was gone already",
        });
    }
    let mut words = "was not made";
    for (path, _) in locate(client, store.journal(), entry).await? {
        if remove(client, &entry.subject, &path, None).await? {
            words = "deleted";
        }
    }
    Ok(words)
}

/// Deletes one object or link; whether it was there.
async fn remove(
    client: &ManagementClient,
    subject: &Subject,
    path: &str,
    before: Option<&str>,
) -> Result<bool, ManagementError> {
    match subject {
        Subject::Server
        | Subject::ProbesServer { .. }
        | Subject::Client
        | Subject::Service { .. } => {
            let deactivated = client
                .post(&format!("{path}/lifecycle/deactivate"), &[], None)
                .await;
            match deactivated {
                // It may be inactive already; if not, the deletion tells.
                Ok(_) | Err(ManagementError::Rejected { .. }) => delete(client, path).await,
                Err(error) if error.is_not_found() => Ok(false),
                Err(error) => Err(error),
            }
        }
        Subject::User { .. } => {
            // The first deactivates, the second deletes.
            let there = delete(client, path).await?;
            delete(client, path).await?;
            Ok(there)
        }
        Subject::SignInPolicyAssignment => put_back(client, path, before).await,
        // They go with what they belong to.
        Subject::Password { .. } | Subject::ClientSecret => Ok(false),
        _ => delete(client, path).await,
    }
}

/// Gives an application back the app sign-in policy that it had, since Okta is not known to delete
/// one that is in use; whether it had the noted one still, and not another that somebody chose
/// since.
async fn put_back(
    client: &ManagementClient,
    path: &str,
    before: Option<&str>,
) -> Result<bool, ManagementError> {
    let (Some((app, policy)), Some(before)) = (path.split_once("/policies/"), before) else {
        return Ok(false);
    };
    let application: Option<Value> = client.get(app).await?;
    let present = application.as_ref().and_then(sign_in::policy_of);
    if present != Some(format!("{POLICIES}/{policy}")) {
        return Ok(false);
    }
    client.put(&format!("{app}/{before}"), None).await?;
    Ok(true)
}

async fn delete(client: &ManagementClient, path: &str) -> Result<bool, ManagementError> {
    match client.delete(path).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

/// What the org has under the names of the model, which a teardown without its journal cannot tell
/// from what it made.
///
/// # Errors
/// [`ProvisionError`] when the org cannot be looked at.
pub async fn look_alikes(
    model: &OrgModel,
    client: &ManagementClient,
    store: &impl Store,
) -> Result<Vec<LookAlike>, ProvisionError> {
    let found = look::look(model, client, store).await?;
    let objects = Subject::all(model).into_iter().filter(Subject::is_object);
    let look_alike = |subject: Subject| {
        let (path, value) = (found.path(&subject)?, found.value(&subject)?);
        let text = mark::text(&subject, value).unwrap_or_default();
        Some(LookAlike {
            words: format!("{subject} ({path})"),
            is_signed: text.contains(SIGNATURE),
        })
    };
    Ok(objects.filter_map(look_alike).collect())
}
