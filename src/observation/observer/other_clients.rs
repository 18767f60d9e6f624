//! The clients beside the one of step 4 that may obtain the model's scopes.

use std::collections::{BTreeMap, BTreeSet};

use super::Observer;
use super::audit::seen_not;
use crate::management::ManagementClient;
use crate::management::found::{
    ALL_CLIENTS, EVERY_SCOPE, FoundApplication, FoundAssignment, FoundRule,
};
use crate::management::status::Words;
use crate::observation::{ClientAssignments, FoundOrg, NotSeen, Seen};

/// So many clients that policies name are asked for one by one; more are found in one list of all.
const MOST_NAMED: usize = 20;
/// Of so many clients it is looked at whom they are assigned to; each costs two calls.
const MOST_ASSIGNED: usize = 20;
/// So many calls are made for other clients, lists of more than a page apart.
pub(super) const MOST_CALLS: usize = MOST_NAMED + 2 * MOST_ASSIGNED;
/// The grant type by which a client obtains tokens for itself: assignments do not matter to it.
const CLIENT_CREDENTIALS: &str = "client_credentials";

/// An active rule that gives a scope of the model, with the clients that its policy names.
struct Giving<'a> {
    clients: &'a [String],
    rule: &'a FoundRule,
}

impl Giving<'_> {
    fn applies_to(&self, client_id: &str) -> bool {
        let mut clients = self.clients.iter();
        clients.any(|named| named == ALL_CLIENTS || named == client_id)
    }

    /// The grant types of the rule that a client may use.
    fn usable<'r>(&'r self, client: &FoundApplication) -> impl Iterator<Item = &'r str> {
        let own = &client.settings.oauth_client.grant_types;
        let grants = self.rule.conditions.grant_types.include.iter();
        grants
            .filter(|grant| own.contains(grant))
            .map(String::as_str)
    }
}

