//! The files of provisioning: a `.env` and the journal beside it, readable by their owner alone.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use url::Url;

use super::journal::Unfit;
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
        let org = org_url.origin().ascii_serialization();
        Ok(Self {
            env_file: env_file.to_owned(),
            environment,
            set: BTreeMap::new(),
            journal: read_journal(&journal_file, &org)?,
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

    /// Keeps a journal and takes it over: what could not be kept is not taken for noted.
    fn keep(&mut self, journal: Journal) -> Result<(), StoreError> {
        if journal.is_empty() {
            remove_with_directory(&self.journal_file)?;
        } else {
            self.save(&journal)?;
        }
        self.journal = journal;
        Ok(())
    }

    fn save(&self, journal: &Journal) -> Result<(), StoreError> {
        let text = journal.text().map_err(std::io::Error::from);
        let written = text.and_then(|text| write_private(&self.journal_file, &text));
        written.map_err(|source| failed("write", &self.journal_file, source))
    }

    /// What the file says, whatever the process says.
    fn kept(&self) -> Result<Environment, StoreError> {
        let shown = self.env_file.display().to_string();
        Ok(Environment::parse(
            &shown,
            &read_or_default(&self.env_file)?,
        )?)
    }

    /// The text of the file with these variables set, which is read back to be sure.
    fn with(&self, variables: &[(&str, &str)]) -> Result<Draft, StoreError> {
        let shown = self.env_file.display().to_string();
        let before = read_or_default(&self.env_file)?;
        let known = Environment::parse(&shown, &before)?;
        let mut changed = variables.to_vec();
        changed.retain(|(name, value)| known.get(name).unwrap_or_default() != *value);
        let after = merge(&before, &changed);
        // What does not fit into a line may leave a text that cannot be read at all.
        let read_back = Environment::parse(&shown, &after).unwrap_or_default();
        for (name, value) in variables {
            if read_back.get(name).unwrap_or_default() != *value {
                return Err(StoreError::Unwritable {
                    name: (*name).to_owned(),
                    path: shown,
                });
            }
        }
        let changed = changed.iter().map(|(name, _)| (*name).to_owned()).collect();
        Ok(Draft {
            before,
            after,
            changed,
        })
    }

    fn write(&self, draft: &Draft) -> Result<(), StoreError> {
        if draft.after == draft.before {
            return Ok(());
        }
        let written = write_private(&self.env_file, &draft.after);
        written.map_err(|source| failed("write", &self.env_file, source))
    }
}

/// What the file of variables would be.
struct Draft {
    before: String,
    after: String,
    /// The variables whose values differ.
    changed: Vec<String>,
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
        let draft = self.with(variables)?;
        let mut written = variables.to_vec();
        written.retain(|(name, _)| draft.changed.iter().any(|changed| changed == name));
        if !written.is_empty() {
            // Noted first: what is noted and not written is noticed, what is written and not noted
            // would stay for ever.
            let mut journal = self.journal.clone();
            journal.write(&written);
            self.keep(journal)?;
        }
        self.write(&draft)?;
        let owned = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.set.extend(owned);
        Ok(())
    }

    fn set_if_blank(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        // The environment of the process beats the file, and is gone with the process.
        if self.kept()?.get(name).is_some() {
            return Ok(());
        }
        self.set(&[(name, value)])
    }

    fn check(&self, variables: &[(&str, &str)]) -> Result<(), StoreError> {
        self.with(variables).map(drop)
    }

    fn blank_written(&mut self) -> Result<Vec<String>, StoreError> {
        let present = self.kept()?;
        let is_written = |name: &&str| {
            let value = present.get(name);
            value.is_some_and(|value| self.journal.has_written(name, value))
        };
        let names: Vec<String> = self
            .journal
            .written()
            .filter(is_written)
            .map(str::to_owned)
            .collect();
        let blank: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
        self.write(&self.with(&blank)?)?;
        let owned = names.iter().map(|name| (name.clone(), String::new()));
        self.set.extend(owned);
        let mut journal = self.journal.clone();
        journal.forget_written();
        self.keep(journal)?;
        Ok(names)
    }

    fn journal(&self) -> &Journal {
        &self.journal
    }

    fn note(&mut self, entry: Entry) -> Result<(), StoreError> {
        let mut journal = self.journal.clone();
        journal.note(entry);
        self.keep(journal)
    }

    fn forget(&mut self, subject: &Subject) -> Result<(), StoreError> {
        let mut journal = self.journal.clone();
        journal.forget(subject);
        self.keep(journal)
    }
}

/// Replaces the values of variables, or adds lines; every other line stays as it is, and how lines
/// end too.
fn merge(text: &str, variables: &[(&str, &str)]) -> String {
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for (name, value) in variables {
        let mut is_there = false;
        for line in &mut lines {
            let bare = line.trim_end_matches(['\r', '\n']);
            let end = line.get(bare.len()..).unwrap_or_default();
            if let Some((before, after)) = assignment(bare, name) {
                *line = format!("{before}{name}='{value}'{after}{end}");
                is_there = true;
            }
        }
        if !is_there && !value.is_empty() {
            if let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n')) {
                last.push_str(ending);
            }
            lines.push(format!("{name}='{value}'{ending}"));
        }
    }
    lines.concat()
}

/// What stands before the name and after the value, where the line sets the variable.
fn assignment(line: &str, name: &str) -> Option<(String, String)> {
    let (left, value) = line.split_once('=')?;
    let before = left.trim_end().strip_suffix(name)?;
    // A byte order mark may stand before the first name.
    let word = before.trim_start_matches('\u{feff}').trim();
    if !matches!(word, "" | "export") {
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

fn read_journal(path: &Path, org: &str) -> Result<Journal, StoreError> {
    let text = read_or_default(path)?;
    if text.is_empty() && !path.exists() {
        return Ok(Journal::of(org));
    }
    let shown = path.display().to_string();
    Journal::parse(&text, org).map_err(|unfit| match unfit {
        Unfit::Malformed(line) => StoreError::Journal { path: shown, line },
        Unfit::Newer => StoreError::Newer { path: shown },
        Unfit::OtherOrg(org) => StoreError::OtherOrg { path: shown, org },
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
    let path = target(path);
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let directory = parent.unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory)?;
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    // The name of the file is part of the directory.
    std::fs::File::open(directory)?.sync_all()
}

/// What a path leads to, which need not be there yet.
fn target(path: &Path) -> PathBuf {
    if let Ok(path) = path.canonicalize() {
        return path;
    }
    match std::fs::read_link(path) {
        Ok(link) => path.parent().unwrap_or(Path::new(".")).join(link),
        Err(_) => path.to_owned(),
    }
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

pub(super) fn failed(verb: &'static str, path: &Path, source: std::io::Error) -> StoreError {
    StoreError::File {
        verb,
        path: path.display().to_string(),
        source,
    }
}
