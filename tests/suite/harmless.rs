//! What is only different turns nothing red: one file each.
//!
//! A file in `fixtures/harmless/` says in a sentence how a right org, its tokens or the API are
//! made different, and which trials report it although they are met.

use std::path::PathBuf;

use okta_sandbox::Sandbox;
use rstest::rstest;
use serde::Deserialize;

use crate::broken_orgs::default_model;
use crate::support::change::{Change, Told, apply};
use crate::support::world::{World, names};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Harmless {
    sentence: String,
    /// The model that the right org has, if it is not the default one.
    #[serde(default = "default_model")]
    model: String,
    #[serde(default)]
    fault: Option<String>,
    #[serde(default)]
    api_fault: Option<String>,
    /// The trials that are met and say that something is unusual.
    #[serde(default)]
    reported: Vec<String>,
    #[serde(rename = "change", default)]
    changes: Vec<Change>,
    /// What the run is told otherwise.
    #[serde(default)]
    run: Told,
}

#[rstest]
#[tokio::test]
async fn a_harmless_variation_turns_nothing_red(
    #[files("fixtures/harmless/*.toml")] file: PathBuf,
) {
    let text = std::fs::read_to_string(&file).expect("the file can be read");
    let harmless: Harmless = toml::from_str(&text).expect("the file is a harmless variation");
    let mut world = World::of(&harmless.model, Sandbox::builder()).await;
    apply(&mut world, &harmless.changes, &harmless.run).await;
    world.set_faults(harmless.fault.as_deref(), harmless.api_fault.as_deref());
    let verified = world.verify().await;
    for outcome in ["not_met", "not_checked"] {
        let found = names(&verified, outcome);
        assert_eq!(found, Vec::<String>::new(), "{}", harmless.sentence);
    }
    let results = verified.record.results.iter();
    let reported = results.filter(|result| result.reason.is_some());
    let reported: Vec<String> = reported.map(|result| result.name.clone()).collect();
    assert_eq!(reported, harmless.reported, "{}", harmless.sentence);
    assert_eq!(
        verified.record.run.retries,
        Vec::<String>::new(),
        "{}",
        harmless.sentence
    );
}
