//! A request as data: where it goes, what is sent, with which credential, and what it rests on.
//!
//! What is sent are rows of `fixtures/hostile-requests/`. Nothing above this floor decides by which
//! row it is: it asks what the row says.

mod authorization;
mod case;
mod catalog;
mod credential;
mod keys;
mod material;
mod recipe;
mod send;
mod template;

pub use authorization::AuthorizationKey;
pub use case::{Case, Forbidden, Header, Holder, KeyClass, Request};
pub use catalog::{ACCESS, Family, families, family, hostile, nothing, the_access_token};
pub use credential::{Algorithm, Change, Credential, Put, SecretOf, SignedBy, TokenOf};
pub use keys::{SigningKey, own_key};
pub use material::Material;
pub use recipe::{NoRecipe, prepare};
pub use send::{Presented, request};

/// One request to the API, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exchange {
    /// The path of the endpoint of the API.
    pub endpoint: String,
    /// What is sent there.
    pub case: &'static Case,
    basis: Option<AuthorizationKey>,
}

impl Exchange {
    /// The access token of an authorization, presented as it is meant to be.
    #[must_use]
    pub fn with_token_of(key: &AuthorizationKey, endpoint: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            case: the_access_token(),
            basis: Some(key.clone()),
        }
    }

    /// Nothing presented.
    #[must_use]
    pub fn with_nothing(endpoint: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            case: nothing(),
            basis: None,
        }
    }

    /// What a case sends to an endpoint, its credential made of the tokens of the authorization;
    /// nothing, where it needs one and there is none.
    #[must_use]
    pub fn of(
        case: &'static Case,
        endpoint: &str,
        authorization: Option<&AuthorizationKey>,
    ) -> Option<Self> {
        let basis = authorization.filter(|_| case.needs_token()).cloned();
        (basis.is_some() || !case.needs_token()).then(|| Self {
            endpoint: endpoint.to_owned(),
            case,
            basis,
        })
    }

    /// The authorization that must have given a token before; none, where none is needed. Whoever
    /// plans, splits a run or looks for controls asks here.
    #[must_use]
    pub fn basis(&self) -> Option<&AuthorizationKey> {
        self.basis.as_ref()
    }

    /// The exchange that must have been made before this one, at the same endpoint.
    #[must_use]
    pub fn after(&self) -> Option<Self> {
        let earlier = self.case.after()?;
        Self::of(earlier, &self.endpoint, self.basis())
    }

    /// The authorization whose access token is presented as it is meant to be, if one is.
    #[must_use]
    pub fn rightful(&self) -> Option<&AuthorizationKey> {
        self.basis().filter(|_| self.case.is_rightful())
    }
}
