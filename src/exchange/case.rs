//! A row of `fixtures/hostile-requests/`: what is sent, and what must not come of it.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use serde::Deserialize;
use serde_json::Value;

use super::catalog;
use crate::severity::Severity;

/// What is sent to an endpoint of the API, whoever's token it is made of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The sentence that a trial claims, with `_` for spaces; no other case has it.
    pub id: String,
    /// What the credential is called in sentences.
    pub sends: String,
    /// The status that a correct API answers.
    pub expects: String,
    /// Where it is written that it must be refused.
    pub norm: String,
    /// How much a breach weighs.
    pub severity: Severity,
    /// What one must hold to send it.
    pub key_class: KeyClass,
    /// What is presented; none: nothing.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// The case that must have been sent to the same endpoint before.
    #[serde(default)]
    after: Option<String>,
}

/// What one must hold to send a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum KeyClass {
    /// No key: anybody can send it, or whoever has seen any token.
    K0,
    /// Genuine tokens.
    K1,
    /// The key that the issuer signs with, or another that the API trusts.
    K2,
}

/// A credential, and how it is made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// What it is made of.
    pub token: TokenOf,
    /// What is changed, in this order.
    #[serde(default)]
    pub recipe: Vec<Change>,
    /// Where it is put.
    #[serde(default)]
    pub put: Put,
}

/// What a credential is made of.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenOf {
    /// The access token of the authorization.
    Access,
    /// Its ID token.
    Id,
    /// This text.
    Text(String),
}

/// One change to a token.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Change {
    /// A member of the header.
    SetHeader {
        /// Its name.
        name: String,
        /// What it is from now on.
        value: Value,
    },
    /// A claim of the payload.
    SetClaim {
        /// Its name.
        name: String,
        /// What it is from now on.
        value: Value,
    },
    /// Another signature than the one that the token came with.
    Sign(SignedBy),
}

/// What makes the signature of a token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignedBy {
    /// Nothing: the segment is empty.
    Nothing,
}

/// Where a credential is put.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Put {
    /// `Authorization: Bearer` (RFC 6750 section 2.1).
    #[default]
    Header,
    /// `access_token` in the query of the URL (RFC 6750 section 2.3).
    Query,
}

impl Case {
    /// Whether a token that an authorization gave is needed.
    #[must_use]
    pub fn needs_token(&self) -> bool {
        let token = self.credential.as_ref().map(|credential| &credential.token);
        token.is_some_and(|token| match token {
            TokenOf::Access | TokenOf::Id => true,
            TokenOf::Text(_) => false,
        })
    }

    /// Whether an access token is presented as it is meant to be.
    #[must_use]
    pub fn is_rightful(&self) -> bool {
        self.credential.as_ref().is_some_and(|credential| {
            credential.token == TokenOf::Access
                && credential.recipe.is_empty()
                && credential.put == Put::Header
        })
    }

    pub(super) fn after(&self) -> Option<&'static Self> {
        self.after.as_deref().map(catalog::case)
    }
}

/// Cases are what they are called: no two have the same id.
impl PartialEq for Case {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Case {}

impl PartialOrd for Case {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Case {
    fn cmp(&self, other: &Self) -> Ordering {
        self.id.cmp(&other.id)
    }
}

impl Hash for Case {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}
