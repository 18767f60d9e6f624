//! Steps 1 to 4, by the Management API.

use std::collections::BTreeSet;

use super::other_clients::MOST_CALLS;
use super::{Observer, Plan};
use crate::escape::excerpt;
use crate::management::found::{
    BUILT_IN, EVERY_GROUP, FoundApplication, FoundOrganization, FoundUser, Include,
};
use crate::management::{ManagementClient, ManagementError, Named};
use crate::model::{EVERYONE, Service};
use crate::observation::{
    FoundOrg, FoundTestUser, Need, NotSeen, Observations, OtherIssuer, Seen, Symptom, missing,
};

/// So many users whom rules name are looked up, for their logins; each costs a call.
const MOST_NAMED_USERS: usize = 20;
/// So many calls are made for users whom rules name: each user, and its groups.
const MOST_CALLS_FOR_USERS: usize = 2 * MOST_NAMED_USERS;

/// What the Management API told.
pub(super) struct Audit {
    organization: Seen<Option<FoundOrganization>>,
    org: FoundOrg,
}

impl Audit {
    pub(super) fn into_observations(self, seen: &mut Observations) {
        seen.organization = self.organization;
        seen.org = self.org;
    }
}

/// Why another org than the issuer's shows nothing of it, whatever it has and lacks.
fn of_another_org(issuer: &str, audited: &str) -> NotSeen {
    NotSeen::inconclusive(format!(
        "OKTA_CLIENT_ORGURL is the org {}, and the issuer is of the org {}: what the one has says \
         nothing of the other",
        excerpt(audited),
        excerpt(issuer)
    ))
    .with(Symptom::Missing {
        object: missing::SERVER.to_owned(),
    })
}

