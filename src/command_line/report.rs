//! `report`: renders the last run again, or puts a split run together.

use std::path::{Path, PathBuf};

use clap::Args;

use okta_e2e::config::Environment;
use okta_e2e::console::{self, Console};
use okta_e2e::model::OrgModel;
use okta_e2e::observation::Picture;
use okta_e2e::report::{self, Changes, Record};

use super::{Failure, summarize};

/// Renders the last full run again: on the terminal, as report.html and as junit.xml.
///
/// With several folders, or with --merge, it puts the records of all partitions of a split run
/// together first. It ends with the status of the run that it renders: 0 good, 1 a required
/// requirement is not met, 2 the run could not look. With --fail-on new, what was not met in the
/// baseline too does not count; could not look stays 2.
#[derive(Debug, Args)]
pub(super) struct Report {
    /// The report directory [default: `OKTA_E2E_REPORT_DIR`, or target/okta-e2e]; the folders with
    /// the records of the partitions
    #[arg(value_name = "DIR")]
    directories: Vec<PathBuf>,
    /// Merges the records of all partitions in the folders
    #[arg(long)]
    merge: bool,
    /// Where the merged report is written [default: as DIR]
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Compares with this record of an earlier run: what is newly not met, fixed, newly not
    /// checked, and which values of the org and its tokens are others
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Prints a summary in Markdown instead, for a pull request
    #[arg(long)]
    markdown: bool,
    /// Ends with 1 only for what is newly not met
    #[arg(long, value_name = "WHAT", value_enum, requires = "baseline")]
    fail_on: Option<FailOn>,
    /// Reads the variables from this file instead of .env
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

/// What ends the command with 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// What the baseline has not.
    New,
}

impl Report {
    /// Renders the record and prints it; the exit status is the record's.
    pub(super) fn run(&self, console: &Console) -> Result<u8, Failure> {
        let is_one = self.directories.len() < 2 && !self.merge;
        let baseline = self.baseline.as_deref().map(Record::read).transpose();
        let baseline = baseline.map_err(|reason| Failure::unusable(&reason))?;
        let (record, directory) = if is_one { self.again() } else { self.merged() }?;
        let changes = baseline.map(|baseline| Changes::between(&baseline, &record));
        let page = report::render(&record, &directory, changes.as_ref());
        let page = page.map_err(|error| Failure::unusable(&error))?;
        if self.markdown {
            let markdown = report::markdown(&record, changes.as_ref());
            console.say_all(markdown.lines());
        } else {
            console.say(&format!("target: {}", record.run.target));
            let page = report::link(&page);
            let lines = report::lines(&record, &page, changes.as_ref(), console::columns());
            console.say_lines(&lines, console::has_colours());
        }
        annotate(console, changes.as_ref());
        summarize(console, || match &changes {
            // The run has put its findings on the page of the job already.
            Some(changes) if is_one => report::markdown_of_changes(&record, changes),
            _ => report::markdown(&record, changes.as_ref()),
        });
        Ok(self.status(&record, changes.as_ref()))
    }

    /// The record's, but where only what is new counts: what could not be looked at stays so.
    fn status(&self, record: &Record, changes: Option<&Changes>) -> u8 {
        let status = record.run.exit_status;
        let is_known = changes.is_some_and(|changes| !changes.is_worse);
        if self.fail_on == Some(FailOn::New) && status == 1 && is_known {
            return 0;
        }
        status
    }

    fn environment(&self) -> Result<Environment, Failure> {
        Ok(Environment::of_run(self.env_file.as_deref())?)
    }

    /// Renders the last run of a folder again; where that is named, no variable matters.
    fn again(&self) -> Result<(Record, PathBuf), Failure> {
        let directory = match &self.directories[..] {
            [directory] if self.env_file.is_none() => directory.clone(),
            [directory] => self.environment().map(|_| directory.clone())?,
            _ => self.environment()?.report_dir(),
        };
        let record = newest(&directory).and_then(|file| Record::read(&file));
        let record = record.map_err(|reason| Failure::unusable(&reason))?;
        Ok((record, directory))
    }

    fn merged(&self) -> Result<(Record, PathBuf), Failure> {
        let environment = self.environment()?;
        let model = OrgModel::load(&environment.org_model())?;
        let reports = [environment.report_dir()];
        let directories = match &self.directories[..] {
            [] => &reports[..],
            named => named,
        };
        let into = self.into.as_ref().unwrap_or(&reports[0]);
        let mut partitions = Vec::new();
        for directory in directories {
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
        let written = report::write(&merged, &pictures, into);
        let written = written.map_err(|error| Failure::unusable(&error))?;
        let merged = Record::read(&written.record).map_err(|reason| Failure::unusable(&reason))?;
        Ok((merged, into.clone()))
    }
}

/// What is new, as notes that a GitHub Actions job shows beside its log.
fn annotate(console: &Console, changes: Option<&Changes>) {
    let is_a_job = std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| !value.is_empty());
    let Some(changes) = changes.filter(|_| is_a_job) else {
        return;
    };
    for change in &changes.newly_not_met {
        console.annotate(change.is_required(), &change.title, &change.words());
    }
    for change in &changes.newly_not_checked {
        console.annotate(false, &change.title, &change.words());
    }
}

/// The record of the last full run, or that of a filtered one where there is no other.
fn newest(directory: &Path) -> Result<PathBuf, String> {
    let names = ["report.json", "report-partial.json"];
    let files = names.map(|name| directory.join(name));
    files.into_iter().find(|file| file.exists()).ok_or_else(|| {
        format!(
            "no record of a whole run in {}; `scripts/verify` or `okta-e2e verify` makes one, and \
             --merge puts one together of partitions",
            directory.display()
        )
    })
}
