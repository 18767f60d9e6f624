//! One mistake is one cause; two are two, whatever follows from either.

mod one_for_many;

use rstest::rstest;
use serde_json::{Value, json};

use crate::report::{RecordedOutcome, RecordedResult, causes};
use crate::requirements::{Fix, Observed, Severity, Step, Subject};

const RULE: &str = "rule `gold` of policy `P`";
const OTHER: &str = "rule `gold` of policy `Q`";

/// A finding: its step, its code, whom and what it is about, and what it rests on.
fn finding(step: Step, code: &str, subject: Subject, rests_on: &[(&str, Value)]) -> RecordedResult {
    let mut observed = Observed::default();
    observed.keep("finding", code);
    for (name, value) in rests_on {
        observed.keep(name, value.clone());
    }
    RecordedResult {
        name: format!("{}::{code}[{}]", step.module(), subject.label()),
        id: code.to_owned(),
        step,
        subject: Some(subject),
        title: code.to_owned(),
        severity: Severity::Required,
        outcome: RecordedOutcome::NotMet,
        cause: None,
        reason: None,
        blocked_by: None,
        expected: None,
        actual: None,
        fix: Some(Fix::new(format!("fix {code}"), "")),
        see: None,
        observed,
        evidence: Vec::new(),
        seconds: 0.0,
    }
}

fn open_rule(rule: &str) -> RecordedResult {
    let subject = Subject::scope("http://myapp.com/scp/gold", "gold");
    let rests_on = [("rests on rules", json!([rule]))];
    let mut finding = finding(
        Step::AccessPolicy,
        "scope-given-to-others",
        subject,
        &rests_on,
    );
    finding.fix = Some(Fix::new(format!("{rule} > Edit"), ""));
    finding
}

fn tokens(user: &str, rests_on: &[(&str, Value)]) -> RecordedResult {
    finding(
        Step::Authorize,
        "tokens-given",
        asking(user, "gold"),
        rests_on,
    )
}

fn asking(user: &str, request: &str) -> Subject {
    let mut subject = Subject::user(user);
    subject.request = Some(request.to_owned());
    subject.flow = Some("implicit".to_owned());
    subject
}

fn by_rule(rule: &str) -> Vec<(&'static str, Value)> {
    vec![("rests on rules", json!([rule]))]
}

fn in_group(group: &str) -> Vec<(&'static str, Value)> {
    vec![("rests on groups", json!([group]))]
}

fn another_group(user: &str, group: &str) -> RecordedResult {
    let subject = Subject::user(user);
    finding(
        Step::Users,
        "user-in-another-group",
        subject,
        &in_group(group),
    )
}

fn missing_group(looks_like: &[&str]) -> RecordedResult {
    let subject = Subject::group("silverSubscribers");
    let groups = [("rests on groups", json!(looks_like))];
    finding(Step::Groups, "group-missing", subject, &groups)
}

/// The causes, each by the places of its findings.
fn places(findings: &[RecordedResult]) -> Vec<Vec<usize>> {
    let place = |result: &&RecordedResult| {
        let mut all = findings.iter();
        all.position(|own| std::ptr::eq(own, *result))
            .expect("a place")
    };
    let causes = causes(findings).into_iter();
    causes
        .map(|cause| cause.iter().map(place).collect())
        .collect()
}

#[rstest]
#[case::alone(&["staff"], &["members of `staff`"], vec![vec![0, 1, 2]])]
#[case::to_others_too(&["staff"], &["members of `staff`", "everyone"], vec![vec![0, 2], vec![1]])]
#[case::to_another(&["staff"], &["members of `other`"], vec![vec![0, 2], vec![1]])]
#[case::of_no_known_name(&[], &["members of `staff`"], vec![vec![0], vec![1], vec![2]])]
fn what_a_group_of_another_name_is_given_follows_from_its_name(
    #[case] looks_like: &[&str],
    #[case] given_to: &[&str],
    #[case] wanted: Vec<Vec<usize>>,
) {
    let mut given = open_rule(RULE);
    given.observed.keep("rests on receivers", json!(given_to));
    let assigned = finding(
        Step::Assignment,
        "other-group-assigned",
        Subject::default(),
        &in_group("staff"),
    );
    assert_eq!(
        places(&[missing_group(looks_like), given, assigned]),
        wanted
    );
}

