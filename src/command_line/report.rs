//! `report`: renders the last run again, or puts a split run together.

use std::path::{Path, PathBuf};

use clap::Args;

use okta_e2e::config::Environment;
use okta_e2e::model::OrgModel;
use okta_e2e::report::{self, Record};

use super::Failure;

const REPORTS: &str = "target/okta-e2e";

/// Renders the last full run again: on the terminal, as report.html and as junit.xml.
///
/// With several folders, or with --merge, it puts the records of all partitions of a split run
/// together first. It ends with the status of the run that it renders: 0 good, 1 a required
/// requirement is not met, 2 the run could not look.
#[derive(Debug, Args)]
pub(super) struct Report {
    /// The report directory; the folders with the records of the partitions
    #[arg(value_name = "DIR", default_value = REPORTS)]
    directories: Vec<PathBuf>,
    /// Merges the records of all partitions in the folders
    #[arg(long)]
    merge: bool,
    /// Where the merged report is written
    #[arg(long, value_name = "DIR", default_value = REPORTS)]
    into: PathBuf,
}

impl Report {
    /// Renders the record and prints it; the exit status is the record's.
    pub(super) fn run(&self) -> Result<u8, Failure> {
        let one = match &self.directories[..] {
            [directory] if !self.merge => Some(directory),
            _ => None,
        };
        let (record, page) = match one {
            Some(directory) => again(directory),
            None => self.merged(),
        }
        .map_err(Failure::Unusable)?;
        println!("{}", text(&record, &page));
        Ok(record.run.exit_status)
    }

    fn merged(&self) -> Result<(Record, PathBuf), String> {
        let environment =
            Environment::read(Path::new(".env")).map_err(|error| error.to_string())?;
        let model = environment.get("OKTA_E2E_ORG_MODEL");
        let model = OrgModel::load(Path::new(model.unwrap_or("fixtures/org.toml")))
            .map_err(|error| error.to_string())?;
        let mut partitions = Vec::new();
        for directory in &self.directories {
            let records = report::partitions_in(directory)?;
            partitions.extend(records.into_iter().map(|record| (directory, record)));
        }
        let records: Vec<Record> = partitions
            .iter()
            .map(|(_, record)| record.clone())
            .collect();
        let merged = report::merge(&model, &records)?;
        let written = report::write_pictures(&merged, &[], &self.into)
            .and_then(|()| {
                let mut copies = partitions.iter().map(|(directory, partition)| {
                    report::copy_pictures(partition, directory, &merged, &self.into)
                });
                copies.try_for_each(|copied| copied)
            })
            .and_then(|()| report::write(&merged, &self.into))
            .map_err(|error| error.to_string())?;
        Ok((merged, written.page))
    }
}

/// Renders the last run of a folder again.
fn again(directory: &Path) -> Result<(Record, PathBuf), String> {
    let record = Record::read(&newest(directory)?)?;
    let page = report::render(&record, directory).map_err(|error| error.to_string())?;
    Ok((record, page))
}

fn text(record: &Record, page: &Path) -> String {
    let matrix = report::matrix(record).unwrap_or_default();
    format!(
        "target: {}\n{}\n{matrix}\n\n{}{}{}",
        record.run.target,
        report::checklist(record),
        report::findings(record),
        report::retries(record),
        report::closing(record, &page.display().to_string())
    )
}

/// The record of the last full run, or that of a filtered one where there is no other.
fn newest(directory: &Path) -> Result<PathBuf, String> {
    let names = ["report.json", "report-partial.json"];
    let files = names.map(|name| directory.join(name));
    files.into_iter().find(|file| file.exists()).ok_or_else(|| {
        format!(
            "no record of a whole run in {}; `scripts/verify` makes one, and --merge puts one \
             together of partitions",
            directory.display()
        )
    })
}
