//! The org model: the wanted org, from which every expectation of a run is derived.
//!
//! A model file says the *intent* (which groups may use which endpoint, by which scope) and the
//! *mechanism* (authorization server, scopes, policy, rules, client, assignments). It is refused
//! when the mechanism does not give exactly the intent: see [`ModelError`].

mod accepted;
mod check;
mod claim;
mod claims;
mod endpoint;
mod endpoints;
mod expect;
mod file;
mod flow;
mod json;
mod places;
mod policy;
mod probe;
mod provider;
mod redirect_uri;
mod refresh;
mod request;
#[cfg(test)]
mod schema;
mod service;
mod short;
mod unanswered;
mod values;
mod worked_out;

pub use accepted::Accepted;
pub(crate) use check::is_reserved_by_okta;
pub use claim::{Claim, ClaimToken, ClaimValue, Expression, GroupFilter, MustSee};
pub(crate) use endpoint::is_same;
pub use endpoint::{Endpoint, HeaderText, Method, Needs, Wanted};
pub use expect::{Access, Expected};

pub use file::{
    ApplicationType, AuthorizationServer, Client, ClientAuthentication, Group, OrgModel, Policy,
    Rule, Scope, TestUser, TrustedOrigin,
};
pub use flow::Flow;
pub use json::Json;
pub use policy::{
    AccessPolicy, AccessRule, Allowed, Decision, OpenIdConnectScopes, Person, decide,
};

pub use probe::{PROBES_POLICY, Probe, Probes, ProbesRule, is_of_probes};
pub use provider::Provider;
pub use redirect_uri::RedirectUri;
pub use refresh::{OFFLINE_ACCESS, REFRESH_TOKEN, RefreshToken, Rotation};
pub use request::ScopeRequest;
pub use service::{CLIENT_CREDENTIALS, Service};
pub use worked_out::Grantee;

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::text_file::{self, TextFileError};

/// The grant types that a browser can use, by the names of RFC 6749 and RFC 7591.
pub const AUTHORIZATION_CODE: &str = "authorization_code";
/// Tokens straight from the authorization endpoint, RFC 6749 section 4.2.
pub const IMPLICIT: &str = "implicit";
/// Okta's built-in group of all users, by its name in the directory.
pub const EVERYONE: &str = "Everyone";

/// The model of the document's own org.
const OF_THE_DOCUMENT: &str = include_str!("../../fixtures/org.toml");

/// Why an org model cannot be used. Every message says where and what to change.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The file cannot be read.
    #[error(
        "cannot read the org model: {0}; the model is named by OKTA_E2E_ORG_MODEL or --model, and \
         is `fixtures/org.toml` otherwise"
    )]
    Unreadable(#[from] TextFileError),
    /// The file is not TOML, or not of this form.
    #[error("{path}: {message}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line, column, what is wrong and what is allowed.
        message: String,
    },
    /// The file contradicts itself, or its rules do not give exactly its intent.
    #[error("{}", list(path, problems))]
    Contradictory {
        /// The file.
        path: PathBuf,
        /// Every problem that was found, each with its line where it has one.
        problems: Vec<String>,
    },
}

impl ModelError {
    /// The message in lines, each to be printed as one: a path or a value may hold a line break.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Unreadable { .. } => vec![self.to_string()],
            Self::Malformed { path, message } => {
                let mut lines = message.lines();
                let first = format!("{}: {}", path.display(), lines.next().unwrap_or_default());
                let rest = lines.map(str::to_owned);
                std::iter::once(first).chain(rest).collect()
            }
            Self::Contradictory { path, problems } => {
                let problem = |problem: &String| format!("{}: {problem}", path.display());
                problems.iter().map(problem).collect()
            }
        }
    }
}

fn list(path: &Path, problems: &[String]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("{}: {}", path.display(), on_one_line(problem)))
        .collect();
    lines.join("\n")
}

