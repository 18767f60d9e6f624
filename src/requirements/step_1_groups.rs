//! Step 1: the groups.

use super::context;
use super::found::Code;
use super::see;
use super::step::Step;
use super::subject::Subject;
use super::topic::Topic;
use super::trial::{Fix, Judgement, Trial};
use crate::model::{Group, OrgModel};
use crate::observation::{Denial, Need};

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    model.groups.iter().map(group_exists).collect()
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
            let fix = Fix::new(
                format!("Directory > Groups > Add group, with the exact name `{wanted}`"),
                format!("POST /api/v1/groups {{\"profile\":{{\"name\":\"{wanted}\"}}}}"),
            );
            let expected = format!("a group named `{wanted}`, to the letter");
            Ok(Judgement::not_met(
                Code::GroupMissing,
                expected,
                "the org has none of that name",
                fix,
            ))
        },
    )
    .about(Subject::group(&group.name))
    .explains_of(Topic::Group(group.name.clone()), move |seen, symptom| {
        let denied = symptom.is_denial(&[Denial::Policy, Denial::NotAssigned, Denial::Unknown]);
        symptom.is_missing(&context::group(&member))
            || (denied && seen.is_about_member(symptom, &member))
    })
}
