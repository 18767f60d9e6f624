//! What must come back: where, and with which error.

use std::fmt::Write as _;

use serde::Deserialize;

use super::care::Care;

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
    /// What it brings, and nothing else: names of parameters such as `code`.
    #[serde(default)]
    pub brings: Vec<String>,
    /// What it takes care of.
    #[serde(default)]
    pub cares: Vec<Care>,
    /// What the lists in its JSON have and lack.
    #[serde(default)]
    pub lists: Vec<List>,
}

/// A list in the JSON of an answer; where the member is not there and need not be, nothing is said
/// of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct List {
    /// The member.
    pub of: String,
    /// What must be in it.
    #[serde(default)]
    pub has: Vec<String>,
    /// What must not.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// Whether it must be there, with something in it.
    #[serde(default)]
    pub is_owed: bool,
}

/// Where an answer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    /// In a redirect to the redirect URI of the client, byte for byte.
    RedirectUri,
    /// In a redirect to the redirect URI of the client that brings a code or tokens.
    Granted,
    /// On a page of the server's own, without any redirect.
    Page,
    /// In the JSON of the answer.
    Body,
    /// In `WWW-Authenticate`.
    Challenge,
    /// It is a success, whatever stands in it.
    Success,
    /// It is a success, or a redirect to another page of the org.
    Org,
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
    /// In a form that a page posts by itself (OAuth 2.0 Form Post Response Mode).
    Form,
    /// In a message to the page of the client (`response_mode=okta_post_message`).
    Message,
}

impl Answer {
    /// For sentences: ``a redirect to the redirect URI with `login_required` ``.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = match self.at {
            At::RedirectUri if self.part == Some(Part::Form) => {
                "a page that posts to the redirect URI".to_owned()
            }
            At::RedirectUri => "a redirect to the redirect URI".to_owned(),
            At::Granted => "what is asked for".to_owned(),
            At::Page => "a page of its own, no redirect".to_owned(),
            At::Body => "a refusal".to_owned(),
            At::Challenge => "a refusal with a challenge".to_owned(),
            At::Success => "a success".to_owned(),
            At::Org => "a page of the org, or a redirect to one".to_owned(),
            At::Inactive => "`{\"active\":false}` alone".to_owned(),
        };
        if let Some(part) = self.part {
            words.push_str(part.words());
        }
        let errors: Vec<String> = self.errors.iter().map(|code| format!("`{code}`")).collect();
        if !errors.is_empty() {
            let _ = write!(words, " with {}", errors.join(" or "));
        }
        let brings: Vec<String> = self.brings.iter().map(|name| format!("`{name}`")).collect();
        if !brings.is_empty() {
            let _ = write!(words, " with {} alone", brings.join(" and "));
        }
        if self.echoes_state {
            words.push_str(" and the `state` that was sent");
        }
        let status: Vec<String> = self.status.iter().map(u16::to_string).collect();
        if !status.is_empty() {
            let _ = write!(words, " (status {})", status.join(" or "));
        }
        for care in &self.cares {
            let _ = write!(words, ", {}", care.words());
        }
        for list in &self.lists {
            words.push_str(&list.words());
        }
        words
    }
}

impl List {
    fn words(&self) -> String {
        let named = |names: &[String]| {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            names.join(" or ")
        };
        let mut words = format!(", `{}`", self.of);
        if !self.has.is_empty() {
            let _ = write!(words, " with {}", named(&self.has));
        }
        if !self.lacks.is_empty() {
            let _ = write!(words, " without {}", named(&self.lacks));
        }
        if self.is_owed {
            words.push_str(" with something in it");
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
            Self::Form => ", in a form",
            Self::Message => ", in a message to the page of the client",
        }
    }
}
