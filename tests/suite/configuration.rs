//! The configuration: what is told, what is refused, and what is never printed.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use okta_e2e::config::{Config, Environment, Target};
use okta_e2e::passkey::Passkey;
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
#[case::origin_with_a_user(&[ISSUER, CLIENT, ("OKTA_E2E_TRUSTED_ORIGINS", "https://u:p@a.example")], "number 1 must not hold a user and password")]
#[case::origins_by_a_wildcard(&[ISSUER, CLIENT, ("OKTA_E2E_TRUSTED_ORIGINS", "https://*.a.example")], "number 1 has a wildcard")]
#[case::not_filled_in(&[ISSUER, CLIENT, ("TEST_USER_SILVER_USERNAME", "silver"), ("TEST_USER_SILVER_PASSWORD", "$(SILVER)")], "TEST_USER_SILVER_PASSWORD is not filled in")]
#[case::no_origin(&[ISSUER, CLIENT, ("OKTA_E2E_TRUSTED_ORIGINS", "a.example")], "number 1 is not an origin")]
#[case::no_client(&[ISSUER], "OKTA_OAUTH2_CLIENT_ID is not set")]
#[case::no_url(&[("OKTA_OAUTH2_ISSUER", "example.okta.com"), CLIENT], "is not a URL")]
#[case::plain_http(&[("OKTA_OAUTH2_ISSUER", "http://example.okta.com/oauth2/aus1"), CLIENT], "https://")]
#[case::trailing_slash(&[("OKTA_OAUTH2_ISSUER", "https://example.okta.com/oauth2/aus1/"), CLIENT], "trailing slash")]
#[case::admin_host(&[("OKTA_OAUTH2_ISSUER", "https://example-admin.okta.com/oauth2/aus1"), CLIENT], "`-admin`")]
#[case::admin_host_of_a_government(&[("OKTA_OAUTH2_ISSUER", "https://example-admin.okta-gov.com/oauth2/aus1"), CLIENT], "`-admin`")]
#[case::half_a_user(&[ISSUER, CLIENT, ("TEST_USER_GOLD_USERNAME", "gold")], "go together")]
#[case::half_a_user_with_an_app(&[ISSUER, CLIENT, ("TEST_USER_GOLD_TOTP_SECRET", "GEZDGNBVGY3TQOJQ")], "go together")]
#[case::no_base32(
    &[ISSUER, CLIENT, ("TEST_USER_GOLD_USERNAME", "g"), ("TEST_USER_GOLD_PASSWORD", "p"),
        ("TEST_USER_GOLD_TOTP_SECRET", "hidden value!")],
    "TEST_USER_GOLD_TOTP_SECRET is not the base32 secret"
)]
#[case::no_passkey(
    &[ISSUER, CLIENT, ("TEST_USER_GOLD_USERNAME", "g"), ("TEST_USER_GOLD_PASSWORD", "p"),
        ("TEST_USER_GOLD_PASSKEY", "nowhere/gold.passkey")],
    "TEST_USER_GOLD_PASSKEY: there is no file `nowhere/gold.passkey`"
)]
#[case::org_in_clear(&[ISSUER, CLIENT, ("OKTA_CLIENT_ORGURL", "http://example.okta.com")], "OKTA_CLIENT_ORGURL must begin with https://")]
#[case::org_of_admins(&[ISSUER, CLIENT, ("OKTA_CLIENT_ORGURL", "https://example-admin.okta.com")], "OKTA_CLIENT_ORGURL names the Admin Console's host")]
#[case::fragment(&[ISSUER, CLIENT, ("OKTA_OAUTH2_REDIRECT_URI", "http://localhost/cb#a")], "OKTA_OAUTH2_REDIRECT_URI must not have a fragment")]
#[case::line_break(&[ISSUER, CLIENT, ("RESOURCE_SERVER_URL", "https://api.example/\nv1")], "RESOURCE_SERVER_URL holds a blank or a control character")]
#[case::one_login(
    &[ISSUER, CLIENT, ("TEST_USER_GOLD_USERNAME", "Ann@example.com"), ("TEST_USER_GOLD_PASSWORD", "p"),
        ("TEST_USER_SILVER_USERNAME", "ann@Example.com"), ("TEST_USER_SILVER_PASSWORD", "p")],
    "TEST_USER_GOLD_USERNAME and TEST_USER_SILVER_USERNAME are one login"
)]
#[case::one_name_in_two_ways(
    &[ISSUER, CLIENT, ("TEST_USER_SILVER_USERNAME", "s"), ("TEST_USER_SLIVER_PASSWORD", "p")],
    "TEST_USER_SLIVER_USERNAME and TEST_USER_SLIVER_PASSWORD go together: set both or none; so do those of SILVER: are the two one NAME, misspelled?"
)]
#[case::slip_of_the_issuer(&[("OKTA_OATH2_ISSUER", "hidden-value")], "OKTA_OATH2_ISSUER is, which no run reads: rename it to OKTA_OAUTH2_ISSUER")]
#[case::slip_of_another(&[("okta_client_token", "hidden-value")], "rename it to OKTA_CLIENT_TOKEN")]
#[case::slip_of_a_user(&[("TESTUSER_SILVER_PASSWORD", "hidden-value")], "rename it to TEST_USER_SILVER_PASSWORD")]
#[case::slip_that_explains(
    &[ISSUER, ("OKTA_OAUTH2_CLIENTID", "hidden-value")],
    "note: no run reads OKTA_OAUTH2_CLIENTID; the nearest variable is OKTA_OAUTH2_CLIENT_ID"
)]
#[case::key_of_no_issuer(&[("OKTA_E2E_TRUSTED_KEY", "key.pem")], "OKTA_E2E_TRUSTED_KEY is")]
#[case::key_beside_the_sandbox(
    &[("OKTA_OAUTH2_ISSUER", "sandbox"), ("OKTA_E2E_TRUSTED_KEY", "key.pem")],
    "takes nothing from OKTA_E2E_TRUSTED_KEY"
)]
#[case::key_that_is_missing(
    &[ISSUER, CLIENT, ("OKTA_E2E_TRUSTED_KEY", "no/such/key.pem")],
    "OKTA_E2E_TRUSTED_KEY: there is no file `no/such/key.pem`"
)]
#[case::key_that_is_a_folder(
    &[ISSUER, CLIENT, ("OKTA_E2E_TRUSTED_KEY", "fixtures")],
    "OKTA_E2E_TRUSTED_KEY: cannot read `fixtures`: it is a folder"
)]
#[case::key_that_is_none(
    &[ISSUER, CLIENT, ("OKTA_E2E_TRUSTED_KEY", "fixtures/org.toml")],
    "OKTA_E2E_TRUSTED_KEY: no RSA private key is in `fixtures/org.toml`"
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
    assert!(!message.contains("hidden-value"), "{message}");
}

