//! `/api/v1/groups/rules`: users that are in groups because of what their profile says

use axum::http::StatusCode;
use indexmap::IndexSet;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::checks::Checks;
use super::error::ApiError;
use super::kinds::{find, is_taken};
use super::resource::{At, Resource, Shown, crud};
use super::time::time;
use crate::decision::Expression;
use crate::state::org::{Group, GroupKind, GroupRule, Org, Status, new_id};

/// The type of a rule, and of the language of its expression.
const TYPE: &str = "group_rule";
const LANGUAGE: &str = "urn:okta:expression:1.0";

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    #[serde(default)]
    conditions: Conditions,
    #[serde(default)]
    actions: Actions,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Conditions {
    people: People,
    expression: Expressed,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct People {
    users: Excluded,
    groups: Excluded,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Excluded {
    exclude: IndexSet<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Expressed {
    value: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Actions {
    assign_user_to_groups: Assigned,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Assigned {
    group_ids: IndexSet<String>,
}

pub(super) fn route(call: &Call, org: &mut Org, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method.as_str(), path) {
        ("DELETE", [id]) => delete(call, org, id),
        _ => crud::<GroupRule>(call, org, &[], path),
    }
}

/// Users stay where the rule has put them, unless the call says otherwise: `removeUsers`.
fn delete(call: &Call, org: &mut Org, id: &str) -> Result<Answer, ApiError> {
    find(&org.group_rules, id)?;
    org.group_rules.shift_remove(id);
    let removes = call.parameter("removeUsers") == Some("true");
    for group in org.groups.values_mut() {
        let is_of_rule = |by: &String| by == id;
        let put = group.by_rule.iter().filter(|(_, by)| is_of_rule(by));
        let put: Vec<String> = put.map(|(user, _)| user.clone()).collect();
        group.by_rule.retain(|_, by| !is_of_rule(by));
        if !removes {
            group.members.extend(put);
        }
    }
    Ok(Answer::new(StatusCode::ACCEPTED, Some(json!({}))))
}

impl Shown for GroupRule {
    fn show(&self, _: &At<'_>) -> Value {
        json!({
            "type": TYPE,
            "id": self.id,
            "status": self.status,
            "name": self.name,
            "created": time(self.stamps.created),
            "lastUpdated": time(self.stamps.last_updated),
            "conditions": {
                "people": {
                    "users": {"exclude": self.users_exclude},
                    "groups": {"exclude": self.groups_exclude},
                },
                "expression": {"value": self.expression, "type": LANGUAGE},
            },
            "actions": {"assignUserToGroups": {"groupIds": self.group_ids}},
            "allGroupsValid": true,
        })
    }
}

impl Resource for GroupRule {
    fn checked(at: &At<'_>, own: Option<&Self>) -> Result<Self, ApiError> {
        let body: Body = at.call.json()?;
        let mut checks = Checks::default();
        let name = checks.text("name", body.name);
        let taken = is_taken(&at.org.group_rules, own, |other| other.name == name);
        checks.unique("name", taken);
        checks.require("type", body.kind.is_none_or(|kind| kind == TYPE));
        let expression = body.conditions.expression.value;
        let is_known = Expression::parse(&expression).is_some();
        checks.require("conditions.expression", is_known);
        let group_ids = body.actions.assign_user_to_groups.group_ids;
        let are_groups = group_ids.iter().all(|id| takes_users(at.org, id));
        checks.require(
            "actions.assignUserToGroups",
            !group_ids.is_empty() && are_groups,
        );
        checks.finish()?;
        Ok(Self {
            id: own.map_or_else(|| new_id("0pr"), |own| own.id.clone()),
            stamps: at.call.stamps(own.map(|own| own.stamps)),
            status: own.map_or(Status::Inactive, |own| own.status),
            name,
            expression,
            users_exclude: body.conditions.people.users.exclude,
            groups_exclude: body.conditions.people.groups.exclude,
            group_ids,
        })
    }
}

/// Rules put users into groups that an administrator made.
fn takes_users(org: &Org, id: &str) -> bool {
    let is_made_by_hand = |group: &Group| group.kind == GroupKind::OktaGroup;
    find(&org.groups, id).is_ok_and(is_made_by_hand)
}
