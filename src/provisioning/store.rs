//! Where provisioning keeps what must outlive it: the variables of a `.env`, and the journal.

use std::collections::BTreeMap;

use super::{Entry, Journal, Subject};
use crate::exchange::new_private_key;
use crate::model::OrgModel;

/// Why something could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file cannot be read or written.
    #[error("cannot {verb} `{path}`: {source}")]
    File {
        /// `read`, `write` or `lock`.
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
    /// The journal is of a later version.
    #[error("`{path}` was written by a later version of okta-e2e: use that version")]
    Newer {
        /// The file.
        path: String,
    },
    /// The journal is of another org.
    #[error(
        "`{path}` is the journal of {org}, not of this org: put each journal back in its place"
    )]
    OtherOrg {
        /// The file.
        path: String,
        /// Scheme, host and port of the org that it is of.
        org: String,
    },
    /// Another run is at work.
    #[error(
        "another run of provision is at work here ({holder}): wait until it has ended (`{path}` is \
         unlocked with it, also when it is killed)"
    )]
    Busy {
        /// The file that is locked.
        path: String,
        /// Who holds it, as written into it.
        holder: String,
    },
    /// The file of variables cannot be understood.
    #[error(transparent)]
    Environment(#[from] crate::config::EnvironmentError),
    /// A value does not fit into a line of the form NAME='value'.
    #[error(
        "{name} cannot be written to `{path}`: its value would not be read back, as a single quote \
         or a line break ends the line; give it another value"
    )]
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

    /// Sets a variable where none is kept yet.
    ///
    /// # Errors
    /// [`StoreError`] when it is not kept.
    fn set_if_blank(&mut self, name: &str, value: &str) -> Result<(), StoreError>;

    /// Says whether variables could be kept, without keeping them.
    ///
    /// # Errors
    /// [`StoreError`] when they could not.
    fn check(&self, variables: &[(&str, &str)]) -> Result<(), StoreError>;

    /// Blanks the variables that still have the value that was written; says which.
    ///
    /// # Errors
    /// [`StoreError`] when that is not kept.
    fn blank_written(&mut self) -> Result<Vec<String>, StoreError>;

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

impl Memory {
    /// With a new private key for each service client of the model that signs, as its variable.
    #[must_use]
    pub fn for_model(model: &OrgModel) -> Self {
        let mut memory = Self::default();
        for service in &model.services {
            let signs = !service.token_endpoint_auth_method.has_secret();
            if let Some(key) = signs.then(new_private_key).flatten() {
                let variable = service.variable("PRIVATE_KEY");
                memory.variables.insert(variable, key);
            }
        }
        memory
    }
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
        self.journal.write(variables);
        self.variables.extend(owned);
        Ok(())
    }

    fn set_if_blank(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        match self.variable(name) {
            Some(_) => Ok(()),
            None => self.set(&[(name, value)]),
        }
    }

    fn check(&self, _variables: &[(&str, &str)]) -> Result<(), StoreError> {
        Ok(())
    }

    fn blank_written(&mut self) -> Result<Vec<String>, StoreError> {
        let journal = &self.journal;
        let is_written = |(name, value): (&String, &String)| {
            journal.has_written(name, value).then(|| name.clone())
        };
        let names: Vec<String> = self.variables.iter().filter_map(is_written).collect();
        self.variables.retain(|name, _| !names.contains(name));
        self.journal.forget_written();
        Ok(names)
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
