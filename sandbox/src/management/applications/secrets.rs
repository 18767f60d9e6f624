//! `/api/v1/apps/{id}/credentials/secrets`: what a client authenticates by, at most two at a time.

use rand::Rng;
use rand::distr::Alphanumeric;
use serde_json::{Value, json};

use super::application;
use crate::management::call::{Answer, Call};
use crate::management::checks::Checks;
use crate::management::error::ApiError;
use crate::management::links::add_lifecycle;
use crate::management::table::{find, find_mut, remove};
use crate::management::time::time;
use crate::org::{Application, ClientSecret, Org, Stamps, Status, new_id};

/// The name of the kind in Okta's texts is not on record; this is the one of its API description.
const KIND: &str = "OAuth2ClientSecret";

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
    let own = application(org, id)?;
    match (call.method.as_str(), path) {
        ("GET", []) => {
            let shown = own.secrets.values().map(|secret| show(call, id, secret));
            Ok(Answer::ok(Value::Array(shown.collect())))
        }
        ("POST", []) => create(call, own),
        ("GET", [secret]) => {
            let secret = find(&own.secrets, secret, KIND)?;
            Ok(Answer::ok(show(call, id, secret)))
        }
        ("DELETE", [secret]) => {
            let status = find(&own.secrets, secret, KIND)?.status;
            require("status", status == Status::Inactive)?;
            remove(&mut own.secrets, secret, KIND)?;
            Ok(Answer::no_content())
        }
        ("POST", [secret, "lifecycle", "activate"]) => {
            set_status(call, own, secret, Status::Active)
        }
        ("POST", [secret, "lifecycle", "deactivate"]) => {
            let others = own.secrets.iter().filter(|(id, _)| *id != secret);
            let others = others.filter(|(_, other)| other.status == Status::Active);
            require("status", others.count() > 0)?;
            set_status(call, own, secret, Status::Inactive)
        }
        _ => Err(ApiError::method_not_allowed()),
    }
}

/// A secret and its id, made by Okta where none was sent.
pub(super) fn new(call: &Call, value: Option<String>) -> (String, ClientSecret) {
    let secret = ClientSecret {
        id: new_id("ocs"),
        value: value.unwrap_or_else(|| random(SECRET_LENGTH)),
        hash: random(HASH_LENGTH),
        status: Status::Active,
        stamps: Stamps::new(call.now),
    };
    (secret.id.clone(), secret)
}

/// Takes the secret that an application was sent with; none leaves what there is.
pub(super) fn replace(call: &Call, own: &mut Application, value: Option<String>) {
    let Some(value) = value.filter(|value| !own.has_secret(value)) else {
        return;
    };
    own.secrets.shift_remove_index(0);
    let (id, secret) = new(call, Some(value));
    own.secrets.shift_insert(0, id, secret);
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

fn create(call: &Call, own: &mut Application) -> Result<Answer, ApiError> {
    let sent = call.object()?;
    require("client_secret", own.secrets.len() < MOST)?;
    let value = sent.get("client_secret").and_then(Value::as_str);
    let (id, mut secret) = new(call, value.map(str::to_owned));
    if sent.get("status").and_then(Value::as_str) == Some("INACTIVE") {
        secret.status = Status::Inactive;
    }
    let shown = show(call, &own.id, &secret);
    own.secrets.insert(id, secret);
    Ok(Answer::created(shown))
}

fn set_status(
    call: &Call,
    own: &mut Application,
    secret: &str,
    status: Status,
) -> Result<Answer, ApiError> {
    let id = own.id.clone();
    let secret = find_mut(&mut own.secrets, secret, KIND)?;
    secret.status = status;
    secret.stamps.touch(call.now);
    Ok(Answer::ok(show(call, &id, secret)))
}

/// As recorded by okta/okta-sdk-python, `test_sso_public_keys_lifecycle`: with the secret itself.
fn show(call: &Call, id: &str, secret: &ClientSecret) -> Value {
    let mut links = json!({});
    let url = call.url(&format!("apps/{id}/credentials/secrets/{}", secret.id));
    add_lifecycle(&mut links, &url, secret.status == Status::Active);
    json!({
        "id": secret.id,
        "created": time(secret.stamps.created),
        "lastUpdated": time(secret.stamps.last_updated),
        "status": secret.status,
        "client_secret": secret.value,
        "secret_hash": secret.hash,
        "_links": links,
    })
}
