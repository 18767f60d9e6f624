//! What the model expects of every test user × requested scopes × endpoint.

use std::collections::BTreeSet;

use super::EVERYONE;
use super::file::{Endpoint, OrgModel, TestUser, short_scope};
use super::policy::{
    AccessPolicy, AccessRule, Allowed, Decision, OpenIdConnectScopes, Person, decide,
};

/// The scopes of one request, beside `openid`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeRequest {
    /// The custom scopes that are asked for, in the order of the model.
    pub scopes: Vec<String>,
}

impl ScopeRequest {
    /// `openid` and the custom scopes, as the `scope` parameter has them.
    #[must_use]
    pub fn with_openid(&self) -> BTreeSet<String> {
        std::iter::once("openid".to_owned())
            .chain(self.scopes.iter().cloned())
            .collect()
    }

    /// The value of the `scope` parameter, in the document's order.
    #[must_use]
    pub fn parameter(&self) -> String {
        std::iter::once("openid")
            .chain(self.scopes.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// For names of trials: `silver`, `silver_and_gold`, `openid_alone`.
    #[must_use]
    pub fn name(&self) -> String {
        if self.scopes.is_empty() {
            return "openid_alone".to_owned();
        }
        let short: Vec<&str> = self.scopes.iter().map(|scope| short_scope(scope)).collect();
        short.join("_and_")
    }

    /// For sentences: `silver and gold`, `openid alone`.
    #[must_use]
    pub fn words(&self) -> String {
        self.name().replace('_', " ")
    }

    /// Whether the request asks for the scope.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.scopes.iter().any(|asked| asked == scope)
    }
}

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
    /// The policies of the model, as [`decide`] takes them.
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
        let groups: BTreeSet<String> = user.group_names().map(str::to_owned).collect();
        if !self.is_assigned(&groups, user.assigned_directly) {
            return Expected::NotAssigned;
        }
        let person = Person {
            login: None,
            groups,
        };
        let policies = self.access_policies();
        let openid = OpenIdConnectScopes::MustBeInRule;
        match decide(
            &policies,
            "",
            &person,
            &request.with_openid(),
            grant_type,
            openid,
        ) {
            Decision::Granted(_, rule) => Expected::Granted {
                rule: rule.name.clone(),
                access_token_lifetime_minutes: rule.access_token_lifetime_minutes,
            },
            Decision::Denied => Expected::Denied,
        }
    }

    /// What an endpoint must do with a token that was given for a request.
    #[must_use]
    pub fn access(&self, request: &ScopeRequest, endpoint: &Endpoint) -> Access {
        if request.contains(endpoint.scope_name()) {
            Access::Reads
        } else {
            Access::Refused
        }
    }

    /// The requests that are made for every test user: nothing, each scope, and combinations.
    ///
    /// All combinations of up to three scopes; of more, each alone and all together.
    #[must_use]
    pub fn scope_requests(&self) -> Vec<ScopeRequest> {
        let all: Vec<String> = self
            .scopes
            .iter()
            .map(|scope| scope.name.get_ref().clone())
            .collect();
        let mut requests: Vec<ScopeRequest> = if all.len() <= 3 {
            combinations(&all)
        } else {
            let alone = all.iter().map(|scope| vec![scope.clone()]);
            let lists = std::iter::once(Vec::new())
                .chain(alone)
                .chain([all.clone()]);
            lists.map(|scopes| ScopeRequest { scopes }).collect()
        };
        requests.sort_by_key(|request| request.scopes.len());
        requests
    }

    /// The test user with this NAME.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<&TestUser> {
        self.users.iter().find(|user| user.name() == name)
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

fn combinations(all: &[String]) -> Vec<ScopeRequest> {
    let subset = |mask: usize| {
        let chosen = all
            .iter()
            .enumerate()
            .filter(|(index, _)| mask & (1 << index) != 0);
        ScopeRequest {
            scopes: chosen.map(|(_, scope)| scope.clone()).collect(),
        }
    };
    (0..1_usize << all.len()).map(subset).collect()
}
