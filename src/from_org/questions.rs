//! What a person must decide before the file is a model: what no org knows, and what is dangerous
//! to copy without a look.

use std::collections::BTreeSet;

use super::look::{Look, clients};
use super::services::is_machine;
use super::written::GRANT_TYPES;
use crate::management::found::{
    ALL_CLIENTS, EVERY_SCOPE, FoundClaim, FoundPolicyRules, FoundRule, FoundTrustedOrigin,
};
use crate::management::status::{Status, Words};
use crate::model::{EVERYONE, GroupFilter};

/// A name that no group of an org has.
const ANY_GROUP: &str = "okta-e2e: a group that nobody has in mind";

/// What is asked of a person.
pub(super) const ENDPOINTS: &str = "Which endpoints does the API have, which scope does each need, \
    and which groups may use it? Write an [[endpoint]] for each, as shown below, with the groups \
    that are meant to use it in `open_to`, and take this question out. Who gets each scope today \
    is written above it: whether all of them are meant to is what you decide here.";
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
    questions.extend(look.policies.iter().filter_map(of_unread_policy));
    questions.extend(look.doubtful.iter().map(of_doubtful_policy));
    questions.extend(look.of_others.iter().filter_map(of_other_clients));
    questions
}

/// What is asked about a policy of which nobody knows whether it applies: the audit cannot tell who
/// gets what by it.
fn of_doubtful_policy(found: &FoundPolicyRules) -> String {
    let policy = &found.policy;
    let no_clients = || "may apply to the client, since the org does not show its clients".into();
    format!(
        "The policy `{}` {}; its rules are not in this file. Are they meant? If so, write them \
         behind the rules below; if not, deactivate the policy. Verification cannot say who gets \
         what while that is not known.",
        policy.name,
        doubt(&policy.status).unwrap_or_else(no_clients)
    )
}

/// What is asked about a policy that says more than a model can.
fn of_unread_policy(found: &FoundPolicyRules) -> Option<String> {
    let unread = found.policy.unread().into_iter().map(|(path, _)| path);
    let unread: Vec<String> = unread.collect();
    (!unread.is_empty()).then(|| {
        format!(
            "The policy `{}` says {}, which a model cannot say. Is that meant? Verification cannot \
             say who gets what while it is there.",
            found.policy.name,
            unread.join(" and ")
        )
    })
}

/// What is asked about a Trusted Origin of the client that may be active.
pub(super) fn of_doubtful_origin(found: &FoundTrustedOrigin) -> String {
    format!(
        "The Trusted Origin {} {}. Is it meant? If so, take the # from the lines below; if not, \
         leave them out.",
        found.origin,
        doubt(&found.status).unwrap_or_default()
    )
}

/// Why nobody knows whether an object takes part, if nobody does.
fn doubt(status: &Status) -> Option<String> {
    match (status.takes_part(Words::OBJECT), status.as_str()) {
        (Some(_), _) => None,
        (None, "") => Some("may be active or not, since the org does not show its status".into()),
        (None, word) => Some(format!(
            "is {word}, which does not say whether it is active"
        )),
    }
}

/// What other clients give people, no model says: the API takes their tokens all the same.
fn of_other_clients(policy: &FoundPolicyRules) -> Option<String> {
    let rules = policy.rules.iter().filter(|rule| !is_machine(rule));
    let scopes = rules.flat_map(|rule| &rule.conditions.scopes.include);
    let scopes: BTreeSet<&str> = scopes.map(String::as_str).collect();
    (!scopes.is_empty()).then(|| {
        let scopes: Vec<&str> = scopes.into_iter().collect();
        format!(
            "The policy `{}` gives people {} by other clients ({}), whose tokens the API takes \
             too. Is that meant? A model has one client that people use: verification reports what \
             others get, and `[[accepted]]` keeps that from failing.",
            policy.policy.name,
            scopes.join(" and "),
            clients(policy).join(", ")
        )
    })
}

