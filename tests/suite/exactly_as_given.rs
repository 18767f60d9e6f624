//! A password is typed exactly as it is given: one blank less is a wrong one, which can lock a user.

use okta_e2e::config::{Config, Environment, Target};
use okta_e2e::secrets::Secrets;
use rstest::rstest;
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::support::world::{World, names};

const ORG: &str = "OKTA_OAUTH2_ISSUER='https://example.okta.com/oauth2/aus1'\n\
                   OKTA_OAUTH2_CLIENT_ID='0oa1'\n\
                   TEST_USER_SILVER_USERNAME=' silver '\n";
const PASSWORD: &str = "TEST_USER_SILVER_PASSWORD";
const CLIENT_SECRET: &str = "OKTA_OAUTH2_CLIENT_SECRET";
const SERVICE_SECRET: &str = "SERVICE_NIGHTLY_CLIENT_SECRET";

/// The configuration of a file that has these lines too.
fn read(lines: &str) -> Result<Config, String> {
    let text = format!("{ORG}{lines}\n");
    let environment = Environment::parse(".env", &text).map_err(|error| error.to_string())?;
    Config::read(&environment).map_err(|error| error.to_string())
}

/// The line that sets a variable, and what else is needed for it to be read.
fn line(name: &str, value: &str) -> String {
    let others = [
        (PASSWORD, "Right-1234"),
        ("SERVICE_NIGHTLY_CLIENT_ID", "0oa2"),
    ];
    let others = others.iter().filter(|(other, _)| *other != name);
    let others = others.map(|(other, value)| format!("{other}='{value}'\n"));
    format!("{}{name}={value}", others.collect::<String>())
}

fn secret(config: Config, name: &str) -> String {
    let Target::Org(access) = config.target else {
        panic!("the org is not taken")
    };
    let secret = match name {
        PASSWORD => Some(&access.users["SILVER"].password),
        CLIENT_SECRET => access.client_secret.as_ref(),
        _ => access.services["NIGHTLY"].client_secret.as_ref(),
    };
    secret.expect("a secret").expose_secret().to_owned()
}

#[rstest]
#[case::before("' hidden-value'", " hidden-value")]
#[case::behind("'hidden-value '", "hidden-value ")]
#[case::two("'  hidden-value'", "  hidden-value")]
#[case::no_break("'hidden-value\u{a0}'", "hidden-value\u{a0}")]
#[case::in_double_quotes("\" hidden-value \"", " hidden-value ")]
fn a_secret_keeps_its_blanks_and_a_note_says_so(
    #[case] written: &str,
    #[case] used: &str,
    #[values(PASSWORD, CLIENT_SECRET, SERVICE_SECRET)] name: &str,
) {
    let config = read(&line(name, written)).expect("enough");
    let notes = config.notes.join("\n");
    assert!(
        notes.contains(&format!("{name} begins or ends with a blank")),
        "{notes}"
    );
    assert!(!notes.contains("hidden-value"), "{notes}");
    assert_eq!(secret(config, name), used);
}

/// What a file of a secret ends with is no part of it, and unquoted blanks are none of the value.
#[rstest]
#[case::line_break("\"hidden-value\\n\"")]
#[case::unquoted("hidden-value  ")]
fn what_cannot_be_meant_is_no_part_of_a_secret(
    #[case] written: &str,
    #[values(PASSWORD, CLIENT_SECRET, SERVICE_SECRET)] name: &str,
) {
    let config = read(&line(name, written)).expect("enough");
    assert_eq!(config.notes, Vec::<String>::new());
    assert_eq!(secret(config, name), "hidden-value");
}

/// A tab would lead out of the field, and what is behind it into another.
#[rstest]
#[case::tab("'hidden\tvalue'")]
#[case::line_break("\"hidden\\nvalue\"")]
fn a_secret_that_cannot_be_typed_is_refused(
    #[case] written: &str,
    #[values(PASSWORD, CLIENT_SECRET, SERVICE_SECRET)] name: &str,
) {
    let problem = read(&line(name, written)).expect_err("it cannot be typed");
    assert!(
        problem.contains(&format!("{name} holds a line break, a tab")),
        "{problem}"
    );
    assert!(!problem.contains("hidden"), "{problem}");
}

#[test]
fn two_passwords_that_differ_by_a_blank_are_two() {
    let lines = format!("{PASSWORD}='hidden-value'\n{PASSWORD}='hidden-value '");
    let problem = read(&lines).expect_err("which is right?");
    assert!(problem.contains("is set a second time"), "{problem}");
}

/// What is no secret is meant without blanks.
#[test]
fn a_login_loses_its_blanks() {
    let config = read(&line(PASSWORD, "'Right-1234'")).expect("enough");
    let Target::Org(access) = config.target else {
        panic!("the org is not taken")
    };
    assert_eq!(access.users["SILVER"].username, "silver");
}

#[test]
fn a_client_id_loses_its_blanks() {
    let lines = format!(
        "{PASSWORD}='Right-1234'\nSERVICE_NIGHTLY_CLIENT_ID=' 0oa2 '\n\
         {SERVICE_SECRET}='hidden-value'"
    );
    let config = read(&lines).expect("enough");
    assert_eq!(config.notes, Vec::<String>::new());
    let Target::Org(access) = config.target else {
        panic!("the org is not taken")
    };
    assert_eq!(access.services["NIGHTLY"].client_id, "0oa2");
}

#[rstest]
fn a_secret_with_blanks_is_taken_out_with_and_without_them(
    #[values(PASSWORD, CLIENT_SECRET, SERVICE_SECRET)] name: &str,
) {
    let secrets = Secrets::default();
    secrets.add_variables([(name, " hidden value 7 ")].into_iter());
    let redacted = secrets.redact("a: hidden value 7.");
    assert!(redacted.ends_with("[redacted]."), "{redacted}");
    assert!(!redacted.contains("hidden"), "{redacted}");
    assert!(
        !secrets
            .redact("a%20hidden%20value%207%20b")
            .contains("hidden")
    );
}

#[tokio::test]
async fn a_user_whose_password_ends_with_a_blank_signs_in() {
    const VALUE: &str = " Comet-and-star-7 ";
    let mut world = World::new().await;
    let login = &world.access.users["SILVER"].username;
    let url = format!("{}/api/v1/users/{login}", world.sandbox.org_url());
    let body = json!({ "credentials": { "password": { "value": VALUE } } });
    let request = crate::support::http().post(url).json(&body);
    let authorization = format!("SSWS {}", world.sandbox.api_token());
    let answer = request.header("authorization", authorization).send().await;
    assert!(answer.expect("an answer").status().is_success());
    let config = read(&line(PASSWORD, &format!("'{VALUE}'"))).expect("enough");
    let Target::Org(access) = config.target else {
        panic!("the org is not taken")
    };
    let user = world.access.users.get_mut("SILVER").expect("a user");
    user.password.clone_from(&access.users["SILVER"].password);
    let verified = world
        .verify_filtered("the_user_gets_tokens[SILVER silver]")
        .await;
    let met = names(&verified, "met");
    assert_eq!(
        met,
        ["step_5_authorize::the_user_gets_tokens[SILVER silver]"]
    );
}
