//! `report`: renders the last run again.

use std::path::{Path, PathBuf};

use clap::Args;

use okta_e2e::report::{self, Record};

use super::Failure;

/// Renders the last full run again: on the terminal, as report.html and as junit.xml.
#[derive(Debug, Args)]
pub(super) struct Report {
    /// The report directory
    #[arg(value_name = "DIR", default_value = "target/okta-e2e")]
    directory: PathBuf,
}

impl Report {
    /// Renders the record and prints it.
    pub(super) fn run(&self) -> Result<(), Failure> {
        let text = self.text().map_err(Failure::Unusable)?;
        println!("{text}");
        Ok(())
    }

    fn text(&self) -> Result<String, String> {
        let record = Record::read(&newest(&self.directory)?)?;
        let page = report::render(&record, &self.directory).map_err(|error| error.to_string())?;
        let matrix = report::matrix(&record).unwrap_or_default();
        Ok(format!(
            "target: {}\n{}\n{matrix}\n\n{}{}{}",
            record.run.target,
            report::checklist(&record),
            report::findings(&record),
            report::retries(&record),
            report::closing(&record, &page.display().to_string())
        ))
    }
}

/// The record of the last full run, or that of a filtered one where there is no other.
fn newest(directory: &Path) -> Result<PathBuf, String> {
    let names = ["report.json", "report-partial.json"];
    let files = names.map(|name| directory.join(name));
    files.into_iter().find(|file| file.exists()).ok_or_else(|| {
        format!(
            "no record in {}; `scripts/verify` makes one",
            directory.display()
        )
    })
}
