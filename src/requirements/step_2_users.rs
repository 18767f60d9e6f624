//! Step 2: the test users can sign in, and each is in exactly its groups.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::context::{self, Context, missing};
use super::exchanged_names::NamesExchanged;
use super::found::{Code, Found};
use super::rests_on;
use super::see;
use super::step::Step;
use super::step_4c_fixes;
use super::subject::Subject;
use super::swapped::Swap;
use super::topic::Topic;
use super::trial::{Fix, Judgement, Trial};
use super::unseen::takes_part;
use crate::management::status::Words;
use crate::model::{Group, OrgModel, TestUser};
use crate::observation::{Denial, FoundTestUser, Need, Seen};

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let active = model.users.iter().map(can_sign_in);
    let members = model.users.iter().map(is_in_its_groups);
    let others = model.users.iter().map(is_in_no_other_group);
    active.chain(members).chain(others).collect()
}

fn can_sign_in(user: &TestUser) -> Trial {
    let (name, owner) = (user.name().to_owned(), user.name().to_owned());
    Trial::new(
        Step::Users,
        "the_user_is_active",
        see::USERS,
        [Need::Users],
        move |context| {
            let expected = "a user that is ACTIVE, with a password";
            let Some(found) = context.seen.org.user(&name)? else {
                if let Some(hidden) = context.hidden_user(&name) {
                    return Err(hidden);
                }
                let fix = Fix::new(
                    format!("Directory > People > Add person, then set TEST_USER_{name}_USERNAME"),
                    "POST /api/v1/users?activate=true",
                );
                let swap = context.swapped(&name).filter(Swap::is_of_one_login);
                let more = swap.as_ref().map(Swap::words).unwrap_or_default();
                return Ok(Judgement::not_met(
                    Code::UserMissing,
                    expected,
                    format!("the org has no user of that login{more}"),
                    swap.as_ref().map_or(fix, Swap::fix),
                ));
            };
            let status = &found.user.status;
            let is_active = takes_part("the user", status, Words::USER)?;
            if !is_active {
                let shown = format!("the user is {status}");
                let doubt = context.contradicted_by_a_sign_in(&shown, &name);
                doubt.map_or(Ok(()), Err)?;
            }
            Ok(Judgement::when(is_active, || super::Finding {
                found: Code::UserNotActive.into(),
                expected: expected.to_owned(),
                actual: format!("the user is {status}"),
                fix: mend_status(status.as_str(), &found.user.id),
            })
            .resting_on(rests_on::STATUS, [status.as_str()]))
        },
    )
    .about(Subject::user(user.name()))
    .explains_of(Topic::User(user.name().to_owned()), move |_, symptom| {
        symptom.is_missing(&context::user(&owner))
            || (symptom.is_about(&owner)
                && symptom.is_denial(&[Denial::SignIn, Denial::NamedPage, Denial::Page]))
    })
}

/// What leads out of a status: Okta's API description says for each call from which it does.
fn mend_status(status: &str, id: &str) -> Fix {
    let (click, call) = match status {
        "LOCKED_OUT" => ("Unlock", "/lifecycle/unlock"),
        "SUSPENDED" => ("More Actions > Unsuspend", "/lifecycle/unsuspend"),
        "PASSWORD_EXPIRED" => (
            "Reset Password, and sign in once by hand to set one that need not be changed",
            " with credentials.password",
        ),
        "PROVISIONED" | "RECOVERY" => (
            "Reset Password, and follow the link of the e-mail once by hand",
            "/lifecycle/reactivate",
        ),
        _ => (
            "Activate, and set a password that need not be changed",
            "/lifecycle/activate",
        ),
    };
    Fix::new(
        format!("Directory > People > the user > {click}"),
        format!("POST /api/v1/users/{id}{call}"),
    )
}

