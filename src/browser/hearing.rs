//! Hears what the org's server said to the page that stands, while it stands.
//!
//! The performance log is on anyway, and is read only where a page cannot be understood from its
//! form alone: a sign-in that needs no more costs nothing.

use std::time::{Duration, Instant};

use url::Url;

use super::address::origin;
use super::answer::Answer;
use super::error::BrowserError;
use super::page::Page;
use super::session::Session;
use super::traffic::{Last, Request, Traffic};
use crate::origin::TrustedOrigins;

/// No more often than this is a page looked at that changes all the time.
pub(super) const POLL_PERIOD: Duration = Duration::from_millis(5);
/// What is looked at slowly is looked at as slowly again, and no slower than after this pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);
/// How often the log is read, at most.
const ASK_PERIOD: Duration = Duration::from_millis(30);
/// How long a page that shows nothing telling must have stood still before the log is read.
const STILL_TO_ASK: Duration = Duration::from_millis(120);
/// How long a page is waited for that asks its server for something, and has all that a person
/// needs: as long as one whose scripts may draw.
const ENDLESS: Duration = Duration::from_secs(5);
/// The same for one that was drawn after something was submitted, and asks for news.
const NEWS: Duration = Duration::from_millis(900);
/// A page that is looked at less often has not had the time to change.
const MIN_LOOKS: u32 = 6;

/// How long to wait after a look that took so long and waited for nothing itself: on a machine that
/// is busy with other browsers, looking takes from them what they need.
pub(super) fn pause_after(look: Duration) -> Duration {
    let rest = POLL_PERIOD.saturating_sub(look);
    look.max(rest).min(LONGEST_PAUSE)
}

/// What was heard.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    /// This browser does not show what a server says.
    Deaf,
    /// The page asked the sign-in API nothing.
    Nothing {
        /// Whether something is under way that may change what it shows.
        under_way: bool,
        /// A script of the page that did not come.
        missing_script: Option<String>,
    },
    /// An answer is still to come.
    Pending,
    /// The request broke off: which, and why.
    Broken(String),
    /// The last answer.
    Answer {
        answer: Answer,
        /// Whether it was asked for after what was last submitted or clicked.
        is_fresh: bool,
        /// Whether something is under way that may change what the page shows.
        under_way: bool,
    },
}

/// What was heard last, and when.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    asked: Option<Instant>,
    read: Option<Read>,
    /// The document that stood, and when something of it was last under way or another came.
    document: Option<String>,
    unrest: Option<Instant>,
    /// When the last of what is under way was asked for, and since when that is so.
    asked_last: Option<f64>,
    asking: Option<Instant>,
    /// Which request to the sign-in API has no answer yet, and since when that is so.
    pending: Option<(String, Instant)>,
    /// How often the page was looked at since another answer was heard.
    looks: u32,
    /// Whether the page asks for news.
    asks_for_news: bool,
}

#[derive(Debug)]
struct Read {
    at: Instant,
    answer: Answer,
}

impl Hearing {
    /// Notes another look at the page.
    pub(super) fn look(&mut self) {
        self.looks = self.looks.saturating_add(1);
    }

    /// How often the page was looked at since another answer was heard.
    pub(super) const fn looks(&self) -> u32 {
        self.looks
    }

    /// Whether it is time to hear what the server said.
    pub(super) fn is_due(&self, standing: &Standing, is_telling: bool) -> bool {
        let rested = self.asked.is_none_or(|asked| asked.elapsed() >= ASK_PERIOD);
        rested && (is_telling || standing.for_how_long() >= STILL_TO_ASK)
    }

    /// What the server said to this page.
    pub(super) async fn hear(
        &mut self,
        session: &mut Session,
        page: &Page,
        standing: &Standing,
        trusted: &TrustedOrigins,
    ) -> Result<Heard, BrowserError> {
        let heard = self.ask(session, page, standing, trusted).await;
        self.asked = Some(Instant::now());
        heard
    }

