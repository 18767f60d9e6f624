//! Writes a record and its renderings into the report directory.
//!
//! Every file is written beside its place and renamed, so that nobody sees half of one, and another
//! run in the same directory takes nothing from this one but its place.

use std::path::{Path, PathBuf};

use super::changes::Changes;
use super::error::ReportError;
use super::pictures::{keep, sweep};
use super::record::Record;
use super::{html, junit};
use crate::observation::Picture;

/// Where the parts of a report are.
#[derive(Debug, Clone)]
pub struct Written {
    /// `report.json`, or `report-partial.json` of a filtered run.
    pub record: PathBuf,
    /// The HTML page.
    pub page: PathBuf,
}

/// Makes sure that a report can be written there, before a run is made for nothing.
///
/// # Errors
/// [`ReportError`] when the folder cannot be made or written.
pub fn prepare(directory: &Path) -> Result<(), ReportError> {
    let unwritable = |source| ReportError::Unwritable {
        file: directory.to_owned(),
        source,
    };
    std::fs::create_dir_all(directory).map_err(unwritable)?;
    tempfile::tempfile_in(directory)
        .map(drop)
        .map_err(unwritable)
}

/// Writes the pictures, the record, `junit.xml` and `report.html`, and takes away the pictures of
/// the record that was there; a filtered run overwrites no full one.
///
/// # Errors
/// [`ReportError`] when a file cannot be written.
pub fn write(
    record: &Record,
    pictures: &[Picture],
    directory: &Path,
) -> Result<Written, ReportError> {
    let mut record = record.clone();
    record.run.pictures = keep(&record, pictures, directory)?;
    let text = serde_json::to_string_pretty(&record)
        .map_err(|error| ReportError::Unrenderable(error.to_string()))?;
    let file = directory.join(record.file_name());
    let before = Record::read(&file).ok();
    store(&file, &text)?;
    let page = render(&record, directory, None)?;
    sweep(directory, before.as_ref());
    Ok(Written { record: file, page })
}

/// Renders a record again, beside where it lies, with what changed where that is known.
///
/// # Errors
/// [`ReportError`] when a file cannot be written.
pub fn render(
    record: &Record,
    directory: &Path,
    changes: Option<&Changes>,
) -> Result<PathBuf, ReportError> {
    let suffix = record.suffix();
    let junit =
        junit::render(record).map_err(|error| ReportError::Unrenderable(error.to_string()))?;
    store(&directory.join(format!("junit{suffix}.xml")), &junit)?;
    let html = html::render(record, directory, changes)
        .map_err(|error| ReportError::Unrenderable(error.to_string()))?;
    let page = directory.join(format!("report{suffix}.html"));
    store(&page, &html)?;
    Ok(page)
}

/// Adds a summary to the page of a CI job, which others may have written to.
///
/// # Errors
/// When the file cannot be written.
pub fn summarize(file: &Path, markdown: &str) -> std::io::Result<()> {
    let page = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file);
    std::io::Write::write_all(&mut page?, markdown.as_bytes())
}

/// Writes beside the file first, so that a run that is killed leaves the last report whole.
fn store(file: &Path, text: &str) -> Result<(), ReportError> {
    let unwritable = |source| ReportError::Unwritable {
        file: file.to_owned(),
        source,
    };
    let directory = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory).map_err(unwritable)?;
    let mut draft = tempfile::NamedTempFile::new_in(directory).map_err(unwritable)?;
    std::io::Write::write_all(&mut draft, text.as_bytes()).map_err(unwritable)?;
    draft
        .persist(file)
        .map_err(|error| unwritable(error.error))?;
    Ok(())
}
