//! Takes down what provisioning has made, and nothing else.

use serde_json::Value;

use super::sign_in::{self, POLICIES};
use super::store::Store;
use super::{Entry, ProvisionError, Subject};
use crate::management::{ManagementClient, ManagementError};

/// Deletes what the journal names, what was made last first; says how much there was.
///
/// # Errors
/// [`ProvisionError`] at the first object that cannot be deleted; the journal keeps the rest.
pub async fn teardown(
    client: &ManagementClient,
    store: &mut impl Store,
    mut progress: impl FnMut(&str),
) -> Result<usize, ProvisionError> {
    let entries: Vec<Entry> = store.journal().latest_first().cloned().collect();
    for entry in &entries {
        let there = remove(client, entry).await;
        let there = there.map_err(|source| ProvisionError::at(&entry.subject, source))?;
        store.forget(&entry.subject)?;
        let words = match (there, &entry.before) {
            (true, None) => "deleted",
            (true, Some(_)) => "put back as it was",
            (false, _) => "was gone already",
        };
        progress(&format!("{}: {words}", entry.subject));
    }
    Ok(entries.len())
}

/// Deletes one object or link; whether it was there.
async fn remove(client: &ManagementClient, entry: &Entry) -> Result<bool, ManagementError> {
    let path = &entry.path;
    match entry.subject {
        Subject::Server | Subject::Client => {
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
        Subject::SignInPolicyAssignment => put_back(client, entry).await,
        _ => delete(client, path).await,
    }
}

/// Gives an application back the app sign-in policy that it had, since Okta is not known to delete
/// one that is in use; whether it had the noted one still, and not another that somebody chose since.
async fn put_back(client: &ManagementClient, entry: &Entry) -> Result<bool, ManagementError> {
    let assignment = entry.path.split_once("/policies/");
    let (Some((app, policy)), Some(before)) = (assignment, &entry.before) else {
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
