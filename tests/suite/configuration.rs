//! The configuration: what is told, what is refused, and what is never printed.

use okta_e2e::config::{Config, Environment, Target};
use okta_e2e::secrets::Secrets;
use rstest::rstest;
use secrecy::ExposeSecret;
use url::Url;

const ISSUER: (&str, &str) = ("OKTA_OAUTH2_ISSUER", "https://example.okta.com/oauth2/aus1");
const CLIENT: (&str, &str) = ("OKTA_OAUTH2_CLIENT_ID", "0oa1");

fn read(pairs: &[(&str, &str)]) -> Result<Config, String> {
    let environment: Environment = pairs.iter().copied().collect();
    Config::read(&environment).map_err(|error| error.to_string())
}

#[test]
fn nothing_told_is_the_sandbox() {
    let config = read(&[]).expect("nothing is needed");
    assert!(matches!(config.target, Target::Sandbox));
    assert_eq!(config.report_dir.to_str(), Some("target/okta-e2e"));
}

#[test]
fn the_sandbox_can_be_named() {
    let config = read(&[("OKTA_OAUTH2_ISSUER", "sandbox"), ("OKTA_E2E_STRICT", "1")]);
    assert!(matches!(config.expect("enough").target, Target::Sandbox));
}

#[test]
fn an_org_takes_its_url_from_the_issuer() {
    let config = read(&[ISSUER, CLIENT]).expect("enough");
    let Target::Org(access) = config.target else {
        panic!("the org is not taken")
    };
    assert_eq!(access.issuer, ISSUER.1);
    assert_eq!(access.org_url.as_str(), "https://example.okta.com/");
    assert!(access.users.is_empty());
}

#[test]
fn further_origins_are_trusted_beside_the_issuer_and_the_org() {
    let further = "https://login.example.com http://127.0.0.1:8080";
    let pairs = [ISSUER, CLIENT, ("OKTA_E2E_TRUSTED_ORIGINS", further)];
    let Target::Org(access) = read(&pairs).expect("enough").target else {
        panic!("the org is not taken")
    };
    let trusted = access.trusted_origins();
    let has = |url: &str| trusted.has(&Url::parse(url).expect("a URL"));
    assert!(has("https://example.okta.com/login"));
    assert!(has("https://login.example.com/login"));
    assert!(has("http://127.0.0.1:8080/login"));
    assert!(!has("https://other.example.com/login"));
}

#[rstest]
#[case::lost_issuer(&[CLIENT], "OKTA_OAUTH2_CLIENT_ID is")]
#[case::lost_issuer_of_a_user(&[("TEST_USER_SILVER_PASSWORD", "not-told")], "TEST_USER_SILVER_PASSWORD is")]
#[case::sandbox_with_more(&[("OKTA_OAUTH2_ISSUER", "sandbox"), CLIENT], "leave them blank")]
#[case::origin_with_a_path(&[ISSUER, CLIENT, ("OKTA_E2E_TRUSTED_ORIGINS", "https://a.example https://b.example/login")], "number 2 is not an origin")]
#[case::origin_in_clear(&[ISSUER, CLIENT, ("OKTA_E2E_TRUSTED_ORIGINS", "http://a.example")], "number 1 is not an origin")]
#[case::origin_with_a_user(&[ISSUER, CLIENT, ("OKTA_E2E_TRUSTED_ORIGINS", "https://u:p@a.example")], "number 1 is not an origin")]
#[case::no_origin(&[ISSUER, CLIENT, ("OKTA_E2E_TRUSTED_ORIGINS", "a.example")], "number 1 is not an origin")]
#[case::no_client(&[ISSUER], "OKTA_OAUTH2_CLIENT_ID is not set")]
#[case::no_url(&[("OKTA_OAUTH2_ISSUER", "example.okta.com"), CLIENT], "is not a URL")]
#[case::plain_http(&[("OKTA_OAUTH2_ISSUER", "http://example.okta.com/oauth2/aus1"), CLIENT], "https://")]
#[case::trailing_slash(&[("OKTA_OAUTH2_ISSUER", "https://example.okta.com/oauth2/aus1/"), CLIENT], "trailing slash")]
#[case::admin_host(&[("OKTA_OAUTH2_ISSUER", "https://example-admin.okta.com/oauth2/aus1"), CLIENT], "`-admin`")]
#[case::half_a_user(&[ISSUER, CLIENT, ("TEST_USER_GOLD_USERNAME", "gold")], "go together")]
#[case::half_a_user_with_an_app(&[ISSUER, CLIENT, ("TEST_USER_GOLD_TOTP_SECRET", "GEZDGNBVGY3TQOJQ")], "go together")]
#[case::no_base32(
    &[ISSUER, CLIENT, ("TEST_USER_GOLD_USERNAME", "g"), ("TEST_USER_GOLD_PASSWORD", "p"),
        ("TEST_USER_GOLD_TOTP_SECRET", "hidden value!")],
    "TEST_USER_GOLD_TOTP_SECRET is not the base32 secret"
)]
#[case::browsers(&[("OKTA_E2E_BROWSERS", "many")], "from 1 to 64")]
#[case::strict_and_nameless(&[("OKTA_E2E_STRICT", "1")], "must name the org")]
#[case::switch(&[("OKTA_E2E_STRICT", "yes")], "`1` or blank")]
#[case::webdriver(&[("WEBDRIVER_URL", "localhost:4444")], "WEBDRIVER_URL")]
#[case::sandbox_out_of_reach(&[("WEBDRIVER_URL", "http://grid.example:4444")], "cannot reach the embedded sandbox org")]
#[case::org_out_of_reach(
    &[("OKTA_OAUTH2_ISSUER", "http://127.0.0.1:9/oauth2/aus1"), CLIENT, ("WEBDRIVER_URL", "http://grid.example:4444")],
    "cannot reach an org at a loopback address"
)]
fn a_contradiction_is_refused(#[case] pairs: &[(&str, &str)], #[case] says: &str) {
    let message = read(pairs).expect_err("a contradiction");
    assert!(message.contains(says), "{message}");
}

