//! Puts the records of a split run together again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::record::{Record, RecordedResult, Run};
use crate::config::Profile;
use crate::model::OrgModel;
use crate::requirements::{self, Trial};
use crate::selection::Partition;

/// What the target of a run against the embedded sandbox org begins with.
pub const EMBEDDED: &str = "the embedded sandbox org";

/// Merges the records of all partitions of one run: the same as that of a run that was not split.
///
/// The model gives the order of the trials, and says whether each is there exactly once.
///
/// # Errors
/// A sentence that says which part is missing, or what does not fit together.
pub fn merge(model: &OrgModel, records: &[Record]) -> Result<Record, String> {
    let Some(first) = records.first() else {
        return Err("no record of a partition was found: `--partition 1/2` makes one".to_owned());
    };
    complete(records)?;
    for record in records {
        if record.is_of_no_run() {
            let part = record.run.partition.as_deref().unwrap_or("the whole");
            return Err(format!("partition {part}: {}", record.run.verdict));
        }
        same_run(&first.run, &record.run)?;
        same_occasion(&first.run, &record.run)?;
    }
    if first.run.model_sha256 != model.sha256 {
        return Err(format!(
            "the records were made with another org model than \"{}\"; OKTA_E2E_ORG_MODEL names it",
            model.title
        ));
    }
    let results = records.iter().flat_map(|record| &record.results);
    let trials = requirements::trials_of(model, profile(first)?);
    let results = in_order(&trials, results, first.run.filter.is_some())?;
    Ok(Record::new(run(records, &first.run), results))
}

/// The parts of one run start together, or wait for a free machine for some hours.
const LONGEST_BETWEEN_PARTS: jiff::SignedDuration = jiff::SignedDuration::from_hours(8);

/// Whether every part is there, once.
fn complete(records: &[Record]) -> Result<(), String> {
    let mut found = BTreeMap::new();
    for record in records {
        let partition = record.run.partition.as_deref().unwrap_or("the whole");
        let partition: Partition = partition.parse()?;
        if found
            .insert(partition.number(), partition.parts())
            .is_some()
        {
            return Err(format!("partition {partition} is there twice"));
        }
    }
    let parts: BTreeSet<usize> = found.values().copied().collect();
    let [parts] = parts.iter().copied().collect::<Vec<_>>()[..] else {
        return Err(format!(
            "the records are of runs split into {parts:?} parts"
        ));
    };
    let missing: Vec<String> = (1..=parts)
        .filter(|number| !found.contains_key(number))
        .map(|number| format!("{number}/{parts}"))
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "the record of partition {} is missing",
            missing.join(", ")
        ))
    }
}

/// Whether two records are of one run: what was verified, by what, and how.
fn same_run(one: &Run, other: &Run) -> Result<(), String> {
    // Every machine has an embedded sandbox org of its own.
    let embedded = [one, other]
        .iter()
        .all(|run| run.target.starts_with(EMBEDDED));
    let differing = [
        ("target", embedded || one.target == other.target),
        ("issuer", embedded || one.issuer == other.issuer),
        ("API", one.resource_server == other.resource_server),
        ("version of the suite", one.version == other.version),
        ("org model", one.model_sha256 == other.model_sha256),
        ("filter", one.filter == other.filter),
        ("strictness", one.strict == other.strict),
    ];
    match differing.iter().find(|(_, same)| !same) {
        None => Ok(()),
        Some((what, _)) => Err(format!("the records are of different runs: another {what}")),
    }
}

/// Whether two records were made on the same occasion: a machine that made none today may still
/// hold the one of last night.
fn same_occasion(one: &Run, other: &Run) -> Result<(), String> {
    let time = |run: &Run| run.started.parse::<jiff::Timestamp>();
    let apart = match (time(one), time(other)) {
        (Ok(one), Ok(other)) => one.duration_since(other).abs(),
        _ => return Err("a record does not tell when it was made".to_owned()),
    };
    if apart <= LONGEST_BETWEEN_PARTS {
        return Ok(());
    }
    Err(format!(
        "the records are of different runs: one was made {} h before the other; remove the old one \
         and run its partition again",
        apart.as_hours()
    ))
}

