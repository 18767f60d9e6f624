//! `/api/v1/apps`: OpenID Connect clients

mod check;
mod groups;
mod secrets;
mod users;
mod view;

use indexmap::IndexMap;

use self::check::Checked;
use super::call::{Answer, Call};
use super::error::ApiError;
use super::page::Limits;
use super::table::{find, find_mut, remove};
use super::{filter, sign_in_policies};
use crate::org::{Application, Org, Stamps, Status, new_id};

pub(super) use view::show;

/// The name of the kind in Okta's texts.
const KIND: &str = "AppInstance";

const LIMITS: Limits = Limits::of(20, 200);

pub(super) fn route(call: &mut Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method.as_str(), path) {
        ("GET", []) => list(call, org),
        ("POST", []) => create(call, org),
        ("GET", [id]) => {
            let application = find(&org.applications, id, KIND)?;
            Ok(Answer::ok(show(call, org, application)))
        }
        ("PUT", [id]) => update(call, org, id),
        ("DELETE", [id]) => {
            if find(&org.applications, id, KIND)?.status == Status::Active {
                return Err(ApiError::application_is_active());
            }
            remove(&mut org.applications, id, KIND)?;
            Ok(Answer::no_content())
        }
        ("PUT", [id, "policies", policy]) => {
            find(&org.sign_in_policies, policy, sign_in_policies::KIND)?;
            application(org, id)?.sign_in_policy = Some((*policy).to_owned());
            Ok(Answer::no_content())
        }
        ("POST", [id, "lifecycle", "activate"]) => set_status(call, org, id, Status::Active),
        ("POST", [id, "lifecycle", "deactivate"]) => set_status(call, org, id, Status::Inactive),
        (_, [id, "groups", rest @ ..]) => groups::route(call, org, id, rest),
        (_, [id, "credentials", "secrets", rest @ ..]) => secrets::route(call, org, id, rest),
        (_, [id, "users", rest @ ..]) => users::route(call, org, id, rest),
        _ => Err(ApiError::method_not_allowed()),
    }
}

fn application<'a>(org: &'a mut Org, id: &str) -> Result<&'a mut Application, ApiError> {
    find_mut(&mut org.applications, id, KIND)
}

fn list(call: &Call, org: &Org) -> Result<Answer, ApiError> {
    let prefix = call.parameter("q").unwrap_or_default().to_lowercase();
    let applications = org.applications.values();
    let found = applications.filter(|application| {
        let label = application.label.to_lowercase();
        label.starts_with(&prefix) || view::NAME.starts_with(&prefix)
    });
    let found = found.map(|application| show(call, org, application));
    call.page(filter::apply(call, found.collect())?, LIMITS)
}

/// The only answer of an application that holds the client secret.
fn create(call: &Call, org: &mut Org) -> Result<Answer, ApiError> {
    let Checked {
        label,
        credentials,
        client_secret,
        settings,
        other,
    } = check::checked(call, None)?;
    let has_secret = !matches!(
        credentials.token_endpoint_auth_method.as_str(),
        "none" | "private_key_jwt"
    );
    let status = if call.defaults_to_true("activate") {
        Status::Active
    } else {
        Status::Inactive
    };
    let application = Application {
        id: new_id("0oa"),
        label,
        status,
        stamps: Stamps::new(call.now),
        secrets: IndexMap::from_iter(has_secret.then(|| secrets::new(call, client_secret))),
        credentials,
        settings,
        groups: IndexMap::new(),
        users: IndexMap::new(),
        sign_in_policy: None,
        other,
    };
    let answer = Answer::ok(view::show_with_secret(call, org, &application));
    org.applications.insert(application.id.clone(), application);
    Ok(answer)
}

fn update(call: &Call, org: &mut Org, id: &str) -> Result<Answer, ApiError> {
    let own = application(org, id)?;
    let sent = check::checked(call, Some(own))?;
    own.label = sent.label;
    own.credentials = sent.credentials;
    own.settings = sent.settings;
    own.other = sent.other;
    secrets::replace(call, own, sent.client_secret);
    own.stamps.touch(call.now);
    let application = find(&org.applications, id, KIND)?;
    Ok(Answer::ok(show(call, org, application)))
}

fn set_status(call: &Call, org: &mut Org, id: &str, status: Status) -> Result<Answer, ApiError> {
    let application = application(org, id)?;
    application.status = status;
    application.stamps.touch(call.now);
    Ok(Answer::empty_object())
}
