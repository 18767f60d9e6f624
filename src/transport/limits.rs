//! How fast to ask: rate limits, and when to ask again.
//!
//! Every answer of Okta's says how many calls are left and when the count starts anew, in the
//! server's time (`x-rate-limit-remaining`, `x-rate-limit-reset`, `Date`); its 429 has no
//! `Retry-After`, which that of a gateway may have (RFC 9110 section 10.2.3).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::waited::Waited;

/// No request is made more often than once and this many times again.
pub(crate) const MOST_RETRIES: u32 = 3;
/// The count starts anew every minute; no wait is longer.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(65);
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// A run waits so long for others who did not say so beforehand, and no longer.
pub(crate) const LONGEST_UNANNOUNCED: Duration = Duration::from_secs(120);
/// The rate limits of Okta start their count anew after so long.
const MINUTE: Duration = Duration::from_secs(60);
/// What an org of the free plan allows the Management API in a minute.
const CALLS_A_MINUTE: usize = 50;
/// Without a plan of the calls, an org that is busy for so long is asked another time.
const LONGEST_PACING: Duration = Duration::from_secs(600);

type Listener = Box<dyn Fn(&str) + Send + Sync>;

/// Every wait of a run and every request that was made again, and why; told when it happens, too.
///
/// All that ask in one run share it, and with it what may still be waited for.
#[derive(Clone)]
pub(crate) struct Retries {
    shared: Arc<Shared>,
}

struct Shared {
    listener: Option<Listener>,
    waited: Waited,
    state: Mutex<State>,
    news: watch::Sender<Option<News>>,
}

/// What ends a wait before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// A place answered somebody: it does not fail any more.
    Answered(String),
    /// A server said that calls are left of a rate limit.
    CallsLeft(String),
}

struct State {
    lines: Vec<String>,
    waits: Waits,
    /// Whether it was told that no wait is left.
    told_spent: bool,
}

impl Default for Retries {
    fn default() -> Self {
        Self::new(LONGEST_UNANNOUNCED, None)
    }
}

impl std::fmt::Debug for Retries {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.lines()).finish()
    }
}

impl Retries {
    fn new(unannounced: Duration, listener: Option<Listener>) -> Self {
        let state = State {
            lines: Vec::new(),
            waits: Waits::new(unannounced, LONGEST_PACING),
            told_spent: false,
        };
        Self {
            shared: Arc::new(Shared {
                waited: Waited::default(),
                listener,
                state: Mutex::new(state),
                news: watch::Sender::new(None),
            }),
        }
    }

    /// Tells the listener of every line, and waits unannounced for so long at most.
    pub(crate) fn telling(
        listener: impl Fn(&str) + Send + Sync + 'static,
        unannounced: Duration,
    ) -> Self {
        Self::new(unannounced, Some(Box::new(listener)))
    }

    /// Announces so many calls to the Management API: pacing them takes its time uncharged.
    pub(crate) fn announce_calls(&self, calls: usize) {
        self.state().waits.announced = pacing(calls).max(LONGEST_WAIT);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let state = self.shared.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tell(&self, line: String) {
        if let Some(listener) = &self.shared.listener {
            listener(&line);
        }
        self.state().lines.push(line);
    }

    /// What was told so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.state().lines.clone()
    }

    /// How long somebody was waiting so far.
    pub(crate) fn waited(&self) -> Duration {
        self.shared.waited.total()
    }

    /// Tells all that wait for it.
    pub(crate) fn tell_news(&self, news: News) {
        self.shared.news.send_replace(Some(news));
    }

    /// Waits before something is done again, which is told first: until news come of it, or for so
    /// long. Or does not, where the run has waited enough: then it must not be done again.
    pub(crate) async fn wait(
        &self,
        wait: Duration,
        what: &str,
        reason: &str,
        news: Option<&News>,
    ) -> bool {
        let may = self.state().waits.charge(Instant::now(), wait);
        let line = format!("{what} in {}: {reason}", words(wait));
        self.tell_and_wait(may, wait, line, news).await
    }

