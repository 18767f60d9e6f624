//! The Management API client: its pace, what it makes again, and what its errors say.

mod lists;

use std::time::{Duration, Instant};

use okta_e2e::management::found::FoundGroup;
use okta_e2e::management::{ManagementClient, ManagementError, Named};
use rstest::rstest;
use secrecy::SecretString;
use serde_json::json;
use url::Url;

use crate::scripted::{Scripted, ScriptedServer};

const TOKEN: &str = "a token that must not be told";
/// A minute of a server whose clock is years behind.
const DATE: &str = "Mon, 01 Jan 2024 00:00:00 GMT";
const DATE_SECONDS: u64 = 1_704_067_200;

fn client(base: &str) -> ManagementClient {
    ManagementClient::new(Url::parse(base).unwrap(), SecretString::from(TOKEN)).unwrap()
}

fn group(id: &str, name: &str) -> String {
    format!(r#"{{"id":"{id}","type":"OKTA_GROUP","profile":{{"name":"{name}"}}}}"#)
}

fn exhausted(status: u16, body: &str, seconds: u64) -> Scripted {
    Scripted::new(status, body)
        .header("date", DATE)
        .header("x-rate-limit-remaining", "0")
        .header("x-rate-limit-reset", (DATE_SECONDS + seconds).to_string())
}

#[rstest]
#[tokio::test]
async fn a_call_carries_the_token_and_encodes_the_login() {
    let server = ScriptedServer::start([Scripted::new(
        200,
        r#"{"id":"00u1","status":"ACTIVE","profile":{"login":"a b#c@example.com"}}"#,
    )])
    .await;
    let user = client(server.base()).user("a b#c@example.com").await;
    assert_eq!(user.unwrap().unwrap().id, "00u1");
    let asked = &server.asked()[0];
    assert_eq!(asked.path_and_query, "/api/v1/users/a%20b%23c@example.com");
    assert_eq!(asked.headers["authorization"], format!("SSWS {TOKEN}"));
}

/// An org may let people sign in by their addresses, which need not be their logins.
#[rstest]
#[case::by_nobody_else(1, true)]
#[case::by_two(2, false)]
#[case::by_nobody(0, false)]
#[tokio::test]
async fn a_user_of_no_such_login_is_found_by_an_address_of_one(
    #[case] of_the_address: usize,
    #[case] is_found: bool,
) {
    let missing = Scripted::okta_error(404, "E0000007", "Not found: Resource not found: x (User)");
    let user = |n: usize| json!({"id": format!("00u{n}"), "status": "ACTIVE", "profile": {"login": "employee-1"}});
    let users: Vec<_> = (1..=of_the_address).map(user).collect();
    let list = Scripted::new(200, json!(users).to_string());
    let server = ScriptedServer::start([missing, list]).await;
    let client = client(server.base());
    let user = client
        .user_signing_in_by("si\"l@example.com")
        .await
        .unwrap();
    assert_eq!(
        user.map(|user| user.id),
        is_found.then(|| "00u1".to_owned())
    );
    let asked = Url::parse(server.base())
        .unwrap()
        .join(&server.asked()[1].path_and_query);
    let query: Vec<(String, String)> = asked.unwrap().query_pairs().into_owned().collect();
    let filter = r#"profile.email eq "si\"l@example.com""#;
    assert!(
        query.contains(&("filter".to_owned(), filter.to_owned())),
        "{query:?}"
    );
}

#[rstest]
#[tokio::test]
async fn a_login_that_is_no_address_is_looked_for_once() {
    let missing = Scripted::okta_error(404, "E0000007", "Not found: Resource not found: x (User)");
    let server = ScriptedServer::start([missing]).await;
    let user = client(server.base()).user_signing_in_by("silver").await;
    assert!(user.unwrap().is_none());
    assert_eq!(server.asked().len(), 1);
}

#[rstest]
#[tokio::test]
async fn the_org_itself_is_asked_without_the_token() {
    let body = r#"{"id":"00o1","pipeline":"idx"}"#;
    let server = ScriptedServer::start([Scripted::new(200, body)]).await;
    let org = client(server.base()).organization().await.unwrap();
    assert_eq!(org.pipeline.as_deref(), Some("idx"));
    assert!(!server.asked()[0].headers.contains_key("authorization"));
}

#[rstest]
#[tokio::test]
async fn a_group_is_found_by_its_exact_name_alone() {
    let list = format!("[{},{}]", group("00g1", "silver2"), group("00g2", "silver"));
    let server = ScriptedServer::start([Scripted::new(200, list)]).await;
    let found = client(server.base()).group_by_name("silver").await.unwrap();
    assert_eq!(found.one().unwrap().id, "00g2");
}

/// Okta refuses a second group of a name; a directory brings one all the same.
#[rstest]
#[case::of_okta_alone(&["OKTA_GROUP"], Named::One("00g0"))]
#[case::of_a_directory_alone(&["APP_GROUP"], Named::One("00g0"))]
#[case::of_okta_and_a_directory(&["APP_GROUP", "OKTA_GROUP"], Named::One("00g1"))]
#[case::of_two_directories(&["APP_GROUP", "APP_GROUP"], Named::Several(vec!["00g0", "00g1"]))]
#[case::of_okta_twice(
    &["OKTA_GROUP", "APP_GROUP", "OKTA_GROUP"],
    Named::Several(vec!["00g0", "00g2"])
)]
#[tokio::test]
async fn nobody_guesses_between_groups_of_one_name(
    #[case] kinds: &[&str],
    #[case] wanted: Named<&str>,
) {
    let group = |(index, kind): (usize, &&str)| {
        let id = format!("00g{index}");
        json!({"id": id, "type": kind, "profile": {"name": "silver"}})
    };
    let list: Vec<_> = kinds.iter().enumerate().map(group).collect();
    let server = ScriptedServer::start([Scripted::new(200, json!(list).to_string())]).await;
    let found = client(server.base()).group_by_name("silver").await.unwrap();
    let id = |group: &FoundGroup| group.id.clone();
    match (&found, wanted) {
        (Named::One(found), Named::One(wanted)) => assert_eq!(found.id, wanted),
        (Named::Several(found), Named::Several(wanted)) => {
            assert_eq!(found.iter().map(id).collect::<Vec<_>>(), wanted);
        }
        (found, wanted) => panic!("{found:?} instead of {wanted:?}"),
    }
}

