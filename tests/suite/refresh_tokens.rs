//! Refresh tokens: what a model may say of them, and what a run does with them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use okta_e2e::model::OrgModel;
use okta_e2e::verification::Verified;
use okta_sandbox::{OpenIdConnectScopes, Options, Sandbox};
use rstest::rstest;

use crate::support::front::{Answer, Front, Request};
use crate::support::scenario::Scenario;
use crate::support::world::{World, file, names};

const MODEL: &str = "fixtures/org-orders.toml";
const GRANTS: &str = r#"grant_types = ["authorization_code", "refresh_token"]"#;
const TABLE: &str = "[client.refresh_token]\nrotation = \"rotate\"\nleeway_seconds = 30";

/// The model of the orders company with other texts in it.
fn parsed(changes: &[(&str, &str)]) -> Result<OrgModel, String> {
    let mut text = std::fs::read_to_string(file(MODEL)).expect("the model can be read");
    for (from, to) in changes {
        assert!(text.contains(from), "{MODEL} has no `{from}`");
        text = text.replace(from, to);
    }
    OrgModel::parse(Path::new("orders.toml"), &text).map_err(|error| error.to_string())
}

#[rstest]
#[case::table_without_the_grant(
    &[(GRANTS, r#"grant_types = ["authorization_code"]"#)],
    "the client uses none: add `refresh_token` to `grant_types`"
)]
#[case::without_the_code_flow(
    &[("\"authorization_code\"", "\"implicit\"")],
    "refresh tokens come with the grant type `authorization_code` alone"
)]
#[case::no_rule(
    &[(", \"offline_access\"", ""), ("    \"offline_access\",\n", "")],
    "no rule lets it ask for one: add `offline_access` to the scopes of a rule"
)]
#[case::in_a_rule(
    &[("grant_types = [\"authorization_code\"]\naccess", "grant_types = [\"authorization_code\", \"refresh_token\"]\naccess")],
    "grant type `refresh_token` is not one of those allowed: `authorization_code`, `implicit`"
)]
#[case::other_rotation(&[("\"rotate\"", "\"sometimes\"")], "expected `rotate` or `static`")]
#[case::long_leeway(&[("seconds = 30", "seconds = 61")], "`leeway_seconds` is 0 to 60")]
#[case::static_leeway(&[("\"rotate\"", "\"static\"")], "`leeway_seconds` is of tokens that rotate")]
fn what_cannot_be_said_of_refresh_tokens_is_refused(
    #[case] changes: &[(&str, &str)],
    #[case] says: &str,
) {
    let message = parsed(changes).expect_err("it cannot be said");
    assert!(message.contains(says), "{message}");
    assert!(message.contains("line "), "{message}");
}

fn assert_green(verified: &Verified) {
    for outcome in ["not_met", "not_checked"] {
        assert_eq!(names(verified, outcome), Vec::<String>::new(), "{outcome}");
    }
    assert_eq!(verified.record.run.sign_ins, 4, "a user signs in once");
}

const SINGLE_PAGE: [(&str, &str); 2] = [
    ("\"web\"", "\"browser\""),
    ("\"client_secret_basic\"\npkce", "\"none\"\npkce"),
];

/// Whatever the client, and whether the model says how its refresh tokens behave or not.
#[rstest]
#[case::rotating(&[])]
#[case::at_once(&[("seconds = 30", "seconds = 0")])]
#[case::kept(&[(TABLE, "[client.refresh_token]\nrotation = \"static\"")])]
#[case::as_web_clients_have_it(&[(TABLE, "")])]
#[case::as_single_pages_have_it(&[(TABLE, ""), SINGLE_PAGE[0], SINGLE_PAGE[1]])]
#[case::public(&SINGLE_PAGE)]
#[tokio::test]
async fn a_right_org_is_green_and_nothing_of_it_leaks(#[case] changes: &[(&str, &str)]) {
    let model = parsed(changes).expect("the model is right");
    let world = World::of_model(model, Sandbox::builder()).await;
    let verified = world.verify().await;
    assert_green(&verified);
    let of_refresh = "the_refresh_token_rotates_as_the_model_says";
    let met = names(&verified, "met");
    assert!(met.iter().any(|name| name.contains(of_refresh)), "{met:?}");
    let record = serde_json::to_string(&verified.record).expect("JSON");
    for token in world.sandbox.secrets() {
        assert!(!record.contains(&token), "the record has a secret");
    }
}

