//! The rule of an access policy that a finding is about, as the audit read it: names before ids,
//! and what decides marked.

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use crate::management::found::{
    ALL_CLIENTS, EVERY_GROUP, EVERY_SCOPE, FoundPolicyRules, FoundRule, Include,
};
use crate::observation::FoundOrg;
use crate::requirements::Observed;
use crate::requirements::deciding::{CONDITIONS, Condition};
use crate::requirements::rests_on::rule_words;

/// So many rules are shown under one finding; it names the rest.
const MOST_RULES: usize = 3;
/// So many names are in one condition.
const MOST_NAMES: usize = 20;

/// A condition of a rule, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCondition {
    /// `status`, `people`, `clients`, `grant types` or `scopes`.
    pub name: String,
    /// What the org has there.
    pub is: String,
    /// Whether it decides that the scopes came, or did not.
    pub decides: bool,
}

/// The rules whose conditions a result rests on; none, where no policies were read.
pub(super) fn of(observed: &Observed, org: &FoundOrg) -> Vec<Evidence> {
    let named: Vec<&str> = observed.list(CONDITIONS).collect();
    let mut policies: Vec<&FoundPolicyRules> = org.policies.iter().flatten().collect();
    policies.sort_by_key(|found| found.policy.priority);
    let rules = policies.into_iter().flat_map(|found| {
        let mut rules: Vec<&FoundRule> = found.rules.iter().collect();
        rules.sort_by_key(|rule| rule.priority);
        rules.into_iter().map(move |rule| (found, rule))
    });
    let shown = rules.filter_map(|(found, rule)| shown(org, found, rule, &named));
    shown.take(MOST_RULES).collect()
}

fn shown(
    org: &FoundOrg,
    found: &FoundPolicyRules,
    rule: &FoundRule,
    named: &[&str],
) -> Option<Evidence> {
    let words = rule_words(&found.policy.name, &rule.name);
    let all = [
        (Condition::Status, status(found, rule)),
        (Condition::People, people(org, rule)),
        (Condition::Clients, clients(org, found)),
        (
            Condition::GrantTypes,
            listed(
                &rule.conditions.grant_types.include,
                "every grant type",
                str::to_owned,
            ),
        ),
        (
            Condition::Scopes,
            listed(
                &rule.conditions.scopes.include,
                "every scope",
                str::to_owned,
            ),
        ),
    ];
    let conditions = all.map(|(condition, is)| RuleCondition {
        name: condition.word().to_owned(),
        is,
        decides: named.contains(&condition.of(&words).as_str()),
    });
    let is_named = named.contains(&words.as_str()) || conditions.iter().any(|it| it.decides);
    is_named.then(|| Evidence::Rule {
        policy: found.policy.name.clone(),
        rule: rule.name.clone(),
        conditions: conditions.into(),
    })
}

fn status(found: &FoundPolicyRules, rule: &FoundRule) -> String {
    if found.policy.status.is_active() {
        return rule.status.to_string();
    }
    format!("{}, and the policy is {}", rule.status, found.policy.status)
}

fn people(org: &FoundOrg, rule: &FoundRule) -> String {
    let people = &rule.conditions.people;
    let group = |id: &str| {
        if id == EVERY_GROUP || org.built_in_groups.contains(id) {
            "everyone".to_owned()
        } else if org.gone_groups.contains(id) {
            format!("the group {id}, which the org does not show")
        } else {
            format!("members of `{}`", org.group_name(id))
        }
    };
    let user = |id: &str| match id {
        EVERY_GROUP => "everyone".to_owned(),
        _ => format!("the user {}", org.user_name(id)),
    };
    let both = |groups: &[String], users: &[String]| {
        let groups = groups.iter().map(|id| group(id));
        groups.chain(users.iter().map(|id| user(id))).collect()
    };
    let included: Vec<String> = both(&people.groups.include, &people.users.include);
    let excluded: Vec<String> = both(&people.groups.exclude, &people.users.exclude);
    joined(included, "nobody") + &but_not(excluded)
}

fn clients(org: &FoundOrg, found: &FoundPolicyRules) -> String {
    let name = |id: &str| {
        let others = org.other_clients.values().flatten().flatten();
        let mut known = org.client.iter().flatten().chain(others);
        match known.find(|client| client.id == id && !client.label.is_empty()) {
            Some(client) => format!("`{}` ({id})", client.label),
            None => id.to_owned(),
        }
    };
    let conditions: &Include = &found.policy.conditions.clients;
    let excluded = conditions.exclude.iter().map(|id| name(id)).collect();
    listed(&conditions.include, "all clients", name) + &but_not(excluded)
}

/// Names, or the words for all there are.
fn listed(names: &[String], all: &str, name: impl Fn(&str) -> String) -> String {
    let is_all = |own: &String| [ALL_CLIENTS, EVERY_SCOPE].contains(&own.as_str());
    if names.iter().any(is_all) {
        return all.to_owned();
    }
    joined(names.iter().map(|own| name(own)).collect(), "none")
}

fn but_not(excluded: Vec<String>) -> String {
    if excluded.is_empty() {
        return String::new();
    }
    format!(", but not {}", joined(excluded, ""))
}

fn joined(names: Vec<String>, none: &str) -> String {
    if names.is_empty() {
        return none.to_owned();
    }
    let more = names.len().saturating_sub(MOST_NAMES);
    let shown: Vec<String> = names.into_iter().take(MOST_NAMES).collect();
    let more = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    shown.join(", ") + &more
}
