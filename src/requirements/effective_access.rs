//! Who can obtain a scope, by which path: computed from the found org, without asking it.
//!
//! Groups are compared, never their members: an org may have many users. A path is a client that
//! may use a grant type, a policy that speaks of the client, and a rule that covers the scope; no
//! rule takes anything away, so each path counts for itself, wherever it stands in the order.

use std::collections::BTreeSet;

use super::context::Context;
use crate::management::found::{ACTIVE, EVERY_SCOPE, FoundApplication};
use crate::model::{
    AccessPolicy, AccessRule, Allowed, Decision, Flow, OpenIdConnectScopes, OrgModel, Person, Rule,
    ScopeRequest, TestUser, decide,
};
use crate::observation::{AuthorizationKey, ClientAssignments, NotSeen, Seen};

/// The grant type by which a client obtains tokens for itself, without any user (RFC 6749 4.4).
const CLIENT_CREDENTIALS: &str = "client_credentials";

/// The scope that asks for a user's identity: a client by itself has none.
const OPENID: &str = "openid";

/// What the found org must answer to a test user's request, by Okta's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Computed {
    /// The client is not assigned to the user.
    NotAssigned,
    /// No rule matches.
    Denied,
    /// By this rule of this policy.
    Granted { rule: String, policy: String },
}

impl Computed {
    /// For sentences.
    pub(super) fn words(&self) -> String {
        match self {
            Self::NotAssigned => "a refusal: the user is not assigned to the client".to_owned(),
            Self::Denied => "a refusal: no rule matches".to_owned(),
            Self::Granted { rule, policy } => {
                format!("tokens, by rule `{rule}` of policy `{policy}`")
            }
        }
    }
}

impl Context<'_> {
    /// A test user as found; with the groups of the model where nothing was found.
    pub(super) fn person(&self, name: &str) -> Person {
        let found = self.seen.org.user(name).ok().and_then(Option::as_ref);
        let groups = match (found, self.model.user(name)) {
            (Some(found), _) => found
                .groups
                .iter()
                .map(|group| self.seen.org.name_of(group))
                .collect(),
            (None, Some(user)) => user.group_names().map(str::to_owned).collect(),
            (None, None) => BTreeSet::new(),
        };
        Person {
            login: self.login(name),
            groups,
        }
    }

    /// A test user in the groups of the model that it should be in, and in the others that it is in.
    pub(super) fn wanted_person(&self, name: &str) -> Person {
        let found = self.person(name);
        let user = self.model.user(name).into_iter();
        let wanted = user.flat_map(TestUser::group_names).map(str::to_owned);
        let of_the_model = |name: &String| {
            let mut groups = self.model.groups.iter();
            groups.any(|group| group.name == *name)
        };
        let others = found.groups.into_iter().filter(|name| !of_the_model(name));
        Person {
            groups: others.chain(wanted).collect(),
            login: found.login,
        }
    }

    /// The login of a test user as the org has it, which may differ in case from what was told.
    pub(super) fn login(&self, name: &str) -> Option<String> {
        let found = self.seen.org.user(name).ok().and_then(Option::as_ref);
        let told = self.facts.logins.get(name);
        found
            .map(|found| &found.user.profile.login)
            .or(told)
            .cloned()
    }

    /// What the found org must answer to the request.
    ///
    /// # Errors
    /// [`NotSeen`] when the user's assignment or the policies were not looked at.
    pub(super) fn computed(
        &self,
        key: &AuthorizationKey,
        openid: OpenIdConnectScopes,
    ) -> Seen<Computed> {
        let policies = self.all_policies()?;
        if !self.is_assigned(&key.user)? {
            return Ok(Computed::NotAssigned);
        }
        let (person, scopes) = (self.person(&key.user), key.request.with_openid());
        let (client, grant) = (&self.facts.client_id, key.flow.grant_type());
        let decision = decide(policies, client, &person, &scopes, grant, openid);
        Ok(match decision {
            Decision::Denied => Computed::Denied,
            Decision::Granted(policy, rule) => Computed::Granted {
                rule: rule.name.clone(),
                policy: policy.name.clone(),
            },
        })
    }

    /// Whether the client is assigned to a test user, or to everybody without assignment.
    pub(super) fn is_assigned(&self, name: &str) -> Seen<bool> {
        let none = || NotSeen::inconclusive("the org shows no user of that login");
        let found = self.seen.org.user(name)?.as_ref().ok_or_else(none)?;
        let assignment = found.assignment.as_ref().map_err(Clone::clone)?;
        Ok(assignment.is_some() || self.own_client().is_some_and(is_open_to_all))
    }

    /// The client of step 4, where it was found.
    pub(super) fn own_client(&self) -> Option<&FoundApplication> {
        self.seen.org.client.as_ref().ok().and_then(Option::as_ref)
    }
}

