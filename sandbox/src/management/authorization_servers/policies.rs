//! `/api/v1/authorizationServers/{id}/policies`

use serde::Deserialize;
use serde_json::{Value, json};

use super::status_after;
use crate::management::call::{Answer, Call};
use crate::management::checks::Checks;
use crate::management::error::ApiError;
use crate::management::links::{self, link};
use crate::management::table::{find, find_mut, place, remove, renumber};
use crate::management::time::time;
use crate::state::org::{AuthorizationServer, Clients, Policy, Stamps, Status, Table, new_id};

/// The name of the kind in Okta's texts.
pub(super) const KIND: &str = "Policy";

const TYPE: &str = "OAUTH_AUTHORIZATION_POLICY";

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    status: Status,
    name: Option<String>,
    description: Option<String>,
    priority: Option<u32>,
    conditions: Option<Conditions>,
}

#[derive(Deserialize)]
struct Conditions {
    clients: Option<Clients>,
}

pub(super) fn route(
    call: &Call,
    server: &mut AuthorizationServer,
    path: &[&str],
) -> Result<Answer, ApiError> {
    match (call.method.as_str(), path) {
        ("GET", []) => {
            let policies = server.policies.values();
            let policies = policies.map(|policy| show(call, &server.id, policy));
            Ok(Answer::ok(policies.collect()))
        }
        ("POST", []) => {
            let policy = checked(call, server, None)?;
            Ok(Answer::created(store(call, server, policy)?))
        }
        ("GET", [id]) => {
            let policy = find(&server.policies, id, KIND)?;
            Ok(Answer::ok(show(call, &server.id, policy)))
        }
        ("PUT", [id]) => {
            let policy = checked(call, server, Some(id))?;
            Ok(Answer::ok(store(call, server, policy)?))
        }
        ("DELETE", [id]) => {
            remove(&mut server.policies, id, KIND)?;
            renumber(&mut server.policies);
            Ok(Answer::no_content())
        }
        ("POST", [id, "lifecycle", step @ ("activate" | "deactivate")]) => {
            let policy = find_mut(&mut server.policies, id, KIND)?;
            policy.status = status_after(step);
            policy.stamps.touch(call.now);
            Ok(Answer::no_content())
        }
        _ => Err(ApiError::method_not_allowed()),
    }
}

fn show(call: &Call, server: &str, policy: &Policy) -> Value {
    let path = format!("authorizationServers/{server}/policies/{}", policy.id);
    let url = call.url(&path);
    let mut links = json!({
        "self": links::object(&url),
        "rules": link(format!("{url}/rules"), &["GET"]),
    });
    links::add_lifecycle(&mut links, &url, policy.status == Status::Active);
    json!({
        "id": policy.id,
        "status": policy.status,
        "name": policy.name,
        "description": policy.description,
        "priority": policy.priority,
        "system": policy.system,
        "conditions": {"clients": policy.clients},
        "created": time(policy.stamps.created),
        "lastUpdated": time(policy.stamps.last_updated),
        "_links": links,
        "type": TYPE,
    })
}

fn store(call: &Call, server: &mut AuthorizationServer, policy: Policy) -> Result<Value, ApiError> {
    let id = policy.id.clone();
    place(&mut server.policies, id.clone(), policy);
    let policy = find(&server.policies, &id, KIND)?;
    Ok(show(call, &server.id, policy))
}

/// Clients that do not exist are taken: that Okta refuses them is not on record.
fn checked(
    call: &Call,
    server: &AuthorizationServer,
    own_id: Option<&str>,
) -> Result<Policy, ApiError> {
    let own = own_id
        .map(|id| find(&server.policies, id, KIND))
        .transpose()?;
    let body: Body = call.json()?;
    let mut checks = Checks::default();
    let name = checks.text("name", body.name);
    let mut others = server.policies.values();
    let is_taken = others.any(|other| other.name == name && Some(other.id.as_str()) != own_id);
    checks.unique("name", is_taken);
    let kind = body.kind.as_deref().unwrap_or(TYPE);
    checks.require("type", kind == TYPE);
    let clients = body.conditions.and_then(|conditions| conditions.clients);
    let clients = clients.unwrap_or_default();
    checks.require("conditions.clients.include", !clients.include.is_empty());
    checks.finish()?;
    let mut stamps = own.map_or_else(|| Stamps::new(call.now), |own| own.stamps);
    stamps.touch(call.now);
    let kept = own.map_or(u32::MAX, |own| own.priority);
    Ok(Policy {
        id: own_id.map_or_else(|| new_id("00p"), str::to_owned),
        status: body.status,
        name,
        description: body.description,
        priority: body.priority.unwrap_or(kept),
        system: false,
        stamps,
        clients,
        rules: own.map_or_else(Table::new, |own| own.rules.clone()),
    })
}
