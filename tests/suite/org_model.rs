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
#[case::code_only("fixtures/org-code-only.toml")]
#[case::orders("fixtures/org-orders.toml")]
#[case::services_alone("fixtures/org-services.toml")]
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
#[case::user_name(
    "name = \"SILVER\"",
    "name = \"silver\"",
    "line 37: user name \"silver\" must be capital letters"
)]
#[case::words_on_every_page(
    "[client]",
    "[client]\nnot_assigned = [\"no \"]",
    "`not_assigned` must quote what the org says"
)]
#[case::blank_title(
    "title = \"silver and gold subscribers\"",
    "title = \" \"",
    "line 7: `title` is blank"
)]
#[case::blank_audience(
    "audience = \"http://myapp.com\"",
    "audience = \"\"",
    "line 58: `audience` is blank"
)]
#[case::blank_label(
    "label = \"Solar System Explorer\"",
    "label = \"\"",
    "line 96: `label` is blank"
)]
#[case::blank_rule("name = \"gold\"", "name = \"\"", "line 80: `name` is blank")]
#[case::blank_end(
    "audience = \"http://myapp.com\"",
    "audience = \"http://myapp.com \"",
    "line 58: `audience` has a blank at its end"
)]
#[case::line_break(
    "name = \"Solar System\"",
    "name = \"Solar\\nSystem\"",
    "line 56: `name` has a blank at its end, or a line break"
)]
#[case::group_twice(
    "name = \"goldSubscribers\"",
    "name = \"silverSubscribers\"",
    "line 30: the group `silverSubscribers` is defined twice"
)]
#[case::user_twice(
    "name = \"GOLD\"",
    "name = \"SILVER\"",
    "line 41: the user `SILVER` is defined twice"
)]
#[case::rule_twice(
    "name = \"gold\"",
    "name = \"silver\"",
    "line 87: the rule `silver` is defined twice"
)]
#[case::endpoint_twice(
    "path = \"/moons\"",
    "path = \"/planets/\"",
    "line 18: the endpoint `planets` is defined twice"
)]
#[case::path_up(
    "path = \"/moons\"",
    "path = \"/api/../../moons\"",
    "line 18: the path \"/api/../../moons\" would be sent as \"/moons\""
)]
#[case::path_up_encoded(
    "path = \"/moons\"",
    "path = \"/api/%2E%2e/moons\"",
    "line 18: the path \"/api/%2E%2e/moons\" would be sent as \"/moons\""
)]
#[case::path_here(
    "path = \"/moons\"",
    "path = \"/./moons\"",
    "line 18: the path \"/./moons\" would be sent as \"/moons\""
)]
#[case::path_with_backslash(
    "path = \"/moons\"",
    "path = '/a\\moons'",
    "would be sent as \"/a/moons\""
)]
#[case::path_with_blank(
    "path = \"/moons\"",
    "path = \"/the moons\"",
    "would be sent as \"/the%20moons\""
)]
#[case::path_with_control(
    "path = \"/moons\"",
    "path = \"/mo\\tons\"",
    "line 18: the path \"/mo\\tons\" would be sent as \"/moons\""
)]
#[case::path_empty_part(
    "path = \"/moons\"",
    "path = \"//moons\"",
    "line 18: the path \"//moons\" has an empty part"
)]
#[case::path_with_blank_in_query(
    "path = \"/moons\"",
    "path = \"/moons?a=b c\"",
    "line 18: the path \"/moons?a=b c\" would be sent as \"/moons?a=b%20c\""
)]
#[case::path_with_fragment(
    "path = \"/moons\"",
    "path = \"/moons#a\"",
    "must not have a fragment (`#`)"
)]
#[case::path_without_slash(
    "path = \"/moons\"",
    "path = \"moons\"",
    "line 18: the path \"moons\" must start with `/`"
)]
#[case::response_type(
    "response_types = [\"code\"",
    "response_types = [\"codes\"",
    "line 99: response type `codes`"
)]
#[case::origin_with_user(
    "origin = \"http://localhost:8080\"",
    "origin = \"http://u:secret@localhost:8080\"",
    "line 110: `origin` must not hold a user"
)]
#[case::no_audience(
    "audience = \"http://myapp.com\"",
    "",
    "line 55, column 1: missing field `audience`; fixtures/org.toml is a whole model"
)]
#[case::application_type("type = \"web\"", "type = \"service\"", "`web`, `browser`")]
#[case::authentication("\"client_secret_basic\"", "\"basic\"", "`client_secret_basic`")]
#[case::web_without_code(
    "type = \"web\"\ngrant_types = [\"authorization_code\", \"implicit\"]",
    "type = \"web\"\ngrant_types = [\"implicit\"]",
    "Okta refuses a client of the application type `web` without the grant type `authorization_code`"
)]
#[case::native_without_code(
    "type = \"web\"\ngrant_types = [\"authorization_code\", \"implicit\"]",
    "type = \"native\"\ngrant_types = [\"implicit\"]",
    "of the application type `native` without the grant type `authorization_code`"
)]
#[case::no_grant_at_all(
    "type = \"web\"\ngrant_types = [\"authorization_code\", \"implicit\"]",
    "type = \"browser\"\ngrant_types = []",
    "nobody can sign in"
)]
#[case::no_response_type(
    "response_types = [\"code\", \"token\", \"id_token\"]",
    "response_types = [\"token\", \"id_token\"]",
    "the grant type `authorization_code`, so `response_types` needs `code`"
)]
#[case::no_id_token(
    "response_types = [\"code\", \"token\", \"id_token\"]",
    "response_types = [\"code\", \"token\"]",
    "the grant type `implicit`, so `response_types` needs `id_token`"
)]
fn a_malformed_model_is_refused_with_its_place(
    #[case] from: &str,
    #[case] to: &str,
    #[case] says: &str,
) {
    let message = refusal(from, to);
    assert!(message.contains(says), "{message}");
}

