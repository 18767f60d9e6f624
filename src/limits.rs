//! How fast to ask: rate limits, and when to ask again.
//!
//! Every answer of Okta's says how many calls are left and when the count starts anew, in the
//! server's time (`x-rate-limit-remaining`, `x-rate-limit-reset`, `Date`); its 429 has no
//! `Retry-After`, which that of a gateway may have (RFC 9110 section 10.2.3).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::time::Instant;

/// No request is made more often than once and this many times again.
pub(crate) const MOST_RETRIES: u32 = 3;
/// The count starts anew every minute; no wait is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(65);
const FIRST_PAUSE: Duration = Duration::from_millis(250);

type Listener = Box<dyn Fn(&str) + Send + Sync>;

/// Every wait and every request that was made again, and why; told when it happens, too.
#[derive(Default)]
pub(crate) struct Retries {
    lines: Mutex<Vec<String>>,
    listener: Option<Listener>,
}

impl std::fmt::Debug for Retries {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Retries").field(&self.lines).finish()
    }
}

impl Retries {
    /// Tells the listener from now on.
    pub(crate) fn listen(&mut self, listener: impl Fn(&str) + Send + Sync + 'static) {
        self.listener = Some(Box::new(listener));
    }

    pub(crate) fn tell(&self, line: String) {
        if let Some(listener) = &self.listener {
            listener(&line);
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line);
    }

    /// What was told so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.clone()
    }
}

/// Until when the parts of the API are exhausted.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    resume: BTreeMap<String, Instant>,
}

impl Limits {
    /// Notes what an answer says of the rest of the minute.
    pub(crate) fn note(&mut self, part: &str, headers: &HeaderMap) {
        if number(headers, "x-rate-limit-remaining") != Some(0) {
            self.resume.remove(part);
            return;
        }
        if let Some(wait) = until_reset(headers).filter(|wait| *wait <= LONGEST_WAIT) {
            self.resume.insert(part.to_owned(), Instant::now() + wait);
        }
    }

    /// How long to wait before the next call to this part.
    pub(crate) fn wait(&self, part: &str) -> Option<Duration> {
        let wait = self
            .resume
            .get(part)?
            .checked_duration_since(Instant::now())?;
        (!wait.is_zero()).then_some(wait)
    }
}

/// How long to wait after a 429; none: longer than anybody would wait.
pub(crate) fn after_refusal(headers: &HeaderMap) -> Option<Duration> {
    let wait = until_reset(headers).or_else(|| retry_after(headers));
    let wait = wait.unwrap_or(FIRST_PAUSE * 4);
    (wait <= LONGEST_WAIT).then_some(wait)
}

/// How long to wait before a call is made for the next time, from 0.
pub(crate) fn pause(attempt: u32) -> Duration {
    FIRST_PAUSE * 2_u32.pow(attempt.min(4))
}

/// Comes back after a time, for want of anything that would tell when the server is ready.
pub(crate) async fn elapse(wait: Duration) {
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

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = number(headers, "retry-after")?;
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

/// A wait, in words.
pub(crate) fn words(wait: Duration) -> String {
    format!("{:.1} s", wait.as_secs_f64())
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}
