//! A request as data: where it goes, what is sent, with which credential, and what it rests on.
//!
//! What is sent are rows of `fixtures/hostile-requests/`, to the API, and of `fixtures/protocol/`,
//! to endpoints that the metadata names. Nothing above this floor decides by which row it is: it
//! asks what the row says.

mod api_call;
mod assertion;
mod authorization;
mod case;
mod catalog;
mod credential;
mod keys;
mod material;
mod own;
mod recipe;
mod send;
mod server;
mod template;
mod unchanged;

pub use api_call::ApiCall;
pub use assertion::{JWT_BEARER, client_assertion, foreign_assertion, public_key};
pub use authorization::{Anew, AuthorizationKey};
pub use case::{BesideGood, Case, Forbidden, Header, Holder, KeyClass, Request};
pub use catalog::{
    ACCESS, Family, families, family, garbage, hostile, long_word, nothing, tampered,
    the_access_token,
};
pub use credential::{Algorithm, Change, Credential, Lie, Put, SecretOf, SignedBy, TokenOf};
pub use keys::{SigningKey, new_private_key, own_key};
pub use material::Material;
pub use own::{OwnRequest, OwnRequests};
pub use recipe::{NoRecipe, prepare};
pub use send::{Presented, request};
pub use server::{
    ANOTHER_HEADER, ANOTHER_HOST, Answer, At, Authentication, Care, ClientKind, ID_TOKEN,
    ID_TOKEN_OF_ANOTHER, List, Part, Place, ProtocolFile, Row, ServerCall, Texts, Turn, protocol,
    protocol_files,
};

/// One request, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exchange {
    /// To an endpoint of the API.
    Api(ApiCall),
    /// To an endpoint that the metadata names.
    Server(ServerCall),
}

impl Exchange {
    /// The authorization that must have given a token before; none, where none is needed. Anyone
    /// who plans, splits a run or looks for controls asks here.
    #[must_use]
    pub fn basis(&self) -> Option<&AuthorizationKey> {
        match self {
            Self::Api(call) => call.basis(),
            Self::Server(call) => call.basis(),
        }
    }

    /// The exchange that must have been made before this one, at the same endpoint.
    #[must_use]
    pub fn after(&self) -> Option<Self> {
        match self {
            Self::Api(call) => call.after().map(Self::Api),
            Self::Server(call) => call.control().map(Self::Server),
        }
    }

    /// Whether the keys of the issuer are needed.
    #[must_use]
    pub fn needs_keys(&self) -> bool {
        match self {
            Self::Api(call) => call.case.needs_keys(),
            Self::Server(_) => false,
        }
    }

    /// Whether the metadata is needed: it says where the endpoint is.
    #[must_use]
    pub fn needs_metadata(&self) -> bool {
        match self {
            Self::Api(_) => false,
            Self::Server(_) => true,
        }
    }
}
