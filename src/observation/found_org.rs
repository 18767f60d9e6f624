//! The found org: what the Management API told of steps 1 to 4.

use std::collections::{BTreeMap, BTreeSet};

use super::{NotSeen, Seen, doubts};
use crate::management::Named;
use crate::management::found::{
    ALL_CLIENTS, EVERY_GROUP, EVERY_SCOPE, FoundApplication, FoundAssignment, FoundClaim,
    FoundGroup, FoundPolicy, FoundPolicyRules, FoundRule, FoundScope, FoundServer,
    FoundTrustedOrigin, FoundUser,
};
use crate::management::status::Status;
use crate::model::{AccessPolicy, AccessRule, Allowed};

/// What the Management API told.
#[derive(Debug)]
pub struct FoundOrg {
    /// The model's groups by name.
    pub groups: Seen<BTreeMap<String, Named<FoundGroup>>>,
    /// Groups of the org, of whatever name, where it has none of a name of the model's.
    pub some_groups: Vec<FoundGroup>,
    /// The test users by NAME.
    pub users: BTreeMap<String, Seen<Option<FoundTestUser>>>,
    /// All authorization servers of the org.
    pub servers: Seen<Vec<FoundServer>>,
    /// The authorization server of the issuer.
    pub server: Seen<Option<FoundServer>>,
    /// Its scopes.
    pub scopes: Seen<Vec<FoundScope>>,
    /// Its policies and rules, active or not.
    pub policies: Seen<Vec<FoundPolicyRules>>,
    /// Its claims.
    pub claims: Seen<Vec<FoundClaim>>,
    /// The client.
    pub client: Seen<Option<FoundApplication>>,
    /// Other clients that active policies name, by client id; none where there is no such client.
    pub other_clients: BTreeMap<String, Seen<Option<FoundApplication>>>,
    /// Why not every client could be listed that policies of all clients apply to.
    pub unlisted_clients: Option<NotSeen>,
    /// Whom other clients are assigned to, by client id, where it matters.
    pub client_assignments: BTreeMap<String, Seen<ClientAssignments>>,
    /// The ids of the groups that the client is assigned to.
    pub client_groups: Seen<Vec<String>>,
    /// The configured service clients by NAME.
    pub services: BTreeMap<String, Seen<Option<FoundApplication>>>,
    /// The Trusted Origins.
    pub trusted_origins: Seen<Vec<FoundTrustedOrigin>>,
    /// The names of all groups that anything above refers to, by id.
    pub group_names: BTreeMap<String, String>,
    /// The ids of groups that something refers to and that are gone: they have no members.
    pub gone_groups: BTreeSet<String>,
    /// The ids of groups that Okta made for everybody.
    pub built_in_groups: BTreeSet<String>,
    /// The logins of users whom rules name, by id, test users apart.
    pub user_names: BTreeMap<String, String>,
    /// What the org says of the users whom rules name, by login, test users apart.
    pub user_statuses: BTreeMap<String, Status>,
    /// The groups of users whom rules name to give them something, by login, test users apart.
    pub user_groups: BTreeMap<String, Seen<BTreeSet<String>>>,
    /// The ids of users whom rules name and who are gone.
    pub gone_users: BTreeSet<String>,
    /// Groups that something refers to and that could not be looked at, by id, and why.
    pub unknown_groups: BTreeMap<String, NotSeen>,
}

/// A test user in the found org.
#[derive(Debug, Clone)]
pub struct FoundTestUser {
    /// The user.
    pub user: FoundUser,
    /// The groups that the user is in.
    pub groups: Vec<FoundGroup>,
    /// The assignment to the client, direct or through a group.
    pub assignment: Seen<Option<FoundAssignment>>,
    /// Another user whose login is what the assignment calls this one.
    pub namesake: Seen<Option<FoundUser>>,
}

impl FoundTestUser {
    /// What the assignment calls the user, where it is not the user's own login.
    #[must_use]
    pub fn other_name(&self) -> Option<&str> {
        let login = &self.user.profile.login;
        let is_other = |name: &&str| name.to_lowercase() != login.to_lowercase();
        self.name_in_client().filter(is_other)
    }

    /// Whether the org shows what the assignment calls the user.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.name_in_client().is_some()
    }

    fn name_in_client(&self) -> Option<&str> {
        let assignment = self.assignment.as_ref().ok()?.as_ref()?;
        assignment.credentials.as_ref()?.user_name.as_deref()
    }
}

/// Whom a client is assigned to.
#[derive(Debug, Clone, Default)]
pub struct ClientAssignments {
    /// The ids of the groups.
    pub groups: Vec<String>,
    /// The ids of users who are assigned directly, of those that were looked at.
    pub direct_users: Vec<String>,
    /// The ids of users of whom the org does not say whether they are, of those that were looked
    /// at.
    pub unknown_users: Vec<String>,
    /// Whether all users were looked at.
    pub are_all: bool,
}

