//! Passkeys: what a page asks the browser to sign, and whether it did.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::call::Call;
use crate::state::AppState;
use crate::webauthn::{Assertion, RelyingParty};

/// The length of a challenge in bytes, as in Okta's mock answers.
const CHALLENGE_BYTES: usize = 15;

/// What the browser is to sign in the sign-in with this handle, which nobody can guess.
pub(super) fn challenge(handle: &str) -> String {
    let digest = Sha256::digest(format!("passkey {handle}"));
    URL_SAFE_NO_PAD.encode(&digest[..CHALLENGE_BYTES])
}

/// What the page passes on to the browser.
pub(super) fn challenge_data(handle: &str) -> Value {
    json!({
        "challenge": challenge(handle),
        "userVerification": "required",
        "extensions": {},
    })
}

/// The passkeys of a user that are active: id of the factor and of the credential.
pub(super) fn enrolled(state: &AppState, user_id: &str) -> Vec<(String, String)> {
    let org = state.org();
    let passkeys = org.users.get(user_id).map(|user| user.passkeys.values());
    let active = passkeys.into_iter().flatten().filter_map(|passkey| {
        let credential = passkey.credential.as_ref()?;
        Some((passkey.id.clone(), credential.id.clone()))
    });
    active.collect()
}

/// Whether one of the user's passkeys has signed what the page asked for, which is counted.
pub(super) fn is_signed(state: &AppState, call: &Call, user_id: &str) -> bool {
    let url = Url::parse(&state.base_url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let party = RelyingParty {
        origin: &state.base_url,
        id: host,
        challenge: &challenge(&call.transaction.handle),
    };
    let assertion = Assertion {
        client_data: call.text("/credentials/clientData"),
        authenticator_data: call.text("/credentials/authenticatorData"),
        signature: call.text("/credentials/signatureData"),
    };
    let mut org = state.org();
    let passkeys = org.users.get_mut(user_id).map(|user| &mut user.passkeys);
    let credentials = passkeys.into_iter().flat_map(|all| all.values_mut());
    let mut credentials = credentials.filter_map(|passkey| passkey.credential.as_mut());
    credentials.any(|credential| match party.verify(credential, assertion) {
        Ok(count) => {
            credential.count = count;
            true
        }
        Err(_) => false,
    })
}
