//! Step 4c: the client is assigned to the groups, and to nobody else of the model.

use std::collections::BTreeSet;

use serde_json::Value;

use super::client::client;
use super::client_drift::has_another_template;
use super::context::{Context, missing, user as user_of};
use super::drift::{Compared, Drift, no_drift};
use super::effective_access::{is_open_to_all, is_to_be_assigned};
use super::found::Code;
use super::rests_on;
use super::see;
use super::step::Step;
use super::step_4c_fixes::mend_assignment;
use super::subject::Subject;
use super::swapped::Swap;
use super::topic::Topic;
use super::trial::{Finding, Fix, Judgement, Trial};
use crate::management::found::FoundAssignment;
use crate::model::{EVERYONE, OrgModel, TestUser};
use crate::observation::{Denial, FoundTestUser, Need, NotSeen, Seen};

pub(super) const PLACE: &str = "Applications > Applications > the client > Assignments";

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let mut trials: Vec<Trial> = model
        .client
        .assigned_group_names()
        .map(group_is_assigned)
        .collect();
    trials.extend(
        model
            .users
            .iter()
            .map(|user| user_is_assigned_as_wanted(model, user)),
    );
    if !model
        .client
        .assigned_group_names()
        .any(|name| name == EVERYONE)
    {
        trials.push(everyone_is_not_assigned());
    }
    trials.push(no_other_group_is_assigned(model));
    let assigned = model
        .users
        .iter()
        .filter(|user| is_to_be_assigned(model, user));
    trials.extend(assigned.clone().map(user_goes_by_its_own_name));
    trials.extend(assigned.map(assignment_differs_in_nothing_else));
    trials
}

fn group_is_assigned(group: &str) -> Trial {
    let (wanted, member) = (group.to_owned(), group.to_owned());
    let name = "the_client_is_assigned_to_the_group";
    let needs = [Need::ClientGroups, Need::Groups, Need::Client];
    Trial::new(
        Step::Assignment,
        name,
        see::APPLICATIONS,
        needs,
        move |context| {
            context.has_group(&wanted)?;
            let (org, client) = (&context.seen.org, client(context)?);
            let found = org.client_groups.as_ref().map_err(Clone::clone)?;
            let own = org.group(&wanted)?.map(|group| &group.id);
            let is_everyone = |id: &String| org.built_in_groups.contains(id);
            let assigned = found
                .iter()
                .any(|id| Some(id) == own || (wanted == EVERYONE && is_everyone(id)));
            let assigned = assigned || is_open_to_all(client)?;
            if !assigned && wanted == EVERYONE {
                all_are_shown(context, found)?;
            }
            if !assigned {
                context.hidden_client_group().map_or(Ok(()), Err)?;
            }
            Ok(Judgement::when(assigned, || Finding {
                found: Code::GroupNotAssigned.into(),
                expected: format!("the client assigned to `{wanted}`"),
                actual: format!(
                    "assigned to {:?}",
                    found
                        .iter()
                        .map(|id| org.group_name(id))
                        .collect::<Vec<_>>()
                ),
                fix: Fix::new(
                    format!("{PLACE} > Assign > Assign to Groups > {wanted}"),
                    "PUT /api/v1/apps/{appId}/groups/{groupId}",
                ),
            }))
        },
    )
    .about(Subject::group(group))
    .explains_of(Topic::Group(group.to_owned()), move |context, symptom| {
        symptom.is_denial(&[Denial::NotAssigned, Denial::Unknown])
            && context.is_about_member(symptom, &member)
    })
}

