//! `report`: renders the last run again, or puts a split run together.

use std::path::{Path, PathBuf};

use clap::Args;

use okta_e2e::config::Environment;
use okta_e2e::console::Console;
use okta_e2e::model::OrgModel;
use okta_e2e::observation::Picture;
use okta_e2e::report::{self, Record};

use super::Failure;

const REPORTS: &str = "target/okta-e2e";

/// Renders the last full run again: on the terminal, as report.html and as junit.xml.
///
/// With several folders, or with --merge, it puts the records of all partitions of a split run
/// together first, and ends with the status of that run: 0 all required met, 1 one not met.
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
    /// Renders the record and prints it; the exit status is that of a merged run.
    pub(super) fn run(&self, console: &Console) -> Result<u8, Failure> {
        let one = match &self.directories[..] {
            [directory] if !self.merge => Some(directory),
            _ => None,
        };
        let (record, page) = match one {
            Some(directory) => again(directory).map_err(|reason| Failure::unusable(&reason))?,
            None => self.merged()?,
        };
        console.say_all(lines(&record, &page));
        Ok(if one.is_some() {
            0
        } else {
            record.exit_status()
        })
    }

    fn merged(&self) -> Result<(Record, PathBuf), Failure> {
        let environment =
            Environment::read(Path::new(".env")).map_err(|error| Failure::unusable(&error))?;
        let model = environment.get("OKTA_E2E_ORG_MODEL");
        let model = OrgModel::load(Path::new(model.unwrap_or("fixtures/org.toml")))?;
        let mut partitions = Vec::new();
        for directory in &self.directories {
            let records =
                report::partitions_in(directory).map_err(|reason| Failure::unusable(&reason))?;
            partitions.extend(records.into_iter().map(|record| (directory, record)));
        }
        let records: Vec<Record> = partitions
            .iter()
            .map(|(_, record)| record.clone())
            .collect();
        let merged =
            report::merge(&model, &records).map_err(|reason| Failure::unusable(&reason))?;
        let pictures: Vec<Picture> = partitions
            .iter()
            .flat_map(|(directory, partition)| report::pictures(partition, directory))
            .collect();
        let written = report::write(&merged, &pictures, &self.into);
        let written = written.map_err(|error| Failure::unusable(&error))?;
        Ok((merged, written.page))
    }
}

/// Renders the last run of a folder again.
fn again(directory: &Path) -> Result<(Record, PathBuf), String> {
    let record = Record::read(&newest(directory)?)?;
    let page = report::render(&record, directory).map_err(|error| error.to_string())?;
    Ok((record, page))
}

fn lines(record: &Record, page: &Path) -> Vec<String> {
    let mut lines = vec![format!("target: {}", record.run.target)];
    if let Some(reason) = &record.run.not_made {
        lines.push(format!("the run could not be made: {reason}"));
    }
    lines.extend(report::checklist(record));
    lines.push(String::new());
    lines.extend(report::matrix(record));
    lines.push(String::new());
    lines.extend(report::findings(record));
    lines.extend(report::retries(record));
    lines.extend(report::closing(record, &page.display().to_string()));
    lines
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