#[test]
fn a_user_and_password_in_any_address_is_refused_and_not_printed() {
    let names = [
        "OKTA_OAUTH2_ISSUER",
        "OKTA_CLIENT_ORGURL",
        "OKTA_OAUTH2_REDIRECT_URI",
        "RESOURCE_SERVER_URL",
        "WEBDRIVER_URL",
    ];
    let address = "https://hidden-value:hidden-value@example.okta.com/oauth2/aus1";
    let addresses = names.map(|name| (name, address));
    let pairs: Vec<(&str, &str)> = addresses.into_iter().chain([CLIENT]).collect();
    let message = read(&pairs).expect_err("five addresses");
    for name in names {
        let problem = format!("{name} must not hold a user and password");
        assert!(message.contains(&problem), "{problem} is not in\n{message}");
    }
    assert!(!message.contains("hidden-value"), "{message}");
}

#[test]
fn names_that_no_run_reads_are_noted_with_the_nearest_and_stop_nothing() {
    let pairs = [
        ISSUER,
        CLIENT,
        ("OKTA_E2E_TRUSTED_ORIGIN", "https://hidden-value.example"),
        ("TEST_USER_SILVER_PASWORD", ""),
        ("OKTA_ORG_NAME", "hidden-value"),
        ("OKTA_API_TOKEN", "hidden-value"),
        ("HOME", "/root"),
    ];
    let notes = read(&pairs).expect("enough").notes;
    assert_eq!(
        notes,
        [
            "no run reads OKTA_E2E_TRUSTED_ORIGIN; the nearest variable is \
             OKTA_E2E_TRUSTED_ORIGINS",
            "no run reads TEST_USER_SILVER_PASWORD; the nearest variable is \
             TEST_USER_SILVER_PASSWORD",
            "set for other tools, perhaps, and read by no run: OKTA_API_TOKEN, OKTA_ORG_NAME",
        ]
    );
}