fn user_is_assigned_as_wanted(model: &OrgModel, user: &TestUser) -> Trial {
    let groups: BTreeSet<String> = user.group_names().map(str::to_owned).collect();
    let wanted = is_to_be_assigned(model, user);
    let (name, owner) = (user.name().to_owned(), user.name().to_owned());
    let assigned_groups = model.client.assigned_group_names();
    let assigned_groups = assigned_groups.filter(|group| groups.contains(*group));
    let assigned_groups: Vec<String> = assigned_groups.map(str::to_owned).collect();
    let sentence = "the_user_is_assigned_as_the_model_says";
    let of_groups = groups.first().map(|_| Need::Groups);
    let needs = [Need::Users, Need::Client].into_iter().chain(of_groups);
    Trial::new(
        Step::Assignment,
        sentence,
        see::APPLICATIONS,
        needs,
        move |context| {
            client(context)?;
            let found = context.seen.org.user(&name)?.as_ref();
            let hidden = || context.hidden_user(&name);
            let found =
                found.ok_or_else(|| hidden().unwrap_or_else(|| missing(&user_of(&name))))?;
            for group in &groups {
                context.has_group(group)?;
            }
            let assignment = found.assignment.as_ref().map_err(Clone::clone)?;
            let assigned = may_use(context, &name, assignment.as_ref(), wanted)?;
            let way = assignment.as_ref().map_or("", |way| way.scope.as_str());
            let through = through(context, found);
            let swap = context.swapped(&name).filter(Swap::is_of_one_login);
            let mend = || {
                mend_assignment(
                    context,
                    wanted,
                    assignment.as_ref(),
                    &through,
                    &found.user.id,
                )
            };
            Ok(Judgement::when(assigned == wanted, || Finding {
                found: if wanted {
                    Code::UserNotAssigned
                } else {
                    Code::UserAssigned
                }
                .into(),
                expected: format!("{name} {}", words(wanted)),
                actual: format!(
                    "{}{}{}",
                    words(assigned),
                    how(assignment.as_ref(), &through),
                    swap.as_ref().map(Swap::words).unwrap_or_default()
                ),
                fix: swap.as_ref().map_or_else(mend, Swap::fix),
            })
            .resting_on(rests_on::EXCHANGED, swap.as_ref().map(Swap::pair))
            .resting_on(
                rests_on::GROUPS,
                if wanted { &assigned_groups } else { &through },
            )
            .resting_on(rests_on::ASSIGNMENT, [way]))
        },
    )
    .about(Subject::user(user.name()))
    .explains_of(Topic::User(user.name().to_owned()), move |_, symptom| {
        symptom.is_about(&owner)
            && symptom.is_denial(&[Denial::NotAssigned, Denial::Policy, Denial::Unknown])
    })
}

/// Whether the user is assigned; not told where what the run saw contradicts a "no".
fn may_use(
    context: &Context<'_>,
    name: &str,
    assignment: Option<&FoundAssignment>,
    wanted: bool,
) -> Seen<bool> {
    let assigned = match context.is_assigned(name) {
        Ok(assigned) => assigned,
        // Anyone who was let through to the policies may use the client.
        Err(_) if assignment.is_some() && context.was_decided(name) => true,
        Err(reason) => return Err(reason),
    };
    if wanted && !assigned {
        let contradiction = match assignment {
            None => context.hidden_assignment(name),
            Some(found) => context.contradicted(name, found.status.as_str()),
        };
        contradiction.map_or(Ok(()), Err)?;
    }
    Ok(assigned)
}

fn words(assigned: bool) -> &'static str {
    if assigned {
        "assigned to the client"
    } else {
        "not assigned"
    }
}

/// Whose assignment it is, in what state, and by which groups.
fn how(assignment: Option<&FoundAssignment>, through: &[String]) -> String {
    assignment.map_or_else(String::new, |way| {
        let by = match (way.scope.as_str(), through.is_empty()) {
            ("GROUP", false) => format!(", by {}", quoted(through)),
            _ => String::new(),
        };
        format!(" (scope {}, status {}){by}", way.scope, way.status)
    })
}

/// The groups of the client that the user is in, as far as they are known.
pub(super) fn through(context: &Context<'_>, found: &FoundTestUser) -> Vec<String> {
    let org = &context.seen.org;
    let is_in = |id: &&String| {
        let mut own = found.groups.iter();
        org.built_in_groups.contains(*id) || own.any(|group| group.id == **id)
    };
    let through = org.client_groups.iter().flatten().filter(is_in);
    through.map(|id| org.group_name(id).to_owned()).collect()
}

