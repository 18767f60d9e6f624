//! Takes one visit from the authorization endpoint to wherever it ends, by what the pages show.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use url::Url;

use super::abroad::Abroad;
use super::account::Account;
use super::address::{check_address, is_of_somebody, origin, same_place, with_advice};
use super::clicks::Clicks;
use super::config::BrowserConfig;
use super::error::{BrowserError, tolerate_navigation};
use super::evidence::{Evidence, SecretUrl, redacted};
use super::filling::{Filled, another_user, read, texts, unused_code};
use super::gather::gather;
use super::hearing::{Heard, Hearing, POLL_PERIOD, Standing, pause_after};
use super::landing::{Credentials, Danger, Known, KnownBy, Landing, Refusal, StopPage, Visit};
use super::page::{Fields, Means, Page, Verdict};
use super::session::Session;
use super::understanding::{STILL_UNKNOWN, Situation, Understood};

/// Pages that one visit may lead through; the longest known way has five.
const MAX_PAGES: usize = 12;
/// How often a form may lose what was typed, by being drawn anew, before nothing was submitted.
const MAX_LOST_FILLS: usize = 3;
/// How often the org may say that a code was used before: by anyone who signed in a moment ago.
const MAX_USED_CODES: usize = 1;
const USED_CODE: &str = "the code was used before";

/// A visit under way.
pub(super) struct SignIn<'a> {
    session: &'a mut Session,
    visit: &'a Visit<'a>,
    step_timeout: Duration,
    /// Whether the user allows the client what it asks for.
    allows_consent: bool,
    typed: Fields,
    /// Origins at which the username was typed: another asks for it anew.
    named_at: BTreeSet<String>,
    /// Codes that the page said were used before.
    used_codes: usize,
    lost_fills: usize,
    clicks: Clicks,
    standing: Standing,
    hearing: Hearing,
    abroad: Abroad,
    /// What the last answer of the server says of the page, for one that is given up.
    heard: Heard,
    account: &'a mut Account,
}

/// What was seen that ends the waiting.
enum Seen {
    Redirected(Url),
    Page(Understood, Shown),
    /// A page of an origin that is not trusted.
    Foreign(String),
}

/// A page, for people and to know it again.
struct Shown {
    heading: String,
    /// What the page is known by: the answer that led to it, or its heading.
    mark: String,
}

impl<'a> SignIn<'a> {
    pub(super) fn new(
        session: &'a mut Session,
        visit: &'a Visit<'a>,
        config: &BrowserConfig,
        account: &'a mut Account,
    ) -> Self {
        Self {
            session,
            visit,
            step_timeout: config.step_timeout,
            allows_consent: config.allows_consent,
            account,
            typed: Fields::NONE,
            named_at: BTreeSet::new(),
            used_codes: 0,
            lost_fills: 0,
            clicks: Clicks::default(),
            standing: Standing::new(),
            hearing: Hearing::default(),
            abroad: Abroad::new(),
            heard: Heard::Pending,
        }
    }

    pub(super) async fn run(mut self) -> Result<Landing, BrowserError> {
        match self.drive().await {
            Err(error @ BrowserError::Timeout { evidence: None, .. }) => {
                Err(error.with_evidence(self.evidence().await))
            }
            outcome => outcome,
        }
    }

    async fn drive(&mut self) -> Result<Landing, BrowserError> {
        self.session.check_app(self.visit.redirect_uri)?;
        check_address(self.visit.url)?;
        self.open().await?;
        for _ in 0..MAX_PAGES {
            if let Some(landing) = self.step().await? {
                return Ok(landing);
            }
        }
        let known = Known::default();
        Ok(self.stopped(StopPage::Unknown, String::new(), known).await)
    }

    /// Lets the empty page go on by itself, as an application sends its user.
    ///
    /// An address given to full Chromium from outside is requested up to three times when the
    /// redirect URI does not resolve.
    async fn open(&self) -> Result<(), BrowserError> {
        let left = self.session.act("visit", json!(self.visit.url)).await;
        tolerate_navigation(left).map(drop)
    }