/// A name of the model may hold what would end the line.
fn on_one_line(text: &str) -> String {
    text.chars().fold(String::new(), |line, character| {
        if character.is_control() {
            line + &character.escape_default().to_string()
        } else {
            line + character.encode_utf8(&mut [0; 4])
        }
    })
}

impl OrgModel {
    /// Reads and checks a model file.
    ///
    /// # Errors
    /// [`ModelError`] when the file cannot be read, is malformed, or contradicts itself.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        Self::parse(path, &text_file::read(path)?)
    }

    /// The model of the document's own org, `fixtures/org.toml` of this version.
    ///
    /// # Errors
    /// None: it is a model, as tests show.
    pub fn of_the_document() -> Result<Self, ModelError> {
        Self::parse(Path::new("the built-in org model"), OF_THE_DOCUMENT)
    }

    /// Reads and checks the text of a model file; the path is for messages.
    ///
    /// # Errors
    /// [`ModelError::Malformed`] or [`ModelError::Contradictory`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, ModelError> {
        let malformed = |message| ModelError::Malformed {
            path: path.to_owned(),
            message,
        };
        let questions = unanswered::questions(text);
        if !questions.is_empty() {
            return Err(ModelError::Contradictory {
                path: path.to_owned(),
                problems: questions,
            });
        }
        if let Some(missing) = values::missing_parts(text) {
            return Err(malformed(missing));
        }
        let mut model: Self =
            toml::from_str(text).map_err(|error| malformed(in_words(&error, text)))?;
        let mut problems = model.settle(path, text);
        model.sha256 = model.digest(text);
        problems.extend(values::values(&model, text));
        problems.extend(check::references(&model, text));
        problems.extend(claims::problems(&model, text));
        problems.extend(refresh::problems(&model, text));
        problems.extend(service::problems(&model, text));
        problems.extend(accepted::problems(&model, text));
        problems.extend(probe::problems(&model, text));
        if problems.is_empty() {
            problems = check::intent(&model);
        }
        if problems.is_empty() {
            problems.extend(probe::without_use(&model, text));
        }
        if problems.is_empty() {
            return Ok(model);
        }
        Err(ModelError::Contradictory {
            path: path.to_owned(),
            problems,
        })
    }
}

impl OrgModel {
    /// The SHA-256 of the text and of every file that it names.
    fn digest(&self, text: &str) -> String {
        let mut digest = Sha256::new_with_prefix(text.as_bytes());
        for body in self.endpoints.iter().filter_map(Endpoint::body_of_file) {
            digest.update(body.as_bytes());
        }
        hex(&digest.finalize())
    }

    /// Works out what follows from what is written; what cannot be said comes back.
    fn settle(&mut self, path: &Path, text: &str) -> Vec<String> {
        self.name_scopes();
        endpoints::settle(self, path, text)
    }
}

/// The place and the problem; the line itself is left out, since an address may hold a password.
fn in_words(error: &toml::de::Error, text: &str) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let line = places::line_at(text, start);
    let before = text.get(..start).unwrap_or_default();
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    let hint = if error.message().starts_with("missing field") {
        "; fixtures/org.toml is a whole model"
    } else {
        ""
    };
    let message = plainly(error.message());
    format!("line {line}, column {column}: {message}{hint}")
}

/// What is wanted in plain words, where the reader says it by types of its own.
fn plainly(message: &str) -> String {
    let number = ["u16", "u32", "u64"].iter().find_map(|kind| {
        let before = message.strip_suffix(kind)?.strip_suffix("expected ")?;
        Some(format!("{before}expected a whole number, 0 or more"))
    });
    let one_of_several = message
        .strip_prefix("wanted exactly 1 element, found ")
        .map(|found| {
            format!(
                "exactly one key is wanted here, and there are {}: docs/model.md has all there are",
                found.split(' ').next().unwrap_or_default()
            )
        });
    let plain = number.or(one_of_several);
    plain.unwrap_or_else(|| message.to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
