//! Okta's decision whether a request gets its scopes: pure, over wanted and found orgs alike.
//!
//! Policies are asked by priority, rules by priority, the first match wins. A rule matches only a
//! request whose scopes it covers *all*; Okta never gives a part of what was asked. (Okta's
//! concept pages "Access policies" and "Authorization servers", and its OpenID Connect reference:
//! "If any of the requested scopes are rejected by the Access Policies, the request is rejected".)

use std::collections::BTreeSet;

/// The scopes of OpenID Connect that Okta knows without anybody making them.
const OPENID_CONNECT_SCOPES: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
];

/// Names, or every one there is (`*`, `ALL_CLIENTS`, `EVERYONE` on the wire).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// Every one, whatever its name.
    All,
    /// These.
    Only(BTreeSet<String>),
}

impl Allowed {
    /// These names.
    pub fn only<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Only(names.into_iter().map(str::to_owned).collect())
    }

    /// Whether the name is allowed.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(name),
        }
    }
}

/// An access policy with its rules, in the order of priority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessPolicy {
    /// The name, for messages.
    pub name: String,
    /// Whether it takes part.
    pub is_active: bool,
    /// The clients that it speaks of, by client id.
    pub clients: Allowed,
    /// Its rules, by priority.
    pub rules: Vec<AccessRule>,
}

/// A rule of an access policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRule {
    /// The name, for messages.
    pub name: String,
    /// Whether it takes part.
    pub is_active: bool,
    /// The groups whose members it matches.
    pub groups: Allowed,
    /// Groups whose members it does not match.
    pub excluded_groups: BTreeSet<String>,
    /// Users that it matches beside the groups, by login.
    pub users: BTreeSet<String>,
    /// Users that it does not match, by login.
    pub excluded_users: BTreeSet<String>,
    /// The grant types that it matches.
    pub grant_types: BTreeSet<String>,
    /// The scopes that it covers.
    pub scopes: Allowed,
    /// How long access tokens live, in minutes.
    pub access_token_lifetime_minutes: u32,
}

/// Somebody who asks: what the decision can depend on.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    /// The login, where a rule may name it.
    pub login: Option<String>,
    /// The groups that the person is in, beside `Everyone`.
    pub groups: BTreeSet<String>,
}

/// Whether the scopes of OpenID Connect must stand in a rule to be covered: Okta's sources
/// disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenIdConnectScopes {
    /// As any other scope.
    MustBeInRule,
    /// Every rule covers them.
    AlwaysCovered,
}

/// What Okta decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<'a> {
    /// This rule of this policy gives all requested scopes.
    Granted(&'a AccessPolicy, &'a AccessRule),
    /// No rule matches: `access_denied`.
    Denied,
}

/// Asks the policies, in the order of priority, for one client.
#[must_use]
pub fn decide<'a>(
    policies: &'a [AccessPolicy],
    client_id: &str,
    person: &Person,
    scopes: &BTreeSet<String>,
    grant_type: &str,
    openid: OpenIdConnectScopes,
) -> Decision<'a> {
    first_match(policies, client_id, person, grant_type, |rule| {
        scopes.iter().all(|scope| rule.covers(scope, openid))
    })
}

/// The first rule for the person, the client and the grant type that covers what is asked for.
pub(super) fn first_match<'a>(
    policies: &'a [AccessPolicy],
    client_id: &str,
    person: &Person,
    grant_type: &str,
    covers: impl Fn(&AccessRule) -> bool,
) -> Decision<'a> {
    policies
        .iter()
        .filter(|policy| policy.is_active && policy.clients.contains(client_id))
        .flat_map(|policy| policy.active_rules().map(move |rule| (policy, rule)))
        .find(|(_, rule)| {
            rule.grant_types.contains(grant_type) && rule.matches_person(person) && covers(rule)
        })
        .map_or(Decision::Denied, |(policy, rule)| {
            Decision::Granted(policy, rule)
        })
}

impl AccessPolicy {
    /// The policies with those rules alone that speak of a person of whom much will be asked: the
    /// others decide nothing.
    #[must_use]
    pub fn speaking_of(policies: &[Self], person: &Person) -> Vec<Self> {
        let speaking = |policy: &Self| {
            let rules = policy
                .rules
                .iter()
                .filter(|rule| rule.matches_person(person));
            Self {
                name: policy.name.clone(),
                is_active: policy.is_active,
                clients: policy.clients.clone(),
                rules: rules.cloned().collect(),
            }
        };
        policies.iter().map(speaking).collect()
    }

    /// The rules that take part, by priority.
    pub fn active_rules(&self) -> impl Iterator<Item = &AccessRule> {
        self.rules.iter().filter(|rule| rule.is_active)
    }
}

impl AccessRule {
    /// Whether the rule speaks of this person.
    #[must_use]
    pub fn matches_person(&self, person: &Person) -> bool {
        let login = person.login.as_deref();
        let named = |users: &BTreeSet<String>| login.is_some_and(|login| users.contains(login));
        let excluded =
            named(&self.excluded_users) || !self.excluded_groups.is_disjoint(&person.groups);
        let included = match &self.groups {
            Allowed::All => true,
            Allowed::Only(groups) => !groups.is_disjoint(&person.groups),
        };
        !excluded && (included || named(&self.users))
    }

    /// Whether the rule covers one scope.
    #[must_use]
    pub fn covers(&self, scope: &str, openid: OpenIdConnectScopes) -> bool {
        let implied =
            openid == OpenIdConnectScopes::AlwaysCovered && OPENID_CONNECT_SCOPES.contains(&scope);
        implied || self.scopes.contains(scope)
    }
}

#[cfg(test)]
mod tests;
