//! How a run ends: 1 for what is not met, 2 for what could not be looked at, 0 for neither; the
//! record, its verdict and JUnit say the same.

use okta_e2e::observation::Cause;
use okta_e2e::report::{self, Changes, Record};
use rstest::rstest;
use secrecy::SecretString;
use tempfile::TempDir;

use crate::support::scenario::Scenario;
use crate::support::world::{World, file, names};

/// What is wrong with the world, or with what the run was given.
enum Trouble {
    Nothing,
    ApiDown,
    ApiGone,
    ApiDiesAtAToken,
    ApiServesEverybody,
    WrongPassword,
    DeadToken,
    NoToken,
    NoUser,
    OneUserLess,
    PageThatStops,
    RuleMissing,
}

impl Trouble {
    async fn make(&self, world: &mut World) {
        match self {
            Self::Nothing => {}
            Self::ApiDown => world.set_faults(None, Some("server-error")),
            Self::ApiGone => "http://127.0.0.1:1".clone_into(&mut world.resource_server),
            Self::ApiDiesAtAToken => world.set_faults(None, Some("hangs")),
            Self::ApiServesEverybody => world.set_faults(None, Some("open-without-token")),
            Self::WrongPassword => {
                let silver = world.access.users.get_mut("SILVER").expect("a user");
                silver.password = SecretString::from("not the password");
            }
            Self::DeadToken => world.access.api_token = Some(SecretString::from("not a token")),
            Self::NoToken => world.access.api_token = None,
            Self::NoUser => world.access.users.clear(),
            Self::OneUserLess => drop(world.access.users.remove("SILVER")),
            Self::PageThatStops => world.set_faults(Some("sign-in.enrolment"), None),
            Self::RuleMissing => {
                let file =
                    crate::support::world::file("fixtures/broken-orgs/step-3c-rule-inactive.toml");
                crate::support::scenario::Scenario::read(&file)
                    .make(world)
                    .await;
            }
        }
    }
}

#[rstest]
#[case::all_is_well(Trouble::Nothing, 0, 0, "good: all")]
#[case::an_api_that_fails(Trouble::ApiDown, 1, 1, "NOT MET")]
#[case::nothing_listens_at_the_api(Trouble::ApiGone, 2, 2, "could not look")]
#[case::an_api_hangs(Trouble::ApiDiesAtAToken, 2, 2, "could not look")]
#[case::a_breach(Trouble::ApiServesEverybody, 1, 1, "NOT MET")]
#[case::a_wrong_password(Trouble::WrongPassword, 2, 2, "check TEST_USER_SILVER_PASSWORD")]
#[case::a_dead_api_token(Trouble::DeadToken, 2, 2, "could not look")]
#[case::no_api_token(Trouble::NoToken, 0, 1, "not configured")]
#[case::no_user_at_all(Trouble::NoUser, 2, 1, "TEST_USER_")]
#[case::one_user_less(Trouble::OneUserLess, 0, 1, "not configured")]
#[case::a_page_that_stops(Trouble::PageThatStops, 2, 2, "could not look")]
#[case::a_rule_is_missing(Trouble::RuleMissing, 1, 1, "NOT MET")]
#[tokio::test]
async fn a_run_ends_as_what_it_saw(
    #[case] trouble: Trouble,
    #[case] status: u8,
    #[case] strict_status: u8,
    #[case] says: &str,
) {
    let mut world = World::new().await;
    trouble.make(&mut world).await;
    let record = world.verify().await.record;
    assert_eq!(record.run.exit_status, status, "{}", record.run.verdict);
    assert!(record.run.verdict.contains(says), "{}", record.run.verdict);
    assert_junit_agrees(&record);
    let strict = report_as_strict(record);
    assert_eq!(
        strict.run.exit_status, strict_status,
        "{}",
        strict.run.verdict
    );
    assert_junit_agrees(&strict);
}

/// The same results, judged by the strict rule.
fn report_as_strict(record: Record) -> Record {
    let mut run = record.run;
    run.strict = true;
    Record::new(run, record.results)
}

