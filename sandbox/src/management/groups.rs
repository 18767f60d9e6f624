//! `/api/v1/groups`

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::checks::Checks;
use super::error::ApiError;
use super::links;
use super::page::Limits;
use super::table::{find, find_mut, remove};
use super::time::time;
use super::{applications, filter, users};
use crate::state::org::{Group, GroupKind, Org, Stamps, new_id};

/// The name of the kind in Okta's texts.
pub(super) const KIND: &str = "UserGroup";

const LIMITS: Limits = Limits::of(10_000, 10_000);
const MEMBERS: Limits = Limits::of(1000, 1000);

/// How many groups `q` finds; it has no pages.
const MOST_FOUND: usize = 300;

#[derive(Deserialize)]
struct Body {
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    name: Option<String>,
    description: Option<String>,
}

pub(super) fn route(call: &mut Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method.as_str(), path) {
        ("GET", []) => list(call, org),
        ("POST", []) => create(call, org),
        ("GET", [id]) => Ok(Answer::ok(show(call, find(&org.groups, id, KIND)?))),
        ("PUT", [id]) => update(call, org, id),
        ("DELETE", [id]) => delete(org, id),
        ("GET", [id, "users"]) => members(call, org, id),
        ("GET", [id, "apps"]) => assigned_applications(call, org, id),
        ("PUT" | "DELETE", [id, "users", user]) => change_member(call, org, id, user),
        _ => Err(ApiError::method_not_allowed()),
    }
}

/// A group on the wire.
pub(super) fn show(call: &Call, group: &Group) -> Value {
    let url = call.url(&format!("groups/{}", group.id));
    let logo = |size: &str| {
        let href = format!("{}/img/logos/groups/okta-{size}.png", call.base_url);
        json!({"name": size, "href": href, "type": "image/png"})
    };
    json!({
        "id": group.id,
        "created": time(group.stamps.created),
        "lastUpdated": time(group.stamps.last_updated),
        "lastMembershipUpdated": time(group.last_membership_updated),
        "objectClass": ["okta:user_group"],
        "type": group.kind,
        "profile": {"name": group.name, "description": group.description},
        "_links": {
            "logo": [logo("medium"), logo("large")],
            "owners": links::plain(format!("{url}/owners")),
            "users": links::plain(format!("{url}/users")),
            "apps": links::plain(format!("{url}/apps")),
        },
    })
}

fn list(call: &Call, org: &Org) -> Result<Answer, ApiError> {
    let groups = org.groups.values();
    if let Some(prefix) = call.parameter("q") {
        let prefix = prefix.to_lowercase();
        let found = groups.filter(|group| group.name.to_lowercase().starts_with(&prefix));
        let found: Vec<Value> = found.map(|group| show(call, group)).collect();
        let whole = Limits {
            default: MOST_FOUND,
            most: MOST_FOUND,
            links: false,
        };
        return call.page(filter::apply(call, found)?, whole);
    }
    let groups = groups.map(|group| show(call, group)).collect();
    call.page(filter::apply(call, groups)?, LIMITS)
}

fn create(call: &Call, org: &mut Org) -> Result<Answer, ApiError> {
    let (name, description) = checked(call, org, None)?;
    let group = Group {
        id: new_id("00g"),
        stamps: Stamps::new(call.now),
        last_membership_updated: call.now,
        kind: GroupKind::OktaGroup,
        name,
        description,
        members: indexmap::IndexSet::new(),
    };
    let answer = Answer::ok(show(call, &group));
    org.groups.insert(group.id.clone(), group);
    Ok(answer)
}

fn update(call: &Call, org: &mut Org, id: &str) -> Result<Answer, ApiError> {
    editable(org, id)?;
    let (name, description) = checked(call, org, Some(id))?;
    let group = find_mut(&mut org.groups, id, KIND)?;
    group.name = name;
    group.description = description;
    group.stamps.touch(call.now);
    Ok(Answer::ok(show(call, group)))
}

/// The name and description sent, unless another group has the name.
fn checked(
    call: &Call,
    org: &Org,
    own_id: Option<&str>,
) -> Result<(String, Option<String>), ApiError> {
    let Body { profile } = call.json()?;
    let (name, description) = profile.map_or((None, None), |sent| (sent.name, sent.description));
    let mut checks = Checks::default();
    let name = checks.text("name", name);
    let mut others = org.groups.values();
    let is_taken = others.any(|other| other.name == name && Some(other.id.as_str()) != own_id);
    checks.unique("name", is_taken);
    checks.require("name", name.chars().count() <= 255);
    checks.finish()?;
    Ok((name, description))
}

fn delete(org: &mut Org, id: &str) -> Result<Answer, ApiError> {
    editable(org, id)?;
    remove(&mut org.groups, id, KIND)?;
    for application in org.applications.values_mut() {
        application.groups.shift_remove(id);
    }
    Ok(Answer::no_content())
}

/// Nobody changes what Okta made: `Everyone`.
fn editable(org: &Org, id: &str) -> Result<(), ApiError> {
    match find(&org.groups, id, KIND)?.kind {
        GroupKind::OktaGroup => Ok(()),
        GroupKind::BuiltIn => Err(ApiError::forbidden()),
    }
}

fn members(call: &Call, org: &Org, id: &str) -> Result<Answer, ApiError> {
    let group = find(&org.groups, id, KIND)?;
    let members = org.users.values();
    let members = members.filter(|user| org.is_member(&user.id, &group.id));
    let members = members.map(|user| users::show_in_list(call, org, user));
    call.page(members.collect(), MEMBERS)
}

fn assigned_applications(call: &Call, org: &Org, id: &str) -> Result<Answer, ApiError> {
    find(&org.groups, id, KIND)?;
    let assigned = org.applications.values();
    let assigned = assigned.filter(|application| application.groups.contains_key(id));
    let assigned = assigned.map(|application| applications::show(call, org, application));
    call.page(assigned.collect(), Limits::of(20, 200))
}

/// Joining twice and leaving twice are the same as once: what Okta does is not on record.
fn change_member(call: &Call, org: &mut Org, id: &str, user: &str) -> Result<Answer, ApiError> {
    editable(org, id)?;
    let user = find(&org.users, user, users::KIND)?.id.clone();
    let group = find_mut(&mut org.groups, id, KIND)?;
    let changed = if call.method == Method::PUT {
        group.members.insert(user)
    } else {
        group.members.shift_remove(&user)
    };
    if changed {
        group.last_membership_updated = call.now;
    }
    Ok(Answer::no_content())
}
