//! `/api/v1/authorizationServers/{id}/claims`

use serde::Deserialize;
use serde_json::{Value, json};

use crate::management::call::{Answer, Call};
use crate::management::checks::Checks;
use crate::management::error::ApiError;
use crate::management::links;
use crate::management::table::{find, remove};
use crate::state::org::{AuthorizationServer, Claim, Status, new_id};

const KIND: &str = "OAuth2Claim";
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

pub(super) fn route(
    call: &Call,
    server: &mut AuthorizationServer,
    path: &[&str],
) -> Result<Answer, ApiError> {
    match (call.method.as_str(), path) {
        ("GET", []) => {
            let claims = server.claims.values();
            let claims = claims.map(|claim| show(call, server, claim));
            Ok(Answer::ok(claims.collect()))
        }
        ("POST", []) => {
            let claim = checked(call, server, None)?;
            Ok(Answer::created(store(call, server, claim)))
        }
        ("GET", [id]) => Ok(Answer::ok(show(
            call,
            server,
            find(&server.claims, id, KIND)?,
        ))),
        ("PUT", [id]) => {
            let claim = checked(call, server, Some(id))?;
            Ok(Answer::ok(store(call, server, claim)))
        }
        ("DELETE", [id]) => {
            if find(&server.claims, id, KIND)?.system {
                return Err(ApiError::forbidden());
            }
            remove(&mut server.claims, id, KIND)?;
            Ok(Answer::no_content())
        }
        _ => Err(ApiError::method_not_allowed()),
    }
}

/// A claim of Okta's own has no value to show, except the subject's expression.
fn show(call: &Call, server: &AuthorizationServer, claim: &Claim) -> Value {
    let path = format!("authorizationServers/{}/claims/{}", server.id, claim.id);
    let mut shown = json!({
        "id": claim.id,
        "name": claim.name,
        "status": claim.status,
        "claimType": claim.kind,
        "valueType": claim.value_type,
        "conditions": claim.conditions,
        "system": claim.system,
        "alwaysIncludeInToken": claim.always_include_in_token,
        "apiResourceId": claim.api_resource_id,
        "_links": {"self": links::object(&call.url(&path))},
    });
    if let Value::Object(shown) = &mut shown {
        if claim.value_type != "SYSTEM" {
            shown.insert("value".to_owned(), json!(claim.value));
        }
        if let Some(kind) = &claim.group_filter_type {
            shown.insert("group_filter_type".to_owned(), json!(kind));
        }
    }
    shown
}

fn store(call: &Call, server: &mut AuthorizationServer, claim: Claim) -> Value {
    let shown = show(call, server, &claim);
    server.claims.insert(claim.id.clone(), claim);
    shown
}

fn checked(
    call: &Call,
    server: &AuthorizationServer,
    own_id: Option<&str>,
) -> Result<Claim, ApiError> {
    let own = own_id
        .map(|id| find(&server.claims, id, KIND))
        .transpose()?;
    let body: Body = call.json()?;
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
    let mut others = server.claims.values();
    let is_taken = others.any(|other| {
        other.name == name && other.kind == claim_type && Some(other.id.as_str()) != own_id
    });
    checks.unique("name", is_taken);
    checks.finish()?;
    Ok(Claim {
        id: own_id.map_or_else(|| new_id("ocl"), str::to_owned),
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
