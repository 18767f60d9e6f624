//! Who beside those of the model can obtain a scope: by which client, grant type, rule and group.
//!
//! A path is a client that may use a grant type, a policy that applies to the client, and a rule
//! that
//! covers the scope; no rule takes anything away, so each path counts for itself, wherever it is in
//! the order.

use std::collections::BTreeSet;

use super::context::{CLIENT, Context, missing};
use super::effective_access::{entitled_groups, is_open_to_all};
use super::unseen::{Side, not_shown};
use crate::management::found::{ACTIVE, EVERY_SCOPE, FoundApplication};
use crate::model::{AccessPolicy, AccessRule, Allowed, EVERYONE};
use crate::observation::{ClientAssignments, NotSeen, Seen};

/// The grant type by which a client obtains tokens for itself, without any user (RFC 6749 4.4).
const CLIENT_CREDENTIALS: &str = "client_credentials";

/// The scope that asks for a user's identity: a client by itself has none.
const OPENID: &str = "openid";

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

    /// Whether it may obtain the scope for itself by the rule, for all that is known of it.
    fn is_unknown_for(&self, rule: &AccessRule, scope: &str) -> bool {
        self.found.is_none() && scope != OPENID && rule.grant_types.contains(CLIENT_CREDENTIALS)
    }
}

/// A way in which somebody gets a scope.
pub(super) struct Path {
    /// In a sentence.
    pub(super) words: String,
    /// Who gets it.
    pub(super) whom: Vec<String>,
}

/// The ways in which anybody gets the scope whom the model does not give it.
///
/// `openid` is every client's own affair; the scopes of the endpoints are looked for with every
/// client that an active policy names, since the API takes the tokens of all of them.
///
/// # Errors
/// [`NotSeen`] when the policies, or what they name, were not looked at.
pub(super) fn paths_for_others(context: &Context<'_>, scope: &str) -> Seen<Vec<Path>> {
    let entitled = entitled_groups(context.model, scope);
    let mut paths = Vec::new();
    let mut unknown = context.seen.org.unknown_groups.values().next().cloned();
    for policy in context.seen.org.known_policies()? {
        let clients = clients(context, &policy, scope);
        let rules = policy.active_rules();
        for rule in rules.filter(|rule| rule.scopes.contains(scope)) {
            for client in &clients {
                if let Ok(client) = client
                    && client.is_unknown_for(rule, scope)
                {
                    unknown = Some(context.own_client_not_seen());
                }
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

/// Whom active rules name for the scope and the org does not show.
pub(super) fn unseen_for(context: &Context<'_>, scope: &str) -> Option<NotSeen> {
    context.unseen_in_rules(Side::Included, |rule| {
        let mut scopes = rule.conditions.scopes.include.iter();
        scopes.any(|given| given == scope || given == EVERY_SCOPE)
    })
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
        Ok(None) => Some(Err(not_shown(&format!("policies name the client {id}")))),
        // A client that is not active obtains nothing.
        Ok(Some(found)) if found.status != ACTIVE => None,
        Ok(Some(found)) => Some(Ok(Client {
            words: format!("the client {}", called(context, id, found)),
            found: Some(found),
            assigned: org.client_assignments.get(id),
        })),
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
    /// Why nothing is known of the client of step 4.
    fn own_client_not_seen(&self) -> NotSeen {
        let reason = self.seen.org.client.as_ref().err().cloned();
        reason.unwrap_or_else(|| self.hidden_client().unwrap_or_else(|| missing(CLIENT)))
    }

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
) -> Option<Path> {
    let grants = client.usable(rule);
    let knows_client = client.found.is_some();
    let itself = knows_client && grants.contains(&CLIENT_CREDENTIALS) && scope != OPENID;
    let by_users: Vec<&str> = grants
        .into_iter()
        .filter(|grant| *grant != CLIENT_CREDENTIALS)
        .collect();
    let (mut ways, mut gets) = (Vec::new(), Vec::new());
    if !whom.is_empty() && !by_users.is_empty() {
        ways.push(format!(
            "{}, by {}",
            whom.join(" and "),
            by_users.join(" and ")
        ));
        gets.extend(whom.iter().cloned());
    }
    if itself {
        let itself = format!("{} itself", client.words);
        ways.push(format!(
            "{itself}, without any user, by {CLIENT_CREDENTIALS}"
        ));
        gets.push(itself);
    }
    (!ways.is_empty()).then(|| Path {
        words: format!(
            "rule `{}` of policy `{}` gives it to {}",
            rule.name,
            policy.name,
            ways.join(" and to ")
        ),
        whom: gets,
    })
}

/// Whom the rule speaks of beside those who may have the scope. What it excludes, it does not give.
fn whom_beside(
    context: &Context<'_>,
    rule: &AccessRule,
    entitled: &BTreeSet<&str>,
    client: &Client<'_>,
) -> Seen<Vec<String>> {
    // Nobody is beside everyone.
    if entitled.contains(EVERYONE) {
        return Ok(Vec::new());
    }
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
    let hidden = context.not_shown(&assigned.groups);
    let mut shown = assigned.groups.iter();
    let all_may = shown.all(|id| hidden.contains(&id.as_str()) || may_have(id))
        && assigned.direct_users.is_empty();
    // Whoever is assigned to a client that nobody is assigned to yet gets it.
    if assigned.groups.is_empty() || !all_may {
        return Ok(everyone());
    }
    if let Some(id) = hidden.first() {
        let what = format!("{} is assigned to the group {id}", client.words);
        return Err(not_shown(&what));
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