/// Whether the client needs no assignment: Federation Broker Mode (Okta's help, "Manage Federation
/// Broker Mode": "without the need to pre-assign apps to specific users").
pub(super) fn is_open_to_all(client: &FoundApplication) -> bool {
    client.settings.implicit_assignment == Some(true)
}

/// The groups that the model's rules give the scope.
pub(super) fn entitled_groups<'a>(model: &'a OrgModel, scope: &str) -> BTreeSet<&'a str> {
    let rules = model.policy.rules.iter();
    let giving = rules.filter(|rule| rule.scope_names().any(|given| given == scope));
    giving.flat_map(Rule::group_names).collect()
}

/// A client that a policy speaks of: what it is called, and what is known of it.
struct Client<'a> {
    words: String,
    found: Option<&'a FoundApplication>,
    /// Whom it is assigned to, where that was looked at.
    assigned: Option<&'a Seen<ClientAssignments>>,
}

impl Client<'_> {
    /// The grant types of the rule that the client may use; all, where nothing is known of it.
    fn usable<'r>(&self, rule: &'r AccessRule) -> Vec<&'r str> {
        let own = self
            .found
            .map(|client| &client.settings.oauth_client.grant_types);
        let grants = rule.grant_types.iter().map(String::as_str);
        grants
            .filter(|grant| own.is_none_or(|own| own.iter().any(|own| own == grant)))
            .collect()
    }
}

/// The ways in which anybody gets the scope whom the model does not give it, each in a sentence.
///
/// `openid` is every client's own affair; the scopes of the endpoints are looked for with every
/// client that an active policy names, since the API takes the tokens of all of them.
///
/// # Errors
/// [`NotSeen`] when the policies, or what they name, were not looked at.
pub(super) fn paths_for_others(context: &Context<'_>, scope: &str) -> Seen<Vec<String>> {
    let entitled = entitled_groups(context.model, scope);
    let mut paths = Vec::new();
    let mut unknown = context.seen.org.unknown_groups.values().next().cloned();
    for policy in context.seen.org.known_policies()? {
        let clients = clients(context, &policy, scope);
        let rules = policy.active_rules();
        for rule in rules.filter(|rule| rule.scopes.contains(scope)) {
            for client in &clients {
                match client {
                    Ok(client) => match whom_beside(context, rule, &entitled, client) {
                        Ok(whom) => paths.extend(path(&policy, rule, client, &whom, scope)),
                        Err(reason) => {
                            paths.extend(path(&policy, rule, client, &[], scope));
                            unknown = Some(reason);
                        }
                    },
                    Err(reason) => unknown = Some(reason.clone()),
                }
            }
        }
    }
    // What is not known takes nothing away from what is.
    match unknown {
        Some(reason) if paths.is_empty() => Err(reason),
        _ => Ok(paths),
    }
}

