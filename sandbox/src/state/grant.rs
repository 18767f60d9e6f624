//! What a user has given a client, or may give it.

/// What was granted, and to whom: decided once, at the authorize endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) server_id: String,
    pub(crate) client_id: String,
    pub(crate) user_id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) access_token_lifetime_seconds: i64,
    pub(crate) auth_time: i64,
    pub(crate) nonce: Option<String>,
}

/// An authorization code that was handed out.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    /// When it was handed out, in seconds since 1970.
    pub(crate) issued: i64,
    /// The `jti` of the access token it was redeemed for.
    pub(crate) redeemed: Option<String>,
}

/// A user's word that a client may have a scope.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Consent {
    pub(crate) user_id: String,
    pub(crate) client_id: String,
    pub(crate) scope: String,
}
