//! How much a run asks of an API.

use std::fmt;

use serde::Deserialize;

/// How much a run asks of an API (`OKTA_E2E_PROFILE`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// What the document promises: no hostile request at all.
    Document,
    /// The hostile requests beside it that change nothing if they are let in, and flood nobody.
    #[default]
    Standard,
    /// Every hostile request.
    Full,
}

impl Profile {
    /// Every profile, the smallest first.
    pub const ALL: [Self; 3] = [Self::Document, Self::Standard, Self::Full];

    /// The profile of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|profile| profile.name() == name)
    }

    /// How the variable and the record name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
