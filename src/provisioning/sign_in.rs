//! App sign-in policies of Identity Engine: what the users of an application are asked for.

use serde_json::{Value, json};

use super::found::Found;
use super::subject::Subject;
use crate::management::found::ACTIVE;
use crate::management::is_id;
use crate::model::OrgModel;

/// Where app sign-in policies live, below `/api/v1/`.
pub(super) const POLICIES: &str = "policies";
/// Their type, and the type of their rules.
pub(super) const TYPE: &str = "ACCESS_POLICY";
/// The one rule of the client's own policy, beside the catch-all rule that Okta adds.
pub(super) const RULE: &str = "password only";

/// What the client's own policy is called: the client's id makes the name nobody else's, so that a
/// policy is never taken for ours that others use.
pub(super) fn policy_name(model: &OrgModel, found: &Found) -> String {
    let client_id = found.id(&Subject::Client);
    format!("{}: {RULE} ({client_id})", model.client.label)
}

/// The policy that an application has, below `/api/v1/`; only a link tells it.
pub(super) fn policy_of(application: &Value) -> Option<String> {
    let href = application.pointer("/_links/accessPolicy/href")?.as_str()?;
    let id = href.rsplit('/').next().filter(|id| is_id(id))?;
    Some(format!("{POLICIES}/{id}"))
}

/// The policy that a new application has.
pub(super) fn default_policy(policies: &[Value]) -> Option<String> {
    let is_default = |policy: &&Value| policy.get("system") == Some(&Value::Bool(true));
    let id = policies.iter().find(is_default)?.get("id")?.as_str();
    let id = id.filter(|id| is_id(id))?;
    Some(format!("{POLICIES}/{id}"))
}

/// What our rule says: a password, and nothing else.
pub(super) fn rule_decisive(found: &Found) -> Value {
    if found
        .value(&Subject::SignInRule)
        .is_some_and(asks_for_password)
    {
        // Okta adds to what it was sent, and lists are compared whole.
        return json!({ "status": ACTIVE });
    }
    json!({
        "status": ACTIVE,
        "actions": { "appSignOn": {
            "access": "ALLOW",
            "verificationMethod": {
                "type": "ASSURANCE",
                "factorMode": "1FA",
                "constraints": [{ "knowledge": { "types": ["password"], "required": true } }],
            },
        } },
    })
}

/// Whether everybody who meets these rules is asked for a password alone: the rules that come in
/// turn until one fits everybody.
pub(super) fn ask_for_password_alone(rules: &[Value]) -> bool {
    deciding(rules).is_some_and(|rules| rules.into_iter().all(asks_for_password))
}

/// The active rules in turn until one fits everybody; nothing where none does.
fn deciding(rules: &[Value]) -> Option<Vec<&Value>> {
    let is_active = |rule: &&Value| rule.get("status").is_some_and(|status| status == ACTIVE);
    let mut rules: Vec<&Value> = rules.iter().filter(is_active).collect();
    rules.sort_by_key(|rule| rule.get("priority").and_then(Value::as_u64));
    let fits_everybody = |rule: &&Value| !rule.get("conditions").is_some_and(narrows);
    let last = rules.iter().position(fits_everybody)?;
    rules.truncate(last + 1);
    Some(rules)
}

/// Whether anybody who meets these rules is asked for two factors.
pub(super) fn ask_for_two_factors(rules: &[Value]) -> bool {
    let mode = "/actions/appSignOn/verificationMethod/factorMode";
    let asks = |rule: &Value| rule.pointer(mode).is_some_and(|mode| mode == "2FA");
    deciding(rules).is_some_and(|rules| rules.into_iter().any(asks))
}

/// Whether a rule asks for a password alone: one factor, and no other to choose instead.
fn asks_for_password(rule: &Value) -> bool {
    let text = |pointer: &str| rule.pointer(pointer).and_then(Value::as_str);
    let is_one_factor = text("/actions/appSignOn/access") == Some("ALLOW")
        && text("/actions/appSignOn/verificationMethod/type") == Some("ASSURANCE")
        && text("/actions/appSignOn/verificationMethod/factorMode") == Some("1FA");
    let constraints = rule.pointer("/actions/appSignOn/verificationMethod/constraints");
    match constraints.and_then(Value::as_array).map(Vec::as_slice) {
        Some([constraint]) => is_one_factor && is_password(constraint),
        _ => false,
    }
}

