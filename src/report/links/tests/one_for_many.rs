//! One finding that much follows from: a group that assigns, exchanged names, the id of a client.

use rstest::rstest;
use serde_json::json;

use super::{RULE, another_group, finding, open_rule, places};
use crate::requirements::{Step, Subject};

#[rstest]
#[case::by_that_group("GROUP", &["silverSubscribers"], vec![vec![0, 1]])]
#[case::by_another_group_too("GROUP", &["silverSubscribers", "staff"], vec![vec![0], vec![1]])]
#[case::by_name("USER", &["silverSubscribers"], vec![vec![0], vec![1]])]
#[case::by_no_group_that_is_known("GROUP", &[], vec![vec![0], vec![1]])]
fn who_is_in_a_group_of_the_client_is_assigned_by_it(
    #[case] way: &str,
    #[case] through: &[&str],
    #[case] wanted: Vec<Vec<usize>>,
) {
    let rests_on = [
        ("rests on groups", json!(through)),
        ("rests on an assignment", json!([way])),
    ];
    let subject = Subject::user("UNASSIGNED");
    let assigned = finding(Step::Assignment, "user-assigned", subject, &rests_on);
    let findings = [another_group("UNASSIGNED", "silverSubscribers"), assigned];
    assert_eq!(places(&findings), wanted);
}

#[rstest]
#[case::the_same("gold and silver", vec![vec![0, 1, 2]])]
#[case::others("gold and bronze", vec![vec![0, 2], vec![1]])]
fn what_follows_from_exchanged_names_is_one_cause(
    #[case] names: &str,
    #[case] wanted: Vec<Vec<usize>>,
) {
    let rests_on = |names: &str| [("rests on exchanged names", json!([names]))];
    let not_in = finding(
        Step::Users,
        "user-not-in-its-group",
        Subject::user("SILVER"),
        &rests_on("gold and silver"),
    );
    let mut given = open_rule(RULE);
    given
        .observed
        .keep("rests on exchanged names", json!([names]));
    let not_given = finding(
        Step::AccessPolicy,
        "scopes-not-given",
        Subject::group("silver"),
        &rests_on("gold and silver"),
    );
    assert_eq!(places(&[not_in, given, not_given]), wanted);
}

#[rstest]
#[case::named(&["0oa1"], vec![vec![0, 1]])]
#[case::not_named(&[], vec![vec![0], vec![1]])]
fn what_another_client_lacks_follows_from_its_id(
    #[case] meant: &[&str],
    #[case] wanted: Vec<Vec<usize>>,
) {
    let rests_on = [("rests on another client", json!(meant))];
    let subject = Subject::default();
    let policy = finding(
        Step::AccessPolicy,
        "policy-for-other-clients",
        subject,
        &rests_on,
    );
    let subject = Subject::default();
    let redirect = finding(Step::RedirectUri, "redirect-uri-missing", subject, &[]);
    assert_eq!(places(&[policy, redirect]), wanted);
}
