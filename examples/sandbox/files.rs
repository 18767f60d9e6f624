//! The files of a sandbox by hand, readable by their owner alone.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

/// The folder that files are written into: one that is gone with the sandbox.
pub(crate) struct Folder {
    path: PathBuf,
    _gone_when_dropped: TempDir,
}

impl Folder {
    pub(crate) fn new() -> Result<Self, String> {
        let failed = |error| format!("cannot make a temporary folder: {error}");
        let folder = tempfile::Builder::new()
            .prefix("okta-sandbox-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .map_err(failed)?;
        Ok(Self {
            path: folder.path().to_owned(),
            _gone_when_dropped: folder,
        })
    }

    /// Writes a file and says where it is.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<String, String> {
        let file = self.path.join(name);
        write(&file, text)?;
        Ok(file.to_string_lossy().into_owned())
    }
}

/// Writes a `.env`.
pub(crate) fn write_variables(
    file: &Path,
    variables: &BTreeMap<String, String>,
) -> Result<(), String> {
    let mut unfit = variables
        .iter()
        .filter(|(_, value)| value.contains(['\'', '\n']));
    if let Some((name, _)) = unfit.next() {
        let file = file.display();
        return Err(format!("{name} has a value that no line of {file} holds"));
    }
    let lines = variables
        .iter()
        .map(|(name, value)| format!("{name}='{value}'\n"));
    write(file, &lines.collect::<String>())
}

/// At once and whole; a link is followed, not replaced.
fn write(file: &Path, text: &str) -> Result<(), String> {
    let write = || -> std::io::Result<()> {
        let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        let folder = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let mut draft = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        draft.write_all(text.as_bytes())?;
        draft.persist(&file)?;
        Ok(())
    };
    write().map_err(|error| format!("cannot write {}: {error}", file.display()))
}
