//! `/api/v1/authorizationServers`

mod claims;
mod defaults;
mod keys;
mod policies;
mod rules;
mod scopes;
mod view;

use jiff::{Timestamp, ToSpan as _};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use self::view::show;
use super::call::{Answer, Call};
use super::checks::Checks;
use super::error::ApiError;
use super::page::Limits;
use super::table::{find, find_mut, remove};
use crate::state::org::{AuthorizationServer, Org, Stamps, Status, Table, new_id};

/// The name of the kind in Okta's texts.
const KIND: &str = "AuthorizationServer";

const LIMITS: Limits = Limits::of(200, 200);
const ISSUER_MODES: [&str; 3] = ["ORG_URL", "CUSTOM_URL", "DYNAMIC"];
const ROTATION_MODES: [&str; 2] = ["AUTO", "MANUAL"];

/// How long a key signs before Okta takes the next.
const DAYS_UNTIL_ROTATION: i64 = 90;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    name: Option<String>,
    description: Option<String>,
    #[serde(default)]
    audiences: Vec<String>,
    issuer_mode: Option<String>,
    #[serde(default)]
    credentials: Credentials,
    #[serde(flatten)]
    other: Map<String, Value>,
}

#[derive(Deserialize, Default)]
struct Credentials {
    #[serde(default)]
    signing: Signing,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Signing {
    rotation_mode: Option<String>,
}

pub(super) fn route(call: &mut Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method.as_str(), path) {
        ("GET", []) => list(call, org),
        ("POST", []) => create(call, org),
        ("GET", [id]) => Ok(Answer::ok(show(call, find(&org.servers, id, KIND)?))),
        ("PUT", [id]) => update(call, org, id),
        ("DELETE", [id]) => {
            remove(&mut org.servers, id, KIND)?;
            Ok(Answer::no_content())
        }
        ("POST", [id, "lifecycle", step @ ("activate" | "deactivate")]) => {
            let server = find_mut(&mut org.servers, id, KIND)?;
            server.status = status_after(step);
            server.stamps.touch(call.now);
            Ok(Answer::no_content())
        }
        (_, [id, "scopes", rest @ ..]) => scopes::route(call, server(org, id)?, rest),
        (_, [id, "claims", rest @ ..]) => claims::route(call, server(org, id)?, rest),
        (_, [id, "policies", policy, "rules", rest @ ..]) => {
            rules::route(call, org, (id, policy), rest)
        }
        (_, [id, "policies", rest @ ..]) => policies::route(call, server(org, id)?, rest),
        (_, [id, "credentials", rest @ ..]) => keys::route(call, server(org, id)?, rest),
        _ => Err(ApiError::method_not_allowed()),
    }
}

fn server<'a>(org: &'a mut Org, id: &str) -> Result<&'a mut AuthorizationServer, ApiError> {
    find_mut(&mut org.servers, id, KIND)
}

/// The status that a step of the life cycle ends in.
fn status_after(step: &str) -> Status {
    match step {
        "activate" => Status::Active,
        _ => Status::Inactive,
    }
}

fn list(call: &Call, org: &Org) -> Result<Answer, ApiError> {
    let wanted = call.parameter("q").unwrap_or_default().to_lowercase();
    let servers = org.servers.values();
    let found = servers.filter(|server| {
        let mut texts = server.audiences.iter().chain([&server.name]);
        texts.any(|text| text.to_lowercase().contains(&wanted))
    });
    let found = found.map(|server| show(call, server)).collect();
    call.page(found, LIMITS)
}

fn create(call: &mut Call, org: &mut Org) -> Result<Answer, ApiError> {
    let body = checked(call, org, None)?;
    let server = AuthorizationServer {
        id: new_id("aus"),
        name: body.name.unwrap_or_default(),
        description: body.description,
        audiences: body.audiences,
        issuer_mode: body.issuer_mode.unwrap_or_else(|| "ORG_URL".to_owned()),
        status: Status::Active,
        stamps: Stamps::new(call.now),
        rotation_mode: body
            .credentials
            .signing
            .rotation_mode
            .unwrap_or_else(automatic),
        last_rotated: call.now,
        next_rotation: next_rotation(call.now),
        keys: std::mem::take(&mut call.fresh_keys.of_server),
        scopes: defaults::scopes(),
        claims: defaults::claims(),
        policies: Table::new(),
        is_default: false,
        other: body.other,
    };
    let answer = Answer::created(show(call, &server));
    org.servers.insert(server.id.clone(), server);
    Ok(answer)
}

fn automatic() -> String {
    "AUTO".to_owned()
}

fn next_rotation(from: Timestamp) -> Option<Timestamp> {
    let hours = DAYS_UNTIL_ROTATION * 24;
    from.checked_add(hours.hours()).ok()
}

fn update(call: &Call, org: &mut Org, id: &str) -> Result<Answer, ApiError> {
    find(&org.servers, id, KIND)?;
    let body = checked(call, org, Some(id))?;
    let server = server(org, id)?;
    server.name = body.name.unwrap_or_default();
    server.description = body.description;
    server.audiences = body.audiences;
    if let Some(mode) = body.issuer_mode {
        server.issuer_mode = mode;
    }
    if let Some(mode) = body.credentials.signing.rotation_mode {
        server.rotation_mode = mode;
    }
    server.other = body.other;
    server.stamps.touch(call.now);
    Ok(Answer::ok(show(call, server)))
}

fn checked(call: &Call, org: &Org, own_id: Option<&str>) -> Result<Body, ApiError> {
    let body: Body = call.json()?;
    let mut checks = Checks::default();
    let name = checks.text("name", body.name.clone());
    let mut others = org.servers.values();
    let is_taken = others.any(|other| other.name == name && Some(other.id.as_str()) != own_id);
    checks.unique("name", is_taken);
    let is_one = matches!(body.audiences.as_slice(), [audience] if is_audience(audience));
    checks.require("audiences", is_one);
    let fits = |value: &Option<String>, known: &[&str]| {
        let value = value.as_deref();
        value.is_none_or(|value| known.contains(&value))
    };
    checks.require("issuerMode", fits(&body.issuer_mode, &ISSUER_MODES));
    let rotation_mode = &body.credentials.signing.rotation_mode;
    checks.require("rotationMode", fits(rotation_mode, &ROTATION_MODES));
    checks.finish()?;
    Ok(body)
}

/// A text; with a colon in it, it must be an URI.
fn is_audience(text: &str) -> bool {
    !text.trim().is_empty() && (!text.contains(':') || Url::parse(text).is_ok())
}
