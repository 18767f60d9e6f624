//! Requests to the endpoints that the metadata names: rows of `fixtures/protocol/`.

mod answer;
mod row;
mod rows;
mod texts;

pub use answer::{Answer, At, Part};
pub use row::{Authentication, ClientKind, Row};
pub use rows::{Place, ProtocolFile, protocol, protocol_files};
pub use texts::Texts;

use super::AuthorizationKey;

/// One request to the authorization server, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerCall {
    /// What is sent, and where.
    pub row: &'static Row,
    basis: Option<AuthorizationKey>,
}

impl ServerCall {
    /// What a row sends, its credential made of the tokens of the authorization; nothing, where it
    /// needs one and there is none.
    #[must_use]
    pub fn of(row: &'static Row, authorization: Option<&AuthorizationKey>) -> Option<Self> {
        let basis = authorization.filter(|_| row.needs_token()).cloned();
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
        Self::of(self.row.control()?, self.basis())
    }
}
