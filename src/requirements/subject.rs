//! What a trial is about, as fields: who draws the matrix, splits a run or compares two of them
//! reads
//! these, never names.

use serde::{Deserialize, Serialize};

use crate::observation::AuthorizationKey;

/// What a trial is about; the parts that apply.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The NAME of a test user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The scopes asked for beside `openid`, in words: `silver and gold`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The grant type that the tokens come by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// The path of an endpoint of the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The name of a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The name of a scope, in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The name of a rule of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// A property of the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// What else tells it from its like: an origin, a case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// What the name of the trial has in brackets.
    #[serde(skip)]
    label: String,
}

impl Subject {
    /// A test user.
    #[must_use]
    pub fn user(name: &str) -> Self {
        Self {
            user: Some(name.to_owned()),
            ..Self::called(name)
        }
    }

    /// What a user asks for, by a flow; called `SILVER silver`.
    #[must_use]
    pub fn authorization(key: &AuthorizationKey) -> Self {
        let request = key.request.words();
        let label = format!("{} {request}", key.user);
        Self::requested(key, request, label)
    }

    /// The same in words that may be other than the document's: `SILVER silver without openid`.
    #[must_use]
    pub fn request(key: &AuthorizationKey) -> Self {
        Self {
            case: key.details.as_ref().map(|details| details.name.clone()),
            ..Self::requested(key, key.request.words(), key.subject())
        }
    }

    /// The token that a user was given, called by the user's name alone.
    #[must_use]
    pub fn token(key: &AuthorizationKey) -> Self {
        Self::requested(key, key.request.words(), key.user.clone())
    }

    /// A claim of the authorization server, called by the token that it is in too.
    #[must_use]
    pub fn claim(name: &str, tokens: &str) -> Self {
        Self {
            case: Some(name.to_owned()),
            ..Self::called(&format!("{name} of {tokens}"))
        }
    }

    /// A claim in the token that a user was given for a request.
    #[must_use]
    pub fn claim_in(key: &AuthorizationKey, name: &str) -> Self {
        let request = key.request.words();
        let label = format!("{} {request} {name}", key.user);
        Self {
            case: Some(name.to_owned()),
            ..Self::requested(key, request, label)
        }
    }

    /// What a user's token may do at an endpoint, both named by the sentence already: called by
    /// what
    /// was asked for.
    #[must_use]
    pub fn access(key: &AuthorizationKey, endpoint: &str) -> Self {
        let request = key.request.words();
        let label = request.clone();
        Self {
            endpoint: Some(endpoint.to_owned()),
            ..Self::requested(key, request, label)
        }
    }

    /// An endpoint of the API.
    #[must_use]
    pub fn endpoint(path: &str) -> Self {
        Self {
            endpoint: Some(path.to_owned()),
            ..Self::called(path)
        }
    }

    /// A hostile request to an endpoint, called by the endpoint.
    #[must_use]
    pub fn hostile(path: &str, case: &str) -> Self {
        Self {
            endpoint: Some(path.to_owned()),
            case: Some(case.to_owned()),
            ..Self::called(path)
        }
    }

    /// A service client at an endpoint, called by both.
    #[must_use]
    pub fn service_at(name: &str, path: &str) -> Self {
        Self {
            endpoint: Some(path.to_owned()),
            case: Some(name.to_owned()),
            ..Self::called(&format!("{name} {path}"))
        }
    }

    /// A group.
    #[must_use]
    pub fn group(name: &str) -> Self {
        Self {
            group: Some(name.to_owned()),
            ..Self::called(name)
        }
    }

    /// A scope, called by its short name.
    #[must_use]
    pub fn scope(name: &str, short: &str) -> Self {
        Self {
            scope: Some(name.to_owned()),
            ..Self::called(short)
        }
    }

    /// A rule of the model.
    #[must_use]
    pub fn rule(name: &str) -> Self {
        Self {
            rule: Some(name.to_owned()),
            ..Self::called(name)
        }
    }

    /// A property of the client.
    #[must_use]
    pub fn client(property: &str) -> Self {
        Self {
            client: Some(property.to_owned()),
            ..Self::called(property)
        }
    }

    /// Something of no kind of its own.
    #[must_use]
    pub fn case(name: &str) -> Self {
        Self {
            case: Some(name.to_owned()),
            ..Self::called(name)
        }
    }

    /// What the name of the trial has in brackets.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The same, told apart by the way it is tried.
    #[must_use]
    pub(super) fn by(mut self, way: &str) -> Self {
        self.label = format!("{} {way}", self.label);
        self
    }

    fn requested(key: &AuthorizationKey, request: String, label: String) -> Self {
        Self {
            user: Some(key.user.clone()),
            request: Some(request),
            flow: Some(key.flow.grant_type().to_owned()),
            label,
            ..Self::default()
        }
    }

    fn called(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            ..Self::default()
        }
    }
}
