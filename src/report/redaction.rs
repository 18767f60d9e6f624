//! Takes every secret of a run out of what is written.

use std::collections::BTreeSet;

use crate::config::OrgAccess;
use secrecy::{ExposeSecret as _, SecretString};

/// What stands in place of a secret.
const REDACTED: &str = "[redacted]";
/// Shorter texts would take words of sentences for secrets.
const SHORTEST: usize = 6;

/// Every secret and token that a run has used, in the forms in which it could be written.
#[derive(Default, Clone)]
pub struct Secrets {
    texts: BTreeSet<String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} secrets", self.texts.len())
    }
}

impl Secrets {
    /// Adds a secret, as it is and as a URL would carry it.
    pub fn add(&mut self, secret: &SecretString) {
        let text = secret.expose_secret();
        if text.len() < SHORTEST {
            return;
        }
        let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        self.texts.insert(encoded);
        self.texts.insert(text.to_owned());
        if let Some((signed, signature)) = text.rsplit_once('.') {
            self.texts.extend([signed, signature].map(str::to_owned));
        }
        self.texts.retain(|text| text.len() >= SHORTEST);
    }

    /// Adds what a run was told: token, client secret, passwords.
    pub fn add_access(&mut self, access: &OrgAccess) {
        access
            .client_secret
            .iter()
            .for_each(|secret| self.add(secret));
        access.api_token.iter().for_each(|secret| self.add(secret));
        for user in access.users.values() {
            self.add(&user.password);
            user.totp_secret.iter().for_each(|secret| self.add(secret));
        }
    }

    /// Adds the secrets of another part of the run.
    pub fn extend(&mut self, other: Self) {
        self.texts.extend(other.texts);
    }

    /// The text without any of the secrets.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let mut longest: Vec<&String> = self.texts.iter().collect();
        longest.sort_by_key(|text| std::cmp::Reverse(text.len()));
        longest.into_iter().fold(text.to_owned(), |text, secret| {
            text.replace(secret, REDACTED)
        })
    }
}