/// The groups that active rules name for the scope and the org does not show, by id.
pub(super) fn unseen_groups<'a>(context: &'a Context<'_>, scope: &str) -> Vec<&'a str> {
    let org = &context.seen.org;
    let policies = org.policies.iter().flatten();
    let rules = policies.flat_map(|found| &found.rules).filter(|rule| {
        let scopes = &rule.conditions.scopes.include;
        let gives = |given: &String| given == scope || given == EVERY_SCOPE;
        rule.status == ACTIVE && scopes.iter().any(gives)
    });
    let named = rules.flat_map(|rule| &rule.conditions.people.groups.include);
    named
        .filter(|id| org.gone_groups.contains(*id))
        .map(String::as_str)
        .collect()
}

fn clients<'a>(
    context: &'a Context<'_>,
    policy: &AccessPolicy,
    scope: &str,
) -> Vec<Seen<Client<'a>>> {
    let mut clients = Vec::new();
    if policy.clients.contains(&context.facts.client_id) {
        clients.push(Ok(Client {
            words: "the client".to_owned(),
            found: context.own_client(),
            assigned: None,
        }));
    }
    if scope == OPENID {
        return clients;
    }
    let org = &context.seen.org;
    let others = org.other_clients.iter();
    let others = others.filter(|(id, _)| policy.clients.contains(id));
    clients.extend(others.filter_map(|(id, found)| match found {
        Err(reason) => Some(Err(reason.clone())),
        // A client that is gone or not active obtains nothing.
        Ok(found) => {
            let found = found.as_ref().filter(|client| client.status == ACTIVE)?;
            Some(Ok(Client {
                words: format!("the client {}", called(context, id, found)),
                found: Some(found),
                assigned: org.client_assignments.get(id),
            }))
        }
    }));
    if let (Allowed::All, Some(reason)) = (&policy.clients, &org.unlisted_clients) {
        clients.push(Err(reason.clone()));
    }
    clients
}

/// What another client is called: by its label, with its id where that tells two apart.
fn called(context: &Context<'_>, id: &str, client: &FoundApplication) -> String {
    let others = context.seen.org.other_clients.values().flatten().flatten();
    let others = others.chain(context.own_client());
    match others.filter(|other| other.label == client.label).count() {
        _ if client.label.is_empty() => id.to_owned(),
        0 | 1 => format!("`{}`", client.label),
        _ => format!("`{}` ({id})", client.label),
    }
}

impl Context<'_> {
    /// What a person calls a client of this id.
    pub(super) fn client_name(&self, id: &str) -> String {
        let other = self.seen.org.other_clients.get(id);
        let other = other.and_then(|found| found.as_ref().ok()?.as_ref());
        other.map_or_else(|| id.to_owned(), |client| called(self, id, client))
    }
}

fn path(
    policy: &AccessPolicy,
    rule: &AccessRule,
    client: &Client<'_>,
    whom: &[String],
    scope: &str,
) -> Option<String> {
    let grants = client.usable(rule);
    let knows_client = client.found.is_some();
    let itself = knows_client && grants.contains(&CLIENT_CREDENTIALS) && scope != OPENID;
    let by_users: Vec<&str> = grants
        .into_iter()
        .filter(|grant| *grant != CLIENT_CREDENTIALS)
        .collect();
    let mut ways = Vec::new();
    if !whom.is_empty() && !by_users.is_empty() {
        ways.push(format!(
            "{}, by {}",
            whom.join(" and "),
            by_users.join(" and ")
        ));
    }
    if itself {
        ways.push(format!(
            "{} itself, without any user, by {CLIENT_CREDENTIALS}",
            client.words
        ));
    }
    (!ways.is_empty()).then(|| {
        format!(
            "rule `{}` of policy `{}` gives it to {}",
            rule.name,
            policy.name,
            ways.join(" and to ")
        )
    })
}

