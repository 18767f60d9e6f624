//! What the model wants an object to be, as Okta's JSON.
//!
//! Two parts: what decides who gets what, which is compared with a found object and mended, and
//! names and descriptions, which are given to new objects only.

use serde_json::{Value, json};

use super::claims;
use super::difference::overlay;
use super::found::Found;
use super::probes;
use super::services;
use super::sign_in;
use super::subject::Subject;
use crate::management::found::ACTIVE;
use crate::model::{EVERYONE, OrgModel, Rule};

/// What decides; empty where nothing does.
pub(super) fn decisive(model: &OrgModel, subject: &Subject, found: &Found) -> Value {
    match subject {
        Subject::Server => json!({
            "status": ACTIVE,
            "audiences": [model.authorization_server.audience],
        }),
        Subject::Scope { name } => {
            let mut scopes = model.scopes.iter();
            let is_default = scopes.any(|scope| scope.name() == name && scope.default);
            json!({ "default": is_default })
        }
        Subject::Client => client(model, found),
        Subject::Policy => {
            let client = if model.policy.all_clients {
                "ALL_CLIENTS".to_owned()
            } else {
                found.id(&Subject::Client)
            };
            json!({ "status": ACTIVE, "conditions": { "clients": { "include": [client] } } })
        }
        Subject::SignInRule => sign_in::rule_decisive(found),
        Subject::ProbesServer { server } => probes::server_decisive(model, server),
        Subject::ProbesScope { .. } => json!({ "default": false }),
        Subject::ProbesPolicy { .. } => probes::policy_decisive(found),
        Subject::ProbesRule { server, name } => {
            probes::rule_decisive(model, (server.as_deref(), name), found)
        }
        Subject::Service { .. } | Subject::ServicePolicy { .. } | Subject::ServiceRule { .. } => {
            services::decisive(model, subject, found)
        }
        Subject::Rule { name } => {
            let rule = model.policy.rules.iter().find(|rule| rule.name == *name);
            rule.map_or_else(|| json!({}), |wanted| rule_decisive(wanted, found))
        }
        Subject::Origin { .. } => {
            let found = found.value(subject).and_then(|origin| origin.get("scopes"));
            let wanted = [json!({ "type": "CORS" }), json!({ "type": "REDIRECT" })];
            json!({ "status": ACTIVE, "scopes": with(found, &wanted, |found, wanted| {
                found.get("type") == wanted.get("type")
            }) })
        }
        Subject::Claim { .. } => claims::decisive(model, subject),
        Subject::User { name } => match claims::profile(model, name) {
            profile if profile.is_empty() => json!({}),
            profile => json!({ "profile": profile }),
        },
        Subject::Group { .. }
        | Subject::Membership { .. }
        | Subject::Password { .. }
        | Subject::ClientSecret
        | Subject::SignInPolicy
        | Subject::SignInPolicyAssignment
        | Subject::GroupAssignment { .. }
        | Subject::UserAssignment { .. } => json!({}),
    }
}

/// Whether the client authenticates by a secret.
pub(super) fn is_confidential(model: &OrgModel) -> bool {
    model.client.token_endpoint_auth_method.has_secret()
}

fn client(model: &OrgModel, found: &Found) -> Value {
    let client = &model.client;
    let redirect_uris = found
        .value(&Subject::Client)
        .and_then(|client| client.pointer("/settings/oauthClient/redirect_uris"));
    let uris = [json!(client.redirect_uri.as_str())];
    let mut wanted = json!({
        "status": ACTIVE,
        "credentials": { "oauthClient": {
            "token_endpoint_auth_method": client.token_endpoint_auth_method,
        } },
        "settings": { "oauthClient": {
            "redirect_uris": with(redirect_uris, &uris, PartialEq::eq),
            "response_types": client.response_types,
            "grant_types": client.grant_types,
            "consent_method": if client.asks_for_consent { "REQUIRED" } else { "TRUSTED" },
            "wildcard_redirect": "DISABLED",
        } },
    });
    if let Some(refresh) = client.refresh() {
        let said = json!({ "rotation_type": refresh.rotation.name(), "leeway": refresh.leeway() });
        let refresh = json!({ "settings": { "oauthClient": { "refresh_token": said } } });
        overlay(&mut wanted, &refresh);
    }
    // A client that demands PKCE although it need not is left so: that protects its codes.
    if client.requires_pkce() {
        let pkce = json!({ "credentials": { "oauthClient": { "pkce_required": true } } });
        overlay(&mut wanted, &pkce);
    }
    wanted
}

