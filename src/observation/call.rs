//! What the API answered.

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

    /// For sentences.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Garbage => "the text in place of a token",
            Self::AccessToken(_) | Self::InQuery(_) => "the access token",
            Self::IdToken(_) => "the ID token",
            Self::Tampered(_) => "the tampered access token",
            Self::Unsigned(_) => "the access token without signature",
        }
    }
}

/// An answer of the API, as far as it is judged: a body may be long, and is not kept.
#[derive(Debug, Clone)]
pub struct ApiAnswer {
    /// The HTTP status.
    pub status: u16,
    /// `WWW-Authenticate`.
    pub challenge: Option<String>,
    /// Where a redirect leads, which is not followed.
    pub redirect: Option<String>,
    /// Whether the body is what the model says the endpoint answers, and nothing else.
    pub is_wanted: bool,
    /// Whether all texts of that stand somewhere in the body.
    pub tells_wanted: bool,
}

impl ApiAnswer {
    /// Whether the answer gives what the endpoint protects: success, or its data whatever the status.
    #[must_use]
    pub const fn gives(&self) -> bool {
        let is_success = 200 <= self.status && self.status < 300;
        is_success || self.is_wanted || self.tells_wanted
    }
}
