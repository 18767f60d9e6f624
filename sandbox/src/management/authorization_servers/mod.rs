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

use super::call::{Answer, Call};
use super::checks::Checks;
use super::error::ApiError;
use super::kinds::{find_mut, is_taken};
use super::resource::{At, Resource, Shown, crud};
use crate::state::org::{
    AuthorizationServer, Claim, Org, Policy, Rule, Scope, Status, Table, new_id,
};

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

pub(super) fn route(call: &Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    match path {
        [id, "scopes", rest @ ..] => crud::<Scope>(call, org, &[id], rest),
        [id, "claims", rest @ ..] => crud::<Claim>(call, org, &[id], rest),
        [id, "policies", policy, "rules", rest @ ..] => {
            crud::<Rule>(call, org, &[id, policy], rest)
        }
        [id, "policies", rest @ ..] => crud::<Policy>(call, org, &[id], rest),
        [id, "credentials", rest @ ..] => keys::route(call, find_mut(&mut org.servers, id)?, rest),
        _ => crud::<AuthorizationServer>(call, org, &[], path),
    }
}

impl Shown for AuthorizationServer {
    fn show(&self, at: &At<'_>) -> Value {
        view::show(at.call, self)
    }

    fn is_found_by(&self, _: &At<'_>, q: &str) -> bool {
        let wanted = q.to_lowercase();
        let mut texts = self.audiences.iter().chain([&self.name]);
        texts.any(|text| text.to_lowercase().contains(&wanted))
    }
}

impl Resource for AuthorizationServer {
    fn checked(at: &At<'_>, own: Option<&Self>) -> Result<Self, ApiError> {
        let body = checked(at.call, at.org, own)?;
        let mut server = own.map_or_else(|| new_server(at.call), Self::clone);
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
        server.stamps.touch(at.call.now);
        Ok(server)
    }
}

/// A server to be, with what every new one has.
fn new_server(call: &Call) -> AuthorizationServer {
    AuthorizationServer {
        id: new_id("aus"),
        name: String::new(),
        description: None,
        audiences: Vec::new(),
        issuer_mode: "ORG_URL".to_owned(),
        status: Status::Active,
        stamps: call.stamps(None),
        rotation_mode: "AUTO".to_owned(),
        last_rotated: call.now,
        next_rotation: next_rotation(call.now),
        keys: call.fresh_keys.of_server.clone(),
        scopes: defaults::scopes(),
        claims: defaults::claims(),
        policies: Table::new(),
        is_default: false,
        other: Map::new(),
    }
}

fn next_rotation(from: Timestamp) -> Option<Timestamp> {
    let hours = DAYS_UNTIL_ROTATION * 24;
    from.checked_add(hours.hours()).ok()
}

fn checked(call: &Call, org: &Org, own: Option<&AuthorizationServer>) -> Result<Body, ApiError> {
    let body: Body = call.json()?;
    let mut checks = Checks::default();
    let name = checks.text("name", body.name.clone());
    let taken = is_taken(&org.servers, own, |other| other.name == name);
    checks.unique("name", taken);
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
