//! Writes a record and its renderings into the report directory.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::record::Record;
use super::{html, junit};
use crate::observation::Picture;

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file could not be written.
    #[error(
        "cannot write {file}: {source}; set OKTA_E2E_REPORT_DIR to a folder that can be written"
    )]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A rendering failed.
    #[error("cannot render the report: {0}")]
    Unrenderable(String),
}

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
    tempfile::NamedTempFile::new_in(directory)
        .map(drop)
        .map_err(unwritable)
}

/// Writes the record, `junit.xml` and `report.html`; a filtered run overwrites no full one.
///
/// # Errors
/// [`ReportError`] when a file cannot be written.
pub fn write(record: &Record, directory: &Path) -> Result<Written, ReportError> {
    let text = serde_json::to_string_pretty(record)
        .map_err(|error| ReportError::Unrenderable(error.to_string()))?;
    let file = directory.join(record.file_name());
    store(&file, &text)?;
    let page = render(record, directory)?;
    Ok(Written { record: file, page })
}

/// Where the pictures of a run lie.
pub(super) fn picture_folder(record: &Record, directory: &Path) -> PathBuf {
    directory.join(format!("screenshots{}", record.partition_suffix()))
}

/// Writes pictures into `screenshots/`, and takes those of the last run away.
///
/// # Errors
/// [`ReportError`] when the folder cannot be written.
pub fn write_pictures(
    record: &Record,
    pictures: &[Picture],
    directory: &Path,
) -> Result<(), ReportError> {
    let folder = picture_folder(record, directory);
    let unwritable = |source| ReportError::Unwritable {
        file: folder.clone(),
        source,
    };
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unwritable(error))?,
        _ => {}
    }
    if !pictures.is_empty() {
        std::fs::create_dir_all(&folder).map_err(unwritable)?;
    }
    for picture in pictures {
        let file = folder.join(format!("{}.png", file_stem(&picture.name)));
        std::fs::write(&file, &picture.png)
            .map_err(|source| ReportError::Unwritable { file, source })?;
    }
    Ok(())
}

/// Longer names are cut, since file systems take no more than 255 bytes.
const LONGEST_STEM: usize = 150;

/// What a picture's file is called: a request for many scopes has a long name.
fn file_stem(name: &str) -> String {
    let name = name.replace([' ', '/'], "_");
    let Some((end, _)) = name.char_indices().nth(LONGEST_STEM) else {
        return name;
    };
    let digest = Sha256::digest(name.as_bytes());
    let told = name.get(..end).unwrap_or_default();
    let bytes = digest.iter().take(8);
    bytes.fold(format!("{told}_"), |stem, byte| format!("{stem}{byte:02x}"))
}

/// Renders a record again, beside where it lies.
///
/// # Errors
/// [`ReportError`] when a file cannot be written.
pub fn render(record: &Record, directory: &Path) -> Result<PathBuf, ReportError> {
    let suffix = record.suffix();
    let junit =
        junit::render(record).map_err(|error| ReportError::Unrenderable(error.to_string()))?;
    store(&directory.join(format!("junit{suffix}.xml")), &junit)?;
    let html = html::render(record, directory)
        .map_err(|error| ReportError::Unrenderable(error.to_string()))?;
    let page = directory.join(format!("report{suffix}.html"));
    store(&page, &html)?;
    Ok(page)
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

#[cfg(test)]
mod tests {
    use super::file_stem;

    #[test]
    fn pictures_of_long_requests_have_short_names_of_their_own() {
        assert_eq!(
            file_stem("SILVER silver implicit"),
            "SILVER_silver_implicit"
        );
        let long = |last: &str| file_stem(&format!("USER {}{last}", "scope and ".repeat(40)));
        assert!(long("a").len() < 200);
        assert_ne!(long("a"), long("b"));
    }
}