#[rstest]
#[case::line_break("token\nx-injected: 1")]
#[case::not_ascii("tøken")]
fn an_api_token_that_no_header_can_carry_is_said_at_once(#[case] token: &str) {
    let url = Url::parse("http://127.0.0.1:1").unwrap();
    let error = ManagementClient::new(url, SecretString::from(token)).unwrap_err();
    let said = error.to_string();
    assert!(
        said.starts_with("the API token cannot be sent in a header: it holds"),
        "{said}"
    );
    assert!(said.contains("set OKTA_CLIENT_TOKEN"), "{said}");
}

#[rstest]
#[tokio::test]
async fn the_token_does_not_follow_a_redirect() {
    let elsewhere = ScriptedServer::start([Scripted::new(200, "[]")]).await;
    let moved = Scripted::new(302, "").header("location", format!("{}/x", elsewhere.base()));
    let server = ScriptedServer::start([moved]).await;
    let error = client(server.base()).trusted_origins().await.unwrap_err();
    assert!(error.to_string().contains(elsewhere.base()), "{error}");
    assert!(elsewhere.asked().is_empty());
}

#[rstest]
#[tokio::test]
async fn a_429_is_waited_for_by_the_servers_clock_and_reported() {
    let refusal = r#"{"errorCode":"E0000047","errorSummary":"too many","errorCauses":[]}"#;
    let server =
        ScriptedServer::start([exhausted(429, refusal, 1), Scripted::new(200, "[]")]).await;
    let (client, clock) = (client(server.base()), Instant::now());
    client.trusted_origins().await.unwrap();
    assert!(clock.elapsed() >= Duration::from_secs(1));
    assert_eq!(client.retries().len(), 1, "{:?}", client.retries());
    assert!(client.retries()[0].contains("429"));
}

#[rstest]
#[tokio::test]
async fn a_429_that_would_take_longer_than_a_minute_is_given_up_at_once() {
    let refusal = r#"{"errorCode":"E0000047","errorSummary":"too many","errorCauses":[]}"#;
    let server = ScriptedServer::start([exhausted(429, refusal, 3600)]).await;
    let error = client(server.base()).trusted_origins().await.unwrap_err();
    assert!(
        matches!(error, ManagementError::Exhausted { .. }),
        "{error:?}"
    );
    let told = error.to_string();
    assert!(told.contains("its count starts anew at 20"), "{told}");
    assert_eq!(server.asked().len(), 1);
}

