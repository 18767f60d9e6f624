//! The files of provisioning: a `.env` and the journal beside it, readable by their owner alone.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use url::Url;

use super::store::{Store, StoreError};
use super::{Entry, Journal, Subject};
use crate::config::Environment;
use crate::secrets::Secrets;

/// Keeps variables in a `.env` file and the journal of an org in a file of its own.
#[derive(Debug)]
pub struct FileStore {
    env_file: PathBuf,
    environment: Environment,
    set: BTreeMap<String, String>,
    journal_file: PathBuf,
    journal: Journal,
    secrets: Secrets,
}

impl FileStore {
    /// The store of an org: the environment is what the file and the process say.
    ///
    /// # Errors
    /// [`StoreError`] when there is a journal that cannot be used.
    pub fn open(
        env_file: &Path,
        environment: Environment,
        journal_directory: &Path,
        org_url: &Url,
    ) -> Result<Self, StoreError> {
        let journal_file = journal_directory.join(journal_name(org_url));
        Ok(Self {
            env_file: env_file.to_owned(),
            environment,
            set: BTreeMap::new(),
            journal: read_journal(&journal_file)?,
            journal_file,
            secrets: Secrets::default(),
        })
    }

    /// Notes every secret that is kept among these, before anybody is told of it.
    #[must_use]
    pub fn noting(mut self, secrets: Secrets) -> Self {
        self.secrets = secrets;
        self
    }

    /// Where the journal is.
    #[must_use]
    pub fn journal_file(&self) -> &Path {
        &self.journal_file
    }

    fn save_journal(&self) -> Result<(), StoreError> {
        if self.journal.is_empty() {
            return remove_with_directory(&self.journal_file);
        }
        let text = serde_json::to_string_pretty(&self.journal).map_err(std::io::Error::from);
        let written = text.and_then(|text| write_private(&self.journal_file, &text));
        written.map_err(|source| failed("write", &self.journal_file, source))
    }
}

impl Store for FileStore {
    fn variable(&self, name: &str) -> Option<String> {
        let set = self
            .set
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty());
        let known = if self.set.contains_key(name) {
            set
        } else {
            self.environment.get(name)
        };
        known.map(str::to_owned)
    }

    fn set(&mut self, variables: &[(&str, &str)]) -> Result<(), StoreError> {
        self.secrets.add_variables(variables.iter().copied());
        let path = &self.env_file;
        let before = read_or_default(path)?;
        let shown = path.display().to_string();
        let known = Environment::parse(&shown, &before)?;
        let mut changed = variables.to_vec();
        changed.retain(|(name, value)| known.get(name).unwrap_or_default() != *value);
        let after = merge(&before, &changed);
        let read_back = Environment::parse(&shown, &after)?;
        for (name, value) in variables {
            if read_back.get(name).unwrap_or_default() != *value {
                return Err(StoreError::Unwritable {
                    name: (*name).to_owned(),
                    path: shown,
                });
            }
        }
        if after != before {
            write_private(path, &after).map_err(|source| failed("write", path, source))?;
        }
        let owned = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.set.extend(owned);
        Ok(())
    }

    fn journal(&self) -> &Journal {
        &self.journal
    }

    fn note(&mut self, entry: Entry) -> Result<(), StoreError> {
        self.journal.note(entry);
        self.save_journal()
    }

    fn forget(&mut self, subject: &Subject) -> Result<(), StoreError> {
        self.journal.forget(subject);
        self.save_journal()
    }
}

/// Replaces the values of variables, or adds lines; every other line stays as it is.
fn merge(text: &str, variables: &[(&str, &str)]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (name, value) in variables {
        let mut is_there = false;
        for line in &mut lines {
            if let Some((before, after)) = assignment(line, name) {
                *line = format!("{before}{name}='{value}'{after}");
                is_there = true;
            }
        }
        if !is_there && !value.is_empty() {
            lines.push(format!("{name}='{value}'"));
        }
    }
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    lines.into_iter().map(|line| line + ending).collect()
}

/// What stands before the name and after the value, where the line sets the variable.
fn assignment(line: &str, name: &str) -> Option<(String, String)> {
    let (left, value) = line.split_once('=')?;
    let before = left.trim_end().strip_suffix(name)?;
    if !matches!(before.trim(), "" | "export") {
        return None;
    }
    let value = value.trim_start();
    let quote = value
        .chars()
        .next()
        .filter(|first| matches!(first, '\'' | '"'));
    let rest = match quote {
        Some(quote) => value.get(1..)?.split_once(quote).map(|(_, rest)| rest),
        None => value.find(" #").and_then(|at| value.get(at..)),
    };
    let comment = rest.filter(|rest| rest.trim_start().starts_with('#'));
    Some((before.to_owned(), comment.unwrap_or_default().to_owned()))
}

/// `provisioned-{host}.json`, with the port where there is one.
fn journal_name(org_url: &Url) -> String {
    let host = org_url
        .host_str()
        .unwrap_or_default()
        .replace(['[', ']'], "")
        .replace(':', "-");
    match org_url.port() {
        Some(port) => format!("provisioned-{host}-{port}.json"),
        None => format!("provisioned-{host}.json"),
    }
}

fn read_journal(path: &Path) -> Result<Journal, StoreError> {
    let text = read_or_default(path)?;
    if text.is_empty() && !path.exists() {
        return Ok(Journal::default());
    }
    serde_json::from_str(&text).map_err(|error| StoreError::Journal {
        path: path.display().to_string(),
        line: error.line(),
    })
}

fn read_or_default(path: &Path) -> Result<String, StoreError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(source) => Err(failed("read", path, source)),
    }
}

/// Writes a file at once and whole, for its owner alone; a link is followed, not replaced.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let directory = parent.unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory)?;
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

fn remove_with_directory(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(source) => return Err(failed("write", path, source)),
    }
    if let Some(directory) = path.parent() {
        // Journals of other orgs keep the directory.
        let _ = std::fs::remove_dir(directory);
    }
    Ok(())
}

fn failed(verb: &'static str, path: &Path, source: std::io::Error) -> StoreError {
    StoreError::File {
        verb,
        path: path.display().to_string(),
        source,
    }
}
