//! `/api/v1/authorizationServers/{id}/claims`

use serde::Deserialize;
use serde_json::{Value, json};

use crate::management::checks::Checks;
use crate::management::error::ApiError;
use crate::management::kinds::{Object as _, is_taken};
use crate::management::links;
use crate::management::resource::{At, Resource, Shown};
use crate::state::org::{Claim, Org, Status, new_id};

const CLAIM_TYPES: [&str; 2] = ["RESOURCE", "IDENTITY"];
const VALUE_TYPES: [&str; 3] = ["EXPRESSION", "GROUPS", "SYSTEM"];
const GROUP_FILTERS: [&str; 4] = ["STARTS_WITH", "EQUALS", "CONTAINS", "REGEX"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    name: Option<String>,
    #[serde(default)]
    status: Status,
    claim_type: Option<String>,
    value_type: Option<String>,
    value: Option<String>,
    #[serde(default)]
    conditions: Conditions,
    #[serde(default)]
    always_include_in_token: bool,
    #[serde(rename = "group_filter_type")]
    group_filter_type: Option<String>,
}

#[derive(Deserialize, Default)]
struct Conditions {
    #[serde(default)]
    scopes: Vec<String>,
}

impl Shown for Claim {
    /// A claim of Okta's own has no value to show, except the subject's expression.
    fn show(&self, at: &At<'_>) -> Value {
        let server = at.within.first().copied().unwrap_or_default();
        let path = format!("authorizationServers/{server}/claims/{}", self.id);
        let mut shown = json!({
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "claimType": self.kind,
            "valueType": self.value_type,
            "conditions": self.conditions,
            "system": self.system,
            "alwaysIncludeInToken": self.always_include_in_token,
            "apiResourceId": self.api_resource_id,
            "_links": {"self": links::object(&at.call.url(&path))},
        });
        if self.value_type != "SYSTEM" {
            shown["value"] = json!(self.value);
        }
        if let Some(kind) = &self.group_filter_type {
            shown["group_filter_type"] = json!(kind);
        }
        shown
    }
}

impl Resource for Claim {
    fn checked(at: &At<'_>, own: Option<&Self>) -> Result<Self, ApiError> {
        let body: Body = at.call.json()?;
        let mut checks = Checks::default();
        let name = checks.text("name", body.name);
        let claim_type = checks.text("claimType", body.claim_type);
        let value_type = checks.text("valueType", body.value_type);
        checks.require("claimType", CLAIM_TYPES.contains(&claim_type.as_str()));
        checks.require("valueType", VALUE_TYPES.contains(&value_type.as_str()));
        let is_system = own.is_some_and(|own| own.system);
        if let Some(own) = own.filter(|own| own.system) {
            // What Okta's own claims are called and where they go is fixed.
            checks.require("name", own.name == name);
            checks.require("claimType", own.kind == claim_type);
        }
        let value = body.value.unwrap_or_default();
        checks.require("value", value_type == "SYSTEM" || !value.is_empty());
        let filter = body.group_filter_type.as_deref();
        let fits = filter.map_or(value_type != "GROUPS", |kind| GROUP_FILTERS.contains(&kind));
        checks.require("group_filter_type", fits);
        let is_like_this = |other: &Self| other.name == name && other.kind == claim_type;
        let claims = Self::table(at.org, at.within)?;
        checks.unique("name", is_taken(claims, own, is_like_this));
        checks.finish()?;
        Ok(Self {
            id: own.map_or_else(|| new_id("ocl"), |own| own.id.clone()),
            name,
            status: body.status,
            kind: claim_type,
            value_type,
            value,
            conditions: json!({"scopes": body.conditions.scopes}),
            system: is_system,
            always_include_in_token: body.always_include_in_token,
            api_resource_id: None,
            group_filter_type: body.group_filter_type,
        })
    }

    fn check_deletion(&self, _: &Org) -> Result<(), ApiError> {
        ApiError::forbidden_if(self.system)
    }
}
