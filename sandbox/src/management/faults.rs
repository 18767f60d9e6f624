//! Faults of reading: answers that are not given, are not up to date, or hold more than anyone
//! knows.

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

/// Whether the API token's administrator may not read this.
fn is_refused(state: &AppState, segments: &[&str]) -> bool {
    let refused = state.refused();
    let beginnings = (1..=segments.len()).filter_map(|count| segments.get(..count));
    let mut beginnings = beginnings.map(|beginning| beginning.join("/"));
    beginnings.any(|path| refused.contains(&path))
}

/// The answer to a read, as the fault has it.
pub(super) fn read(
    state: &AppState,
    uri: &Uri,
    segments: &[&str],
    answer: Result<Answer, ApiError>,
) -> Result<Answer, ApiError> {
    if is_refused(state, segments) {
        return Err(ApiError::forbidden());
    }
    let mut answer = visible(state, segments, answer?)?;
    show(state, segments, &mut answer);
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

/// The answer without what the administrator may not see.
fn visible(state: &AppState, segments: &[&str], mut answer: Answer) -> Result<Answer, ApiError> {
    let hidden = state.hidden();
    let is_hidden = |id: &str| hidden.contains(id);
    if let Some(place) = segments.iter().position(|segment| is_hidden(segment)) {
        return Err(not_found(segments.get(..=place).unwrap_or_default()));
    }
    match &mut answer.body {
        // A list by its own path, with all that is in it.
        Some(Value::Array(items)) if is_hidden(&segments.join("/")) => items.clear(),
        Some(Value::Array(items)) => {
            items.retain(|item| !item["id"].as_str().is_some_and(is_hidden));
        }
        // An object by its own path, whose id is also that of another.
        Some(_) if is_hidden(&segments.join("/")) => return Err(not_found(segments)),
        // A user that was asked for by its login.
        Some(body) if body["id"].as_str().is_some_and(is_hidden) => {
            return Err(not_found(segments));
        }
        _ => {}
    }
    Ok(answer)
}

/// Shows objects otherwise than they are, alone or in a list.
fn show(state: &AppState, segments: &[&str], answer: &mut Answer) {
    let shown = state.shown();
    let otherwise = |list: &[&str], object: &mut Value| {
        let id = object["id"].as_str().unwrap_or_default();
        let path = [list, &[id]].concat().join("/");
        if let Some(otherwise) = shown.get(&path) {
            otherwise(object);
        }
    };
    match (&mut answer.body, segments) {
        (Some(Value::Array(items)), list) => {
            for item in items {
                otherwise(list, item);
            }
        }
        (Some(object), [list @ .., _]) => otherwise(list, object),
        _ => {}
    }
}

/// What there was before anything was made: lists without items, and no object.
fn before(segments: &[&str], answer: &Answer) -> Result<Answer, ApiError> {
    if let Some(Value::Array(_)) = answer.body {
        return Ok(Answer::ok(json!([])));
    }
    Err(not_found(segments))
}

/// The answer to who asks by an id for what there is not.
fn not_found(segments: &[&str]) -> ApiError {
    let kind = match segments {
        ["groups", _] => "UserGroup",
        ["users", _] => "User",
        ["authorizationServers", _] => "AuthorizationServer",
        ["apps", _] => "AppInstance",
        _ => "AppUser",
    };
    let id = segments.last().copied().unwrap_or_default();
    ApiError::not_found(id, kind)
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
