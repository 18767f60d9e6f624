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
    // A file without a name, where the file system has such: who is killed here leaves none.
    tempfile::tempfile_in(&folder).map(|_| folder)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::SystemTime;

    use super::*;

    /// A name that comes and goes changes when the folder was written, however short it was there.
    #[test]
    fn a_folder_is_tried_without_a_name_in_it() {
        // A file system of memory has files without a name on every Linux.
        let folder = tempfile::tempdir_in("/dev/shm").expect("a folder");
        let long_ago = SystemTime::UNIX_EPOCH;
        let of_folder = File::open(folder.path()).expect("opens");
        of_folder.set_modified(long_ago).expect("can be set");
        usable(folder.path()).expect("usable");
        let modified = of_folder.metadata().and_then(|meta| meta.modified());
        assert_eq!(modified.expect("a time"), long_ago);
    }
}
