//! What somebody may obtain whom the model does not give it.

use std::collections::BTreeSet;

use super::effective_access::entitled_groups;
use crate::management::found::EVERY_SCOPE;
use crate::model::{AccessRule, Allowed, Endpoint, OFFLINE_ACCESS, OrgModel, Service};

/// The scope that asks for a user's identity.
pub(super) const OPENID: &str = "openid";

/// What somebody may obtain.
#[derive(Debug, Clone)]
pub(super) enum Sought {
    /// A token with this scope.
    Scope(String),
    /// Any access token for the API, which is enough where an endpoint asks for no scope.
    AnyToken,
}

impl Sought {
    /// Whether a token with this scope is one.
    pub(super) fn is_covered_by(&self, given: &str) -> bool {
        match self {
            Self::Scope(wanted) => given == wanted || given == EVERY_SCOPE,
            Self::AnyToken => true,
        }
    }

    /// Whether the rule gives it.
    pub(super) fn is_given_by(&self, rule: &AccessRule) -> bool {
        match (self, &rule.scopes) {
            (Self::Scope(wanted), scopes) => scopes.contains(wanted),
            (Self::AnyToken, Allowed::All) => true,
            (Self::AnyToken, Allowed::Only(scopes)) => !scopes.is_empty(),
        }
    }

    /// Whether no client has it for itself: by its own credentials it has no identity of a user,
    /// and nothing to refresh (RFC 6749 section 4.4.3).
    pub(super) fn needs_a_user(&self) -> bool {
        matches!(self, Self::Scope(wanted) if wanted == OPENID || wanted == OFFLINE_ACCESS)
    }

    /// Whether the API lets somebody do something for it.
    pub(super) fn opens_something(&self, model: &OrgModel) -> bool {
        match self {
            Self::Scope(wanted) => model.scopes.iter().any(|own| own.name.get_ref() == wanted),
            Self::AnyToken => true,
        }
    }

    /// The groups that the model gives it.
    pub(super) fn groups<'m>(&self, model: &'m OrgModel) -> BTreeSet<&'m str> {
        match self {
            Self::Scope(wanted) => entitled_groups(model, wanted),
            Self::AnyToken => {
                let open = model.signed_in_endpoints();
                open.flat_map(Endpoint::open_to_names).collect()
            }
        }
    }

    /// Whether a service of the model may have it for itself.
    pub(super) fn is_for(&self, service: &Service) -> bool {
        match self {
            Self::Scope(wanted) => service.may_have(wanted),
            Self::AnyToken => true,
        }
    }

    /// The scope, as findings tell it; of any token: no scope is one, and a wildcard stands for
    /// all.
    pub(super) fn scope(&self) -> &str {
        match self {
            Self::Scope(wanted) => wanted,
            Self::AnyToken => EVERY_SCOPE,
        }
    }

    /// In a sentence.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Scope(wanted) => format!("`{wanted}`"),
            Self::AnyToken => "any token for the API".to_owned(),
        }
    }
}
