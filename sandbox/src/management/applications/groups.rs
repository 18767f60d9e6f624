//! `/api/v1/apps/{id}/groups`

use serde_json::{Value, json};

use crate::management::call::{Answer, Call};
use crate::management::error::ApiError;
use crate::management::kinds::{Object as _, find, find_mut};
use crate::management::links::plain;
use crate::management::page::Limits;
use crate::management::time::time;
use crate::state::org::{Group, GroupAssignment, Org};

const LIMITS: Limits = Limits::of(20, 200);

pub(super) fn route(
    call: &Call,
    org: &mut Org,
    id: &str,
    path: &[&str],
) -> Result<Answer, ApiError> {
    let application_found = find(&org.applications, id)?;
    match (call.method.as_str(), path) {
        ("GET", []) => {
            let assigned = application_found.groups.iter();
            let assigned = assigned.map(|(group, assignment)| show(call, id, group, assignment));
            call.page(assigned.collect(), LIMITS)
        }
        ("GET", [group]) => {
            let assignment = application_found.groups.get(*group);
            let assignment =
                assignment.ok_or_else(|| ApiError::not_found(group, Group::HABITS.name))?;
            Ok(Answer::ok(show(call, id, group, assignment)))
        }
        ("PUT", [group]) => assign(call, org, id, group),
        ("DELETE", [group]) => {
            let removed = find_mut(&mut org.applications, id)?
                .groups
                .shift_remove(*group);
            removed.ok_or_else(|| ApiError::not_found(group, Group::HABITS.name))?;
            Ok(Answer::no_content())
        }
        _ => Err(ApiError::method_not_allowed()),
    }
}

fn assign(call: &Call, org: &mut Org, id: &str, group: &str) -> Result<Answer, ApiError> {
    find(&org.groups, group)?;
    let sent = call.object()?;
    let priority = sent.get("priority").and_then(Value::as_u64);
    let priority = priority.and_then(|priority| u32::try_from(priority).ok());
    let assignment = GroupAssignment {
        priority: priority.unwrap_or_default(),
        last_updated: call.now,
        profile: sent.get("profile").cloned().unwrap_or_else(|| json!({})),
    };
    let answer = Answer::ok(show(call, id, group, &assignment));
    let application = find_mut(&mut org.applications, id)?;
    application.groups.insert(group.to_owned(), assignment);
    Ok(answer)
}

fn show(call: &Call, id: &str, group: &str, assignment: &GroupAssignment) -> Value {
    json!({
        "id": group,
        "lastUpdated": time(assignment.last_updated),
        "priority": assignment.priority,
        "profile": assignment.profile,
        "_links": {
            "app": plain(call.url(&format!("apps/{id}"))),
            "self": plain(call.url(&format!("apps/{id}/groups/{group}"))),
            "group": plain(call.url(&format!("groups/{group}"))),
        },
    })
}
