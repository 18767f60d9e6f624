//! Looks at the pages of a visit until there is something to do or to tell.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use url::Url;

use super::{Seen, Shown, SignIn};
use crate::browser::address::{is_of_somebody, origin, same_place, with_advice};
use crate::browser::error::{BrowserError, tolerate_navigation};
use crate::browser::evidence::redacted;
use crate::browser::hearing::{Heard, POLL_PERIOD, notice_order, pause_after};
use crate::browser::landing::{Danger, KnownBy};
use crate::browser::page::{Asked, Fields, Means, Page, Verdict};
use crate::browser::traffic::Instead;
use crate::browser::understanding::{STILL_UNKNOWN, Situation, Understood};

/// How the ids begin that Okta makes for applications.
const APPLICATION_ID: &str = "0oa";
/// How many documents may come one after the other, without anything being done on one of them.
const MOST_DOCUMENTS: usize = 12;

/// The documents that have come while something was waited for.
#[derive(Debug, Default)]
struct Documents {
    last: f64,
    count: usize,
}

impl Documents {
    /// Whether too many have come, with this one.
    fn are_too_many(&mut self, page: &Page) -> bool {
        // Each is born later than the one before.
        if page.born > self.last {
            self.last = page.born;
            self.count += 1;
        }
        self.count > MOST_DOCUMENTS
    }
}