#[rstest]
#[case::the_same("GOLD", vec![vec![0, 1, 2]])]
#[case::another("SILVER", vec![vec![0], vec![1, 2]])]
fn a_user_in_another_group_instead_is_one_cause(
    #[case] user: &str,
    #[case] wanted: Vec<Vec<usize>>,
) {
    let not_in = finding(
        Step::Users,
        "user-not-in-its-group",
        Subject::user("GOLD"),
        &in_group("goldSubscribers"),
    );
    let findings = [
        not_in,
        another_group(user, "silverSubscribers"),
        tokens(user, &in_group("silverSubscribers")),
    ];
    assert_eq!(places(&findings), wanted);
}

#[test]
fn what_a_rule_gives_follows_from_the_rule() {
    let findings = [
        open_rule(RULE),
        tokens("SILVER", &by_rule(RULE)),
        tokens("NONE", &by_rule(RULE)),
    ];
    assert_eq!(places(&findings), [vec![0, 1, 2]]);
}

#[rstest]
#[case::by_another_rule(by_rule(OTHER))]
#[case::by_no_rule_that_the_audit_knows(Vec::new())]
fn a_breach_that_no_finding_explains_is_a_cause(#[case] rests_on: Vec<(&'static str, Value)>) {
    let findings = [
        open_rule(RULE),
        tokens("SILVER", &by_rule(RULE)),
        tokens("NONE", &rests_on),
    ];
    assert_eq!(places(&findings), [vec![0, 1], vec![2]]);
}

#[test]
fn an_unexplained_breach_is_no_part_of_a_cause_that_the_same_fix_names() {
    let findings = [
        open_rule(RULE),
        tokens("NONE", &[]),
        tokens("SILVER", &by_rule(RULE)),
    ];
    assert_eq!(places(&findings), [vec![0, 2], vec![1]]);
}

#[test]
fn without_an_audit_what_is_seen_is_the_cause() {
    let findings = [tokens("SILVER", &[]), tokens("NONE", &[])];
    assert_eq!(places(&findings), [vec![0, 1]]);
}

#[test]
fn two_rules_are_two_causes_and_each_has_its_own_followers() {
    let findings = [
        open_rule(RULE),
        open_rule(OTHER),
        tokens("SILVER", &by_rule(OTHER)),
        tokens("NONE", &by_rule(RULE)),
    ];
    assert_eq!(places(&findings), [vec![0, 3], vec![1, 2]]);
}

#[test]
fn a_weakness_of_the_api_is_a_cause_beside_the_rule() {
    let opened = finding(
        Step::Access,
        "access-given",
        asking("SILVER", "silver"),
        &[],
    );
    let findings = [open_rule(RULE), tokens("SILVER", &by_rule(RULE)), opened];
    assert_eq!(places(&findings), [vec![0, 1], vec![2]]);
}

#[test]
fn what_two_mistakes_give_follows_from_the_first_and_hides_neither() {
    let mut rests_on = by_rule(RULE);
    rests_on.extend(in_group("goldSubscribers"));
    let findings = [
        another_group("SILVER", "goldSubscribers"),
        open_rule(RULE),
        tokens("SILVER", &rests_on),
    ];
    assert_eq!(places(&findings), [vec![0, 2], vec![1]]);
}

#[rstest]
#[case::of_another_user("GOLD", &["goldSubscribers"], [vec![0], vec![1]])]
#[case::of_another_group("SILVER", &["staff"], [vec![0], vec![1]])]
#[case::of_a_group_beside_it("SILVER", &["goldSubscribers", "staff"], [vec![0], vec![1]])]
fn only_all_of_what_it_rests_on_explains_a_finding(
    #[case] user: &str,
    #[case] groups: &[&str],
    #[case] wanted: [Vec<usize>; 2],
) {
    let findings = [
        another_group("SILVER", "goldSubscribers"),
        tokens(user, &[("rests on groups", json!(groups))]),
    ];
    assert_eq!(places(&findings), wanted);
}

/// A token that holds too much opens the API by right; one that does not is let in by the API.
#[rstest]
#[case::held(&["gold"], vec![vec![0, 1]])]
#[case::not_held(&[], vec![vec![0], vec![1]])]
fn the_api_is_wrong_to_let_in_a_token_without_the_scope(
    #[case] held: &[&str],
    #[case] wanted: Vec<Vec<usize>>,
) {
    let of = || asking("SILVER", "silver");
    let findings = [
        finding(Step::Authorize, "access-token-scopes", of(), &[]),
        finding(
            Step::Access,
            "access-given",
            of(),
            &[("rests on scopes", json!(held))],
        ),
    ];
    assert_eq!(places(&findings), wanted);
}