#[rstest]
#[case::org_elsewhere(&[ISSUER, CLIENT, ("WEBDRIVER_URL", "http://grid.example:4444")])]
#[case::browsers_here(&[("WEBDRIVER_URL", "http://127.0.0.1:4444")])]
fn browsers_that_reach_the_org_are_taken(#[case] pairs: &[(&str, &str)]) {
    assert!(read(pairs).expect("enough").webdriver_url.is_some());
}

#[test]
fn all_problems_are_told_together_and_no_value() {
    let pairs = [
        ("OKTA_OAUTH2_CLIENT_SECRET", "hidden-value"),
        ("OKTA_E2E_BROWSERS", "hidden-value"),
        ("RESOURCE_SERVER_URL", "hidden-value"),
    ];
    let message = read(&pairs).expect_err("three contradictions");
    assert_eq!(message.lines().count(), 3, "{message}");
    assert!(!message.contains("hidden-value"), "{message}");
}

#[rstest]
#[case::unquoted("A=b$c", Some("line 1: A holds a `$`"))]
#[case::double_quoted("A=1\nB=\"b${c}\"", Some("line 2: B holds a `$`"))]
#[case::single_quoted("A='b$c'", None)]
#[case::escaped("A=b\\$c", None)]
#[case::comment("# A=b$c", None)]
#[case::no_pair("A='1'\nnot a pair", Some("line 2: not a line of the form"))]
fn a_dollar_that_dotenv_would_eat_is_refused(#[case] text: &str, #[case] says: Option<&str>) {
    match (Environment::parse(".env", text), says) {
        (Ok(_), None) => {}
        (Ok(_), Some(says)) => panic!("taken, where this was to be said: {says}"),
        (Err(error), says) => {
            let message = error.to_string();
            assert!(says.is_some_and(|says| message.contains(says)), "{message}");
        }
    }
}

#[test]
fn a_user_may_have_an_authenticator_app() {
    let secret = "gezd gnbv gy3t qojq";
    let pairs = [
        ISSUER,
        CLIENT,
        ("TEST_USER_GOLD_USERNAME", "gold"),
        ("TEST_USER_GOLD_PASSWORD", "not-told"),
        ("TEST_USER_GOLD_TOTP_SECRET", secret),
    ];
    let config = read(&pairs).expect("enough");
    let Target::Org(access) = config.target else {
        panic!("the org is not taken")
    };
    let told = access.users["GOLD"].totp_secret.as_ref();
    assert_eq!(told.map(ExposeSecret::expose_secret), Some(secret));
    let secrets = Secrets::default();
    secrets.add_variables(pairs.into_iter());
    for shown in [secret, "GEZD GNBV GY3T QOJQ", "gezdgnbvgy3tqojq"] {
        let clean = secrets.redact(&format!("a {shown} b"));
        assert_eq!(clean, "a [redacted] b");
    }
}

#[test]
fn a_blank_variable_is_not_set() {
    let environment = Environment::parse(".env", "A=''\nB=' '\nC='d'").expect("a file");
    assert_eq!(
        [
            environment.get("A"),
            environment.get("B"),
            environment.get("C")
        ],
        [None, None, Some("d")]
    );
}

#[test]
fn the_example_file_is_the_sandbox() {
    let text = include_str!("../../.env.example");
    let environment = Environment::parse(".env.example", text).expect("the example is right");
    let config = Config::read(&environment).expect("blank is right");
    assert!(matches!(config.target, Target::Sandbox));
}
