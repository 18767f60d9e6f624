//! What is typed into a form, and what came of it.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

use super::error::BrowserError;
use super::landing::{Credentials, Danger, Known};
use super::page::Fields;
use crate::totp::Totp;

/// How long an unused code may take: a code is good for 30 s.
const CODE_TIMEOUT: Duration = Duration::from_secs(35);

/// What came of typing (the script).
#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub(super) enum Filled {
    /// Nothing was submitted: it would have gone elsewhere.
    Refused { danger: Danger, origin: String },
    /// The form did not take it.
    Lost,
    /// The page left for another by itself, and took no form with it.
    Left,
    /// It is still to be submitted, unless the page has done that by itself.
    Typed,
    /// Nothing was typed: it asks for the password of another user.
    Another,
    /// Nothing was typed: it asks for a password, and does not say of whom.
    Nobody,
    /// Nothing was typed: it may want the password for something else than to sign in.
    Doubtful,
    /// It was submitted.
    Submitted,
}

/// What is to be typed into which field.
pub(super) fn texts<'a>(
    credentials: Credentials<'a>,
    fields: Fields,
    code: Option<&'a SecretString>,
) -> BTreeMap<&'static str, &'a str> {
    let password = credentials.password.expose_secret();
    let texts = [
        ("username", fields.username.then_some(credentials.username)),
        ("password", fields.password.then_some(password)),
        ("code", code.map(ExposeSecret::expose_secret)),
    ];
    let texts = texts.into_iter();
    texts
        .filter_map(|(field, text)| Some((field, text?)))
        .collect()
}

/// What is known of a page that asks for the password of somebody else.
pub(super) fn another_user() -> Known {
    Known {
        is: Some("asks for the password of another user"),
        change: Some(
            "let the browser begin without anybody's session: a driver that WEBDRIVER_URL names \
             must give each session a profile of its own",
        ),
        ..Known::default()
    }
}

/// What is known of a page that asks for a password alone, before any name was submitted.
pub(super) fn nobody() -> Known {
    Known {
        is: Some("asks for a password and does not say whose it is"),
        change: Some(
            "see the screenshot in the report: let the page ask for the user name as well, and \
             take what protects a whole site by one password away from the org",
        ),
        ..Known::default()
    }
}

/// What is known of a page that asks for a password alone, under words for something else.
pub(super) fn doubtful() -> Known {
    Known {
        is: Some(
            "asks for the password alone in a form that is not known to be one to sign in with: \
             its heading says nothing of that",
        ),
        change: Some(
            "see the screenshot in the report: let the page that asks for the password say that it \
             signs in, or exclude {user} from what asks for it",
        ),
        ..Known::default()
    }
}

/// A script that failed submitted nothing.
pub(super) fn read(filled: Value) -> Filled {
    serde_json::from_value(filled).unwrap_or(Filled::Lost)
}

/// A code that the org has not seen yet.
pub(super) async fn unused_code(totp: &Totp) -> Result<SecretString, BrowserError> {
    let code = timeout(CODE_TIMEOUT, totp.unused_code()).await;
    code.map_err(|_| BrowserError::Timeout {
        waiting_for: "an unused code of the authenticator app".to_owned(),
        waited: Some(CODE_TIMEOUT),
        evidence: None,
    })
}