#[rstest]
#[case::as_the_rule_says("300 s by rule `silver` of policy `P`", vec![vec![0, 1]])]
#[case::otherwise("7200 s by rule `silver` of policy `P`", vec![vec![0], vec![1]])]
fn a_lifetime_follows_from_its_rule_where_it_is_the_rules(
    #[case] seen: &str,
    #[case] wanted: Vec<Vec<usize>>,
) {
    let of_rule = [(
        "rests on lifetimes",
        json!(["300 s by rule `silver` of policy `P`"]),
    )];
    let seen = [("rests on lifetimes", json!(seen))];
    let findings = [
        finding(
            Step::AccessPolicy,
            "rule-lifetime-other",
            Subject::rule("silver"),
            &of_rule,
        ),
        finding(
            Step::Authorize,
            "access-token-lifetime",
            asking("SILVER", "silver"),
            &seen,
        ),
    ];
    assert_eq!(places(&findings), wanted);
}

#[rstest]
#[case::of_a_condition("conditions.scopes.include of rule `gold` of policy `P`", vec![vec![0, 1]])]
#[case::of_a_hook(
    "actions.token.inlineHook.id of rule `gold` of policy `P`",
    vec![vec![0], vec![1]]
)]
#[case::of_another_rule(
    "conditions.scopes.include of rule `x` of policy `P`",
    vec![vec![0], vec![1]]
)]
fn drift_is_no_cause_where_a_finding_is_about_all_of_it(
    #[case] setting: &str,
    #[case] wanted: Vec<Vec<usize>>,
) {
    let settings = [("rests on settings", json!([setting]))];
    let mut drift = finding(
        Step::AccessPolicy,
        "policy-drift",
        Subject::default(),
        &settings,
    );
    drift.severity = Severity::Advised;
    assert_eq!(places(&[open_rule(RULE), drift]), wanted);
}

/// What is merely advised may explain what is required: the first shown is what fails the run.
#[test]
fn the_first_finding_of_a_cause_weighs_most() {
    let user = Subject::user("UNASSIGNED");
    let mut everyone = finding(
        Step::Assignment,
        "everyone-assigned",
        Subject::default(),
        &[],
    );
    everyone.severity = Severity::Advised;
    let by_group = [("rests on an assignment", json!(["GROUP"]))];
    let findings = [
        finding(Step::Assignment, "user-assigned", user, &by_group),
        everyone,
    ];
    assert_eq!(places(&findings), [vec![0, 1]]);
}

#[test]
fn a_code_of_another_version_explains_and_follows_nothing() {
    let mut unknown = tokens("SILVER", &by_rule(RULE));
    unknown.observed.keep("finding", "tokens-given of-tomorrow");
    assert_eq!(places(&[open_rule(RULE), unknown]), [vec![0], vec![1]]);
}

#[test]
fn what_explains_each_other_has_one_first() {
    let exchanged = [("rests on exchanged credentials", json!(["GOLD and SILVER"]))];
    let findings = [
        finding(
            Step::Users,
            "user-not-in-its-group",
            Subject::user("SILVER"),
            &exchanged,
        ),
        finding(
            Step::Users,
            "user-in-another-group",
            Subject::user("GOLD"),
            &exchanged,
        ),
        tokens("SILVER", &exchanged),
    ];
    assert_eq!(places(&findings), [vec![0, 1, 2]]);
}

#[test]
fn what_the_model_accepts_explains_nothing() {
    let mut accepted = open_rule(RULE);
    accepted.observed.keep("accepted", "until 2999-12-31");
    let findings = [accepted, tokens("SILVER", &by_rule(RULE))];
    assert_eq!(places(&findings), [vec![1], vec![0]]);
}

