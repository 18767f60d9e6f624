//! What came of redeeming refresh tokens, without the tokens themselves in words.

use super::{Seen, Tokens};

/// What came of a refresh token that a sign-in brought, request by request.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// It was redeemed, for what was granted.
    pub redeemed: Seen<Redeemed>,
    /// The scope that was asked for next, beside what was granted.
    pub further_scope: String,
    /// The refresh token that the client had then was redeemed for that scope too.
    pub wider: Seen<Redeemed>,
    /// It was redeemed once more, for what was granted.
    pub again: Seen<Redeemed>,
    /// It was revoked: the status of the answer.
    pub revoked: Seen<u16>,
    /// It was redeemed behind that.
    pub after: Seen<Redeemed>,
}

/// What the token endpoint made of a refresh token.
#[derive(Debug, Clone)]
pub enum Redeemed {
    /// Tokens came.
    Tokens {
        /// The tokens.
        tokens: Box<Tokens>,
        /// Whether another refresh token came than was presented; none: no refresh token came.
        is_another: Option<bool>,
    },
    /// It was refused.
    Refused {
        /// The status.
        status: u16,
        /// The error code; blank where there was none.
        error: String,
        /// Error and description, as they may be said.
        text: String,
    },
}

impl Redeemed {
    /// The tokens, if any came.
    #[must_use]
    pub fn tokens(&self) -> Option<&Tokens> {
        match self {
            Self::Tokens { tokens, .. } => Some(tokens),
            Self::Refused { .. } => None,
        }
    }

    /// For sentences.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Tokens { tokens, .. } => {
                let scopes = tokens.scope.as_deref().unwrap_or("not told");
                format!("tokens, with the scopes: {scopes}")
            }
            Self::Refused { text, .. } => text.clone(),
        }
    }
}
