//! `/api/v1/apps/{id}/credentials/secrets`: what a client authenticates by, at most two at a time.

use indexmap::IndexMap;
use rand::Rng;
use rand::distr::Alphanumeric;
use serde_json::{Value, json};

use crate::management::call::{Answer, Call};
use crate::management::checks::Checks;
use crate::management::error::ApiError;
use crate::management::kinds::{Object as _, find};
use crate::management::links::add_lifecycle;
use crate::management::resource::{At, Resource, Shown, crud};
use crate::management::time::time;
use crate::state::org::{Application, ClientSecret, Org, Status, Table, new_id};

/// The length of a client secret Okta makes, and of its hash.
const SECRET_LENGTH: usize = 64;
const HASH_LENGTH: usize = 22;

/// As many secrets as a client may have.
const MOST: usize = 2;

pub(super) fn route(
    call: &Call,
    org: &mut Org,
    id: &str,
    path: &[&str],
) -> Result<Answer, ApiError> {
    if let ("POST", [secret, "lifecycle", "deactivate"]) = (call.method.as_str(), path) {
        let own = find(&org.applications, id)?;
        let others = own.secrets.values().filter(|other| other.id != *secret);
        let mut others = others.map(|other| other.status);
        require("status", others.any(|status| status == Status::Active))?;
    }
    crud::<ClientSecret>(call, org, &[id], path)
}

/// What a new application authenticates by: the secret that was sent, or one that Okta makes for
/// whoever needs one.
pub(super) fn of_new(call: &Call, method: &str, value: Option<String>) -> Table<ClientSecret> {
    let has_secret = !matches!(method, "none" | "private_key_jwt");
    let secret = has_secret.then(|| new(call, value));
    let secret = secret.map(|secret| (secret.id.clone(), secret));
    IndexMap::from_iter(secret)
}

/// The secrets of an application that was sent with this one; none leaves what there is.
pub(super) fn replaced(
    call: &Call,
    own: &Application,
    value: Option<String>,
) -> Table<ClientSecret> {
    let mut secrets = own.secrets.clone();
    if let Some(value) = value.filter(|value| !own.has_secret(value)) {
        let secret = new(call, Some(value));
        secrets.shift_remove_index(0);
        secrets.shift_insert(0, secret.id.clone(), secret);
    }
    secrets
}

/// A secret, made by Okta where none was sent.
fn new(call: &Call, value: Option<String>) -> ClientSecret {
    ClientSecret {
        id: new_id("ocs"),
        value: value.unwrap_or_else(|| random(SECRET_LENGTH)),
        hash: random(HASH_LENGTH),
        status: Status::Active,
        stamps: call.stamps(None),
    }
}

fn random(length: usize) -> String {
    let random = rand::rng().sample_iter(Alphanumeric).take(length);
    random.map(char::from).collect()
}

fn require(field: &str, condition: bool) -> Result<(), ApiError> {
    let mut checks = Checks::default();
    checks.require(field, condition);
    checks.finish()
}

impl Shown for ClientSecret {
    /// As recorded by okta/okta-sdk-python, `test_sso_public_keys_lifecycle`: with the secret
    /// itself.
    fn show(&self, at: &At<'_>) -> Value {
        let application = at.within.first().copied().unwrap_or_default();
        let path = format!("apps/{application}/credentials/secrets/{}", self.id);
        let mut links = json!({});
        let is_active = self.status == Status::Active;
        add_lifecycle(&mut links, &at.call.url(&path), is_active);
        json!({
            "id": self.id,
            "created": time(self.stamps.created),
            "lastUpdated": time(self.stamps.last_updated),
            "status": self.status,
            "client_secret": self.value,
            "secret_hash": self.hash,
            "_links": links,
        })
    }
}

impl Resource for ClientSecret {
    fn checked(at: &At<'_>, _own: Option<&Self>) -> Result<Self, ApiError> {
        let sent = at.call.object()?;
        let others = Self::table(at.org, at.within)?;
        require("client_secret", others.len() < MOST)?;
        let value = sent.get("client_secret").and_then(Value::as_str);
        let mut secret = new(at.call, value.map(str::to_owned));
        if sent.get("status").and_then(Value::as_str) == Some("INACTIVE") {
            secret.status = Status::Inactive;
        }
        Ok(secret)
    }

    fn check_deletion(&self, _: &Org) -> Result<(), ApiError> {
        require("status", self.status == Status::Inactive)
    }
}
