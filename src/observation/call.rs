//! What the API answered.

use serde_json::Value;

use super::AuthorizationKey;

/// Which request to the API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallKey {
    /// The path of the endpoint.
    pub endpoint: String,
    /// What was presented.
    pub credential: Credential,
}

/// What a request to the API presents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Credential {
    /// Nothing.
    Nothing,
    /// `Bearer` with something that is no token.
    Garbage,
    /// The access token of an authorization.
    AccessToken(AuthorizationKey),
    /// The ID token of an authorization, in place of the access token.
    IdToken(AuthorizationKey),
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
    #[must_use]
    pub fn gives(&self, answers: Option<&Value>) -> bool {
        let marked = |value: &Value| match value {
            Value::Array(items) if !items.is_empty() => items
                .iter()
                .filter_map(Value::as_str)
                .any(|item| self.body.contains(item)),
            other => self.json.as_ref() == Some(other),
        };
        (200..300).contains(&self.status) || answers.is_some_and(marked)
    }
}
