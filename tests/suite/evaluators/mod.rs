//! Two evaluators, one answer: what the suite reads off a found org is what the org does.
//!
//! Orgs are generated, set up through the sandbox's Management API, found again by the suite's own
//! observation, and asked by whoever may sign in. `PROPTEST_CASES` runs more of them;
//! `PROPTEST_RNG_SEED` runs those of a mismatch again.

mod generated;
mod question;
mod subject;

use okta_sandbox::OpenIdConnectScopes;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use rstest::rstest;

use generated::{GeneratedOrg, orgs};
use question::{QUESTIONS, Question, every_question};
use subject::Subject;

/// So many orgs of each kind take some seconds. `PROPTEST_CASES=560` asks a million questions.
const CASES: u32 = 56;

/// What they are asked, both kinds together, in every run of the tests.
const LEAST_QUESTIONS: usize = 100_000;
const _: () = assert!(2 * CASES as usize * QUESTIONS >= LEAST_QUESTIONS);

/// A mismatch is made smaller for so long, in milliseconds.
const SHRINKS_FOR_MS: u32 = 60_000;

#[rstest]
#[case::rules_hold_openid(OpenIdConnectScopes::MustBeInRule)]
#[case::rules_need_not_hold_openid(OpenIdConnectScopes::AlwaysGranted)]
fn suite_and_sandbox_decide_alike(#[case] openid: OpenIdConnectScopes) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let subject = runtime.block_on(Subject::new(openid));
    let config = config();
    let seed = config.rng_seed;
    let outcome = TestRunner::new(config).run(&orgs(), |org| {
        runtime
            .block_on(compare(&subject, &org))
            .map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(reason, smallest)) => panic!(
            "{reason}\nagain: PROPTEST_RNG_SEED={seed}; the smallest org:\n{}",
            smallest.as_toml()
        ),
        Err(TestError::Abort(reason)) => panic!("no org could be generated: {reason}"),
    }
}

/// The environment's wishes, a number of cases that fits a test, and a seed that can be told.
fn config() -> Config {
    let mut config = Config {
        failure_persistence: None,
        max_shrink_time: SHRINKS_FOR_MS,
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    if matches!(config.rng_seed, RngSeed::Random) {
        config.rng_seed = RngSeed::Fixed(rand::random());
    }
    config
}

/// Sets the org up, finds it again, and compares every answer; the first difference is told.
async fn compare(subject: &Subject, org: &GeneratedOrg) -> Result<(), String> {
    subject.set_up(org).await;
    let found = subject.find().await;
    let policies = found.access_policies().expect("the policies were found");
    for question in every_question() {
        let suite = subject.granted_by(&policies, &found, &question);
        let sandbox = subject.granted_by_sandbox(&question);
        same(&question, "the policies give", &suite, &sandbox)?;
    }
    for question in org.asked.iter().map(Question::of) {
        let suite = subject.predicted_by_suite(&found, &question);
        let sandbox = subject.ask(&question).await;
        same(&question, "over HTTP comes", &suite, &sandbox)?;
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(
    question: &Question,
    what: &str,
    suite: &T,
    sandbox: &T,
) -> Result<(), String> {
    if suite == sandbox {
        return Ok(());
    }
    Err(format!(
        "{question}: by the suite {what} {suite:?}, by the sandbox {sandbox:?}"
    ))
}