impl Observer<'_> {
    /// Looks at the parts of the found org that the plan names.
    pub(super) async fn audit(
        &self,
        plan: &Plan,
        management: Result<&ManagementClient, &NotSeen>,
    ) -> Audit {
        let mut org = FoundOrg::default();
        let organization = if plan.needs(&Need::Organization) {
            self.organization().await
        } else {
            Err(NotSeen::not_asked())
        };
        match management {
            Ok(client) => self.look(plan, client, &mut org).await,
            Err(reason) => self.cannot_look(reason, &mut org),
        }
        Audit { organization, org }
    }

    /// Which org answers, which needs no token.
    async fn organization(&self) -> Seen<Option<FoundOrganization>> {
        let url = self.access.org_url.join("/.well-known/okta-organization");
        let url = url.map_err(|error| NotSeen::failed(error.to_string()))?;
        let answer = self.http.get(&url).await;
        let answer = answer.map_err(super::discovery::failed)?;
        if answer.status.is_server_error() || answer.status.as_u16() == 429 {
            return Err(NotSeen::failed(format!("{url} answers {}", answer.status)));
        }
        let is_okta = self.model.provider.has_management_api();
        if is_okta && answer.is_in_place_of(&url, &["id"]) {
            return Err(self.in_its_place(&url, &answer, "OKTA_CLIENT_ORGURL"));
        }
        Ok(serde_json::from_str(&answer.body).ok())
    }

    /// What was told, unless it was another org than the issuer's that told it.
    pub(super) fn unless_of_another_org(&self, audit: Audit, seen: &Observations) -> Audit {
        let Some(OtherIssuer::AnotherOrg { issuer, audited }) = &seen.other_issuer else {
            return audit;
        };
        let mut org = FoundOrg::default();
        if self.access.api_token.is_some() {
            self.cannot_look(&of_another_org(issuer, audited), &mut org);
        } else {
            org = audit.org;
        }
        Audit { org, ..audit }
    }

    fn cannot_look(&self, reason: &NotSeen, org: &mut FoundOrg) {
        org.groups = Err(reason.clone());
        org.server = Err(reason.clone());
        org.scopes = Err(reason.clone());
        org.claims = Err(reason.clone());
        org.policies = Err(reason.clone());
        org.client = Err(reason.clone());
        org.client_groups = Err(reason.clone());
        org.trusted_origins = Err(reason.clone());
        for service in &self.model.services {
            org.services
                .insert(service.name().to_owned(), Err(reason.clone()));
        }
        for user in &self.model.users {
            org.users
                .insert(user.name().to_owned(), Err(reason.clone()));
        }
    }

    async fn look(&self, plan: &Plan, client: &ManagementClient, org: &mut FoundOrg) {
        let total = [
            Need::Groups,
            Need::Users,
            Need::Server,
            Need::Scopes,
            Need::Claims,
            Need::Policies,
            Need::Client,
            Need::ClientGroups,
            Need::TrustedOrigins,
            Need::ServiceClients,
        ];
        if !total.iter().any(|need| plan.needs(need)) {
            return;
        }
        let is_configured = |user: &str| self.access.users.contains_key(user);
        let calls = plan.management_calls(self.model, &is_configured);
        self.progress.say(&format!(
            "auditing steps 1 to 4 by the Management API: about {calls} calls, one for each other \
             group that rules name, and up to {} more for other clients and users whom they name",
            MOST_CALLS + MOST_CALLS_FOR_USERS
        ));
        if plan.needs(&Need::Groups) {
            self.groups(client, org).await;
        }
        if plan.needs(&Need::Server) {
            self.server(client, org).await;
        }
        self.server_parts(plan, client, org).await;
        if plan.needs(&Need::Client) {
            org.client = client
                .application(&self.facts.client_id)
                .await
                .map_err(seen_not);
        }
        if plan.needs(&Need::ClientGroups) {
            org.client_groups = self.client_groups(client, org).await;
        }
        if plan.needs(&Need::Users) {
            let users = self.model.users.iter();
            for user in users.filter(|user| plan.audits(user.name())) {
                let found = self.user(client, user.name(), org).await;
                org.users.insert(user.name().to_owned(), found);
            }
        }
        if plan.needs(&Need::TrustedOrigins) {
            org.trusted_origins = client.trusted_origins().await.map_err(seen_not);
        }
        if plan.needs(&Need::ServiceClients) {
            for service in &self.model.services {
                let found = self.service_client(client, service).await;
                org.services.insert(service.name().to_owned(), found);
            }
        }
        self.name_groups(client, org).await;
        self.name_users(client, org).await;
    }

    async fn service_client(
        &self,
        client: &ManagementClient,
        service: &Service,
    ) -> Seen<Option<FoundApplication>> {
        let credentials = self.service_credentials(service)?;
        let found = client.application(&credentials.client_id).await;
        found.map_err(seen_not)
    }

    async fn groups(&self, client: &ManagementClient, org: &mut FoundOrg) {
        let mut groups = std::collections::BTreeMap::new();
        for group in &self.model.groups {
            match client.group_by_name(&group.name).await {
                Ok(found) => {
                    if let Some(found) = found.one() {
                        org.group_names
                            .insert(found.id.clone(), found.profile.name.clone());
                    }
                    groups.insert(group.name.clone(), found);
                }
                Err(error) => {
                    org.groups = Err(seen_not(error));
                    return;
                }
            }
        }
        // A name that looks like the missing one is a hint; without it nothing else is judged.
        if groups.values().any(|found| matches!(found, Named::Nothing)) {
            org.some_groups = client.some_groups().await.unwrap_or_default();
        }
        org.groups = Ok(groups);
    }

    async fn server(&self, client: &ManagementClient, org: &mut FoundOrg) {
        org.servers = client.servers().await.map_err(seen_not);
        org.server = match &org.servers {
            Ok(servers) => {
                let server = client.server_among(servers, &self.facts.issuer).await;
                server.map_err(seen_not)
            }
            Err(reason) => Err(reason.clone()),
        };
    }

    async fn server_parts(&self, plan: &Plan, client: &ManagementClient, org: &mut FoundOrg) {
        let id = match &org.server {
            Ok(Some(server)) => Ok(server.id.clone()),
            Ok(None) => Err(missing::no_server()),
            Err(reason) => Err(reason.clone()),
        };
        if plan.needs(&Need::Scopes) {
            org.scopes = match &id {
                Ok(id) => client.scopes(id).await.map_err(seen_not),
                Err(reason) => Err(reason.clone()),
            };
        }
        if plan.needs(&Need::Claims) {
            org.claims = match &id {
                Ok(id) => client.claims(id).await.map_err(seen_not),
                Err(reason) => Err(reason.clone()),
            };
        }
        if plan.needs(&Need::Policies) {
            org.policies = match &id {
                Ok(id) => client.policies_with_rules(id).await.map_err(seen_not),
                Err(reason) => Err(reason.clone()),
            };
            self.other_clients(client, org).await;
        }
    }

    async fn client_groups(&self, client: &ManagementClient, org: &FoundOrg) -> Seen<Vec<String>> {
        match &org.client {
            Ok(Some(found)) => client.application_groups(&found.id).await.map_err(seen_not),
            Ok(None) => Err(missing::no_client()),
            Err(reason) => Err(reason.clone()),
        }
    }

    async fn user(
        &self,
        client: &ManagementClient,
        name: &str,
        org: &FoundOrg,
    ) -> Seen<Option<FoundTestUser>> {
        let Some(credentials) = self.access.users.get(name) else {
            return Err(not_configured(name));
        };
        let user = client.user_signing_in_by(&credentials.username).await;
        let Some(user) = user.map_err(seen_not)? else {
            return Ok(None);
        };
        let groups = client.user_groups(&user.id).await.map_err(seen_not)?;
        let assignment = match &org.client {
            Ok(Some(found)) => client
                .assignment(&found.id, &user.id)
                .await
                .map_err(seen_not),
            Ok(None) => Err(missing::no_client()),
            Err(reason) => Err(reason.clone()),
        };
        let mut found = FoundTestUser {
            user,
            groups,
            assignment,
            namesake: Ok(None),
        };
        if let Some(name) = found.other_name() {
            let named = client.user(name).await.map_err(seen_not);
            let other = |named: FoundUser| (named.id != found.user.id).then_some(named);
            found.namesake = named.map(|named| named.and_then(other));
        }
        Ok(Some(found))
    }

    /// Names of groups that rules and assignments refer to by id; one that is gone keeps its id.
    async fn name_groups(&self, client: &ManagementClient, org: &mut FoundOrg) {
        let mut ids: BTreeSet<String> = org.client_groups.iter().flatten().cloned().collect();
        let others = org.client_assignments.values().flatten();
        ids.extend(others.flat_map(|assignments| assignments.groups.iter().cloned()));
        for policy in org.policies.iter().flatten() {
            for rule in &policy.rules {
                let groups = &rule.conditions.people.groups;
                ids.extend(groups.include.iter().chain(&groups.exclude).cloned());
            }
        }
        ids.retain(|id| id != EVERY_GROUP && !org.group_names.contains_key(id));
        for id in ids {
            match client.group(&id).await {
                Ok(Some(group)) => {
                    if group.kind == BUILT_IN && group.profile.name == EVERYONE {
                        org.built_in_groups.insert(id.clone());
                    }
                    let name = org.name_for(&id, &group.profile.name);
                    org.group_names.insert(id, name);
                }
                Ok(None) => {
                    org.gone_groups.insert(id);
                }
                Err(error) => {
                    org.unknown_groups.insert(id, seen_not(error));
                }
            }
        }
    }

    /// The logins of users whom active rules name by their ids, and the groups of those whom they
    /// give something: who is in a group of the model may have what the group may. Okta keeps the
    /// ids of users who are gone (okta/terraform-provider-okta#1674).
    async fn name_users(&self, client: &ManagementClient, org: &mut FoundOrg) {
        let of_test_users = org.users.values().flatten().flatten();
        let known: BTreeSet<String> = of_test_users.map(|found| found.user.id.clone()).collect();
        let included = users_of_rules(org, |users| &users.include);
        let excluded = users_of_rules(org, |users| &users.exclude);
        let named: BTreeSet<String> = included.union(&excluded).cloned().collect();
        for (index, id) in named.difference(&known).enumerate() {
            let found = if index < MOST_NAMED_USERS {
                client.user(id).await.map_err(seen_not)
            } else {
                Err(NotSeen::failed(format!(
                    "rules name more than {MOST_NAMED_USERS} users one by one, and the others are \
                     not looked at"
                )))
            };
            match found {
                Ok(Some(user)) => {
                    let login = user.profile.login;
                    if included.contains(id) {
                        let groups = groups_of(client, id, org).await;
                        org.user_groups.insert(login.clone(), groups);
                    }
                    org.user_statuses.insert(login.clone(), user.status);
                    org.user_names.insert(id.clone(), login);
                }
                Ok(None) => {
                    org.gone_users.insert(id.clone());
                }
                // Who is given something may be in a group that may have it.
                Err(reason) if included.contains(id) => {
                    org.user_groups.insert(id.clone(), Err(reason));
                }
                // Of whom a rule leaves out the id does as well.
                Err(_) => {}
            }
        }
    }
}

/// What the groups of a user are called.
async fn groups_of(client: &ManagementClient, id: &str, org: &FoundOrg) -> Seen<BTreeSet<String>> {
    let groups = client.user_groups(id).await.map_err(seen_not)?;
    Ok(groups.iter().map(|group| org.name_of(group)).collect())
}

/// The users whom active rules name by their ids on one side of their condition.
fn users_of_rules(org: &FoundOrg, side: fn(&Include) -> &Vec<String>) -> BTreeSet<String> {
    let rules = org.policies.iter().flatten().flat_map(|found| &found.rules);
    let people = rules
        .filter(|rule| rule.status.is_active())
        .map(|rule| &rule.conditions.people.users);
    people
        .flat_map(side)
        .filter(|id| *id != EVERY_GROUP)
        .cloned()
        .collect()
}

/// Why nothing can be said about a test user that the run knows no credentials of.
pub(super) fn not_configured(name: &str) -> NotSeen {
    NotSeen::not_configured(format!(
        "set TEST_USER_{name}_USERNAME and TEST_USER_{name}_PASSWORD to have this user signed in"
    ))
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
pub(super) fn seen_not(error: ManagementError) -> NotSeen {
    NotSeen::failed(error.to_string())
}
