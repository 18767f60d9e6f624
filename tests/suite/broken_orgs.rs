//! Every way to get the set-up wrong is caught, and the right step is named: one file each.
//!
//! A file in `fixtures/broken-orgs/` says what is wrong in a sentence, how a right org is made so,
//! exactly which trials must be not met and which cannot be checked any more, which step is to
//! blame, and what the findings must give as the cause. The report shows one cause for one mistake,
//! or as many as the file says. A new file needs no code.

use std::path::PathBuf;

use okta_e2e::report::Record;
use rstest::rstest;

use crate::finding_codes::{assert_codes, codes};
use crate::support::scenario::{Scenario, assert_reads_well, keep_what_was_found, told};

/// Without an audit a denial comes with its candidates, most likely first.
#[rstest]
#[case::no_rule(
    "step-3c-no-rule",
    "[SILVER silver]",
    "likely: (1) step 3c: no active rule",
    "no-tokens-by-policy"
)]
#[case::not_assigned(
    "step-4c-client-not-assigned",
    "[SILVER silver]",
    "likely: (1) step 4c: the client is not assigned",
    "no-tokens-not-assigned"
)]
#[case::no_scope(
    "step-3b-gold-scope-missing",
    "[GOLD gold]",
    "likely: (1) step 3b: the scope is missing",
    "no-tokens-unknown-scope"
)]
#[case::no_implicit(
    "step-4a-client-without-implicit",
    "[SILVER silver]",
    "likely: (1) step 4a: Implicit (hybrid) is not ticked",
    "no-tokens-response-type"
)]
#[case::no_code(
    "step-4a-client-without-code",
    "[SILVER silver]",
    "likely: (1) step 4a: Authorization Code is not ticked",
    "no-tokens-response-type"
)]
#[case::redirect_uri(
    "step-4b-redirect-uri-in-capitals",
    "[SILVER silver]",
    "likely: (1) step 4b: the redirect URI is not registered",
    "no-tokens-redirect-uri"
)]
#[case::client(
    "step-4a-client-inactive",
    "[SILVER silver]",
    "likely: (1) step 4a: the client id is mistyped",
    "no-tokens-client"
)]
#[case::zone(
    "step-4a-network-zone",
    "[SILVER silver]",
    "likely: (1) step 4a: the client may be used from other network zones",
    "no-tokens-network"
)]
#[case::user(
    "step-2-user-suspended",
    "[SILVER silver]",
    "check TEST_USER_SILVER_USERNAME and TEST_USER_SILVER_PASSWORD",
    ""
)]
#[tokio::test]
async fn without_an_api_token_a_denial_names_where_to_look_first(
    #[case] broken: &str,
    #[case] subject: &str,
    #[case] first: &str,
    #[case] code: &str,
) {
    let (_, mut world) = Scenario::broken(broken).await;
    world.access.api_token = None;
    let verified = world.verify().await;
    let name = format!("step_5_authorize::the_user_gets_tokens{subject}");
    let told = told(&verified.record, &name);
    assert!(told.contains(first), "{name} says: {told}");
    let mut results = verified.record.results.iter();
    let result = results.find(|result| result.name == name).expect("it");
    let wanted = code.split_whitespace().map(str::to_owned);
    assert_eq!(codes(result), wanted.collect());
}

#[rstest]
#[tokio::test]
async fn a_broken_org_turns_exactly_its_trials_red(
    #[files("fixtures/broken-orgs/*.toml")] file: PathBuf,
) {
    let broken = Scenario::read(&file);
    let verified = broken.world().await.verify().await;
    keep_what_was_found("broken-orgs", &file, &verified.record);
    assert_reads_well(&verified.record);
    let is_red = !broken.not_met.is_empty();
    assert!(is_red, "a run that sees nothing wrong is a blind one");
    broken.assert_comes_true(&verified);
    broken.assert_causes_shown(&verified.record);
    assert_no_placeholder(&verified.record);
    assert_codes(&file, &verified.record);
}

/// A fix names what is in the org, or says in words what it is: nobody can call `{ruleId}`.
fn assert_no_placeholder(record: &Record) {
    for result in &record.results {
        let Some(fix) = &result.fix else { continue };
        for text in [&fix.admin_console, &fix.api] {
            assert!(!has_placeholder(text), "{}: {text}", result.name);
        }
    }
}

fn has_placeholder(text: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic());
    let mut behind = text.split('{').skip(1);
    behind.any(|text| text.split_once('}').is_some_and(|(name, _)| is_name(name)))
}
