//! Objects of an org for unit tests: as plain as can be, to be changed by the test.

use indexmap::{IndexMap, IndexSet};
use jiff::Timestamp;
use serde_json::Map;

use crate::state::org::{
    AuthorizationServer, Clients, Group, GroupKind, Policy, Rule, RuleActions, RuleConditions,
    Stamps, Status, TokenLifetimes,
};

fn stamps() -> Stamps {
    Stamps {
        created: Timestamp::now(),
        last_updated: Timestamp::now(),
    }
}

fn texts<T: FromIterator<String>>(values: &[&str]) -> T {
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// Objects by the id they have.
pub(crate) fn table<T>(objects: impl IntoIterator<Item = (String, T)>) -> IndexMap<String, T> {
    objects.into_iter().collect()
}

pub(crate) fn group(id: &str, members: &[&str]) -> Group {
    Group {
        id: id.to_owned(),
        stamps: stamps(),
        last_membership_updated: Timestamp::now(),
        kind: GroupKind::OktaGroup,
        name: id.to_owned(),
        description: None,
        members: texts(members),
        by_rule: IndexMap::new(),
    }
}

/// A rule for both grants of the document.
pub(crate) fn rule(priority: u32, group: &str, scopes: &[&str], minutes: u32) -> Rule {
    Rule {
        id: format!("rule-{priority}"),
        status: Status::Active,
        name: format!("rule {priority}"),
        priority,
        system: false,
        stamps: stamps(),
        conditions: RuleConditions {
            groups_include: texts(&[group]),
            grant_types: texts(&["implicit", "authorization_code"]),
            scopes: texts(scopes),
            users_include: IndexSet::new(),
            users_exclude: IndexSet::new(),
            groups_exclude: IndexSet::new(),
        },
        actions: RuleActions {
            token: TokenLifetimes {
                access_token_lifetime_minutes: minutes,
                refresh_token_lifetime_minutes: 0,
                refresh_token_window_minutes: 10_080,
                other: Map::new(),
            },
        },
    }
}

pub(crate) fn policy(priority: u32, client: &str, rules: Vec<Rule>) -> Policy {
    Policy {
        id: format!("policy-{priority}"),
        status: Status::Active,
        name: format!("policy {priority}"),
        description: None,
        priority,
        system: false,
        stamps: stamps(),
        clients: Clients {
            include: texts(&[client]),
        },
        rules: table(rules.into_iter().map(|rule| (rule.id.clone(), rule))),
    }
}

/// An authorization server without keys, scopes and policies.
pub(crate) fn server(id: &str) -> AuthorizationServer {
    AuthorizationServer {
        id: id.to_owned(),
        name: id.to_owned(),
        description: None,
        audiences: texts(&["http://myapp.com"]),
        issuer_mode: "ORG_URL".to_owned(),
        status: Status::Active,
        stamps: stamps(),
        rotation_mode: "AUTO".to_owned(),
        last_rotated: Timestamp::now(),
        next_rotation: None,
        keys: Vec::new(),
        scopes: IndexMap::new(),
        claims: IndexMap::new(),
        policies: IndexMap::new(),
        is_default: false,
        other: Map::new(),
    }
}
