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
    let is_told = policy.conditions.clients.is_told();
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
