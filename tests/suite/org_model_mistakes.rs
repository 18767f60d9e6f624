//! Mistakes in a model file, one by one: each is refused with its line, and with what is allowed
//! there. What would be half understood is one of them: a name twice in a list, an empty list.

use okta_e2e::model::OrgModel;
use rstest::rstest;

use crate::support::world::file;

const MODEL: &str = "fixtures/org-orders.toml";

/// What is said about the orders model after one replacement, and the line of what was replaced.
fn refusal(from: &str, to: &str) -> (String, usize) {
    let text = std::fs::read_to_string(file(MODEL)).expect("the model can be read");
    let at = text.find(from);
    let at = at.unwrap_or_else(|| panic!("{MODEL} has no `{from}`"));
    let line = text[..at].matches('\n').count() + 1;
    let read = OrgModel::parse(&file(MODEL), &text.replacen(from, to, 1));
    let refused = read.map(drop).expect_err("the model is not refused");
    (refused.to_string(), line)
}

const TWICE: &str = "is named twice in this list: remove one";
const EMPTY: &str = "is empty, so that the rule matches no request";
const WHOLE: &str = "expected a whole number, 0 or more";
const ORIGIN: &str = "`origin` is scheme, host and port alone, as `http://localhost:8080`";

#[rstest]
#[case::key_of_the_file(
    "[policy]",
    "[polcy]",
    "unknown field `polcy`, expected one of `title`"
)]
#[case::key_of_an_endpoint("open_to = [\"managers\"]", "opento = [\"managers\"]", "`open_to`")]
#[case::key_of_the_client("redirect_uri =", "redirect_url =", "`redirect_uri`")]
#[case::key_of_a_value("{ profile = \"costCenter\" }", "{ profil = \"a\" }", "`profile`")]
#[case::no_key_of_a_value(
    "value = { profile = \"costCenter\" }",
    "value = {}",
    "exactly one key is wanted here, and there are 0"
)]
#[case::word_of_a_token("token = \"access\"", "token = \"acess\"", "expected `access` or `id`")]
#[case::word_in_capitals("application_type = \"web\"", "application_type = \"Web\"", "`web`")]
#[case::list_for_a_text(
    "title = \"orders and invoices\"",
    "title = [\"a\"]",
    "expected a string"
)]
#[case::text_for_a_truth(
    "pkce_required = true",
    "pkce_required = \"yes\"",
    "expected a boolean"
)]
#[case::below_nothing("minutes = 15", "minutes = -1", WHOLE)]
#[case::too_large_for_a_number("minutes = 15", "minutes = 99999999999", WHOLE)]
#[case::text_for_a_number("minutes = 15", "minutes = \"15\"", WHOLE)]
#[case::leeway_below_nothing("leeway_seconds = 30", "leeway_seconds = -30", WHOLE)]
#[case::leeway_too_long(
    "leeway_seconds = 30",
    "leeway_seconds = 61",
    "`leeway_seconds` is 0 to 60"
)]
#[case::status_below_nothing("status = 201", "status = -201", WHOLE)]
#[case::group_twice(
    "open_to = [\"managers\"]",
    "open_to = [\"managers\", \"managers\"]",
    TWICE
)]
#[case::group_of_a_user_twice(
    "groups = [\"sales\"]\nprofile",
    "groups = [\"sales\", \"sales\"]\nprofile",
    TWICE
)]
#[case::group_of_a_rule_twice(
    "groups = [\"accounting\"]\nscopes",
    "groups = [\"accounting\", \"accounting\"]\nscopes",
    TWICE
)]
#[case::scope_of_a_rule_twice(
    "[\"openid\", \"orders:read\", \"invoices:read\"]",
    "[\"openid\", \"orders:read\", \"orders:read\"]",
    TWICE
)]
#[case::one_of_two_twice(
    "any = [\"orders:read\", \"invoices:read\"]",
    "any = [\"orders:read\", \"orders:read\"]",
    TWICE
)]
#[case::scope_of_a_service_twice(
    "scopes = [\"invoices:read\"]\n\n[[service]]",
    "scopes = [\"invoices:read\", \"invoices:read\"]\n\n[[service]]",
    TWICE
)]
#[case::scope_of_a_claim_twice(
    "[\"orders:write\", \"invoices:approve\"]",
    "[\"orders:write\", \"orders:write\"]",
    TWICE
)]
#[case::assigned_twice(
    "assigned_groups = [\"sales\", ",
    "assigned_groups = [\"sales\", \"sales\", ",
    TWICE
)]
#[case::rule_for_nobody("groups = [\"managers\"]\nscopes", "groups = []\nscopes", EMPTY)]
#[case::rule_of_no_scope(
    "scopes = [\"openid\", \"orders:read\", \"i",
    "scopes = [] # \"i",
    EMPTY
)]
#[case::rule_of_no_grant(
    "grant_types = [\"authorization_code\"]\nacc",
    "grant_types = []\nacc",
    EMPTY
)]
#[case::no_address("\"http://localhost:8080/callback\"", "\"localhost\"", "is no address")]
#[case::addresses(
    "\"http://localhost:8080/callback\"",
    "\"https://*.a.example/b\"",
    "has a `*`"
)]
#[case::origin_of_no_scheme("origin = \"http://localhost:8080\"", "origin = \"localhost\"", ORIGIN)]
#[case::origin_that_goes_on(
    "origin = \"http://localhost:8080\"",
    "origin = \"http://localhost:8080/callback\"",
    ORIGIN
)]
fn a_mistake_is_refused_with_its_line_and_what_is_allowed(
    #[case] from: &str,
    #[case] to: &str,
    #[case] says: &str,
) {
    let (message, line) = refusal(from, to);
    let mut lines = message.lines();
    let named = lines.any(|said| said.contains(&format!("line {line}")) && said.contains(says));
    assert!(named, "line {line}: {message}");
}

/// A whole part that is empty is as good as missing.
#[rstest]
#[case::endpoints("endpoint", "`endpoint` is empty: write a [[endpoint]]")]
#[case::users("user", "`user` is empty: write a [[user]]")]
fn an_empty_part_is_refused(#[case] part: &str, #[case] says: &str) {
    let text = std::fs::read_to_string(file(MODEL)).expect("the model can be read");
    let mut table: toml::Table = text.parse().expect("TOML");
    table.insert(part.to_owned(), toml::Value::Array(Vec::new()));
    let refused = OrgModel::parse(&file(MODEL), &table.to_string());
    let message = refused.map(drop).expect_err("it is empty").to_string();
    assert!(
        message.contains(says) && message.contains("line "),
        "{message}"
    );
}

/// What Okta takes for an origin beyond those of the web is one.
#[rstest]
#[case::of_an_app("capacitor://localhost")]
#[case::of_a_slash("http://localhost:8080/")]
#[case::of_many_hosts("https://*.orders.example")]
#[case::of_an_address("http://[::1]:8080")]
fn an_origin_is_taken(#[case] origin: &str) {
    let text = std::fs::read_to_string(file(MODEL)).expect("the model can be read");
    let text = text.replace(
        "origin = \"http://localhost:8080\"",
        &format!("origin = \"{origin}\""),
    );
    OrgModel::parse(&file(MODEL), &text).expect("the model is right");
}
