//! Passkeys of users.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore as _;
use serde::{Deserialize, Serialize};

use super::{Stamps, new_id};
use crate::webauthn::Credential;

/// The length of a challenge in bytes: Okta's documents show 20 characters of base64url.
const CHALLENGE_BYTES: usize = 15;

/// A passkey, from the moment that its enrolment begins.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Passkey {
    /// `fwf…`
    pub(crate) id: String,
    /// Made and changed.
    pub(crate) stamps: Stamps,
    /// What is to be signed to activate it.
    pub(crate) challenge: String,
    /// The key, once it is activated.
    pub(crate) credential: Option<Credential>,
}

impl Passkey {
    /// One that is still to be activated.
    pub(crate) fn pending(stamps: Stamps) -> Self {
        let mut challenge = [0; CHALLENGE_BYTES];
        rand::rng().fill_bytes(&mut challenge);
        Self {
            id: new_id("fwf"),
            stamps,
            challenge: URL_SAFE_NO_PAD.encode(challenge),
            credential: None,
        }
    }
}
