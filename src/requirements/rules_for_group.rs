//! What the rules for a group lack, where they do not give it what the model gives it.

use std::collections::BTreeSet;

use super::context::Context;
use super::deciding::CONDITIONS;
use super::effective_access::Withheld;
use super::found::{Code, Found};
use super::issuer;
use super::rests_on;
use super::step_3c_access_policy::{PLACE, RULES, mend_policies_of_others};
use super::trial::{Fix, Judgement};
use super::unseen::Side;
use crate::management::found::EVERY_GROUP;
use crate::model::{AccessPolicy, AccessRule, Allowed, EVERYONE, Flow, OpenIdConnectScopes, Rule};
use crate::observation::Seen;

pub(super) fn not_given(context: &Context<'_>, group: &str, withheld: &[Withheld]) -> Judgement {
    let requests: Vec<String> = withheld
        .iter()
        .map(|request| {
            format!(
                "{} by {} to {}",
                request.scopes, request.grant_type, request.whom
            )
        })
        .collect();
    let asleep = inactive_rules(context, group);
    let (near, rules, fix) = if asleep.is_empty() {
        let rules = rules_to_widen(context, group);
        let near = near(context, group, &rules).unwrap_or_default();
        let others = policies_of_others(context, &rules);
        if near.is_empty() && !others.is_empty() {
            let near = format!(
                "{} would give it, and {} not for the client",
                rests_on::place_of_rules(rules.iter().map(String::as_str)),
                if others.len() == 1 {
                    "its policy is"
                } else {
                    "their policies are"
                }
            );
            (near, rules, mend_policies_of_others(context, &others))
        } else {
            let fix = mend_rules(&rules);
            (near, rules, fix)
        }
    } else {
        let names = rests_on::place_of_rules(asleep.iter().map(String::as_str));
        let near = format!("{names} would give it, and is not active");
        let activate = format!("POST {RULES}/{{ruleId}}/lifecycle/activate");
        let fix = Fix::new(format!("{PLACE} > {names} > Activate"), activate);
        (near, asleep, fix)
    };
    Judgement::not_met(
        Found::of(Code::ScopesNotGiven, requests.clone()),
        format!("rules that give members of `{group}` what the model gives them"),
        told(&near, withheld) + &issuer::copies(context),
        fix,
    )
    .resting_on(CONDITIONS, context.too_narrow(group, &rules))
    .resting_on(rests_on::RULES, rules)
    .resting_on(rests_on::NAMES, names_exchanged(context, group))
}

/// The active policies that have these rules, where none of them is for the client.
fn policies_of_others(context: &Context<'_>, rules: &[String]) -> Vec<AccessPolicy> {
    let mut policies = context.seen.org.access_policies().unwrap_or_default();
    policies.retain(|policy| {
        let names = |rule: &AccessRule| rests_on::rule_words(&policy.name, &rule.name);
        policy
            .active_rules()
            .any(|rule| rules.contains(&names(rule)))
    });
    let client = &context.facts.client_id;
    if policies
        .iter()
        .any(|policy| policy.clients.contains(client))
    {
        policies.clear();
    }
    policies
}

/// Things by a name, in the order in which the names came.
type ByName<'a, T> = Vec<(&'a str, T)>;

/// Why first, and then what is not given: to whom, and by which grants, each said once.
fn told(near: &str, withheld: &[Withheld]) -> String {
    let mut by_whom: ByName<'_, ByName<'_, Vec<&str>>> = Vec::new();
    for request in withheld {
        let whom = place(&mut by_whom, &request.whom);
        place(whom, &request.scopes).push(request.grant_type);
    }
    let each = by_whom.iter().map(|(whom, requests)| {
        let requests = requests
            .iter()
            .map(|(scopes, grants)| format!("{scopes} by {}", grants.join(" and ")));
        let requests: Vec<String> = requests.collect();
        format!("{whom} {}", requests.join(", "))
    });
    let each: Vec<String> = each.collect();
    let why = if near.is_empty() {
        String::new()
    } else {
        format!("{near}; ")
    };
    format!("{why}no active rule gives {}", each.join("; "))
}

