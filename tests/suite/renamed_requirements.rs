//! A requirement that is called otherwise today is the one that it was: `report --baseline` reads
//! a record with the names of before by `fixtures/renamed-requirements.toml`.

use std::collections::{BTreeMap, BTreeSet};

use okta_e2e::config::Profile;
use okta_e2e::model::OrgModel;
use okta_e2e::report::{Changes, Record};
use okta_e2e::requirements;
use tempfile::TempDir;

use crate::proofs::MODELS;
use crate::support::agent::HttpAgents;
use crate::support::world::{World, file};

/// Each id of before with today's.
fn renamed() -> Vec<(String, String)> {
    let path = file("fixtures/renamed-requirements.toml");
    let text = std::fs::read_to_string(path).expect("a file");
    let table: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(&text).expect("a table");
    let of_group = |(group, names): (String, BTreeMap<String, String>)| {
        let ids = names.into_iter();
        let ids = ids.map(|(old, new)| (format!("{group}::{old}"), format!("{group}::{new}")));
        ids.collect::<Vec<_>>()
    };
    table.into_iter().flat_map(of_group).collect()
}

#[test]
fn every_new_name_is_a_requirement_and_no_old_one_is() {
    let mut ids = BTreeSet::new();
    for model in MODELS {
        let model = OrgModel::load(&file(model)).expect("the model is right");
        let trials = requirements::trials_of(&model, Profile::Full);
        ids.extend(trials.into_iter().map(|trial| trial.id));
    }
    for (old, new) in renamed() {
        assert!(ids.contains(&new), "{new} is no requirement");
        assert!(!ids.contains(&old), "{old} is a requirement still");
    }
}

#[test]
fn the_changelog_has_every_name() {
    let text = std::fs::read_to_string(file("CHANGELOG.md")).expect("a file");
    for (old, new) in renamed() {
        let row = format!("| `{old}` | `{new}` |");
        assert!(text.contains(&row), "{row}");
    }
}

/// A record as an earlier version wrote it: with the names that its requirements had then, and
/// how many of them that were.
fn as_before(record: &Record) -> (Record, usize) {
    let mut text = serde_json::to_string(record).expect("a record");
    let mut count = 0;
    for (old, new) in renamed() {
        for end in ["\"", "["] {
            let [old, new] = [&old, &new].map(|id| format!("\"{id}{end}"));
            count += text.matches(&new).count();
            text = text.replace(&new, &old);
        }
    }
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("report.json");
    std::fs::write(&path, text).expect("written");
    (Record::read(&path).expect("a record"), count)
}

#[tokio::test]
async fn a_record_with_the_names_of_before_shows_no_change() {
    let mut world = World::new().await;
    world.config.profile = Profile::Standard;
    let record = world.verify_with(Some(&HttpAgents)).await.record;
    let (before, count) = as_before(&record);
    // Both the id and the name of what has no subject.
    assert!(count > 2 * renamed().len() - 10, "{count} names");
    let changes = Changes::between(&before, &record);
    assert!(changes.is_empty(), "{:#?}", changes.lines());
}
