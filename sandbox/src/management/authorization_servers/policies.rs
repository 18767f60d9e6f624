//! `/api/v1/authorizationServers/{id}/policies`

use serde::Deserialize;
use serde_json::{Value, json};

use crate::management::checks::Checks;
use crate::management::error::ApiError;
use crate::management::kinds::{Object as _, is_taken};
use crate::management::links::{self, link};
use crate::management::resource::{At, Resource, Shown};
use crate::management::time::time;
use crate::state::org::{Clients, Policy, Status, Table, new_id};

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

impl Shown for Policy {
    fn show(&self, at: &At<'_>) -> Value {
        let server = at.within.first().copied().unwrap_or_default();
        let url = at.call.url(&format!(
            "authorizationServers/{server}/policies/{}",
            self.id
        ));
        let mut links = json!({
            "self": links::object(&url),
            "rules": link(format!("{url}/rules"), &["GET"]),
        });
        links::add_lifecycle(&mut links, &url, self.status == Status::Active);
        json!({
            "id": self.id,
            "status": self.status,
            "name": self.name,
            "description": self.description,
            "priority": self.priority,
            "system": self.system,
            "conditions": {"clients": self.clients},
            "created": time(self.stamps.created),
            "lastUpdated": time(self.stamps.last_updated),
            "_links": links,
            "type": TYPE,
        })
    }
}

impl Resource for Policy {
    fn checked(at: &At<'_>, own: Option<&Self>) -> Result<Self, ApiError> {
        let body: Body = at.call.json()?;
        let mut checks = Checks::default();
        let name = checks.text("name", body.name);
        let policies = Self::table(at.org, at.within)?;
        let taken = is_taken(policies, own, |other| other.name == name);
        checks.unique("name", taken);
        checks.require("type", body.kind.is_none_or(|kind| kind == TYPE));
        let clients = body.conditions.and_then(|conditions| conditions.clients);
        checks.finish()?;
        let kept = own.map_or(u32::MAX, |own| own.priority);
        Ok(Self {
            id: own.map_or_else(|| new_id("00p"), |own| own.id.clone()),
            status: body.status,
            name,
            description: body.description,
            priority: body.priority.unwrap_or(kept),
            system: false,
            stamps: at.call.stamps(own.map(|own| own.stamps)),
            // One that names no client applies to none, and is made all the same.
            clients: clients.unwrap_or_default(),
            rules: own.map_or_else(Table::new, |own| own.rules.clone()),
        })
    }
}