    /// Waits before a call, until the org says that calls are left or its count starts anew; or
    /// does not, where the run has waited enough: then it must not be made.
    pub(crate) async fn pace(&self, wait: Duration, what: &str, news: &News) -> bool {
        let may = self.state().waits.charge_pacing(Instant::now(), wait);
        let line = format!(
            "pacing: `{what}` waits {} for the org's rate limit",
            words(wait)
        );
        self.tell_and_wait(may, wait, line, Some(news)).await
    }

    /// Comes back when there are such news, and at the deadline where none come.
    async fn news_or(&self, deadline: Instant, awaited: Option<&News>) {
        let mut news = self.shared.news.subscribe();
        let comes = async {
            while news.changed().await.is_ok() {
                let came = news.borrow_and_update();
                if came.is_some() && came.as_ref() == awaited {
                    break;
                }
            }
        };
        // What waits for nothing that anybody could tell waits for its deadline.
        timeout_at(deadline, comes).await.unwrap_or_default();
    }

    async fn tell_and_wait(
        &self,
        may: bool,
        wait: Duration,
        line: String,
        news: Option<&News>,
    ) -> bool {
        if may {
            self.tell(line);
            let _waiting = self.shared.waited.begin(Instant::now);
            self.news_or(Instant::now() + wait, news).await;
        } else if !std::mem::replace(&mut self.state().told_spent, true) {
            let (most, left) = self.state().waits.unannounced();
            self.tell(format!(
                "the run has waited enough: of {most} for waits that nobody announced, {left} are \
                 left, so this is not done: {line}"
            ));
        }
        may
    }
}

/// How long so many calls take longer for the rate limit of an org of the free plan.
pub(crate) fn pacing(calls: usize) -> Duration {
    let minutes = calls.saturating_sub(1) / CALLS_A_MINUTE;
    MINUTE.saturating_mul(u32::try_from(minutes).unwrap_or(u32::MAX))
}

/// What a run may still wait for. Waits side by side count once: it is the run that takes longer.
#[derive(Debug)]
struct Waits {
    /// What it might wait unannounced altogether.
    most: Duration,
    /// What is left of that.
    unannounced: Duration,
    /// What is left of the waits that were announced.
    announced: Duration,
    /// Until when it is waiting anyway.
    until: Option<Instant>,
}

impl Waits {
    fn new(unannounced: Duration, announced: Duration) -> Self {
        Self {
            most: unannounced,
            unannounced,
            announced,
            until: None,
        }
    }

    /// Takes a wait from what is left; nothing is taken where it does not suffice.
    fn charge(&mut self, now: Instant, wait: Duration) -> bool {
        let longer = self.longer(now, wait);
        let left = self.unannounced.checked_sub(longer);
        self.unannounced = left.unwrap_or(self.unannounced);
        self.note(now, wait, left.is_some())
    }

    fn charge_pacing(&mut self, now: Instant, wait: Duration) -> bool {
        let longer = self.longer(now, wait);
        match self.announced.checked_sub(longer) {
            Some(left) => {
                self.announced = left;
                self.note(now, wait, true)
            }
            None => self.charge(now, wait),
        }
    }

    /// In words: what might be waited unannounced, and what is left of it.
    fn unannounced(&self) -> (String, String) {
        // Rounded down: what is left must not look as if it had sufficed.
        let tenths = self.unannounced.as_millis() / 100;
        let left = Duration::from_millis(u64::try_from(tenths * 100).unwrap_or(u64::MAX));
        (words(self.most), words(left))
    }

    /// By how much a wait makes the run longer.
    fn longer(&self, now: Instant, wait: Duration) -> Duration {
        let begun = self.until.map_or(now, |until| until.max(now));
        (now + wait).saturating_duration_since(begun)
    }

    fn note(&mut self, now: Instant, wait: Duration, may: bool) -> bool {
        if may {
            self.until = self.until.max(Some(now + wait));
        }
        may
    }
}