#[rstest]
#[case::a_letter_missing("OKTA_OATH2_ISSUER", "OKTA_OAUTH2_ISSUER")]
#[case::exchanged("OKTA_OAUTH2_CLEINT_ID", "OKTA_OAUTH2_CLIENT_ID")]
#[case::no_underscore("OKTA_CLIENT_ORG_URL", "OKTA_CLIENT_ORGURL")]
#[case::small("okta_oauth2_issuer", "OKTA_OAUTH2_ISSUER")]
#[case::as_a_property("okta.oauth2.client-id", "OKTA_OAUTH2_CLIENT_ID")]
#[case::more_at_its_end("OKTA_OAUTH2_CLIENT_SECRET_FILE", "OKTA_OAUTH2_CLIENT_SECRET")]
#[case::singular("OKTA_E2E_TRUSTED_ORIGIN", "OKTA_E2E_TRUSTED_ORIGINS")]
#[case::any_of_ours("OKTA_E2E_BROWSER_COUNT", "OKTA_E2E_BROWSERS")]
#[case::webdriver("WEBDRIVER_URI", "WEBDRIVER_URL")]
#[case::chromedriver("CHROME_WEBDRIVER", "CHROMEWEBDRIVER")]
#[case::end_of_a_user("TEST_USER_SILVER_PASWORD", "TEST_USER_SILVER_PASSWORD")]
#[case::end_of_an_app("TEST_USER_SILVER_TOTP_SECRT", "TEST_USER_SILVER_TOTP_SECRET")]
#[case::end_of_a_passkey("TEST_USER_SILVER_PASKEY", "TEST_USER_SILVER_PASSKEY")]
#[case::beginning("TEST_USERS_SILVER_USERNAME", "TEST_USER_SILVER_USERNAME")]
#[case::beginning_together("TESTUSER_BIG_GOLD_PASSWORD", "TEST_USER_BIG_GOLD_PASSWORD")]
#[case::beginning_and_name("TEST_USERSILVER_PASSWORD", "TEST_USER_SILVER_PASSWORD")]
#[case::end_together("TEST_USER_SILVERUSERNAME", "TEST_USER_SILVER_USERNAME")]
#[case::small_user("test_user_silver_password", "TEST_USER_SILVER_PASSWORD")]
#[case::nameless("TEST_USER_PASSWORD", "TEST_USER_<NAME>_PASSWORD")]
#[case::any_of_a_user("TEST_USER_SILVER_PASS", "TEST_USER_SILVER_PASSWORD")]
fn a_slip_is_reported_with_what_was_meant(#[case] name: &str, #[case] meant: &str) {
    let notes = read(&[ISSUER, CLIENT, (name, "")]).expect("enough").notes;
    assert_eq!(
        notes,
        [format!(
            "no run reads {name}; the nearest variable is {meant}"
        )]
    );
}

#[rstest]
#[case("OKTA_ORG_NAME")]
#[case("OKTA_API_TOKEN")]
#[case("OKTA_BASE_URL")]
#[case("OKTA_API_CLIENT_ID")]
#[case("OKTA_CLIENT_ID")]
#[case("OKTA_DOMAIN")]
fn another_tool_of_okta_is_no_slip(#[case] name: &str) {
    let notes = read(&[(name, "a")]).expect("the sandbox").notes;
    assert_eq!(
        notes,
        [format!(
            "set for other tools, perhaps, and read by no run: {name}"
        )]
    );
}

#[rstest]
#[case("HOME")]
#[case("TEST_USER")]
#[case("GECKOWEBDRIVER")]
#[case("LATEST_USER_NAME")]
#[case("DATABASE_URL")]
#[case("VITE_OKTA_OAUTH2_ISSUER")]
fn a_foreign_name_is_left_alone(#[case] name: &str) {
    assert!(read(&[(name, "a")]).expect("the sandbox").notes.is_empty());
}

#[test]
fn a_name_of_the_environment_is_shown_escaped_and_capped() {
    let name = format!("OKTA\u{1b}\n{}", "x".repeat(900));
    let notes = read(&[(&name, "a")]).expect("the sandbox").notes;
    assert!(notes[0].contains("OKTA\\u{1b}\\nx"), "{notes:?}");
    assert!(notes[0].len() < 200, "{notes:?}");
}

