//! Why nobody knows what access policies give: what they do not say, and what they say in words
//! that nobody here reads.

use super::NotSeen;
use crate::management::found::{FoundPolicy, FoundPolicyRules, FoundRule};
use crate::management::status::Words;

/// What policies and rules that may take part leave in doubt.
pub(super) fn of_policies(policies: &[FoundPolicyRules]) -> Option<NotSeen> {
    let doubts: Vec<String> = policies.iter().flat_map(of_policy).collect();
    (!doubts.is_empty()).then(|| NotSeen::inconclusive(doubts.join("; ")))
}

/// Why nobody knows in which order Okta asks these policies, or the rules of one of them: the order
/// is that of their priorities, of which each is another one.
pub(super) fn of_order<'p>(
    policies: impl Iterator<Item = &'p FoundPolicyRules> + Clone,
) -> Option<NotSeen> {
    let own = policies.clone().map(|found| &found.policy);
    let own: Vec<(&str, u32)> = own.map(|own| (own.name.as_str(), own.priority)).collect();
    let of_rules = policies.filter_map(|found| {
        let active = found.rules.iter().filter(|rule| rule.status.is_active());
        let rules: Vec<(&str, u32)> = active
            .map(|own| (own.name.as_str(), own.priority))
            .collect();
        unordered("rules", &rules)
    });
    let doubts: Vec<String> = unordered("policies", &own)
        .into_iter()
        .chain(of_rules)
        .collect();
    (!doubts.is_empty()).then(|| NotSeen::inconclusive(doubts.join("; ")))
}

/// Which of several objects have no priority, or one that another one has, too.
fn unordered(kind: &str, objects: &[(&str, u32)]) -> Option<String> {
    let same = |priority: u32| objects.iter().filter(|(_, own)| *own == priority).count();
    let is_unplaced =
        |(_, priority): &&(&str, u32)| objects.len() > 1 && (*priority == 0 || same(*priority) > 1);
    let unplaced = objects.iter().filter(is_unplaced);
    let names: Vec<String> = unplaced.map(|(name, _)| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| {
        format!(
            "the org does not show in which order it asks the {kind} {}: a priority is missing or \
             0, or is there twice",
            names.join(" and ")
        )
    })
}

fn of_policy(found: &FoundPolicyRules) -> Vec<String> {
    let policy = &found.policy;
    let object = format!("policy `{}`", policy.name);
    if let Some(doubt) = policy.status.doubt(Words::OBJECT, &object) {
        return vec![doubt];
    }
    if !policy.status.is_active() {
        return Vec::new();
    }
    let mut doubts: Vec<String> = unread(&object, policy.unread()).collect();
    doubts.extend(untold(&object, untold_clients(policy)));
    doubts.extend(found.rules.iter().flat_map(of_rule));
    doubts
}

fn untold_clients(policy: &FoundPolicy) -> Vec<&'static str> {
    let is_told = policy.conditions.clients.names();
    let untold = (!is_told).then_some("conditions.clients");
    untold.into_iter().collect()
}

fn of_rule(rule: &FoundRule) -> Vec<String> {
    let object = format!("rule `{}`", rule.name);
    if let Some(doubt) = rule.status.doubt(Words::OBJECT, &object) {
        return vec![doubt];
    }
    if !rule.status.is_active() {
        return Vec::new();
    }
    let mut doubts: Vec<String> = unread(&object, rule.unread()).collect();
    doubts.extend(untold(&object, rule.untold()));
    doubts
}

fn unread(object: &str, unread: Vec<(String, String)>) -> impl Iterator<Item = String> {
    let unread = unread.into_iter();
    unread.map(move |(path, _)| {
        format!(
            "{path} of {object} is nothing that this suite reads: it may or may not change who \
             gets what"
        )
    })
}

fn untold(object: &str, untold: Vec<&'static str>) -> impl Iterator<Item = String> {
    let untold = untold.into_iter();
    untold.map(move |path| format!("the org does not name {path} of {object}"))
}