fn rule_decisive(rule: &Rule, found: &Found) -> Value {
    let group = |name: &str| match name {
        EVERYONE => "EVERYONE".to_owned(),
        name => found.id(&Subject::group(name)),
    };
    let groups: Vec<String> = rule.group_names().map(group).collect();
    let scopes: Vec<&str> = rule.scope_names().collect();
    let mut wanted = json!({
        "status": ACTIVE,
        "conditions": {
            "people": {
                "users": { "include": [], "exclude": [] },
                "groups": { "include": groups, "exclude": [] },
            },
            "grantTypes": { "include": rule.grant_types },
            "scopes": { "include": scopes },
        },
        "actions": { "token": {
            "accessTokenLifetimeMinutes": rule.access_token_lifetime_minutes.get_ref(),
        } },
    });
    if let Some(priority) = found.priorities.get(&rule.name) {
        overlay(&mut wanted, &json!({ "priority": priority }));
    }
    wanted
}

/// What is found, and whatever of the wanted is not among it: others may need the rest.
fn with(found: Option<&Value>, wanted: &[Value], same: fn(&Value, &Value) -> bool) -> Vec<Value> {
    let mut list = found.and_then(Value::as_array).cloned().unwrap_or_default();
    for item in wanted {
        if !list.iter().any(|found| same(found, item)) {
            list.push(item.clone());
        }
    }
    list
}

/// A new object, users apart.
pub(super) fn creation(model: &OrgModel, subject: &Subject, found: &Found) -> Value {
    let mut body = names(model, subject, found);
    overlay(&mut body, &decisive(model, subject, found));
    body
}

fn names(model: &OrgModel, subject: &Subject, found: &Found) -> Value {
    match subject {
        Subject::Group { name } => {
            let group = model.groups.iter().find(|group| group.name == *name);
            let description = group.map_or("", |group| &group.description);
            json!({ "profile": { "name": name, "description": description } })
        }
        Subject::Server => json!({
            "name": model.authorization_server.name,
            "description": model.authorization_server.description,
            "issuerMode": "ORG_URL",
            "credentials": { "signing": { "rotationMode": "AUTO" } },
        }),
        Subject::Scope { name } | Subject::ProbesScope { name, .. } => new_scope(model, name),
        Subject::Claim { .. } => claims::names(subject),
        Subject::Client => new_client(model),
        Subject::Service { .. } | Subject::ServicePolicy { .. } | Subject::ServiceRule { .. } => {
            services::names(model, subject, found)
        }
        Subject::SignInPolicy => json!({
            "type": sign_in::TYPE,
            "name": sign_in::policy_name(model, found),
            "description": "Made by okta-e2e: test users sign in by a password alone.",
            "priority": 1,
        }),
        Subject::SignInRule => json!({
            "type": sign_in::TYPE,
            "name": sign_in::RULE,
            "priority": 0,
            "conditions": { "network": { "connection": "ANYWHERE" } },
        }),
        Subject::ProbesServer { server } => probes::new_server(server),
        Subject::ProbesPolicy { server } => probes::new_policy(model, server.as_deref(), found),
        Subject::ProbesRule { name, .. } => probes::new_rule(name),
        Subject::Policy => json!({
            "type": "OAUTH_AUTHORIZATION_POLICY",
            "name": model.policy.name,
            "description": model.policy.description,
            "priority": found.other_policies.len() + 1,
        }),
        Subject::Rule { name } => json!({
            "type": "RESOURCE_ACCESS",
            "name": name,
            "actions": { "token": {
                "refreshTokenLifetimeMinutes": 0,
                "refreshTokenWindowMinutes": 10080,
            } },
        }),
        Subject::Origin { origin } => {
            let wanted = model
                .trusted_origins
                .iter()
                .find(|wanted| wanted.origin == *origin);
            let name = wanted.map_or(origin, |wanted| &wanted.name);
            json!({ "name": name, "origin": origin })
        }
        Subject::User { .. }
        | Subject::Membership { .. }
        | Subject::Password { .. }
        | Subject::ClientSecret
        | Subject::SignInPolicyAssignment
        | Subject::GroupAssignment { .. }
        | Subject::UserAssignment { .. } => json!({}),
    }
}

fn new_scope(model: &OrgModel, name: &str) -> Value {
    let mut scopes = model.scopes.iter();
    let scope = scopes.find(|scope| scope.name.get_ref() == name);
    let of_probes = "Made by okta-e2e for a probe: no endpoint needs it";
    let description = scope.map_or(of_probes, |scope| &scope.description);
    json!({
        "name": name,
        "displayName": description,
        "description": description,
        "consent": model.consent_to(name),
        "metadataPublish": "NO_CLIENTS",
    })
}

fn new_client(model: &OrgModel) -> Value {
    json!({
        "name": "oidc_client",
        "label": model.client.label,
        "signOnMode": "OPENID_CONNECT",
        "credentials": { "oauthClient": {
            "autoKeyRotation": true,
            "pkce_required": model.client.requires_pkce(),
        } },
        "settings": { "oauthClient": {
            "application_type": model.client.application_type,
            "issuer_mode": "ORG_URL",
        } },
    })
}