#[test]
fn a_key_for_the_management_api_is_answered_by_not_yet() {
    let pairs = [ISSUER, CLIENT, ("OKTA_CLIENT_PRIVATEKEY", "hidden-value")];
    let notes = read(&pairs).expect("enough").notes;
    let expected = "not used yet: OKTA_CLIENT_PRIVATEKEY; OKTA_CLIENT_TOKEN turns on the audit of \
                    steps 1 to 4";
    assert_eq!(notes, [expected]);
}

#[rstest]
#[case::other_tools(&[("OKTA_ORG_NAME", "a"), ("OKTA_API_TOKEN", "b"), ("OKTA_BASE_URL", "c")])]
#[case::blank_slip(&[("OKTA_OATH2_ISSUER", " ")])]
#[case::slip_beside_the_sandbox(&[("OKTA_OAUTH2_ISSUER", "sandbox"), ("OKTA_OATH2_CLIENT_ID", "a")])]
#[case::slip_of_the_run(&[("OKTA_E2E_BROWSER", "2")])]
fn what_names_no_org_leaves_the_sandbox(#[case] pairs: &[(&str, &str)]) {
    let config = read(pairs).expect("the sandbox");
    assert!(matches!(config.target, Target::Sandbox));
    assert_eq!(config.notes.len(), 1, "{:?}", config.notes);
}

#[rstest]
#[case::org_elsewhere(&[ISSUER, CLIENT, ("WEBDRIVER_URL", "http://grid.example:4444")])]
#[case::browsers_here(&[("WEBDRIVER_URL", "http://127.0.0.1:4444")])]
fn browsers_that_reach_the_org_are_taken(#[case] pairs: &[(&str, &str)]) {
    assert!(read(pairs).expect("enough").webdriver_url.is_some());
}

/// What looks like a slip may be a name of its own.
#[test]
fn a_host_that_only_looks_like_the_admin_console_is_taken() {
    let issuer = "https://login-admin.oktagon.example/oauth2/aus1";
    let config = read(&[("OKTA_OAUTH2_ISSUER", issuer), CLIENT]).expect("a right issuer");
    assert!(matches!(config.target, Target::Org(_)));
}