/// Whom the rule speaks of beside those who may have the scope. What it excludes, it does not give.
fn whom_beside(
    context: &Context<'_>,
    rule: &AccessRule,
    entitled: &BTreeSet<&str>,
    client: &Client<'_>,
) -> Seen<Vec<String>> {
    let beyond = |group: &&String| {
        !entitled.contains(group.as_str()) && !rule.excluded_groups.contains(*group)
    };
    let mut whom = match &rule.groups {
        Allowed::All => everyone_beside(context, rule, entitled, client)?,
        Allowed::Only(groups) => groups
            .iter()
            .filter(beyond)
            .map(|group| format!("members of `{group}`"))
            .collect(),
    };
    let users = rule.users.iter();
    let users = users.filter(|user| !is_left_out(context, rule, entitled, user));
    whom.extend(users.map(|user| format!("the user {user}")));
    Ok(whom)
}

/// Whether a user whom the rule names may have the scope, or is excluded from the rule.
fn is_left_out(
    context: &Context<'_>,
    rule: &AccessRule,
    entitled: &BTreeSet<&str>,
    login: &String,
) -> bool {
    let users = context.model.users.iter();
    let own = users.filter(|user| context.login(user.name()).as_ref() == Some(login));
    let mut groups = own.flat_map(|user| {
        let of_model = user.group_names().map(str::to_owned);
        let found = context.person(user.name()).groups;
        of_model
            .filter(|group| entitled.contains(group.as_str()))
            .chain(
                found
                    .into_iter()
                    .filter(|group| rule.excluded_groups.contains(group)),
            )
    });
    rule.excluded_users.contains(login) || groups.next().is_some()
}

/// Those who are assigned to a client beside those who may have the scope, for a rule for everyone.
fn everyone_beside(
    context: &Context<'_>,
    rule: &AccessRule,
    entitled: &BTreeSet<&str>,
    client: &Client<'_>,
) -> Seen<Vec<String>> {
    let but =
        listed(" but members of", &rule.excluded_groups) + &listed(" but", &rule.excluded_users);
    let everyone = || vec![format!("everyone assigned to {}{but}", client.words)];
    let is_open = client.found.is_some_and(is_open_to_all);
    let Some(assigned) = client.assigned.filter(|_| !is_open) else {
        return Ok(everyone());
    };
    let assigned = assigned.as_ref().map_err(Clone::clone)?;
    let org = &context.seen.org;
    let may_have = |id: &String| {
        let name = org.group_name(id);
        entitled.contains(name) || rule.excluded_groups.contains(name)
    };
    let all_may = assigned.groups.iter().all(may_have) && assigned.direct_users.is_empty();
    // Whoever is assigned to a client that nobody is assigned to yet gets it.
    if assigned.groups.is_empty() || !all_may {
        return Ok(everyone());
    }
    if !assigned.are_all {
        return Err(NotSeen::failed(format!(
            "{} has more users than are looked at, and some may be assigned directly",
            client.words
        )));
    }
    Ok(Vec::new())
}

fn listed(before: &str, names: &BTreeSet<String>) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        return String::new();
    }
    format!("{before} {}", names.join(" and "))
}

/// A request that the model grants to somebody and the found policies deny.
pub(super) struct Withheld {
    /// Whom: members of the group, or one test user whom a rule leaves out.
    pub(super) whom: String,
    /// The scopes, in words.
    pub(super) scopes: String,
    /// The grant type.
    pub(super) grant_type: &'static str,
}

/// What the model gives the members of a group, whatever other groups of the model they are in, or
/// a test user among them, and the found policies deny.
///
/// # Errors
/// [`NotSeen`] when the policies were not looked at.
pub(super) fn withheld(
    context: &Context<'_>,
    group: &str,
    openid: OpenIdConnectScopes,
) -> Seen<Vec<Withheld>> {
    let wanted = given_to_all(context, group, openid);
    for groups in combinations_with(context, group)? {
        let quoted: Vec<String> = groups.iter().map(|group| format!("`{group}`")).collect();
        let words = format!("members of {}", quoted.join(" and "));
        let person = Person {
            login: None,
            groups,
        };
        let members = withheld_from(context, &wanted, &person, &words, openid)?;
        if !members.is_empty() {
            return Ok(members);
        }
    }
    let mut withheld = Vec::new();
    for user in &context.model.users {
        if user.group_names().any(|own| own == group) {
            let person = context.wanted_person(user.name());
            let whom = user.name();
            withheld.extend(withheld_from(context, &wanted, &person, whom, openid)?);
        }
    }
    Ok(withheld)
}

