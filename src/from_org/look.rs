//! What an org has around one client: read, and nothing changed.

use std::collections::{BTreeMap, BTreeSet};

use super::probes::Probes;
use super::services::{FoundService, services_of};
use crate::management::found::{
    ALL_CLIENTS, EVERY_GROUP, FoundApplication, FoundClaim, FoundPolicyRules, FoundRule,
    FoundScope, FoundServer, FoundTrustedOrigin,
};
use crate::management::status::{Status, Words};
use crate::management::{ManagementClient, ManagementError};
use crate::model::{EVERYONE, is_of_probes, is_reserved_by_okta};

/// Why no model can be written.
#[derive(Debug, thiserror::Error)]
pub enum FromOrgError {
    /// A call failed.
    #[error(transparent)]
    Management(#[from] ManagementError),
    /// There is no such authorization server.
    #[error("the org has no authorization server `{named}`; it has {}", list(has))]
    NoServer {
        /// The issuer or id that was named.
        named: String,
        /// The issuers that there are.
        has: Vec<String>,
    },
    /// There is no such client.
    #[error("the org has no client `{0}`, or the API token may not see it")]
    NoClient(String),
    /// Nobody said which client is meant.
    #[error(
        "OKTA_OAUTH2_CLIENT_ID is not set, and the policies of the authorization server do not \
         name exactly one client: set it to the client of the model ({})",
        list(named)
    )]
    WhichClient {
        /// The client ids that active policies name.
        named: Vec<String>,
    },
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "none is named".to_owned();
    }
    names.join(", ")
}

/// What an org has around one client.
#[derive(Debug)]
pub struct Look {
    pub(super) server: FoundServer,
    pub(super) scopes: Vec<FoundScope>,
    pub(super) claims: Vec<FoundClaim>,
    /// The active policies that apply to the client, in the order that Okta asks them, with their
    /// rules in theirs: those that are active, or may be.
    pub(super) policies: Vec<FoundPolicyRules>,
    /// The policies of which nobody knows whether they are active, or for which clients.
    pub(super) doubtful: Vec<FoundPolicyRules>,
    /// The active policies of other clients alone.
    pub(super) of_others: Vec<FoundPolicyRules>,
    /// What was made for probes, and is in none of the rest.
    pub(super) probes: Probes,
    pub(super) client: FoundApplication,
    /// Clients that get tokens for themselves by other policies.
    pub(super) services: Vec<FoundService>,
    /// The names of the groups that the client is assigned to.
    pub(super) assigned: Vec<String>,
    pub(super) origins: Vec<FoundTrustedOrigin>,
    /// Group names by id; a group that is gone is not among them.
    names: BTreeMap<String, String>,
    /// The ids of groups that Okta made for everybody.
    everybody: BTreeSet<String>,
}

/// Looks at the authorization server of an issuer, or of an id, and at a client.
///
/// # Errors
/// [`FromOrgError`] when a call fails, or what is named is not there.
pub async fn look(
    management: &ManagementClient,
    server: &str,
    client_id: Option<&str>,
) -> Result<Look, FromOrgError> {
    let servers = management.servers().await?;
    let server = find_server(management, &servers, server).await?;
    let mut policies = management.policies_with_rules(&server.id).await?;
    policies.retain(|found| may_take_part(&found.policy.status));
    policies.sort_by_key(|found| found.policy.priority);
    let probes = Probes::taken_out(&mut policies, &servers);
    let is_doubtful = |found: &mut FoundPolicyRules| {
        !found.policy.status.is_active() || !found.policy.conditions.clients.names()
    };
    let doubtful = policies.extract_if(.., is_doubtful).collect();
    let client_id = match client_id {
        Some(named) => named.to_owned(),
        None => only_client(&policies)?,
    };
    let client = management.application(&client_id).await?;
    let client = client.ok_or(FromOrgError::NoClient(client_id.clone()))?;
    for found in &mut policies {
        found.rules.retain(|rule| may_take_part(&rule.status));
        found.rules.sort_by_key(|rule| rule.priority);
    }
    let (policies, others): (Vec<_>, Vec<_>) = policies
        .into_iter()
        .partition(|found| applies(found, &client_id));
    let assigned = management.application_groups(&client.id).await?;
    let mut scopes = management.scopes(&server.id).await?;
    scopes.retain(|scope| !is_of_probes(&scope.name));
    let mut look = Look {
        scopes,
        probes,
        claims: management.claims(&server.id).await?,
        origins: management.trusted_origins().await?,
        assigned: Vec::new(),
        names: BTreeMap::new(),
        everybody: BTreeSet::new(),
        server,
        policies,
        doubtful,
        services: services_of(management, &others).await?,
        of_others: others,
        client,
    };
    look.name_groups(management, &assigned).await?;
    let assigned = assigned.iter().filter_map(|id| look.group(id));
    look.assigned = assigned.map(str::to_owned).collect();
    Ok(look)
}

