//! `/api/v1/policies?type=OKTA_SIGN_ON`: the policy every org has for its sessions, as a new org
//! has it. It is read here and not changed.

use serde_json::{Value, json};

use crate::management::call::{Answer, Call};
use crate::management::error::ApiError;
use crate::management::kinds::Object as _;
use crate::management::links::link;
use crate::management::time::time;
use crate::state::org::{Org, SignInRule, Stamps};

/// The type of the policy; its rules have another.
pub(super) const TYPE: &str = "OKTA_SIGN_ON";
const RULE_TYPE: &str = "SIGN_ON";

/// How long a session lives without anything happening, in minutes: Okta's default.
const IDLE_MINUTES: u32 = 120;

/// Whether a path leads to the policy of this org.
pub(super) fn is_meant(org: &Org, path: &[&str]) -> bool {
    path.first().is_some_and(|id| *id == policy_id(org))
}

/// Answers a call about the policy, given the rest of its path.
pub(super) fn route(call: &Call, org: &Org, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method.as_str(), path) {
        ("GET", []) => Ok(Answer {
            links: vec![format!(
                "<{}{}?type={TYPE}>; rel=\"self\"",
                call.base_url, call.path
            )],
            ..Answer::ok(json!([show(call, org)]))
        }),
        ("GET", [_]) => Ok(Answer::ok(show(call, org))),
        ("GET", [_, "rules"]) => Ok(Answer::ok(json!([show_rule(call, org)]))),
        ("GET", [_, "rules", rule]) if *rule == rule_id(org) => {
            Ok(Answer::ok(show_rule(call, org)))
        }
        ("GET", [_, "rules", rule]) => Err(ApiError::not_found(rule, SignInRule::HABITS.name)),
        ("DELETE", [_] | [_, "rules", _]) => Err(ApiError::forbidden()),
        _ => Err(ApiError::method_not_allowed()),
    }
}

fn policy_id(org: &Org) -> String {
    org.related_id("00p")
}

fn rule_id(org: &Org) -> String {
    org.related_id("0pr")
}

/// When the org was made.
fn stamps(org: &Org) -> Option<Stamps> {
    let everyone = org.everyone().and_then(|id| org.groups.get(id));
    everyone.map(|group| group.stamps)
}

/// As recorded by okta/okta-sdk-python, `test_list_policies_by_type`.
fn show(call: &Call, org: &Org) -> Value {
    let url = call.url(&format!("policies/{}", policy_id(org)));
    let made = stamps(org).map_or(Value::Null, |stamps| time(stamps.created));
    json!({
        "type": TYPE,
        "id": policy_id(org),
        "status": "ACTIVE",
        "name": "Default Policy",
        "description": "The default policy applies in all situations if no other policy applies.",
        "priority": 1,
        "system": true,
        "conditions": {"people": {"groups": {"include": [org.everyone()]}}},
        "created": made,
        "lastUpdated": made,
        "_links": {
            "self": link(&url, &["GET", "PUT"]),
            "rules": link(format!("{url}/rules"), &["GET", "POST"]),
        },
    })
}

/// The keys are those of recorded rules, the values Okta's defaults.
fn show_rule(call: &Call, org: &Org) -> Value {
    let path = format!("policies/{}/rules/{}", policy_id(org), rule_id(org));
    let made = stamps(org).map_or(Value::Null, |stamps| time(stamps.created));
    json!({
        "type": RULE_TYPE,
        "id": rule_id(org),
        "status": "ACTIVE",
        "name": "Default Rule",
        "priority": 1,
        "created": made,
        "lastUpdated": made,
        "system": true,
        "conditions": {
            "people": {"users": {"exclude": []}},
            "network": {"connection": "ANYWHERE"},
            "authContext": {"authType": "ANY"},
            "risk": {"behaviors": []},
            "riskScore": {"level": "ANY"},
            "identityProvider": {"provider": "ANY"},
        },
        "actions": {"signon": {
            "access": "ALLOW",
            "requireFactor": false,
            "primaryFactor": "PASSWORD_IDP_ANY_FACTOR",
            "rememberDeviceByDefault": false,
            "session": {
                "usePersistentCookie": false,
                "maxSessionIdleMinutes": IDLE_MINUTES,
                "maxSessionLifetimeMinutes": 0,
            },
        }},
        "_links": {"self": link(call.url(&path), &["GET", "PUT"])},
    })
}
