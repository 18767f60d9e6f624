//! Where provisioning keeps what must outlive it: the variables of a `.env`, and the journal.

use std::collections::BTreeMap;

use super::{Entry, Journal, Subject};

/// Why something could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file cannot be read or written.
    #[error("cannot {verb} `{path}`: {source}")]
    File {
        /// `read` or `write`.
        verb: &'static str,
        /// The file.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The journal cannot be understood.
    #[error(
        "`{path}` is not a journal of provision (line {line}): put back what it was; or delete by \
         hand what it named in the org, and then the file"
    )]
    Journal {
        /// The file.
        path: String,
        /// Where it ceases to be one.
        line: usize,
    },
    /// The file of variables cannot be understood.
    #[error(transparent)]
    Environment(#[from] crate::config::EnvironmentError),
    /// A value does not fit into a line of the form NAME='value'.
    #[error("{name} cannot be written to `{path}`: its value would not be read back")]
    Unwritable {
        /// The variable.
        name: String,
        /// The file.
        path: String,
    },
}

/// Keeps variables and the journal; everything is kept when a call returns.
pub trait Store {
    /// A variable that is set and not blank.
    fn variable(&self, name: &str) -> Option<String>;

    /// Sets variables; what else there is stays.
    ///
    /// # Errors
    /// [`StoreError`] when they are not kept.
    fn set(&mut self, variables: &[(&str, &str)]) -> Result<(), StoreError>;

    /// What was made.
    fn journal(&self) -> &Journal;

    /// Notes what was made.
    ///
    /// # Errors
    /// [`StoreError`] when it is not kept.
    fn note(&mut self, entry: Entry) -> Result<(), StoreError>;

    /// Takes out what is gone.
    ///
    /// # Errors
    /// [`StoreError`] when that is not kept.
    fn forget(&mut self, subject: &Subject) -> Result<(), StoreError>;
}

/// Keeps everything for the life of the process, as an org inside it needs no more.
#[derive(Clone, Default)]
pub struct Memory {
    variables: BTreeMap<String, String>,
    journal: Journal,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_set()
            .entries(self.variables.keys())
            .finish()
    }
}

impl Store for Memory {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
    }

    fn set(&mut self, variables: &[(&str, &str)]) -> Result<(), StoreError> {
        let owned = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.variables.extend(owned);
        Ok(())
    }

    fn journal(&self) -> &Journal {
        &self.journal
    }

    fn note(&mut self, entry: Entry) -> Result<(), StoreError> {
        self.journal.note(entry);
        Ok(())
    }

    fn forget(&mut self, subject: &Subject) -> Result<(), StoreError> {
        self.journal.forget(subject);
        Ok(())
    }
}