/// What is asked about a claim: what it tells every API that gets a token, of a person or of all
/// groups of a person; that every access token has it; that it may be active.
///
/// A claim of ID tokens is asked about for its status alone, whatever its scopes: only the client
/// reads those (OpenID Connect Core 1.0, section 2), and no API judges by them. Nor is one of
/// access tokens with scopes that it names: it opens nothing, since the API judges by `scp`, and
/// token and scopes stand in its table for a person to read.
pub(super) fn of_claim(claim: &FoundClaim) -> Option<String> {
    let is_of_access_tokens = claim.is_of_access_tokens();
    let told = told_of_a_person(claim).filter(|_| is_of_access_tokens);
    let told = told.map(|what| format!("tells every API that gets an access token {what}"));
    let is_everywhere = is_of_access_tokens && claim.conditions.scopes.is_empty();
    let everywhere = is_everywhere.then(|| "is in every access token, whatever its scopes".into());
    let words = [claim.doubt_of_tokens(), claim.doubt_of_value()].into_iter();
    let words = words
        .flatten()
        .map(|why| format!("may not be what the lines below say ({why})"));
    let dangers = [told, everywhere, doubt(&claim.status)].into_iter();
    let dangers: Vec<String> = dangers.flatten().chain(words).collect();
    (!dangers.is_empty()).then(|| {
        format!(
            "The claim `{}` {}. Is that meant? If so, take the # from the lines below; if not, \
             leave them out, and verification reports the claim until it is gone.",
            claim.name,
            dangers.join(", and ")
        )
    })
}

fn told_of_a_person(claim: &FoundClaim) -> Option<String> {
    if names_any_group(claim) {
        return Some("the names of all groups of the user".to_owned());
    }
    let told = claim.of_the_person().filter(|what| *what != "groups")?;
    Some(format!("the user's {told}"))
}

/// Whether a filter lets a group through that nobody had in mind.
fn names_any_group(claim: &FoundClaim) -> bool {
    let text = claim.value.clone().unwrap_or_default();
    let filter = match claim.group_filter_type.as_deref() {
        Some("STARTS_WITH") => GroupFilter::StartsWith(text),
        Some("CONTAINS") => GroupFilter::Contains(text),
        Some("REGEX") => GroupFilter::Regex(text),
        _ => return false,
    };
    filter.lets_through(ANY_GROUP) == Some(true)
}

/// What is asked about scopes that come without being asked for.
pub(super) fn of_default_scope(name: &str) -> String {
    format!(
        "The scope `{name}` is given to every client that asks for no scope at all. Is that meant? \
         If so, write `default = true` into its table below; if not, leave it as it is, and \
         verification reports the scope."
    )
}

/// What is asked about the client.
pub(super) fn of_client(look: &Look) -> Vec<String> {
    let settings = &look.client.settings.oauth_client;
    let mut questions = of_assignments(look);
    if let [_, others @ ..] = settings.redirect_uris.as_slice()
        && !others.is_empty()
    {
        questions.push(format!(
            "The client has {} login redirect URIs, and a model has the one that a run uses; is \
             it the one below? The others: {}",
            settings.redirect_uris.len(),
            others.join(", ")
        ));
    }
    let is_other = |grant: &&str| !GRANT_TYPES.contains(grant);
    let grants = settings.grant_types.iter().map(String::as_str);
    let others: Vec<&str> = grants.filter(is_other).collect();
    if !others.is_empty() {
        questions.push(format!(
            "The client may use the grant types {} too, which are left out below. Are they meant? \
             Verification reports them until they are gone.",
            others.join(" and ")
        ));
    }
    let pkce = look.client.credentials.oauth_client.pkce_required;
    if pkce == Some(false) && is_public(look) {
        questions.push(
            "The client has no secret, and may leave out PKCE, which alone protects its codes. Is \
             that meant? If so, write `pkce_required = false` into the table below; if not, leave \
             it as it is, and verification reports the client until PKCE is required."
                .to_owned(),
        );
    }
    questions
}

/// What is asked about who can sign in.
fn of_assignments(look: &Look) -> Vec<String> {
    let mut questions = Vec::new();
    if look.assigned.iter().any(|name| name == EVERYONE) {
        questions.push(
            "The client is assigned to Everyone: each user of the org can sign in. Is that meant? \
             If so, add \"Everyone\" to `assigned_groups` below; if not, leave it out, and \
             verification reports the assignment until it is gone."
                .to_owned(),
        );
    }
    if look.client.settings.implicit_assignment == Some(true) {
        questions.push(
            "The client needs no assignment (Federation Broker Mode): each user of the org can \
             sign in. Is that meant? Verification reports it until it is turned off."
                .to_owned(),
        );
    }
    questions.extend(without_rule(look).map(|group| {
        format!(
            "The client is assigned to the group `{group}`, which no rule of its policies names: \
             members sign in and get nothing. Is that meant? If so, add it to `assigned_groups` \
             below; if not, leave it out, and verification reports the assignment."
        )
    }));
    questions
}

