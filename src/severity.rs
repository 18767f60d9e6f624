//! How much a requirement weighs.

use serde::{Deserialize, Serialize};

/// How much a requirement weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Without it the document's outcome fails, or someone gets more than the model gives.
    Required,
    /// The document or Okta recommends it, or the found org drifted without effect.
    Advised,
    /// Worth knowing.
    Informative,
}

impl Severity {
    /// How the record calls it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Advised => "advised",
            Self::Informative => "informative",
        }
    }
}
