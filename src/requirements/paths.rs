//! Who beside those of the model can obtain a scope: by which client, grant type, rule and group.
//!
//! A path is a client that may use a grant type, a policy that applies to the client, and a rule
//! that covers the scope; no rule takes anything away, so each path counts for itself, wherever it
//! is in the order. A client of which nothing is known may use every grant type, so a rule that
//! gives nobody else anything by any of them does so whatever the client is.

use std::collections::BTreeSet;

use super::context::{CLIENT, Context, missing};
use super::effective_access::is_open_to_all;
use super::rests_on::{members_of, rule_words};
use super::service_drift::of_users;
use super::sought::Sought;
use super::unseen::{Side, not_shown, takes_part, told};
use crate::escape::joined;
use crate::management::found::FoundApplication;
use crate::management::status::Words;
use crate::model::{AUTHORIZATION_CODE, AccessPolicy, AccessRule, Allowed, EVERYONE, IMPLICIT};
use crate::observation::{ClientAssignments, NotSeen, Seen};

/// The grant type by which a client obtains tokens for itself, without any user (RFC 6749 4.4).
const CLIENT_CREDENTIALS: &str = "client_credentials";

/// A client that a policy speaks of: what it is called, and what is known of it.
struct Client<'a> {
    words: String,
    found: Option<&'a FoundApplication>,
    /// Why nothing is known of it, where another client could not be looked at.
    hidden: Option<NotSeen>,
    /// Whether the model gives it the scope for itself.
    is_meant: bool,
    /// Why that is not known: it may be a service of the model that is not configured.
    unconfigured: Option<NotSeen>,
    /// Whom it is assigned to, where that was looked at.
    assigned: Option<&'a Seen<ClientAssignments>>,
}

impl Client<'_> {
    /// A client that could not be looked at.
    fn hidden(words: String, why: NotSeen) -> Self {
        Self {
            words,
            found: None,
            hidden: Some(why),
            is_meant: false,
            unconfigured: None,
            assigned: None,
        }
    }

    /// Whether nobody signs in through it by the rule: all were looked at whom it is assigned to,
    /// and there is nobody. What is known of other grant types does not say that they ask for it.
    fn lets_nobody_in(&self, rule: &AccessRule) -> bool {
        let by_sign_in = |grant: &&str| [AUTHORIZATION_CODE, IMPLICIT].contains(grant);
        let wants_one = |found| matches!(is_open_to_all(found), Ok(false));
        let is_empty = |it: &ClientAssignments| {
            it.groups.is_empty() && it.direct_users.is_empty() && it.unknown_users.is_empty()
        };
        let assigned = self.assigned.and_then(|assigned| assigned.as_ref().ok());
        self.usable(rule).iter().all(by_sign_in)
            && self.found.is_some_and(wants_one)
            && assigned.is_some_and(|it| it.are_all && is_empty(it))
    }

    /// The grant types of the rule that the client may use; all, where nothing is known of it.
    fn usable<'r>(&self, rule: &'r AccessRule) -> Vec<&'r str> {
        let own = self
            .found
            .map(|client| &*client.settings.oauth_client.grant_types);
        let grants = rule.grant_types.iter().map(String::as_str);
        grants
            .filter(|grant| own.is_none_or(|own| own.iter().any(|own| own == grant)))
            .collect()
    }

    /// Why it is not known whether the client gives somebody the scope by the rule, apart from
    /// these, if it is not.
    fn doubt(
        &self,
        context: &Context<'_>,
        rule: &AccessRule,
        sought: &Sought,
        whom: &[String],
    ) -> Option<NotSeen> {
        if let Some(why) = &self.hidden {
            return gives_somebody(rule, whom).then(|| why.clone());
        }
        let own = self.is_unknown_for(rule, sought);
        let own = own.then(|| context.own_client_not_seen());
        own.or_else(|| self.undecided(rule, sought))
    }

    /// Why it is not known whether the client is meant to obtain it for itself, if it does.
    fn undecided(&self, rule: &AccessRule, sought: &Sought) -> Option<NotSeen> {
        let acts_for_itself =
            !sought.needs_a_user() && self.usable(rule).contains(&CLIENT_CREDENTIALS);
        let mut why = self.unconfigured.clone().filter(|_| acts_for_itself)?;
        let what = sought.words();
        why.reason = format!("{}: {} gets {what} for itself", why.reason, self.words);
        Some(why)
    }

    /// Whether it may obtain the scope for itself by the rule, for all that is known of it.
    fn is_unknown_for(&self, rule: &AccessRule, sought: &Sought) -> bool {
        let acts_for_itself = rule.grant_types.contains(CLIENT_CREDENTIALS);
        self.found.is_none() && !sought.needs_a_user() && acts_for_itself
    }
}