fn run(records: &[Record], first: &Run) -> Run {
    let runs = || records.iter().map(|record| &record.run);
    let started = runs().map(|run| &run.started).min();
    Run {
        partition: None,
        started: started.unwrap_or(&first.started).clone(),
        // They run side by side.
        seconds: runs().map(|run| run.seconds).fold(0.0, f64::max),
        sign_ins: runs().map(|run| run.sign_ins).sum(),
        requests: runs().map(|run| run.requests).sum(),
        browser: runs().find_map(|run| run.browser.clone()),
        waited_seconds: runs().map(|run| run.waited_seconds).fold(0.0, f64::max),
        retries: runs().flat_map(|run| run.retries.clone()).collect(),
        pictures: None,
        ..first.clone()
    }
}

/// The profile of a run; an older record knows of none but the document's.
fn profile(record: &Record) -> Result<Profile, String> {
    let name = record.run.profile.as_str();
    if name.is_empty() {
        return Ok(Profile::Document);
    }
    Profile::named(name).ok_or_else(|| format!("a record of the profile `{name}`, which is none"))
}

fn in_order<'a>(
    trials: &[Trial],
    results: impl Iterator<Item = &'a RecordedResult>,
    filtered: bool,
) -> Result<Vec<RecordedResult>, String> {
    let mut by_name = BTreeMap::new();
    for result in results {
        if by_name.insert(&result.name, result).is_some() {
            return Err(format!("{} is in two of the records", result.name));
        }
    }
    let mut ordered = Vec::new();
    for trial in trials {
        match by_name.remove(&trial.name()) {
            Some(result) => ordered.push(result.clone()),
            None if filtered => {}
            None => return Err(format!("{} is in none of the records", trial.name())),
        }
    }
    match by_name.into_keys().next() {
        None => Ok(ordered),
        Some(name) => Err(format!("{name} is no trial of the org model")),
    }
}

/// The records of partitions in a folder, in the order of their names.
///
/// # Errors
/// A sentence that says what cannot be read.
pub fn partitions_in(directory: &Path) -> Result<Vec<Record>, String> {
    let entries = std::fs::read_dir(directory)
        .map_err(|error| format!("cannot read {}: {error}", directory.display()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("report") && name.contains("-partition-") && name.ends_with(".json")
    });
    // Records of filtered runs may lie beside those of full ones.
    let is_full = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("report-partition-")
    };
    if files.iter().any(is_full) {
        files.retain(is_full);
    }
    files.sort();
    files.iter().map(|file| Record::read(file)).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn other(change: fn(&mut Run)) -> Run {
        let mut run = Run::default();
        change(&mut run);
        run
    }

    /// Each of them alone makes it another run, and is named.
    #[rstest]
    #[case::target("target", |run: &mut Run| run.target = "another".to_owned())]
    #[case::issuer("issuer", |run: &mut Run| run.issuer = "https://another.example".to_owned())]
    #[case::api("API", |run: &mut Run| run.resource_server = "https://api.another.example".to_owned())]
    #[case::version("version of the suite", |run: &mut Run| run.version = "9".to_owned())]
    #[case::model("org model", |run: &mut Run| run.model_sha256 = "00".to_owned())]
    #[case::filter("filter", |run: &mut Run| run.filter = Some("step_3".to_owned()))]
    #[case::strict("strictness", |run: &mut Run| run.strict = true)]
    fn records_of_different_runs_do_not_fit_together(
        #[case] what: &str,
        #[case] change: fn(&mut Run),
    ) {
        let (one, other) = (Run::default(), other(change));
        assert_eq!(same_run(&one, &one), Ok(()));
        assert_eq!(same_run(&other, &other), Ok(()));
        for refused in [same_run(&one, &other), same_run(&other, &one)] {
            let why = format!("the records are of different runs: another {what}");
            assert_eq!(refused, Err(why));
        }
    }

    /// Each machine has an embedded org of its own, by another name.
    #[rstest]
    #[case::both(EMBEDDED, true)]
    #[case::one_alone("https://org.example", false)]
    fn embedded_orgs_are_one_target(#[case] target: &str, #[case] fit: bool) {
        let run = |target: String, issuer: &str| Run {
            target,
            issuer: issuer.to_owned(),
            ..Run::default()
        };
        let one = run(format!("{EMBEDDED} at 1"), "http://127.0.0.1:1");
        let other = run(format!("{target} at 2"), "http://127.0.0.1:2");
        assert_eq!(same_run(&one, &other).is_ok(), fit);
    }
}