impl Observer<'_> {
    /// Finds every client that an active rule may give a scope of the model to, and whom it is
    /// assigned to where that matters.
    pub(super) async fn other_clients(&self, client: &ManagementClient, org: &mut FoundOrg) {
        let policies = org
            .policies
            .as_ref()
            .map_or_else(|_| Vec::new(), Clone::clone);
        let active = policies
            .iter()
            .filter(|found| found.policy.status.is_active());
        let giving: Vec<Giving<'_>> = active
            .flat_map(|found| {
                let clients = found.policy.conditions.clients.include.as_slice();
                let rules = found.rules.iter().filter(|rule| self.gives(rule));
                rules.map(move |rule| Giving { clients, rule })
            })
            .collect();
        let named: BTreeSet<&String> = giving
            .iter()
            .flat_map(|giving| giving.clients)
            .filter(|id| **id != self.facts.client_id)
            .collect();
        let of_all = named.iter().any(|id| *id == ALL_CLIENTS);
        if of_all || named.len() > MOST_NAMED {
            self.list_clients(client, &giving, &named, org).await;
        } else {
            for id in named {
                let found = client.application(id).await.map_err(seen_not);
                org.other_clients.insert(id.clone(), found);
            }
        }
        self.assignments(client, &giving, org).await;
    }

    /// Whether a rule takes part and covers what opens an endpoint: a scope of the model, or any
    /// scope where a token of any is enough.
    fn gives(&self, rule: &FoundRule) -> bool {
        let any_is_enough = self.model.takes_any_token();
        let covers = |scope: &String| {
            any_is_enough || scope == EVERY_SCOPE || {
                let mut own = self.model.scopes.iter();
                own.any(|own| own.name.get_ref() == scope)
            }
        };
        rule.status.is_active() && rule.conditions.scopes.include.iter().any(covers)
    }

    /// Of all active clients, those whose grant types a giving rule lists.
    async fn list_clients(
        &self,
        client: &ManagementClient,
        giving: &[Giving<'_>],
        named: &BTreeSet<&String>,
        org: &mut FoundOrg,
    ) {
        let listed = match client.active_clients().await {
            Ok(listed) => listed,
            Err(error) => {
                org.unlisted_clients = Some(seen_not(error));
                return;
            }
        };
        let ids = listed.iter().map(|found| client_id(found).to_owned());
        let active: BTreeSet<String> = ids.collect();
        let may_obtain = |found: &FoundApplication| {
            let id = client_id(found);
            let mut giving = giving.iter().filter(|giving| giving.applies_to(id));
            id != self.facts.client_id && giving.any(|giving| giving.usable(found).next().is_some())
        };
        let found = listed.into_iter().filter(may_obtain);
        let found: BTreeMap<String, Seen<Option<FoundApplication>>> = found
            .map(|found| (client_id(&found).to_owned(), Ok(Some(found))))
            .collect();
        org.other_clients.extend(found);
        let named = named.iter().filter(|id| **id != ALL_CLIENTS);
        let not_active = named.filter(|id| !active.contains(id.as_str()));
        for (index, id) in not_active.enumerate() {
            let found = if index < MOST_NAMED {
                client.application(id).await.map_err(seen_not)
            } else {
                Err(NotSeen::failed(format!(
                    "policies name more than {MOST_NAMED} clients that are not active, and the \
                     others are not looked at"
                )))
            };
            org.other_clients.insert((*id).clone(), found);
        }
    }

    /// Whom the clients are assigned to that obtain scopes for users of other groups than the
    /// model's.
    async fn assignments(
        &self,
        client: &ManagementClient,
        giving: &[Giving<'_>],
        org: &mut FoundOrg,
    ) {
        let own: BTreeSet<&String> = org
            .groups
            .iter()
            .flatten()
            .filter_map(|(_, group)| Some(&group.one()?.id))
            .collect();
        let gives_to_others = |found: &&FoundApplication| {
            let of_client = giving
                .iter()
                .filter(|giving| giving.applies_to(client_id(found)));
            let mut by_users = of_client.filter(|giving| {
                giving
                    .usable(found)
                    .any(|grant| grant != CLIENT_CREDENTIALS)
            });
            by_users.any(|giving| {
                let people = &giving.rule.conditions.people;
                let mut groups = people.groups.include.iter();
                !people.users.include.is_empty() || groups.any(|id| !own.contains(id))
            })
        };
        let found = org.other_clients.values().flatten().flatten();
        let found: Vec<FoundApplication> = found
            .filter(|found| found.status.is_active())
            .filter(gives_to_others)
            .cloned()
            .collect();
        for (index, found) in found.iter().enumerate() {
            let assignments = if index < MOST_ASSIGNED {
                self.assignments_of(client, found).await
            } else {
                Err(NotSeen::failed(format!(
                    "more than {MOST_ASSIGNED} other clients may obtain it for their users, and it \
                     is not looked at whom the others are assigned to"
                )))
            };
            org.client_assignments
                .insert(client_id(found).to_owned(), assignments);
        }
    }

    async fn assignments_of(
        &self,
        client: &ManagementClient,
        found: &FoundApplication,
    ) -> Seen<ClientAssignments> {
        let groups = client
            .application_groups(&found.id)
            .await
            .map_err(seen_not)?;
        let (users, are_all) = client
            .first_assignments(&found.id)
            .await
            .map_err(seen_not)?;
        Ok(assigned(groups, &users, are_all))
    }
}

/// Whom a client is assigned to: who is not enabled to use it is not, and of whom the org does not
/// say how, or whether, nobody knows it.
fn assigned(groups: Vec<String>, users: &[FoundAssignment], are_all: bool) -> ClientAssignments {
    let takes_part = |user: &&FoundAssignment| user.status.takes_part(Words::ASSIGNMENT);
    let by_group = |user: &&FoundAssignment| user.scope == "GROUP";
    let of_themselves = users.iter().filter(|user| !by_group(user));
    let may = of_themselves.filter(|user| takes_part(user) != Some(false));
    let (direct, unknown): (Vec<_>, Vec<_>) =
        may.partition(|user| user.scope == "USER" && takes_part(user) == Some(true));
    ClientAssignments {
        groups,
        direct_users: direct.into_iter().map(|user| user.id.clone()).collect(),
        unknown_users: unknown.into_iter().map(|user| user.id.clone()).collect(),
        are_all,
    }
}

/// The client id, which is the id of the application unless somebody chose another.
pub(super) fn client_id(found: &FoundApplication) -> &str {
    match found.credentials.oauth_client.client_id.as_str() {
        "" => &found.id,
        id => id,
    }
}
