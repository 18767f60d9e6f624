//! One run at a time: a file that the operating system locks, and unlocks with the process.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::files::failed;
use super::store::StoreError;

const NAME: &str = "lock";
/// How often the file is opened anew when the run before removes it in between.
const MOST_ATTEMPTS: usize = 100;

/// Held while journals and variables of a directory are changed; dropping it ends that.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    /// Takes the lock of a directory. A file that a killed run has left is no obstacle.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another run has it, [`StoreError::File`] when it cannot be had.
    pub fn take(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(NAME);
        let cannot = |source| failed("lock", &path, source);
        for _ in 0..MOST_ATTEMPTS {
            std::fs::create_dir_all(directory).map_err(cannot)?;
            let mut options = File::options();
            options.read(true).write(true).create(true).truncate(false);
            let mut file = match options.open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(cannot(error)),
            };
            match fs4::FileExt::try_lock(&file) {
                Ok(()) => {}
                Err(fs4::TryLockError::WouldBlock) => return Err(busy(&path, &mut file)),
                Err(fs4::TryLockError::Error(error)) => return Err(cannot(error)),
            }
            if is_at(&file, &path) {
                // Who holds it is said out of courtesy: a full disk is reported where it matters.
                let _ = sign(&mut file);
                return Ok(Self { path, file });
            }
        }
        Err(cannot(std::io::ErrorKind::ResourceBusy.into()))
    }
}

/// Whether the path still leads to the file: the run before may have removed it.
fn is_at(file: &File, path: &Path) -> bool {
    let id = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    let (own, present) = (file.metadata().map(id), std::fs::metadata(path).map(id));
    matches!((own, present), (Ok(own), Ok(present)) if own == present)
}

fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    let (process, now) = (std::process::id(), jiff::Timestamp::now());
    write!(file, "process {process}, since {now:.0}")
}

fn busy(path: &Path, file: &mut File) -> StoreError {
    let mut holder = String::new();
    // Who it is may not be written yet.
    let _ = file.read_to_string(&mut holder);
    StoreError::Busy {
        path: path.display().to_string(),
        holder: holder.chars().take(100).collect(),
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed while it is still locked, so that nobody else's file is.
        if is_at(&self.file, &self.path) {
            let _ = std::fs::remove_file(&self.path);
        }
        if let Some(directory) = self.path.parent() {
            // Journals keep the directory.
            let _ = std::fs::remove_dir(directory);
        }
    }
}
