//! What can go wrong with the browser itself, as opposed to what the org answers.

use std::path::PathBuf;
use std::time::Duration;

use fantoccini::error::{CmdError, ErrorStatus, NewSessionError};
use serde_json::Value;
use thiserror::Error;

use super::evidence::Evidence;

/// Why a browser could not be started, or could not be driven to an outcome.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// A program is missing; the text names the command that installs it.
    #[error(
        "no working {program} was found in {searched}{}\n  \
         run `scripts/install-browser`, or on Debian and Ubuntu: \
         `sudo apt-get install -y --no-install-recommends chromium-headless-shell chromium-driver`\n  \
         a running WebDriver can be named with `WEBDRIVER_URL`",
        lines(unusable)
    )]
    NotFound {
        /// What is missing: `chromedriver` or `browser`.
        program: &'static str,
        /// Where it was looked for.
        searched: String,
        /// What was found there and cannot be used, and why.
        unusable: Vec<String>,
    },
    /// No driver found fits a browser found.
    #[error(
        "no chromedriver fits a browser, their major versions differ: {found}{}\n  \
         run `scripts/install-browser`, or install both from the same source",
        lines(unusable)
    )]
    VersionMismatch {
        /// Each program and its version.
        found: String,
        /// What was found and cannot be used, and why.
        unusable: Vec<String>,
    },
    /// The driver or browser that was named cannot be used.
    #[error("{0}")]
    Named(String),
    /// There is no folder for temporary files.
    #[error("{0}")]
    NoTemporaryFolder(String),
    /// The tool is missing that makes a browser trust a certificate.
    #[error(
        "a browser cannot be made to trust the certificates of SSL_CERT_FILE without `certutil`\n  \
         on Debian and Ubuntu: `sudo apt-get install -y libnss3-tools`"
    )]
    NoCertificateTool,
    /// A browser could not be made to trust a certificate.
    #[error("a browser cannot be made to trust the certificates of SSL_CERT_FILE: {reason}")]
    Certificates {
        /// What the tool said.
        reason: String,
    },
    /// The driver was started but never said that it listens.
    #[error("`{driver}` did not start: {reason}")]
    DriverDidNotStart {
        /// The program that was run.
        driver: PathBuf,
        /// What it said, or what stopped it.
        reason: String,
    },
    /// No browser session could be opened.
    #[error("no browser session could be opened: {reason}")]
    Session {
        /// What the driver answered.
        reason: String,
    },
    /// The `WebDriver` of `WEBDRIVER_URL` cannot be used.
    #[error("the WebDriver at `{url}` cannot be used: {reason}\n  check `WEBDRIVER_URL`")]
    Remote {
        /// Its address, without credentials.
        url: String,
        /// What it answered.
        reason: String,
    },
    /// Something that was waited for did not happen in time.
    #[error("waited {}for {waiting_for}", how_long(*waited))]
    Timeout {
        /// What was waited for.
        waiting_for: String,
        /// For how long, if it is not the browser that gave up.
        waited: Option<Duration>,
        /// What the browser showed then, if it could still tell.
        evidence: Option<Box<Evidence>>,
    },
    /// The page could not be opened.
    #[error("`{url}` could not be opened: {reason}")]
    Unreachable {
        /// The address, its values redacted.
        url: String,
        /// What the browser said.
        reason: String,
    },
    /// A form did not keep what was typed, so it was not submitted.
    #[error("the sign-in form did not take the typed text, so nothing was submitted")]
    Typing {
        /// What the browser showed.
        evidence: Box<Evidence>,
    },
    /// The redirect URI is an app's, and the browser does not show that it was sent there.
    #[error(
        "this browser does not show that it was sent to an app (`{scheme}:…`): use Chromium, or a \
         redirect URI with http or https"
    )]
    RedirectScheme {
        /// The scheme of the redirect URI.
        scheme: String,
    },
    /// The authorization endpoint has an address that no browser is sent to.
    #[error(
        "the address of the authorization endpoint was not opened: {reason}; see \
         `authorization_endpoint` in the issuer's metadata"
    )]
    Address {
        /// What is wrong with it.
        reason: String,
    },
    /// The browser or its driver ended in the middle.
    #[error("the browser or its driver died while {doing}: {reason}")]
    Died {
        /// What it was doing.
        doing: &'static str,
        /// What was seen of it.
        reason: String,
    },
    /// The driver refused a command.
    #[error("the browser failed while {doing}: {reason}")]
    Command {
        /// What it was doing.
        doing: &'static str,
        /// What the driver answered.
        reason: String,
    },
    /// The run's temporary folder or a helper process could not be made.
    #[error("failed to prepare the browser: {0}")]
    Preparation(#[from] std::io::Error),
}

