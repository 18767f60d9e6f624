//! What an answer says, apart from what it leaves out.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer};

/// A field that Okta names in every recorded answer: what it says, or the plain default where it is
/// absent or null, which nobody has seen.
///
/// It reads as the value itself. What is to be met by it asks [`is_told`](Self::is_told) first.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Told<T> {
    value: T,
    is_told: bool,
}

impl<T> Told<T> {
    /// Whether the org named it.
    #[must_use]
    pub const fn is_told(&self) -> bool {
        self.is_told
    }
}

impl<T> From<T> for Told<T> {
    fn from(value: T) -> Self {
        Self {
            value,
            is_told: true,
        }
    }
}

impl<T> Deref for Told<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Told<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<'a, T> IntoIterator for &'a Told<Vec<T>> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.value.iter()
    }
}

impl<T: fmt::Debug> fmt::Debug for Told<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(formatter)
    }
}

impl<'de, T: Default + Deserialize<'de>> Deserialize<'de> for Told<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let told: Option<T> = Option::deserialize(deserializer)?;
        Ok(told.map_or_else(Self::default, Self::from))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[derive(Deserialize)]
    struct Scope {
        #[serde(default)]
        default: Told<bool>,
    }

    #[rstest]
    #[case::on(r#"{"default":true}"#, true, true)]
    #[case::off(r#"{"default":false}"#, false, true)]
    #[case::null(r#"{"default":null}"#, false, false)]
    #[case::absent("{}", false, false)]
    fn what_is_absent_is_not_told(
        #[case] answer: &str,
        #[case] value: bool,
        #[case] is_told: bool,
    ) {
        let scope: Scope = serde_json::from_str(answer).expect("a scope");
        assert_eq!((*scope.default, scope.default.is_told()), (value, is_told));
    }
}