/// How long to wait after a 429; none: longer than anybody would wait.
pub(crate) fn after_refusal(headers: &HeaderMap) -> Option<Duration> {
    let wait = until_reset(headers).or_else(|| retry_after(headers));
    // Whole seconds may round to none, which would burn every attempt within the same second.
    let wait = wait.unwrap_or_default().max(FIRST_PAUSE * 4);
    (wait <= LONGEST_WAIT).then_some(wait)
}

/// How long a server wants to be left alone, where that is no longer than anybody waits.
pub(crate) fn asked_to_wait(headers: &HeaderMap) -> Option<Duration> {
    retry_after(headers).filter(|wait| *wait <= LONGEST_WAIT)
}

/// How long to wait before a call is made for the next time, from 0.
pub(crate) fn pause(attempt: u32) -> Duration {
    FIRST_PAUSE * 2_u32.pow(attempt.min(4))
}

/// Both times are the server's, so its clock may be wrong.
pub(super) fn until_reset(headers: &HeaderMap) -> Option<Duration> {
    let reset = number(headers, "x-rate-limit-reset")?;
    let date = headers.get("date")?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Some(Duration::from_secs(
        u64::try_from(reset.saturating_sub(date.as_second())).unwrap_or(0),
    ))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get("retry-after")?.to_str().ok()?.trim();
    let is_number = !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit());
    // More seconds than any number holds are more than anybody waits.
    is_number.then(|| Duration::from_secs(seconds.parse().unwrap_or(u64::MAX)))
}

/// A wait, in words.
pub(crate) fn words(wait: Duration) -> String {
    format!("{:.1} s", wait.as_secs_f64())
}

