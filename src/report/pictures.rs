//! The pictures of a run: a folder of its own for every record, which names it.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::error::ReportError;
use super::record::Record;
use crate::observation::Picture;

/// What the folders of all records are in.
const FOLDER: &str = "screenshots";
/// So many bytes of pictures are kept of a run, so that a page that carries them can be opened.
const MOST_BYTES: usize = 1_500_000;
/// The longest name of a file that says what it is of.
const LONGEST_NAME: usize = 100;
/// A folder that no record names belongs to a run that is writing its record, or was killed then.
const WRITTEN_BY_THEN: Duration = Duration::from_secs(3_600);

/// Keeps pictures in a new folder; what the record must name it, if there are any.
pub(super) fn keep(
    record: &Record,
    pictures: &[Picture],
    directory: &Path,
) -> Result<Option<String>, ReportError> {
    if pictures.is_empty() {
        return Ok(None);
    }
    let all = directory.join(FOLDER);
    let unwritable = |source| ReportError::Unwritable {
        file: all.clone(),
        source,
    };
    std::fs::create_dir_all(&all).map_err(unwritable)?;
    let started = plain(&record.run.started);
    let folder = tempfile::Builder::new()
        .prefix(&format!("{started}-"))
        .tempdir_in(&all)
        .map_err(unwritable)?;
    let mut bytes = 0;
    for (number, picture) in pictures.iter().enumerate() {
        bytes += picture.png.len();
        if bytes > MOST_BYTES {
            break;
        }
        let file = folder
            .path()
            .join(format!("{number:03}-{}.png", plain(&picture.name)));
        std::fs::write(&file, &picture.png)
            .map_err(|source| ReportError::Unwritable { file, source })?;
    }
    let folder = folder.keep();
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(Some(format!("{FOLDER}/{name}")))
}

/// The pictures of a record, in their order.
#[must_use]
pub fn pictures(record: &Record, directory: &Path) -> Vec<Picture> {
    let Some(folder) = folder(record, directory) else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files: BTreeSet<PathBuf> = entries.map(|entry| entry.path()).collect();
    let picture = |file: PathBuf| {
        let name = file.file_stem()?.to_str()?.to_owned();
        let name = name.split_once('-').map_or(&*name, |(_, name)| name);
        Some(Picture {
            name: name.replace('_', " "),
            png: std::fs::read(&file).ok()?,
        })
    };
    files.into_iter().filter_map(picture).collect()
}

/// Where the pictures of a record are. A record is a file that anybody may have written: it names
/// no folder elsewhere.
fn folder(record: &Record, directory: &Path) -> Option<PathBuf> {
    let named = Path::new(record.run.pictures.as_deref()?);
    let mut parts = named.components();
    let ours = parts.next() == Some(Component::Normal(FOLDER.as_ref()));
    let below = matches!(parts.next(), Some(Component::Normal(_)));
    (ours && below && parts.next().is_none()).then(|| directory.join(named))
}

/// Takes away the pictures of a record that was replaced, and those that no record names. They are
/// in nobody's way: what cannot be taken away stays.
pub(super) fn sweep(directory: &Path, replaced: Option<&Record>) {
    let replaced = replaced.and_then(|record| folder(record, directory));
    let named: BTreeSet<PathBuf> = records(directory)
        .filter_map(|record| folder(&record, directory))
        .collect();
    let entries = std::fs::read_dir(directory.join(FOLDER))
        .into_iter()
        .flatten()
        .flatten();
    for folder in entries.map(|entry| entry.path()) {
        let is_old = || {
            let written = folder.metadata().and_then(|metadata| metadata.modified());
            let age = written.map(|time| time.elapsed().unwrap_or_default());
            age.is_ok_and(|age| age > WRITTEN_BY_THEN)
        };
        if !named.contains(&folder) && (replaced.as_ref() == Some(&folder) || is_old()) {
            std::fs::remove_dir_all(&folder).unwrap_or_default();
        }
    }
}

/// Every record of a directory.
fn records(directory: &Path) -> impl Iterator<Item = Record> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let files = entries.map(|entry| entry.path());
    let records = files.filter(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("report") && name.ends_with(".json")
    });
    records.filter_map(|file| Record::read(&file).ok())
}

/// A name that is one of a file everywhere.
fn plain(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    name.chars().map(plain).take(LONGEST_NAME).collect()
}