#[rstest]
#[tokio::test]
async fn the_next_call_waits_when_none_is_left_and_another_part_does_not() {
    let server = ScriptedServer::start([exhausted(200, "[]", 1), Scripted::new(200, "[]")]).await;
    let client = client(server.base());
    client.trusted_origins().await.unwrap();
    let clock = Instant::now();
    client.group_by_name("x").await.unwrap();
    assert!(clock.elapsed() < Duration::from_millis(900));
    client.trusted_origins().await.unwrap();
    assert!(clock.elapsed() >= Duration::from_millis(900));
    assert!(client.retries()[0].contains("rate limit"));
}

#[rstest]
#[case::reconciling(Scripted::okta_error(423, "E0000239", "being reconciled"))]
#[case::internal_error(Scripted::okta_error(500, "E0000009", "Internal Server Error"))]
#[case::gateway(Scripted::new(503, "<html>"))]
#[tokio::test]
async fn a_passing_failure_is_asked_again(#[case] failure: Scripted) {
    let server = ScriptedServer::start([failure, Scripted::new(200, "[]")]).await;
    let client = client(server.base());
    client.trusted_origins().await.unwrap();
    assert_eq!(server.asked().len(), 2);
    assert_eq!(client.retries().len(), 1);
}

#[rstest]
#[case::gateway(Scripted::new(502, "<html>"), 4)]
#[case::other_internal_error(Scripted::okta_error(500, "E0000008", "no"), 1)]
#[case::refusal(Scripted::okta_error(400, "E0000001", "Api validation failed"), 1)]
#[tokio::test]
async fn a_lasting_failure_is_asked_only_so_often(
    #[case] failure: Scripted,
    #[case] requests: usize,
) {
    let server = ScriptedServer::start([failure]).await;
    client(server.base()).trusted_origins().await.unwrap_err();
    assert_eq!(server.asked().len(), requests);
}

#[rstest]
#[case::wrong_token(
    Scripted::okta_error(401, "E0000011", "Invalid token provided"),
    "NotAuthorized",
    "OKTA_CLIENT_TOKEN"
)]
#[case::no_api_access_management(
    Scripted::okta_error(401, "E0000015", "You do not have permission to access the feature"),
    "FeatureMissing",
    "API Access Management"
)]
#[case::no_right(
    Scripted::okta_error(403, "E0000006", "You do not have permission"),
    "Forbidden",
    "one of a Read-Only Administrator is enough"
)]
#[case::no_scope(
    Scripted::new(403, "").header("www-authenticate", r#"Bearer error="insufficient_scope""#),
    "Forbidden",
    "insufficient_scope"
)]
#[case::refusal(
    Scripted::okta_error(400, "E0000001", "Api validation failed: x"),
    "Rejected",
    "the cause"
)]
#[case::web_site(
    Scripted::new(200, "<!doctype html><title>Welcome</title>"),
    "NotAnOrg",
    "OKTA_CLIENT_ORGURL"
)]
#[case::missing_page(
    Scripted::new(404, "<h1>Not Found</h1>"),
    "NotAnOrg",
    "OKTA_CLIENT_ORGURL"
)]
#[case::other_json(
    Scripted::new(404, r#"{"message":"no such route"}"#),
    "NotAnOrg",
    "OKTA_CLIENT_ORGURL"
)]
#[tokio::test]
async fn an_error_is_named_and_says_what_to_do(
    #[case] answer: Scripted,
    #[case] variant: &str,
    #[case] words: &str,
) {
    let server = ScriptedServer::start([answer]).await;
    let error = client(server.base()).servers().await.unwrap_err();
    assert!(format!("{error:?}").starts_with(variant), "{error:?}");
    assert!(error.to_string().contains(words), "{error}");
    assert!(!format!("{error} {error:?}").contains(TOKEN));
}

