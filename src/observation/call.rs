//! What the API answered.

use jiff::SignedDuration;

/// An answer of the API, as far as it is judged: a body may be long, and is not kept.
#[derive(Debug, Clone)]
pub struct ApiAnswer {
    /// The HTTP status.
    pub status: u16,
    /// `WWW-Authenticate`.
    pub challenge: Option<String>,
    /// Where a redirect leads, which is not followed.
    pub redirect: Option<String>,
    /// The beginning of the body, without secrets.
    pub body: Option<String>,
    /// Whether the body is a page for people.
    pub is_page: bool,
    /// How far the API's clock is ahead of this machine's, by the `Date` of the answer.
    pub clock_ahead: Option<SignedDuration>,
    /// Whether it came when the same was asked again, after others had been answered.
    pub is_second: bool,
    /// Whether the body is what the model says the endpoint answers, and nothing else.
    pub is_wanted: bool,
    /// Whether all texts of that stand somewhere in the body.
    pub tells_wanted: bool,
}

impl ApiAnswer {
    /// Whether the answer gives what the endpoint protects: success, or its data whatever the status.
    #[must_use]
    pub const fn gives(&self) -> bool {
        let is_success = 200 <= self.status && self.status < 300;
        is_success || self.is_wanted || self.tells_wanted
    }
}