/// A way in which somebody gets a scope.
pub(super) struct Path {
    /// In a sentence.
    pub(super) words: String,
    /// Who gets it.
    pub(super) whom: Vec<String>,
    /// By which rule.
    pub(super) rule: String,
    /// Whom to take out, where the rule gives it to those of the model as well.
    pub(super) take_out: Option<String>,
}

/// The ways in which anybody gets what the model does not give them.
///
/// A scope that opens nothing is every client's own affair; what opens an endpoint is looked for
/// with every client that an active policy names, since the API takes the tokens of all of them.
///
/// # Errors
/// [`NotSeen`] when the policies, or what they name, were not looked at.
pub(super) fn paths_for_others(context: &Context<'_>, sought: &Sought) -> Seen<Vec<Path>> {
    let entitled = sought.groups(context.model);
    let mut paths = Vec::new();
    let mut unknown = context.seen.org.unknown_in_policies();
    for policy in context.seen.org.known_policies()? {
        let clients = clients(context, &policy, sought);
        let rules = policy.active_rules();
        for rule in rules.filter(|rule| sought.is_given_by(rule)) {
            for client in &clients {
                let whom = whom_beside(context, rule, &entitled, client);
                let found = whom.as_deref().unwrap_or_default();
                if client.hidden.is_none() {
                    let path = path(&policy, rule, client, found, sought);
                    let of_the_model = serves(rule, &entitled, &clients);
                    paths.extend(path.map(|path| path.beside(of_the_model)));
                }
                let why = client.doubt(context, rule, sought, found);
                unknown = why.or(whom.err()).or(unknown);
            }
        }
    }
    // What is not known takes nothing away from what is.
    match unknown {
        Some(reason) if paths.is_empty() => Err(reason),
        _ => Ok(paths),
    }
}

/// Whether a rule gives what the model wants given, beside what it gives to others: to groups by
/// their names, or to a client for itself.
fn serves(rule: &AccessRule, entitled: &BTreeSet<&str>, clients: &[Client<'_>]) -> bool {
    let by_name = match &rule.groups {
        Allowed::All => false,
        Allowed::Only(groups) => groups.iter().any(|group| entitled.contains(group.as_str())),
    };
    by_name || clients.iter().any(|client| client.is_meant)
}

/// Whether a rule gives its scopes to somebody by any client at all: to the client itself, or to
/// these.
fn gives_somebody(rule: &AccessRule, whom: &[String]) -> bool {
    let mut grants = rule.grant_types.iter();
    grants.any(|grant| grant == CLIENT_CREDENTIALS || !whom.is_empty())
}

/// Whom active rules name for it and the org does not show.
pub(super) fn unseen_for(context: &Context<'_>, sought: &Sought) -> Option<NotSeen> {
    context.unseen_in_rules(Side::Included, |rule| {
        let mut scopes = rule.conditions.scopes.include.iter();
        scopes.any(|given| sought.is_covered_by(given))
    })
}

fn clients<'a>(
    context: &'a Context<'_>,
    policy: &AccessPolicy,
    sought: &Sought,
) -> Vec<Client<'a>> {
    let mut clients = Vec::new();
    if policy.clients.contains(&context.facts.client_id) {
        let own = context.own_client();
        clients.push(Client {
            words: "the client".to_owned(),
            found: own.filter(|own| own.settings.oauth_client.grant_types.is_told()),
            hidden: None,
            is_meant: false,
            unconfigured: None,
            assigned: None,
        });
    }
    if !sought.opens_something(context.model) {
        return clients;
    }
    let org = &context.seen.org;
    let others = org.other_clients.iter();
    let others = others.filter(|(id, _)| policy.clients.contains(id));
    clients.extend(others.filter_map(|(id, found)| other_client(context, id, found, sought)));
    if let (Allowed::All, Some(reason)) = (&policy.clients, &org.unlisted_clients) {
        clients.push(Client::hidden("other clients".to_owned(), reason.clone()));
    }
    clients
}

