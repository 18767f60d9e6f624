//! `/api/v1/trustedOrigins`

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::call::{Answer, Call};
use super::checks::Checks;
use super::error::ApiError;
use super::kinds::is_taken;
use super::links;
use super::resource::{At, Resource, Shown, crud};
use super::time::time;
use crate::state::org::{Org, Status, TrustedOrigin, TrustedOriginScope, new_id};

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

pub(super) fn route(call: &Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    crud::<TrustedOrigin>(call, org, &[], path)
}

impl Shown for TrustedOrigin {
    fn show(&self, at: &At<'_>) -> Value {
        let url = at.call.url(&format!("trustedOrigins/{}", self.id));
        let mut links = json!({"self": links::object(&url)});
        links::add_lifecycle(&mut links, &url, self.status == Status::Active);
        let administrator = at.org.administrator_id();
        json!({
            "id": self.id,
            "name": self.name,
            "origin": self.origin,
            "scopes": self.scopes,
            "status": self.status,
            "created": time(self.stamps.created),
            "createdBy": administrator,
            "lastUpdated": time(self.stamps.last_updated),
            "lastUpdatedBy": administrator,
            "_links": links,
        })
    }

    fn is_found_by(&self, _: &At<'_>, q: &str) -> bool {
        let texts = [&self.name, &self.origin];
        let mut texts = texts.into_iter().map(|text| text.to_lowercase());
        texts.any(|text| text.contains(&q.to_lowercase()))
    }
}

impl Resource for TrustedOrigin {
    fn checked(at: &At<'_>, own: Option<&Self>) -> Result<Self, ApiError> {
        let body: Body = at.call.json()?;
        let mut checks = Checks::default();
        let name = checks.text("name", body.name);
        let origin = checks.text("origin", body.origin);
        checks.require("origin", is_origin(&origin));
        let known = |scope: &TrustedOriginScope| SCOPE_KINDS.contains(&scope.kind.as_str());
        checks.require(
            "scopes",
            !body.scopes.is_empty() && body.scopes.iter().all(known),
        );
        let others = &at.org.trusted_origins;
        checks.unique("name", is_taken(others, own, |other| other.name == name));
        checks.unique(
            "origin",
            is_taken(others, own, |other| other.origin == origin),
        );
        checks.finish()?;
        Ok(Self {
            id: own.map_or_else(|| new_id("tos"), |own| own.id.clone()),
            name,
            origin,
            scopes: body.scopes,
            status: body.status,
            stamps: at.call.stamps(own.map(|own| own.stamps)),
        })
    }
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
