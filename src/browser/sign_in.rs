//! Takes one visit from the authorization endpoint to wherever it ends, by what the pages show.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval, timeout};
use url::Url;

use super::config::{BrowserConfig, authority};
use super::error::BrowserError;
use super::evidence::{Evidence, SecretUrl, redacted};
use super::gather::gather;
use super::landing::{Credentials, Danger, Landing, Refusal, StopPage, Visit};
use super::page::{Fields, Means, Page, Verdict};
use super::session::Session;
use super::typed::Typed;
use crate::totp::Totp;

const POLL_PERIOD: Duration = Duration::from_millis(5);
/// Pages that one visit may lead through; the longest known way has five.
const MAX_PAGES: usize = 12;
/// How often a form may lose what was typed, by being drawn anew, before nothing was submitted.
const MAX_LOST_FILLS: usize = 3;
/// How often the org may say that a code was used before: by whoever signed in a moment ago.
const MAX_USED_CODES: usize = 1;
const USED_CODE: &str = "the code was used before";
/// How long an unused code may take: a code is good for 30 s.
const CODE_TIMEOUT: Duration = Duration::from_secs(35);

/// A visit under way.
pub(super) struct SignIn<'a> {
    session: &'a Session,
    visit: &'a Visit<'a>,
    step_timeout: Duration,
    /// Whether the user allows the client what it asks for.
    allows_consent: bool,
    typed: Fields,
    /// Codes that the page said were used before.
    used_codes: usize,
    lost_fills: usize,
    /// Controls that were clicked, with the heading of their page.
    clicked: Vec<(&'static str, String)>,
    account: &'a mut Account,
}

/// What one user's browser has typed, on all visits.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// How often a password was submitted, whatever came of it.
    pub(super) passwords_submitted: usize,
    /// The secrets that were typed.
    pub(super) typed: Typed,
    /// Whether anything was, since this was last taken note of.
    pub(super) has_typed: bool,
}

/// What was seen that ends the waiting.
enum Seen {
    Redirected(Url),
    Page(Verdict, String),
    /// A page of an origin that is not trusted.
    Foreign(String),
}

/// What came of typing (`page.js`).
#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
enum Filled {
    /// Nothing was submitted: it would have gone elsewhere.
    Refused { danger: Danger, origin: String },
    /// The form did not take it.
    Lost,
    /// It was submitted.
    Submitted,
}

impl<'a> SignIn<'a> {
    pub(super) const fn new(
        session: &'a Session,
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
            used_codes: 0,
            lost_fills: 0,
            clicked: Vec::new(),
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
        let scheme = self.visit.redirect_uri.scheme();
        if !matches!(scheme, "http" | "https") {
            return Err(BrowserError::RedirectScheme {
                scheme: scheme.to_owned(),
            });
        }
        check_address(self.visit.url)?;
        self.open().await?;
        for _ in 0..MAX_PAGES {
            if let Some(landing) = self.step().await? {
                return Ok(landing);
            }
        }
        Ok(self.stopped(StopPage::Unknown, String::new()).await)
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
        let (verdict, heading) = match self.next_page().await? {
            Seen::Redirected(url) => return Ok(Some(self.redirected(url))),
            Seen::Foreign(origin) => {
                return Ok(Some(self.untrusted(Danger::Page, origin).await));
            }
            Seen::Page(verdict, heading) => (verdict, heading),
        };
        let landing = match verdict {
            Verdict::Wait => return Ok(None),
            Verdict::Click(control) => {
                self.clicked.push((control, heading));
                tolerate_navigation(self.session.act("click", json!(control)).await)?;
                return Ok(None);
            }
            Verdict::Fill(fields) => match self.visit.credentials {
                Some(credentials) => return self.fill(credentials, fields).await,
                None => self.stopped(StopPage::SignIn, heading).await,
            },
            Verdict::NextCode => match self.visit.credentials {
                Some(credentials) if self.used_codes < MAX_USED_CODES => {
                    self.used_codes += 1;
                    return self.fill(credentials, Fields::CODE).await;
                }
                _ => Landing::Refused {
                    kind: Refusal::WrongCode,
                    text: USED_CODE.to_owned(),
                    evidence: self.evidence().await,
                },
            },
            Verdict::Error(page) => Landing::ErrorPage {
                heading: page.heading,
                code: page.code,
                description: page.description,
                evidence: self.evidence().await,
            },
            Verdict::Refused(kind, text) => Landing::Refused {
                kind,
                text,
                evidence: self.evidence().await,
            },
            Verdict::Stopped(kind) => self.stopped(kind, heading).await,
        };
        Ok(Some(landing))
    }

