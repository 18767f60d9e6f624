//! Whether an object takes part, by the words that Okta's API description has for it.

use std::fmt;

use serde::{Deserialize, Deserializer};

/// What an object says of itself; blank where the org does not show it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status(String);

/// The words for an object that takes part, and for one that does not. Any other tells nobody
/// whether it does.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    on: &'static [&'static str],
    off: &'static [&'static str],
}

impl Words {
    /// Of servers, policies, rules, claims, Trusted Origins (`LifecycleStatus` of Okta's API
    /// description) and applications (`ApplicationLifecycleStatus`).
    pub const OBJECT: Self = Self {
        on: &["ACTIVE"],
        off: &["INACTIVE", "DELETED"],
    };
    /// Of users (`UserStatus`): who can sign in, and who cannot, or not at once. `ACTIVATING`
    /// passes by itself, so it stands in neither.
    pub const USER: Self = Self {
        on: &["ACTIVE"],
        off: &[
            "STAGED",
            "PROVISIONED",
            "RECOVERY",
            "LOCKED_OUT",
            "PASSWORD_EXPIRED",
            "SUSPENDED",
            "DEPROVISIONED",
        ],
    };
    /// Of users of an application (`AppUserStatus`): those whom it describes as enabled or
    /// provisioned, and those who are "not enabled to use the app", disabled or removed. What it
    /// says of imports, and of provisioning that goes on, decides neither.
    pub const ASSIGNMENT: Self = Self {
        on: &["ACTIVE", "PROVISIONED", "IMPLICIT"],
        off: &[
            "INACTIVE",
            "SUSPENDED",
            "PENDING",
            "REVOKED",
            "DEPROVISIONED",
        ],
    };
}

impl Status {
    /// Whether an object takes part; none where its word does not tell.
    #[must_use]
    pub fn takes_part(&self, words: Words) -> Option<bool> {
        let is_among = |words: &[&str]| words.contains(&self.0.as_str());
        is_among(words.on)
            .then_some(true)
            .or_else(|| is_among(words.off).then_some(false))
    }

    /// Whether it is known that an object takes part, of those that are active or not.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.takes_part(Words::OBJECT) == Some(true)
    }

    /// Why nobody knows whether the object takes part, if nobody does.
    #[must_use]
    pub fn doubt(&self, words: Words, object: &str) -> Option<String> {
        match (self.takes_part(words), self.0.as_str()) {
            (Some(_), _) => None,
            (None, "") => Some(format!("the org does not show the status of {object}")),
            (None, word) => Some(format!(
                "{object} is {word}, and that word does not tell whether it takes part"
            )),
        }
    }

    /// The org's own word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Status {
    fn from(word: &str) -> Self {
        Self(word.to_owned())
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let told: Option<String> = Option::deserialize(deserializer)?;
        Ok(Self(told.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::active("ACTIVE", Words::OBJECT, Some(true))]
    #[case::inactive("INACTIVE", Words::OBJECT, Some(false))]
    #[case::deleted_application("DELETED", Words::OBJECT, Some(false))]
    #[case::unknown("PENDING", Words::OBJECT, None)]
    #[case::in_small_letters("active", Words::OBJECT, None)]
    #[case::not_shown("", Words::OBJECT, None)]
    #[case::user("ACTIVE", Words::USER, Some(true))]
    #[case::staged_user("STAGED", Words::USER, Some(false))]
    #[case::user_on_the_way("ACTIVATING", Words::USER, None)]
    #[case::provisioned_assignment("PROVISIONED", Words::ASSIGNMENT, Some(true))]
    #[case::suspended_assignment("SUSPENDED", Words::ASSIGNMENT, Some(false))]
    #[case::staged_assignment("STAGED", Words::ASSIGNMENT, None)]
    #[case::imported_assignment("IMPORTED", Words::ASSIGNMENT, None)]
    fn a_word_that_nobody_knows_tells_nothing(
        #[case] word: &str,
        #[case] words: Words,
        #[case] takes_part: Option<bool>,
    ) {
        let status = Status::from(word);
        assert_eq!(status.takes_part(words), takes_part);
        assert_eq!(status.doubt(words, "it").is_none(), takes_part.is_some());
    }
}
