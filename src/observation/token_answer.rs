//! What the token endpoint answers, without tokens in its words.

use super::Tokens;

/// What the token endpoint answered to a client.
#[derive(Debug, Clone)]
pub enum TokenAnswer {
    /// Tokens.
    Tokens(Box<Tokens>),
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

impl TokenAnswer {
    /// The tokens, if any came.
    #[must_use]
    pub fn tokens(&self) -> Option<&Tokens> {
        match self {
            Self::Tokens(tokens) => Some(tokens),
            Self::Refused { .. } => None,
        }
    }

    /// For sentences.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Tokens(tokens) => {
                let scopes = tokens.scope.as_deref().unwrap_or("not told");
                format!("tokens, with the scopes: {scopes}")
            }
            Self::Refused { text, .. } => text.clone(),
        }
    }
}
