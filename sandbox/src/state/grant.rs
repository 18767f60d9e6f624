//! What a user has given a client, or may give it, and what the client holds of it.

use super::sign_in::Session;

/// What was granted, and to whom: decided once, at the authorize endpoint, or at the token endpoint
/// where a client acts for itself.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) server_id: String,
    /// The `iss` of its tokens.
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    /// Who granted it; nobody where the client acts for itself.
    pub(crate) session: Option<Session>,
    pub(crate) scopes: Vec<String>,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) nonce: Option<String>,
}

impl Grant {
    /// The id of the user who granted it.
    pub(crate) fn user_id(&self) -> Option<&str> {
        self.session
            .as_ref()
            .map(|session| session.user_id.as_str())
    }

    /// Whether it holds the scope.
    pub(crate) fn has_scope(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope == name)
    }
}

/// How long the tokens of a grant live, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetimes {
    pub(crate) access_token: i64,
    /// Since the user signed in; 0 is without end.
    pub(crate) refresh_token: i64,
    /// Since the refresh token was last used.
    pub(crate) refresh_token_window: i64,
}

/// An authorization code that was handed out.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    /// When it was handed out, in seconds since 1970.
    pub(crate) issued: i64,
    /// What all tokens that come of it belong to.
    pub(crate) family: String,
    pub(crate) is_redeemed: bool,
}

/// A refresh token that a client holds.
#[derive(Debug, Clone)]
pub(crate) struct RefreshToken {
    pub(crate) grant: Grant,
    pub(crate) family: String,
    /// When the first of its family was handed out, in seconds since 1970.
    pub(crate) begun: i64,
    /// When it was last used.
    pub(crate) used: i64,
    /// When another took its place: it fits for a while yet.
    pub(crate) replaced: Option<i64>,
}

impl RefreshToken {
    /// When it ends if nobody uses it, in seconds since 1970.
    pub(crate) fn ends(&self) -> i64 {
        let lifetimes = self.grant.lifetimes;
        let unused = self.used + lifetimes.refresh_token_window;
        match lifetimes.refresh_token {
            0 => unused,
            longest => unused.min(self.begun + longest),
        }
    }
}

/// A user's word that a client may have a scope.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Consent {
    pub(crate) user_id: String,
    pub(crate) client_id: String,
    pub(crate) scope: String,
}
