//! Which conditions of a rule decide that a scope comes, or does not: where the report shows the
//! rule, it marks them.

use super::context::Context;
use super::rests_on::{rule_setting, rule_words};
use crate::model::{AccessPolicy, AccessRule, Allowed, EVERYONE, OpenIdConnectScopes, Rule};

/// The observed value that names conditions of rules, or rules by themselves where none of their
/// conditions is known to decide.
pub(crate) const CONDITIONS: &str = "rests on conditions";

/// A condition of a rule of an access policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Whether the rule and its policy are active.
    Status,
    /// The groups and users.
    People,
    /// The clients that its policy applies to.
    Clients,
    /// The grant types.
    GrantTypes,
    /// The scopes.
    Scopes,
}

impl Condition {
    /// What it is called.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::People => "people",
            Self::Clients => "clients",
            Self::GrantTypes => "grant types",
            Self::Scopes => "scopes",
        }
    }

    /// The condition of a rule that is named by its words.
    pub(crate) fn of(self, rule: &str) -> String {
        rule_setting(rule, self.word())
    }
}

/// Those conditions that hold, each with its rule; the rule alone where none does.
fn named<const N: usize>(rule: &str, conditions: [(Condition, bool); N]) -> Vec<String> {
    let decide = conditions.into_iter().filter(|(_, decides)| *decides);
    let decide: Vec<String> = decide.map(|(condition, _)| condition.of(rule)).collect();
    if decide.is_empty() {
        vec![rule.to_owned()]
    } else {
        decide
    }
}

impl Context<'_> {
    /// The conditions by which rules give more than the model's rules of their names; whom they are
    /// for, where they differ in nothing.
    pub(super) fn too_wide<'r>(&self, rules: impl IntoIterator<Item = &'r str>) -> Vec<String> {
        let policies = self.seen.org.known_policies().unwrap_or_default();
        let of_rule = |words: &str| {
            let Some((policy, rule)) = find(&policies, words) else {
                return vec![words.to_owned()];
            };
            let wanted = self.model.policy.rules.iter();
            let wanted = wanted.clone().find(|wanted| wanted.name == rule.name);
            let [people, grants, scopes] = wanted.map_or([true, false, true], |wanted| {
                [
                    is_for_more(wanted, rule),
                    !rule.grant_types.is_subset(&wanted.grant_types),
                    !is_within(&rule.scopes, wanted.scope_names()),
                ]
            });
            let own = [self.facts.client_id.as_str()];
            let clients = !self.model.policy.all_clients && !is_within(&policy.clients, own);
            let is_alike = ![people, grants, scopes, clients].contains(&true);
            named(
                words,
                [
                    (Condition::People, people || is_alike),
                    (Condition::Clients, clients),
                    (Condition::GrantTypes, grants),
                    (Condition::Scopes, scopes),
                ],
            )
        };
        rules.into_iter().flat_map(of_rule).collect()
    }

    /// The conditions by which rules give a group less than the model's rules for it.
    pub(super) fn too_narrow<'r>(
        &self,
        group: &str,
        rules: impl IntoIterator<Item = &'r String>,
    ) -> Vec<String> {
        let policies = self.all_policies().unwrap_or_default();
        let wanted = self.model.policy.rules.iter();
        let wanted = wanted.filter(|rule| rule.group_names().any(|name| name == group));
        let of_rule = |words: &String| {
            let found = find(policies, words);
            let nearest = found.and_then(|(policy, rule)| {
                let lacks = wanted.clone().map(|wanted| {
                    let client = &self.facts.client_id;
                    lacking(wanted, group, rule)
                        .into_iter()
                        .chain([
                            (Condition::Status, !policy.is_active || !rule.is_active),
                            (Condition::Clients, !policy.clients.contains(client)),
                        ])
                        .filter(|(_, lacks)| *lacks)
                        .map(|(condition, _)| condition.of(words))
                        .collect::<Vec<_>>()
                });
                lacks.min_by_key(Vec::len)
            });
            let nearest = nearest.filter(|lacks| !lacks.is_empty());
            nearest.unwrap_or_else(|| vec![words.clone()])
        };
        rules.into_iter().flat_map(of_rule).collect()
    }
}

fn find<'p>(
    policies: &'p [AccessPolicy],
    words: &str,
) -> Option<(&'p AccessPolicy, &'p AccessRule)> {
    let rules = policies.iter().flat_map(|policy| {
        let rules = policy.rules.iter();
        rules.map(move |rule| (policy, rule))
    });
    let mut rules = rules.filter(|(policy, rule)| rule_words(&policy.name, &rule.name) == words);
    rules.next()
}

fn is_within<'w>(found: &Allowed, wanted: impl IntoIterator<Item = &'w str>) -> bool {
    match found {
        Allowed::All => false,
        Allowed::Only(names) => {
            let wanted: Vec<&str> = wanted.into_iter().collect();
            names.iter().all(|name| wanted.contains(&name.as_str()))
        }
    }
}

fn is_for_more(wanted: &Rule, found: &AccessRule) -> bool {
    let is_for_all = wanted.group_names().any(|name| name == EVERYONE);
    !is_for_all && (!is_within(&found.groups, wanted.group_names()) || !found.users.is_empty())
}

fn lacking(wanted: &Rule, group: &str, found: &AccessRule) -> [(Condition, bool); 3] {
    let openid = OpenIdConnectScopes::MustBeInRule;
    let excludes = !found.excluded_groups.is_empty() || !found.excluded_users.is_empty();
    let mut scopes = wanted.scope_names();
    [
        (Condition::People, !found.groups.contains(group) || excludes),
        (
            Condition::GrantTypes,
            !wanted.grant_types.is_subset(&found.grant_types),
        ),
        (
            Condition::Scopes,
            scopes.any(|scope| !found.covers(scope, openid)),
        ),
    ]
}

#[cfg(test)]
mod tests;
