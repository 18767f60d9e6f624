//! Why there is no report.

use std::path::PathBuf;

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
