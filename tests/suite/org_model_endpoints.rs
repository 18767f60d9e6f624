//! What a model says of endpoints, scopes and groups: what cannot be said is refused with its place
//! and what is allowed.

use std::path::Path;

use okta_e2e::model::{Access, Endpoint, Needs, OrgModel, ScopeRequest};
use rstest::rstest;

use crate::support::world::file;

fn orders() -> String {
    std::fs::read_to_string(file("fixtures/org-orders.toml")).expect("the model can be read")
}

fn parsed(text: &str) -> Result<OrgModel, String> {
    let parsed = OrgModel::parse(&file("fixtures/org-orders.toml"), text);
    parsed.map_err(|error| error.to_string())
}

/// What is said about the orders model after one replacement.
fn refusal(from: &str, to: &str) -> String {
    let text = orders();
    assert!(text.contains(from), "the model has no `{from}`");
    let read = parsed(&text.replacen(from, to, 1));
    read.map(drop).expect_err("the model is not refused")
}

#[rstest]
#[case::nothing_needed(
    "scope = \"orders:read\"\n",
    "",
    "line 16: the endpoint \"/orders?limit=10\" needs exactly one of `scope = \"…\"`"
)]
#[case::two_needs(
    "scope = \"orders:read\"\n",
    "scope = \"orders:read\"\npublic = true\n",
    "needs exactly one of `scope = \"…\"`"
)]
#[case::one_of_several(
    "{ all = [\"invoices:read\", \"invoices:approve\"] }",
    "{ all = [\"invoices:read\"] }",
    "line 43: `scopes` names two scopes or more"
)]
#[case::neither_all_nor_any(
    "{ all = [\"invoices:read\", \"invoices:approve\"] }",
    "{ each = [\"invoices:read\", \"invoices:approve\"] }",
    "unknown variant `each`, expected `all` or `any`"
)]
#[case::all_and_any(
    "{ all = [\"invoices:read\", \"invoices:approve\"] }",
    "{ all = [\"invoices:read\"], any = [\"invoices:approve\"] }",
    "line 43"
)]
#[case::unknown_scope_of_several(
    "{ all = [\"invoices:read\", \"invoices:approve\"] }",
    "{ all = [\"invoices:read\", \"invoices:sign\"] }",
    "line 43: no scope `invoices:sign` in this model; it has `invoices:approve`"
)]
#[case::public_and_open_to(
    "public = true\n",
    "public = true\nopen_to = [\"sales\"]\n",
    "a public endpoint is open to anybody: remove `open_to`"
)]
#[case::open_to_nobody(
    "open_to = [\"managers\"]\n",
    "",
    "the endpoint \"/invoices/F-1/approval\" lacks `open_to`"
)]
#[case::method_unknown(
    "method = \"POST\"",
    "method = \"SEND\"",
    "unknown variant `SEND`, expected one of `GET`, `POST`, `PUT`, `PATCH`, `DELETE`"
)]
#[case::method_without_a_body(
    "method = \"POST\"",
    "method = \"HEAD\"",
    "unknown variant `HEAD`, expected one of `GET`"
)]
#[case::place_to_be_filled_in(
    "path = \"/invoices/F-1/approval\"",
    "path = \"/invoices/{id}/approval\"",
    "line 42: the path \"/invoices/{id}/approval\" has a place to be filled in"
)]
#[case::blank_in_a_query(
    "path = \"/orders?limit=10\"",
    "path = \"/orders?q=a b&ü\"",
    "would be sent as \"/orders?q=a%20b&%C3%BC\""
)]
#[case::table_as_a_text(
    "headers = { \"Idempotency-Key\" = \"okta-e2e\" }",
    "headers = { \"content-type\" = \"text/csv\" }",
    "line 27: a `body` that is sent as `text/csv` is a text, sent as it is"
)]
#[case::media_type_from_a_variable(
    "\"Idempotency-Key\" = \"okta-e2e\"",
    "\"Content-Type\" = { variable = \"KIND\" }",
    "line 26: the header \"Content-Type\" says how the body is sent: write it as a text"
)]
#[case::method_in_small_letters("method = \"POST\"", "method = \"post\"", "unknown variant `post`")]
#[case::status_of_a_refusal("status = 201", "status = 403", "`status = 403` is no success")]
#[case::status_without_body(
    "status = 201",
    "status = 204",
    "an answer with the status 204 has no body"
)]
#[case::two_answers(
    "contains = { customer = \"Ada\" }",
    "contains = { customer = \"Ada\" }\nanswers = {}",
    "`answers` is the whole answer and `contains` a part of it: keep one"
)]
#[case::contains_nothing(
    "contains = { customer = \"Ada\" }",
    "contains = { customer = \"\" }",
    "`contains` is next to nothing"
)]
#[case::date_in_a_body(
    "body = { text = \"Ada\" }",
    "body = { since = 2026-01-01 }",
    "JSON has no dates: write the text `\"2026-01-01\"`"
)]
#[case::no_number_in_an_answer(
    "answers = { status = \"up\" }",
    "answers = { status = nan }",
    "JSON has neither `inf` nor `nan`"
)]
#[case::body_of_a_get(
    "signed_in = true",
    "body = { a = 1 }\nsigned_in = true",
    "a body means nothing to a `GET`"
)]
#[case::two_bodies(
    "body = { text = \"Ada\" }",
    "body = { text = \"Ada\" }\nbody_file = \"search.json\"",
    "`body` and `body_file` are two bodies"
)]
#[case::body_file_missing(
    "body = { text = \"Ada\" }",
    "body_file = \"no-such-file.json\"",
    "`body_file` \"no-such-file.json\": there is no file"
)]
#[case::body_file_no_json(
    "body = { text = \"Ada\" }",
    "body_file = \"org.toml\"",
    "`body_file` \"org.toml\": it is no JSON"
)]
#[case::header_of_the_suite(
    "\"Idempotency-Key\" = \"okta-e2e\"",
    "Authorization = \"Bearer x\"",
    "line 26: the header \"Authorization\" is made by the suite itself"
)]
#[case::header_name("\"Idempotency-Key\"", "\"Idempotency Key\"", "is no name of a header")]
#[case::header_line_break("= \"okta-e2e\" }", "= \"a\\nb\" }", "holds a line break")]
#[case::header_number(
    "= \"okta-e2e\" }",
    "= 7 }",
    "a header is a text, or `{ variable = \"NAME\" }`"
)]
#[case::header_misspelled("= \"okta-e2e\" }", "= { var = \"A\" } }", "a header is a text, or")]
#[case::header_variable(
    "= \"okta-e2e\" }",
    "= { variable = \"a b\" } }",
    "which is no variable"
)]
#[case::header_secret_of_the_run(
    "= \"okta-e2e\" }",
    "= { variable = \"OKTA_CLIENT_TOKEN\" } }",
    "which is a variable of the run itself and never goes to the API"
)]
#[case::same_method_and_path(
    "path = \"/search\"",
    "path = \"/orders/\"",
    "the endpoint `post_orders` is defined twice; rename or remove one of the two; a model has one \
     endpoint for each method and path"
)]
#[case::okta_s_own_group(
    "name = \"accounting\"\ndescription",
    "name = \"Everyone\"\ndescription",
    "`Everyone` is Okta's own group of all users"
)]
#[case::scope_twice(
    "name = \"orders:write\"",
    "name = \"orders:read\"",
    "the scope `orders:read` is defined twice"
)]
#[case::user_in_everyone(
    "groups = [\"sales\"]\nprofile",
    "groups = [\"Everyone\"]\nprofile",
    "no group `Everyone`"
)]
fn what_cannot_be_said_is_refused_with_its_place(
    #[case] from: &str,
    #[case] to: &str,
    #[case] says: &str,
) {
    let message = refusal(from, to);
    assert!(message.contains(says), "{message}");
    assert!(message.contains("line "), "{message}");
}

