//! What came of a hostile request, and what became of the API by it.

use std::time::Duration;

use super::ApiAnswer;

/// What came of a hostile request.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is something of its own that was seen"
)]
pub struct HostileAnswer {
    /// What the API did.
    pub reaction: Reaction,
    /// The answer, or as much of one as had come.
    pub answer: Option<ApiAnswer>,
    /// Whether its body is the one that a good token is given, or has that within.
    pub is_as_good: bool,
    /// Whether another endpoint that the request names answers the same by right, so that it is no
    /// answer of the endpoint's.
    pub is_of_another: bool,
    /// Whether the token that was sent is in it.
    pub echoes_token: bool,
    /// Whether it has the header that must not be there.
    pub has_forbidden: bool,
    /// What the API fetched from the suite itself, because the token named it.
    pub fetched: Option<String>,
    /// For so long past its expiry a token is let in, where the case measures that and it could be.
    pub leeway_seconds: Option<u64>,
    /// So much longer than to a good token it took to answer.
    pub slower_by: Duration,
    /// What a good token was given right after it.
    pub afterwards: Afterwards,
}

/// What the API did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reaction {
    /// It answered.
    Answered,
    /// It ended the connection.
    Lost(String),
    /// It said nothing within so many seconds.
    Silent(u64),
}

/// What a good token was given right after a hostile request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Afterwards {
    /// What it is given always.
    Good,
    /// Nothing at first, and the same as always within the time that is waited.
    Recovered(Trouble),
    /// Nothing, however long was waited.
    Stayed(Trouble),
}

/// Why a good token was not given what it is given always.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The connection was refused or broke.
    Gone(String),
    /// The API, or what stands before it, answered that it fails.
    Failing(String),
    /// The connection stood, and nothing came in time, which a busy machine does as well.
    Late(String),
    /// It was refused, with this status.
    Refused(u16),
}

impl Trouble {
    /// Why the API was not there, if it was not.
    fn absence(&self) -> Option<&str> {
        match self {
            Self::Gone(why) | Self::Failing(why) => Some(why),
            Self::Late(_) | Self::Refused(_) => None,
        }
    }

    /// What counts of two that came one after the other: to be late may be anything yet.
    #[must_use]
    pub fn and_then(self, next: Self) -> Self {
        match self {
            Self::Late(_) => next,
            Self::Gone(_) | Self::Failing(_) | Self::Refused(_) => self,
        }
    }
}

impl HostileAnswer {
    /// Whether the API answered it, and was away for a moment right after: that may be another's
    /// doing, such as a deploy.
    #[must_use]
    pub fn may_be_chance(&self) -> bool {
        let was_away = matches!(
            self.afterwards,
            Afterwards::Recovered(Trouble::Gone(_) | Trouble::Failing(_))
        );
        was_away && self.reaction == Reaction::Answered
    }

    /// Whether a rate limit has answered, and not the API.
    #[must_use]
    pub fn is_too_much(&self) -> bool {
        self.answer
            .as_ref()
            .is_some_and(|answer| answer.status == 429)
    }

    /// Whether the API was gone after it, for a while or for good: one that is late is not, unless
    /// it answers nothing at all for as long as is waited.
    #[must_use]
    pub fn took_the_api_away(&self) -> Option<&str> {
        match &self.afterwards {
            Afterwards::Good => None,
            Afterwards::Stayed(Trouble::Late(why)) => Some(why),
            Afterwards::Recovered(trouble) | Afterwards::Stayed(trouble) => trouble.absence(),
        }
    }

    /// Whether a good token was answered late after it, and why that is known.
    #[must_use]
    pub fn was_late_afterwards(&self) -> Option<&str> {
        match &self.afterwards {
            Afterwards::Recovered(Trouble::Late(why)) => Some(why),
            _ => None,
        }
    }
}
