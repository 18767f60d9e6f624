//! The folder for temporary files: looked at before anything needs it, so that it is named.

use std::path::{Path, PathBuf};

const VARIABLE: &str = "TMPDIR";

/// The folder for temporary files, absolute and found to be one that files can be made in.
///
/// # Errors
/// When none can: which folder it is, who named it, and what to do.
pub fn folder() -> Result<PathBuf, String> {
    let named = std::env::var_os(VARIABLE).filter(|named| !named.is_empty());
    let folder = named.map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
    usable(&folder).map_err(|reason| {
        format!(
            "no temporary file can be made in `{}` ({VARIABLE}, or /tmp where that is not set): \
             {reason}; make that folder, or set {VARIABLE} to one that can be written",
            folder.display()
        )
    })
}

fn usable(folder: &Path) -> std::io::Result<PathBuf> {
    // A folder that is gone has no name of its own any more.
    let folder = folder.canonicalize()?;
    tempfile::NamedTempFile::new_in(&folder).map(|_| folder)
}
