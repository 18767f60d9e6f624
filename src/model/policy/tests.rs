//! What each part of a rule, a policy and a question decides, one by one.

use rstest::rstest;

use super::*;

const CLIENT: &str = "client";
const CODE: &str = "authorization_code";

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

/// A policy that gives members of one group one scope, and who asks for it.
struct Case {
    policies: Vec<AccessPolicy>,
    person: Person,
    scopes: BTreeSet<String>,
    grant_type: &'static str,
    openid: OpenIdConnectScopes,
}

impl Case {
    fn granted() -> Self {
        let rule = AccessRule {
            name: "first".to_owned(),
            is_active: true,
            groups: Allowed::only(["readers"]),
            excluded_groups: BTreeSet::new(),
            users: BTreeSet::new(),
            excluded_users: BTreeSet::new(),
            grant_types: set([CODE]),
            scopes: Allowed::only(["openid", "read"]),
            access_token_lifetime_minutes: 60,
        };
        let policy = AccessPolicy {
            name: "policy".to_owned(),
            is_active: true,
            clients: Allowed::only([CLIENT]),
            rules: vec![rule],
        };
        Self {
            policies: vec![policy],
            person: Person {
                login: Some("ada".to_owned()),
                groups: set(["readers"]),
            },
            scopes: set(["openid", "read"]),
            grant_type: CODE,
            openid: OpenIdConnectScopes::MustBeInRule,
        }
    }

    fn policy(&mut self) -> &mut AccessPolicy {
        &mut self.policies[0]
    }

    fn rule(&mut self) -> &mut AccessRule {
        &mut self.policies[0].rules[0]
    }

    /// Another rule before the first, with another lifetime.
    fn with_rule_before(&mut self, change: fn(&mut AccessRule)) {
        let mut rule = self.rule().clone();
        rule.access_token_lifetime_minutes = 5;
        change(&mut rule);
        self.policy().rules.insert(0, rule);
    }

    /// The lifetime of the rule that gives it.
    fn minutes(&self) -> Option<u32> {
        let (person, scopes) = (&self.person, &self.scopes);
        let policies = &self.policies;
        match decide(
            policies,
            CLIENT,
            person,
            scopes,
            self.grant_type,
            self.openid,
        ) {
            Decision::Granted(_, rule) => Some(rule.access_token_lifetime_minutes),
            Decision::Denied => None,
        }
    }
}

#[rstest]
#[case::as_it_is(|_: &mut Case| {}, true)]
#[case::policy_inactive(|case: &mut Case| case.policy().is_active = false, false)]
#[case::rule_inactive(|case: &mut Case| case.rule().is_active = false, false)]
#[case::another_client(|case: &mut Case| case.policy().clients = Allowed::only(["other"]), false)]
#[case::all_clients(|case: &mut Case| case.policy().clients = Allowed::All, true)]
#[case::no_group(|case: &mut Case| case.person.groups.clear(), false)]
#[case::more_groups(|case: &mut Case| case.person.groups = set(["other", "readers"]), true)]
#[case::everybody(
    |case: &mut Case| { case.person.groups.clear(); case.rule().groups = Allowed::All; }, true)]
#[case::named(
    |case: &mut Case| { case.person.groups.clear(); case.rule().users = set(["ada"]); }, true)]
#[case::another_named(
    |case: &mut Case| { case.person.groups.clear(); case.rule().users = set(["bob"]); }, false)]
#[case::nobody_known_named(
    |case: &mut Case| { case.person = Person::default(); case.rule().users = set(["ada"]); },
    false)]
#[case::group_excluded(
    |case: &mut Case| case.rule().excluded_groups = set(["readers"]), false)]
#[case::another_group_excluded(
    |case: &mut Case| case.rule().excluded_groups = set(["other"]), true)]
#[case::user_excluded(|case: &mut Case| case.rule().excluded_users = set(["ada"]), false)]
#[case::another_user_excluded(
    |case: &mut Case| case.rule().excluded_users = set(["bob"]), true)]
#[case::named_and_excluded(
    |case: &mut Case| {
        case.rule().users = set(["ada"]);
        case.rule().excluded_users = set(["ada"]);
    },
    false)]
#[case::everybody_but_excluded(
    |case: &mut Case| {
        case.rule().groups = Allowed::All;
        case.rule().excluded_groups = set(["readers"]);
    },
    false)]
#[case::another_grant(|case: &mut Case| case.grant_type = "implicit", false)]
#[case::fewer_scopes(|case: &mut Case| case.scopes = set(["read"]), true)]
#[case::one_scope_more(|case: &mut Case| case.scopes = set(["read", "write"]), false)]
#[case::every_scope(
    |case: &mut Case| { case.scopes = set(["write"]); case.rule().scopes = Allowed::All; }, true)]
#[case::without_openid(
    |case: &mut Case| case.rule().scopes = Allowed::only(["read"]), false)]
#[case::openid_always_covered(
    |case: &mut Case| {
        case.rule().scopes = Allowed::only(["read"]);
        case.openid = OpenIdConnectScopes::AlwaysCovered;
    },
    true)]
#[case::custom_scope_never_implied(
    |case: &mut Case| {
        case.rule().scopes = Allowed::only(["openid"]);
        case.openid = OpenIdConnectScopes::AlwaysCovered;
    },
    false)]
fn each_part_decides(#[case] change: fn(&mut Case), #[case] is_granted: bool) {
    let mut case = Case::granted();
    change(&mut case);
    assert_eq!(case.minutes(), is_granted.then_some(60));
}

#[rstest]
#[case::that_matches(|_: &mut AccessRule| {}, 5)]
#[case::that_is_inactive(|rule: &mut AccessRule| rule.is_active = false, 60)]
#[case::for_others(|rule: &mut AccessRule| rule.groups = Allowed::only(["other"]), 60)]
#[case::of_fewer_scopes(|rule: &mut AccessRule| rule.scopes = Allowed::only(["read"]), 60)]
fn the_first_rule_that_matches_decides(#[case] change: fn(&mut AccessRule), #[case] minutes: u32) {
    let mut case = Case::granted();
    case.with_rule_before(change);
    assert_eq!(case.minutes(), Some(minutes));
}

/// A policy that applies and gives nothing leaves the next to decide, and scopes of two rules never
/// add up.
#[test]
fn later_policies_are_asked_and_rules_never_add_up() {
    let mut case = Case::granted();
    let mut before = case.policy().clone();
    before.rules[0].scopes = Allowed::only(["openid", "write"]);
    case.policies.insert(0, before);
    assert_eq!(case.minutes(), Some(60));
    case.scopes = set(["read", "write"]);
    assert_eq!(case.minutes(), None);
}

#[test]
fn the_rules_that_speak_of_a_person_decide_as_all_do() {
    let mut case = Case::granted();
    case.with_rule_before(|rule| rule.groups = Allowed::only(["other"]));
    let speaking = AccessPolicy::speaking_of(&case.policies, &case.person);
    assert_eq!(speaking[0].rules, case.policies[0].rules[1..]);
    assert_eq!(speaking[0].name, case.policies[0].name);
    assert_eq!(speaking[0].clients, case.policies[0].clients);
    assert!(speaking[0].is_active);
}
