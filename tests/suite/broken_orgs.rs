//! Every way to get the set-up wrong is caught, and the right step is named: one file each.
//!
//! A file in `fixtures/broken-orgs/` says what is wrong in a sentence, how a right org is made so,
//! exactly which trials must be not met, and which step is to blame for whatever else is missing.

use std::path::PathBuf;

use okta_e2e::report::Record;
use rstest::rstest;
use serde::Deserialize;

use crate::support::change::{Change, apply};
use crate::support::world::{World, names};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BrokenOrg {
    sentence: String,
    blamed_step: String,
    not_met: Vec<String>,
    #[serde(default)]
    fault: Option<String>,
    #[serde(default)]
    api_fault: Option<String>,
    #[serde(rename = "change", default)]
    changes: Vec<Change>,
}

#[rstest]
#[tokio::test]
async fn a_broken_org_turns_exactly_its_trials_red(
    #[files("fixtures/broken-orgs/*.toml")] file: PathBuf,
) {
    let text = std::fs::read_to_string(&file).expect("the file can be read");
    let broken: BrokenOrg = toml::from_str(&text).expect("the file is a broken org");
    let world = World::new().await;
    apply(&world, &broken.changes).await;
    world.sandbox.set_fault(
        broken
            .fault
            .as_deref()
            .map(|name| name.parse().expect("a fault")),
    );
    world.api.set_fault(
        broken
            .api_fault
            .as_deref()
            .map(|name| name.parse().expect("a fault")),
    );
    let verified = world.verify().await;
    let found = names(&verified, "not_met");
    assert_eq!(found, broken.not_met, "{}", broken.sentence);
    let blamed = blamed_steps(&verified.record);
    assert!(
        blamed.iter().all(|step| *step == broken.blamed_step),
        "{}: blamed {blamed:?}, {:#?}",
        broken.sentence,
        names(&verified, "not_checked")
    );
    let first = verified
        .record
        .results
        .iter()
        .find(|result| result.is_not_met());
    assert_eq!(
        first.map(|result| result.step.as_str()),
        Some(broken.blamed_step.as_str())
    );
}

fn blamed_steps(record: &Record) -> Vec<&str> {
    record
        .results
        .iter()
        .filter_map(|result| result.blocked_by.as_deref())
        .collect()
}
