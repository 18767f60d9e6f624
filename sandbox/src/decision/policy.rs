//! Access policies: who gets which scopes, and for how long.
//!
//! Policies by priority, rules by priority, the first match wins. A rule matches only if it covers
//! every requested scope, the grant types, the client and the person: Okta never grants a part.

use crate::state::org::{AuthorizationServer, Org, Policy, Rule, RuleConditions, Status};

/// The OpenID Connect scopes every authorization server has.
const OPENID_CONNECT_SCOPES: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
];

/// What is asked of the access policies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) client_id: &'a str,
    /// Nobody where the client acts for itself.
    pub(crate) user_id: Option<&'a str>,
    /// A hybrid request is both grants at once.
    pub(crate) grant_types: &'a [&'a str],
    pub(crate) scopes: &'a [String],
    /// Whether a rule grants the OpenID Connect scopes without naming them.
    pub(crate) openid_connect_always_granted: bool,
}

impl Question<'_> {
    fn is_always_granted(&self, scope: &str) -> bool {
        self.openid_connect_always_granted && OPENID_CONNECT_SCOPES.contains(&scope)
    }

    /// Whether the rule holds for the person and the grant, whatever the scopes.
    fn fits(&self, org: &Org, rule: &Rule) -> bool {
        let granted = &rule.conditions.grant_types;
        let covers = |grant: &&str| granted.contains(*grant);
        rule.status == Status::Active
            && self.grant_types.iter().all(covers)
            // What a rule says of people is of no matter to a client that acts for itself.
            && self.user_id.is_none_or(|user| is_meant(org, &rule.conditions, user))
    }

    /// Whether the rule grants the scope.
    pub(crate) fn covers(&self, rule: &Rule, scope: &str) -> bool {
        let scopes = &rule.conditions.scopes;
        self.is_always_granted(scope) || scopes.contains("*") || scopes.contains(scope)
    }
}

/// The first rule that covers all of the question, or nothing.
pub(crate) fn first_match<'a>(
    org: &Org,
    server: &'a AuthorizationServer,
    question: &Question<'_>,
) -> Option<&'a Rule> {
    fitting_rules(org, server, question)
        .into_iter()
        .find(|rule| {
            let mut scopes = question.scopes.iter();
            scopes.all(|scope| question.covers(rule, scope))
        })
}

/// The first rule that fits the client, the person and the grant and covers some of the scopes.
pub(crate) fn first_partial_match<'a>(
    org: &Org,
    server: &'a AuthorizationServer,
    question: &Question<'_>,
) -> Option<&'a Rule> {
    fitting_rules(org, server, question)
        .into_iter()
        .find(|rule| {
            let mut scopes = question.scopes.iter();
            scopes.any(|scope| question.covers(rule, scope))
        })
}

/// The requested scopes that no fitting rule covers; all of them when each is covered somewhere.
pub(crate) fn denied_scopes<'a>(
    org: &Org,
    server: &AuthorizationServer,
    question: &Question<'a>,
) -> Vec<&'a str> {
    let rules = fitting_rules(org, server, question);
    let all = question.scopes.iter().map(String::as_str);
    let denied: Vec<&str> = all
        .clone()
        .filter(|scope| !rules.iter().any(|rule| question.covers(rule, scope)))
        .collect();
    if denied.is_empty() {
        all.collect()
    } else {
        denied
    }
}

fn fitting_rules<'a>(
    org: &Org,
    server: &'a AuthorizationServer,
    question: &Question<'_>,
) -> Vec<&'a Rule> {
    let speaks_of = |policy: &&Policy| {
        let clients = &policy.clients.include;
        policy.status == Status::Active
            && clients
                .iter()
                .any(|client| client == "ALL_CLIENTS" || client == question.client_id)
    };
    let mut policies: Vec<&Policy> = server.policies.values().filter(speaks_of).collect();
    policies.sort_by_key(|policy| policy.priority);
    policies
        .into_iter()
        .flat_map(by_priority)
        .filter(|rule| question.fits(org, rule))
        .collect()
}

fn by_priority(policy: &Policy) -> Vec<&Rule> {
    let mut rules: Vec<&Rule> = policy.rules.values().collect();
    rules.sort_by_key(|rule| rule.priority);
    rules
}

/// Whether the people condition means the user; one without users and groups means nobody.
fn is_meant(org: &Org, conditions: &RuleConditions, user: &str) -> bool {
    let in_any = |groups: &indexmap::IndexSet<String>| {
        let mut groups = groups.iter();
        groups.any(|group| group == "EVERYONE" || org.is_member(user, group))
    };
    let included = conditions.users_include.contains(user)
        || conditions.users_include.contains("EVERYONE")
        || in_any(&conditions.groups_include);
    let excluded = conditions.users_exclude.contains(user) || in_any(&conditions.groups_exclude);
    included && !excluded
}

#[cfg(test)]
mod tests;