#[rstest]
#[case::of_a_header("SSWS 00hidden-value")]
#[case::of_two_lines("00hidden value")]
fn an_api_token_is_the_token_alone(#[case] token: &str) {
    let pairs = [ISSUER, CLIENT, ("OKTA_CLIENT_TOKEN", token)];
    let message = read(&pairs).expect_err("no token");
    assert!(message.contains("without `SSWS` or blanks"), "{message}");
    assert!(!message.contains("hidden"), "{message}");
    let pairs = [ISSUER, CLIENT, ("OKTA_CLIENT_TOKEN", " 00a ")];
    assert!(read(&pairs).is_ok());
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
#[case::dollar_in_a_comment("A='1' # costs b$c", None)]
#[case::dollar_after_the_quotes("A='1'$c", Some("line 1: A holds a `$`"))]
#[case::no_pair("A='1'\nnot a pair", Some("line 2: not a line of the form"))]
#[case::open_quote("A='1'\nB='2\nC='3'", Some("line 2: not a line of the form"))]
#[case::backslash_at_the_end("A='b\\'\nB='2'", Some("line 1: not a line of the form"))]
#[case::apostrophe("A=it's\nB=that's", Some("line 1: not a line of the form"))]
#[case::typographic(
    "A=\u{201c}b\u{201d}",
    Some("line 1: A begins with a typographic quote")
)]
#[case::twice("A='1'\n\nA='2'", Some("line 3: A is set a second time"))]
#[case::twice_alike("A='1'\nA='1'", None)]
#[case::nul(
    "A='1'\nB='2\0'",
    Some("line 2: it holds the control character U+0000")
)]
fn a_line_that_would_be_read_otherwise_is_refused(#[case] text: &str, #[case] says: Option<&str>) {
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

#[rstest]
#[case::windows("\u{feff}A='b'\r\nC=d\r\n")]
#[case::exported("export A='b'\nexport C=d\n")]
#[case::comments("A='b' # one\nC=d # two\n")]
#[case::blanks("  A = 'b'  \n\n# c\nC=d   ")]
#[case::filled_in_below_the_example("A=''\nC=''\nA='b'\nC='d'")]
fn a_file_is_read_as_it_is_meant(#[case] text: &str) {
    let environment = Environment::parse(".env", text).expect("a file");
    assert_eq!(
        [environment.get("A"), environment.get("C")],
        [Some("b"), Some("d")]
    );
}

#[test]
fn a_file_that_is_named_must_be_there_and_the_default_need_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("my.env");
    let missing = Environment::of_run(Some(&file)).expect_err("no file");
    assert!(missing.to_string().contains("my.env"), "{missing}");
    assert!(Environment::read(&file).is_ok());
    std::fs::write(&file, "BAD_DAYS_A='b'").expect("a file");
    let environment = Environment::of_run(Some(&file)).expect("a file");
    assert_eq!(environment.get("BAD_DAYS_A"), Some("b"));
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

#[rstest]
#[case::pkcs8("PRIVATE KEY", None)]
#[case::pkcs1("RSA PRIVATE KEY", None)]
#[case::encrypted("ENCRYPTED PRIVATE KEY", Some("is encrypted"))]
#[case::public("PUBLIC KEY", Some("no RSA private key is in"))]
#[case::certificate("CERTIFICATE", Some("no RSA private key is in"))]
fn a_trusted_key_is_a_private_key_that_can_be_read(
    #[case] label: &str,
    #[case] refused: Option<&str>,
) {
    let text = format!("-----BEGIN {label}-----\nhidden\n-----END {label}-----\n");
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    let name = file.path().to_str().expect("a name");
    let config = read(&[ISSUER, CLIENT, ("OKTA_E2E_TRUSTED_KEY", name)]);
    let key = config.map(|config| match config.target {
        Target::Org(access) => access
            .trusted_key
            .expect("a key")
            .expose_secret()
            .to_owned(),
        Target::Sandbox => panic!("the org is not taken"),
    });
    match refused {
        None => assert_eq!(key, Ok(text)),
        Some(says) => {
            let message = key.expect_err("no key");
            assert!(message.contains(says), "{message}");
            assert!(!message.contains("hidden"), "{message}");
        }
    }
}

/// A passkey in a file of this mode, for this host: what comes of `TEST_USER_GOLD_PASSKEY`.
fn with_passkey(host: &str, mode: u32, text: Option<&str>) -> (String, Result<Config, String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("gold.passkey");
    let passkey = Passkey::make(host).expect("a passkey");
    passkey.write_new(&file).expect("written");
    if let Some(text) = text {
        std::fs::write(&file, text).expect("written");
    }
    let permissions = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(&file, permissions).expect("changed");
    let pairs = [
        ISSUER,
        CLIENT,
        ("TEST_USER_GOLD_USERNAME", "gold"),
        ("TEST_USER_GOLD_PASSWORD", "not-told"),
        ("TEST_USER_GOLD_PASSKEY", file.to_str().expect("a text")),
    ];
    (passkey.secret().expose_secret().to_owned(), read(&pairs))
}

#[rstest]
#[case::the_host_of_the_org("example.okta.com")]
#[case::a_domain_above("okta.com")]
fn a_user_may_have_a_passkey(#[case] host: &str) {
    let (_, config) = with_passkey(host, 0o600, None);
    let Target::Org(access) = config.expect("enough").target else {
        panic!("the org is not taken")
    };
    assert!(access.users["GOLD"].passkey.is_some());
}

#[rstest]
#[case::of_another_host("login.example.org", 0o600, None, "`login.example.org`")]
#[case::open_to_everybody("example.okta.com", 0o644, None, "chmod 600")]
#[case::no_passkey("example.okta.com", 0o600, Some("hidden"), "line 1")]
fn a_passkey_that_cannot_be_used_is_named_and_not_shown(
    #[case] host: &str,
    #[case] mode: u32,
    #[case] text: Option<&str>,
    #[case] says: &str,
) {
    let (secret, config) = with_passkey(host, mode, text);
    let error = config.expect_err("it cannot be used");
    assert!(error.contains("TEST_USER_GOLD_PASSKEY: "), "{error}");
    assert!(error.contains(says), "{error}");
    assert!(
        !error.contains(&secret) && !error.contains("hidden"),
        "{error}"
    );
}

/// What keeps a run from being made is told once.
#[test]
fn a_slip_that_is_a_problem_is_no_note_beside_it() {
    let said = read(&[("okta_client_token", "hidden-value")]).expect_err("a slip");
    assert_eq!(said.matches("okta_client_token").count(), 1, "{said}");
}
