//! A run that is split over several machines says what it says whole.

use std::collections::BTreeSet;

use okta_e2e::config::Profile;
use okta_e2e::model::OrgModel;
use okta_e2e::observation::Agents;
use okta_e2e::progress::Progress;
use okta_e2e::report::{self, Record};
use okta_e2e::requirements::{self, Trial};
use okta_e2e::selection::{Partition, Selection};
use okta_e2e::verification::Verification;
use rstest::rstest;
use url::Url;

use crate::support::agent::HttpAgents;
use crate::support::scenario::Scenario;
use crate::support::world::{World, file};

fn partition(text: &str) -> Partition {
    text.parse().expect("a partition")
}

fn partitions(parts: usize) -> impl Iterator<Item = Partition> {
    (1..=parts).map(move |number| partition(&format!("{number}/{parts}")))
}

/// The record of one part of a run, or of the whole.
pub(crate) async fn verify(world: &World, partition: Option<Partition>) -> Record {
    let verification = Verification {
        model: &world.model,
        config: &world.config,
        access: &world.access,
        target: world.access.issuer.clone(),
        resource_server: Url::parse(world.api.url()).expect("a URL"),
        resource_server_words: "the solar-system API".to_owned(),
        filter: None,
    };
    let trials = requirements::trials(&world.model);
    let selection = Selection {
        trials: &trials,
        is_selected: &|_| true,
        partition,
        profile: world.config.profile,
    };
    let agents = HttpAgents;
    let verified = verification
        .run_selection(&selection, Agents::Given(&agents), &Progress::silent())
        .await;
    verified.expect("a run").record
}

/// What a record says, without what differs from run to run: times, and what tokens hold.
fn said(record: &Record) -> String {
    let mut record = record.clone();
    record.run.started = String::new();
    record.run.seconds = 0.0;
    record.run.sign_ins = 0;
    record.run.requests = 0;
    // Each part asks again by itself.
    record.run.retries.clear();
    for result in &mut record.results {
        result.seconds = 0.0;
        result.actual = None;
        result.observed = result.observed.lasting();
    }
    serde_json::to_string_pretty(&record).expect("JSON")
}

async fn assert_same_when_split(world: &World, parts: usize) {
    let whole = verify(world, None).await;
    let mut records = Vec::new();
    for partition in partitions(parts) {
        records.push(verify(world, Some(partition)).await);
    }
    let merged = report::merge(&world.model, &records).expect("the records fit together");
    assert_eq!(said(&merged), said(&whole));
    assert_eq!(merged.run.exit_status, whole.run.exit_status);
    let sign_ins: usize = records.iter().map(|record| record.run.sign_ins).sum();
    assert_eq!(merged.run.sign_ins, sign_ins, "every sign-in is counted");
}

#[rstest]
#[case::one_part(1)]
#[case::two_parts(2)]
#[case::three_parts(3)]
#[case::a_part_for_every_user(4)]
#[tokio::test]
async fn a_right_org_split_is_the_same_as_whole(#[case] parts: usize) {
    assert_same_when_split(&World::new().await, parts).await;
}

#[rstest]
#[case("api-forbidden-to-all")]
#[case("api-scope-unchecked")]
#[case("fault-access-token-aud-other")]
#[case("fault-keys-empty")]
#[case("step-1-group-missing")]
#[case("step-2-user-not-in-its-group")]
#[case("step-2-user-suspended")]
#[case("step-3b-gold-scope-missing")]
#[case("step-3c-rule-inactive")]
#[case("step-3c-rule-open-to-everyone")]
#[case("step-4a-client-inactive")]
#[case("step-4c-gold-group-not-assigned")]
#[tokio::test]
async fn a_broken_org_split_is_blamed_as_whole(#[case] name: &str) {
    let (_, world) = Scenario::broken(name).await;
    assert_same_when_split(&world, 3).await;
}

#[tokio::test]
async fn a_missing_user_is_missed_alike_whole_and_split() {
    let mut world = World::new().await;
    world.access.users.remove("SILVER");
    assert_same_when_split(&world, 3).await;
}

