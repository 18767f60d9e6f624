//! `/api/v1/policies/{policyId}/rules`

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::TYPE;
use crate::management::checks::Checks;
use crate::management::error::ApiError;
use crate::management::kinds::Object as _;
use crate::management::links::{add_lifecycle, link, object};
use crate::management::resource::{At, Resource, Shown};
use crate::management::time::time;
use crate::state::org::{Org, SignInRule, Status, Table, new_id};

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

impl Shown for SignInRule {
    fn show(&self, at: &At<'_>) -> Value {
        let url = at.call.url(&format!(
            "policies/{}/rules/{}",
            at.within.first().copied().unwrap_or_default(),
            self.id
        ));
        let mut links = json!({"self": link(&url, &["GET", "PUT"])});
        if !self.system {
            links["self"] = object(&url);
            add_lifecycle(&mut links, &url, self.status == Status::Active);
        }
        json!({
            "id": self.id,
            "status": self.status,
            "name": self.name,
            "priority": self.priority,
            "created": time(self.stamps.created),
            "lastUpdated": time(self.stamps.last_updated),
            "system": self.system,
            "conditions": self.conditions,
            "actions": self.actions,
            "_links": links,
            "type": TYPE,
        })
    }
}

impl Resource for SignInRule {
    fn checked(at: &At<'_>, own: Option<&Self>) -> Result<Self, ApiError> {
        let body: Body = at.call.json()?;
        let mut checks = Checks::default();
        let name = checks.text("name", body.name);
        checks.require("type", body.kind.is_none_or(|kind| kind == TYPE));
        let actions = actions(&mut checks, body.actions);
        checks.finish()?;
        let is_system = own.is_some_and(|own| own.system);
        let kept = own.map(|own| own.priority);
        // The catch-all rule is the last; a rule without a priority comes before it.
        let others = Self::table(at.org, at.within)?.len().saturating_sub(1);
        let last = u32::try_from(others).unwrap_or_default();
        Ok(Self {
            id: own.map_or_else(|| new_id("rul"), |own| own.id.clone()),
            status: own.map_or(Status::Active, |own| own.status),
            name,
            priority: match kept {
                Some(kept) if is_system => kept,
                kept => body.priority.or(kept).unwrap_or(last),
            },
            system: is_system,
            stamps: at.call.stamps(own.map(|own| own.stamps)),
            conditions: if is_system {
                Value::Null
            } else {
                conditions(body.conditions.unwrap_or_default())
            },
            actions,
        })
    }

    /// At its priority, which rules may share.
    fn keep(self, table: &mut Table<Self>) {
        table.insert(self.id.clone(), self);
        table.sort_by(|_, one, _, other| one.priority.cmp(&other.priority));
    }

    fn check_deletion(&self, _: &Org) -> Result<(), ApiError> {
        ApiError::forbidden_if(self.system)
    }
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
