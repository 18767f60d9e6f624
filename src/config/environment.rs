//! Variables from the process and from `.env`, as a map; nothing is ever set.

use std::collections::BTreeMap;
use std::path::Path;

/// Variables by name; a blank one counts as not set.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_set()
            .entries(self.variables.keys())
            .finish()
    }
}

/// Why a `.env` file cannot be used; no value is named.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// The file is there and cannot be read.
    #[error("cannot read `{file}`: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A line is not `NAME='value'`.
    #[error("{file}, line {line}: not a line of the form NAME='value'")]
    Malformed {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
    },
    /// A `$` that would be taken for the name of another variable.
    #[error(
        "{file}, line {line}: {name} holds a `$` outside single quotes, which would be replaced \
         by another variable; write {name}='…' (a wrong password can lock a user)"
    )]
    Dollar {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The variable.
        name: String,
    },
}

impl Environment {
    /// The variables of the process, over those of a `.env` file where there is one.
    ///
    /// # Errors
    /// [`EnvironmentError`] when the file is there and cannot be used.
    pub fn read(file: &Path) -> Result<Self, EnvironmentError> {
        let mut variables = match std::fs::read_to_string(file) {
            Ok(text) => parse(&file.display().to_string(), &text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(source) => {
                return Err(EnvironmentError::Unreadable {
                    file: file.display().to_string(),
                    source,
                });
            }
        };
        variables.extend(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }));
        Ok(Self { variables })
    }

    /// The variables of a `.env` text alone; the name is for messages.
    ///
    /// # Errors
    /// [`EnvironmentError`] when a line cannot be used.
    pub fn parse(name: &str, text: &str) -> Result<Self, EnvironmentError> {
        Ok(Self {
            variables: parse(name, text)?,
        })
    }

    /// The value of a variable that is set and not blank.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The variables that are set and not blank.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let names = self.variables.keys().map(String::as_str);
        names.filter_map(|name| Some((name, self.get(name)?)))
    }

    /// The names of all variables, blank ones among them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let variables = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        Self {
            variables: variables.collect(),
        }
    }
}

fn parse(file: &str, text: &str) -> Result<BTreeMap<String, String>, EnvironmentError> {
    for (index, line) in text.lines().enumerate() {
        if let Some(name) = replaced_dollar(line) {
            let (file, name) = (file.to_owned(), name.to_owned());
            return Err(EnvironmentError::Dollar {
                file,
                line: index + 1,
                name,
            });
        }
    }
    let pairs = dotenvy::from_read_iter(text.as_bytes());
    pairs
        .map(|pair| {
            pair.map_err(|error| EnvironmentError::Malformed {
                file: file.to_owned(),
                line: malformed_line(text, &error),
            })
        })
        .collect()
}

/// The variable of a line whose `$` dotenv would replace.
fn replaced_dollar(line: &str) -> Option<&str> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim().trim_start_matches("export ").trim();
    let value = value.trim();
    let outside = !value.starts_with('\'') && value.replace("\\$", "").contains('$');
    (!name.starts_with('#') && outside).then_some(name)
}

/// dotenv names the offending line by its text, which may hold a secret: here by its number.
fn malformed_line(text: &str, error: &dotenvy::Error) -> usize {
    let dotenvy::Error::LineParse(offending, _) = error else {
        return 1;
    };
    let first = offending.lines().next().unwrap_or_default();
    text.lines()
        .position(|line| line == first)
        .map_or(1, |index| index + 1)
}
