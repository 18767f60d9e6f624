//! A part of a run: the test users of the model dealt out over several machines.

use std::fmt;
use std::str::FromStr;

use crate::model::OrgModel;
use crate::observation::Need;
use crate::requirements::Trial;

/// One of several parts; every trial belongs to exactly one of them.
///
/// A trial is judged where its test user is, and one about no user in the first part. Users are
/// dealt out in the order of the model, so that everybody who has the model deals alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    /// Which part, from 1.
    number: usize,
    /// How many parts there are.
    parts: usize,
}

impl Partition {
    /// Which part it is, from 1.
    #[must_use]
    pub fn number(self) -> usize {
        self.number
    }

    /// How many parts there are.
    #[must_use]
    pub fn parts(self) -> usize {
        self.parts
    }

    /// Whether a test user of the model is in this part.
    #[must_use]
    pub fn has_user(self, model: &OrgModel, user: &str) -> bool {
        let place = model.place_of(user);
        place.is_some_and(|place| place % self.parts + 1 == self.number)
    }

    /// The model with the test users of this part alone in view.
    #[must_use]
    pub fn of(self, model: &OrgModel) -> OrgModel {
        model.in_view(|user| self.has_user(model, user))
    }

    /// Whether a trial is judged in this part.
    #[must_use]
    pub fn has(self, model: &OrgModel, trial: &Trial) -> bool {
        user_of(trial).map_or(self.number == 1, |user| self.has_user(model, user))
    }
}

/// The test user that a trial is about: its subject's, or whose token it presents.
pub(super) fn user_of(trial: &Trial) -> Option<&str> {
    let named = trial
        .subject
        .as_ref()
        .and_then(|subject| subject.user.as_deref());
    // What a trial is about stands before what it is compared with.
    named.or_else(|| trial.needs.first().and_then(Need::user))
}

impl FromStr for Partition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is no partition: `2/5` is the second of five");
        let (number, parts) = text.split_once('/').ok_or_else(wrong)?;
        let number: usize = number.parse().map_err(|_| wrong())?;
        let parts: usize = parts.parse().map_err(|_| wrong())?;
        if (1..=parts).contains(&number) {
            Ok(Self { number, parts })
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.parts)
    }
}