/// What a cause and a follower must share, for links that no broken org needs to be one cause.
#[rstest]
#[case::how_a_client_without_secret_authenticates(
    (Step::Client, "client-type-other", Subject::default(), "", json!([])),
    (Step::Client, "client-authentication-other", Subject::default(), "", json!([])),
    true
)]
#[case::one_redirect_uri_for_another(
    (Step::RedirectUri, "redirect-uri-missing", Subject::default(), "", json!([])),
    (Step::RedirectUri, "redirect-uri-extra", Subject::default(), "finding_about", json!(["a"])),
    true
)]
#[case::two_more_redirect_uris(
    (Step::RedirectUri, "redirect-uri-missing", Subject::default(), "", json!([])),
    (Step::RedirectUri, "redirect-uri-extra", Subject::default(), "finding_about",
     json!(["a", "b"])),
    false
)]
#[case::tokens_for_a_user_who_is_assigned(
    (Step::Assignment, "user-assigned", Subject::user("UNASSIGNED"), "", json!([])),
    (Step::Authorize, "tokens-given", asking("UNASSIGNED", "silver"), "", json!([])),
    true
)]
#[case::a_code_for_another_user(
    (Step::Assignment, "user-assigned", Subject::user("UNASSIGNED"), "", json!([])),
    (Step::Authorize, "code-given", asking("NONE", "silver"), "", json!([])),
    false
)]
#[case::a_subject_by_an_edited_claim(
    (Step::AuthorizationServer, "server-drift", Subject::default(), "rests on settings",
     json!(["claims.sub"])),
    (Step::Authorize, "access-token-subject", Subject::user("GOLD"), "", json!([])),
    true
)]
#[case::a_subject_beside_another_claim(
    (Step::AuthorizationServer, "server-drift", Subject::default(), "rests on settings",
     json!(["claims.cost"])),
    (Step::Authorize, "access-token-subject", Subject::user("GOLD"), "", json!([])),
    false
)]
#[case::a_subject_by_what_the_assignment_calls_the_user(
    (Step::Assignment, "assignment-drift", Subject::user("GOLD"), "rests on settings",
     json!(["users.GOLD.credentials.userName"])),
    (Step::Authorize, "access-token-subject", Subject::user("GOLD"), "", json!([])),
    true
)]
#[case::the_subject_of_another_user(
    (Step::Assignment, "assignment-drift", Subject::user("GOLD"), "rests on settings",
     json!(["users.GOLD.credentials.userName"])),
    (Step::Authorize, "access-token-subject", Subject::user("SILVER"), "", json!([])),
    false
)]
#[case::an_org_that_gives_more_than_its_rules(
    (Step::Authorize, "tokens-given", asking("SILVER", "gold"), "", json!([])),
    (Step::Authorize, "org-unlike-audit", Subject::user("SILVER"), "", json!([])),
    true
)]
#[case::an_org_unlike_its_audit_for_another_user(
    (Step::Authorize, "tokens-given", asking("SILVER", "gold"), "", json!([])),
    (Step::Authorize, "org-unlike-audit", Subject::user("GOLD"), "", json!([])),
    false
)]
#[case::a_challenge_of_an_endpoint_that_refuses_tokens(
    (Step::Access, "token-refused", Subject::endpoint("/moons"), "", json!([])),
    (Step::Access, "challenge-missing", Subject::endpoint("/moons"), "", json!([])),
    true
)]
#[case::a_challenge_of_another_endpoint(
    (Step::Access, "token-refused", Subject::endpoint("/moons"), "", json!([])),
    (Step::Access, "challenge-missing", Subject::endpoint("/planets"), "", json!([])),
    false
)]
fn a_link_joins_what_shares_it_and_nothing_else(
    #[case] cause: (Step, &str, Subject, &str, Value),
    #[case] follower: (Step, &str, Subject, &str, Value),
    #[case] is_one: bool,
) {
    let made = |(step, code, subject, name, value): (Step, &str, Subject, &str, Value)| {
        finding(step, code, subject, &[(name, value)])
    };
    let findings = [made(cause), made(follower)];
    assert_eq!(places(&findings).len() == 1, is_one);
    // Without the links from the one to the other, nothing joins them.
    let findings = [&findings[0], &findings[1]];
    let [cause, follower] = findings.map(super::codes);
    let joins = |link: &&super::Link| {
        let explains = cause.iter().all(|code| link.causes.contains(code));
        explains && link.is_follower(&follower)
    };
    let others = super::table::LINKS.iter().filter(|link| !joins(link));
    assert_eq!(super::explained_by(others, &findings), [None, None]);
    let joining = super::table::LINKS.iter().filter(joins).count();
    assert_eq!(joining, 1, "one link joins {cause:?} and {follower:?}");
}

#[rstest]
#[case::with_a_slash("outsider_slash_behind", "/moons", vec![vec![0, 1]])]
#[case::elsewhere("outsider_slash_behind", "/planets", vec![vec![0], vec![1]])]
#[case::otherwise("outsider_two_slashes", "/moons", vec![vec![0], vec![1]])]
fn a_slash_behind_is_one_cause_whoever_sends_it(
    #[case] case: &str,
    #[case] endpoint: &str,
    #[case] wanted: Vec<Vec<usize>>,
) {
    let open = finding(Step::Access, "slash-open", Subject::endpoint("/moons"), &[]);
    let hostile = Subject::hostile(endpoint, case);
    let hostile = finding(Step::Access, "hostile-let-in", hostile, &[]);
    assert_eq!(places(&[open, hostile]), wanted);
}