    async fn step(&mut self) -> Result<Option<Landing>, BrowserError> {
        let (understood, shown) = match self.next_page().await? {
            Seen::Redirected(url) => return Ok(Some(self.redirected(url).await)),
            Seen::Foreign(origin) => {
                return Ok(Some(self.untrusted(Danger::Page, origin).await));
            }
            Seen::Page(understood, shown) => (understood, shown),
        };
        let Understood { verdict, mut known } = understood;
        known.looks = self.standing.looks().min(self.hearing.looks());
        let landing = match verdict {
            Verdict::Wait => return Ok(None),
            Verdict::Click(control) => {
                let detail = json!(control);
                return self.press("click", detail, control, shown).await;
            }
            Verdict::Choose(choice) => {
                let detail = json!(choice);
                return self.press("choose", detail, choice.key, shown).await;
            }
            Verdict::Fill(fields) => match self.visit.credentials {
                Some(credentials) => return self.fill(credentials, fields, shown.heading).await,
                None => self.stopped(StopPage::SignIn, shown.heading, known).await,
            },
            Verdict::NextCode => match self.visit.credentials {
                Some(credentials) if self.used_codes < MAX_USED_CODES => {
                    self.used_codes += 1;
                    return self.fill(credentials, Fields::CODE, shown.heading).await;
                }
                _ => {
                    let text = USED_CODE.to_owned();
                    self.refused(Refusal::WrongCode, text, known).await
                }
            },
            Verdict::Error(page) => Landing::ErrorPage {
                heading: page.heading,
                code: page.code,
                description: page.description,
                evidence: self.evidence().await,
            },
            Verdict::Refused(kind, text) => self.refused(kind, text, known).await,
            Verdict::Stopped(kind) => self.stopped(kind, shown.heading, known).await,
        };
        Ok(Some(landing))
    }

    /// Clicks something that leads past a page, once for each answer of the server.
    async fn press(
        &mut self,
        action: &'static str,
        detail: Value,
        control: String,
        shown: Shown,
    ) -> Result<Option<Landing>, BrowserError> {
        self.clicks.add(&control, &shown.mark, &self.heard);
        self.standing.leave();
        tolerate_navigation(self.session.act(action, detail).await)?;
        Ok(None)
    }

    async fn redirected(&self, url: Url) -> Landing {
        // Without the name it was asked for in a session that there was before.
        let used_passkey = self.session.used_passkey().await && !self.named_at.is_empty();
        Landing::Redirected {
            url: SecretUrl::new(url),
            signed_in: self.typed.password || used_passkey,
        }
    }

    async fn stopped(&self, kind: StopPage, heading: String, known: Known) -> Landing {
        Landing::Stopped {
            kind,
            heading,
            known,
            evidence: self.evidence().await,
        }
    }

    async fn refused(&self, kind: Refusal, text: String, known: Known) -> Landing {
        Landing::Refused {
            kind,
            text,
            known,
            evidence: self.evidence().await,
        }
    }

    async fn untrusted(&self, danger: Danger, origin: String) -> Landing {
        Landing::Untrusted {
            danger,
            origin,
            evidence: self.evidence().await,
        }
    }

    /// Looks until there is something to do or to tell; a page that stays as it is, is unknown.
    async fn next_page(&mut self) -> Result<Seen, BrowserError> {
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
        let no_page = |instead| self.no_page(since.elapsed(), &format!(": {instead}"));
        instead.map_or(Ok(()), |instead| Err(no_page(instead)))
    }

    /// What a page is on which nothing has happened for long.
    fn at_last(&self, page: &Page) -> Seen {
        match Url::parse(&page.href) {
            Ok(url) if !self.visit.trusted.has(&url) => return Seen::Foreign(origin(&url)),
            _ => {}
        }
        let understood = self.situation(page, Duration::MAX).given_up(&self.heard);
        Seen::Page(understood, self.shown(page))
    }