/// A failure for 1, an error and no failure for 2, neither for 0.
fn assert_junit_agrees(record: &Record) {
    let folder = TempDir::new().expect("a folder");
    report::render(record, folder.path(), None).expect("rendered");
    let junit = std::fs::read_to_string(folder.path().join("junit.xml")).expect("written");
    let said = match (junit.contains("<failure"), junit.contains("<error")) {
        (true, _) => 1,
        (false, true) => 2,
        (false, false) => 0,
    };
    let status = record.run.exit_status;
    // That nothing at all was looked at is no single test case's error.
    let of_no_case = record
        .results
        .iter()
        .all(|result| result.cause == Some(Cause::NotConfigured) || result.is_met());
    assert!(said == status || of_no_case, "{said} {status}: {junit}");
    let (head, _) = junit.split_once("<testsuite ").expect("a suite");
    assert!(!head.contains("skipped"), "{head}");
}

#[rstest]
#[case::what_could_not_be_looked_at(Trouble::WrongPassword, "the_user_gets_tokens[SILVER", 2)]
#[case::nobody_selected_it(Trouble::WrongPassword, "[GOLD", 0)]
#[case::what_blocks_it_is_not_selected(Trouble::RuleMissing, "access::gold_reads", 1)]
#[case::nothing_selected_is_configured(Trouble::NoToken, "step_3c", 2)]
#[tokio::test]
async fn a_filtered_run_ends_by_the_same_rule(
    #[case] trouble: Trouble,
    #[case] filter: &str,
    #[case] status: u8,
) {
    let mut world = World::new().await;
    trouble.make(&mut world).await;
    let verified = world.verify_filtered(filter).await;
    let run = &verified.record.run;
    assert_eq!(
        run.exit_status,
        status,
        "{} {:?}",
        run.verdict,
        names(&verified, "not_met")
    );
}

#[tokio::test]
async fn two_equal_runs_differ_in_times_alone() {
    let world = World::new().await;
    let mut records = Vec::new();
    for _ in 0..2 {
        let mut record = world.verify().await.record;
        record.run.started.clear();
        record.run.seconds = 0.0;
        for result in &mut record.results {
            result.seconds = 0.0;
            result.observed = result.observed.lasting();
        }
        records.push(serde_json::to_string_pretty(&record).expect("JSON"));
    }
    let different: Vec<(&str, &str)> = records[0]
        .lines()
        .zip(records[1].lines())
        .filter(|(one, other)| one != other)
        .collect();
    assert_eq!(different, []);
}

/// A value is told beside the finding that it leads to, and what the finding is of is not.
#[tokio::test]
async fn what_differs_from_last_night_is_told() {
    let mut world = World::new().await;
    let before = world.verify().await.record;
    let change = file("fixtures/broken-orgs/step-3c-other-token-lifetime.toml");
    Scenario::read(&change).make(&mut world).await;
    let now = world.verify().await.record;
    let lines = Changes::between(&before, &now).lines();
    let has = |text: &str| lines.iter().any(|line| line.contains(text));
    assert!(has("lifetime in seconds is 300, was 3600"), "{lines:#?}");
    assert!(!has("finding") && !has("rests on"), "{lines:#?}");
}

/// A claim that nothing asks for is in the tokens: known without an audit too.
#[tokio::test]
async fn a_claim_that_tokens_did_not_have_is_told() {
    let mut world = World::new().await;
    let token = world.access.api_token.take();
    let before = world.verify().await.record;
    world.access.api_token = token;
    let change = file("fixtures/broken-orgs/step-3a-id-tokens-name-all-groups.toml");
    Scenario::read(&change).make(&mut world).await;
    world.access.api_token = None;
    let now = world.verify().await.record;
    let lines = Changes::between(&before, &now).lines();
    let drift = "  further claims is [\"teams\"], was nothing (";
    assert!(
        lines.iter().any(|line| line.starts_with(drift)),
        "{lines:#?}"
    );
}

/// A new key, and what the metadata has, are told from one night to the next.
#[tokio::test]
async fn the_key_of_tokens_and_the_metadata_are_kept() {
    let record = World::new().await.verify().await.record;
    let keeps = |name: &str| {
        record
            .results
            .iter()
            .any(|result| result.observed.has(name))
    };
    for name in [
        "kid",
        "alg",
        "lifetime in seconds",
        "response types",
        "grant types",
    ] {
        assert!(keeps(name), "{name}");
    }
}
