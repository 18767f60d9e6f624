//! The org model: read with exact errors, and refused when its rules do not give its intent.

use std::path::Path;

use okta_e2e::model::{Access, Expected, OrgModel, ScopeRequest};
use rstest::rstest;

use crate::support::large_model::LargeModel;
use crate::support::world::file;

fn text(model: &str) -> String {
    std::fs::read_to_string(file(model)).expect("the model can be read")
}

/// What is said about the default model after one replacement.
fn refusal(from: &str, to: &str) -> String {
    let text = text("fixtures/org.toml");
    assert!(text.contains(from), "the model has no `{from}`");
    let changed = text.replacen(from, to, 1);
    match OrgModel::parse(Path::new("org.toml"), &changed) {
        Ok(_) => panic!("the model is not refused"),
        Err(error) => error.to_string(),
    }
}

#[rstest]
#[case::default("fixtures/org.toml")]
#[case::planets_only("fixtures/org-planets-only.toml")]
#[case::two_separate_tiers("fixtures/org-two-separate-tiers.toml")]
fn a_shipped_model_gives_its_intent(#[case] model: &str) {
    OrgModel::load(&file(model)).expect("the model is right");
}

#[rstest]
#[case::unknown_key("audience =", "audiences =", "unknown field `audiences`")]
#[case::unknown_key_line("audience =", "audiences =", "line 58")]
#[case::no_toml("[policy]", "[policy", "line 75")]
#[case::unknown_group(
    "open_to = [\"silverSubscribers\"",
    "open_to = [\"silver\"",
    "line 14: no group `silver`"
)]
#[case::unknown_scope(
    "scope = \"http://myapp.com/scp/silver\"",
    "scope = \"silver\"",
    "line 13: no scope `silver`"
)]
#[case::reserved_scope(
    "name = \"http://myapp.com/scp/silver\"",
    "name = \"openid\"",
    "is reserved by Okta"
)]
#[case::short_lifetime(
    "access_token_lifetime_minutes = 60",
    "access_token_lifetime_minutes = 1",
    "5 to 1440"
)]
#[case::grant_type(
    "grant_types = [\"authorization_code\", \"implicit\"]",
    "grant_types = [\"password\"]",
    "grant type `password`"
)]
#[case::user_name("name = \"SILVER\"", "name = \"silver\"", "capital letters")]
fn a_malformed_model_is_refused_with_its_place(
    #[case] from: &str,
    #[case] to: &str,
    #[case] says: &str,
) {
    let message = refusal(from, to);
    assert!(message.contains(says), "{message}");
}

#[rstest]
#[case::too_much_by_scope(
    "scopes = [\"openid\", \"http://myapp.com/scp/silver\"]",
    "scopes = [\"openid\", \"http://myapp.com/scp/silver\", \"http://myapp.com/scp/gold\"]",
    "too much: members of `silverSubscribers` get `gold` by rule `silver`"
)]
#[case::too_much_by_group(
    "groups = [\"silverSubscribers\"]\nscopes",
    "groups = [\"Everyone\"]\nscopes",
    "too much: users in no group get `silver` by rule `silver`"
)]
#[case::too_little_by_scope(
    "scopes = [\"openid\", \"http://myapp.com/scp/silver\", \"http://myapp.com/scp/gold\"]",
    "scopes = [\"openid\", \"http://myapp.com/scp/gold\"]",
    "too little: members of `goldSubscribers` must get `silver`"
)]
#[case::too_little_without_openid(
    "scopes = [\"openid\", \"http://myapp.com/scp/silver\"]",
    "scopes = [\"http://myapp.com/scp/silver\"]",
    "`openid` and `silver`"
)]
#[case::too_little_by_assignment(
    "assigned_groups = [\"silverSubscribers\", \"goldSubscribers\"]",
    "assigned_groups = [\"goldSubscribers\"]",
    "`client.assigned_groups` has none of their groups"
)]
fn a_model_whose_rules_miss_its_intent_is_refused(
    #[case] from: &str,
    #[case] to: &str,
    #[case] says: &str,
) {
    let message = refusal(from, to);
    assert!(message.contains(says), "{message}");
}