fn is_in_its_groups(user: &TestUser) -> Trial {
    let (wanted, owner) = (user.clone(), user.name().to_owned());
    let name = "the_user_is_in_its_groups";
    Trial::new(
        Step::Users,
        name,
        see::GROUPS,
        [Need::Users, Need::Groups],
        move |context| {
            let found = found(context, &wanted)?;
            let is_in = groups_of_the_model(context, found)?;
            let lacking: Vec<&str> = wanted
                .group_names()
                .filter(|group| !is_in.contains(*group))
                .collect();
            for group in &lacking {
                context.has_group(group)?;
                let hidden = Context::hidden_groups(found, wanted.name());
                let hidden = hidden.or_else(|| context.hidden_membership(group, wanted.name()));
                hidden.map_or(Ok(()), Err)?;
            }
            let instead: Vec<&str> = is_in
                .difference(&wanted.group_names().collect())
                .copied()
                .collect();
            let instead = if lacking.is_empty() {
                Vec::new()
            } else {
                instead
            };
            let mut fix = mend_membership(&lacking, &instead, &found.user.id);
            let login = &found.user.profile.login;
            if is_in.is_empty() {
                // Nothing but the login says who it is.
                let _ = write!(
                    fix.admin_console,
                    ", if `{login}` is who should be in it; if that is another person, set \
                     TEST_USER_{}_USERNAME and _PASSWORD",
                    wanted.name()
                );
            }
            let mixed = Mixed::of(context, wanted.name(), &lacking);
            Ok(Judgement::when(lacking.is_empty(), || super::Finding {
                found: Found::of(Code::UserNotInItsGroup, lacking.iter().copied()),
                expected: format!("{} in {}", wanted.name(), quoted(wanted.group_names())),
                actual: format!(
                    "`{login}` is {}{}{}",
                    not_in(&lacking, &instead),
                    in_namesakes(context, found, &lacking),
                    mixed.words()
                ),
                fix: mixed.fix(context).unwrap_or(fix),
            })
            .resting_on(rests_on::GROUPS, lacking)
            .resting_on(rests_on::EXCHANGED, mixed.pair())
            .resting_on(rests_on::NAMES, mixed.names()))
        },
    )
    .about(Subject::user(user.name()))
    .explains_of(Topic::User(user.name().to_owned()), move |_, symptom| {
        symptom.is_about(&owner)
            && symptom.is_denial(&[Denial::Policy, Denial::NotAssigned, Denial::Unknown])
    })
}

/// Other groups of a name that the user lacks: of a directory, say, which the rules do not mean.
fn in_namesakes(context: &Context<'_>, found: &FoundTestUser, lacking: &[&str]) -> String {
    let same = found.groups.iter().filter(|group| {
        let name = group.profile.name.as_str();
        lacking.contains(&name) && context.seen.org.name_of(group) != name
    });
    let same: Vec<String> = same.map(|group| format!("`{}`", group.id)).collect();
    if same.is_empty() {
        return String::new();
    }
    format!(
        ", and in another group of that name, {}, which rules and assignments do not mean",
        same.join(" and ")
    )
}

fn not_in(lacking: &[&str], instead: &[&str]) -> String {
    let lacking = format!("not in {}", quoted(lacking.iter().copied()));
    if instead.is_empty() {
        return lacking;
    }
    format!(
        "{lacking}, and in {} instead",
        quoted(instead.iter().copied())
    )
}

/// How a user comes into its groups, and out of those that it is in instead.
fn mend_membership(lacking: &[&str], instead: &[&str], user: &str) -> Fix {
    let call = |method: &str, group: &&str| {
        format!("{method} /api/v1/groups/{{groupId of {group}}}/users/{user}")
    };
    let taken = instead.iter().map(|group| call("DELETE", group));
    let calls: Vec<String> = lacking
        .iter()
        .map(|group| call("PUT", group))
        .chain(taken)
        .collect();
    let mut click = format!("Directory > Groups > {} > Assign people", names(lacking));
    if !instead.is_empty() {
        let _ = write!(click, ", and {} > remove the user", names(instead));
    }
    Fix::new(click, calls.join("; "))
}

fn names(groups: &[&str]) -> String {
    groups.join(" and ")
}

fn is_in_no_other_group(user: &TestUser) -> Trial {
    let wanted = user.clone();
    let name = "the_user_is_in_no_other_group_of_the_model";
    Trial::new(
        Step::Users,
        name,
        see::GROUPS,
        [Need::Users, Need::Groups],
        move |context| {
            let found = found(context, &wanted)?;
            let mut extra = groups_of_the_model(context, found)?;
            extra.retain(|group| !wanted.group_names().any(|own| own == *group));
            if extra.is_empty() {
                for group in &found.groups {
                    context.is_told_apart(&group.profile.name)?;
                }
                let hidden = |group: &Group| context.hidden_group(&group.name);
                let hidden = context.model.groups.iter().find_map(hidden);
                let hidden = hidden.or_else(|| Context::hidden_groups(found, wanted.name()));
                hidden.map_or(Ok(()), Err)?;
            }
            let fix = Fix::new(
                "Directory > Groups > the group > People > remove the user",
                format!("DELETE /api/v1/groups/{{groupId}}/users/{}", found.user.id),
            );
            let others: Vec<&str> = extra.iter().copied().collect();
            let mixed = Mixed::of(context, wanted.name(), &others);
            Ok(Judgement::when(extra.is_empty(), || super::Finding {
                found: Found::of(Code::UserInAnotherGroup, extra.iter().copied()),
                expected: format!(
                    "{} in no group of the model but {}",
                    wanted.name(),
                    quoted(wanted.group_names())
                ),
                actual: format!("in {} too{}", quoted(others.iter().copied()), mixed.words()),
                fix: mixed.fix(context).unwrap_or(fix),
            })
            .resting_on(rests_on::GROUPS, extra)
            .resting_on(rests_on::EXCHANGED, mixed.pair())
            .resting_on(rests_on::NAMES, mixed.names()))
        },
    )
    .about(Subject::user(user.name()))
}

