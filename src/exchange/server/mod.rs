//! Requests to the endpoints that the metadata names: rows of `fixtures/protocol/`.

mod answer;
mod care;
mod row;
mod rows;
mod texts;

pub use answer::{Answer, At, List, Part};
pub use care::{ANOTHER_HEADER, ANOTHER_HOST, Care};
pub use row::{Authentication, ClientKind, ID_TOKEN, ID_TOKEN_OF_ANOTHER, Row, Turn};
pub use rows::{Place, ProtocolFile, protocol, protocol_files};
pub use texts::Texts;

use std::sync::Arc;

use super::AuthorizationKey;

/// One request to the authorization server, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerCall {
    /// What is sent, and where.
    pub row: &'static Row,
    basis: Option<AuthorizationKey>,
}

impl ServerCall {
    /// What a row sends, its credential, or its control's, made of the tokens of the authorization;
    /// nothing, where one is needed and there is none.
    #[must_use]
    pub fn of(row: &'static Row, authorization: Option<&AuthorizationKey>) -> Option<Self> {
        let basis = authorization.filter(|_| row.needs_token()).cloned();
        let basis = match row.asks() {
            Some(details) => basis.map(|basis| basis.saying(Arc::new(details.clone()))),
            None => basis,
        };
        (basis.is_some() || !row.needs_token()).then_some(Self { row, basis })
    }

    /// The authorization whose token it presents; none, where it needs none.
    #[must_use]
    pub fn basis(&self) -> Option<&AuthorizationKey> {
        self.basis.as_ref()
    }

    /// The same request without what is wrong with it: a refusal proves nothing where that is
    /// refused too.
    #[must_use]
    pub fn control(&self) -> Option<Self> {
        Self::of(self.row.control()?, self.document().as_ref())
    }

    /// What must have been asked before for its answer to mean anything.
    #[must_use]
    pub fn begun_by(&self) -> Option<Self> {
        Self::of(self.row.after()?, self.document().as_ref())
    }

    /// The document's own request for what its authorization asks for, in whose session another
    /// one is made.
    #[must_use]
    pub fn document(&self) -> Option<AuthorizationKey> {
        let basis = self.basis.clone()?;
        Some(AuthorizationKey {
            details: None,
            ..basis
        })
    }
}
