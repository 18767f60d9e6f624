//! Values of variables that were taken for one another: the finding names all variables that are to
//! be changed.

use okta_e2e::config::{Config, Environment};
use okta_e2e::model::OrgModel;
use okta_sandbox::Sandbox;
use rstest::rstest;
use url::Url;

use crate::support::scenario::{Scenario, told};
use crate::support::world::{World, file, names};

fn read(pairs: &[(&str, &str)]) -> Result<Config, String> {
    let org = [
        ("OKTA_OAUTH2_ISSUER", "https://example.okta.com/oauth2/aus1"),
        ("OKTA_OAUTH2_CLIENT_ID", "hidden-value"),
    ];
    let environment: Environment = org.into_iter().chain(pairs.iter().copied()).collect();
    Config::read(&environment).map_err(|error| error.to_string())
}

/// A Client ID is sent in addresses, so that nothing is sent before the two are told apart.
#[rstest]
#[case::of_the_client(&[("OKTA_OAUTH2_CLIENT_SECRET", "0oa1gjh63g214q0Hq0g4")], "OKTA_OAUTH2_CLIENT")]
#[case::of_a_service(
    &[("SERVICE_NIGHTLY_CLIENT_ID", "hidden-value"),
        ("SERVICE_NIGHTLY_CLIENT_SECRET", "0oa1gjh63g214q0Hq0g4")],
    "SERVICE_NIGHTLY_CLIENT"
)]
fn a_client_id_and_its_secret_that_are_exchanged_are_both_named(
    #[case] pairs: &[(&str, &str)],
    #[case] of: &str,
) {
    let problem = read(pairs).expect_err("exchanged");
    assert!(
        problem.contains(&format!("are {of}_ID and {of}_SECRET exchanged?")),
        "{problem}"
    );
    assert!(
        !problem.contains("hidden") && !problem.contains("0oa"),
        "{problem}"
    );
}

#[rstest]
#[case::exchanged("Hidden-value-7", "ann@example.com", true)]
#[case::right("ann@example.com", "Hidden-value-7", false)]
#[case::a_login_that_is_no_address("ann", "Hidden-value-7", false)]
#[case::a_password_with_a_sign("ann", "Hidden@value", false)]
fn a_login_and_its_password_that_look_exchanged_are_both_named(
    #[case] login: &str,
    #[case] password: &str,
    #[case] is_told: bool,
) {
    let user = [
        ("TEST_USER_GOLD_USERNAME", login),
        ("TEST_USER_GOLD_PASSWORD", password),
    ];
    let notes = read(&user).expect("enough").notes.join("\n");
    let names = ["TEST_USER_GOLD_PASSWORD", "TEST_USER_GOLD_USERNAME"];
    assert!(
        names.iter().all(|name| notes.contains(name) == is_told),
        "{notes}"
    );
    assert!(!notes.contains("Hidden"), "{notes}");
}

const BY_CODE: &str = "step_5_authorize::the_code_flow_gives_tokens[SILVER silver]";

#[tokio::test]
async fn a_client_secret_and_an_api_token_that_are_exchanged_are_both_named() {
    let mut world = World::new().await;
    let secret = world.access.client_secret.take().expect("a secret");
    world.access.client_secret = world.access.api_token.replace(secret);
    let verified = world.verify().await;
    let told = told(&verified.record, BY_CODE);
    for variable in [
        "OKTA_OAUTH2_CLIENT_SECRET",
        "OKTA_CLIENT_TOKEN",
        "exchanged",
    ] {
        assert!(told.contains(variable), "{told}");
    }
}

/// One of the two is right: nothing is exchanged.
#[tokio::test]
async fn a_wrong_secret_alone_is_not_taken_for_an_exchange() {
    let (_, world) = Scenario::broken("run-client-secret-wrong").await;
    let verified = world.verify().await;
    let told = told(&verified.record, BY_CODE);
    assert!(!told.contains("OKTA_CLIENT_TOKEN"), "{told}");
}

/// The audience of the model's server.
const AUDIENCE: &str = "http://myapp.com";
const OF_THE_AUDIENCE: &str = "step_3a_authorization_server::its_audience_is_the_one_of_the_model";

/// The issuer of a copy of the model's server, which has its name and this audience, and not its
/// rules.
fn copied(scopes: bool, audience: &str) -> Scenario {
    let scope = |name: &str| {
        format!(
            "[[change]]\npost = \"/api/v1/authorizationServers/{{made:copy}}/scopes\"\n\
             body = {{ name = \"http://myapp.com/scp/{name}\" }}\n"
        )
    };
    let scopes = if scopes {
        scope("silver") + &scope("gold")
    } else {
        String::new()
    };
    let text = format!(
        r#"sentence = "The issuer is a copy of the server."

[[change]]
merge_into = "/api/v1/authorizationServers/{{server}}"
body = {{ name = "Solar System, as it was" }}

[[change]]
post = "/api/v1/authorizationServers"
body = {{ name = "Solar System", description = "A copy", audiences = ["{audience}"] }}
name = "copy"

{scopes}
[run]
issuer = "{{org}}/oauth2/{{made:copy}}"
"#
    );
    toml::from_str(&text).expect("a scenario")
}