async fn find_server(
    management: &ManagementClient,
    servers: &[FoundServer],
    named: &str,
) -> Result<FoundServer, FromOrgError> {
    if let Some(by_id) = servers.iter().find(|server| server.id == named) {
        return Ok(by_id.clone());
    }
    let found = management.server_among(servers, named).await?;
    found.ok_or_else(|| FromOrgError::NoServer {
        named: named.to_owned(),
        has: servers.iter().map(|server| server.issuer.clone()).collect(),
    })
}

/// Whether an object takes part, or nobody knows whether it does.
pub(super) fn may_take_part(status: &Status) -> bool {
    status.takes_part(Words::OBJECT) != Some(false)
}

fn only_client(policies: &[FoundPolicyRules]) -> Result<String, FromOrgError> {
    let named = policies.iter().flat_map(clients);
    let named: BTreeSet<&String> = named.filter(|client| *client != ALL_CLIENTS).collect();
    let mut named: Vec<String> = named.into_iter().cloned().collect();
    match named.pop() {
        Some(only) if named.is_empty() => Ok(only),
        last => Err(FromOrgError::WhichClient {
            named: named.into_iter().chain(last).collect(),
        }),
    }
}

/// The client ids that a policy names.
pub(super) fn clients(found: &FoundPolicyRules) -> &[String] {
    &found.policy.conditions.clients.include
}

fn applies(found: &FoundPolicyRules, client_id: &str) -> bool {
    let mut clients = clients(found).iter();
    clients.any(|client| client == ALL_CLIENTS || client == client_id)
}

impl Look {
    async fn name_groups(
        &mut self,
        management: &ManagementClient,
        assigned: &[String],
    ) -> Result<(), FromOrgError> {
        let rules = self.policies.iter().flat_map(|found| &found.rules);
        let groups = rules.flat_map(|rule| {
            let groups = &rule.conditions.people.groups;
            groups.include.iter().chain(&groups.exclude)
        });
        let ids: BTreeSet<String> = groups.chain(assigned).cloned().collect();
        for id in ids.into_iter().filter(|id| id != EVERY_GROUP) {
            if let Some(group) = management.group(&id).await? {
                if group.kind == "BUILT_IN" && group.profile.name == EVERYONE {
                    self.everybody.insert(id.clone());
                }
                self.names.insert(id, group.profile.name);
            }
        }
        Ok(())
    }

    /// The name of a group that is there.
    pub(super) fn group(&self, id: &str) -> Option<&str> {
        if id == EVERY_GROUP || self.everybody.contains(id) {
            return Some(EVERYONE);
        }
        self.names.get(id).map(String::as_str)
    }

    /// The names of the groups that a rule matches.
    pub(super) fn groups_of(&self, rule: &FoundRule) -> Vec<&str> {
        let people = &rule.conditions.people;
        let mut names: Vec<&str> = Vec::new();
        for id in &people.groups.include {
            names.extend(self.group(id));
        }
        if people.users.include.iter().any(|id| id == EVERY_GROUP) {
            names.push(EVERYONE);
        }
        names.dedup();
        names
    }

    /// The custom scopes of the server; Okta's own `okta.myAccount…` are not marked as the
    /// system's.
    pub(super) fn own_scopes(&self) -> impl Iterator<Item = &FoundScope> {
        let own = |scope: &&FoundScope| !scope.system && !is_reserved_by_okta(&scope.name);
        self.scopes.iter().filter(own)
    }
}
