//! How fast to ask: Okta's rate limits, and when to ask again.
//!
//! Every answer says how many calls are left and when the count starts anew, in the server's time
//! (`x-rate-limit-remaining`, `x-rate-limit-reset`, `Date`); a 429 has no `Retry-After`.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::time::Instant;

/// The count starts anew every minute; no wait is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(65);
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// Until when the parts of the API are exhausted.
#[derive(Debug, Default)]
pub(super) struct Limits {
    resume: BTreeMap<String, Instant>,
}

impl Limits {
    /// Notes what an answer says of the rest of the minute.
    pub(super) fn note(&mut self, part: &str, headers: &HeaderMap) {
        if number(headers, "x-rate-limit-remaining") != Some(0) {
            self.resume.remove(part);
            return;
        }
        if let Some(wait) = until_reset(headers).filter(|wait| *wait <= LONGEST_WAIT) {
            self.resume.insert(part.to_owned(), Instant::now() + wait);
        }
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

/// How long to wait after a 429; none: longer than anybody would wait.
pub(super) fn after_refusal(headers: &HeaderMap) -> Option<Duration> {
    let wait = until_reset(headers).unwrap_or(FIRST_PAUSE * 4);
    (wait <= LONGEST_WAIT).then_some(wait)
}

/// How long to wait before a call is made for the next time, from 0.
pub(super) fn pause(attempt: u32) -> Duration {
    FIRST_PAUSE * 2_u32.pow(attempt.min(4))
}

/// Comes back after a time, for want of anything that would tell when the server is ready.
pub(super) async fn elapse(wait: Duration) {
    let never = std::future::pending::<()>();
    tokio::time::timeout(wait, never).await.unwrap_or_default();
}

/// Both times are the server's, so its clock may be wrong.
fn until_reset(headers: &HeaderMap) -> Option<Duration> {
    let reset = number(headers, "x-rate-limit-reset")?;
    let date = headers.get("date")?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Some(Duration::from_secs(
        u64::try_from(reset - date.as_second()).unwrap_or(0),
    ))
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}