    const fn redirected(&self, url: Url) -> Landing {
        Landing::Redirected {
            url: SecretUrl::new(url),
            signed_in: self.typed.password,
        }
    }

    async fn stopped(&self, kind: StopPage, heading: String) -> Landing {
        Landing::Stopped {
            kind,
            heading,
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
    async fn next_page(&self) -> Result<Seen, BrowserError> {
        let mut last = Page::default();
        match timeout(self.step_timeout, self.watch(&mut last)).await {
            Ok(seen) => seen,
            Err(_) if last.loaded => Ok(self.at_last(last)),
            Err(_) => Err(BrowserError::Timeout {
                waiting_for: format!("a page of {}", redacted(self.visit.url)),
                waited: Some(self.step_timeout),
                evidence: None,
            }),
        }
    }

    /// What a page is on which nothing has happened for long.
    fn at_last(&self, page: Page) -> Seen {
        match Url::parse(&page.href) {
            Ok(url) if !self.visit.trusted.has(&url) => return Seen::Foreign(origin(&url)),
            _ => {}
        }
        let verdict = match page.judge(self.typed, self.means()) {
            stopped @ Verdict::Stopped(_) => stopped,
            _ => Verdict::Stopped(StopPage::Unknown),
        };
        let heading = if page.heading.is_empty() {
            page.title
        } else {
            page.heading
        };
        Seen::Page(verdict, heading)
    }

    async fn watch(&self, last: &mut Page) -> Result<Seen, BrowserError> {
        let mut ticks = interval(POLL_PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let page = tolerate_navigation(self.session.look().await)?.unwrap_or_default();
            match Url::parse(&page.href) {
                Ok(url) if self.session.is_empty_page(&url) => continue,
                Ok(url) if same_place(&url, self.visit.redirect_uri) => {
                    return Ok(Seen::Redirected(url));
                }
                Ok(url) if matches!(url.scheme(), "http" | "https") => {
                    if let Some(seen) = self.judge(&url, &page) {
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
    fn judge(&self, url: &Url, page: &Page) -> Option<Seen> {
        if !self.visit.trusted.has(url) {
            return page.is_at_an_end().then(|| Seen::Foreign(origin(url)));
        }
        let was_clicked = |control| self.clicked.iter().any(|(clicked, _)| *clicked == control);
        match page.judge(self.typed, self.means()) {
            Verdict::Wait => None,
            Verdict::Click(control) if was_clicked(control) => None,
            // The control that leads past the page was clicked, and is gone before the page is.
            Verdict::Stopped(_) if self.is_being_left(page) => None,
            verdict => Some(Seen::Page(verdict, page.heading.clone())),
        }
    }

    fn is_being_left(&self, page: &Page) -> bool {
        let last = self.clicked.last();
        last.is_some_and(|(_, heading)| *heading == page.heading)
    }

    fn means(&self) -> Means {
        let credentials = self.visit.credentials.as_ref();
        Means {
            app: credentials.is_some_and(|credentials| credentials.totp.is_some()),
            consent: self.allows_consent,
        }
    }

    /// Where the browser is while it shows a page of its own: at a redirect URI that cannot be
    /// reached, or on the way.
    async fn arrival(&self, page: &Page) -> Result<Option<Url>, BrowserError> {
        let Some(url) = tolerate_navigation(self.session.current_url().await)? else {
            return Ok(None);
        };
        if same_place(&url, self.visit.redirect_uri) {
            return Ok(Some(url));
        }
        let failed =
            page.href.starts_with("chrome-error:") || page.href.starts_with("about:neterror");
        if failed && matches!(url.scheme(), "http" | "https") {
            let reason = match self.session.goto(url.as_str()).await {
                Err(BrowserError::Command { reason, .. }) => reason,
                _ => "the browser shows its error page".to_owned(),
            };
            return Err(BrowserError::Unreachable {
                url: redacted(&url),
                reason,
            });
        }
        Ok(None)
    }

    /// Types what the form shows and submits it, once in a visit: a wrong password is never repeated.
    async fn fill(
        &mut self,
        credentials: Credentials<'_>,
        fields: Fields,
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
        });
        self.account.has_typed = true;
        let password = fields.password.then_some(credentials.password);
        let secrets = password.into_iter().chain(code.as_ref());
        secrets.for_each(|secret| self.account.typed.add(secret));
        // Until it is known what became of it, it counts as submitted: this may be given up half-way.
        self.account.passwords_submitted += usize::from(fields.password);
        let filled = tolerate_navigation(self.session.act("fill", detail).await)?;
        // The page may be gone before it can answer: then it was submitted.
        let filled = filled.map_or(Filled::Submitted, read);
        if matches!(filled, Filled::Submitted) {
            self.typed.username |= fields.username;
            self.typed.password |= fields.password;
            self.typed.code |= fields.code;
            return Ok(None);
        }
        self.account.passwords_submitted -= usize::from(fields.password);
        if let Filled::Refused { danger, origin } = filled {
            return Ok(Some(self.untrusted(danger, origin).await));
        }
        self.lost_fills += 1;
        if self.lost_fills < MAX_LOST_FILLS {
            return Ok(None);
        }
        Err(BrowserError::Typing {
            evidence: Box::new(self.evidence().await),
        })
    }

    /// Where the browser is, by its driver, if that is no trusted origin. Asked only of drivers with
    /// which a script of the page may lie to `page.js`.
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

/// What is to be typed into which field.
fn texts<'a>(
    credentials: Credentials<'a>,
    fields: Fields,
    code: Option<&'a SecretString>,
) -> BTreeMap<&'static str, &'a str> {
    let password = credentials.password.expose_secret();
    let texts = [
        ("username", fields.username.then_some(credentials.username)),
        ("password", fields.password.then_some(password)),
        ("code", code.map(ExposeSecret::expose_secret)),
    ];
    let texts = texts.into_iter();
    texts
        .filter_map(|(field, text)| Some((field, text?)))
        .collect()
}

/// A script that failed submitted nothing.
fn read(filled: Value) -> Filled {
    serde_json::from_value(filled).unwrap_or(Filled::Lost)
}

/// An authorization request is made by http or https, and without the credentials of anybody.
fn check_address(url: &Url) -> Result<(), BrowserError> {
    let reason = if !matches!(url.scheme(), "http" | "https") {
        format!("it is a `{}:` address", url.scheme())
    } else if !url.username().is_empty() || url.password().is_some() {
        format!(
            "it holds a user name or a password for `{}`",
            url.host_str().unwrap_or_default()
        )
    } else {
        return Ok(());
    };
    Err(BrowserError::Address { reason })
}

/// Scheme, host and port, for people.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// A code that the org has not seen yet.
async fn unused_code(totp: &Totp) -> Result<SecretString, BrowserError> {
    let code = timeout(CODE_TIMEOUT, totp.unused_code()).await;
    code.map_err(|_| BrowserError::Timeout {
        waiting_for: "an unused code of the authenticator app".to_owned(),
        waited: Some(CODE_TIMEOUT),
        evidence: None,
    })
}

/// A command that hits a page on its way out fails, and one that the driver lets wait for a page
/// ends with the driver's timeout: neither means more than that, our own deadline decides.
fn tolerate_navigation<T>(outcome: Result<T, BrowserError>) -> Result<Option<T>, BrowserError> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(BrowserError::Command { .. } | BrowserError::Timeout { waited: None, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether two addresses differ at most in what follows the path.
fn same_place(url: &Url, redirect_uri: &Url) -> bool {
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    url.scheme() == redirect_uri.scheme()
        && authority(url) == authority(redirect_uri)
        && path(url) == path(redirect_uri)
}
