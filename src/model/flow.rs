//! The flows by which the client gets tokens in a browser: what its grants and the rules have both.

use std::sync::Arc;

use serde::Deserialize;

use super::file::{OrgModel, TestUser};
use super::{AUTHORIZATION_CODE, Expected, IMPLICIT, ScopeRequest};

/// How tokens come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flow {
    /// `token id_token`, in the fragment: the document's own.
    Implicit,
    /// `code` with PKCE, redeemed at the token endpoint: what Okta recommends today.
    Code,
}

impl Flow {
    /// Every flow, the document's own first.
    pub const ALL: [Self; 2] = [Self::Implicit, Self::Code];

    /// The grant type that a rule and a client must hold.
    #[must_use]
    pub fn grant_type(self) -> &'static str {
        match self {
            Self::Implicit => IMPLICIT,
            Self::Code => AUTHORIZATION_CODE,
        }
    }

    /// The response types that a request asks for, and that a client must hold.
    #[must_use]
    pub fn response_types(self) -> &'static [&'static str] {
        match self {
            Self::Implicit => &["token", "id_token"],
            Self::Code => &["code"],
        }
    }

    /// What names it beside another.
    #[must_use]
    pub fn way(self) -> &'static str {
        match self {
            Self::Implicit => "by implicit",
            Self::Code => "by code",
        }
    }

    /// For sentences.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Implicit => "the implicit flow",
            Self::Code => "the code flow with PKCE",
        }
    }
}

impl OrgModel {
    /// The flows of the client, the document's own first: those that both its grants and a rule
    /// have. A model that was read has at least one.
    #[must_use]
    pub fn flows(&self) -> Vec<Flow> {
        let has = |flow: &Flow| {
            let grant_type = flow.grant_type();
            let mut rules = self.policy.rules.iter();
            self.client.grant_types.contains(grant_type)
                && rules.any(|rule| rule.grant_types.contains(grant_type))
        };
        Flow::ALL.into_iter().filter(has).collect()
    }

    /// The flow by which every request of the model is made.
    #[must_use]
    pub fn main_flow(&self) -> Flow {
        let flows = self.flows();
        flows.first().copied().unwrap_or(Flow::Implicit)
    }

    /// What names a flow where there are two: the main one needs no name.
    #[must_use]
    pub fn way(&self, flow: Flow) -> Option<&'static str> {
        (flow != self.main_flow()).then_some(flow.way())
    }

    /// The requests that are made for a test user by a flow.
    ///
    /// All there are by the main one. By another, the largest that the model grants and the
    /// smallest that it denies: a rule may give by one grant type what it keeps by the other. To
    /// whom it gives nothing, it may give any scope: each is asked for alone.
    ///
    /// Of up to three scopes, all there are is every combination. Of more there are too many, and
    /// most say nothing new: a rule that covers a request covers every part of it, and no rule
    /// takes
    /// anything away. What is left can each be answered otherwise than all the others:
    ///
    /// * nothing, and each scope alone: whoever gets too much, gets too much by one of these;
    /// * the whole set of each rule that speaks of a group of the user: the largest request that
    ///   it gives, so that a rule which lacks any of its scopes is seen;
    /// * each such set with one scope more, by preference one that another rule gives the user: two
    ///   rules that were made one are seen;
    /// * all scopes together: the rule that gives everything is seen.
    #[must_use]
    pub fn requests(&self, user: &TestUser, flow: Flow) -> Arc<[ScopeRequest]> {
        self.worked_out().requests(user, flow)
    }

    /// The largest request that the model grants the user by the flow, if any.
    #[must_use]
    pub fn largest_granted(&self, user: &TestUser, flow: Flow) -> Option<ScopeRequest> {
        self.worked_out().largest_granted(user, flow)
    }

    /// Whether the model gives the user tokens for the request by the flow.
    #[must_use]
    pub fn is_granted(&self, user: &TestUser, request: &ScopeRequest, flow: Flow) -> bool {
        let expected = self.expected(user, request, flow.grant_type());
        matches!(expected, Expected::Granted { .. })
    }
}
