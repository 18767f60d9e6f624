//! Which conditions of a rule decide, one by one.

use std::collections::BTreeSet;

use rstest::rstest;

use super::*;
use crate::model::OrgModel;

const MODEL: &str = include_str!("../../../fixtures/org.toml");
const SILVER: &str = "silverSubscribers";

/// The model's rule for silver, for this group.
fn wanted(group: &str) -> Rule {
    let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
    let mut rule = model.policy.rules.into_iter().next().expect("a rule");
    rule.groups.truncate(1);
    *rule.groups[0].as_mut() = group.to_owned();
    rule
}

/// The rule as the org has it where all is right.
fn found() -> AccessRule {
    let wanted = wanted(SILVER);
    AccessRule {
        name: wanted.name.clone(),
        is_active: true,
        groups: Allowed::only([SILVER]),
        excluded_groups: BTreeSet::new(),
        users: BTreeSet::new(),
        excluded_users: BTreeSet::new(),
        grant_types: wanted.grant_types.clone(),
        scopes: Allowed::only(wanted.scope_names()),
        access_token_lifetime_minutes: 60,
    }
}

fn somebody() -> BTreeSet<String> {
    BTreeSet::from(["ann@example.com".to_owned()])
}

#[rstest]
#[case::the_same(SILVER, |_: &mut AccessRule| (), false)]
#[case::nobody(SILVER, |rule: &mut AccessRule| rule.groups = Allowed::only([]), false)]
#[case::a_group_more(SILVER, |rule: &mut AccessRule| rule.groups = Allowed::only([SILVER, "staff"]), true)]
#[case::everyone(SILVER, |rule: &mut AccessRule| rule.groups = Allowed::All, true)]
#[case::a_user_more(SILVER, |rule: &mut AccessRule| rule.users = somebody(), true)]
#[case::nobody_is_more_than_everyone(EVERYONE, |rule: &mut AccessRule| rule.groups = Allowed::All, false)]
#[case::no_user_is_more_than_everyone(EVERYONE, |rule: &mut AccessRule| rule.users = somebody(), false)]
fn a_rule_is_for_more_than_it_should_be(
    #[case] group: &str,
    #[case] change: fn(&mut AccessRule),
    #[case] is_for_more: bool,
) {
    let mut rule = found();
    change(&mut rule);
    assert_eq!(super::is_for_more(&wanted(group), &rule), is_for_more);
}

#[rstest]
#[case::nothing(|_: &mut AccessRule| (), &[])]
#[case::the_group(|rule: &mut AccessRule| rule.groups = Allowed::only(["staff"]), &[Condition::People])]
#[case::not_everyone(|rule: &mut AccessRule| rule.groups = Allowed::All, &[])]
#[case::but_for_a_group(|rule: &mut AccessRule| rule.excluded_groups = somebody(), &[Condition::People])]
#[case::but_for_a_user(|rule: &mut AccessRule| rule.excluded_users = somebody(), &[Condition::People])]
#[case::a_grant_type(|rule: &mut AccessRule| rule.grant_types.clear(), &[Condition::GrantTypes])]
#[case::a_scope(|rule: &mut AccessRule| rule.scopes = Allowed::only(["openid"]), &[Condition::Scopes])]
#[case::openid(
    |rule: &mut AccessRule| rule.scopes = Allowed::only(["http://myapp.com/scp/silver"]),
    &[Condition::Scopes]
)]
#[case::no_scope(|rule: &mut AccessRule| rule.scopes = Allowed::All, &[])]
fn a_rule_gives_a_group_less(#[case] change: fn(&mut AccessRule), #[case] lacking: &[Condition]) {
    let mut rule = found();
    change(&mut rule);
    let lacks = super::lacking(&wanted(SILVER), SILVER, &rule).into_iter();
    let lacks: Vec<Condition> = lacks.filter(|(_, lacks)| *lacks).map(|own| own.0).collect();
    assert_eq!(lacks, lacking);
}