    async fn ask(
        &mut self,
        session: &mut Session,
        page: &Page,
        standing: &Standing,
        trusted: &TrustedOrigins,
    ) -> Result<Heard, BrowserError> {
        if !session.sees_by_itself() {
            return Ok(Heard::Deaf);
        }
        match session.read_log().await {
            Ok(()) => {}
            // A driver with `DevTools` and without their log.
            Err(BrowserError::Command { .. }) => return Ok(Heard::Deaf),
            Err(error) => return Err(error),
        }
        let traffic = session.traffic();
        if self.asked_last != traffic.under_way() {
            self.asked_last = traffic.under_way();
            self.asking = Some(Instant::now());
        }
        let asking = self.asking.filter(|_| self.asked_last.is_some());
        // What never ends, such as a request for news, keeps nobody from a page that is there.
        let patience = patience(page, standing.is_redrawn(), traffic);
        let is_endless = |since: Instant| patience.is_some_and(|most| since.elapsed() >= most);
        let under_way = asking.is_some_and(|since| !is_endless(since));
        self.asks_for_news = asking.is_some_and(is_endless) || traffic.asks_for_news();
        if under_way || self.document.as_deref() != traffic.document() {
            self.document = traffic.document().map(str::to_owned);
            self.unrest = Some(Instant::now());
        }
        match traffic.last(|url| trusted.has(url)) {
            Last::Nothing => Ok(Heard::Nothing {
                under_way,
                missing_script: traffic.missing_script(),
            }),
            Last::Pending { request, before } => match before.filter(|_| self.is_long(&request)) {
                Some(before) => self.read(session, page, &before, under_way).await,
                None => Ok(Heard::Pending),
            },
            Last::Broken(reason) => Ok(Heard::Broken(reason)),
            Last::Answer(request) => self.read(session, page, &request, under_way).await,
        }
    }

    async fn read(
        &mut self,
        session: &Session,
        page: &Page,
        request: &Request,
        under_way: bool,
    ) -> Result<Heard, BrowserError> {
        let is_known = self
            .read
            .as_ref()
            .is_some_and(|read| read.answer.id == request.id);
        if !is_known {
            let body = match session.response_body(&request.id).await {
                Ok(body) => body,
                // The page has gone, and what it was answered with it.
                Err(BrowserError::Command { .. }) => return Ok(Heard::Pending),
                Err(error) => return Err(error),
            };
            self.looks = 0;
            self.read = Some(Read {
                at: Instant::now(),
                answer: Answer::read(&request.id, request.status, &body),
            });
        }
        let answer = self.read.as_ref().map(|read| read.answer.clone());
        Ok(Heard::Answer {
            answer: answer.unwrap_or_default(),
            is_fresh: request.asked_at >= page.acted_at,
            under_way,
        })
    }

    /// Whether this request has had no answer for so long that it is one for news.
    fn is_long(&mut self, request: &str) -> bool {
        let pending = self.pending.take().filter(|(known, _)| known == request);
        let (_, since) = self
            .pending
            .insert(pending.unwrap_or_else(|| (request.to_owned(), Instant::now())));
        since.elapsed() >= NEWS
    }

    /// Whether the page waits for news from its server, and so for a person.
    pub(super) const fn asks_for_news(&self) -> bool {
        self.asks_for_news
    }

    /// For how long nothing has been under way: a page that stood still while its server took its
    /// time has had no time yet to draw what it was answered.
    pub(super) fn quiet_for(&self) -> Duration {
        self.unrest.map_or(Duration::MAX, |unrest| unrest.elapsed())
    }

    /// How long ago the last answer was read.
    pub(super) fn answered_for(&self) -> Duration {
        let read = self.read.as_ref();
        read.map_or(Duration::MAX, |read| read.at.elapsed())
    }
}

/// How long a page is waited for that asks its server for something; none: to the end.
fn patience(page: &Page, is_redrawn: bool, traffic: &Traffic) -> Option<Duration> {
    if !page.is_whole() || traffic.is_page_under_way() {
        None
    } else if page.acted_at <= 0.0 {
        // It came so, and is not about to answer anything.
        Some(ENDLESS)
    } else {
        // What was submitted goes by another method: a password stands in no address.
        let is_next = is_redrawn && !page.has_form() && !page.busy;
        (is_next && traffic.only_reads()).then_some(NEWS)
    }
}

fn without_numbers(text: &str) -> String {
    text.replace(|one: char| one.is_ascii_digit(), "")
}

/// A page, and for how long it has been as it is.
#[derive(Debug)]
pub(super) struct Standing {
    page: Page,
    since: Instant,
    looks: u32,
    /// What it was like when something was last submitted or clicked.
    left: Option<Page>,
    /// What pages said last since then, though it may be gone.
    said: Vec<String>,
    /// What the page said on which something was submitted or clicked first, without the numbers
    /// in it: where time is counted, they change.
    at_first: Vec<String>,
}

impl Standing {
    pub(super) fn new() -> Self {
        Self {
            page: Page::default(),
            since: Instant::now(),
            looks: 0,
            left: None,
            said: Vec::new(),
            at_first: Vec::new(),
        }
    }

    /// Takes in another look.
    pub(super) fn take(&mut self, page: &Page) {
        self.looks = self.looks.saturating_add(1);
        if !page.alerts.is_empty() {
            self.said.clone_from(&page.alerts);
        }
        if self.page != *page {
            self.page = page.clone();
            self.since = Instant::now();
            self.looks = 0;
        }
    }

