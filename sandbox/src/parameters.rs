//! The parameters of a request, as sent: duplicates are an error, so they are kept.

use std::collections::HashSet;

use url::form_urlencoded;

/// Decoded parameters in the order they were sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a query or a form body.
    pub(crate) fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The value of the parameter; an empty one counts as not sent (RFC 6749 section 3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut named = self.0.iter().filter(|(key, _)| key == name);
        let (_, value) = named.next()?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// Every name, as often as it was sent.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Every value.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, value)| value.as_str())
    }

    /// Whether the parameter was sent more than once.
    pub(crate) fn repeats(&self, name: &str) -> bool {
        self.0.iter().filter(|(key, _)| key == name).count() > 1
    }

    /// Whether any parameter was sent more than once.
    pub(crate) fn repeats_any(&self) -> bool {
        let mut seen = HashSet::new();
        !self.0.iter().all(|(key, _)| seen.insert(key))
    }
}