/// What to do about a user who has something by groups that it is in and should not be.
pub(super) fn mend_wrong_groups(context: &Context<'_>, user: &str, groups: &[String]) -> Fix {
    let others: Vec<&str> = groups.iter().map(String::as_str).collect();
    let mixed = Mixed::of(context, user, &others);
    mixed.fix(context).unwrap_or_else(|| {
        let out = step_4c_fixes::out_of_groups(groups, "{userId}");
        Fix::new(out.clicks.join("; "), out.calls.join("; "))
    })
}

/// What was exchanged, where a user is in other groups than its own: the names of the groups, or
/// the credentials of two users.
enum Mixed {
    Nothing,
    Names(NamesExchanged),
    Credentials(Swap),
}

impl Mixed {
    /// Of a user with these groups that it lacks, or has and should not.
    fn of(context: &Context<'_>, user: &str, groups: &[&str]) -> Self {
        if groups.is_empty() {
            return Self::Nothing;
        }
        let names = context.exchanged_names();
        let names = names.filter(|names| groups.iter().all(|group| names.has(group)));
        names.map_or_else(
            || {
                context
                    .swapped(user)
                    .map_or(Self::Nothing, Self::Credentials)
            },
            Self::Names,
        )
    }

    fn words(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Names(names) => names.words(),
            Self::Credentials(swap) => swap.words(),
        }
    }

    fn fix(&self, context: &Context<'_>) -> Option<Fix> {
        match self {
            Self::Nothing => None,
            Self::Names(names) => Some(names.fix(context)),
            Self::Credentials(swap) => Some(swap.fix()),
        }
    }

    fn pair(&self) -> Option<String> {
        match self {
            Self::Credentials(swap) => Some(swap.pair()),
            Self::Nothing | Self::Names(_) => None,
        }
    }

    fn names(&self) -> Option<String> {
        match self {
            Self::Names(names) => Some(names.names()),
            Self::Nothing | Self::Credentials(_) => None,
        }
    }
}

fn found<'a>(context: &'a Context<'_>, user: &TestUser) -> Seen<&'a FoundTestUser> {
    let found = context.seen.org.user(user.name())?.as_ref();
    let hidden = || context.hidden_user(user.name());
    found.ok_or_else(|| hidden().unwrap_or_else(|| missing(&context::user(user.name()))))
}

/// The groups of the model that the user is in.
///
/// # Errors
/// [`NotSeen`](crate::observation::NotSeen) when the groups were not looked at: another one may
/// have the name of the model's.
fn groups_of_the_model<'a>(
    context: &Context<'_>,
    found: &'a FoundTestUser,
) -> Seen<BTreeSet<&'a str>> {
    context.seen.org.groups.as_ref().map_err(Clone::clone)?;
    let known = |name: &str| context.model.groups.iter().any(|group| group.name == name);
    let own = found.groups.iter();
    // A group of another directory may only have the same name.
    let same = own.filter(|group| context.seen.org.name_of(group) == group.profile.name);
    let names = same.map(|group| group.profile.name.as_str());
    Ok(names.filter(|name| known(name)).collect())
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(" and ")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::staged("STAGED", "00u1/lifecycle/activate")]
    #[case::deprovisioned("DEPROVISIONED", "00u1/lifecycle/activate")]
    #[case::provisioned("PROVISIONED", "00u1/lifecycle/reactivate")]
    #[case::recovery("RECOVERY", "00u1/lifecycle/reactivate")]
    #[case::password_expired("PASSWORD_EXPIRED", "00u1 with credentials.password")]
    #[case::locked_out("LOCKED_OUT", "00u1/lifecycle/unlock")]
    #[case::suspended("SUSPENDED", "00u1/lifecycle/unsuspend")]
    fn each_status_has_its_own_way_out(#[case] status: &str, #[case] call: &str) {
        let fix = mend_status(status, "00u1");
        assert_eq!(fix.api, format!("POST /api/v1/users/{call}"));
    }
}