#[rstest]
#[case::parsed("http://u:hidden-value@localhost:8080/callback")]
#[case::user_alone("http://hidden-value@localhost:8080/callback")]
#[case::no_url("//hidden-value@localhost:8080/callback")]
fn a_password_in_the_redirect_uri_is_refused_and_not_printed(#[case] redirect_uri: &str) {
    let message = refusal("http://localhost:8080/callback", redirect_uri);
    assert!(message.contains("line 101"), "{message}");
    assert!(!message.contains("hidden-value"), "{message}");
}

#[test]
fn all_that_a_half_model_lacks_is_said_at_once() {
    let whole = text("fixtures/org.toml");
    let half: Vec<&str> = whole.lines().take(60).collect();
    let cases = [
        ("", "line 1: the model has no title, no [[endpoint]]"),
        (
            &half.join("\n"),
            "line 1: the model has no [[scope]], no [policy], no [client];",
        ),
    ];
    for (text, says) in cases {
        let error = OrgModel::parse(Path::new("org.toml"), text).expect_err("half a model");
        let message = error.to_string();
        assert!(message.contains(says), "{message}");
        assert!(
            message.contains("fixtures/org.toml is a whole one"),
            "{message}"
        );
    }
}

#[rstest]
#[case::folder("fixtures", "it is a folder")]
#[case::missing("fixtures/none.toml", "there is no file")]
#[case::no_text("fixtures/latin-1.toml", "line 2: a character is not UTF-8")]
fn a_model_that_is_no_text_file_is_refused(#[case] name: &str, #[case] says: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("fixtures")).expect("a folder");
    let latin_1 = folder.path().join("fixtures/latin-1.toml");
    std::fs::write(latin_1, b"# caf\ntitle = \"caf\xe9\"").expect("a file");
    let error = OrgModel::load(&folder.path().join(name)).expect_err("no model");
    let message = error.to_string();
    assert!(message.contains(says), "{message}");
    assert!(message.contains("OKTA_E2E_ORG_MODEL"), "{message}");
}

#[test]
fn a_model_from_windows_is_the_same_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("org.toml");
    let windows = format!(
        "\u{feff}{}",
        text("fixtures/org.toml").replace('\n', "\r\n")
    );
    std::fs::write(&file, windows).expect("a file");
    OrgModel::load(&file).expect("the model is right");
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
    let requests = model.requests(user, model.main_flow());
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
        .requests(user, model.main_flow())
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