impl SignIn<'_> {
    /// Looks until there is something to do or to tell; a page that stays as it is, is unknown.
    pub(super) async fn next_page(&mut self) -> Result<Seen, BrowserError> {
        let mut last = Page::default();
        let step_timeout = self.step_timeout;
        match timeout(step_timeout, self.watch(&mut last)).await {
            Ok(seen) => seen,
            Err(_) if last.loaded => Ok(self.at_last(&last)),
            Err(_) => Err(self.no_page(step_timeout, "")),
        }
    }

    fn no_page(&self, waited: Duration, instead: &str) -> BrowserError {
        BrowserError::Timeout {
            waiting_for: format!("a page of {}{instead}", redacted(self.visit.url)),
            waited: Some(waited),
            evidence: None,
        }
    }

    /// Fails where something came in place of the first page that leaves the browser where it was.
    async fn check_first_page(&mut self, since: Instant) -> Result<(), BrowserError> {
        if since.elapsed() < STILL_UNKNOWN || !self.session.sees_by_itself() {
            return Ok(());
        }
        let instead = self.session.instead_of_page().await;
        let no_page =
            |instead: Instead| self.no_page(since.elapsed(), &format!(": it {}", instead.is()));
        instead.map_or(Ok(()), |instead| Err(no_page(instead)))
    }

    /// What a page is on which nothing has happened for long.
    fn at_last(&self, page: &Page) -> Seen {
        match Url::parse(&page.href) {
            Ok(url) if !self.visit.trusted.has(&url) => {
                return Seen::Untrusted(Danger::Page, origin(&url));
            }
            _ => {}
        }
        let understood = self.situation(page, Duration::MAX).given_up(&self.heard);
        // A page that has its form does not need what it still asks for.
        let waits_for = self.session.traffic().waits_for();
        let waits_for = waits_for.filter(|_| !page.has_form());
        let understood = understood.given_up_with(page.status, waits_for);
        Seen::Page(understood, self.shown(page))
    }

    async fn watch(&mut self, last: &mut Page) -> Result<Seen, BrowserError> {
        let since = Instant::now();
        let mut documents = Documents::default();
        let mut ticks = interval(POLL_PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let clock = Instant::now();
            let mut page = tolerate_navigation(self.session.look().await)?.unwrap_or_default();
            self.standing.complete(&mut page, self.session.traffic());
            if !self.session.sees_by_itself() {
                ticks.reset_after(pause_after(clock.elapsed()));
            }
            if let Some(url) = self.session.arrival().await? {
                return Ok(Seen::Redirected(url));
            }
            if documents.are_too_many(&page) {
                let restless = Understood::restless(page.status);
                return Ok(Seen::Page(restless, self.shown(&page)));
            }
            match Url::parse(&page.href) {
                Ok(url) if self.session.is_empty_page(&url) => {
                    self.check_first_page(since).await?;
                    continue;
                }
                Ok(url) if same_place(&url, self.visit.redirect_uri) => {
                    return Ok(Seen::Redirected(url));
                }
                Ok(url) if self.visit.is_answered_elsewhere(&url) => {
                    return Ok(Seen::Elsewhere(url));
                }
                Ok(url) if is_of_somebody(&url) => {
                    if let Some(seen) = self.judge(&url, &page).await? {
                        return Ok(seen);
                    }
                }
                _ => match self.arrival(&page).await? {
                    Some(seen) => return Ok(seen),
                    None => continue,
                },
            }
            *last = page;
        }
    }

    /// What there is to do or to tell on a page; nothing: look again.
    async fn judge(&mut self, url: &Url, page: &Page) -> Result<Option<Seen>, BrowserError> {
        if !self.visit.trusted.has(url) {
            let is_end = self.abroad.is_the_end(self.session, page).await?;
            return Ok(is_end.then(|| Seen::Untrusted(Danger::Page, origin(url))));
        }
        if let Some(held) = &page.held {
            return Ok(Some(Seen::Untrusted(held.danger, held.origin.clone())));
        }
        self.typed.username = self.named_at.contains(&origin(url));
        self.standing.take(page);
        self.hearing.look();
        let by_form = page.by_form(self.typed);
        if by_form == Some(Verdict::Wait) {
            return Ok(None);
        }
        let is_to_do = |understood: &Understood| !self.is_done(understood, page);
        let understood = match by_form.map(Understood::by_form).filter(is_to_do) {
            None => self.ask(page).await?,
            sure => sure,
        };
        let understood = understood.filter(|understood| !self.is_done(understood, page));
        if understood.as_ref().is_some_and(Understood::is_stop) {
            self.account.note_in_vain(page);
        }
        Ok(understood.map(|understood| Seen::Page(understood, self.shown(page))))
    }

    /// What the server said to a page that cannot be understood from its form alone.
    async fn ask(&mut self, page: &Page) -> Result<Option<Understood>, BrowserError> {
        let is_telling = page.is_telling(self.typed);
        if !self.hearing.is_due(&self.standing, is_telling) {
            return Ok(None);
        }
        let trusted = self.visit.trusted;
        let standing = &self.standing;
        let hearing = self.hearing.hear(self.session, page, standing, trusted);
        self.heard = hearing.await?;
        // Only now the browser may have told of the answer that the page came with.
        let mut page = page.clone();
        notice_order(&mut page, self.session.traffic());
        page.busy = self.account.believes_busy(&page);
        let still = self
            .standing
            .for_how_long()
            .min(self.hearing.answered_for());
        Ok(self.situation(&page, still).understand(&self.heard))
    }

    fn situation<'b>(&'b self, page: &'b Page, still: Duration) -> Situation<'b> {
        Situation {
            page,
            typed: self.typed,
            means: self.means(),
            asked: self.asked(),
            submitted: self.account.passwords_submitted,
            still,
            quiet: self.hearing.quiet_for(),
            asks_for_news: self.hearing.asks_for_news(),
            said: self.standing.said(),
            is_redrawn: self.standing.is_redrawn(),
            instead: self.session.traffic().instead_since(page.acted_at),
            is_of_another: self.is_of_another_application(),
            asks_in_dialog: self.session.traffic().asks_since(page.acted_at),
            clicks: &self.clicks,
        }
    }

    fn asked(&self) -> Asked {
        if self.typed != Fields::NONE || !self.named_at.is_empty() {
            Asked::Now
        } else if self.account.passwords_submitted > 0 {
            Asked::Earlier
        } else {
            Asked::Nothing
        }
    }

    fn shown(&self, page: &Page) -> Shown {
        let heading = if page.heading.is_empty() {
            page.title.clone()
        } else {
            page.heading.clone()
        };
        Shown {
            mark: self.mark(page),
            heading,
            is_sign_in: page.password || page.is_oktas,
        }
    }

    /// What a page is known by: the answer that led to it, or its heading.
    fn mark(&self, page: &Page) -> String {
        match &self.heard {
            Heard::Answer {
                answer,
                is_fresh: true,
                ..
            } => answer.id.clone(),
            _ => page.heading.clone(),
        }
    }

    /// Whether this was done already: what was clicked is gone before its page is.
    fn is_done(&self, understood: &Understood, page: &Page) -> bool {
        match &understood.verdict {
            Verdict::Wait => true,
            Verdict::Click(control) => self.clicks.has(control, &self.mark(page)),
            Verdict::Choose(choice) => self.clicks.has(&choice.key, &self.mark(page)),
            Verdict::Stopped(_) if understood.known.by != KnownBy::Keys => {
                self.clicks.ends_on(&page.heading)
            }
            _ => false,
        }
    }

    fn means(&self) -> Means {
        let credentials = self.visit.credentials.as_ref();
        Means {
            app: credentials.is_some_and(|credentials| credentials.totp.is_some()),
            passkey: self.session.key(),
            consent: self.allows_consent && !self.is_of_another_application(),
        }
    }

    /// Whether the org's server names another application than the client of the request: its id is
    /// the Client ID, where Okta made that.
    fn is_of_another_application(&self) -> bool {
        let Heard::Answer { answer, .. } = &self.heard else {
            return false;
        };
        let mut asked = self.visit.url.query_pairs();
        let client = asked.find(|(name, _)| name == "client_id");
        let client = client.filter(|(_, id)| id.starts_with(APPLICATION_ID));
        let app = answer.app.as_deref();
        app.is_some_and(|app| client.is_some_and(|(_, client)| client != app))
    }

    /// What to say of a page that did not come in answer to the password.
    fn after_the_password(&self) -> &'static str {
        match (self.typed.password, self.account.passwords_submitted) {
            (false, _) => "",
            (true, 0 | 1) => {
                "; that came after the password was submitted, and nobody knows whether it was \
                 taken"
            }
            (true, _) => {
                "; that came after the password was submitted again, since the first had no \
                 answer either, and nobody knows whether they were taken"
            }
        }
    }

    /// Where the browser is while it shows a page of its own: at a redirect URI that cannot be
    /// reached, or on the way.
    async fn arrival(&mut self, page: &Page) -> Result<Option<Seen>, BrowserError> {
        let Some(url) = tolerate_navigation(self.session.current_url().await)? else {
            return Ok(None);
        };
        if same_place(&url, self.visit.redirect_uri) {
            return Ok(Some(Seen::Redirected(url)));
        }
        if self.visit.is_answered_elsewhere(&url) {
            return Ok(Some(Seen::Elsewhere(url)));
        }
        let failed =
            page.href.starts_with("chrome-error:") || page.href.starts_with("about:neterror");
        if failed && matches!(url.scheme(), "http" | "https") {
            let reason = match self.session.page_failure().await {
                Some(reason) => reason,
                None => self.session.failure_at(&url).await,
            };
            return Err(BrowserError::Unreachable {
                url: redacted(&url),
                reason: with_advice(reason) + self.after_the_password(),
            });
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_that_come_without_end_are_too_many() {
        let mut documents = Documents::default();
        let page = |born: usize| Page {
            born: f64::from(u32::try_from(born).expect("a small number")),
            ..Page::default()
        };
        for born in 1..=MOST_DOCUMENTS {
            assert!(!documents.are_too_many(&page(born)));
            assert!(!documents.are_too_many(&page(born)), "the same again");
        }
        assert!(documents.are_too_many(&page(MOST_DOCUMENTS + 1)));
    }
}
