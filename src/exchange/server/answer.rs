//! What must come back: where, and with which error.

use std::fmt::Write as _;

use serde::Deserialize;

/// What must come back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Answer {
    /// Where the answer stands.
    pub at: At,
    /// Its status is one of these; none: any that is no success, or any redirect.
    #[serde(default)]
    pub status: Vec<u16>,
    /// Its error code is one of these; none: whatever it is.
    #[serde(default)]
    pub errors: Vec<String>,
    /// Where in the redirect it stands; none: wherever.
    #[serde(default)]
    pub part: Option<Part>,
    /// Whether the `state` that was sent must come back.
    #[serde(default)]
    pub echoes_state: bool,
}

/// Where an answer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    /// In a redirect to the redirect URI of the client, byte for byte.
    RedirectUri,
    /// On a page of the server's own, without any redirect.
    Page,
    /// In the JSON of the answer.
    Body,
    /// In `WWW-Authenticate`.
    Challenge,
    /// It is a success, whatever stands in it.
    Success,
    /// In JSON that says that a token is not alive, and not a word more (RFC 7662 section 2.2).
    Inactive,
}

/// A part of a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// After `?`.
    Query,
    /// After `#`.
    Fragment,
}

impl Answer {
    /// For sentences: ``a redirect to the redirect URI with `login_required` ``.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = match self.at {
            At::RedirectUri => "a redirect to the redirect URI".to_owned(),
            At::Page => "a page of its own, no redirect".to_owned(),
            At::Body => "a refusal".to_owned(),
            At::Challenge => "a refusal with a challenge".to_owned(),
            At::Success => "a success".to_owned(),
            At::Inactive => "`{\"active\":false}` alone".to_owned(),
        };
        if let Some(part) = self.part {
            words.push_str(part.words());
        }
        let errors: Vec<String> = self.errors.iter().map(|code| format!("`{code}`")).collect();
        if !errors.is_empty() {
            let _ = write!(words, " with {}", errors.join(" or "));
        }
        if self.echoes_state {
            words.push_str(" and the `state` that was sent");
        }
        let status: Vec<String> = self.status.iter().map(u16::to_string).collect();
        if !status.is_empty() {
            let _ = write!(words, " (status {})", status.join(" or "));
        }
        words
    }
}

impl Part {
    /// For sentences, behind what it is a part of.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Query => ", in the query",
            Self::Fragment => ", in the fragment",
        }
    }
}
