//! `/api/v1/trustedOrigins`

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::call::{Answer, Call};
use super::checks::Checks;
use super::error::ApiError;
use super::page::Limits;
use super::table::{find, find_mut, remove};
use super::time::time;
use super::{filter, links};
use crate::state::org::{Org, Stamps, Status, TrustedOrigin, TrustedOriginScope, new_id};

const KIND: &str = "TrustedOrigin";
const LIMITS: Limits = Limits::of(20, 200);
const SCOPE_KINDS: [&str; 3] = ["CORS", "REDIRECT", "IFRAME_EMBED"];

#[derive(Deserialize)]
struct Body {
    name: Option<String>,
    origin: Option<String>,
    #[serde(default)]
    scopes: Vec<TrustedOriginScope>,
    #[serde(default)]
    status: Status,
}

pub(super) fn route(call: &mut Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method.as_str(), path) {
        ("GET", []) => list(call, org),
        ("POST", []) => {
            let body = checked(call, org, None)?;
            let id = new_id("tos");
            Ok(store(call, org, id, Stamps::new(call.now), body))
        }
        ("GET", [id]) => {
            let origin = find(&org.trusted_origins, id, KIND)?;
            Ok(Answer::ok(show(call, org, origin)))
        }
        ("PUT", [id]) => {
            let mut stamps = find(&org.trusted_origins, id, KIND)?.stamps;
            stamps.touch(call.now);
            let body = checked(call, org, Some(id))?;
            Ok(store(call, org, (*id).to_owned(), stamps, body))
        }
        ("DELETE", [id]) => {
            remove(&mut org.trusted_origins, id, KIND)?;
            Ok(Answer::no_content())
        }
        ("POST", [id, "lifecycle", "activate"]) => set_status(call, org, id, Status::Active),
        ("POST", [id, "lifecycle", "deactivate"]) => set_status(call, org, id, Status::Inactive),
        _ => Err(ApiError::method_not_allowed()),
    }
}

fn show(call: &Call, org: &Org, origin: &TrustedOrigin) -> Value {
    let url = call.url(&format!("trustedOrigins/{}", origin.id));
    let mut links = json!({"self": links::object(&url)});
    links::add_lifecycle(&mut links, &url, origin.status == Status::Active);
    let administrator = org.administrator_id();
    json!({
        "id": origin.id,
        "name": origin.name,
        "origin": origin.origin,
        "scopes": origin.scopes,
        "status": origin.status,
        "created": time(origin.stamps.created),
        "createdBy": administrator,
        "lastUpdated": time(origin.stamps.last_updated),
        "lastUpdatedBy": administrator,
        "_links": links,
    })
}

fn list(call: &Call, org: &Org) -> Result<Answer, ApiError> {
    let wanted = call.parameter("q").unwrap_or_default().to_lowercase();
    let origins = org.trusted_origins.values();
    let found = origins.filter(|origin| {
        let texts = [&origin.name, &origin.origin];
        let mut texts = texts.into_iter().map(|text| text.to_lowercase());
        texts.any(|text| text.contains(&wanted))
    });
    let found = found.map(|origin| show(call, org, origin)).collect();
    call.page(filter::apply(call, found)?, LIMITS)
}

fn checked(call: &Call, org: &Org, own_id: Option<&str>) -> Result<Body, ApiError> {
    let body: Body = call.json()?;
    let mut checks = Checks::default();
    let name = checks.text("name", body.name.clone());
    let origin = checks.text("origin", body.origin.clone());
    checks.require("origin", is_origin(&origin));
    let known = |scope: &TrustedOriginScope| SCOPE_KINDS.contains(&scope.kind.as_str());
    checks.require(
        "scopes",
        !body.scopes.is_empty() && body.scopes.iter().all(known),
    );
    for other in org.trusted_origins.values() {
        let is_other = Some(other.id.as_str()) != own_id;
        checks.unique("name", is_other && other.name == name);
        checks.unique("origin", is_other && other.origin == origin);
    }
    checks.finish()?;
    Ok(body)
}

/// Scheme, host and port; a slash behind them is on record.
fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
    })
}

fn store(call: &Call, org: &mut Org, id: String, stamps: Stamps, body: Body) -> Answer {
    let origin = TrustedOrigin {
        id: id.clone(),
        name: body.name.unwrap_or_default(),
        origin: body.origin.unwrap_or_default(),
        scopes: body.scopes,
        status: body.status,
        stamps,
    };
    let answer = Answer::ok(show(call, org, &origin));
    org.trusted_origins.insert(id, origin);
    answer
}

fn set_status(call: &Call, org: &mut Org, id: &str, status: Status) -> Result<Answer, ApiError> {
    let origin = find_mut(&mut org.trusted_origins, id, KIND)?;
    origin.status = status;
    origin.stamps.touch(call.now);
    let origin = find(&org.trusted_origins, id, KIND)?;
    Ok(Answer::ok(show(call, org, origin)))
}
