//! A redirect URI, byte for byte: Okta compares it as a text.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::Deserialize;
use url::Url;

/// A redirect URI as it was written, and as a URL.
///
/// A URL without path gets a slash when it is parsed, which would be another redirect URI.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct RedirectUri {
    text: String,
    url: Url,
}

impl RedirectUri {
    /// The redirect URI, byte for byte.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for RedirectUri {
    type Err = url::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self {
            text: text.to_owned(),
            url: Url::parse(text)?,
        })
    }
}

/// Why a text of a model is no redirect URI; it is not repeated, since it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error("`redirect_uri` is no address ({0}): write it whole, as `http://localhost:8080/callback`")]
pub struct NoAddress(#[from] url::ParseError);

impl TryFrom<String> for RedirectUri {
    type Error = NoAddress;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Ok(text.parse()?)
    }
}

impl Deref for RedirectUri {
    type Target = Url;

    fn deref(&self) -> &Url {
        &self.url
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}
