//! What access policies of the client, and their rules, say beyond the model.

use std::collections::BTreeSet;

use super::context::Context;
use super::drift::Drift;
use super::look_alike::{looks_like, shown};
use super::rests_on::rule_words;
use super::service_drift::{clients_drift, gives_services, service_rule_drift, services_of};
use super::unseen::Side;
use crate::management::found::{EVERY_GROUP, EVERY_SCOPE, FoundPolicyRules, FoundRule};
use crate::management::status::{Status, Words};
use crate::model::{CLIENT_CREDENTIALS, EVERYONE, Rule};

/// What a policy and its active rules say beyond the model.
pub(super) fn policy_drift(context: &Context<'_>, found: &FoundPolicyRules) -> Vec<Drift> {
    let place = format!("policy `{}`", found.policy.name);
    let rules = found.rules.iter().filter(|rule| rule.status.is_active());
    clients_drift(context, found, &place)
        .into_iter()
        .chain(unread(&place, found.policy.unread()))
        .chain(rules.flat_map(|rule| {
            let words = rule_words(&found.policy.name, &rule.name);
            let services = services_of(context, rule);
            let drift = if services.is_empty() {
                rule_drift(context, rule)
            } else {
                service_rule_drift(rule, &services)
            };
            let drift = drift.into_iter().chain(drift_of_any_rule(rule));
            drift.map(move |drift| drift.of_rule(&words))
        }))
        .collect()
}

fn is_doubtful(status: &Status) -> bool {
    status.takes_part(Words::OBJECT).is_none()
}

/// The policies of which nobody knows whether they take part.
pub(super) fn doubtful_policies(policies: &[FoundPolicyRules]) -> Vec<String> {
    let policies = policies.iter().map(|found| &found.policy);
    let doubtful = policies.filter(|policy| is_doubtful(&policy.status));
    doubtful
        .map(|policy| format!("whether policy `{}` is active", policy.name))
        .collect()
}

/// What is said in words that nobody here reads.
fn unread(object: &str, unread: Vec<(String, String)>) -> impl Iterator<Item = Drift> {
    let unread = unread.into_iter();
    unread.map(move |(path, value)| Drift::new(format!("{object}: {path}"), "none", value))
}

/// Whom its active rules leave out, or name one by one, and the org does not show; and which rules
/// may be active.
pub(super) fn unseen_people(context: &Context<'_>, found: &FoundPolicyRules) -> Vec<String> {
    let doubts = found.rules.iter().filter(|rule| is_doubtful(&rule.status));
    let doubts = doubts.map(|rule| format!("whether rule `{}` is active", rule.name));
    let rules = found.rules.iter().filter(|rule| rule.status.is_active());
    let unseen = rules.flat_map(|rule| {
        let untold = rule.untold().into_iter();
        let untold = untold.map(|what| format!("{what} of rule `{}`", rule.name));
        [
            untold.collect(),
            context.unseen_users(rule, Side::Included),
            context.unseen_users(rule, Side::Excluded),
            context.unseen_groups(rule, Side::Excluded),
        ]
    });
    doubts.chain(unseen.flatten()).collect()
}

