//! What stands beside the model where a policy, or a rule of one, is of services that get tokens for
//! themselves: nothing of users is wanted there.

use std::collections::BTreeSet;

use super::context::Context;
use super::drift::Drift;
use super::policy_drift::rules_for_the_same;
use crate::escape::{self, joined};
use crate::management::found::{ALL_CLIENTS, EVERY_SCOPE, FoundPolicyRules, FoundRule};
use crate::model::{AccessRule, CLIENT_CREDENTIALS, Service};

/// Whether a rule gives a service of the model something of its own.
pub(super) fn gives_services(context: &Context<'_>, rule: &FoundRule) -> bool {
    !given_services(context, rule).is_empty()
}

/// The services of the model that a rule is of: it gives them something of theirs, and is for none
/// of those whom a rule of the model is for.
pub(super) fn services_of<'a>(context: &Context<'a>, rule: &FoundRule) -> Vec<&'a Service> {
    if rules_for_the_same(context, rule).next().is_some() {
        return Vec::new();
    }
    given_services(context, rule)
}

fn given_services<'a>(context: &Context<'a>, rule: &FoundRule) -> Vec<&'a Service> {
    let conditions = &rule.conditions;
    let mut grants = conditions.grant_types.include.iter();
    if !grants.any(|grant| grant == CLIENT_CREDENTIALS) {
        return Vec::new();
    }
    let gives = |service: &&Service| {
        let mut scopes = conditions.scopes.include.iter();
        scopes.any(|scope| scope == EVERY_SCOPE || service.may_have(scope))
    };
    context.model.services.iter().filter(gives).collect()
}

/// Of a rule that gives a client something for itself, the grant types by which it gives it to users
/// as well: whom such a rule names is of no matter to the client.
pub(super) fn of_users(rule: &AccessRule) -> Option<String> {
    let (itself, users): (Vec<&str>, Vec<&str>) = rule
        .grant_types
        .iter()
        .map(String::as_str)
        .partition(|grant| *grant == CLIENT_CREDENTIALS);
    let grants = users
        .iter()
        .map(|grant| format!("the grant type `{grant}`"));
    (!itself.is_empty() && !users.is_empty()).then(|| joined(grants.collect::<Vec<_>>()))
}

/// The clients that a policy names and that the model does not put there.
pub(super) fn clients_drift(
    context: &Context<'_>,
    found: &FoundPolicyRules,
    place: &str,
) -> Option<Drift> {
    let rules = found.rules.iter().filter(|rule| rule.status.is_active());
    let services: Vec<Vec<&Service>> = rules.map(|rule| services_of(context, rule)).collect();
    let is_of_services = !services.is_empty() && services.iter().all(|of| !of.is_empty());
    let services: BTreeSet<&str> = services.iter().flatten().map(|of| of.name()).collect();
    let is_service = |id: &str| {
        let service = context.service_of(id);
        service.is_some_and(|service| services.contains(service.name()))
    };
    let clients = found.policy.conditions.clients.include.iter();
    let clients: Vec<&str> = clients.map(String::as_str).collect();
    let path = format!("{place}: conditions.clients.include");
    if is_of_services {
        let of_others = clients.into_iter();
        let of_others = of_others.filter(|id| *id != ALL_CLIENTS && !is_service(id));
        let of_others: Vec<String> = of_others.map(|id| called(context, id)).collect();
        return of_a_service(&found.policy.name, path, &services, &of_others);
    }
    let others = clients.into_iter().filter(|id| !is_service(id));
    let others: Vec<String> = others.map(|id| context.client_name(id)).collect();
    let wanted = [&context.facts.client_id, ALL_CLIENTS];
    Drift::extra(path, &wanted, others.iter().map(String::as_str))
}

/// A policy of services that names other clients.
fn of_a_service(
    policy: &str,
    path: String,
    services: &BTreeSet<&str>,
    others: &[String],
) -> Option<Drift> {
    let services = escape::list(services);
    let clients = others.join(" and ");
    (!others.is_empty()).then(|| {
        let wanted = format!("the clients of {services} alone, whom its rules are for");
        let click = format!(
            "Security > API > Authorization Servers > the server > Access Policies > `{policy}` > \
             Edit > Assign to: take out the client {clients}, and name the clients of {services}"
        );
        Drift::new(path, wanted, format!("{clients} among them")).at(click)
    })
}

/// A client by its label, and the run's own too.
fn called(context: &Context<'_>, id: &str) -> String {
    match context
        .own_client()
        .filter(|_| id == context.facts.client_id)
    {
        Some(own) => format!("`{}`", own.label),
        None => context.client_name(id),
    }
}

/// What a rule of services says beyond what they may have.
pub(super) fn service_rule_drift(found: &FoundRule, services: &[&Service]) -> Vec<Drift> {
    let at = |field: &str| format!("rule `{}`: {field}", found.name);
    let conditions = &found.conditions;
    let scopes = services.iter().flat_map(|service| service.scope_names());
    let scopes: Vec<&str> = scopes.collect();
    let grants = conditions.grant_types.include.iter();
    let given = conditions.scopes.include.iter();
    [
        Drift::extra(
            at("conditions.grantTypes.include"),
            &[CLIENT_CREDENTIALS],
            grants.map(String::as_str),
        ),
        Drift::extra(
            at("conditions.scopes.include"),
            &scopes,
            given.map(String::as_str),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}
