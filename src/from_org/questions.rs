//! What a person must decide before the file is a model: what no org knows, and what is dangerous
//! to copy without a look.

use super::look::{Look, clients};
use crate::management::found::{ALL_CLIENTS, EVERY_SCOPE, FoundPolicyRules, FoundRule};
use crate::model::EVERYONE;

/// What is asked of a person.
pub(super) const ENDPOINTS: &str = "Which endpoints does the API have, which scope does each need, \
    and which groups may use it? Write an [[endpoint]] for each, as shown below, and take this \
    question out.";
pub(super) const USERS: &str = "Which test users are there, and in which groups? Write a [[user]] \
    for each, as shown below: one in each group alone, and one in none of them. Then take this \
    question out.";

/// What is asked about the policies as such.
pub(super) fn of_policies(look: &Look) -> Vec<String> {
    let mut questions = Vec::new();
    let own = look.policies.first();
    if let Some(policy) = own {
        if applies_to_all(policy) {
            questions.push(format!(
                "The policy `{}` applies to all clients, also to those that are added later. Is \
                 that meant? If so, take the # from `all_clients = true` below; if not, leave it \
                 out, and verification reports the policy until it names its clients.",
                policy.policy.name
            ));
        }
        let client = &look.client.id;
        let is_other = |id: &&String| *id != ALL_CLIENTS && *id != client;
        let others: Vec<&str> = clients(policy)
            .iter()
            .filter(is_other)
            .map(String::as_str)
            .collect();
        if !others.is_empty() {
            questions.push(format!(
                "The policy `{}` applies to other clients too: {}. What they may is not said in \
                 this model. Is it meant that the same rules are theirs?",
                policy.policy.name,
                others.join(", ")
            ));
        }
    } else {
        questions.push(
            "No active policy applies to the client, so that nobody gets a token. Which rules are \
             meant? Write them below, as shown."
                .to_owned(),
        );
    }
    for policy in look.policies.iter().skip(1) {
        questions.push(format!(
            "The policy `{}` applies to the client too, at a later place; a model has one policy, \
             and its rules are not in this file. Are they meant? If so, write them behind the \
             rules below; if not, verification reports what they give.",
            policy.policy.name
        ));
    }
    questions
}

/// Whether a policy applies to all clients.
pub(super) fn applies_to_all(policy: &FoundPolicyRules) -> bool {
    clients(policy).iter().any(|client| client == ALL_CLIENTS)
}

/// What is asked about a rule before it is the intent; none, where it says nothing dangerous.
pub(super) fn of_rule(look: &Look, rule: &FoundRule) -> Option<String> {
    let mut dangers = Vec::new();
    if look.groups_of(rule).contains(&EVERYONE) {
        dangers.push("is for everyone to whom the client is assigned".to_owned());
    }
    if covers_any_scope(rule) {
        dangers.push(
            "gives any scope, also those that are added later (below are those that there are)"
                .to_owned(),
        );
    }
    let people = &rule.conditions.people;
    let is_named = |id: &&String| *id != crate::management::found::EVERY_GROUP;
    let users = people.users.include.iter().filter(is_named).count();
    if users > 0 {
        dangers.push(format!(
            "names {users} users by their ids, which a model cannot say: put them into a group"
        ));
    }
    let left_out = people.users.exclude.len() + people.groups.exclude.len();
    if left_out > 0 {
        dangers.push(format!(
            "leaves {left_out} users or groups out, which a model cannot say"
        ));
    }
    let unknown = other_grant_types(rule);
    if !unknown.is_empty() {
        dangers.push(format!(
            "is for the grant types {} too, which are left out below",
            unknown.join(" and ")
        ));
    }
    if look.groups_of(rule).is_empty() {
        dangers.push("matches no group that is there".to_owned());
    }
    (!dangers.is_empty()).then(|| {
        format!(
            "The rule `{}` {}. Is that meant? If so, take the # from the lines of the rule below; \
             if not, leave them out, and verification reports the rule until it is gone.",
            rule.name,
            dangers.join(", and ")
        )
    })
}

/// Whether a rule covers scopes that nobody named.
pub(super) fn covers_any_scope(rule: &FoundRule) -> bool {
    let mut scopes = rule.conditions.scopes.include.iter();
    scopes.any(|scope| scope == EVERY_SCOPE)
}

/// The grant types of a rule that a model of people who sign in does not have.
fn other_grant_types(rule: &FoundRule) -> Vec<&str> {
    let found = rule.conditions.grant_types.include.iter();
    let found = found.map(String::as_str);
    found
        .filter(|grant| !super::written::GRANT_TYPES.contains(grant))
        .collect()
}
