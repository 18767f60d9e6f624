//! Faults of reading: answers that are not given, are not up to date, or hold more than anyone knows.

use axum::http::Uri;
use serde_json::{Value, json};

use super::call::Answer;
use super::error::ApiError;
use crate::fault::Fault;
use crate::state::AppState;

/// Whether the API token's administrator may not read objects of this kind.
pub(super) fn is_forbidden(state: &AppState, kind: &str) -> bool {
    match state.fault() {
        Some(Fault::ManagementForbidden) => true,
        Some(Fault::ManagementWithoutServers) => kind == "authorizationServers",
        _ => false,
    }
}

/// The answer to a read, as the fault has it.
pub(super) fn read(
    state: &AppState,
    uri: &Uri,
    segments: &[&str],
    answer: Result<Answer, ApiError>,
) -> Result<Answer, ApiError> {
    let mut answer = answer?;
    match state.fault() {
        Some(Fault::ManagementStale) if state.runtime().count(&uri.to_string()) == 1 => {
            before(segments, &answer)
        }
        Some(Fault::ManagementFieldsExtra) => {
            answer.body.iter_mut().for_each(add_fields);
            Ok(answer)
        }
        _ => Ok(answer),
    }
}

/// What there was before anything was made: lists without items, and no object.
fn before(segments: &[&str], answer: &Answer) -> Result<Answer, ApiError> {
    if let Some(Value::Array(_)) = answer.body {
        return Ok(Answer::ok(json!([])));
    }
    let kind = match segments {
        ["groups", _] => "UserGroup",
        ["users", _] => "User",
        ["authorizationServers", _] => "AuthorizationServer",
        ["apps", _] => "AppInstance",
        _ => "AppUser",
    };
    let id = segments.last().copied().unwrap_or_default();
    Err(ApiError::not_found(id, kind))
}

/// Adds a field to every object, whatever it is in.
fn add_fields(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(add_fields),
        Value::Object(fields) => {
            fields.values_mut().for_each(add_fields);
            fields.insert("sandboxExtra".to_owned(), "harmless".into());
        }
        _ => {}
    }
}
