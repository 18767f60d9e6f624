//! `/api/v1/groups`

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::checks::Checks;
use super::error::ApiError;
use super::group_rules;
use super::kinds::{Object as _, find, find_mut, is_taken};
use super::links;
use super::page::Limits;
use super::resource::{At, Resource, Shown, crud, listed};
use super::time::time;
use crate::state::org::{Application, Group, GroupKind, Org};

/// How many groups `q` finds; it has no pages.
const MOST_FOUND: usize = 300;

const MEMBERS: Limits = Limits::of(1000, 1000);
const APPLICATIONS: Limits = Limits::of(20, 200);

#[derive(Deserialize)]
struct Body {
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    name: Option<String>,
    description: Option<String>,
}

pub(super) fn route(call: &Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method.as_str(), path) {
        (_, ["rules", rest @ ..]) => group_rules::route(call, org, rest),
        ("GET", [id, "users"]) => members(call, org, id),
        ("GET", [id, "apps"]) => assigned_applications(call, org, id),
        ("PUT" | "DELETE", [id, "users", user]) => change_member(call, org, id, user),
        _ => crud::<Group>(call, org, &[], path),
    }
}

impl Shown for Group {
    fn show(&self, at: &At<'_>) -> Value {
        let url = at.call.url(&format!("groups/{}", self.id));
        let logo = |size: &str| {
            let href = format!("{}/img/logos/groups/okta-{size}.png", at.call.base_url);
            json!({"name": size, "href": href, "type": "image/png"})
        };
        // okta/okta-developer-docs, docs/reference/api/groups: what a directory brings is a
        // principal.
        let class = match self.kind {
            GroupKind::AppGroup => "okta:windows_security_principal",
            GroupKind::OktaGroup | GroupKind::BuiltIn => "okta:user_group",
        };
        json!({
            "id": self.id,
            "created": time(self.stamps.created),
            "lastUpdated": time(self.stamps.last_updated),
            "lastMembershipUpdated": time(self.last_membership_updated),
            "objectClass": [class],
            "type": self.kind,
            "profile": {"name": self.name, "description": self.description},
            "_links": {
                "logo": [logo("medium"), logo("large")],
                "owners": links::plain(format!("{url}/owners")),
                "users": links::plain(format!("{url}/users")),
                "apps": links::plain(format!("{url}/apps")),
            },
        })
    }

    fn is_found_by(&self, _: &At<'_>, q: &str) -> bool {
        self.name.to_lowercase().starts_with(&q.to_lowercase())
    }
}

impl Resource for Group {
    /// The name and description sent, unless another group made by hand has the name: a directory
    /// may bring one that is called the same (okta/terraform-provider-okta#1794).
    fn checked(at: &At<'_>, own: Option<&Self>) -> Result<Self, ApiError> {
        own.map_or(Ok(()), check_editable)?;
        let Body { profile } = at.call.json()?;
        let (name, description) =
            profile.map_or((None, None), |sent| (sent.name, sent.description));
        let mut checks = Checks::default();
        let name = checks.text("name", name);
        let is_namesake = |other: &Self| other.kind != GroupKind::AppGroup && other.name == name;
        let taken = is_taken(&at.org.groups, own, is_namesake);
        checks.unique("name", taken);
        checks.require("name", name.chars().count() <= 255);
        checks.finish()?;
        let Some(own) = own else {
            return Ok(Self::new(
                GroupKind::OktaGroup,
                name,
                description,
                at.call.now,
            ));
        };
        Ok(Self {
            stamps: at.call.stamps(Some(own.stamps)),
            name,
            description,
            ..own.clone()
        })
    }

    fn list(at: &At<'_>) -> Result<Answer, ApiError> {
        let limits = match at.call.parameter("q") {
            Some(_) => Some(Limits::without_links(MOST_FOUND)),
            None => Self::HABITS.limits,
        };
        listed::<Self>(at, limits)
    }

    fn check_deletion(&self, _org: &Org) -> Result<(), ApiError> {
        check_editable(self)
    }

    fn after_deletion(org: &mut Org, id: &str) {
        for application in org.applications.values_mut() {
            application.groups.shift_remove(id);
        }
    }
}

/// Nobody changes what Okta made, `Everyone`, and what a directory brought.
fn check_editable(group: &Group) -> Result<(), ApiError> {
    match group.kind {
        GroupKind::OktaGroup => Ok(()),
        GroupKind::BuiltIn | GroupKind::AppGroup => Err(ApiError::forbidden()),
    }
}

fn members(call: &Call, org: &Org, id: &str) -> Result<Answer, ApiError> {
    let group = find(&org.groups, id)?;
    let members = org.users.values();
    let members = members.filter(|user| org.is_member(&user.id, &group.id));
    let at = At::org(call, org);
    let members = members.map(|user| user.show_in_list(&at));
    call.page(members.collect(), MEMBERS)
}

fn assigned_applications(call: &Call, org: &Org, id: &str) -> Result<Answer, ApiError> {
    find(&org.groups, id)?;
    let is_assigned = |application: &&Application| application.groups.contains_key(id);
    let assigned = org.applications.values().filter(is_assigned);
    let at = At::org(call, org);
    let assigned = assigned.map(|application| application.show(&at));
    call.page(assigned.collect(), APPLICATIONS)
}

/// Takes a user out; a rule that had put them in leaves them alone from now on.
fn leave(org: &mut Org, id: &str, user: &str) -> Result<bool, ApiError> {
    let group = find_mut(&mut org.groups, id)?;
    let by_hand = group.members.shift_remove(user);
    let Some(rule) = group.by_rule.shift_remove(user) else {
        return Ok(by_hand);
    };
    if let Some(rule) = org.group_rules.get_mut(&rule) {
        rule.users_exclude.insert(user.to_owned());
    }
    Ok(true)
}

/// Joining twice and leaving twice are the same as once: what Okta does is not on record.
fn change_member(call: &Call, org: &mut Org, id: &str, user: &str) -> Result<Answer, ApiError> {
    check_editable(find(&org.groups, id)?)?;
    let user = find(&org.users, user)?.id.clone();
    let changed = if call.method == Method::PUT {
        find_mut(&mut org.groups, id)?.members.insert(user)
    } else {
        leave(org, id, &user)?
    };
    if changed {
        find_mut(&mut org.groups, id)?.last_membership_updated = call.now;
    }
    Ok(Answer::no_content())
}
