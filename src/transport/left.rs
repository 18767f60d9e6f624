//! How many calls are left, by what the org says of the rest of the minute.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::limits::{LONGEST_WAIT, number, until_reset};

/// Until when the parts of the API are exhausted.
#[derive(Debug, Default)]
pub(super) struct Limits {
    resume: BTreeMap<String, Instant>,
    /// The parts that were waited for.
    waited: BTreeSet<String>,
    /// Whether a call was answered of which there was none left, after that was waited for: then
    /// nothing but a refusal says that there are none.
    is_untold: bool,
}

impl Limits {
    /// Notes what an answer says of the rest of the minute; whether calls are left of what had
    /// none.
    pub(super) fn note(&mut self, part: &str, headers: &HeaderMap, is_refused: bool) -> bool {
        if number(headers, "x-rate-limit-remaining") != Some(0) {
            self.waited.remove(part);
            return self.resume.remove(part).is_some();
        }
        self.is_untold |= !is_refused && self.waited.contains(part);
        if self.is_untold {
            self.resume.clear();
            return false;
        }
        if let Some(wait) = until_reset(headers).filter(|wait| *wait <= LONGEST_WAIT) {
            self.resume.insert(part.to_owned(), Instant::now() + wait);
        }
        false
    }

    /// Notes that a part was waited for, until the org's count starts anew.
    pub(super) fn note_waited(&mut self, part: &str) {
        self.waited.insert(part.to_owned());
    }

    /// How long to wait before the next call to this part.
    pub(super) fn wait(&self, part: &str) -> Option<Duration> {
        let wait = self
            .resume
            .get(part)?
            .checked_duration_since(Instant::now())?;
        (!wait.is_zero()).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Okta's header of a call that was the last of its minute.
    fn none_left() -> HeaderMap {
        let mut headers = HeaderMap::new();
        let said = [
            ("x-rate-limit-remaining", "0"),
            ("x-rate-limit-reset", "1000000050"),
            ("date", "Sun, 09 Sep 2001 01:46:40 GMT"),
        ];
        for (name, value) in said {
            headers.insert(name, value.parse().expect("a header"));
        }
        headers
    }

    /// An org, or what stands before it, that says so of every call, is waited for once.
    #[test]
    fn what_is_answered_with_none_left_is_not_waited_for_again() {
        let mut limits = Limits::default();
        limits.note("groups", &none_left(), false);
        assert!(limits.wait("groups").is_some());
        limits.note_waited("groups");
        limits.note("groups", &none_left(), false);
        limits.note("users", &none_left(), false);
        assert_eq!([limits.wait("groups"), limits.wait("users")], [None, None]);
    }

    /// A refusal after a wait says that there are none, and calls that are left end the wait.
    #[test]
    fn what_is_refused_is_waited_for_again() {
        let mut limits = Limits::default();
        limits.note("groups", &none_left(), false);
        limits.note_waited("groups");
        limits.note("groups", &none_left(), true);
        assert!(limits.wait("groups").is_some());
        assert!(limits.note("groups", &HeaderMap::new(), false));
        limits.note("groups", &none_left(), false);
        assert!(limits.wait("groups").is_some());
    }
}