pub(super) fn quoted<T: AsRef<str>>(groups: &[T]) -> String {
    let groups = groups.iter().map(|name| format!("`{}`", name.as_ref()));
    let groups: Vec<String> = groups.collect();
    format!("the group {}", groups.join(" and the group "))
}

fn everyone_is_not_assigned() -> Trial {
    let name = "the_client_is_not_assigned_to_everyone";
    let see = see::API_ACCESS_MANAGEMENT;
    Trial::new(
        Step::Assignment,
        name,
        see,
        [Need::ClientGroups, Need::Client],
        |context| {
            let (org, client) = (&context.seen.org, client(context)?);
            let found = org.client_groups.as_ref().map_err(Clone::clone)?;
            let everyone = found.iter().any(|id| org.built_in_groups.contains(id));
            let nobody_needs = !everyone && is_open_to_all(client)?;
            if !everyone && !nobody_needs {
                all_are_shown(context, found)?;
            }
            let actual = if everyone {
                "the client is assigned to Everyone"
            } else {
                "settings.implicitAssignment is true: nobody needs an assignment"
            };
            Ok(Judgement::when(!everyone && !nobody_needs, || Finding {
                found: if everyone {
                    Code::EveryoneAssigned
                } else {
                    Code::AssignmentNotNeeded
                }
                .into(),
                expected: "the client assigned to its groups alone".to_owned(),
                actual: actual.to_owned(),
                fix: Fix::new(
                    format!(
                        "{PLACE} > Groups > Everyone > remove, or General > App Assignment: \
                         Federation Broker Mode off"
                    ),
                    "DELETE /api/v1/apps/{appId}/groups/{groupId of Everyone}, or PUT \
                     /api/v1/apps/{appId} with settings.implicitAssignment false",
                ),
            }))
        },
    )
    .advised()
}

/// A group that the org does not show may be any, Everyone among them.
fn all_are_shown(context: &Context<'_>, ids: &[String]) -> Seen<()> {
    context.hidden_client_group().map_or(Ok(()), Err)?;
    let hidden = context.not_shown(ids);
    if hidden.is_empty() {
        return Ok(());
    }
    Err(NotSeen::inconclusive(format!(
        "the client is assigned to groups that the org does not show: {}",
        hidden.join(", ")
    )))
}

/// Other groups of the client.
fn no_other_group_is_assigned(model: &OrgModel) -> Trial {
    let wanted = model.client.clone();
    let fix = Fix::new(
        format!("{PLACE}: remove what is not wanted"),
        "DELETE /api/v1/apps/{appId}/groups/{groupId}, or …/users/{userId}",
    );
    let name = "no_other_group_is_assigned";
    let needs = [Need::ClientGroups, Need::Groups, Need::Client];
    no_drift(
        Step::Assignment,
        Code::OtherGroupAssigned,
        name,
        see::API_ACCESS_MANAGEMENT,
        needs,
        fix,
        move |context| {
            let org = &context.seen.org;
            client(context)?;
            let found = org.client_groups.as_ref().map_err(Clone::clone)?;
            let mut names: Vec<&str> = wanted.assigned_group_names().collect();
            org.groups.as_ref().map_err(Clone::clone)?;
            for name in &names {
                context.is_told_apart(name)?;
            }
            // Everyone has a requirement of its own.
            names.push(EVERYONE);
            // What the org does not show may be a group of the model.
            let hidden = context.not_shown(found);
            let shown = found.iter().filter(|id| !hidden.contains(&id.as_str()));
            let groups = Drift::extra_groups(&names, shown.map(|id| org.group_name(id)));
            let more = context.hidden_client_group();
            let more = more.map(|_| "every group that assigns the client".to_owned());
            let hidden = hidden.into_iter().map(|id| format!("the group {id}"));
            let hidden = hidden.chain(more);
            let compared: Compared = groups.into_iter().collect();
            Ok(compared.without(hidden))
        },
    )
}

