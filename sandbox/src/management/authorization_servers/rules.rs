//! `/api/v1/authorizationServers/{id}/policies/{policyId}/rules`

use indexmap::IndexSet;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::management::checks::Checks;
use crate::management::error::ApiError;
use crate::management::kinds::{Object as _, is_taken};
use crate::management::links;
use crate::management::resource::{At, Resource, Shown};
use crate::management::time::time;
use crate::state::org::{Org, Rule, RuleActions, RuleConditions, Status, TokenLifetimes, new_id};

const TYPE: &str = "RESOURCE_ACCESS";

/// The grant types that bring a user.
const GRANT_TYPES_WITH_USER: [&str; 2] = ["authorization_code", "implicit"];

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    status: Status,
    name: Option<String>,
    priority: Option<u32>,
    #[serde(default)]
    conditions: Conditions,
    #[serde(default)]
    actions: Actions,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Conditions {
    people: People,
    grant_types: List,
    scopes: List,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct People {
    users: List,
    groups: List,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct List {
    include: IndexSet<String>,
    exclude: IndexSet<String>,
}

#[derive(Deserialize, Default)]
struct Actions {
    #[serde(default)]
    token: Token,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Token {
    access_token_lifetime_minutes: Option<u32>,
    refresh_token_lifetime_minutes: Option<u32>,
    refresh_token_window_minutes: Option<u32>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

impl Shown for Rule {
    fn show(&self, at: &At<'_>) -> Value {
        let path = match at.within {
            [server, policy] => format!("authorizationServers/{server}/policies/{policy}/rules"),
            _ => String::new(),
        };
        let url = at.call.url(&format!("{path}/{}", self.id));
        let mut links = json!({"self": links::object(&url)});
        links::add_lifecycle(&mut links, &url, self.status == Status::Active);
        json!({
            "id": self.id,
            "status": self.status,
            "name": self.name,
            "priority": self.priority,
            "created": time(self.stamps.created),
            "lastUpdated": time(self.stamps.last_updated),
            "system": self.system,
            "conditions": show_conditions(&self.conditions),
            "actions": self.actions,
            "_links": links,
            "type": TYPE,
        })
    }
}

impl Resource for Rule {
    fn checked(at: &At<'_>, own: Option<&Self>) -> Result<Self, ApiError> {
        let body: Body = at.call.json()?;
        let mut checks = Checks::default();
        let name = checks.text("name", body.name);
        let rules = Self::table(at.org, at.within)?;
        let taken = is_taken(rules, own, |other| other.name == name);
        checks.unique("name", taken);
        checks.require("type", body.kind.is_none_or(|kind| kind == TYPE));
        let actions = actions(&mut checks, body.actions.token);
        let conditions = conditions(&mut checks, at.org, body.conditions);
        checks.finish()?;
        let kept = own.map_or(u32::MAX, |own| own.priority);
        Ok(Self {
            id: own.map_or_else(|| new_id("0pr"), |own| own.id.clone()),
            status: body.status,
            name,
            priority: body.priority.unwrap_or(kept),
            system: false,
            stamps: at.call.stamps(own.map(|own| own.stamps)),
            conditions,
            actions,
        })
    }
}

/// Who is left out is always said of users, of groups only when it is somebody.
fn show_conditions(conditions: &RuleConditions) -> Value {
    let mut users = json!({"exclude": conditions.users_exclude});
    if !conditions.users_include.is_empty() {
        users["include"] = json!(conditions.users_include);
    }
    let mut groups = json!({"include": conditions.groups_include});
    if !conditions.groups_exclude.is_empty() {
        groups["exclude"] = json!(conditions.groups_exclude);
    }
    json!({
        "people": {"users": users, "groups": groups},
        "grantTypes": {"include": conditions.grant_types},
        "scopes": {"include": conditions.scopes},
    })
}

fn actions(checks: &mut Checks, token: Token) -> RuleActions {
    let minutes = token.access_token_lifetime_minutes.unwrap_or(60);
    checks.require("accessTokenLifetimeMinutes", (5..=1440).contains(&minutes));
    RuleActions {
        token: TokenLifetimes {
            access_token_lifetime_minutes: minutes,
            refresh_token_lifetime_minutes: token.refresh_token_lifetime_minutes.unwrap_or(0),
            refresh_token_window_minutes: token.refresh_token_window_minutes.unwrap_or(10_080),
            other: token.other,
        },
    }
}

fn conditions(checks: &mut Checks, org: &Org, sent: Conditions) -> RuleConditions {
    let People { users, groups } = sent.people;
    let grant_types = sent.grant_types.include;
    checks.require("conditions.grantTypes.include", !grant_types.is_empty());
    let brings_user = GRANT_TYPES_WITH_USER
        .iter()
        .any(|grant_type| grant_types.contains(*grant_type));
    let names_people = !users.include.is_empty() || !groups.include.is_empty();
    checks.require("conditions.people", names_people || !brings_user);
    let mut named_groups = groups.include.iter().chain(&groups.exclude);
    let is_group = |id: &String| id == "EVERYONE" || org.groups.contains_key(id);
    checks.require("conditions.people.groups", named_groups.all(is_group));
    let mut named_users = users.include.iter().chain(&users.exclude);
    let is_user = |id: &String| org.users.contains_key(id);
    checks.require("conditions.people.users", named_users.all(is_user));
    RuleConditions {
        users_include: users.include,
        users_exclude: users.exclude,
        groups_include: groups.include,
        groups_exclude: groups.exclude,
        grant_types,
        scopes: sent.scopes.include,
    }
}
