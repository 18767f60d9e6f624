//! Which found rules are compared, and what counts as out of order.

use std::collections::BTreeSet;

use rstest::rstest;

use super::*;

/// A rule for these groups, of these scopes and grant types, each a list of words; `*` is all.
fn rule(groups: &str, scopes: &str, grant_types: &str) -> AccessRule {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    let allowed = |text: &str| match text {
        "*" => Allowed::All,
        names => Allowed::Only(words(names)),
    };
    AccessRule {
        name: groups.to_owned(),
        is_active: true,
        groups: allowed(groups),
        excluded_groups: BTreeSet::new(),
        users: BTreeSet::new(),
        excluded_users: BTreeSet::new(),
        grant_types: words(grant_types),
        scopes: allowed(scopes),
        access_token_lifetime_minutes: 60,
    }
}

/// The model: gold before silver.
fn wanted() -> [AccessRule; 2] {
    [
        rule("gold", "openid s g", "code implicit"),
        rule("silver", "openid s", "code implicit"),
    ]
}

fn kept(found: &[AccessRule]) -> Option<bool> {
    let wanted = wanted();
    let wanted: Vec<&AccessRule> = wanted.iter().collect();
    is_kept(&places(&wanted, found.iter()))
}

#[rstest]
#[case::as_wanted("gold", "openid s g", "silver", "openid s", Some(true))]
#[case::the_other_way("silver", "openid s", "gold", "openid s g", Some(false))]
#[case::for_everybody("gold", "openid s g", "*", "openid s", Some(true))]
#[case::for_everybody_first("*", "openid s", "gold", "openid s g", Some(false))]
#[case::without_a_scope("gold", "openid g", "silver", "openid s", Some(true))]
#[case::without_a_scope_the_other_way("silver", "openid s", "gold", "openid g", Some(false))]
#[case::of_both_groups("gold", "openid s g", "gold silver", "openid s", Some(true))]
#[case::twice_the_same("gold", "openid s g", "gold", "openid s g", None)]
#[case::of_other_scopes("silver", "openid x", "gold", "openid s g", None)]
#[case::of_openid_alone("silver", "openid", "gold", "openid s g", None)]
#[case::of_more_scopes_for_everybody("silver", "openid s", "*", "openid s x", None)]
#[case::openid_for_everybody("*", "openid", "gold", "openid s g", None)]
fn two_rules_are_compared(
    #[case] first: &str,
    #[case] of_first: &str,
    #[case] second: &str,
    #[case] of_second: &str,
    #[case] expected: Option<bool>,
) {
    let first = rule(first, of_first, "code implicit");
    let second = rule(second, of_second, "code");
    assert_eq!(kept(&[first, second]), expected);
}

#[test]
fn rules_of_different_grant_types_are_in_any_order() {
    let [gold, silver] = wanted();
    let by = |rule: &AccessRule, grant: &str| AccessRule {
        grant_types: [grant.to_owned()].into(),
        ..rule.clone()
    };
    assert_eq!(kept(&[by(&silver, "code"), by(&gold, "implicit")]), None);
    let split = [
        by(&gold, "code"),
        by(&silver, "code"),
        by(&gold, "implicit"),
    ];
    assert_eq!(kept(&split), Some(true));
    let late = [
        by(&gold, "code"),
        by(&silver, "implicit"),
        by(&gold, "implicit"),
    ];
    assert_eq!(kept(&late), Some(false));
}

#[test]
fn one_pair_out_of_order_is_enough() {
    let [gold, silver] = wanted();
    assert_eq!(kept(&[gold.clone(), silver, gold]), Some(false));
}

/// Of rules that give the same, the one for the same group; of those that are equally like it, the
/// first.
#[test]
fn a_rule_is_the_one_that_it_is_most_like() {
    let of_two = [rule("a", "s", "code"), rule("b", "s", "code")];
    let [first, second] = &of_two;
    let swapped = [second.clone(), first.clone()];
    assert_eq!(
        is_kept(&places(&[first, second], swapped.iter())),
        Some(false)
    );
    let alike = [rule("a", "s x", "code"), rule("a", "s y", "code")];
    let [first, second] = &alike;
    let found = [rule("a", "s", "code"), second.clone()];
    assert_eq!(is_kept(&places(&[first, second], found.iter())), Some(true));
}

#[test]
fn one_rule_or_none_has_no_order() {
    let [gold, _] = wanted();
    assert_eq!(kept(&[]), None);
    assert_eq!(kept(&[gold]), None);
}
