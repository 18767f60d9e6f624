//! `report`: renders the last run again.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::report::{self, Record};

/// Renders the last full run again: on the terminal, as report.html and as junit.xml.
#[derive(Debug, Args)]
pub struct Report {
    /// The report directory
    #[arg(value_name = "DIR", default_value = "target/okta-e2e")]
    directory: PathBuf,
}

impl Report {
    /// Renders the record, and gives the text for the terminal with the exit status of the run.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the record.
    pub fn run(&self) -> Result<(String, u8), String> {
        let record = Record::read(&newest(&self.directory)?)?;
        let page = report::render(&record, &self.directory).map_err(|error| error.to_string())?;
        let matrix = report::matrix(&record).unwrap_or_default();
        let text = format!(
            "target: {}\n{}\n{matrix}\n\n{}{}",
            record.run.target,
            report::checklist(&record),
            report::findings(&record),
            report::closing(&record, &page.display().to_string())
        );
        Ok((text, record.exit_status()))
    }
}

/// The record of the last full run, or that of a filtered one where there is no other.
fn newest(directory: &Path) -> Result<PathBuf, String> {
    let names = ["report.json", "report-partial.json"];
    let files = names.map(|name| directory.join(name));
    files.into_iter().find(|file| file.exists()).ok_or_else(|| {
        format!("no record in {}; `scripts/verify` makes one", directory.display())
    })
}