fn rule_drift(context: &Context<'_>, found: &FoundRule) -> Vec<Drift> {
    let (model, org) = (context.model, &context.seen.org);
    let at = |field: &str| format!("rule `{}`: {field}", found.name);
    let rules = &model.policy.rules;
    let of_services = gives_services(context, found).then_some(CLIENT_CREDENTIALS);
    let grants: Vec<&str> = rules
        .iter()
        .flat_map(|rule| &rule.grant_types)
        .map(String::as_str)
        .chain(of_services)
        .collect();
    let conditions = &found.conditions;
    let users = |side: Side| -> Vec<String> {
        let unseen = context.unseen_user_ids(found, side);
        let ids = side.of(&conditions.people.users).iter();
        let there = ids.filter(|id| !unseen.contains(&id.as_str()));
        there.map(|id| user_words(context, id, side)).collect()
    };
    let excluded_groups = conditions.people.groups.exclude.iter();
    let excluded_groups = excluded_groups.filter(|id| !org.gone_groups.contains(*id));
    let [further_scopes, without_openid] =
        scopes_drift(context, found, &at("conditions.scopes.include"));
    [
        Drift::extra(
            at("conditions.grantTypes.include"),
            &unique(grants),
            conditions.grant_types.include.iter().map(String::as_str),
        ),
        further_scopes,
        without_openid,
        Drift::extra(
            at("conditions.people.users.include"),
            &[],
            users(Side::Included).iter().map(String::as_str),
        ),
        Drift::extra(
            at("conditions.people.users.exclude"),
            &[],
            users(Side::Excluded).iter().map(String::as_str),
        ),
        Drift::extra(
            at("conditions.people.groups.exclude"),
            &[],
            excluded_groups.map(|id| org.group_name(id)),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What a rule says that nobody's rule does, be it of users or of services.
fn drift_of_any_rule(found: &FoundRule) -> impl Iterator<Item = Drift> {
    let hook = found.actions.token.inline_hook.as_ref();
    let hook = hook.and_then(|hook| hook.id.as_deref());
    let hook = hook.map(|id| {
        let what = format!("{id}, which may change claims");
        let at = format!("rule `{}`: actions.token.inlineHook.id", found.name);
        Drift::new(at, "none", what)
    });
    let rule = format!("rule `{}`", found.name);
    let unread: Vec<Drift> = unread(&rule, found.unread()).collect();
    hook.into_iter().chain(unread)
}

/// Scopes that no rule of the model has, and the model's without `openid`, at their place.
fn scopes_drift(context: &Context<'_>, found: &FoundRule, place: &str) -> [Option<Drift>; 2] {
    let rules = context.model.policy.rules.iter();
    let scopes = unique(rules.flat_map(Rule::scope_names).collect());
    let own = || found.conditions.scopes.include.iter().map(String::as_str);
    let further = Drift::extra(place, &scopes, own());
    let without_openid = !own().any(|scope| scope == "openid" || scope == EVERY_SCOPE)
        && is_known_but_for_openid(context, found);
    [
        further.map(|drift| drift.with(&scopes_words(context, &scopes, found))),
        without_openid.then(|| Drift::new(place, "with \"openid\"", "without")),
    ]
}

/// The rules of the model that are for the same groups.
pub(super) fn rules_for_the_same<'a>(
    context: &Context<'a>,
    found: &FoundRule,
) -> impl Iterator<Item = &'a Rule> {
    let people = &found.conditions.people;
    let groups = people.groups.include.iter();
    let groups: BTreeSet<String> = groups
        .map(|id| context.seen.org.group_name(id).to_owned())
        .collect();
    let is_of_groups = people.users.include.is_empty();
    let rules = context.model.policy.rules.iter();
    rules.filter(move |rule| {
        is_of_groups
            && rule
                .group_names()
                .map(str::to_owned)
                .collect::<BTreeSet<_>>()
                == groups
    })
}

/// Whether it is for whom a rule of the model is for that has `openid`, and gives no more than that
/// one: of a rule that the model does not know nothing is missing.
fn is_known_but_for_openid(context: &Context<'_>, found: &FoundRule) -> bool {
    let own = &found.conditions.scopes.include;
    rules_for_the_same(context, found).any(|rule| {
        let scopes: BTreeSet<&str> = rule.scope_names().collect();
        let gives_no_more = own.iter().all(|scope| scopes.contains(scope.as_str()));
        gives_no_more && !own.is_empty() && scopes.contains("openid")
    })
}

/// What is to be known of further scopes: whom the rule is for, if for everyone, and which of them
/// may be taken for the model's.
fn scopes_words(context: &Context<'_>, scopes: &[&str], rule: &FoundRule) -> String {
    let alike = rule.conditions.scopes.include.iter().flat_map(|found| {
        let own = scopes.iter().filter(move |own| looks_like(own, found));
        own.map(move |own| format!(", {} looks like {}", shown(found), shown(own)))
    });
    let alike: BTreeSet<String> = alike.collect();
    let alike: String = alike.into_iter().collect();
    let mut groups = rule.conditions.people.groups.include.iter();
    let everyone =
        groups.any(|id| id == EVERY_GROUP || context.seen.org.group_name(id) == EVERYONE);
    let everyone = if everyone { ", for everyone" } else { "" };
    format!("{everyone}{alike}")
}

/// A user whom a rule names, and why it gets nothing by that today, or would get nothing anyway.
fn user_words(context: &Context<'_>, id: &str, side: Side) -> String {
    let org = &context.seen.org;
    if org.gone_users.contains(id) {
        return format!("{id} (which the org does not show, and which is no test user)");
    }
    let login = org.user_name(id);
    let status = org.user_statuses.get(&login);
    let status = status.filter(|_| context.is_out(&login).unwrap_or(false));
    match (status, side) {
        (None, _) => login,
        (Some(status), Side::Included) => {
            format!("{login} ({status}, who gets nothing before that changes)")
        }
        (Some(status), Side::Excluded) => format!("{login} ({status})"),
    }
}

fn unique(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names.dedup();
    names
}
