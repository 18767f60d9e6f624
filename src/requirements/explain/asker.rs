//! The rules that would give a request, and what in each keeps it from it.

use std::collections::BTreeSet;

use super::{listed, names};
use crate::model::{AccessPolicy, AccessRule, Allowed, OpenIdConnectScopes, Person};
use crate::observation::{AuthorizationKey, Denial};
use crate::requirements::context::Context;
use crate::requirements::deciding::Condition;
use crate::requirements::rests_on::rule_words;

/// So many rules are named that would have matched but for a condition.
const MOST_RULES: usize = 2;

/// The conditions of the nearest rules that keep a denied request from its scopes; none, where
/// something else than the rules denied it, or the audit could not look.
pub(in crate::requirements) fn near_misses(
    context: &Context<'_>,
    key: &AuthorizationKey,
    denial: Denial,
) -> Vec<String> {
    let is_by_rules = [Denial::Policy, Denial::Unknown].contains(&denial);
    let is_assigned = context.is_assigned(&key.user).unwrap_or_default();
    let policies = context
        .all_policies()
        .ok()
        .filter(|_| is_by_rules && is_assigned);
    let near = Asker::of(context, key).nearest(policies.unwrap_or_default());
    let named = near.iter().flat_map(|(policy, rule, obstacles)| {
        let words = rule_words(&policy.name, &rule.name);
        let mut named: Vec<String> = obstacles
            .iter()
            .map(|obstacle| obstacle.condition().of(&words))
            .collect();
        if named.is_empty() {
            named.push(words);
        }
        named
    });
    named.collect()
}

/// Why a rule does not match a request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Obstacle {
    InactivePolicy,
    OtherClients,
    InactiveRule,
    People,
    GrantType,
    Scopes,
}

impl Obstacle {
    const fn condition(self) -> Condition {
        match self {
            Self::InactivePolicy | Self::InactiveRule => Condition::Status,
            Self::OtherClients => Condition::Clients,
            Self::People => Condition::People,
            Self::GrantType => Condition::GrantTypes,
            Self::Scopes => Condition::Scopes,
        }
    }
}

/// Who asks the rules for what.
pub(super) struct Asker<'a> {
    key: &'a AuthorizationKey,
    person: Person,
    scopes: BTreeSet<String>,
    client: &'a str,
}

/// A rule that would give a request, and why it does not.
pub(super) type Near<'p> = (&'p AccessPolicy, &'p AccessRule, Vec<Obstacle>);

impl<'a> Asker<'a> {
    pub(super) fn of(context: &'a Context<'_>, key: &'a AuthorizationKey) -> Self {
        Self {
            key,
            person: context.person(&key.user),
            scopes: key.scopes(),
            client: &context.facts.client_id,
        }
    }

    /// The rules with the fewest obstacles.
    pub(super) fn nearest<'p>(&self, policies: &'p [AccessPolicy]) -> Vec<Near<'p>> {
        let rules = policies.iter().flat_map(|policy| {
            let rules = policy.rules.iter();
            rules.map(move |rule| (policy, rule))
        });
        let near = rules.map(|(policy, rule)| (policy, rule, self.obstacles(policy, rule)));
        let mut near: Vec<Near<'p>> = near.collect();
        let fewest = near.iter().map(|(.., obstacles)| obstacles.len()).min();
        near.retain(|(.., obstacles)| Some(obstacles.len()) == fewest);
        near.truncate(if fewest == Some(0) { 1 } else { MOST_RULES });
        near
    }

    fn obstacles(&self, policy: &AccessPolicy, rule: &AccessRule) -> Vec<Obstacle> {
        let is_there = [
            (Obstacle::InactivePolicy, !policy.is_active),
            (
                Obstacle::OtherClients,
                !policy.clients.contains(self.client),
            ),
            (Obstacle::InactiveRule, !rule.is_active),
            (Obstacle::People, !rule.matches_person(&self.person)),
            (
                Obstacle::GrantType,
                !rule.grant_types.contains(self.key.flow.grant_type()),
            ),
            (Obstacle::Scopes, self.lacking(rule).next().is_some()),
        ];
        let obstacles = is_there.into_iter().filter(|(_, is_there)| *is_there);
        obstacles.map(|(obstacle, _)| obstacle).collect()
    }

    fn lacking(&self, rule: &AccessRule) -> impl Iterator<Item = &str> {
        let openid = OpenIdConnectScopes::MustBeInRule;
        let scopes = self.scopes.iter().map(String::as_str);
        scopes.filter(move |scope| !rule.covers(scope, openid))
    }

    pub(super) fn told(
        &self,
        policy: &AccessPolicy,
        rule: &AccessRule,
        obstacles: &[Obstacle],
    ) -> String {
        if obstacles.is_empty() {
            return format!(
                "rule `{}` of policy `{}` should give it: was the org changed during the run? Else \
                 look at what is not audited: Security > Authentication Policies of the client, \
                 the Global Session Policy, network zones",
                rule.name, policy.name
            );
        }
        let words: Vec<String> = obstacles
            .iter()
            .map(|obstacle| self.words(*obstacle, policy, rule))
            .collect();
        format!(
            "rule `{}` of policy `{}` would give it, but {}",
            rule.name,
            policy.name,
            words.join(", and ")
        )
    }

    fn words(&self, obstacle: Obstacle, policy: &AccessPolicy, rule: &AccessRule) -> String {
        match obstacle {
            Obstacle::InactivePolicy => "the policy is not active".to_owned(),
            Obstacle::OtherClients => format!(
                "the policy applies to the clients {} and not to this one",
                names(&policy.clients)
            ),
            Obstacle::InactiveRule => "it is not active".to_owned(),
            Obstacle::People => people(rule, &self.person, &self.key.user),
            Obstacle::GrantType => {
                let grant = self.key.flow.grant_type();
                format!("it does not list the grant type `{grant}`")
            }
            Obstacle::Scopes => {
                format!("it does not list the scope {}", listed(self.lacking(rule)))
            }
        }
    }
}

fn people(rule: &AccessRule, person: &Person, user: &str) -> String {
    let login = person.login.as_ref();
    if login.is_some_and(|login| rule.excluded_users.contains(login)) {
        return format!("it excludes {user}");
    }
    let mut excluded = rule.excluded_groups.intersection(&person.groups).peekable();
    if excluded.peek().is_some() {
        let groups = listed(excluded.map(String::as_str));
        return format!("it excludes members of {groups}, and {user} is one");
    }
    if rule.groups == Allowed::Only(BTreeSet::new()) && rule.users.is_empty() {
        return "it names no group that is there".to_owned();
    }
    format!(
        "it applies to {}, and {user} is in {}",
        names(&rule.groups),
        listed(person.groups.iter().map(String::as_str))
    )
}