#[tokio::test]
async fn records_that_are_no_whole_run_are_not_merged() {
    let world = World::new().await;
    let mut records = Vec::new();
    for partition in partitions(2) {
        records.push(verify(&world, Some(partition)).await);
    }
    let refused = |records: &[Record]| report::merge(&world.model, records).unwrap_err();
    assert_eq!(
        refused(&records[..1]),
        "the record of partition 2/2 is missing"
    );
    let twice = [records[0].clone(), records[0].clone()];
    assert_eq!(refused(&twice), "partition 1/2 is there twice");
    assert!(refused(&[]).contains("--partition 1/2"));
    let mut another = records.clone();
    another[1].run.issuer = "https://example.okta.com/oauth2/aus1".to_owned();
    assert!(refused(&another).ends_with("another issuer"));
    let mut short = records.clone();
    let gone = short[1].results.pop().expect("a result");
    assert!(refused(&short).starts_with(&gone.name));
    let planets = OrgModel::load(&file("fixtures/org-planets-only.toml")).expect("a model");
    assert!(
        report::merge(&planets, &records)
            .unwrap_err()
            .contains("OKTA_E2E_ORG_MODEL")
    );
}

#[rstest]
#[case("0/2")]
#[case("3/2")]
#[case("2")]
#[case("1/0")]
#[case("a/b")]
fn what_is_no_partition_is_refused(#[case] text: &str) {
    let refused = text.parse::<Partition>().unwrap_err();
    assert!(refused.contains("the second of five"), "{refused}");
}

/// The default model with so many test users more in the group `goldSubscribers`.
fn large_model(more: usize) -> OrgModel {
    let mut text = std::fs::read_to_string(file("fixtures/org.toml")).expect("a model");
    for number in 0..more {
        let user = format!("[[user]]\nname = \"GOLD_{number}\"\ngroups = [\"goldSubscribers\"]");
        text.extend(["\n", &user, "\n"]);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("org.toml");
    std::fs::write(&path, text).expect("written");
    OrgModel::load(&path).expect("the model is right")
}

#[test]
fn every_trial_of_hundreds_of_users_is_judged_in_exactly_one_partition() {
    let model = large_model(300);
    let trials = requirements::trials(&model);
    for trial in &trials {
        let judged = partitions(20).filter(|part| part.has(&model, trial));
        assert_eq!(judged.count(), 1, "{}", trial.name());
    }
}

/// Each part lists the trials of its own users alone, as a run on many machines does.
#[test]
fn the_parts_together_have_the_trials_of_the_whole() {
    let document = OrgModel::load(&file("fixtures/org.toml")).expect("a model");
    for model in [document, large_model(12)] {
        let whole = requirements::trials(&model);
        let whole: BTreeSet<String> = whole.iter().map(Trial::name).collect();
        let mut parts = BTreeSet::new();
        for part in partitions(3) {
            let trials = requirements::trials(&part.of(&model));
            let own = trials.iter().filter(|trial| part.has(&model, trial));
            parts.extend(own.map(Trial::name));
        }
        assert_eq!(parts, whole);
    }
}

#[test]
fn a_partition_signs_in_its_own_users_and_few_others() {
    let model = large_model(300);
    let trials = requirements::trials(&model);
    let mut signed_in = BTreeSet::new();
    for partition in partitions(20) {
        let selection = Selection {
            trials: &trials,
            is_selected: &|_| true,
            partition: Some(partition),
            profile: Profile::Document,
        };
        let plan = selection.work(&model, &|_| true).plan;
        let users = plan.by_user();
        let others = users
            .keys()
            .filter(|user| !partition.has_user(&model, user));
        assert!(others.count() <= 5, "{partition}: {:?}", users.keys());
        assert!(users.len() <= 304_usize.div_ceil(20) + 5, "{}", users.len());
        signed_in.extend(users.into_keys().map(str::to_owned));
    }
    assert_eq!(signed_in.len(), 304);
}