/// What is kept under this name, which is added where it is new.
fn place<'k, 'a, T: Default>(kept: &'k mut ByName<'a, T>, name: &'a str) -> &'k mut T {
    let known = kept.iter().position(|(known, _)| *known == name);
    let at = known.unwrap_or_else(|| {
        kept.push((name, T::default()));
        kept.len() - 1
    });
    &mut kept[at].1
}

/// The groups that have the names of one another, where this is one of them.
fn names_exchanged(context: &Context<'_>, group: &str) -> Option<String> {
    let names = context.exchanged_names().filter(|names| names.has(group))?;
    Some(names.names())
}

/// The active rules that speak of the group; where none does, those called as the model's for it.
pub(super) fn rules_for(context: &Context<'_>, group: &str) -> Vec<String> {
    let wanted = context.model.policy.rules.iter();
    let wanted = wanted.filter(|rule| rule.group_names().any(|name| name == group));
    let names: Vec<&str> = wanted.map(|rule| rule.name.as_str()).collect();
    let policies = context.seen.org.access_policies().unwrap_or_default();
    let rules_that = |is_meant: &dyn Fn(&AccessRule) -> bool| -> Vec<String> {
        let rules = policies.iter().flat_map(|policy| {
            let rules = policy.active_rules().filter(|rule| is_meant(rule));
            rules.map(|rule| rests_on::rule_words(&policy.name, &rule.name))
        });
        rules.collect()
    };
    let speaking = rules_that(&|rule| rule.groups.contains(group));
    if speaking.is_empty() {
        return rules_that(&|rule| names.contains(&rule.name.as_str()));
    }
    speaking
}

/// Of the active rules that speak of the group, those that may give all that it may have: a rule
/// for another group too, or for everyone, who may have less, would give those too much.
fn rules_to_widen(context: &Context<'_>, group: &str) -> Vec<String> {
    let given_to = |group: &str| -> BTreeSet<&str> {
        let rules = context.model.policy.rules.iter();
        let own = rules.filter(|rule| rule.group_names().any(|name| name == group));
        own.flat_map(Rule::scope_names).collect()
    };
    let wanted = given_to(group);
    let policies = context.seen.org.access_policies().unwrap_or_default();
    let is_for_less = |words: &String| {
        let mut rules = policies.iter().flat_map(|policy| {
            let rules = policy.active_rules();
            rules.map(|rule| (rests_on::rule_words(&policy.name, &rule.name), rule))
        });
        let rule = rules.find(|(own, _)| own == words);
        rule.is_some_and(|(_, rule)| {
            let may_have_less = |name: &str| !given_to(name).is_superset(&wanted);
            match &rule.groups {
                Allowed::All => may_have_less(EVERYONE),
                Allowed::Only(names) => names.iter().any(|name| may_have_less(name)),
            }
        })
    };
    let all = rules_for(context, group);
    let (for_less, fit): (Vec<String>, Vec<String>) = all.into_iter().partition(is_for_less);
    if fit.is_empty() { for_less } else { fit }
}

fn mend_rules(rules: &[String]) -> Fix {
    Fix::new(
        format!(
            "{PLACE} > {} > Edit: groups and whom it excludes, grant types, and all scopes with \
             `openid`",
            rests_on::place_of_rules(rules.iter().map(String::as_str))
        ),
        format!("PUT {RULES}/{{ruleId}}"),
    )
}

/// The rules that are not active and would give the group just what a rule of the model does, where
/// no active rule names it: they were deactivated.
fn inactive_rules(context: &Context<'_>, group: &str) -> Vec<String> {
    let flows = context.model.flows();
    let wanted = context.model.policy.rules.iter();
    let wanted: Vec<&Rule> = wanted
        .filter(|rule| rule.group_names().any(|name| name == group))
        .collect();
    let is_meant = |rule: &AccessRule| {
        wanted.iter().any(|wanted| {
            let groups = Allowed::only(wanted.group_names());
            rule.groups == groups && lack(wanted, rule, flows.as_slice()).is_empty()
        })
    };
    let policies = context.seen.org.access_policies().unwrap_or_default();
    let mut active = policies.iter().flat_map(AccessPolicy::active_rules);
    if active.any(|rule| rule.groups.contains(group)) {
        return Vec::new();
    }
    let asleep = policies.iter().flat_map(|policy| {
        let rules = policy
            .rules
            .iter()
            .filter(|rule| !rule.is_active && is_meant(rule));
        rules.map(|rule| rests_on::rule_words(&policy.name, &rule.name))
    });
    asleep.collect()
}

/// What the rules lack that speak of the group and may be changed.
fn near(context: &Context<'_>, group: &str, rules: &[String]) -> Seen<String> {
    let policies = context.seen.org.access_policies()?;
    let wanted = context
        .model
        .policy
        .rules
        .iter()
        .filter(|rule| rule.group_names().any(|name| name == group));
    let active = policies.iter().flat_map(|policy| {
        let own = policy.active_rules();
        own.map(|rule| (rests_on::rule_words(&policy.name, &rule.name), rule))
    });
    // What excludes everyone may name the group as well, and gives it nothing.
    let speaks = |(_, rule): &(String, &AccessRule)| {
        let shut_out = &rule.excluded_groups;
        rule.groups.contains(group) || shut_out.iter().any(|name| is_everyone(name))
    };
    let speaking: Vec<(String, &AccessRule)> = active.filter(speaks).collect();
    if speaking.is_empty() {
        return Ok(format!(
            "no active rule names `{group}`{}",
            naming_the_gone(context)
        ));
    }
    let flows = context.model.flows();
    let flows = flows.as_slice();
    let to_widen = || speaking.iter().filter(|(words, _)| rules.contains(words));
    let lacks = wanted.flat_map(|rule| to_widen().map(move |(_, found)| lack(rule, found, flows)));
    let excluding = speaking.iter().filter_map(|(_, rule)| excludes(rule));
    let lacks: BTreeSet<String> = lacks.flatten().chain(excluding).collect();
    Ok(lacks.into_iter().collect::<Vec<_>>().join("; "))
}

/// The active rules that name nobody whom the org shows, by the ids of those whom they do: a group
/// that was made again has another id.
fn naming_the_gone(context: &Context<'_>) -> String {
    let policies = context.seen.org.policies.iter().flatten();
    let active = policies.filter(|found| found.policy.status.is_active());
    let rules = active.flat_map(|found| &found.rules);
    let named = rules
        .filter(|rule| rule.status.is_active())
        .filter_map(|rule| {
            let groups = &rule.conditions.people.groups.include;
            let gone = context.unseen_groups(rule, Side::Included);
            let is_all = !gone.is_empty() && gone.len() == groups.len();
            is_all.then(|| format!("; rule `{}` names {}", rule.name, gone.join(" and ")))
        });
    let named: String = named.collect();
    if named.is_empty() {
        return named;
    }
    format!("{named}, which the org does not show: a group that was made again has another id")
}

/// Whom a rule excludes, in words.
/// By its name, or by the word that Okta takes for its id.
fn is_everyone(group: &str) -> bool {
    group == EVERYONE || group == EVERY_GROUP
}

fn excludes(rule: &AccessRule) -> Option<String> {
    let groups = rule.excluded_groups.iter();
    let groups = groups.map(|group| format!("members of `{group}`"));
    let excluded: Vec<String> = groups.chain(rule.excluded_users.iter().cloned()).collect();
    let whom = excluded.join(" and ");
    (!excluded.is_empty()).then(|| format!("rule `{}` excludes {whom}", rule.name))
}

fn lack(wanted: &Rule, found: &AccessRule, flows: &[Flow]) -> Vec<String> {
    let openid = OpenIdConnectScopes::MustBeInRule;
    let scopes = wanted
        .scope_names()
        .filter(|scope| !found.covers(scope, openid));
    let grants = flows.iter().map(|flow| flow.grant_type());
    let grants = grants
        .filter(|grant| wanted.grant_types.contains(*grant) && !found.grant_types.contains(*grant));
    let scopes = scopes.map(|scope| format!("rule `{}` lacks the scope `{scope}`", found.name));
    scopes
        .chain(grants.map(|grant| format!("rule `{}` lacks the grant type `{grant}`", found.name)))
        .collect()
}
