//! An untouched org is all green: under every shipped model, and wherever Okta's sources leave two
//! possibilities.

use std::path::Path;

use okta_e2e::model::OrgModel;
use okta_sandbox::{
    Denial, ErrorPage, NotAssigned, OpenIdConnectScopes, Options, Sandbox, UnknownScope,
};
use rstest::rstest;

use crate::support::scenario::Scenario;
use crate::support::world::{World, file, names};

async fn assert_green(model: &str, options: Options) {
    let sandbox = Sandbox::builder().options(options);
    assert_world_green(World::of(model, sandbox).await).await;
}

async fn assert_world_green(world: World) {
    let verified = world.verify().await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    assert_eq!(names(&verified, "not_checked"), Vec::<String>::new());
    assert!(
        verified.record.results.len() > 60,
        "{} trials",
        verified.record.results.len()
    );
    assert_eq!(verified.record.run.exit_status, 0);
}

#[rstest]
#[case::default("fixtures/org.toml")]
#[case::planets_only("fixtures/org-planets-only.toml")]
#[case::code_only("fixtures/org-code-only.toml")]
#[case::orders("fixtures/org-orders.toml")]
#[case::two_separate_tiers("fixtures/org-two-separate-tiers.toml")]
#[tokio::test]
async fn under_every_model(#[case] model: &str) {
    assert_green(model, Options::default()).await;
}

/// The API next to the org serves what the model says, so that another company's names are as green
/// as the document's.
#[tokio::test]
async fn under_names_of_ones_own() {
    let text = std::fs::read_to_string(file("fixtures/org.toml")).expect("the model");
    let lines = text.lines().map(|line| match line {
        line if line.starts_with("answers = [\"mercury") => "answers = { orders = [1, 2] }",
        line if line.starts_with("answers = [\"adrastea") => "",
        line => line,
    });
    let own = lines.collect::<Vec<_>>().join("\n");
    let own = own
        .replace("\"/planets\"", "\"/v1/orders\"")
        .replace("\"/moons\"", "\"/v1/invoices/open\"")
        .replace("http://myapp.com/scp/silver", "https://shop.example/orders")
        .replace("http://myapp.com/scp/gold", "https://shop.example/invoices");
    let model = OrgModel::parse(Path::new("own.toml"), &own).expect("a model");
    assert_world_green(World::of_model(model, Sandbox::builder()).await).await;
}

/// Where being assigned to the client is all that counts, a model needs no group.
#[tokio::test]
async fn without_any_group() {
    let text = r#"
title = "signed in is enough"
[[endpoint]]
path = "/profile"
signed_in = true
open_to = ["Everyone"]
answers = { name = "Ada" }
[[endpoint]]
path = "/health"
public = true
answers = { status = "up" }
[[user]]
name = "ADA"
[[user]]
name = "GRACE"
[authorization_server]
name = "Profiles"
audience = "https://profiles.example"
[[scope]]
name = "profile:read"
[policy]
name = "Profiles"
[[policy.rule]]
name = "everyone"
groups = ["Everyone"]
scopes = ["openid", "profile:read"]
grant_types = ["authorization_code"]
access_token_lifetime_minutes = 60
[client]
label = "Profiles"
application_type = "web"
grant_types = ["authorization_code"]
response_types = ["code"]
token_endpoint_auth_method = "client_secret_basic"
redirect_uri = "http://localhost:8080/callback"
assigned_groups = ["Everyone"]
"#;
    let model = OrgModel::parse(Path::new("own.toml"), text).expect("a model");
    let verified = World::of_model(model, Sandbox::builder())
        .await
        .verify()
        .await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    let unseen = names(&verified, "not_checked");
    assert_eq!(unseen, Vec::<String>::new());
}

#[rstest]
#[case::refused_on_the_sign_in_page(Options { not_assigned: NotAssigned::SignInPage, ..Options::default() })]
#[case::openid_without_a_rule(Options { openid_connect_scopes: OpenIdConnectScopes::AlwaysGranted, ..Options::default() })]
#[case::unknown_scope_first(Options { unknown_scope: UnknownScope::BeforeSignIn, ..Options::default() })]
#[case::unknown_scope_last(Options { unknown_scope: UnknownScope::AfterSignIn, ..Options::default() })]
#[case::themed_error_page(Options { error_page: ErrorPage::Themed, ..Options::default() })]
#[case::other_denial(Options { denial: Denial::ScopeDenied, ..Options::default() })]
#[tokio::test]
async fn wherever_okta_may_differ(#[case] options: Options) {
    assert_green("fixtures/org.toml", options).await;
}

/// Okta's sources disagree whether a rule must list `openid`: an org that gives it all the same is
/// right, and the difference from the model is told as drift.
#[tokio::test]
async fn a_rule_without_openid_is_drift_where_the_org_gives_it_all_the_same() {
    let options = Options {
        openid_connect_scopes: OpenIdConnectScopes::AlwaysGranted,
        ..Options::default()
    };
    let mut world = World::of("fixtures/org.toml", Sandbox::builder().options(options)).await;
    let broken = Scenario::read(&file(
        "fixtures/broken-orgs/step-3c-rule-without-openid.toml",
    ));
    broken.make(&mut world).await;
    let verified = world.verify().await;
    let drift = "step_3c_access_policy::the_policies_say_nothing_beyond_the_model";
    assert_eq!(names(&verified, "not_met"), [drift]);
    assert_eq!(names(&verified, "not_checked"), Vec::<String>::new());
    let results = verified.record.results.iter();
    let met = results.filter(|result| result.is_met());
    let seen = met.filter_map(|result| result.actual.as_deref());
    let told: Vec<&str> = seen.filter(|seen| seen.contains("`openid`")).collect();
    assert_eq!(told.len(), 1, "what was seen is reported: {told:?}");
}