/// Another client that a policy names; none, where it is not active and so obtains nothing.
fn other_client<'a>(
    context: &'a Context<'_>,
    id: &str,
    found: &'a Seen<Option<FoundApplication>>,
    sought: &Sought,
) -> Option<Client<'a>> {
    let hidden = |why| Some(Client::hidden(format!("the client {id}"), why));
    let found = match found {
        Err(reason) => return hidden(reason.clone()),
        Ok(None) => return hidden(not_shown(&format!("policies name the client {id}"))),
        Ok(Some(found)) => found,
    };
    let words = format!("the client {}", called(context, id, found));
    match takes_part(&words, &found.status, Words::OBJECT) {
        Ok(true) => {}
        Ok(false) => return None,
        Err(why) => return hidden(why),
    }
    let path = format!("settings.oauthClient.grant_types of {words}");
    if let Err(why) = told(&path, &found.settings.oauth_client.grant_types) {
        return hidden(why);
    }
    Some(Client {
        words,
        unconfigured: context.unconfigured_service(id, sought),
        found: Some(found),
        hidden: None,
        is_meant: context.is_service_with(id, sought),
        assigned: context.seen.org.client_assignments.get(id),
    })
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
        match &self.seen.org.client {
            Err(reason) => reason.clone(),
            Ok(None) => self.hidden_client().unwrap_or_else(|| missing(CLIENT)),
            Ok(Some(_)) => {
                NotSeen::inconclusive("the org does not show the grant types of the client")
            }
        }
    }

    /// What a person calls a client of this id.
    pub(super) fn client_name(&self, id: &str) -> String {
        let other = self.seen.org.other_clients.get(id);
        let other = other.and_then(|found| found.as_ref().ok()?.as_ref());
        other.map_or_else(|| id.to_owned(), |client| called(self, id, client))
    }
}

impl Context<'_> {
    /// Another client that a policy names, by id and label, which is called as the model's client
    /// is and the run's is not: the client id is of another app, most likely.
    pub(super) fn client_called_as_wanted(&self) -> Option<(String, String)> {
        let wanted = &self.model.client.label;
        let is_it = |own: &&FoundApplication| own.label == *wanted && own.status.is_active();
        if self.own_client().is_none_or(|own| is_it(&own)) {
            return None;
        }
        let mut others = self.seen.org.other_clients.iter();
        others.find_map(|(id, found)| {
            let found = found.as_ref().ok()?.as_ref()?;
            let is_it = found.label == *wanted && found.status.is_active();
            is_it.then(|| (id.clone(), found.label.clone()))
        })
    }

    /// A client that a policy names, and why it may get nothing.
    pub(super) fn client_words(&self, id: &str) -> String {
        let name = self.client_name(id);
        match self.seen.org.other_clients.get(id) {
            Some(Ok(None)) => format!("{name}, which the org does not show"),
            Some(Ok(Some(found))) if !found.status.is_active() => {
                format!("{name}, which is {}", found.status)
            }
            _ => name,
        }
    }
}

fn path(
    policy: &AccessPolicy,
    rule: &AccessRule,
    client: &Client<'_>,
    whom: &[String],
    sought: &Sought,
) -> Option<Path> {
    let grants = client.usable(rule);
    let knows_client = client.found.is_some();
    let acts_for_itself = grants.contains(&CLIENT_CREDENTIALS) && !sought.needs_a_user();
    let is_meant = client.is_meant || client.unconfigured.is_some();
    let itself = knows_client && acts_for_itself && !is_meant;
    let by_users: Vec<&str> = grants
        .into_iter()
        .filter(|grant| *grant != CLIENT_CREDENTIALS)
        .collect();
    let (mut ways, mut gets) = (Vec::new(), Vec::new());
    if !whom.is_empty() && !by_users.is_empty() {
        ways.push(format!("{}, by {}", joined(whom), by_users.join(" and ")));
        gets.extend(whom.iter().cloned());
    }
    if itself {
        let itself = format!("{} itself", client.words);
        ways.push(format!(
            "{itself}, without any user, by {CLIENT_CREDENTIALS}"
        ));
        gets.push(itself);
    }
    // Whom a service's rule is for is of no matter to it: everyone, as a rule.
    let is_for_all = !itself && rule.groups == Allowed::All;
    let grants = of_users(rule).filter(|_| is_for_all);
    let rule = rule_words(&policy.name, &rule.name);
    (!ways.is_empty()).then(|| Path {
        words: format!("{rule} gives it to {}", ways.join(" and to ")),
        take_out: Some(grants.unwrap_or_else(|| joined(&gets))),
        whom: gets,
        rule,
    })
}

