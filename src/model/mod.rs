//! The org model: the wanted org, from which every expectation of a run is derived.
//!
//! A model file says the *intent* (which groups may use which endpoint, by which scope) and the
//! *mechanism* (authorization server, scopes, policy, rules, client, assignments). It is refused
//! when the mechanism does not give exactly the intent: see [`ModelError`].

mod check;
mod expect;
mod file;
mod policy;
mod redirect_uri;
mod request;
mod worked_out;

pub use expect::{Access, Expected};

pub use file::{
    AuthorizationServer, Client, Endpoint, Group, OrgModel, Policy, Provider, Rule, Scope,
    TestUser, TrustedOrigin,
};
pub use policy::{
    AccessPolicy, AccessRule, Allowed, Decision, OpenIdConnectScopes, Person, decide,
};

pub use redirect_uri::RedirectUri;
pub use request::ScopeRequest;

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// The grant types that a browser can use, by the names of RFC 6749 and RFC 7591.
pub const AUTHORIZATION_CODE: &str = "authorization_code";
/// Tokens straight from the authorization endpoint, RFC 6749 section 4.2.
pub const IMPLICIT: &str = "implicit";
/// Okta's built-in group of all users, by its name in the directory.
pub const EVERYONE: &str = "Everyone";

/// Why an org model cannot be used. Every message says where and what to change.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The file cannot be read.
    #[error(
        "cannot read the org model `{path}`: {source}; the model is named by OKTA_E2E_ORG_MODEL or \
         --model, and is `fixtures/org.toml` otherwise"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
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

fn list(path: &Path, problems: &[String]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("{}: {problem}", path.display()))
        .collect();
    lines.join("\n")
}

impl OrgModel {
    /// Reads and checks a model file.
    ///
    /// # Errors
    /// [`ModelError`] when the file cannot be read, is malformed, or contradicts itself.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let text = std::fs::read_to_string(path).map_err(|source| ModelError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, &text)
    }

    /// Reads and checks the text of a model file; the path is for messages.
    ///
    /// # Errors
    /// [`ModelError::Malformed`] or [`ModelError::Contradictory`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, ModelError> {
        let mut model: Self = toml::from_str(text).map_err(|error| ModelError::Malformed {
            path: path.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        })?;
        model.sha256 = hex(&Sha256::digest(text.as_bytes()));
        let mut problems = check::references(&model, text);
        if problems.is_empty() {
            problems = check::intent(&model);
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

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