fn is_password(constraint: &Value) -> bool {
    let knowledge = constraint.get("knowledge");
    let is_required = knowledge.and_then(|knowledge| knowledge.get("required"));
    let types = knowledge.and_then(|knowledge| knowledge.get("types"));
    let types = types.and_then(Value::as_array).map(Vec::as_slice);
    let is_password = match types {
        Some([Value::String(only)]) => only.eq_ignore_ascii_case("password"),
        _ => false,
    };
    is_password
        && is_required != Some(&Value::Bool(false))
        && constraint.get("possession").is_none()
}

/// Whether conditions leave anybody out: Okta tells those that do not, too.
fn narrows(conditions: &Value) -> bool {
    match conditions {
        Value::Object(fields) => fields.values().any(narrows),
        Value::Array(items) => !items.is_empty(),
        Value::String(text) => !matches!(text.as_str(), "ANYWHERE" | "ANY"),
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn rule(priority: u32, mode: &str, constraints: &Value, conditions: &Value) -> Value {
        json!({
            "status": "ACTIVE",
            "priority": priority,
            "conditions": conditions,
            "actions": { "appSignOn": {
                "access": "ALLOW",
                "verificationMethod": {
                    "type": "ASSURANCE",
                    "factorMode": mode,
                    "constraints": constraints,
                },
            } },
        })
    }

    fn password() -> Value {
        json!([{ "knowledge": { "types": ["password"], "required": true } }])
    }

    /// What okta/terraform-provider-okta has recorded of a rule without conditions.
    fn everybody() -> Value {
        json!({
            "people": { "users": { "exclude": [] } },
            "network": { "connection": "ANYWHERE" },
            "riskScore": { "level": "ANY" },
            "userType": { "include": [], "exclude": [] },
        })
    }

    fn some() -> Value {
        json!({ "people": { "groups": { "include": ["00g1"] } } })
    }

    #[rstest]
    #[case::catch_all(vec![rule(99, "1FA", &password(), &Value::Null)], true)]
    #[case::before_the_catch_all(
        vec![rule(99, "2FA", &json!([]), &Value::Null), rule(0, "1FA", &password(), &everybody())],
        true
    )]
    #[case::capitals(
        vec![rule(99, "1FA", &json!([{ "knowledge": { "types": ["PASSWORD"] } }]), &Value::Null)],
        true
    )]
    #[case::two_factors(vec![rule(99, "2FA", &password(), &Value::Null)], false)]
    #[case::any_factor(vec![rule(99, "1FA", &json!([]), &Value::Null)], false)]
    #[case::optional(
        vec![rule(99, "1FA", &json!([{ "knowledge": { "types": ["password"], "required": false } }]), &Value::Null)],
        false
    )]
    #[case::or_a_question(
        vec![rule(99, "1FA", &json!([{ "knowledge": { "types": ["password", "security_question"] } }]), &Value::Null)],
        false
    )]
    #[case::and_a_device(
        vec![rule(99, "1FA", &json!([{ "knowledge": { "types": ["password"] }, "possession": {} }]), &Value::Null)],
        false
    )]
    #[case::some_of_them(
        vec![rule(0, "1FA", &password(), &some()), rule(99, "2FA", &json!([]), &Value::Null)],
        false
    )]
    #[case::others_before(
        vec![rule(0, "2FA", &json!([]), &some()), rule(99, "1FA", &password(), &Value::Null)],
        false
    )]
    #[case::no_rule(vec![], false)]
    fn a_policy_asks_for_a_password_alone_or_not(#[case] rules: Vec<Value>, #[case] alone: bool) {
        assert_eq!(ask_for_password_alone(&rules), alone);
    }
}
