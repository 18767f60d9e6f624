//! `/api/v1/apps`: OpenID Connect clients

mod check;
mod groups;
mod users;
mod view;

use indexmap::IndexMap;
use rand::Rng;
use rand::distr::Alphanumeric;
use serde_json::Value;

use self::check::Checked;
use super::call::{Answer, Call};
use super::error::ApiError;
use super::kinds::{find, find_mut};
use super::resource::{At, Resource, Shown, crud};
use crate::state::org::{Application, Org, Status, new_id};

/// The length of a client secret Okta makes.
const SECRET_LENGTH: usize = 64;

pub(super) fn route(call: &Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method.as_str(), path) {
        ("PUT", [id, "policies", policy]) => {
            find(&org.sign_in_policies, policy)?;
            find_mut(&mut org.applications, id)?.sign_in_policy = Some((*policy).to_owned());
            Ok(Answer::no_content())
        }
        (_, [id, "groups", rest @ ..]) => groups::route(call, org, id, rest),
        (_, [id, "users", rest @ ..]) => users::route(call, org, id, rest),
        _ => crud::<Application>(call, org, &[], path),
    }
}

impl Shown for Application {
    fn show(&self, at: &At<'_>) -> Value {
        view::show(at, self)
    }

    fn is_found_by(&self, _: &At<'_>, q: &str) -> bool {
        let prefix = q.to_lowercase();
        self.label.to_lowercase().starts_with(&prefix) || view::NAME.starts_with(&prefix)
    }
}

impl Resource for Application {
    fn checked(at: &At<'_>, own: Option<&Self>) -> Result<Self, ApiError> {
        let sent = check::checked(at.call, own)?;
        let client_secret = secret(&sent, own);
        let Checked {
            label,
            credentials,
            settings,
            other,
            ..
        } = sent;
        Ok(Self {
            id: own.map_or_else(|| new_id("0oa"), |own| own.id.clone()),
            label,
            status: own.map_or_else(|| status(at.call), |own| own.status),
            stamps: at.call.stamps(own.map(|own| own.stamps)),
            client_secret,
            credentials,
            settings,
            groups: own.map_or_else(IndexMap::new, |own| own.groups.clone()),
            users: own.map_or_else(IndexMap::new, |own| own.users.clone()),
            sign_in_policy: own.and_then(|own| own.sign_in_policy.clone()),
            other,
        })
    }

    /// The only answer that holds the client secret.
    fn show_made(&self, at: &At<'_>) -> Value {
        view::show_with_secret(at, self)
    }

    fn check_deletion(&self, _: &Org) -> Result<(), ApiError> {
        match self.status {
            Status::Active => Err(ApiError::application_is_active()),
            Status::Inactive => Ok(()),
        }
    }
}

/// The status of a new application.
fn status(call: &Call) -> Status {
    if call.defaults_to_true("activate") {
        Status::Active
    } else {
        Status::Inactive
    }
}

/// The secret that was sent, the one that is there, or a new one for who needs one.
fn secret(sent: &Checked, own: Option<&Application>) -> Option<String> {
    if let Some(own) = own {
        return sent.client_secret.clone().or(own.client_secret.clone());
    }
    let method = sent.credentials.token_endpoint_auth_method.as_str();
    let has_secret = !matches!(method, "none" | "private_key_jwt");
    has_secret.then(|| sent.client_secret.clone().unwrap_or_else(new_secret))
}

fn new_secret() -> String {
    let random = rand::rng().sample_iter(Alphanumeric).take(SECRET_LENGTH);
    random.map(char::from).collect()
}
