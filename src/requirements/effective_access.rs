//! Who gets what by the found org: computed from it, without asking it.
//!
//! Groups are compared, never their members: an org may have many users.

use std::collections::BTreeSet;

use super::context::Context;
use super::unseen::takes_part;
use crate::management::found::FoundApplication;
use crate::management::status::Words;
use crate::model::{
    AccessPolicy, Decision, Flow, OpenIdConnectScopes, OrgModel, Person, Rule, ScopeRequest,
    TestUser, decide,
};
use crate::observation::{AuthorizationKey, NotSeen, Seen};

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

    /// A test user in the groups of the model that it should be in, and in the others that it is
    /// in.
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
            let user = self.model.user(&key.user);
            let is_meant = user.is_some_and(|user| is_to_be_assigned(self.model, user));
            let hidden = self.hidden_assignment(&key.user).filter(|_| is_meant);
            hidden.map_or(Ok(()), Err)?;
            return Ok(Computed::NotAssigned);
        }
        let found = self.seen.org.user(&key.user)?.as_ref();
        let hidden = found.and_then(|found| Context::hidden_groups(found, &key.user));
        hidden.map_or(Ok(()), Err)?;
        let (person, scopes) = (self.person(&key.user), key.scopes());
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
        if let Some(assignment) = assignment {
            let object = format!("the assignment of {name}");
            return takes_part(&object, &assignment.status, Words::ASSIGNMENT);
        }
        // Without the client nobody knows whether anybody needs an assignment.
        let client = self.seen.org.client.as_ref().map_err(Clone::clone)?;
        client.as_ref().map_or(Ok(false), is_open_to_all)
    }

    /// The status of a test user's assignment that is there and does not take part.
    pub(super) fn status_of_assignment(&self, name: &str) -> Option<&str> {
        let found = self.seen.org.user(name).ok()?.as_ref()?;
        let assignment = found.assignment.as_ref().ok()?.as_ref()?;
        let takes_part = assignment.status.takes_part(Words::ASSIGNMENT);
        (takes_part == Some(false)).then_some(assignment.status.as_str())
    }

    /// The client of step 4, where it was found.
    pub(super) fn own_client(&self) -> Option<&FoundApplication> {
        self.seen.org.client.as_ref().ok().and_then(Option::as_ref)
    }
}

/// Whether the model assigns the client to a test user.
pub(super) fn is_to_be_assigned(model: &OrgModel, user: &TestUser) -> bool {
    let groups = user.group_names().map(str::to_owned).collect();
    model.is_assigned(&groups, user.assigned_directly)
}

/// Whether the client needs no assignment: Federation Broker Mode (Okta's help, "Manage Federation
/// Broker Mode": "without the need to pre-assign apps to specific users").
///
/// # Errors
/// [`NotSeen`] where the org does not say.
pub(super) fn is_open_to_all(client: &FoundApplication) -> Seen<bool> {
    let untold = "the org does not show settings.implicitAssignment of the client";
    let found = client.settings.implicit_assignment;
    found.ok_or_else(|| NotSeen::inconclusive(untold))
}

/// The groups that the model's rules give the scope.
pub(super) fn entitled_groups<'a>(model: &'a OrgModel, scope: &str) -> BTreeSet<&'a str> {
    let rules = model.policy.rules.iter();
    let giving = rules.filter(|rule| rule.scope_names().any(|given| given == scope));
    giving.flat_map(Rule::group_names).collect()
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
/// excludes it: by any other rule, anyone who is in more groups gets more. So every combination
/// with the groups of the model that rules exclude is tried, and none with the others. Where rules
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
