//! `/api/v1/policies`: app sign-in policies, which only Identity Engine has

mod rules;

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::checks::Checks;
use super::error::ApiError;
use super::links::{link, object};
use super::table::{find, remove};
use super::time::time;
use crate::state::org::{Org, SignInPolicy, SignInRule, Stamps, Table, new_id};

/// The name of the kind in Okta's texts.
pub(super) const KIND: &str = "Policy";

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

pub(super) fn route(call: &mut Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    if org.sign_in_policies.is_empty() {
        // Classic Engine has them in its Admin Console alone.
        return Err(ApiError::method_not_allowed());
    }
    match (call.method.as_str(), path) {
        ("GET", []) => list(call, org),
        ("POST", []) => create(call, org),
        ("GET", [id]) => {
            let policy = find(&org.sign_in_policies, id, KIND)?;
            Ok(Answer::ok(show(call, policy)))
        }
        ("DELETE", [id]) => delete(org, id),
        (_, [id, "rules", rest @ ..]) => rules::route(call, org, id, rest),
        _ => Err(ApiError::method_not_allowed()),
    }
}

fn list(call: &Call, org: &Org) -> Result<Answer, ApiError> {
    let mut checks = Checks::default();
    checks.require("type", call.parameter("type") == Some(TYPE));
    checks.finish()?;
    let policies = org.sign_in_policies.values().map(|policy| {
        let mut shown = show(call, policy);
        shown["_embedded"] = json!({"resourceType": "APP"});
        shown
    });
    let url = format!("{}{}?type={TYPE}", call.base_url, call.path);
    Ok(Answer {
        links: vec![format!("<{url}>; rel=\"self\"")],
        ..Answer::ok(policies.collect())
    })
}

fn show(call: &Call, policy: &SignInPolicy) -> Value {
    let url = call.url(&format!("policies/{}", policy.id));
    let mut links = json!({"rules": link(format!("{url}/rules"), &["GET", "POST"])});
    if policy.system {
        links["self"] = link(&url, &["GET", "PUT"]);
    } else {
        links["self"] = object(&url);
        links["mappings"] = link(format!("{url}/mappings"), &["GET", "POST"]);
        links["deactivate"] = link(format!("{url}/lifecycle/deactivate"), &["POST"]);
    }
    let mut shown = json!({
        "id": policy.id,
        "status": "ACTIVE",
        "name": policy.name,
        "priority": policy.priority,
        "system": policy.system,
        "conditions": null,
        "created": time(policy.stamps.created),
        "lastUpdated": time(policy.stamps.last_updated),
        "_links": links,
        "type": TYPE,
    });
    if let Some(description) = &policy.description {
        shown["description"] = description.as_str().into();
    }
    shown
}

/// A policy of a name that another one has is taken: that Okta refuses it is not on record.
fn create(call: &Call, org: &mut Org) -> Result<Answer, ApiError> {
    let body: Body = call.json()?;
    let mut checks = Checks::default();
    let name = checks.text("name", body.name);
    checks.require("type", body.kind.as_deref() == Some(TYPE));
    checks.finish()?;
    let stamps = Stamps::new(call.now);
    let catch_all = SignInRule::catch_all(&of_new_policy(), stamps);
    let policy = SignInPolicy {
        id: new_id("rst"),
        name,
        description: body.description,
        priority: body.priority.unwrap_or(1),
        system: false,
        stamps,
        rules: Table::from([(catch_all.id.clone(), catch_all)]),
    };
    let answer = Answer::ok(show(call, &policy));
    org.sign_in_policies.insert(policy.id.clone(), policy);
    Ok(answer)
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

/// The default policy cannot be deleted. What Okta does with one that an application has is not on
/// record; Terraform's provider gives such applications the default one beforehand, so nobody is to
/// rely on anything else here.
fn delete(org: &mut Org, id: &str) -> Result<Answer, ApiError> {
    let mut applications = org.applications.values();
    let is_used = applications.any(|application| application.sign_in_policy.as_deref() == Some(id));
    if find(&org.sign_in_policies, id, KIND)?.system || is_used {
        return Err(ApiError::forbidden());
    }
    remove(&mut org.sign_in_policies, id, KIND)?;
    Ok(Answer::no_content())
}