/// Implicit requests with `offline_access` are made too, and bring none.
#[tokio::test]
async fn a_client_of_both_flows_gets_refresh_tokens_by_code_alone() {
    let text = std::fs::read_to_string(file("fixtures/org.toml")).expect("the model");
    let grants = "grant_types = [\"authorization_code\", \"implicit\"]\nresponse";
    let more = "grant_types = [\"authorization_code\", \"implicit\", \"refresh_token\"]\nresponse";
    let text = text.replace(grants, more).replace(
        "[\"openid\", \"http",
        "[\"openid\", \"offline_access\", \"http",
    );
    let model = OrgModel::parse(Path::new("org.toml"), &text).expect("the model is right");
    let world = World::of_model(model, Sandbox::builder()).await;
    let verified = world.verify().await;
    assert_green(&verified);
    let met = names(&verified, "met");
    for name in [
        "offline_access_brings_no_refresh_token_by_the_browser[SILVER]",
        "the_refresh_token_brings_the_same_access[SILVER by code]",
    ] {
        let name = format!("step_5_authorize::{name}");
        assert!(met.contains(&name), "{name} is not among {met:?}");
    }
}

/// Okta's sources disagree whether a rule must list `offline_access`: an org that gives it all the
/// same is right.
#[tokio::test]
async fn an_org_that_gives_offline_access_unlisted_is_right() {
    let options = Options {
        openid_connect_scopes: OpenIdConnectScopes::AlwaysGranted,
        ..Options::default()
    };
    let mut world = World::of(MODEL, Sandbox::builder().options(options)).await;
    let broken = "fixtures/broken-orgs/step-3c-rule-without-offline-access.toml";
    Scenario::read(&file(broken)).make(&mut world).await;
    assert_green(&world.verify().await);
}

/// The trials of this name that were not checked, each with its reason.
fn not_checked<'a>(verified: &'a Verified, name: &str) -> Vec<&'a str> {
    let results = verified.record.results.iter();
    let of_name = results.filter(|result| result.id.ends_with(name));
    let unseen = of_name.filter(|result| !result.is_met());
    let reasons = unseen.map(|result| result.reason.as_deref().unwrap_or_default());
    reasons.collect()
}

/// Some servers end what another client has got hold of: that it is refused afterwards does not
/// show that its revocation ended it.
#[tokio::test]
async fn a_token_that_another_client_has_ended_shows_nothing_of_its_revocation() {
    let front = Front::start().await;
    let world = World::of_behind(MODEL, &front).await;
    front.changes(ends_what_another_client_presents);
    let verified = world.verify().await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    let reasons = not_checked(&verified, "a_revoked_refresh_token_is_refused");
    assert!(!reasons.is_empty());
    let why = "it was refused before that, once another client had presented it";
    let is_why = |reason: &&str| reason.contains(why);
    assert!(reasons.iter().all(is_why), "{reasons:?}");
}

/// Whatever is refused to one client is refused to all from then on.
fn ends_what_another_client_presents(request: &Request, answer: &mut Answer) {
    static ENDED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let grant = request.parameter("grant_type");
    let is_refresh = request.is_to("/token") && grant.as_deref() == Some("refresh_token");
    let token = request.parameter("refresh_token").filter(|_| is_refresh);
    let Some(token) = token else {
        return;
    };
    let mut ended = ENDED.lock().expect("no panic");
    if ended.contains(&token) {
        answer.status = 400;
        answer.body = br#"{"error":"invalid_grant","error_description":"ended"}"#.to_vec();
    } else if answer.status >= 400 && request.parameter("scope").is_none() {
        ended.insert(token);
    }
}

/// The refusal of a client that nobody knows says nothing of the refresh token.
#[tokio::test]
async fn a_service_that_is_not_known_shows_nothing_of_the_refresh_token() {
    let mut world = World::of(MODEL, Sandbox::builder()).await;
    for service in world.access.services.values_mut() {
        service.client_secret = Some("another".into());
    }
    let verified = world.verify().await;
    let reasons = not_checked(&verified, "no_other_client_redeems_the_refresh_token");
    assert!(!reasons.is_empty());
    let is_why = |reason: &&str| reason.contains("BILLING got no token");
    assert!(reasons.iter().all(is_why), "{reasons:?}");
}