impl Default for FoundOrg {
    fn default() -> Self {
        Self {
            groups: Err(NotSeen::not_asked()),
            some_groups: Vec::new(),
            users: BTreeMap::new(),
            servers: Err(NotSeen::not_asked()),
            server: Err(NotSeen::not_asked()),
            scopes: Err(NotSeen::not_asked()),
            policies: Err(NotSeen::not_asked()),
            claims: Err(NotSeen::not_asked()),
            other_clients: BTreeMap::new(),
            client: Err(NotSeen::not_asked()),
            unlisted_clients: None,
            client_assignments: BTreeMap::new(),
            client_groups: Err(NotSeen::not_asked()),
            services: BTreeMap::new(),
            trusted_origins: Err(NotSeen::not_asked()),
            group_names: BTreeMap::new(),
            gone_groups: BTreeSet::new(),
            built_in_groups: BTreeSet::new(),
            user_names: BTreeMap::new(),
            user_statuses: BTreeMap::new(),
            user_groups: BTreeMap::new(),
            gone_users: BTreeSet::new(),
            unknown_groups: BTreeMap::new(),
        }
    }
}

impl FoundOrg {
    /// A service client.
    ///
    /// # Errors
    /// [`NotSeen`] when it was not looked at.
    pub fn service(&self, name: &str) -> Seen<Option<&FoundApplication>> {
        let found = self.services.get(name).ok_or_else(NotSeen::not_asked)?;
        found.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }

    /// A test user.
    ///
    /// # Errors
    /// [`NotSeen`] when the user was not looked at.
    pub fn user(&self, name: &str) -> Seen<&Option<FoundTestUser>> {
        self.users
            .get(name)
            .ok_or_else(NotSeen::not_asked)?
            .as_ref()
            .map_err(Clone::clone)
    }

    /// The group of the model with this name; none where the org has none, or shows none.
    ///
    /// # Errors
    /// [`NotSeen`] when it was not looked at, or the org has several of that name.
    pub fn group(&self, name: &str) -> Seen<Option<&FoundGroup>> {
        match self.groups.as_ref().map_err(Clone::clone)?.get(name) {
            Some(Named::One(group)) => Ok(Some(group)),
            Some(Named::Several(groups)) => Err(ambiguous(name, groups)),
            Some(Named::Nothing) | None => Ok(None),
        }
    }

    /// Whether it is known of each group of the model which one it is.
    fn groups_are_told_apart(&self) -> Seen<()> {
        let groups = self.groups.as_ref().map_err(Clone::clone)?;
        groups
            .keys()
            .try_for_each(|name| self.group(name).map(drop))
    }

