//! Enrolls a passkey for a user, as Okta's documents have it: begun, signed and activated (Factors
//! API, "Enroll `WebAuthn` Factor" and "Activate `WebAuthn` Factor").

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::json;
use url::Origin;

use crate::management::{ManagementClient, ManagementError};
use crate::passkey::{Passkey, PasskeyError};

/// Why a passkey was not enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrollError {
    /// The org did not take it.
    #[error(transparent)]
    Org(#[from] ManagementError),
    /// It cannot answer what the org asked.
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    /// The org's answer holds nothing to answer.
    #[error("the org began no enrolment: its answer has no `_embedded.activation`")]
    NoChallenge,
    /// The org has its users' passkeys be for another host.
    #[error(
        "the org enrolls passkeys for `{wanted}`, and this one is for `{own}`: make one with \
         --relying-party {wanted}"
    )]
    RelyingParty {
        /// The org's.
        wanted: String,
        /// The passkey's.
        own: String,
    },
}

#[derive(Deserialize)]
struct Begun {
    id: String,
    #[serde(rename = "_embedded")]
    embedded: Option<Embedded>,
}

#[derive(Deserialize)]
struct Embedded {
    activation: Activation,
}

#[derive(Deserialize)]
struct Activation {
    challenge: String,
    user: ActivatedUser,
    #[serde(default)]
    rp: RelyingParty,
}

#[derive(Deserialize)]
struct ActivatedUser {
    id: String,
}

/// A browser takes the page's host where there is no id.
#[derive(Default, Deserialize)]
struct RelyingParty {
    id: Option<String>,
}

/// Enrolls a passkey for the user with this id, whose sign-in pages are of this origin: the passkey
/// as the org knows it, and the id of its factor. Nothing is left in the org where that fails.
///
/// # Errors
/// [`EnrollError`] when the org does not take it, begins no enrolment, or enrolls passkeys for
/// another host, and when the passkey cannot answer what the org asks.
pub async fn enroll(
    client: &ManagementClient,
    user_id: &str,
    passkey: Passkey,
    page: &Origin,
) -> Result<(Passkey, String), EnrollError> {
    let body = json!({"factorType": "webauthn", "provider": "FIDO"});
    let begun = client.post(["users", user_id, "factors"], &[], Some(&body));
    let begun: Begun =
        serde_json::from_value(begun.await?).map_err(|_| EnrollError::NoChallenge)?;
    let factor = begun.id.clone();
    let activated = activate(client, user_id, begun, passkey, page).await;
    if activated.is_err() {
        let path = ["users", user_id, "factors", factor.as_str()];
        let _left_as_it_was = client.delete(path).await;
    }
    Ok((activated?, factor))
}

async fn activate(
    client: &ManagementClient,
    user_id: &str,
    begun: Begun,
    passkey: Passkey,
    page: &Origin,
) -> Result<Passkey, EnrollError> {
    let activation = begun.embedded.ok_or(EnrollError::NoChallenge)?.activation;
    let own = passkey.relying_party().to_owned();
    if let Some(wanted) = activation.rp.id.filter(|wanted| *wanted != own) {
        return Err(EnrollError::RelyingParty { wanted, own });
    }
    let attested = passkey.attest(&activation.challenge, page)?;
    let body = json!({
        "attestation": attested.attestation,
        "clientData": attested.client_data,
    });
    let path = [
        "users",
        user_id,
        "factors",
        &begun.id,
        "lifecycle",
        "activate",
    ];
    client.post(path, &[], Some(&body)).await?;
    // Okta's pages take the id for base64url, and hand its bytes to the browser.
    let handle = URL_SAFE_NO_PAD.decode(&activation.user.id);
    let handle = handle.unwrap_or_else(|_| activation.user.id.into_bytes());
    Ok(passkey.with_user_handle(handle))
}
