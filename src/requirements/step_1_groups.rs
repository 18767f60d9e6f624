//! Step 1: the groups.

use super::context::{self, Context};
use super::found::Code;
use super::look_alike;
use super::rests_on;
use super::see;
use super::step::Step;
use super::subject::Subject;
use super::topic::Topic;
use super::trial::{Fix, Judgement, Trial};
use crate::management::found::FoundGroup;
use crate::model::{Group, OrgModel};
use crate::observation::{Denial, Need};

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    model.groups.iter().map(group_exists).collect()
}

/// A group that is not there, or that is there under another name.
fn missing(context: &Context<'_>, wanted: &str) -> Judgement {
    let expected = format!("a group named exactly `{wanted}`");
    let (add, named) = (
        format!("Directory > Groups > Add group, with the exact name `{wanted}`"),
        format!("{{\"profile\":{{\"name\":\"{wanted}\"}}}}"),
    );
    let Some(renamed) = context.renamed(wanted) else {
        let alike = context.called_alike(wanted);
        if !alike.is_empty() {
            return called_alike(&alike, wanted, expected, &add, &named);
        }
        let fix = Fix::new(add, format!("POST /api/v1/groups {named}"));
        let actual = "the org has none of that name";
        return Judgement::not_met(Code::GroupMissing, expected, actual, fix);
    };
    let actual = format!(
        "the org has none of that name; {} has its test users and no others, so it looks like \
         that group under another name",
        look_alike::shown(&renamed)
    );
    let fix = Fix::new(
        format!(
            "Directory > Groups > {renamed} > Edit: name it `{wanted}`; if it is another group: \
             {add}"
        ),
        format!("PUT /api/v1/groups/{{groupId}} {named}"),
    );
    Judgement::not_met(Code::GroupMissing, expected, actual, fix)
        .resting_on(rests_on::GROUPS, [renamed])
}

/// A group that is not there beside one whose name may be taken for it.
fn called_alike(
    alike: &[&FoundGroup],
    wanted: &str,
    expected: String,
    add: &str,
    profile: &str,
) -> Judgement {
    let names = alike
        .iter()
        .map(|group| look_alike::shown(&group.profile.name));
    let names = names.collect::<Vec<_>>().join(" and ");
    let actual = format!("the org has none of that name, and has {names}, which looks like it");
    let calls = alike
        .iter()
        .map(|group| format!("PUT /api/v1/groups/{} {profile}", group.id));
    let fix = Fix::new(
        format!(
            "Directory > Groups > {names} > Edit: name it `{wanted}`, or change the name in the \
             model; if it is another group: {add}"
        ),
        calls.collect::<Vec<_>>().join(", or "),
    );
    let names = alike.iter().map(|group| group.profile.name.as_str());
    Judgement::not_met(Code::GroupMissing, expected, actual, fix)
        .resting_on(rests_on::GROUPS, names)
}

fn group_exists(group: &Group) -> Trial {
    let (wanted, member) = (group.name.clone(), group.name.clone());
    Trial::new(
        Step::Groups,
        "the_group_exists",
        see::GROUPS,
        [Need::Groups],
        move |context| {
            if context.seen.org.group(&wanted)?.is_some() {
                return Ok(Judgement::met());
            }
            if let Some(hidden) = context.hidden_group(&wanted) {
                return Err(hidden);
            }
            Ok(missing(context, &wanted))
        },
    )
    .about(Subject::group(&group.name))
    .explains_of(Topic::Group(group.name.clone()), move |seen, symptom| {
        let denied = symptom.is_denial(&[Denial::Policy, Denial::NotAssigned, Denial::Unknown]);
        symptom.is_missing(&context::group(&member))
            || (denied && seen.is_about_member(symptom, &member))
    })
}