/// A command that hits a page on its way out fails, and one that the driver lets wait for a page
/// ends with the driver's timeout: neither means more than that, our own deadline decides.
pub(super) fn tolerate_navigation<T>(
    outcome: Result<T, BrowserError>,
) -> Result<Option<T>, BrowserError> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(BrowserError::Command { .. } | BrowserError::Timeout { waited: None, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// How long, and a blank behind it; nothing where that is not known.
fn how_long(waited: Option<Duration>) -> String {
    waited.map_or_else(String::new, |time| format!("{time:?} "))
}

fn lines(unusable: &[String]) -> String {
    let lines = unusable.iter();
    lines.fold(String::new(), |text, line| {
        format!("{text}\n  passed over: {line}")
    })
}

impl BrowserError {
    /// Whether the browser or its driver ended, rather than answered.
    #[must_use]
    pub const fn died(&self) -> bool {
        matches!(self, Self::Died { .. })
    }

    /// Whether the same visit may succeed in a new session.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Died { .. } | Self::Session { .. } | Self::Unreachable { .. }
        )
    }

    /// Whether the browser itself is as it was, so that it can serve on.
    pub(super) const fn leaves_browser_sound(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Typing { .. }
                | Self::RedirectScheme { .. }
                | Self::Address { .. }
        )
    }

    /// Adds what the browser showed to a timeout that has nothing of it yet.
    pub(super) fn with_evidence(self, seen: Evidence) -> Self {
        match self {
            Self::Timeout {
                waiting_for,
                waited,
                evidence: None,
            } => Self::Timeout {
                waiting_for,
                waited,
                evidence: Some(Box::new(seen)),
            },
            other => other,
        }
    }

    pub(super) fn from_command(doing: &'static str, error: &CmdError) -> Self {
        let reason = reason_of(error);
        if is_timeout(error) {
            let waiting_for = format!("the page, {doing}");
            Self::Timeout {
                waiting_for,
                waited: None,
                evidence: None,
            }
        } else if is_dead(error) {
            Self::Died { doing, reason }
        } else {
            Self::Command { doing, reason }
        }
    }

    pub(super) fn from_new_session(error: &NewSessionError) -> Self {
        let doing = "opening a session";
        match error {
            NewSessionError::Failed(_) | NewSessionError::FailedC(_) | NewSessionError::Lost(_) => {
                Self::Died {
                    doing,
                    reason: "the driver does not answer".to_owned(),
                }
            }
            NewSessionError::UnexpectedError(error) => Self::from_command(doing, error),
            NewSessionError::NotW3C(answer) => Self::Session {
                reason: first_line(message_of(answer)),
            },
            other => Self::Session {
                reason: first_line(&other.to_string()),
            },
        }
    }
}

/// What an answer says that names no error of the standard.
fn message_of(answer: &Value) -> &str {
    let message = answer
        .pointer("/value/message")
        .or_else(|| answer.get("message"));
    message
        .and_then(Value::as_str)
        .unwrap_or("the driver gave an answer that is not WebDriver's")
}

/// Signs that the browser is gone although its driver still answers.
const DEATH_NOTICES: [&str; 5] = [
    "disconnected",
    "not reachable",
    "tab crashed",
    "target window already closed",
    // A Selenium Grid, of a node that is gone.
    "Unable to execute request for an existing session",
];

fn is_timeout(error: &CmdError) -> bool {
    error.is_timeout() || error.is_script_timeout()
}

fn is_dead(error: &CmdError) -> bool {
    match error {
        CmdError::Failed(_) | CmdError::FailedC(_) | CmdError::Lost(_) => true,
        CmdError::Standard(answer) => {
            matches!(
                answer.error,
                ErrorStatus::InvalidSessionId | ErrorStatus::NoSuchWindow
            ) || DEATH_NOTICES
                .iter()
                .any(|notice| answer.message.contains(notice))
        }
        _ => false,
    }
}

fn reason_of(error: &CmdError) -> String {
    match error {
        CmdError::Standard(answer) => {
            format!(
                "{}: {}",
                answer.error.description(),
                first_line(&answer.message)
            )
        }
        CmdError::Failed(_) | CmdError::FailedC(_) | CmdError::Lost(_) => {
            "the driver does not answer".to_owned()
        }
        // These carry the answer itself, which may hold what a page showed.
        _ => "the driver gave an answer that is not WebDriver's".to_owned(),
    }
}

const REASON_CHARS: usize = 200;

/// The first line of a driver's message, without words that may carry an address with its values.
pub(super) fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let words = line.split_whitespace().map(|word| {
        let may_hold_values = word.contains('?') || word.contains('#') || word.contains("%3A");
        if may_hold_values { "…" } else { word }
    });
    words
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(REASON_CHARS)
        .collect()
}
