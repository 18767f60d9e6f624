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
    /// Where anybody is given the same, with nothing hostile and no token.
    pub open_anyway: Option<OpenAnyway>,
    /// Whether its header fields say how long the data is, or in which state.
    pub describes_data: bool,
    /// Whether the token that was sent is in it.
    pub echoes_token: bool,
    /// What a refusal tells of the inside of the API, in words.
    pub shows_inside: Option<String>,
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

/// A place beside the endpoint where its data is open to anybody, among more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenAnyway {
    /// The place, for a sentence.
    pub at: &'static str,
    /// Whether what stands there is for people, or tells programs what an API answers: what is in
    /// it was published.
    pub is_documentation: bool,
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
    /// The one that was let in before is refused, with this status, and another user's is let in.
    OfAnother(u16),
}

/// Why a good token was not given what it is given always.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The connection was refused or broke.
    Gone(String),
    /// The API, or what stands before it, answered that it fails.
    Failing(String),
    /// It answered 503: it has too much to do, or a rate limit answers so, as that of nginx does
    /// where nobody has said otherwise.
    Busy(String),
    /// The connection stood, and nothing came in time, which a busy machine does as well.
    Late(String),
    /// It was refused, with this status.
    Refused(u16),
}

impl Trouble {
    /// Why the API was not there, if it was not.
    fn absence(&self) -> Option<&str> {
        match self {
            Self::Gone(why) | Self::Failing(why) | Self::Busy(why) => Some(why),
            Self::Late(_) | Self::Refused(_) => None,
        }
    }

    /// What counts of two that came one after the other: to be late may be anything yet.
    #[must_use]
    pub fn and_then(self, next: Self) -> Self {
        match self {
            Self::Late(_) => next,
            Self::Gone(_) | Self::Failing(_) | Self::Busy(_) | Self::Refused(_) => self,
        }
    }
}

impl HostileAnswer {
    /// Whether the API was away for a moment right after it, or failed at it: that may be another's
    /// doing, such as a deploy. What was given is given, whatever came then.
    #[must_use]
    pub fn may_be_chance(&self) -> bool {
        let was_away = matches!(
            self.afterwards,
            Afterwards::Recovered(Trouble::Gone(_) | Trouble::Failing(_) | Trouble::Busy(_))
        );
        let failed = self.answer.as_ref().is_some_and(ApiAnswer::fails);
        (was_away || failed) && !self.gives()
    }

    /// Whether a rate limit has answered this, and says that it is one.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        let answer = self.answer.as_ref();
        answer.is_some_and(|answer| answer.status == 429)
    }

    /// Whether a rate limit has answered, and not the API: this, or a good token right after it.
    #[must_use]
    pub fn is_too_much(&self) -> bool {
        let was_busy = matches!(self.afterwards, Afterwards::Recovered(Trouble::Busy(_)));
        self.is_limited() || (was_busy && !self.gives())
    }

    /// Whether this, or a good token right after it, was answered 503, and good tokens are given
    /// what they are given always since.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let answer = self.answer.as_ref();
        match &self.afterwards {
            Afterwards::Recovered(Trouble::Busy(_)) => true,
            Afterwards::Good => answer.is_some_and(|answer| answer.status == 503),
            Afterwards::Recovered(_) | Afterwards::Stayed(_) | Afterwards::OfAnother(_) => false,
        }
    }

    fn gives(&self) -> bool {
        self.is_as_good || self.answer.as_ref().is_some_and(ApiAnswer::gives)
    }

    /// Whether the API was gone after it, for a while or for good: one that is late is not, unless
    /// it answers nothing at all for as long as is waited.
    #[must_use]
    pub fn took_the_api_away(&self) -> Option<&str> {
        match &self.afterwards {
            Afterwards::Good | Afterwards::OfAnother(_) => None,
            Afterwards::Stayed(Trouble::Late(why)) => Some(why),
            Afterwards::Recovered(trouble) | Afterwards::Stayed(trouble) => trouble.absence(),
        }
    }

    /// Whether the API takes no good token of the run any more, by the status that says so: they
    /// have ended, or were revoked.
    #[must_use]
    pub fn has_no_good_token(&self) -> bool {
        self.afterwards == Afterwards::Stayed(Trouble::Refused(401))
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
