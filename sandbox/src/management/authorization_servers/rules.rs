//! `/api/v1/authorizationServers/{id}/policies/{policyId}/rules`

use indexmap::IndexSet;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{policies, server, status_after};
use crate::management::call::{Answer, Call};
use crate::management::checks::Checks;
use crate::management::error::ApiError;
use crate::management::links;
use crate::management::table::{find, find_mut, place, remove, renumber};
use crate::management::time::time;
use crate::state::org::{
    Org, Policy, Rule, RuleActions, RuleConditions, Stamps, Status, TokenLifetimes, new_id,
};

const KIND: &str = "PolicyRule";
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

/// `within` is the ids of the authorization server and the policy.
pub(super) fn route(
    call: &Call,
    org: &mut Org,
    within: (&str, &str),
    path: &[&str],
) -> Result<Answer, ApiError> {
    let rule = match (call.method.as_str(), path) {
        ("POST", []) | ("PUT", [_]) => Some(checked(call, org, within, path.first().copied())?),
        _ => None,
    };
    let policy = policy(org, within)?;
    match (call.method.as_str(), path) {
        ("GET", []) => {
            let rules = policy.rules.values();
            Ok(Answer::ok(
                rules.map(|rule| show(call, within, rule)).collect(),
            ))
        }
        ("GET", [id]) => Ok(Answer::ok(show(
            call,
            within,
            find(&policy.rules, id, KIND)?,
        ))),
        ("DELETE", [id]) => {
            remove(&mut policy.rules, id, KIND)?;
            renumber(&mut policy.rules);
            Ok(Answer::no_content())
        }
        ("POST", [id, "lifecycle", step @ ("activate" | "deactivate")]) => {
            let rule = find_mut(&mut policy.rules, id, KIND)?;
            rule.status = status_after(step);
            rule.stamps.touch(call.now);
            Ok(Answer::no_content())
        }
        (method, _) => {
            let rule = rule.ok_or_else(ApiError::method_not_allowed)?;
            let id = rule.id.clone();
            place(&mut policy.rules, id.clone(), rule);
            let shown = show(call, within, find(&policy.rules, &id, KIND)?);
            Ok(match method {
                "POST" => Answer::created(shown),
                _ => Answer::ok(shown),
            })
        }
    }
}

fn policy<'a>(org: &'a mut Org, within: (&str, &str)) -> Result<&'a mut Policy, ApiError> {
    let server = server(org, within.0)?;
    find_mut(&mut server.policies, within.1, policies::KIND)
}

fn show(call: &Call, (server, policy): (&str, &str), rule: &Rule) -> Value {
    let path = format!(
        "authorizationServers/{server}/policies/{policy}/rules/{}",
        rule.id
    );
    let url = call.url(&path);
    let mut links = json!({"self": links::object(&url)});
    links::add_lifecycle(&mut links, &url, rule.status == Status::Active);
    json!({
        "id": rule.id,
        "status": rule.status,
        "name": rule.name,
        "priority": rule.priority,
        "created": time(rule.stamps.created),
        "lastUpdated": time(rule.stamps.last_updated),
        "system": rule.system,
        "conditions": show_conditions(&rule.conditions),
        "actions": rule.actions,
        "_links": links,
        "type": TYPE,
    })
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

/// Scopes that do not exist are taken: that Okta refuses them is not on record.
fn checked(
    call: &Call,
    org: &mut Org,
    within: (&str, &str),
    own_id: Option<&str>,
) -> Result<Rule, ApiError> {
    let rules = &policy(org, within)?.rules;
    let own = own_id.map(|id| find(rules, id, KIND)).transpose()?;
    let body: Body = call.json()?;
    let mut checks = Checks::default();
    let name = checks.text("name", body.name);
    let mut others = rules.values();
    let is_taken = others.any(|other| other.name == name && Some(other.id.as_str()) != own_id);
    checks.unique("name", is_taken);
    let kind = body.kind.as_deref().unwrap_or(TYPE);
    checks.require("type", kind == TYPE);
    let mut stamps = own.map_or_else(|| Stamps::new(call.now), |own| own.stamps);
    stamps.touch(call.now);
    let kept = own.map_or(u32::MAX, |own| own.priority);
    let actions = actions(&mut checks, body.actions.token);
    let conditions = conditions(&mut checks, org, body.conditions);
    checks.finish()?;
    Ok(Rule {
        id: own_id.map_or_else(|| new_id("0pr"), str::to_owned),
        status: body.status,
        name,
        priority: body.priority.unwrap_or(kept),
        system: false,
        stamps,
        conditions,
        actions,
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