#[rstest]
#[case::both_scopes_to_others(
    "open_to = [\"managers\"]",
    "open_to = [\"managers\", \"accounting\"]",
    "too little: members of `accounting` must get `invoices:read` and `approve`"
)]
#[case::either_scope_to_fewer(
    "open_to = [\"sales\", \"accounting\", \"managers\"]\nanswers = { found",
    "open_to = [\"accounting\", \"managers\"]\nanswers = { found",
    "too much: members of `sales` get `orders:read` by rule `sales`"
)]
#[case::signed_in_to_fewer(
    "signed_in = true\nopen_to = [\"sales\", ",
    "signed_in = true\nopen_to = [",
    "too much: members of `sales` get a token by rule `sales`"
)]
#[case::everyone(
    "signed_in = true\nopen_to = [\"sales\", \"accounting\", \"managers\"]",
    "signed_in = true\nopen_to = [\"Everyone\"]",
    "too little: users in no group must get a token by authorization_code"
)]
fn rules_that_miss_the_intent_are_refused(
    #[case] from: &str,
    #[case] to: &str,
    #[case] says: &str,
) {
    let message = refusal(from, to);
    assert!(message.contains(says), "{message}");
}

/// What opens what: the first six endpoints of the orders model, with the tokens of each request.
#[rstest]
#[case::nothing(&[], [false, false, false, false, false, true])]
#[case::orders(&["orders:read"], [true, false, false, false, true, true])]
#[case::invoices(&["invoices:read"], [false, false, true, false, true, true])]
#[case::approve_alone(&["invoices:approve"], [false, false, false, false, false, true])]
#[case::approve(&["invoices:read", "invoices:approve"], [false, false, true, true, true, true])]
fn a_token_opens_what_its_scopes_are_enough_for(#[case] scopes: &[&str], #[case] opens: [bool; 6]) {
    let model = parsed(&orders()).expect("the model is right");
    let request = model.request_for(scopes);
    let endpoints = model.endpoints.iter().take(6);
    let found = endpoints.map(|endpoint| model.access(&request, endpoint) == Access::Reads);
    assert_eq!(found.collect::<Vec<_>>(), opens);
    assert_eq!(model.endpoints[6].needs(), &Needs::Public);
}

