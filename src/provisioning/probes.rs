//! What is made for the probes of a model: scopes that begin like others, and an access policy that
//! gives them to test users alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::ProvisionError;
use super::execute::Execution;
use super::found::Found;
use super::store::Store;
use super::subject::Subject;
use crate::management::found::ACTIVE;
use crate::model::{OrgModel, PROBES_POLICY, Probe, ProbesRule};

/// No access token of Okta lives shorter, in minutes; a probe is used at once.
const MINUTES: u32 = 5;

/// Everything that is made for the probes of a model, in the order in which it is made.
pub(super) fn subjects(model: &OrgModel) -> Vec<Subject> {
    let near = model.near_scopes();
    let near = near.iter().map(|scope| Subject::scope(scope));
    let own = near.chain(policies(model, None));
    let servers = Probe::OF_SERVERS.into_iter().filter_map(Probe::server);
    own.chain(servers.flat_map(|server| of_server(model, server)))
        .collect()
}

/// Another server with its scopes, policy and rules.
fn of_server(model: &OrgModel, server: &str) -> Vec<Subject> {
    let scopes = scopes(model, server);
    if scopes.is_empty() {
        return Vec::new();
    }
    let scopes = scopes.into_iter().map(|name| Subject::ProbesScope {
        server: server.to_owned(),
        name,
    });
    let itself = [Subject::probes_server(server)].into_iter();
    itself
        .chain(scopes)
        .chain(policies(model, Some(server)))
        .collect()
}

/// The scopes of another server: those that its rules give.
pub(super) fn scopes(model: &OrgModel, server: &str) -> BTreeSet<String> {
    let rules = model.probes_rules_of(Some(server)).into_iter();
    let mut scopes: BTreeSet<String> = rules.flat_map(|rule| rule.scopes).collect();
    scopes.remove("openid");
    scopes
}

/// The policy on a server and its rules; nothing where there is none.
fn policies(model: &OrgModel, server: Option<&str>) -> Vec<Subject> {
    let server = || server.map(str::to_owned);
    let rules = model.probes_rules_of(server().as_deref());
    let policy = (!rules.is_empty()).then(|| Subject::ProbesPolicy { server: server() });
    let rules = rules.into_iter().map(|rule| Subject::ProbesRule {
        server: server(),
        name: rule.name,
    });
    policy.into_iter().chain(rules).collect()
}

/// What decides about another server.
pub(super) fn server_decisive(model: &OrgModel, server: &str) -> Value {
    let audience = Probe::of_server(server).map(|probe| model.audience_of(probe));
    json!({ "status": ACTIVE, "audiences": [audience] })
}

/// What a new one has beside that.
pub(super) fn new_server(server: &str) -> Value {
    json!({
        "name": server,
        "description": "Made by okta-e2e: its tokens the API must refuse",
        "issuerMode": "ORG_URL",
        "credentials": { "signing": { "rotationMode": "AUTO" } },
    })
}

/// The rule of the model that is called so.
fn rule(model: &OrgModel, server: Option<&str>, name: &str) -> Option<ProbesRule> {
    let mut rules = model.probes_rules_of(server).into_iter();
    rules.find(|rule| rule.name == name)
}

/// What decides about the policy of the probes.
pub(super) fn policy_decisive(found: &Found) -> Value {
    let client = found.id(&Subject::Client);
    json!({ "status": ACTIVE, "conditions": { "clients": { "include": [client] } } })
}

/// What decides about a rule of it: the test users one by one, and no group.
pub(super) fn rule_decisive(
    model: &OrgModel,
    (server, name): (Option<&str>, &str),
    found: &Found,
) -> Value {
    let Some(rule) = rule(model, server, name) else {
        return json!({});
    };
    let users = rule.users.iter().map(|name| found.id(&Subject::user(name)));
    let users: Vec<String> = users.collect();
    json!({
        "status": ACTIVE,
        "conditions": {
            "people": {
                "users": { "include": users, "exclude": [] },
                "groups": { "include": [], "exclude": [] },
            },
            "grantTypes": { "include": [model.main_flow().grant_type()] },
            "scopes": { "include": rule.scopes },
        },
        "actions": { "token": { "accessTokenLifetimeMinutes": MINUTES } },
    })
}

/// What a new policy of the probes has beside that: it comes after all others.
pub(super) fn new_policy(model: &OrgModel, server: Option<&str>, found: &Found) -> Value {
    let others = found.other_policies.len() + model.services.len() + 1;
    let before = if server.is_none() { others } else { 0 };
    json!({
        "type": "OAUTH_AUTHORIZATION_POLICY",
        "name": PROBES_POLICY,
        "description": "Made by okta-e2e: tokens that the API must refuse, for test users alone",
        "priority": before + 1,
    })
}

/// What a new rule has beside that.
pub(super) fn new_rule(name: &str) -> Value {
    json!({
        "type": "RESOURCE_ACCESS",
        "name": name,
        "actions": { "token": {
            "refreshTokenLifetimeMinutes": 0,
            "refreshTokenWindowMinutes": 10080,
        } },
    })
}

/// What is made for a probe would open where the API is weak, in words; none of anything else.
pub(super) fn opens(model: &OrgModel, subject: &Subject) -> Option<String> {
    let Subject::ProbesRule { server, name } = subject else {
        return None;
    };
    let rule = rule(model, server.as_deref(), name)?;
    let weak = match rule.probe {
        Probe::NearScope => "takes a scope by a part of its name",
        Probe::ShortLived => "checks no expiry",
        Probe::OtherIssuer => "takes the tokens of any authorization server of the org",
        Probe::OtherAudience => {
            "takes the tokens of any authorization server of the org, for whomever they are"
        }
    };
    let listed = |names: Vec<&str>| names.join(" and ");
    let endpoints = rule.endpoints.iter().map(String::as_str).collect();
    let users = rule.users.iter().map(String::as_str).collect();
    Some(format!(
        "where the API {weak}, its tokens open {} to {}",
        listed(endpoints),
        listed(users)
    ))
}

impl<S: Store, P: FnMut(&str)> Execution<'_, S, P> {
    /// Keeps the issuers of the other servers that are there, each as its variable.
    pub(super) fn keep_probe_issuers(&mut self) -> Result<BTreeMap<Probe, String>, ProvisionError> {
        let mut issuers = BTreeMap::new();
        for probe in Probe::OF_SERVERS {
            let (Some(server), Some(variable)) = (probe.server(), probe.variable()) else {
                continue;
            };
            let server = Subject::probes_server(server);
            if let Some(issuer) = self.found.text(&server, "/issuer").map(str::to_owned) {
                self.store.set(&[(variable, &issuer)])?;
                issuers.insert(probe, issuer);
            }
        }
        Ok(issuers)
    }
}
