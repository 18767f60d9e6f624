//! What provisioning has made and means to make, so that it can go on after a kill and take it all
//! down again.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Subject;

/// The form that this program writes; it reads the older one too, which had no version.
const VERSION: u32 = 2;

/// The objects and links that were made, in the order in which they were, those that may have been
/// made among them, and the variables that were written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    #[serde(default)]
    version: u32,
    /// Scheme, host and port of the org.
    #[serde(default)]
    org: String,
    /// What every object of this journal carries in a field of its own.
    #[serde(default)]
    mark: String,
    made: Vec<Entry>,
    /// Fingerprints of the values that were written, by the names of the variables.
    #[serde(default)]
    written: BTreeMap<String, String>,
}

/// Something that was made, or may have been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is.
    #[serde(flatten)]
    pub subject: Subject,
    /// Where it is below `/api/v1/`; of an object that may have been made, the list it is in.
    pub path: String,
    /// What it took the place of, to be put back: where that is below `/api/v1/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What was about to be made when this was noted; nothing once it is known to be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<Intent>,
}

/// What was noted before the call that makes something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// What it is found by: its name, label, login or origin.
    pub name: String,
    /// What was sent, of an object that has no field for the mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Value>,
}

/// Why a text is no journal of this org.
#[derive(Debug)]
pub(super) enum Unfit {
    /// It cannot be understood from this line on.
    Malformed(usize),
    /// A later version of the program wrote it.
    Newer,
    /// It is of the org at this address.
    OtherOrg(String),
}

impl Journal {
    /// An empty journal of an org.
    pub(super) fn of(org: &str) -> Self {
        Self {
            org: org.to_owned(),
            ..Self::default()
        }
    }

    /// Reads a journal of this org.
    pub(super) fn parse(text: &str, org: &str) -> Result<Self, Unfit> {
        let malformed = |error: serde_json::Error| Unfit::Malformed(error.line());
        let any: Value = serde_json::from_str(text).map_err(malformed)?;
        let version = any.get("version").and_then(Value::as_u64);
        if version.is_some_and(|version| version > u64::from(VERSION)) {
            return Err(Unfit::Newer);
        }
        let journal: Self = serde_json::from_str(text).map_err(malformed)?;
        if !matches!(journal.org.as_str(), "" | "null") && journal.org != org {
            return Err(Unfit::OtherOrg(journal.org));
        }
        Ok(Self {
            org: org.to_owned(),
            ..journal
        })
    }

    /// The journal as it is kept.
    pub(super) fn text(&self) -> serde_json::Result<String> {
        let kept = Self {
            version: VERSION,
            ..self.clone()
        };
        serde_json::to_string_pretty(&kept)
    }

    /// Adds what was made, or is about to be; it takes the place of what was noted for the same
    /// purpose before.
    pub fn note(&mut self, entry: Entry) {
        self.ensure_mark();
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
        entry.intent.is_none().then_some(&entry.path)
    }

    /// Something that may have been made, or not.
    #[must_use]
    pub fn intended(&self, subject: &Subject) -> Option<&Entry> {
        let mut made = self.made.iter();
        made.find(|noted| noted.subject == *subject && noted.intent.is_some())
    }

    /// Whether the object that this list or link belongs to was made.
    pub(super) fn owns_parent(&self, path: &str) -> bool {
        let made = self.made.iter().filter(|noted| noted.intent.is_none());
        made.filter(|noted| noted.subject.is_object())
            .any(|noted| path.starts_with(&format!("{}/", noted.path)))
    }

    /// Everything, what was noted last first.
    pub fn latest_first(&self) -> impl Iterator<Item = &Entry> {
        self.made.iter().rev()
    }

    /// Whether nothing is left of what was made and written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.made.is_empty() && self.written.is_empty()
    }

    /// What every object of this journal carries; blank while there is none.
    #[must_use]
    pub fn mark(&self) -> &str {
        &self.mark
    }

    fn ensure_mark(&mut self) {
        if self.mark.is_empty() {
            self.mark = format!("{:016x}", rand::random::<u64>());
        }
    }

    /// The names of the variables that were written.
    pub fn written(&self) -> impl Iterator<Item = &str> {
        self.written.keys().map(String::as_str)
    }

    /// Whether a variable has the value that was written.
    pub(super) fn has_written(&self, name: &str, value: &str) -> bool {
        self.written.get(name) == Some(&self.fingerprint(name, value))
    }

    /// Notes which values are written; a blank one is none.
    pub(super) fn write(&mut self, variables: &[(&str, &str)]) {
        self.ensure_mark();
        for (name, value) in variables {
            if value.is_empty() {
                self.written.remove(*name);
            } else {
                let fingerprint = self.fingerprint(name, value);
                self.written.insert((*name).to_owned(), fingerprint);
            }
        }
    }

    /// Forgets which values were written.
    pub(super) fn forget_written(&mut self) {
        self.written.clear();
    }

    /// Tells a value from others without telling it.
    fn fingerprint(&self, name: &str, value: &str) -> String {
        let text = format!("{}\0{name}\0{value}", self.mark);
        URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
    }
}
