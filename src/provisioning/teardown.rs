//! Takes down what provisioning has made, and nothing else.

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
        let words = if there { "deleted" } else { "was gone already" };
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
        _ => delete(client, path).await,
    }
}

async fn delete(client: &ManagementClient, path: &str) -> Result<bool, ManagementError> {
    match client.delete(path).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}
