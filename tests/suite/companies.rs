//! Companies after public APIs of many kinds: what each says of its API and org is understood, sent
//! and answered as it is, a right one is green, and a broken one is red at the right step.
//!
//! A company is a model in `companies/`; `companies/broken/` has what is broken of one, as a
//! scenario of which the findings that count are named.

use std::collections::BTreeSet;
use std::path::PathBuf;

use okta_e2e::config::Profile;
use okta_e2e::observation::Cause;
use okta_sandbox::Sandbox;
use rstest::rstest;

use crate::support::scenario::Scenario;
use crate::support::world::{World, names};

#[rstest]
#[tokio::test]
async fn a_right_company_is_green(#[files("tests/suite/companies/*.toml")] file: PathBuf) {
    let path = file.to_str().expect("a path in UTF-8");
    let mut world = World::of(path, Sandbox::builder()).await;
    // What is green there is green in any other run.
    world.config.strict = true;
    world.config.profile = Profile::Standard;
    let verified = world.verify().await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    let results = verified.record.results.iter();
    let unseen = results.filter(|result| result.outcome.word() == "not_checked");
    let blamable = unseen.filter(|result| result.cause != Some(Cause::NotApplicable));
    let blamable: Vec<_> = blamable.map(|it| (&it.name, &it.reason)).collect();
    assert!(blamable.is_empty(), "{blamable:#?}");
    let run = &verified.record.run;
    assert_eq!(run.exit_status, 0, "{}", run.verdict);
    let tried: BTreeSet<&str> = verified
        .record
        .results
        .iter()
        .filter(|result| result.outcome.word() == "met")
        .filter_map(|result| result.subject.as_ref()?.endpoint.as_deref())
        .collect();
    let endpoints = world.model.endpoints.iter();
    let untried = endpoints.filter(|endpoint| !tried.contains(endpoint.id()));
    assert_eq!(
        untried
            .map(okta_e2e::model::Endpoint::id)
            .collect::<Vec<_>>(),
        Vec::<&str>::new()
    );
}

#[rstest]
#[tokio::test]
async fn a_broken_company_is_red_at_the_right_step(
    #[files("tests/suite/companies/broken/*.toml")] file: PathBuf,
) {
    let broken = Scenario::read(&file);
    let verified = broken.world().await.verify().await;
    broken.assert_blames(&verified);
}