#[rstest]
#[case::without_scopes(
    false,
    AUDIENCE,
    "step_3b_scope::the_scope_is_on_the_authorization_server[silver]"
)]
#[case::without_rules(
    true,
    AUDIENCE,
    "step_3c_access_policy::the_rules_give_the_group_its_scopes[silverSubscribers]"
)]
#[case::without_scopes_for_another_audience(false, "http://otherapp.com", OF_THE_AUDIENCE)]
#[case::for_another_audience(true, "http://otherapp.com", OF_THE_AUDIENCE)]
#[tokio::test]
async fn an_issuer_of_a_copy_of_the_server_is_told(
    #[case] scopes: bool,
    #[case] audience: &str,
    #[case] of: &str,
) {
    let world = World::of("fixtures/org.toml", Sandbox::builder()).await;
    let meant = world.access.issuer.clone();
    let mut world = world;
    copied(scopes, audience).make(&mut world).await;
    let verified = world.verify().await;
    let told = told(&verified.record, of);
    let says = format!("`Solar System, as it was` {meant}");
    for part in [says.as_str(), "set OKTA_OAUTH2_ISSUER to its issuer"] {
        assert!(told.contains(part), "{told}");
    }
}

/// A name that prints like the real one: the letter is named by its number.
#[test]
fn a_scope_with_a_cyrillic_letter_is_told_by_its_code_point() {
    let path = file("fixtures/org.toml");
    let text = std::fs::read_to_string(&path).expect("the model");
    let text = text.replace("scp/gold", "scp/g\u{43E}ld");
    let error = OrgModel::parse(&path, &text).expect_err("no scope of Okta's");
    let lines = error.lines().join("\n");
    assert!(
        lines.contains("`\u{43E}` is U+043E, a Cyrillic letter"),
        "{lines}"
    );
}

/// What a browser is shown for a redirect URI that is not the client's is no fault of the authorize
/// URL: the variable is named, and what the client has.
#[rstest]
#[case::audited(true, "`http://localhost:8080/callback`")]
#[case::not_audited(false, "one of the client's redirect URIs")]
#[tokio::test]
async fn a_redirect_uri_that_is_not_the_clients_is_the_one_cause_in_a_browser(
    #[case] is_audited: bool,
    #[case] says: &str,
) {
    let mut world = World::new().await;
    let uri = "http://localhost:8081/callback";
    world.access.redirect_uri = Some(uri.parse().expect("a redirect URI"));
    if !is_audited {
        world.access.api_token = None;
    }
    let verified = world.verify_with(None).await;
    let causes = okta_e2e::report::causes(&verified.record.results);
    let required = causes.iter().filter(|cause| cause[0].is_required());
    let first: Vec<&str> = required.map(|cause| cause[0].name.as_str()).collect();
    assert_eq!(first.len(), 1, "{first:?}");
    let told = told(&verified.record, first[0]);
    for part in ["OKTA_OAUTH2_REDIRECT_URI", says] {
        assert!(told.contains(part), "{first:?}: {told}");
    }
    let results = verified.record.results.iter();
    let texts = results.flat_map(|result| [&result.actual, &result.reason]);
    let blaming = texts
        .flatten()
        .filter(|text| text.contains("authorize URL"));
    assert_eq!(blaming.collect::<Vec<_>>(), Vec::<&String>::new());
}

/// The address of the org with the path of the issuer: the org is known by its origin.
#[tokio::test]
async fn an_org_url_that_is_the_issuer_is_the_org_all_the_same() {
    let mut world = World::new().await;
    world.access.org_url = Url::parse(&world.access.issuer).expect("a URL");
    let verified = world.verify_filtered("step_1_groups").await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    assert_eq!(names(&verified, "not_checked"), Vec::<String>::new());
}

/// The API's address is the org's: it has no such path, and no token is at fault.
#[tokio::test]
async fn an_api_url_that_is_the_org_is_told_by_its_variable() {
    let mut world = World::new().await;
    world.resource_server = world.sandbox.org_url().to_owned();
    let verified = world.verify().await;
    let told = told(&verified.record, "access::silver_reads_planets[silver]");
    assert!(told.contains("RESOURCE_SERVER_URL"), "{told}");
    assert!(!told.contains("audience"), "{told}");
}
