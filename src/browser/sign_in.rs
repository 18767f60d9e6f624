//! Takes one visit from the authorization endpoint to wherever it ends, by what the pages show.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use url::Url;

use super::abroad::Abroad;
use super::account::Account;
use super::address::{check_address, origin};
use super::clicks::Clicks;
use super::config::BrowserConfig;
use super::error::{BrowserError, tolerate_navigation};
use super::evidence::{Evidence, SecretUrl};
use super::filling::{Filled, another_user, doubtful, nobody, read, texts, unused_code};
use super::gather::gather;
use super::hearing::{Heard, Hearing, Standing};
use super::landing::{Credentials, Danger, Known, KnownBy, Landing, Refusal, StopPage, Visit};
use super::page::{Fields, Verdict};
use super::session::Session;
use super::typed::Typed;
use super::understanding::Understood;

mod looking;

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
    /// Whether the browser is kept from the redirect URI.
    is_shielded: bool,
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
    /// The answer, at another address than the redirect URI.
    Elsewhere(Url),
    Page(Understood, Shown),
    /// A page of an origin that is not trusted, or one that was kept from sending something.
    Untrusted(Danger, String),
}

/// A page, for people and to know it again.
struct Shown {
    heading: String,
    /// What the page is known by: the answer that led to it, or its heading.
    mark: String,
    /// Whether a sign-in begins or goes on with its form, for sure.
    is_sign_in: bool,
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
            is_shielded: config.can_shield_redirect_uri(),
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
        let redirect_uri = self.visit.redirect_uri;
        self.session
            .look_out_for(redirect_uri, self.is_shielded)
            .await?;
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
            Seen::Redirected(url) => {
                let (url, signed_in) = (SecretUrl::new(url), self.has_signed_in().await);
                return Ok(Some(Landing::Redirected { url, signed_in }));
            }
            Seen::Elsewhere(url) => {
                let (url, signed_in) = (SecretUrl::new(url), self.has_signed_in().await);
                return Ok(Some(Landing::Elsewhere { url, signed_in }));
            }
            Seen::Untrusted(danger, origin) => {
                return Ok(Some(self.untrusted(danger, origin).await));
            }
            Seen::Page(understood, shown) => (understood, shown),
        };
        let Understood { verdict, mut known } = understood;
        known.looks = self.standing.looks().min(self.hearing.looks());
        known.is_sign_in = shown.is_sign_in || known.by == KnownBy::Keys;
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

    async fn has_signed_in(&self) -> bool {
        // Without the name it was asked for in a session that there was before.
        let used_passkey = self.session.used_passkey().await && !self.named_at.is_empty();
        self.typed.password || used_passkey
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
            "owner": { "name": credentials.username, "isNamed": self.account.is_named },
            "looks": self.session.sees_by_itself(),
        });
        self.account.typed_at.get_or_insert_with(now);
        let password = fields.password.then_some(credentials.password);
        let secrets = password.into_iter().chain(code.as_ref());
        secrets.for_each(|secret| self.account.typed.add(secret));
        self.standing.leave();
        // Until it is known what became of it, it counts as submitted: this may be given up
        // half-way.
        self.account.passwords_submitted += usize::from(fields.password);
        let holds_secret = fields.password || fields.code;
        let filled = self.type_and_submit(detail, holds_secret).await?;
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
        let stranger = match filled {
            Filled::Another => Some((StopPage::AnotherForm, another_user())),
            Filled::Nobody => Some((StopPage::Unknown, nobody())),
            Filled::Doubtful => Some((StopPage::Unknown, doubtful())),
            _ => None,
        };
        if let Some((kind, known)) = stranger {
            return Ok(Some(self.stopped(kind, heading, known).await));
        }
        self.lost_fills += 1;
        if self.lost_fills < MAX_LOST_FILLS {
            return Ok(None);
        }
        Err(BrowserError::Typing {
            evidence: Box::new(self.evidence().await),
        })
    }

    /// Types into the form and submits it, unless the page does that by itself.
    async fn type_and_submit(
        &mut self,
        detail: Value,
        holds_secret: bool,
    ) -> Result<Filled, BrowserError> {
        let typed = tolerate_navigation(self.session.act("fill", detail.clone()).await)?;
        let Some(typed) = typed else {
            // The page was gone before it could answer.
            let since = self.standing.born();
            return Ok(if holds_secret && !self.has_posted(since).await? {
                Filled::Lost
            } else {
                Filled::Submitted
            });
        };
        if let Some(page) = typed["page"].as_str() {
            self.account.note_page(page);
        }
        let since = typed["since"].as_f64().unwrap_or_default();
        match read(typed) {
            Filled::Typed => {
                if self.is_sent(since).await? {
                    tolerate_navigation(self.session.act("taken", Value::Null).await)?;
                    return Ok(Filled::Submitted);
                }
                let done = tolerate_navigation(self.session.act("submit", detail).await)?;
                match done.map_or(Filled::Submitted, read) {
                    // Another page has come meanwhile.
                    Filled::Lost if self.is_sent(since).await? => Ok(Filled::Submitted),
                    done => Ok(done),
                }
            }
            Filled::Left if self.has_posted(since).await? => Ok(Filled::Submitted),
            Filled::Left => Ok(Filled::Lost),
            filled => Ok(filled),
        }
    }

    /// Whether the page has sent anything from then on, which may be what was typed in a form that
    /// nobody knows: anyone who does not see it takes it for that.
    async fn has_posted(&mut self, since: f64) -> Result<bool, BrowserError> {
        if !self.session.sees_by_itself() {
            return Ok(true);
        }
        match self.session.sent_since(since).await {
            Ok(messages) => Ok(Typed::posts(&messages)),
            Err(BrowserError::Command { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Whether the page has sent what was typed, from then on by its own clock.
    async fn is_sent(&mut self, since: f64) -> Result<bool, BrowserError> {
        match self.session.sent_since(since).await {
            Ok(messages) => Ok(self.account.typed.is_sent(&messages)),
            // A driver with `DevTools` and without their log.
            Err(BrowserError::Command { .. }) => Ok(false),
            Err(error) => Err(error),
        }
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
        gather(self.session, self.account).await
    }
}

/// In milliseconds since 1970.
fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64() * 1000.0
}