/// What the assignment calls the user becomes the `sub` of its access tokens: with the login of
/// somebody else in it, an API that goes by `sub` takes the one for the other.
fn user_goes_by_its_own_name(user: &TestUser) -> Trial {
    let wanted = user.name().to_owned();
    let name = "the_app_user_name_is_not_the_login_of_another_user";
    let needs = [Need::Users, Need::Client];
    Trial::new(
        Step::Assignment,
        name,
        see::APPLICATIONS,
        needs,
        move |context| {
            let found = assigned(context, &wanted)?;
            if !found.is_named() {
                let untold = format!("the org does not show what the client calls {wanted}");
                return Err(NotSeen::inconclusive(untold));
            }
            let Some(name) = found.other_name() else {
                return Ok(Judgement::met());
            };
            let test_user = context.test_user_called(name).map(str::to_owned);
            let namesake = found.namesake.as_ref().map_err(Clone::clone)?;
            let namesake = namesake
                .as_ref()
                .map(|other| format!("the user {}", other.id));
            let Some(other) = test_user.or(namesake) else {
                return Ok(Judgement::met());
            };
            let login = &found.user.profile.login;
            Ok(Judgement::not_met(
                Code::UserTakenForAnother,
                format!("the client calls {wanted} by its own login, `{login}`"),
                format!("it calls {wanted} `{name}`, which is the login of {other}"),
                Fix::new(
                    format!("{PLACE} > {wanted} > Edit > User Name: {login}"),
                    format!(
                        "POST /api/v1/apps/{{appId}}/users/{} with credentials.userName",
                        found.user.id
                    ),
                ),
            ))
        },
    )
    .about(Subject::user(user.name()))
}

/// A test user with an assignment to the client.
fn assigned<'a>(context: &'a Context<'_>, name: &str) -> Seen<&'a FoundTestUser> {
    client(context)?;
    let found = context.seen.org.user(name)?.as_ref();
    let hidden = || context.hidden_user(name);
    let found = found.ok_or_else(|| hidden().unwrap_or_else(|| missing(&user_of(name))))?;
    let assignment = found.assignment.as_ref().map_err(Clone::clone)?;
    let none = || NotSeen::inconclusive(format!("{name} is not assigned to the client"));
    let none = || context.hidden_assignment(name).unwrap_or_else(none);
    assignment.as_ref().ok_or_else(none)?;
    Ok(found)
}

/// A test user who is assigned in another way than the model says, or called otherwise.
fn assignment_differs_in_nothing_else(user: &TestUser) -> Trial {
    let wanted = user.clone();
    let fix = Fix::new(
        format!("{PLACE}: remove the user and assign what the model says"),
        "DELETE /api/v1/apps/{appId}/users/{userId}, then POST /api/v1/apps/{appId}/users",
    );
    let name = "the_assignment_differs_in_nothing_else";
    no_drift(
        Step::Assignment,
        Code::AssignmentDrift,
        name,
        see::APPLICATIONS,
        [Need::Users, Need::Client],
        fix,
        move |context| assignment_drift(context, &wanted),
    )
    .about(Subject::user(user.name()))
}

fn assignment_drift(context: &Context<'_>, user: &TestUser) -> Seen<Compared> {
    let found = assigned(context, user.name())?;
    let assignment = found.assignment.as_ref().map_err(Clone::clone)?.as_ref();
    let place = |field: &str| format!("users.{}.{field}", user.name());
    let wanted = if user.assigned_directly {
        "USER"
    } else {
        "GROUP"
    };
    let scope = assignment.map(|assignment| assignment.scope.as_str());
    let scope = scope.filter(|scope| !scope.is_empty()).map(Value::from);
    let mut compared = Compared::default();
    compared.told(&place("scope"), &wanted.into(), scope.as_ref());
    // The client's own template gives every user another name: one thing to mend, at the client.
    if has_another_template(context)? {
        return Ok(compared);
    }
    let login = found.user.profile.login.as_str();
    let name = found
        .is_named()
        .then(|| found.other_name().unwrap_or(login));
    let name = name.map(Value::from);
    compared.told(&place("credentials.userName"), &login.into(), name.as_ref());
    Ok(compared)
}
