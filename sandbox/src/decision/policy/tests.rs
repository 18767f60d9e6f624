use jiff::Timestamp;
use rstest::rstest;

use super::{Question, denied_scopes, first_match, first_partial_match};
use crate::state::org::{AuthorizationServer, Org, Policy, Rule, Status};
use crate::testing::{group, policy, rule, server, table};

const ALL: &str = "ALL_CLIENTS";

fn org() -> Org {
    let mut org = Org::new(Timestamp::now(), "https://org.example.com");
    for (id, members) in [("gold", ["g", "both"]), ("silver", ["s", "both"])] {
        org.groups.insert(id.to_owned(), group(id, &members));
    }
    org
}

fn with(policies: Vec<Policy>) -> AuthorizationServer {
    let mut server = server("aus");
    server.policies = table(
        policies
            .into_iter()
            .map(|policy| (policy.id.clone(), policy)),
    );
    server
}

/// The document's model; the rules stand in the table in the wrong order.
fn model() -> AuthorizationServer {
    let silver = rule(2, "silver", &["openid", "silver"], 2);
    let gold = rule(1, "gold", &["openid", "silver", "gold"], 1);
    with(vec![policy(1, ALL, vec![silver, gold])])
}

struct Case<'a> {
    user: &'a str,
    client: &'a str,
    grants: &'a [&'a str],
    always: bool,
}

const IMPLICIT: Case<'_> = Case {
    user: "s",
    client: "c",
    grants: &["implicit"],
    always: false,
};

/// The priority of the rule that matches.
fn matched(server: &AuthorizationServer, case: &Case<'_>, scopes: &str) -> Option<u32> {
    let scopes: Vec<String> = scopes.split_whitespace().map(str::to_owned).collect();
    first_match(&org(), server, &question(case, &scopes)).map(|rule| rule.priority)
}

fn question<'a>(case: &'a Case<'_>, scopes: &'a [String]) -> Question<'a> {
    Question {
        client_id: case.client,
        user_id: Some(case.user),
        grant_types: case.grants,
        scopes,
        openid_connect_always_granted: case.always,
    }
}

#[rstest]
#[case::silver_gets_openid("s", "openid", Some(2))]
#[case::silver_gets_silver("s", "openid silver", Some(2))]
#[case::silver_gets_no_gold("s", "openid gold", None)]
#[case::silver_gets_no_part("s", "openid silver gold", None)]
#[case::gold_gets_both("g", "openid silver gold", Some(1))]
#[case::a_member_of_both_matches_the_first_rule("both", "openid silver", Some(1))]
#[case::a_stranger_gets_nothing("n", "openid", None)]
fn the_first_rule_that_covers_everything_wins(
    #[case] user: &str,
    #[case] scopes: &str,
    #[case] rule: Option<u32>,
) {
    let case = Case { user, ..IMPLICIT };
    assert_eq!(matched(&model(), &case, scopes), rule);
}

#[test]
fn a_request_falls_through_a_rule_and_a_policy_that_do_not_cover_it() {
    let narrow = policy(1, ALL, vec![rule(1, "silver", &["openid"], 1)]);
    let wide = policy(2, ALL, vec![rule(7, "silver", &["openid", "silver"], 7)]);
    let server = with(vec![wide, narrow]);
    assert_eq!(matched(&server, &IMPLICIT, "openid"), Some(1));
    assert_eq!(matched(&server, &IMPLICIT, "openid silver"), Some(7));
}

#[rstest]
#[case::of_another_client("d", None)]
#[case::of_this_client("c", Some(1))]
fn a_policy_speaks_of_its_clients(#[case] client: &str, #[case] found: Option<u32>) {
    let server = with(vec![policy(1, "c", vec![rule(1, "silver", &["*"], 1)])]);
    let case = Case { client, ..IMPLICIT };
    assert_eq!(matched(&server, &case, "openid silver"), found);
}

#[rstest]
#[case::an_inactive_policy(|policy: &mut Policy, _: &str| policy.status = Status::Inactive)]
#[case::an_inactive_rule(|policy: &mut Policy, rule: &str| policy.rules[rule].status = Status::Inactive)]
#[case::a_rule_without_the_grant(|policy: &mut Policy, rule: &str| {
    policy.rules[rule].conditions.grant_types.shift_remove("implicit");
})]
#[case::a_rule_without_people(|policy: &mut Policy, rule: &str| {
    policy.rules[rule].conditions.groups_include.clear();
})]
#[case::a_rule_that_excludes_the_user(|policy: &mut Policy, rule: &str| {
    policy.rules[rule].conditions.users_exclude.insert("s".to_owned());
})]
#[case::a_rule_that_excludes_a_group_of_the_user(|policy: &mut Policy, rule: &str| {
    policy.rules[rule].conditions.groups_exclude.insert("silver".to_owned());
})]
fn does_not_match(#[case] change: fn(&mut Policy, &str)) {
    let mut broken = policy(1, ALL, vec![rule(1, "silver", &["*"], 1)]);
    assert_eq!(
        matched(&with(vec![broken.clone()]), &IMPLICIT, "openid"),
        Some(1)
    );
    change(&mut broken, "rule-1");
    assert_eq!(matched(&with(vec![broken]), &IMPLICIT, "openid"), None);
}

#[test]
fn a_hybrid_request_needs_both_grants_in_one_rule() {
    let mut both = policy(1, ALL, vec![rule(1, "silver", &["*"], 1)]);
    let hybrid = Case {
        grants: &["authorization_code", "implicit"],
        ..IMPLICIT
    };
    assert_eq!(
        matched(&with(vec![both.clone()]), &hybrid, "openid"),
        Some(1)
    );
    let grants = &mut both.rules["rule-1"].conditions.grant_types;
    grants.shift_remove("authorization_code");
    assert_eq!(matched(&with(vec![both]), &hybrid, "openid"), None);
}

#[rstest]
#[case::everyone("EVERYONE", "n", Some(1))]
#[case::a_user_by_id("", "n", None)]
fn a_rule_can_mean_everyone(#[case] group: &str, #[case] user: &str, #[case] found: Option<u32>) {
    let server = with(vec![policy(1, ALL, vec![rule(1, group, &["*"], 1)])]);
    let case = Case { user, ..IMPLICIT };
    assert_eq!(matched(&server, &case, "openid"), found);
}

#[test]
fn openid_connect_scopes_can_go_without_saying_but_still_need_a_rule() {
    let server = with(vec![policy(
        1,
        ALL,
        vec![rule(1, "silver", &["silver"], 1)],
    )]);
    let always = Case {
        always: true,
        ..IMPLICIT
    };
    assert_eq!(matched(&server, &IMPLICIT, "openid silver"), None);
    assert_eq!(matched(&server, &always, "openid silver"), Some(1));
    let stranger = Case {
        user: "n",
        ..always
    };
    assert_eq!(matched(&server, &stranger, "openid"), None);
}

#[test]
fn the_denied_scopes_are_those_that_no_rule_covers() {
    let scopes = ["openid", "silver", "gold"].map(str::to_owned);
    let asked = question(&IMPLICIT, &scopes);
    assert_eq!(denied_scopes(&org(), &model(), &asked), ["gold"]);
    let partial: Option<u32> =
        first_partial_match(&org(), &model(), &asked).map(|rule: &Rule| rule.priority);
    assert_eq!(partial, Some(2));
}
