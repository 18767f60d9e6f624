//! What provisioning has made, so that it can go on after a kill and take it all down again.

use serde::{Deserialize, Serialize};

use super::Subject;

/// The objects and links that were made, in the order in which they were.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    made: Vec<Entry>,
}

/// Something that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is.
    #[serde(flatten)]
    pub subject: Subject,
    /// Where it is below `/api/v1/`.
    pub path: String,
    /// What it took the place of, to be put back: where that is below `/api/v1/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

impl Journal {
    /// Adds what was made; it takes the place of what was made for the same purpose before.
    pub fn note(&mut self, entry: Entry) {
        self.made.retain(|noted| noted.subject != entry.subject);
        self.made.push(entry);
    }

    /// Takes out what is gone.
    pub fn forget(&mut self, subject: &Subject) {
        self.made.retain(|noted| noted.subject != *subject);
    }

    /// Where something that was made is.
    #[must_use]
    pub fn path(&self, subject: &Subject) -> Option<&str> {
        let entry = self.made.iter().find(|noted| noted.subject == *subject)?;
        Some(&entry.path)
    }

    /// Everything, what was made last first.
    pub fn latest_first(&self) -> impl Iterator<Item = &Entry> {
        self.made.iter().rev()
    }

    /// Whether nothing is left of what was made.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.made.is_empty()
    }
}
