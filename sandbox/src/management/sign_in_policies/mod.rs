//! `/api/v1/policies`: app sign-in policies, which only Identity Engine has, and the one of
//! sessions

mod rules;
mod session;

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::checks::Checks;
use super::error::ApiError;
use super::links::{link, object};
use super::resource::{At, Resource, Shown, crud, listed};
use super::time::time;
use crate::state::org::{Org, SignInPolicy, SignInRule, Table, new_id};

/// The type of such policies and of their rules; those of other kinds have no part in protecting
/// an API.
const TYPE: &str = "ACCESS_POLICY";

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    description: Option<String>,
    priority: Option<u32>,
}

pub(super) fn route(call: &Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    let is_list_of_sessions = path.is_empty() && call.parameter("type") == Some(session::TYPE);
    if is_list_of_sessions || session::is_meant(org, path) {
        return session::route(call, org, path);
    }
    if org.sign_in_policies.is_empty() {
        // Classic Engine has them in its Admin Console alone.
        return Err(ApiError::method_not_allowed());
    }
    match path {
        [id, "rules", rest @ ..] => crud::<SignInRule>(call, org, &[id], rest),
        _ => crud::<SignInPolicy>(call, org, &[], path),
    }
}

impl Shown for SignInPolicy {
    fn show(&self, at: &At<'_>) -> Value {
        let url = at.call.url(&format!("policies/{}", self.id));
        let mut links = json!({"rules": link(format!("{url}/rules"), &["GET", "POST"])});
        if self.system {
            links["self"] = link(&url, &["GET", "PUT"]);
        } else {
            links["self"] = object(&url);
            links["mappings"] = link(format!("{url}/mappings"), &["GET", "POST"]);
            links["deactivate"] = link(format!("{url}/lifecycle/deactivate"), &["POST"]);
        }
        let mut shown = json!({
            "id": self.id,
            "status": "ACTIVE",
            "name": self.name,
            "priority": self.priority,
            "system": self.system,
            "conditions": null,
            "created": time(self.stamps.created),
            "lastUpdated": time(self.stamps.last_updated),
            "_links": links,
            "type": TYPE,
        });
        if let Some(description) = &self.description {
            shown["description"] = description.as_str().into();
        }
        shown
    }

    fn show_in_list(&self, at: &At<'_>) -> Value {
        let mut shown = self.show(at);
        shown["_embedded"] = json!({"resourceType": "APP"});
        shown
    }
}

impl Resource for SignInPolicy {
    fn checked(at: &At<'_>, _: Option<&Self>) -> Result<Self, ApiError> {
        let body: Body = at.call.json()?;
        let mut checks = Checks::default();
        let name = checks.text("name", body.name);
        checks.require("type", body.kind.as_deref() == Some(TYPE));
        checks.finish()?;
        let stamps = at.call.stamps(None);
        let catch_all = SignInRule::catch_all(&of_new_policy(), stamps);
        Ok(Self {
            id: new_id("rst"),
            name,
            description: body.description,
            priority: body.priority.unwrap_or(1),
            system: false,
            stamps,
            rules: Table::from([(catch_all.id.clone(), catch_all)]),
        })
    }

    /// Policies are listed by type, and always all of them.
    fn list(at: &At<'_>) -> Result<Answer, ApiError> {
        let mut checks = Checks::default();
        checks.require("type", at.call.parameter("type") == Some(TYPE));
        checks.finish()?;
        let url = format!("{}{}?type={TYPE}", at.call.base_url, at.call.path);
        Ok(Answer {
            links: vec![format!("<{url}>; rel=\"self\"")],
            ..listed::<Self>(at, None)?
        })
    }

    /// The default policy cannot be deleted. What Okta does with one that an application has is
    /// not on record; Terraform's provider gives such applications the default one beforehand, so
    /// nobody is to rely on anything else here.
    fn check_deletion(&self, org: &Org) -> Result<(), ApiError> {
        let mut applications = org.applications.values();
        let is_used =
            applications.any(|application| application.sign_in_policy.as_deref() == Some(&self.id));
        ApiError::forbidden_if(self.system || is_used)
    }
}

/// What the catch-all rule of a new policy asks for.
fn of_new_policy() -> Value {
    json!({
        "factorMode": "2FA",
        "type": "ASSURANCE",
        "reauthenticateIn": "PT12H",
        "constraints": [{"possession": {"required": true, "deviceBound": "REQUIRED"}}],
    })
}
