//! `/api/v1/users`

mod change;
mod factors;
mod lifecycle;
mod password;
mod view;

use serde_json::Value;

use super::call::{Answer, Call};
use super::error::ApiError;
use super::filter;
use super::kinds::{Object as _, find};
use super::page::Limits;
use super::resource::{At, Shown, listed};
use crate::state::org::{Org, User, UserStatus};

const LIMITS: Limits = Limits::of(200, 200);

pub(super) fn route(call: &Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    let Some((name, rest)) = path.split_first() else {
        return match call.method.as_str() {
            "GET" => listed::<User>(&At::org(call, org), User::HABITS.limits),
            "POST" => change::create(call, org),
            _ => Err(ApiError::method_not_allowed()),
        };
    };
    let id = id_of(org, name)?;
    match (call.method.as_str(), rest) {
        ("GET", []) => Ok(Answer::ok(find(&org.users, &id)?.show(&At::org(call, org)))),
        ("POST", []) => change::merge(call, org, &id),
        ("PUT", []) => change::replace(call, org, &id),
        ("DELETE", []) => delete(call, org, &id),
        (_, ["factors", rest @ ..]) => factors::route(call, org, &id, rest),
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
        .ok_or_else(|| ApiError::not_found(name, User::HABITS.name))
}

impl Shown for User {
    fn show(&self, at: &At<'_>) -> Value {
        view::show(at, self)
    }

    fn show_in_list(&self, at: &At<'_>) -> Value {
        view::show_in_list(at, self)
    }

    /// Deprovisioned users are found only by `filter` and `search`.
    fn is_found_by(&self, at: &At<'_>, q: &str) -> bool {
        let prefix = q.to_lowercase();
        let texts = ["firstName", "lastName", "email", "login"];
        let mut texts = texts.into_iter().map(|key| self.text(key).to_lowercase());
        (filter::is_asked(at.call) || self.status != UserStatus::Deprovisioned)
            && texts.any(|text| text.starts_with(&prefix))
    }
}

fn groups_of(call: &Call, org: &Org, id: &str) -> Result<Answer, ApiError> {
    let groups = org.groups.values();
    let groups = groups.filter(|group| org.is_member(id, &group.id));
    let groups: Vec<Value> = groups
        .map(|group| group.show(&At::org(call, org)))
        .collect();
    call.page(groups, LIMITS)
}

/// The first time deactivates, the second time deletes.
fn delete(call: &Call, org: &mut Org, id: &str) -> Result<Answer, ApiError> {
    if find(&org.users, id)?.status != UserStatus::Deprovisioned {
        lifecycle::deprovision(org, id, call.now)?;
        return Ok(Answer::no_content());
    }
    org.users.shift_remove(id);
    for group in org.groups.values_mut() {
        group.members.shift_remove(id);
        group.by_rule.shift_remove(id);
    }
    Ok(Answer::no_content())
}
