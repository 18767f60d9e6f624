//! What the API answered.

use jiff::SignedDuration;
use serde_json::Value;

use super::said_error::says_error_alone;

/// An answer of the API, as far as it is judged: a body may be long, and is not kept.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is something of its own that was seen"
)]
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
    /// Whether a cache says that the answer is one that it has kept.
    pub is_kept: bool,
    /// Whether the same was refused when it was asked again right after.
    pub is_unsteady: bool,
    /// The status by which the API failed at the same request before.
    pub failed_before: Option<u16>,
    /// Whether the body is too long to be taken apart: what is in it is not known.
    pub is_unread: bool,
    /// Whether it is a redirect to where anybody can read what the endpoint answers.
    pub leads_to_data: bool,
    /// Other endpoints, which the same token may not read, whose data stand in it beside its own.
    pub tells_of: Vec<String>,
    /// Whether the body has what the model says the endpoint answers.
    pub data: Data,
}

/// Whether a body has what the endpoint protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// It has nothing of it, or the model does not say what it is.
    Absent,
    /// It has nothing of it, and says that something is wrong, beside a status of success.
    Error,
    /// All of its texts stand somewhere in it.
    Amid,
    /// It is that, and nothing else.
    Alone,
}

impl ApiAnswer {
    /// An answer of which nothing but its HTTP status is known.
    #[must_use]
    pub const fn of_status(status: u16) -> Self {
        Self {
            status,
            challenge: None,
            redirect: None,
            body: None,
            is_page: false,
            clock_ahead: None,
            is_second: false,
            is_kept: false,
            is_unsteady: false,
            failed_before: None,
            is_unread: false,
            leads_to_data: false,
            tells_of: Vec::new(),
            data: Data::Absent,
        }
    }

    /// Whether a body refuses beside a status of success: without what the endpoint protects, by an
    /// error that comes alone. What comes beside one may be a part of what is protected.
    #[must_use]
    pub fn refuses_by(body: &Value, data: Data) -> bool {
        match data {
            Data::Absent => says_error_alone(body),
            Data::Error => true,
            Data::Amid | Data::Alone => false,
        }
    }

    /// Whether the API fails: of the statuses of its own errors, 501 and 505 say that a method or a
    /// version is not known (RFC 9110 section 15.6).
    #[must_use]
    pub const fn fails(&self) -> bool {
        self.status >= 500 && self.status != 501 && self.status != 505
    }

    /// Whether the status is one of success, whatever the body says.
    #[must_use]
    pub const fn has_status_of_success(&self) -> bool {
        200 <= self.status && self.status < 300
    }

    /// Whether the body refuses, whatever the status says.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        matches!(self.data, Data::Error)
    }

    /// Whether it is a success: by its status, and not refused by its body.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.has_status_of_success() && !self.is_error()
    }

    /// Whether the answer gives what the endpoint protects: success, or its data whatever the
    /// status.
    #[must_use]
    pub const fn gives(&self) -> bool {
        self.is_success() || self.has_data()
    }

    /// Whether the data of the endpoint is in the body, or where it leads anybody.
    #[must_use]
    pub const fn has_data(&self) -> bool {
        self.leads_to_data || matches!(self.data, Data::Amid | Data::Alone)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    /// What comes beside an error may be a part of what the endpoint protects.
    #[rstest]
    #[case::an_error(json!({ "error": "insufficient_scope" }), Data::Absent, true)]
    #[case::beside_data(json!({ "errors": [1], "data": ["io"] }), Data::Absent, false)]
    #[case::no_error(json!({ "moons": [] }), Data::Absent, false)]
    #[case::the_data(json!({ "error": "none" }), Data::Amid, false)]
    fn a_body_refuses_or_not(#[case] body: Value, #[case] data: Data, #[case] refuses: bool) {
        assert_eq!(ApiAnswer::refuses_by(&body, data), refuses);
    }
}
