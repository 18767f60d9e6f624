//! What the model expects of every test user × requested scopes × endpoint.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::endpoint::{Endpoint, Needs};
use super::file::{OrgModel, TestUser};
use super::policy::{AccessPolicy, AccessRule, Allowed};
use super::{EVERYONE, Flow, Grantee, ScopeRequest};

/// What the authorization server must answer to a test user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Tokens with all requested scopes, by this rule.
    Granted {
        /// The rule that must be the first to match.
        rule: String,
        /// The lifetime of its access tokens, in minutes.
        access_token_lifetime_minutes: u32,
    },
    /// `access_denied`: the user is assigned to the client, and no rule matches.
    Denied,
    /// The user is not assigned to the client.
    NotAssigned,
}

/// What an endpoint must do with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Answer.
    Reads,
    /// Refuse: the token lacks the scope.
    Refused,
}

impl OrgModel {
    /// The policies of the model, as [`decide`](super::decide) takes them.
    #[must_use]
    pub fn access_policies(&self) -> Vec<AccessPolicy> {
        let rules = self.policy.rules.iter().map(access_rule).collect();
        let name = self.policy.name.clone();
        vec![AccessPolicy {
            name,
            is_active: true,
            clients: Allowed::All,
            rules,
        }]
    }

    /// Whether the model assigns the client to the person.
    #[must_use]
    pub fn is_assigned(&self, groups: &BTreeSet<String>, directly: bool) -> bool {
        directly
            || self
                .client
                .assigned_group_names()
                .any(|name| name == EVERYONE || groups.contains(name))
    }

    /// What a test user must get who asks for these scopes by this grant type.
    #[must_use]
    pub fn expected(&self, user: &TestUser, request: &ScopeRequest, grant_type: &str) -> Expected {
        self.worked_out().expected(user, request, grant_type)
    }

    /// What an endpoint must do with a token that was given for a request.
    #[must_use]
    pub fn access(&self, request: &ScopeRequest, endpoint: &Endpoint) -> Access {
        if endpoint.needs().are_met_by(|scope| request.contains(scope)) {
            Access::Reads
        } else {
            Access::Refused
        }
    }

    /// The endpoints that no test user may read by any flow, nor a service: a refusal there has
    /// nothing to be compared with.
    pub fn endpoints_without_reader(&self) -> impl Iterator<Item = &Endpoint> {
        let has_reader = |endpoint: &Endpoint| {
            let mut flows = self.flows().into_iter();
            flows.any(|flow| {
                !self
                    .granted_to(&self.way_in(endpoint, flow), flow)
                    .is_empty()
            })
        };
        let is_for_people =
            |endpoint: &&Endpoint| !endpoint.is_public() && self.service_at(endpoint).is_none();
        let endpoints = self.endpoints.iter().filter(is_for_people);
        endpoints.filter(move |endpoint| !has_reader(endpoint))
    }

    /// What is asked for by the flow to use an endpoint: of several ways in, the first that is
    /// given to any test user, or the first.
    #[must_use]
    pub fn way_in(&self, endpoint: &Endpoint, flow: Flow) -> ScopeRequest {
        let ways = endpoint.needs().ways();
        let mut requests = ways.iter().map(|way| self.request_for(way));
        let first = requests.next();
        let is_given = |request: &ScopeRequest| !self.granted_to(request, flow).is_empty();
        let first = first.unwrap_or_else(|| self.request_for(&[]));
        if is_given(&first) {
            return first;
        }
        requests.find(is_given).unwrap_or(first)
    }

    /// The other endpoints that a `GET` reads at another path.
    pub fn others<'m>(&'m self, own: &'m Endpoint) -> impl Iterator<Item = &'m Endpoint> {
        let reads = |other: &&Endpoint| other.method == super::Method::Get && other.is_repeatable();
        let others = self.endpoints.iter().filter(reads);
        others.filter(|other| other.path_alone() != own.path_alone())
    }

    /// The endpoint that a run calls so.
    #[must_use]
    pub fn endpoint(&self, id: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.id() == id)
    }

    /// Whom the model gives these scopes by this flow, in the order of the model: of all its users,
    /// whoever is in view. Each with the smallest request for them that is made for the user.
    #[must_use]
    pub fn granted_to(&self, request: &ScopeRequest, flow: Flow) -> Arc<[Grantee]> {
        self.worked_out().granted_to(request, flow)
    }

    /// The test users who must get something else than this one, those together who must all get
    /// the same.
    pub fn other_kinds(
        &self,
        user: &TestUser,
    ) -> impl Iterator<Item = impl Iterator<Item = &TestUser> + Clone> {
        self.worked_out().other_kinds(user)
    }

    /// The test user with this NAME: of all users, whoever is in view.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<&TestUser> {
        self.worked_out().user(name)
    }

    /// All test users in their order, whoever is in view: what is tried of one user alone is tried
    /// of the same one in every part of a run.
    #[must_use]
    pub fn all_users(&self) -> &[TestUser] {
        self.worked_out().users()
    }

    /// Whether an endpoint is open to anyone who has any token for the API, of any scope.
    #[must_use]
    pub fn takes_any_token(&self) -> bool {
        self.signed_in_endpoints().next().is_some()
    }

    /// The endpoints that any token for the API is enough for.
    pub fn signed_in_endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        let endpoints = self.endpoints.iter();
        endpoints.filter(|endpoint| *endpoint.needs() == Needs::SignedIn)
    }

    /// Whether trials are made about the test user with this NAME.
    #[must_use]
    pub fn is_in_view(&self, name: &str) -> bool {
        self.users.iter().any(|user| user.name() == name)
    }

    /// The place of a test user in the order of the model, from 0.
    #[must_use]
    pub fn place_of(&self, name: &str) -> Option<usize> {
        self.worked_out().place_of(name)
    }
}

fn access_rule(rule: &super::Rule) -> AccessRule {
    let everyone = rule.group_names().any(|name| name == EVERYONE);
    AccessRule {
        name: rule.name.clone(),
        is_active: true,
        groups: if everyone {
            Allowed::All
        } else {
            Allowed::only(rule.group_names())
        },
        excluded_groups: BTreeSet::new(),
        users: BTreeSet::new(),
        excluded_users: BTreeSet::new(),
        grant_types: rule.grant_types.clone(),
        scopes: Allowed::only(rule.scope_names()),
        access_token_lifetime_minutes: *rule.access_token_lifetime_minutes.get_ref(),
    }
}