/// Of so many groups that rules exclude, every combination is tried.
const MOST_EXCLUDED: usize = 8;

/// The combinations of groups with this one in it that can matter, the smallest first.
///
/// Another group can take something away from a member of this one only by an active rule that
/// excludes it: by any other rule, whoever is in more groups gets more. So every combination with
/// the groups of the model that rules exclude is tried, and none with the others. Where rules
/// exclude very many, each of those alone, every two, and all together.
fn combinations_with(context: &Context<'_>, group: &str) -> Seen<Vec<BTreeSet<String>>> {
    let policies = context.all_policies()?;
    let active = policies.iter().filter(|policy| policy.is_active);
    let rules = active.flat_map(AccessPolicy::active_rules);
    let excluded: BTreeSet<&str> = rules
        .flat_map(|rule| &rule.excluded_groups)
        .map(String::as_str)
        .collect();
    let names = context.model.groups.iter().map(|group| group.name.as_str());
    let others: Vec<&str> = names
        .filter(|name| *name != group && excluded.contains(name))
        .collect();
    let mut combinations: Vec<BTreeSet<String>> = subsets(&others)
        .into_iter()
        .map(|chosen| {
            let chosen = chosen.into_iter().map(str::to_owned);
            chosen.chain([group.to_owned()]).collect()
        })
        .collect();
    combinations.sort_by_key(BTreeSet::len);
    Ok(combinations)
}

fn subsets<'n>(names: &[&'n str]) -> Vec<Vec<&'n str>> {
    if names.len() > MOST_EXCLUDED {
        let alone = names.iter().map(|name| vec![*name]);
        let pairs = names.iter().enumerate().flat_map(|(index, one)| {
            let others = names.iter().skip(index + 1);
            others.map(|other| vec![*one, *other])
        });
        let all = [Vec::new(), names.to_vec()];
        return all.into_iter().chain(alone).chain(pairs).collect();
    }
    let subset = |mask: usize| {
        let chosen = names.iter().enumerate();
        let chosen = chosen.filter(|(index, _)| mask & (1 << index) != 0);
        chosen.map(|(_, name)| *name).collect()
    };
    (0..1_usize << names.len()).map(subset).collect()
}

/// A request by a grant type.
type Request = (ScopeRequest, &'static str);

/// What the model gives every member of the group.
fn given_to_all(context: &Context<'_>, group: &str, openid: OpenIdConnectScopes) -> Vec<Request> {
    let member = Person {
        login: None,
        groups: BTreeSet::from([group.to_owned()]),
    };
    let policies = AccessPolicy::speaking_of(&context.model.access_policies(), &member);
    let requests = context.model.requests_of_members(&BTreeSet::from([group]));
    let flows = context.model.flows();
    let mut given = Vec::new();
    for request in requests {
        let scopes = request.with_openid();
        for grant_type in flows.iter().copied().map(Flow::grant_type) {
            if !context.denied(&policies, &member, &scopes, grant_type, openid) {
                given.push((request.clone(), grant_type));
            }
        }
    }
    given
}

/// What of these requests the found policies deny this person.
fn withheld_from(
    context: &Context<'_>,
    wanted: &[Request],
    person: &Person,
    whom: &str,
    openid: OpenIdConnectScopes,
) -> Seen<Vec<Withheld>> {
    let found = AccessPolicy::speaking_of(context.all_policies()?, person);
    let denied = wanted.iter().filter(|(request, grant_type)| {
        context.denied(&found, person, &request.with_openid(), grant_type, openid)
    });
    Ok(denied
        .map(|(request, grant_type)| Withheld {
            whom: whom.to_owned(),
            scopes: request.words(),
            grant_type,
        })
        .collect())
}

#[cfg(test)]
mod tests;