/// The table of the default model: silver, gold, none, unassigned × what is asked for.
#[rstest]
#[case::silver("SILVER", ["granted", "granted", "denied", "denied"])]
#[case::gold("GOLD", ["granted", "granted", "granted", "granted"])]
#[case::none("NONE", ["denied"; 4])]
#[case::unassigned("UNASSIGNED", ["not assigned"; 4])]
fn the_default_model_expects(#[case] user: &str, #[case] expected: [&str; 4]) {
    let model = OrgModel::load(&file("fixtures/org.toml")).expect("the model is right");
    let user = model.user(user).expect("a user of the model");
    let requests = model.requests_of(user);
    let names: Vec<String> = requests.iter().map(ScopeRequest::words).collect();
    assert_eq!(names, ["openid alone", "silver", "gold", "silver and gold"]);
    let found: Vec<&str> = requests
        .iter()
        .map(|request| match model.expected(user, request, "implicit") {
            Expected::Granted { .. } => "granted",
            Expected::Denied => "denied",
            Expected::NotAssigned => "not assigned",
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn gold_alone_is_no_key_to_the_planets() {
    let model = OrgModel::load(&file("fixtures/org.toml")).expect("the model is right");
    let gold = ScopeRequest::of(["http://myapp.com/scp/gold"]);
    let access: Vec<Access> = model
        .endpoints
        .iter()
        .map(|endpoint| model.access(&gold, endpoint))
        .collect();
    assert_eq!(access, [Access::Refused, Access::Reads]);
}

/// More than ten groups, scopes and rules, each tier with the scopes of those before it.
const MANY: LargeModel = LargeModel {
    users: 30,
    endpoints: 15,
    tiers: 15,
    nested: true,
};

#[test]
fn a_model_of_many_groups_and_scopes_is_read() {
    OrgModel::parse(Path::new("many.toml"), &MANY.text()).expect("the model is right");
}

#[rstest]
#[case::too_much(
    "groups = [\"group-3\"]\nscopes",
    "groups = [\"group-2\", \"group-3\"]\nscopes",
    "too much: members of `group-2` get `scope-3` by rule `rule-3`"
)]
#[case::too_little(
    "groups = [\"group-7\"]\nscopes = [\"openid\", \"http://large/scp/scope-0\", ",
    "groups = [\"group-7\"]\nscopes = [\"openid\", ",
    "too little: members of `group-7` must get `scope-0`"
)]
fn a_large_model_whose_rules_miss_its_intent_is_refused(
    #[case] from: &str,
    #[case] to: &str,
    #[case] says: &str,
) {
    let text = MANY.text();
    assert!(text.contains(from), "the model has no `{from}`");
    let refused = OrgModel::parse(Path::new("many.toml"), &text.replacen(from, to, 1));
    let message = refused.expect_err("the model is refused").to_string();
    assert!(message.contains(says), "{message}");
}

/// Of more than three scopes: nothing, each alone, what the user's own rules give, that with one
/// more, and all.
#[rstest]
#[case::nested(true, "USER_1", &["scope-0 and scope-1", "scope-0 and scope-1 and scope-2"])]
#[case::separate(false, "USER_1", &["scope-0 and scope-1"])]
#[case::in_no_group(true, "USER_18", &[])]
fn of_many_scopes_the_requests_that_matter_are_made(
    #[case] nested: bool,
    #[case] user: &str,
    #[case] of_rules: &[&str],
) {
    let size = LargeModel {
        users: 20,
        endpoints: 5,
        tiers: 5,
        nested,
    };
    let model = OrgModel::parse(Path::new("five.toml"), &size.text()).expect("the model is right");
    let user = model.user(user).expect("a user of the model");
    let found: Vec<String> = model
        .requests_of(user)
        .iter()
        .map(ScopeRequest::words)
        .collect();
    let alone = (0..5).map(|number| format!("scope-{number}"));
    let all = alone.clone().collect::<Vec<_>>().join(" and ");
    let of_rules = of_rules.iter().map(|words| (*words).to_owned());
    let wanted = std::iter::once("openid alone".to_owned()).chain(alone);
    let wanted: Vec<String> = wanted.chain(of_rules).chain([all]).collect();
    assert_eq!(found, wanted);
}