    /// The name of a group, or its id where the name is not known.
    #[must_use]
    pub fn group_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.group_names.get(id).map_or(id, String::as_str)
    }

    /// What a group of a user is called: as the model names it, where it is the model's group, and
    /// apart from that where another one only has the same name.
    #[must_use]
    pub fn name_of(&self, group: &FoundGroup) -> String {
        self.name_for(&group.id, &group.profile.name)
    }

    /// The name of a group by its id: another group of the same name is another one.
    pub(super) fn name_for(&self, id: &str, name: &str) -> String {
        let is_another = match self.group(name) {
            Ok(own) => own.is_some_and(|own| own.id != id),
            Err(_) => self.groups.is_ok(),
        };
        if is_another {
            format!("{name} ({id})")
        } else {
            name.to_owned()
        }
    }

    /// The policies that take part, in the order that Okta asks them, rules that do not among
    /// theirs.
    ///
    /// # Errors
    /// [`NotSeen`] when the policies, or the groups that they speak of, were not looked at.
    pub fn access_policies(&self) -> Seen<Vec<AccessPolicy>> {
        let mut policies = self.all_policies()?;
        policies.retain(|policy| policy.is_active);
        Ok(policies)
    }

    /// All policies, those that take no part among them, in the order that Okta asks them.
    ///
    /// # Errors
    /// [`NotSeen`] when the policies, or the groups that they speak of, were not looked at.
    pub fn all_policies(&self) -> Seen<Vec<AccessPolicy>> {
        let policies = self.policies.as_ref().map_err(Clone::clone)?;
        self.groups_are_told_apart()?;
        match self.unknown_in_policies() {
            Some(reason) => Err(reason),
            None => Ok(self.in_order(policies)),
        }
    }

    /// Why nobody knows all that the policies give: a group that could not be looked at, or what
    /// policies and rules do not say, or say in words that nobody here reads.
    #[must_use]
    pub fn unknown_in_policies(&self) -> Option<NotSeen> {
        let mut unknown = self.unknown_groups.iter();
        let unknown = unknown.find(|(id, _)| !self.is_assigned_alone(id));
        let unknown = unknown.map(|(_, reason)| reason.clone());
        unknown.or_else(|| doubts::of_policies(self.policies.as_deref().unwrap_or_default()))
    }

    /// Whether a group is one of those that the client is assigned to, and nothing that the policies
    /// give depends on it.
    fn is_assigned_alone(&self, id: &String) -> bool {
        let rules = self
            .policies
            .iter()
            .flatten()
            .flat_map(|found| &found.rules);
        let groups = rules.map(|rule| &rule.conditions.people.groups);
        let mut named = groups.flat_map(|groups| groups.include.iter().chain(&groups.exclude));
        let others = self.client_assignments.values().flatten();
        let mut of_others = others.flat_map(|assignments| assignments.groups.iter());
        let mut own = self.client_groups.iter().flatten();
        own.any(|own| own == id)
            && !named.any(|named| named == id)
            && !of_others.any(|named| named == id)
    }

    /// Why nobody knows which rule Okta takes first for a client, if that is not known. Who gets
    /// something does not depend on it: no rule takes anything away.
    #[must_use]
    pub fn unknown_order(&self, client_id: &str) -> Option<NotSeen> {
        let policies = self.policies.iter().flatten();
        doubts::of_order(policies.filter(|found| {
            found.policy.status.is_active() && clients(&found.policy).contains(client_id)
        }))
    }

    /// The policies that take part, as far as the groups that they speak of are known: for what
    /// somebody gets for certain.
    ///
    /// # Errors
    /// [`NotSeen`] when the policies, or the groups of the model, were not looked at.
    pub fn known_policies(&self) -> Seen<Vec<AccessPolicy>> {
        self.groups_are_told_apart()?;
        let policies = self.policies.as_ref().map_err(Clone::clone)?;
        let mut policies = self.in_order(policies);
        policies.retain(|policy| policy.is_active);
        Ok(policies)
    }

    fn in_order(&self, policies: &[FoundPolicyRules]) -> Vec<AccessPolicy> {
        let mut found: Vec<&FoundPolicyRules> = policies.iter().collect();
        found.sort_by_key(|policy| policy.policy.priority);
        found
            .into_iter()
            .map(|policy| self.access_policy(policy))
            .collect()
    }

    fn access_policy(&self, found: &FoundPolicyRules) -> AccessPolicy {
        let mut rules: Vec<&FoundRule> = found.rules.iter().collect();
        rules.sort_by_key(|rule| rule.priority);
        AccessPolicy {
            name: found.policy.name.clone(),
            is_active: found.policy.status.is_active(),
            clients: clients(&found.policy),
            rules: rules
                .into_iter()
                .map(|rule| self.access_rule(rule))
                .collect(),
        }
    }

    fn access_rule(&self, rule: &FoundRule) -> AccessRule {
        let people = &rule.conditions.people;
        let names = |ids: &[String]| -> BTreeSet<String> {
            ids.iter()
                .filter(|id| {
                    !self.gone_groups.contains(*id) && !self.unknown_groups.contains_key(*id)
                })
                .map(|id| self.group_name(id).to_owned())
                .collect()
        };
        let everyone = |id: &String| id == EVERY_GROUP || self.built_in_groups.contains(id);
        let nobody = people.groups.exclude.iter().any(everyone);
        let scopes = &rule.conditions.scopes.include;
        AccessRule {
            name: rule.name.clone(),
            is_active: rule.status.is_active(),
            groups: if nobody {
                Allowed::Only(BTreeSet::new())
            } else if people.groups.include.iter().any(everyone)
                || people.users.include.iter().any(|id| id == EVERY_GROUP)
            {
                Allowed::All
            } else {
                Allowed::Only(names(&people.groups.include))
            },
            excluded_groups: names(&people.groups.exclude),
            users: people
                .users
                .include
                .iter()
                .filter(|id| !nobody && !self.gone_users.contains(*id))
                .map(|id| self.user_name(id))
                .collect(),
            excluded_users: people
                .users
                .exclude
                .iter()
                .map(|id| self.user_name(id))
                .collect(),
            grant_types: rule
                .conditions
                .grant_types
                .include
                .iter()
                .cloned()
                .collect(),
            scopes: if scopes.iter().any(|scope| scope == EVERY_SCOPE) {
                Allowed::All
            } else {
                Allowed::Only(scopes.iter().cloned().collect())
            },
            access_token_lifetime_minutes: rule.actions.token.access_token_lifetime_minutes,
        }
    }

    /// What a user is called: the login, or the id where that is not known.
    #[must_use]
    pub fn user_name(&self, id: &str) -> String {
        let seen = self
            .users
            .values()
            .filter_map(|user| user.as_ref().ok()?.as_ref());
        let mut same = seen.filter(|found| found.user.id == id);
        let login = same.next().map(|found| &found.user.profile.login);
        let login = login.or_else(|| self.user_names.get(id));
        login.map_or_else(|| id.to_owned(), Clone::clone)
    }
}

/// Why nothing can be said of a group of which there are several.
fn ambiguous(name: &str, groups: &[FoundGroup]) -> NotSeen {
    let words = groups
        .iter()
        .map(|group| format!("{} ({})", group.id, group.kind));
    NotSeen::inconclusive(format!(
        "the org has {} groups named `{name}`: {}; rename all but one of them (Directory > Groups, \
         or in the directory that brought them)",
        groups.len(),
        words.collect::<Vec<_>>().join(" and ")
    ))
}

fn clients(policy: &FoundPolicy) -> Allowed {
    let include = &policy.conditions.clients.include;
    if include.iter().any(|client| client == ALL_CLIENTS) {
        Allowed::All
    } else {
        Allowed::Only(include.iter().cloned().collect())
    }
}
