//! What the API answered.

use std::collections::BTreeSet;

use serde_json::Value;

use super::AuthorizationKey;

/// Which request to the API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallKey {
    /// The path of the endpoint.
    pub endpoint: String,
    /// What was presented.
    pub credential: Credential,
}

/// What a request to the API presents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Credential {
    /// Nothing.
    Nothing,
    /// `Bearer` with something that is no token.
    Garbage,
    /// The access token of an authorization.
    AccessToken(AuthorizationKey),
    /// The access token of an authorization, in the query of the URL (RFC 6750 section 2.3).
    InQuery(AuthorizationKey),
    /// The ID token of an authorization, in place of the access token.
    IdToken(AuthorizationKey),
    /// The access token of an authorization with another payload under the same signature.
    Tampered(AuthorizationKey),
    /// The access token of an authorization, its header saying `alg: none`, without signature.
    Unsigned(AuthorizationKey),
}

impl Credential {
    /// The authorization whose token it is made of, if it is made of one.
    #[must_use]
    pub fn key(&self) -> Option<&AuthorizationKey> {
        match self {
            Self::Nothing | Self::Garbage => None,
            Self::AccessToken(key)
            | Self::InQuery(key)
            | Self::IdToken(key)
            | Self::Tampered(key)
            | Self::Unsigned(key) => Some(key),
        }
    }
}

/// An answer of the API.
#[derive(Debug, Clone)]
pub struct ApiAnswer {
    /// The HTTP status.
    pub status: u16,
    /// `WWW-Authenticate`.
    pub challenge: Option<String>,
    /// The body, if it is JSON.
    pub json: Option<Value>,
    /// The body as text, for the markers of what must not be in it.
    pub body: String,
}

impl ApiAnswer {
    /// Whether the answer gives what the endpoint protects: success, or its data whatever the status.
    ///
    /// The data is known again by all of its texts as whole words: one alone may stand anywhere.
    #[must_use]
    pub fn gives(&self, answers: Option<&Value>) -> bool {
        (200..300).contains(&self.status) || answers.is_some_and(|answers| self.tells(answers))
    }

    fn tells(&self, answers: &Value) -> bool {
        let items: Vec<&str> = answers
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let words: BTreeSet<&str> = self.body.split(|c: char| !c.is_alphanumeric()).collect();
        let all = !items.is_empty() && items.iter().all(|item| words.contains(item));
        all || self.json.as_ref() == Some(answers)
    }
}
