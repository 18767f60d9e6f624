//! Objects of an org for unit tests: as plain as can be, to be changed by the test.

use indexmap::{IndexMap, IndexSet};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::org::{
    Application, AuthorizationServer, Clients, Group, GroupAssignment, GroupKind,
    OAuthClientCredentials, OAuthClientSettings, Policy, Rule, RuleActions, RuleConditions, Scope,
    Stamps, Status, TokenLifetimes, User, UserStatus,
};

pub(crate) const PASSWORD: &str = "Tr0ub4dor-and-3";

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

pub(crate) fn user(id: &str, login: &str) -> User {
    let name = login.split('@').next();
    let profile = json!({"login": login, "email": login, "firstName": name, "lastName": "User"});
    User {
        id: id.to_owned(),
        status: UserStatus::Active,
        stamps: stamps(),
        activated: None,
        status_changed: None,
        last_login: None,
        password_changed: None,
        profile: profile.as_object().cloned().unwrap_or_default(),
        password: Some(PASSWORD.to_owned()),
        failed_attempts: 0,
    }
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
    }
}

pub(crate) fn scope(name: &str) -> Scope {
    Scope {
        id: name.to_owned(),
        name: name.to_owned(),
        display_name: None,
        description: None,
        system: !name.contains('/'),
        metadata_publish: "NO_CLIENTS".to_owned(),
        consent: "IMPLICIT".to_owned(),
        optional: false,
        api_resource_id: None,
        default: false,
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

/// A web client that may do all the document's client may.
pub(crate) fn application(id: &str, redirect_uri: &str, logout_uri: &str) -> Application {
    Application {
        id: id.to_owned(),
        label: id.to_owned(),
        status: Status::Active,
        stamps: stamps(),
        client_secret: Some("a-secret".to_owned()),
        credentials: OAuthClientCredentials {
            auto_key_rotation: true,
            token_endpoint_auth_method: "client_secret_basic".to_owned(),
            pkce_required: false,
        },
        settings: OAuthClientSettings {
            redirect_uris: texts(&[redirect_uri]),
            post_logout_redirect_uris: texts(&[logout_uri]),
            response_types: texts(&["code", "token", "id_token"]),
            grant_types: texts(&["authorization_code", "implicit"]),
            application_type: "web".to_owned(),
            consent_method: "TRUSTED".to_owned(),
            other: Map::new(),
        },
        groups: IndexMap::new(),
        users: IndexMap::new(),
        other: Map::new(),
    }
}

pub(crate) fn group_assignment() -> GroupAssignment {
    GroupAssignment {
        priority: 0,
        last_updated: Timestamp::now(),
        profile: Value::Null,
    }
}