impl Path {
    /// The same, of a rule that the model may need for others.
    fn beside(mut self, of_the_model: bool) -> Self {
        self.take_out = self.take_out.filter(|_| of_the_model);
        self
    }
}

/// Whom the rule speaks of beside those who may have the scope. What it excludes, it does not give.
fn whom_beside(
    context: &Context<'_>,
    rule: &AccessRule,
    entitled: &BTreeSet<&str>,
    client: &Client<'_>,
) -> Seen<Vec<String>> {
    // Nobody is beside everyone, and nobody comes by a client that lets nobody in.
    if entitled.contains(EVERYONE) || client.lets_nobody_in(rule) {
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
            .map(|group| members_of(group))
            .collect(),
    };
    let mut unknown = None;
    for user in &rule.users {
        match is_left_out(context, rule, entitled, user) {
            Ok(true) => {}
            Ok(false) => whom.push(format!("the user {user}")),
            Err(reason) => unknown = Some(reason),
        }
    }
    match unknown {
        Some(reason) if whom.is_empty() => Err(reason),
        _ => Ok(whom),
    }
}

/// Whether a user whom the rule names may have the scope, or is excluded from the rule.
///
/// # Errors
/// [`NotSeen`] where the groups of a user who is no test user could not be looked at.
fn is_left_out(
    context: &Context<'_>,
    rule: &AccessRule,
    entitled: &BTreeSet<&str>,
    login: &String,
) -> Seen<bool> {
    if rule.excluded_users.contains(login) || context.is_out(login)? {
        return Ok(true);
    }
    if let Some(groups) = context.seen.org.user_groups.get(login) {
        let groups = groups.as_ref().map_err(Clone::clone)?;
        let is_own = |name: &String| entitled.contains(name.as_str());
        let mut groups = groups.iter();
        return Ok(groups.any(|name| is_own(name) || rule.excluded_groups.contains(name)));
    }
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
    Ok(groups.next().is_some())
}

impl Context<'_> {
    /// Whether a user whom rules name, no test user, gets nothing before an administrator lets it
    /// in again: it is suspended or deactivated. Who has other steps to take gets it after them.
    ///
    /// # Errors
    /// [`NotSeen`] where the org's word for the user does not tell.
    pub(super) fn is_out(&self, login: &str) -> Seen<bool> {
        let Some(status) = self.seen.org.user_statuses.get(login) else {
            return Ok(false);
        };
        takes_part(&format!("the user {login}"), status, Words::USER)?;
        Ok(["SUSPENDED", "DEPROVISIONED"].contains(&status.as_str()))
    }
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
    let Some(assigned) = client.assigned else {
        return Ok(everyone());
    };
    if client.found.map_or(Ok(false), is_open_to_all)? {
        return Ok(everyone());
    }
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
    // Of those to whom nobody is assigned, what is known is said above.
    if assigned.groups.is_empty() || !all_may {
        return Ok(everyone());
    }
    if let Some(id) = hidden.first() {
        let what = format!("{} is assigned to the group {id}", client.words);
        return Err(not_shown(&what));
    }
    if let Some(id) = assigned.unknown_users.first() {
        return Err(NotSeen::inconclusive(format!(
            "the org does not say whether {} is assigned to the user {id} directly",
            client.words
        )));
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
    if names.is_empty() {
        return String::new();
    }
    let names = names.iter().map(|name| format!("`{name}`"));
    format!("{before} {}", joined(names))
}

#[cfg(test)]
mod tests;
