//! `/api/v1/users`

mod change;
mod lifecycle;
mod password;
mod view;

use serde_json::Value;

use super::call::{Answer, Call};
use super::error::ApiError;
use super::page::Limits;
use super::{filter, groups};
use crate::state::org::{Org, User, UserStatus};

pub(super) use view::show_in_list;

/// The name of the kind in Okta's texts.
pub(super) const KIND: &str = "User";

const LIMITS: Limits = Limits::of(200, 200);

pub(super) fn route(call: &mut Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    let Some((name, rest)) = path.split_first() else {
        return match call.method.as_str() {
            "GET" => list(call, org),
            "POST" => change::create(call, org),
            _ => Err(ApiError::method_not_allowed()),
        };
    };
    let id = id_of(org, name)?;
    match (call.method.as_str(), rest) {
        ("GET", []) => Ok(Answer::ok(view::show(call, org, user(org, &id)?))),
        ("POST", []) => change::merge(call, org, &id),
        ("PUT", []) => change::replace(call, org, &id),
        ("DELETE", []) => delete(call, org, &id),
        ("GET", ["groups"]) => groups_of(call, org, &id),
        ("POST", ["lifecycle", step]) => lifecycle::step(call, org, &id, step),
        _ => Err(ApiError::method_not_allowed()),
    }
}

/// The id of the user with this id, login, or login without its domain.
fn id_of(org: &Org, name: &str) -> Result<String, ApiError> {
    let short = |user: &&User| {
        let name_and_domain = user.login().split_once('@');
        name_and_domain.is_some_and(|(short, _)| short.eq_ignore_ascii_case(name))
    };
    let user = org.users.get(name).or_else(|| org.user_by_login(name));
    let user = user.or_else(|| org.users.values().find(short));
    user.map(|user| user.id.clone())
        .ok_or_else(|| ApiError::not_found(name, KIND))
}

fn user<'a>(org: &'a Org, id: &str) -> Result<&'a User, ApiError> {
    super::table::find(&org.users, id, KIND)
}

fn user_mut<'a>(org: &'a mut Org, id: &str) -> Result<&'a mut User, ApiError> {
    super::table::find_mut(&mut org.users, id, KIND)
}

/// Deprovisioned users are found only by `filter` and `search`.
fn list(call: &Call, org: &Org) -> Result<Answer, ApiError> {
    let prefix = call.parameter("q").unwrap_or_default().to_lowercase();
    let shows_all = filter::is_asked(call);
    let users = org.users.values();
    let found = users.filter(|user| {
        let texts = ["firstName", "lastName", "email", "login"];
        let mut texts = texts.into_iter().map(|key| user.text(key).to_lowercase());
        (shows_all || user.status != UserStatus::Deprovisioned)
            && texts.any(|text| text.starts_with(&prefix))
    });
    let found = found.map(|user| show_in_list(call, org, user)).collect();
    call.page(filter::apply(call, found)?, LIMITS)
}

fn groups_of(call: &Call, org: &Org, id: &str) -> Result<Answer, ApiError> {
    let groups = org.groups.values();
    let groups = groups.filter(|group| org.is_member(id, &group.id));
    let groups: Vec<Value> = groups.map(|group| groups::show(call, group)).collect();
    call.page(groups, LIMITS)
}

/// The first time deactivates, the second time deletes.
fn delete(call: &Call, org: &mut Org, id: &str) -> Result<Answer, ApiError> {
    if user(org, id)?.status != UserStatus::Deprovisioned {
        lifecycle::deprovision(org, id, call.now)?;
        return Ok(Answer::no_content());
    }
    org.users.shift_remove(id);
    for group in org.groups.values_mut() {
        group.members.shift_remove(id);
    }
    Ok(Answer::no_content())
}