/// Whether the client has no secret, and nothing but PKCE protects its codes.
pub(super) fn is_public(look: &Look) -> bool {
    *look
        .client
        .credentials
        .oauth_client
        .token_endpoint_auth_method
        == "none"
}

/// The groups that the client is assigned to and no rule names.
pub(super) fn without_rule(look: &Look) -> impl Iterator<Item = &str> {
    let rules = look.policies.iter().flat_map(|found| &found.rules);
    let named: BTreeSet<&str> = rules.flat_map(|rule| look.groups_of(rule)).collect();
    let is_for_all = named.contains(EVERYONE);
    let assigned = look.assigned.iter().map(String::as_str);
    assigned.filter(move |name| !is_for_all && *name != EVERYONE && !named.contains(name))
}

/// Whether a policy applies to all clients.
pub(super) fn applies_to_all(policy: &FoundPolicyRules) -> bool {
    clients(policy).iter().any(|client| client == ALL_CLIENTS)
}

/// What is asked about a rule before it is the intent; none, where it says nothing dangerous.
pub(super) fn of_rule(look: &Look, rule: &FoundRule) -> Option<String> {
    let mut dangers = whom_is_not_said(look, rule);
    dangers.extend(beyond_the_document(look, rule));
    dangers.extend(doubts(rule));
    (!dangers.is_empty()).then(|| {
        format!(
            "The rule `{}` {}. Is that meant? If so, take the # from the lines of the rule below; \
             if not, leave them out, and verification reports the rule until it is gone.",
            rule.name,
            dangers.join(", and ")
        )
    })
}

/// To whom and what a rule gives that no model says so.
fn whom_is_not_said(look: &Look, rule: &FoundRule) -> Vec<String> {
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
    dangers
}

/// How long access tokens live by every rule that Okta makes, in minutes; the document leaves it
/// so.
const USUAL_LIFETIME_MINUTES: u32 = 60;

/// What a rule makes easier than the document does.
///
/// A second grant type that the client has too is not asked about: the same people get the same
/// scopes by it, and it stands in the tables of rule and client. One that the client lacks is of
/// use to other clients of the policy alone. A shorter lifetime only takes away.
fn beyond_the_document(look: &Look, rule: &FoundRule) -> Vec<String> {
    let mut dangers = Vec::new();
    let own = &look.client.settings.oauth_client.grant_types;
    let known = rule.conditions.grant_types.include.iter();
    let known = known.filter(|grant| GRANT_TYPES.contains(&grant.as_str()));
    let lacking: Vec<&str> = known
        .filter(|grant| own.is_told() && !own.contains(grant))
        .map(String::as_str)
        .collect();
    if !lacking.is_empty() {
        dangers.push(format!(
            "is for the grant types {} too, which the client may not use",
            lacking.join(" and ")
        ));
    }
    let minutes = rule.actions.token.access_token_lifetime_minutes;
    if minutes > USUAL_LIFETIME_MINUTES {
        dangers.push(format!(
            "lets access tokens live {minutes} min, where Okta's own rules say \
             {USUAL_LIFETIME_MINUTES}: an API that reads tokens itself takes one so long"
        ));
    }
    dangers
}

/// What the org does not show of a rule, or says in words that a model does not have.
fn doubts(rule: &FoundRule) -> Vec<String> {
    let mut doubts: Vec<String> = doubt(&rule.status).into_iter().collect();
    let unread = rule.unread().into_iter().map(|(path, _)| path);
    let unread: Vec<String> = unread.collect();
    if !unread.is_empty() {
        let unread = unread.join(" and ");
        doubts.push(format!("says {unread}, which a model cannot say"));
    }
    let mut untold = rule.untold();
    if rule.actions.token.access_token_lifetime_minutes == 0 {
        untold.push("actions.token.accessTokenLifetimeMinutes");
    }
    if !untold.is_empty() {
        let untold = untold.join(" and ");
        doubts.push(format!("has no {untold} that the org shows"));
    }
    doubts
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
    found.filter(|grant| !GRANT_TYPES.contains(grant)).collect()
}
