//! What can be wrong with the API beside the org, by name: the rows of `faults.toml`.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::LazyLock;

use serde::Deserialize;
use toml::{Table, Value};

use super::behaviour::Behaviour;

/// The rows; a test of this file reads every one.
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let file: Result<File, _> = toml::from_str(include_str!("faults.toml"));
    file.map_or_else(|_| Vec::new(), |file| file.faults)
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "fault")]
    faults: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    #[serde(default)]
    also: Vec<String>,
    what: String,
    #[serde(default)]
    norm: String,
    #[serde(default)]
    family: String,
    #[serde(default)]
    harmless: bool,
    #[serde(default)]
    #[serde(rename = "good-token-fails")]
    good_token_fails: bool,
    set: Table,
}

/// One thing that is wrong with the API, or, for the harmless ones, just different.
#[derive(Clone, Copy)]
pub struct SolarFault(&'static Row);

impl SolarFault {
    /// Every fault there is.
    #[must_use]
    pub fn all() -> Vec<Self> {
        ROWS.iter().map(Self).collect()
    }

    /// What it is, in a sentence.
    #[must_use]
    pub fn what(self) -> &'static str {
        &self.0.what
    }

    /// The norm that it breaks; empty where it breaks none.
    #[must_use]
    pub fn norm(self) -> &'static str {
        &self.0.norm
    }

    /// The family of hostile cases of which at least one must be let in by it, or be what it dies
    /// of; empty where none is meant to.
    #[must_use]
    pub fn family(self) -> &'static str {
        &self.0.family
    }

    /// Whether nothing is wrong with it: an API may well be so.
    #[must_use]
    pub fn is_harmless(self) -> bool {
        self.0.harmless
    }

    /// Whether not even a good token opens the right endpoint any more.
    #[must_use]
    pub fn good_token_fails(self) -> bool {
        self.0.good_token_fails
    }
}

impl Behaviour {
    /// How the API behaves when all of this is wrong with it.
    pub(super) fn with(faults: &[SolarFault]) -> Self {
        let mut set = Table::new();
        for fault in faults {
            merge(&mut set, &fault.0.set);
        }
        set.try_into().unwrap_or_default()
    }
}

fn merge(into: &mut Table, other: &Table) {
    for (name, value) in other {
        match (into.get_mut(name), value) {
            (Some(Value::Table(into)), Value::Table(other)) => merge(into, other),
            _ => drop(into.insert(name.clone(), value.clone())),
        }
    }
}

impl PartialEq for SolarFault {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for SolarFault {}

impl Hash for SolarFault {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}

impl fmt::Debug for SolarFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("SolarFault")
            .field(&self.0.name)
            .finish()
    }
}

impl fmt::Display for SolarFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.name)
    }
}

/// A name that is no fault's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown fault `{0}`")]
pub struct UnknownSolarFault(String);

impl FromStr for SolarFault {
    type Err = UnknownSolarFault;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let is_it = |row: &&Row| row.name == name || row.also.iter().any(|also| also == name);
        let row = ROWS.iter().find(is_it);
        row.map(Self)
            .ok_or_else(|| UnknownSolarFault(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_can_be_read_and_says_what_it_changes() {
        let file: File = toml::from_str(include_str!("faults.toml")).unwrap();
        assert!(!file.faults.is_empty());
        let mut names = HashSet::new();
        for row in &file.faults {
            for name in row.also.iter().chain([&row.name]) {
                assert!(names.insert(name), "{name} is there twice");
            }
            let behaviour: Result<Behaviour, _> = row.set.clone().try_into();
            assert!(behaviour.is_ok(), "{}: {behaviour:?}", row.name);
            assert!(!row.set.is_empty(), "{} changes nothing", row.name);
            assert!(row.what.ends_with('.'), "{}: {}", row.name, row.what);
        }
    }

    #[test]
    fn a_fault_of_security_names_its_norm_and_its_family() {
        for row in ROWS.iter().filter(|row| row.name.starts_with("rs.")) {
            assert!(!row.norm.is_empty(), "{} breaks no norm", row.name);
            assert_ne!(row.harmless, !row.family.is_empty(), "{}", row.name);
        }
    }

    #[test]
    fn faults_add_up() {
        let both = ["rs.query-token", "rs.cookie-token"].map(|name| name.parse().unwrap());
        let behaviour = Behaviour::with(&both);
        assert!(behaviour.presented.query && behaviour.presented.cookie);
    }
}