#[test]
fn scopes_of_one_ending_are_told_apart() {
    let model = parsed(&orders()).expect("the model is right");
    let user = model.user("MANAGER").expect("a user");
    let requests = model.requests(user, model.main_flow());
    let words: Vec<String> = requests.iter().map(ScopeRequest::words).collect();
    assert_eq!(words[..3], ["openid alone", "orders:read", "write"]);
    assert!(words.contains(&"orders:read and write and invoices:read and approve".to_owned()));
}

#[test]
fn a_scope_that_no_endpoint_needs_may_be_there() {
    let text = orders() + "\n[[scope]]\nname = \"reports:read\"\ndefault = true\n";
    let model = parsed(&text).expect("the model is right");
    assert!(
        model
            .scopes
            .iter()
            .any(|scope| scope.short() == "reports:read" && scope.default)
    );
}

/// By its media type a body is JSON, or a text as it is.
#[rstest]
#[case::json("application/vnd.api+json; v=1", "{ a = 1 }", "{\"a\":1}")]
#[case::a_text_of_json("application/json", "\"a\"", "\"a\"")]
#[case::form("application/x-www-form-urlencoded", "\"a=b&c=%20\"", "a=b&c=%20")]
#[case::xml("text/xml", "'<a b=\"c\"/>'", "<a b=\"c\"/>")]
#[case::lines("application/x-ndjson", "\"{}\\n[]\\n\"", "{}\n[]\n")]
fn a_body_is_sent_as_its_media_type_says(
    #[case] kind: &str,
    #[case] body: &str,
    #[case] sent: &str,
) {
    let written = format!("headers = {{ \"Content-Type\" = \"{kind}\" }}\nbody = {body}");
    let text = orders().replace("body = { text = \"Ada\" }", &written);
    let model = parsed(&text).expect("the model is right");
    let search = model.endpoint("POST /search").expect("an endpoint");
    assert_eq!(search.body(), Some(sent));
}

/// A text is the whole answer, as JSON or as it is, and nothing less.
#[rstest]
#[case::as_it_is("a,b\nc", true)]
#[case::as_json("\"a,b\\nc\"", true)]
#[case::among_others("x a,b\nc", false)]
fn a_text_is_the_whole_answer(#[case] body: &str, #[case] is_right: bool) {
    let text = orders().replace("answers = { status = \"up\" }", "answers = \"a,b\\nc\"");
    let model = parsed(&text).expect("the model is right");
    let wanted = model
        .endpoint("/health")
        .and_then(Endpoint::wanted)
        .expect("an answer");
    let json = serde_json::from_str(body).ok();
    assert_eq!(wanted.is_in(body, json.as_ref()), is_right);
}

#[test]
fn a_body_is_read_from_a_file_beside_the_model() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("order.json"), "{ \"lines\": null }").expect("a file");
    let text = orders().replace("body = { text = \"Ada\" }", "body_file = \"order.json\"");
    let path = folder.path().join("org.toml");
    let model = OrgModel::parse(Path::new(&path), &text).expect("the model is right");
    let search = model.endpoint("POST /search").expect("an endpoint");
    assert_eq!(search.body(), Some("{ \"lines\": null }"));
    // Another body is another model.
    std::fs::write(folder.path().join("order.json"), "{ \"lines\": [] }").expect("a file");
    let other = OrgModel::parse(Path::new(&path), &text).expect("the model is right");
    assert_ne!(other.sha256, model.sha256);
}