    /// The origin of the page, as it was last looked at.
    pub(super) fn origin(&self) -> String {
        Url::parse(&self.page.href).map_or_else(|_| String::new(), |url| origin(&url))
    }

    /// When its document came, in milliseconds since 1970.
    pub(super) const fn born(&self) -> f64 {
        self.page.born
    }

    /// Notes that something is submitted or clicked on the page as it is.
    pub(super) fn leave(&mut self) {
        if self.left.is_none() {
            let page = &self.page;
            let said = page.alerts.iter().chain(&page.remarks);
            self.at_first = said.map(|text| without_numbers(text)).collect();
        }
        self.left = Some(self.page.clone());
        self.said.clear();
    }

    /// Takes out of a look what the org said before anything was submitted or clicked, which is no
    /// answer; adds what the page said in dialogs and that it came with the order to go on, which
    /// the browser alone sees.
    pub(super) fn complete(&self, page: &mut Page, traffic: &Traffic) {
        let is_new = |text: &String| !self.at_first.contains(&without_numbers(text));
        page.alerts.retain(is_new);
        page.remarks.retain(is_new);
        let said = traffic.alerts_since(page.acted_at);
        page.alerts.extend(said.map(str::to_owned));
        notice_order(page, traffic);
    }

    /// What was said last since something was submitted or clicked.
    pub(super) fn said(&self) -> &[String] {
        &self.said
    }

    /// How often the page was looked at as it is, without the look that found it so.
    pub(super) const fn looks(&self) -> u32 {
        self.looks
    }

    pub(super) fn for_how_long(&self) -> Duration {
        if self.looks < MIN_LOOKS {
            return Duration::ZERO;
        }
        self.since.elapsed()
    }

    /// Whether the page is another one than that on which something was last submitted or clicked.
    pub(super) fn is_redrawn(&self) -> bool {
        let acted_at = self.page.acted_at;
        let left = self.left.as_ref();
        left.is_none_or(|left| {
            Page {
                acted_at,
                ..left.clone()
            } != self.page
        })
    }
}

/// Notes on a page that it came with the order to go on, as far as the browser has told.
pub(super) fn notice_order(page: &mut Page, traffic: &Traffic) {
    page.goes_on |= traffic.goes_on();
    page.busy |= page.goes_on;
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn page(acted_at: f64) -> Page {
        Page {
            heading: "Approve it on your phone".to_owned(),
            can_be_pressed: true,
            acted_at,
            ..Page::default()
        }
    }

    /// Of a page that asks its server for something, and has all that a person needs.
    #[rstest]
    #[case::it_came_so(page(0.0), false, Some(ENDLESS))]
    #[case::drawn_after_the_submit(page(1.0), true, Some(NEWS))]
    #[case::as_it_was(page(1.0), false, None)]
    #[case::it_says_that_it_goes_on(Page { busy: true, ..page(1.0) }, true, None)]
    #[case::it_has_the_form_still(Page { password: true, ..page(1.0) }, true, None)]
    #[case::nothing_to_do(Page { can_be_pressed: false, ..page(1.0) }, true, None)]
    fn what_never_ends_is_not_waited_for(
        #[case] page: Page,
        #[case] is_redrawn: bool,
        #[case] expected: Option<Duration>,
    ) {
        assert_eq!(patience(&page, is_redrawn, &Traffic::default()), expected);
    }

    /// What was said before anything was submitted is no answer, also where it counts.
    #[test]
    fn a_number_that_changes_makes_no_alert_a_new_one() {
        let saying = |text: &str| Page {
            alerts: vec![text.to_owned()],
            ..Page::default()
        };
        let mut standing = Standing::new();
        standing.take(&saying("Closed in 299 s"));
        standing.leave();
        for (text, is_new) in [("Closed in 298 s", false), ("No such user", true)] {
            let mut page = saying(text);
            standing.complete(&mut page, &Traffic::default());
            assert_eq!(!page.alerts.is_empty(), is_new, "{text}");
        }
    }

    /// The form may be shown again without a word.
    #[test]
    fn the_same_page_that_comes_anew_is_another() {
        let came = |born: f64| Page { born, ..page(0.0) };
        let mut standing = Standing::new();
        standing.take(&came(1.0));
        standing.leave();
        standing.take(&Page {
            acted_at: 1.5,
            ..came(1.0)
        });
        assert!(!standing.is_redrawn());
        standing.take(&came(2.0));
        assert!(standing.is_redrawn());
    }
}