    async fn watch(&mut self, last: &mut Page) -> Result<Seen, BrowserError> {
        let since = Instant::now();
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
            if let Some(url) = self.session.sent_to_app(self.visit.redirect_uri).await? {
                return Ok(Seen::Redirected(url));
            }
            match Url::parse(&page.href) {
                Ok(url) if self.session.is_empty_page(&url) => {
                    self.check_first_page(since).await?;
                    continue;
                }
                Ok(url) if same_place(&url, self.visit.redirect_uri) => {
                    return Ok(Seen::Redirected(url));
                }
                Ok(url) if is_of_somebody(&url) => {
                    if let Some(seen) = self.judge(&url, &page).await? {
                        return Ok(seen);
                    }
                }
                _ => match self.arrival(&page).await? {
                    Some(url) => return Ok(Seen::Redirected(url)),
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
            return Ok(is_end.then(|| Seen::Foreign(origin(url))));
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
        let still = self
            .standing
            .for_how_long()
            .min(self.hearing.answered_for());
        Ok(self.situation(page, still).understand(&self.heard))
    }

    fn situation<'b>(&'b self, page: &'b Page, still: Duration) -> Situation<'b> {
        Situation {
            page,
            typed: self.typed,
            means: self.means(),
            asked: self.typed != Fields::NONE
                || !self.named_at.is_empty()
                || self.account.passwords_submitted > 0,
            still,
            quiet: self.hearing.quiet_for(),
            said: self.standing.said(),
            is_redrawn: self.standing.is_redrawn(),
            clicks: &self.clicks,
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
            consent: self.allows_consent,
        }
    }

    /// Where the browser is while it shows a page of its own: at a redirect URI that cannot be
    /// reached, or on the way.
    async fn arrival(&mut self, page: &Page) -> Result<Option<Url>, BrowserError> {
        let Some(url) = tolerate_navigation(self.session.current_url().await)? else {
            return Ok(None);
        };
        if same_place(&url, self.visit.redirect_uri) {
            return Ok(Some(url));
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
                reason: with_advice(reason),
            });
        }
        Ok(None)
    }

    /// Types what the form shows and submits it, once in a visit: a wrong password is never
    /// repeated.
    async fn fill(
        &mut self,
        credentials: Credentials<'_>,
        fields: Fields,
        heading: String,
    ) -> Result<Option<Landing>, BrowserError> {
        if let Some(origin) = self.elsewhere().await? {
            return Ok(Some(self.untrusted(Danger::Page, origin).await));
        }
        let code = match credentials.totp.filter(|_| fields.code) {
            Some(totp) => Some(unused_code(totp).await?),
            None => None,
        };
        let detail = json!({
            "texts": texts(credentials, fields, code.as_ref()),
            "trusted": self.visit.trusted.secure().collect::<Vec<_>>(),
            "owner": (!self.account.is_named).then_some(credentials.username),
        });
        self.account.has_typed = true;
        let password = fields.password.then_some(credentials.password);
        let secrets = password.into_iter().chain(code.as_ref());
        secrets.for_each(|secret| self.account.typed.add(secret));
        self.standing.leave();
        // Until it is known what became of it, it counts as submitted: this may be given up
        // half-way.
        self.account.passwords_submitted += usize::from(fields.password);
        let filled = tolerate_navigation(self.session.act("fill", detail).await)?;
        // The page may be gone before it can answer: then it was submitted.
        let filled = filled.map_or(Filled::Submitted, read);
        if matches!(filled, Filled::Submitted) {
            if fields.username {
                self.named_at.insert(self.standing.origin());
                self.account.is_named = true;
            }
            self.typed.password |= fields.password;
            self.typed.code |= fields.code;
            return Ok(None);
        }
        self.account.passwords_submitted -= usize::from(fields.password);
        if let Filled::Refused { danger, origin } = filled {
            return Ok(Some(self.untrusted(danger, origin).await));
        }
        if matches!(filled, Filled::Another) {
            let stopped = self.stopped(StopPage::AnotherForm, heading, another_user());
            return Ok(Some(stopped.await));
        }
        self.lost_fills += 1;
        if self.lost_fills < MAX_LOST_FILLS {
            return Ok(None);
        }
        Err(BrowserError::Typing {
            evidence: Box::new(self.evidence().await),
        })
    }

    /// Where the browser is, by its driver, if that is no trusted origin. Asked only of drivers
    /// with which a script of the page may lie to the script.
    async fn elsewhere(&self) -> Result<Option<String>, BrowserError> {
        if self.session.sees_by_itself() {
            return Ok(None);
        }
        let url = self.session.current_url().await?;
        Ok((!self.visit.trusted.has(&url)).then(|| origin(&url)))
    }

    async fn evidence(&self) -> Evidence {
        gather(self.session, &self.account.typed).await
    }
}