pub(super) fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    /// The second 1,000,000,000 since 1970.
    const DATE: (&str, &str) = ("date", "Sun, 09 Sep 2001 01:46:40 GMT");
    const LEAST: Duration = FIRST_PAUSE.saturating_mul(4);

    /// How long is waited after a 429, by what it says of when to come again; not at all where that
    /// is longer than anybody waits.
    #[rstest]
    #[case::soon(&[("x-rate-limit-reset", "1000000010"), DATE], Some(10 * SECOND))]
    #[case::at_once(&[("x-rate-limit-reset", "1000000000"), DATE], Some(LEAST))]
    #[case::long_ago(&[("x-rate-limit-reset", "12"), DATE], Some(LEAST))]
    #[case::before_any_time(&[("x-rate-limit-reset", "-9223372036854775808"), DATE], Some(LEAST))]
    #[case::in_years(&[("x-rate-limit-reset", "9999999999"), DATE], None)]
    #[case::after_any_time(&[("x-rate-limit-reset", "9223372036854775807"), DATE], None)]
    #[case::in_milliseconds(&[("x-rate-limit-reset", "1000000010000"), DATE], None)]
    #[case::without_a_date(&[("x-rate-limit-reset", "1000000010")], Some(LEAST))]
    #[case::of_another_date(&[("x-rate-limit-reset", "1000000010"), ("date", "now")], Some(LEAST))]
    #[case::no_number(&[("x-rate-limit-reset", "soon"), DATE], Some(LEAST))]
    #[case::in_seconds(&[("retry-after", "7")], Some(7 * SECOND))]
    #[case::in_too_many_seconds(&[("retry-after", "99999999999999999999")], None)]
    #[case::at_a_date(&[("retry-after", "Sun, 09 Sep 2001 01:46:50 GMT"), DATE], Some(LEAST))]
    #[case::without_a_word(&[], Some(LEAST))]
    fn a_429_says_when_to_come_again(
        #[case] said: &[(&'static str, &str)],
        #[case] wanted: Option<Duration>,
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in said {
            headers.insert(*name, value.parse().expect("a header"));
        }
        assert_eq!(after_refusal(&headers), wanted);
    }

    #[test]
    fn what_nobody_announced_is_waited_for_so_long_and_no_longer() {
        let mut waits = Waits::new(120 * SECOND, Duration::ZERO);
        let start = Instant::now();
        assert!(waits.charge(start, 60 * SECOND));
        assert!(waits.charge(start + 60 * SECOND, 60 * SECOND));
        assert!(!waits.charge(start + 120 * SECOND, SECOND));
    }

    #[test]
    fn waits_side_by_side_count_once() {
        let mut waits = Waits::new(91 * SECOND, Duration::ZERO);
        let start = Instant::now();
        for _ in 0..4 {
            assert!(waits.charge(start, 60 * SECOND));
        }
        assert!(waits.charge(start + 50 * SECOND, 40 * SECOND));
        assert!(!waits.charge(start + 80 * SECOND, 12 * SECOND));
        assert!(waits.charge(start + 90 * SECOND, SECOND));
    }

    #[test]
    fn a_wait_that_is_too_long_takes_nothing_from_a_shorter_one() {
        let mut waits = Waits::new(30 * SECOND, Duration::ZERO);
        let start = Instant::now();
        assert!(!waits.charge(start, 60 * SECOND));
        assert!(waits.charge(start, 30 * SECOND));
    }

    #[test]
    fn pacing_is_charged_only_beyond_what_was_announced() {
        let mut waits = Waits::new(60 * SECOND, 60 * SECOND);
        let start = Instant::now();
        assert!(waits.charge_pacing(start, 60 * SECOND));
        assert_eq!(waits.unannounced, 60 * SECOND);
        assert!(waits.charge_pacing(start + 60 * SECOND, 60 * SECOND));
        assert_eq!(waits.unannounced, Duration::ZERO);
        assert!(!waits.charge_pacing(start + 120 * SECOND, SECOND));
    }

    #[test]
    fn more_calls_than_a_free_org_allows_in_a_minute_take_longer() {
        assert_eq!(pacing(0), Duration::ZERO);
        assert_eq!(pacing(50), Duration::ZERO);
        assert_eq!(pacing(51), MINUTE);
        assert_eq!(pacing(640), 12 * MINUTE);
    }

    #[tokio::test]
    async fn a_call_that_is_not_paced_is_told() {
        let retries = Retries::telling(|_| {}, Duration::ZERO);
        retries.announce_calls(1);
        let news = News::CallsLeft("groups".to_owned());
        assert!(!retries.pace(66 * SECOND, "GET /api/v1/groups", &news).await);
        let lines = retries.lines();
        assert!(
            lines[0].starts_with("the run has waited enough"),
            "{lines:?}"
        );
        assert!(
            lines[0].contains("pacing: `GET /api/v1/groups` waits"),
            "{lines:?}"
        );
    }

    /// A minute before, a moment after: what is told meanwhile decides.
    #[tokio::test]
    async fn a_wait_ends_with_the_news_it_waits_for_and_no_other() {
        let retries = Retries::default();
        let mine = News::Answered("https://api.example/planets".to_owned());
        let waiting = retries.wait(60 * SECOND, "`x` is asked again", "503", Some(&mine));
        let telling = async {
            // The wait is polled first, so it listens by now.
            retries.tell_news(News::Answered("https://api.example/moons".to_owned()));
            tokio::task::yield_now().await;
            retries.tell_news(mine.clone());
        };
        let ended = tokio::time::timeout(10 * SECOND, async {
            tokio::join!(biased; waiting, telling).0
        });
        assert!(ended.await.expect("the news end the wait"));
    }

    /// Old news are of a time before it failed.
    #[tokio::test]
    async fn news_from_before_a_wait_do_not_end_it() {
        let retries = Retries::default();
        let mine = News::Answered("https://api.example/planets".to_owned());
        retries.tell_news(mine.clone());
        let clock = Instant::now();
        let wait = Duration::from_millis(50);
        retries
            .wait(wait, "`x` is asked again", "503", Some(&mine))
            .await;
        assert!(clock.elapsed() >= wait);
    }

    #[tokio::test]
    async fn what_is_not_waited_for_is_told_once() {
        let retries = Retries::telling(|_| {}, Duration::ZERO);
        assert!(
            !retries
                .wait(SECOND, "`a` is asked again", "429", None)
                .await
        );
        assert!(
            !retries
                .wait(SECOND, "`b` is asked again", "429", None)
                .await
        );
        let lines = retries.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].starts_with("the run has waited enough: of 0.0 s"));
        assert!(lines[0].contains("`a` is asked again"));
    }
}
