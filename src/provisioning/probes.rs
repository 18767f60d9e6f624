//! What is made for the probes of a model: scopes that begin like others, and an access policy that
//! gives them to test users alone.

use serde_json::{Value, json};

use super::found::Found;
use super::subject::Subject;
use crate::management::found::ACTIVE;
use crate::model::{OrgModel, PROBES_POLICY, Probe, ProbesRule};

/// No access token of Okta lives shorter, in minutes; a probe is used at once.
const MINUTES: u32 = 5;

/// What decides about the policy of the probes.
pub(super) fn policy_decisive(found: &Found) -> Value {
    let client = found.id(&Subject::Client);
    json!({ "status": ACTIVE, "conditions": { "clients": { "include": [client] } } })
}

/// The rule of the model that is called so.
fn rule(model: &OrgModel, name: &str) -> Option<ProbesRule> {
    let mut rules = model.probes_rules().into_iter();
    rules.find(|rule| rule.name == name)
}

/// What decides about a rule of it: the test users one by one, and no group.
pub(super) fn rule_decisive(model: &OrgModel, name: &str, found: &Found) -> Value {
    let Some(rule) = rule(model, name) else {
        return json!({});
    };
    let users = rule.users.iter().map(|name| found.id(&Subject::user(name)));
    let users: Vec<String> = users.collect();
    json!({
        "status": ACTIVE,
        "conditions": {
            "people": {
                "users": { "include": users, "exclude": [] },
                "groups": { "include": [], "exclude": [] },
            },
            "grantTypes": { "include": [model.main_flow().grant_type()] },
            "scopes": { "include": rule.scopes },
        },
        "actions": { "token": { "accessTokenLifetimeMinutes": MINUTES } },
    })
}

/// What a new policy of the probes has beside that: it comes after all others.
pub(super) fn new_policy(model: &OrgModel, found: &Found) -> Value {
    json!({
        "type": "OAUTH_AUTHORIZATION_POLICY",
        "name": PROBES_POLICY,
        "description": "Made by okta-e2e: tokens that the API must refuse, for test users alone",
        "priority": found.other_policies.len() + model.services.len() + 2,
    })
}

/// What a new rule has beside that.
pub(super) fn new_rule(name: &str) -> Value {
    json!({
        "type": "RESOURCE_ACCESS",
        "name": name,
        "actions": { "token": {
            "refreshTokenLifetimeMinutes": 0,
            "refreshTokenWindowMinutes": 10080,
        } },
    })
}

/// What is made for a probe would open where the API is weak, in words; none of anything else.
pub(super) fn opens(model: &OrgModel, subject: &Subject) -> Option<String> {
    let Subject::ProbesRule { name } = subject else {
        return None;
    };
    let rule = rule(model, name)?;
    let weak = match rule.probe {
        Probe::NearScope => "takes a scope by a part of its name",
        Probe::ShortLived => "checks no expiry",
    };
    let listed = |names: Vec<&str>| names.join(" and ");
    let endpoints = rule.endpoints.iter().map(String::as_str).collect();
    let users = rule.users.iter().map(String::as_str).collect();
    Some(format!(
        "where the API {weak}, its tokens open {} to {}",
        listed(endpoints),
        listed(users)
    ))
}
