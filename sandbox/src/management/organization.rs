//! What an org says of itself: `/.well-known/okta-organization` and `/api/v1/org`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::error::ApiError;
use super::links;
use super::time::time;
use crate::fault::Fault;
use crate::options::SignInPage;
use crate::state::AppState;
use crate::state::org::Org;

/// Needs no token; `idx` is Identity Engine, `v1` Classic Engine.
pub(super) async fn well_known(State(state): State<Arc<AppState>>) -> Response {
    if state.fault() == Some(Fault::OrganizationMissing) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let id = state.org().id.clone();
    let pipeline = match state.sign_in_page {
        SignInPage::Classic => "v1",
        _ => "idx",
    };
    let told = json!({
        "id": id,
        "cell": "sandbox",
        "_links": {"organization": links::plain(&state.base_url)},
        "pipeline": pipeline,
        "settings": {
            "analyticsCollectionEnabled": false,
            "bugReportingEnabled": true,
            "omEnabled": false,
            "pssoEnabled": false,
            "desktopMFAEnabled": false,
            "itpEnabled": false,
        },
    });
    Json(told).into_response()
}

pub(super) fn route(call: &Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method.as_str(), path) {
        ("GET", []) => Ok(Answer::ok(show(call, org))),
        _ => Err(ApiError::method_not_allowed()),
    }
}

fn show(call: &Call, org: &Org) -> Value {
    let everyone = org.everyone().and_then(|id| org.groups.get(id));
    let made = everyone.map_or(Value::Null, |group| time(group.stamps.created));
    let url = |path: &str| call.url(&format!("org/{path}"));
    json!({
        "id": org.id,
        "subdomain": "sandbox",
        "companyName": "Sandbox",
        "status": "ACTIVE",
        "expiresAt": null,
        "created": made,
        "lastUpdated": made,
        "website": null,
        "phoneNumber": "",
        "endUserSupportHelpURL": "",
        "supportPhoneNumber": "",
        "address1": null,
        "address2": null,
        "city": null,
        "state": null,
        "country": null,
        "postalCode": null,
        "_links": {
            "preferences": links::plain(url("preferences")),
            "uploadLogo": links::link(url("logo"), &["POST"]),
            "oktaCommunication": links::plain(url("privacy/oktaCommunication")),
            "logo": links::plain(url("logo")),
            "oktaSupport": links::plain(url("privacy/oktaSupport")),
            "contacts": links::plain(url("contacts")),
        },
    })
}
