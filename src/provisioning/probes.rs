//! What is made for the probes of a model: scopes that begin like others, and an access policy that
//! gives them to test users alone.

use serde_json::{Value, json};

use super::found::Found;
use super::subject::Subject;
use crate::management::found::ACTIVE;
use crate::model::{OrgModel, PROBES_POLICY};

/// What the rule of the probes is called.
pub(super) const RULE: &str = "near scopes";
/// No access token of Okta lives shorter, in minutes; a probe is used at once.
const MINUTES: u32 = 5;

/// What decides about the policy of the probes.
pub(super) fn policy_decisive(found: &Found) -> Value {
    let client = found.id(&Subject::Client);
    json!({ "status": ACTIVE, "conditions": { "clients": { "include": [client] } } })
}

/// What decides about its rule: the test users one by one, and no group.
pub(super) fn rule_decisive(model: &OrgModel, found: &Found) -> Value {
    let Some(rule) = model.probes_rule() else {
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
pub(super) fn new_rule() -> Value {
    json!({
        "type": "RESOURCE_ACCESS",
        "name": RULE,
        "actions": { "token": {
            "refreshTokenLifetimeMinutes": 0,
            "refreshTokenWindowMinutes": 10080,
        } },
    })
}

/// What is made for a probe would open where the API is weak, in words; none of anything else.
pub(super) fn opens(model: &OrgModel, subject: &Subject) -> Option<String> {
    if *subject != Subject::ProbesRule {
        return None;
    }
    let endpoints = model.of_each_need();
    let asked = endpoints.iter().filter_map(|endpoint| {
        let asked = model.near_request(endpoint)?;
        Some(format!("{} to {}", endpoint.id(), asked.user))
    });
    let asked: Vec<String> = asked.collect();
    Some(format!(
        "where the API takes a scope by a part of its name, its tokens open {}",
        asked.join(", ")
    ))
}
