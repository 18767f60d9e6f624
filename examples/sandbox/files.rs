//! The files of a sandbox by hand, readable by their owner alone.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use okta_e2e::config::Environment;
use okta_e2e::provisioning::FileStore;
use okta_sandbox::CertificateAuthority;
use tempfile::{NamedTempFile, TempDir};
use url::Url;

/// The variables of a kept sandbox.
const VARIABLES: &str = "sandbox.env";

/// The folder that files are written into: one that is kept, or one that is gone with the sandbox.
pub(crate) struct Folder {
    path: PathBuf,
    /// Removes it when dropped.
    temporary: Option<TempDir>,
}

impl Folder {
    pub(crate) fn kept(path: &Path) -> Result<Self, String> {
        let failed = |error| format!("cannot make the folder {}: {error}", path.display());
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(path).map_err(failed)?;
        Ok(Self {
            path: path.canonicalize().map_err(failed)?,
            temporary: None,
        })
    }

    pub(crate) fn temporary() -> Result<Self, String> {
        let failed = |error| format!("cannot make a temporary folder: {error}");
        let folder = tempfile::Builder::new()
            .prefix("okta-sandbox-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .map_err(failed)?;
        Ok(Self {
            path: folder.path().to_owned(),
            temporary: Some(folder),
        })
    }

    /// What a kept file holds.
    fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.path.join(name)).ok()
    }

    /// The authority of the sandbox's certificates: the kept one, or a new one; and its file.
    pub(crate) fn authority(&self) -> Result<(CertificateAuthority, String), String> {
        let (certificate, key) = ("ca.pem", "ca-key.pem");
        let made = match (self.read(certificate), self.read(key)) {
            (Some(certificate), Some(key)) => CertificateAuthority::from_pem(&certificate, &key),
            _ => CertificateAuthority::new(),
        };
        let authority = made.map_err(|error| error.to_string())?;
        self.write(key, &authority.private_key())?;
        let file = self.write(certificate, authority.certificate())?;
        Ok((authority, file))
    }

    /// The variables that were kept.
    pub(crate) fn variables(&self) -> Result<Environment, String> {
        let text = self.read(VARIABLES).unwrap_or_default();
        Environment::parse(VARIABLES, &text).map_err(|error| error.to_string())
    }

    /// What provisioning keeps for the org that listens there.
    pub(crate) fn store(&self, org_url: &Url) -> Result<FileStore, String> {
        let variables = self.path.join(VARIABLES);
        let store = FileStore::open(&variables, self.variables()?, &self.path, org_url);
        store.map_err(|error| error.to_string())
    }

    /// Keeps the variables, if the folder is kept.
    pub(crate) fn keep(&self, variables: &BTreeMap<String, String>) -> Result<(), String> {
        match self.temporary {
            Some(_) => Ok(()),
            None => write_variables(&self.path.join(VARIABLES), variables),
        }
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