#[rstest]
#[tokio::test]
async fn what_is_not_there_is_nothing_rather_than_an_error() {
    let missing =
        || Scripted::okta_error(404, "E0000007", "Not found: Resource not found: x (User)");
    let no_applications = Scripted::new(200, "[]");
    let server = ScriptedServer::start([missing(), missing(), no_applications, missing()]).await;
    let client = client(server.base());
    assert!(client.user("x").await.unwrap().is_none());
    assert!(client.application("x").await.unwrap().is_none());
    assert!(client.assignment("x", "y").await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn an_org_that_does_not_answer_is_tried_four_times_and_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = client(&base);
    let error = client.organization().await.unwrap_err();
    assert!(
        matches!(error, ManagementError::Unreachable { .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains(&base), "{error}");
    assert_eq!(client.retries().len(), 3);
}

#[rstest]
#[case::clear_text("http://example.com", "https://")]
#[case::admin_console("https://dev-1-admin.okta.com", "-admin")]
fn an_address_that_must_not_get_the_token_is_refused(#[case] url: &str, #[case] words: &str) {
    let error = ManagementClient::new(Url::parse(url).unwrap(), SecretString::from(TOKEN));
    let error = error.unwrap_err();
    assert!(error.to_string().contains(words), "{error}");
}

#[rstest]
fn neither_debug_output_nor_a_malformed_token_tells_the_token() {
    let url = Url::parse("http://127.0.0.1:1").unwrap();
    let broken = ManagementClient::new(url.clone(), SecretString::from("secret\nvalue"));
    let error = broken.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"));
    let client = ManagementClient::new(url, SecretString::from(TOKEN)).unwrap();
    assert!(!format!("{client:?}").contains(TOKEN));
}

/// Okta's API description of `client_id`: it is the id of the application unless one was chosen.
#[tokio::test]
async fn a_client_is_found_by_a_client_id_of_its_own() {
    let application = |id: &str, client_id: &str| {
        format!(
            r#"{{"id":"{id}","status":"ACTIVE","credentials":{{"oauthClient":{{"client_id":"{client_id}"}}}}}}"#
        )
    };
    let list = format!(
        "[{},{}]",
        application("0oa1", "other"),
        application("0oa2", "my-app")
    );
    let missing = Scripted::okta_error(404, "E0000007", "Not found");
    let server = ScriptedServer::start([missing, Scripted::new(200, list)]).await;
    let found = client(server.base()).application("my-app").await.unwrap();
    assert_eq!(found.map(|found| found.id).as_deref(), Some("0oa2"));
}

/// What nobody has set may be null or absent, and neither keeps a rule from being read, nor says
/// whom it is for.
#[tokio::test]
async fn a_rule_is_read_although_fields_are_null() {
    let policies = r#"[{"id":"00p1","name":"p","status":"ACTIVE","conditions":null}]"#;
    let rules = r#"[{"id":"0pr1","name":"r","status":"ACTIVE","priority":1,
        "conditions":{"people":{"users":null,"groups":{"include":null}},"grantTypes":null,"scopes":{}},
        "actions":{"token":null}}]"#;
    let answers = [Scripted::new(200, policies), Scripted::new(200, rules)];
    let server = ScriptedServer::start(answers).await;
    let found = client(server.base())
        .policies_with_rules("aus1")
        .await
        .unwrap();
    let rule = &found[0].rules[0];
    assert!(rule.conditions.scopes.include.is_empty());
    let untold = [
        "conditions.people.groups",
        "conditions.grantTypes",
        "conditions.scopes",
    ];
    assert_eq!(rule.untold(), untold);
}

/// An object of Okta's that lacks something is of the right org: its address is not to blame.
#[rstest]
#[case::no_login(r#"{"id":"00u1","status":"ACTIVE","profile":{}}"#, "it has no `login`")]
#[case::no_profile(r#"{"id":"00u1","status":"ACTIVE"}"#, "it has no `profile`")]
#[case::another_type(
    r#"{"id":"00u1","profile":{"login":["a secret"]}}"#,
    "a field is of another type than Okta's"
)]
#[tokio::test]
async fn an_answer_that_lacks_a_field_blames_no_address(#[case] user: &str, #[case] words: &str) {
    let server = ScriptedServer::start([Scripted::new(200, user)]).await;
    let error = client(server.base()).user("a@example.com").await;
    let told = error.expect_err("it cannot be read").to_string();
    assert!(told.contains(words), "{told}");
    assert!(told.contains("GET /api/v1/users/a@example.com"), "{told}");
    assert!(!told.contains("OKTA_CLIENT_ORGURL"), "{told}");
    assert!(!told.contains("a secret"), "{told}");
}

#[rstest]
#[case::of_another_kind(r#"{"hello":"world"}"#)]
#[case::of_no_objects(r#"["hello"]"#)]
#[case::not_json("<html>")]
#[tokio::test]
async fn an_answer_without_an_object_of_oktas_is_no_orgs(#[case] body: &str) {
    let server = ScriptedServer::start([Scripted::new(200, body)]).await;
    let error = client(server.base()).user("a@example.com").await;
    let told = error.expect_err("it cannot be read").to_string();
    assert!(told.contains("set OKTA_CLIENT_ORGURL"), "{told}");
}
