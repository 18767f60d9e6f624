//! `/api/v1/apps`: OpenID Connect clients

mod check;
mod groups;
mod secrets;
mod users;
mod view;

use indexmap::IndexMap;
use serde_json::Value;

use self::check::Checked;
use super::call::{Answer, Call};
use super::error::ApiError;
use super::kinds::{find, find_mut};
use super::resource::{At, Resource, Shown, crud};
use crate::state::org::{Application, Org, Status, new_id};

pub(super) fn route(call: &Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method.as_str(), path) {
        ("GET", [] | [_]) if call.parameter("expand").is_some() => expanded(call, org, path),
        ("PUT", [id, "policies", policy]) => {
            find(&org.sign_in_policies, policy)?;
            find_mut(&mut org.applications, id)?.sign_in_policy = Some((*policy).to_owned());
            Ok(Answer::no_content())
        }
        (_, [id, "groups", rest @ ..]) => groups::route(call, org, id, rest),
        (_, [id, "credentials", "secrets", rest @ ..]) => secrets::route(call, org, id, rest),
        (_, [id, "users", rest @ ..]) => users::route(call, org, id, rest),
        _ => crud::<Application>(call, org, &[], path),
    }
}

/// Applications with the assignment of the user that `expand=user/{id}` names, where there is one.
///
/// What cannot be read is refused as recorded by okta/okta-sdk-python,
/// `test_list_applications_with_query_parameters`.
fn expanded(call: &Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    let expand = call.parameter("expand").unwrap_or_default();
    let user = expand.strip_prefix("user/").unwrap_or_default();
    let is_id = !user.is_empty() && user.chars().all(char::is_alphanumeric);
    if !is_id {
        return Err(ApiError::malformed_expand());
    }
    let mut answer = crud::<Application>(call, org, &[], path)?;
    let shown = match &mut answer.body {
        Some(Value::Array(shown)) => shown.as_mut_slice(),
        Some(shown) => std::slice::from_mut(shown),
        None => &mut [],
    };
    for application in shown {
        let id = application["id"].as_str().unwrap_or_default().to_owned();
        if let Some(assignment) = users::assignment(call, org, &id, user) {
            application["_embedded"] = serde_json::json!({"user": assignment});
        }
    }
    Ok(answer)
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
        let Checked {
            label,
            credentials,
            client_secret,
            settings,
            other,
        } = check::checked(at.call, own)?;
        let method = credentials.token_endpoint_auth_method.as_str();
        let secrets = match own {
            Some(own) => secrets::replaced(at.call, own, client_secret),
            None => secrets::of_new(at.call, method, client_secret),
        };
        Ok(Self {
            id: own.map_or_else(|| new_id("0oa"), |own| own.id.clone()),
            label,
            status: own.map_or_else(|| status(at.call), |own| own.status),
            stamps: at.call.stamps(own.map(|own| own.stamps)),
            secrets,
            credentials,
            settings,
            groups: own.map_or_else(IndexMap::new, |own| own.groups.clone()),
            users: own.map_or_else(IndexMap::new, |own| own.users.clone()),
            sign_in_policy: own.and_then(|own| own.sign_in_policy.clone()),
            other,
        })
    }

    /// The only answer of an application that holds the client secret.
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
