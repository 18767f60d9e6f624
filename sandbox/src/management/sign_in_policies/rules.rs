//! `/api/v1/policies/{policyId}/rules`

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{KIND as POLICY, TYPE};
use crate::management::call::{Answer, Call};
use crate::management::checks::Checks;
use crate::management::error::ApiError;
use crate::management::links::{add_lifecycle, link, object};
use crate::management::table::{find, find_mut, remove};
use crate::management::time::time;
use crate::state::org::{Org, SignInPolicy, SignInRule, Stamps, Status, new_id};

const KIND: &str = "PolicyRule";

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    priority: Option<u32>,
    conditions: Option<Map<String, Value>>,
    #[serde(default)]
    actions: Map<String, Value>,
}

pub(super) fn route(
    call: &Call,
    org: &mut Org,
    policy: &str,
    path: &[&str],
) -> Result<Answer, ApiError> {
    let policy = find_mut(&mut org.sign_in_policies, policy, POLICY)?;
    match (call.method.as_str(), path) {
        ("GET", []) => {
            let rules = policy.rules.values();
            let rules = rules.map(|rule| show(call, policy, rule));
            Ok(Answer::ok(rules.collect()))
        }
        ("POST", []) => {
            let rule = checked(call, policy, None)?;
            Ok(store(call, policy, rule))
        }
        ("GET", [id]) => {
            let rule = find(&policy.rules, id, KIND)?;
            Ok(Answer::ok(show(call, policy, rule)))
        }
        ("PUT", [id]) => {
            let own = find(&policy.rules, id, KIND)?;
            let rule = checked(call, policy, Some(own))?;
            Ok(store(call, policy, rule))
        }
        ("DELETE", [id]) => {
            if find(&policy.rules, id, KIND)?.system {
                return Err(ApiError::forbidden());
            }
            remove(&mut policy.rules, id, KIND)?;
            Ok(Answer::no_content())
        }
        ("POST", [id, "lifecycle", step @ ("activate" | "deactivate")]) => {
            let rule = find_mut(&mut policy.rules, id, KIND)?;
            rule.status = match *step {
                "activate" => Status::Active,
                _ => Status::Inactive,
            };
            rule.stamps.touch(call.now);
            Ok(Answer::no_content())
        }
        _ => Err(ApiError::method_not_allowed()),
    }
}

fn show(call: &Call, policy: &SignInPolicy, rule: &SignInRule) -> Value {
    let url = call.url(&format!("policies/{}/rules/{}", policy.id, rule.id));
    let mut links = json!({"self": link(&url, &["GET", "PUT"])});
    if !rule.system {
        links["self"] = object(&url);
        add_lifecycle(&mut links, &url, rule.status == Status::Active);
    }
    json!({
        "id": rule.id,
        "status": rule.status,
        "name": rule.name,
        "priority": rule.priority,
        "created": time(rule.stamps.created),
        "lastUpdated": time(rule.stamps.last_updated),
        "system": rule.system,
        "conditions": rule.conditions,
        "actions": rule.actions,
        "_links": links,
        "type": TYPE,
    })
}

fn store(call: &Call, policy: &mut SignInPolicy, rule: SignInRule) -> Answer {
    let answer = Answer::ok(show(call, policy, &rule));
    policy.place(rule);
    answer
}

fn checked(
    call: &Call,
    policy: &SignInPolicy,
    own: Option<&SignInRule>,
) -> Result<SignInRule, ApiError> {
    let body: Body = call.json()?;
    let mut checks = Checks::default();
    let name = checks.text("name", body.name);
    let kind = body.kind.as_deref().unwrap_or(TYPE);
    checks.require("type", kind == TYPE);
    let actions = actions(&mut checks, body.actions);
    checks.finish()?;
    let mut stamps = own.map_or_else(|| Stamps::new(call.now), |own| own.stamps);
    stamps.touch(call.now);
    let is_system = own.is_some_and(|own| own.system);
    let kept = own.map(|own| own.priority);
    // The catch-all rule is the last; a rule without a priority comes before it.
    let others = policy.rules.len().saturating_sub(1);
    let last = u32::try_from(others).unwrap_or_default();
    Ok(SignInRule {
        id: own.map_or_else(|| new_id("rul"), |own| own.id.clone()),
        status: own.map_or(Status::Active, |own| own.status),
        name,
        priority: match kept {
            Some(kept) if is_system => kept,
            kept => body.priority.or(kept).unwrap_or(last),
        },
        system: is_system,
        stamps,
        conditions: if is_system {
            Value::Null
        } else {
            conditions(body.conditions.unwrap_or_default())
        },
        actions,
    })
}

/// What was sent, and what Okta says of conditions that were not.
fn conditions(sent: Map<String, Value>) -> Value {
    let mut shown = Map::from_iter([
        ("people".to_owned(), json!({"users": {"exclude": []}})),
        ("network".to_owned(), json!({"connection": "ANYWHERE"})),
        ("userType".to_owned(), json!({"include": [], "exclude": []})),
    ]);
    shown.extend(sent);
    Value::Object(shown)
}

/// What was sent, and what Okta adds to it.
fn actions(checks: &mut Checks, sent: Map<String, Value>) -> Value {
    let mut actions = Value::Object(sent);
    let text = |pointer: &str| actions.pointer(pointer).and_then(Value::as_str);
    let access = text("/appSignOn/access");
    checks.require("access", matches!(access, Some("ALLOW" | "DENY")));
    let kind = text("/appSignOn/verificationMethod/type");
    checks.require("verificationMethod.type", kind == Some("ASSURANCE"));
    let mode = text("/appSignOn/verificationMethod/factorMode");
    checks.require("factorMode", matches!(mode, Some("1FA" | "2FA")));
    if let Some(Value::Object(action)) = actions.get_mut("appSignOn") {
        action
            .entry("keepMeSignedIn")
            .or_insert_with(|| json!({"postAuth": "NOT_ALLOWED"}));
    }
    if let Some(Value::Object(method)) = actions.pointer_mut("/appSignOn/verificationMethod") {
        method
            .entry("reauthenticateIn")
            .or_insert_with(|| "PT12H".into());
        let constraints = method.get_mut("constraints").and_then(Value::as_array_mut);
        for constraint in constraints.into_iter().flatten() {
            require_factors(constraint);
        }
    }
    actions
}

/// A factor is required unless the sender says otherwise, or which methods it must not be.
fn require_factors(constraint: &mut Value) {
    let factors = constraint.as_object_mut();
    for (_, factor) in factors.into_iter().flatten() {
        if let Value::Object(factor) = factor {
            let is_required = !factor.contains_key("excludedAuthenticationMethods");
            factor.entry("required").or_insert(Value::Bool(is_required));
        }
    }
}
