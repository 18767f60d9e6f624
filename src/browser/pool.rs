//! The pool: its browsers, and one with fresh state for each user in turn.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

use super::account::Account;
use super::config::BrowserConfig;
use super::endpoint::Endpoint;
use super::error::BrowserError;
use super::landing::{Landing, Visit};
use super::session::{Returning, Session};
use super::sign_in::SignIn;
use super::typed::Typed;
use crate::openid::CarriedSession;
use crate::origin::is_loopback;

/// How long another browser may take to start where the first has, and nobody says that there is
/// room for it.
const NEXT_SESSION_TIMEOUT: Duration = Duration::from_secs(15);

/// Browsers that are started once and lent to one user after the other.
///
/// Bound to the runtime it was started on. Whatever ends the process, a watchdog ends its driver
/// and browsers; [`Browsers::close`] does it at once, and ends the sessions of a remote driver.
#[derive(Debug)]
pub struct Browsers {
    config: BrowserConfig,
    endpoint: Endpoint,
    description: String,
    permits: Semaphore,
    /// Sessions that no user has, those that were given back first in front.
    idle: Mutex<VecDeque<Returning>>,
    runtime: Handle,
    /// How many users have a browser now.
    lent: AtomicUsize,
    opened: AtomicUsize,
    /// Whether a browser has died, perhaps with its driver.
    doubted: AtomicBool,
    /// Why there are no more browsers: every user after the first is told at once.
    lost: OnceLock<String>,
}

impl Browsers {
    /// Finds and starts what is needed, and opens first sessions to prove it.
    ///
    /// # Errors
    ///
    /// When there is no browser, no driver that fits it, or neither starts.
    pub async fn start(config: BrowserConfig) -> Result<Self, BrowserError> {
        let endpoint = Endpoint::start(&config).await?;
        let idle = endpoint.first_sessions(&config).await?;
        let mut places = config.sessions.max(1);
        if let Some(room) = endpoint.room().await {
            // With one session under way, a driver that has no places but is full holds that alone.
            let told = room.places.or(room.is_full.then_some(1));
            places = told.map_or(places, |told| places.min(told.max(1)));
        }
        let runtime = Handle::current();
        Ok(Self {
            description: endpoint.description(idle.first()),
            config,
            endpoint,
            permits: Semaphore::new(places),
            lent: AtomicUsize::new(0),
            opened: AtomicUsize::new(idle.len()),
            doubted: AtomicBool::new(false),
            lost: OnceLock::new(),
            idle: Mutex::new(
                idle.into_iter()
                    .map(|session| runtime.spawn(session.cleaned()))
                    .collect(),
            ),
            runtime,
        })
    }

    /// The browser and its driver, with their versions.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Browsers and drivers that were found and could not be used, and why.
    #[must_use]
    pub fn passed_over(&self) -> &[String] {
        self.endpoint.passed_over()
    }

    /// How many browsers have been opened so far; one that is kept is opened once.
    #[must_use]
    pub fn opened(&self) -> usize {
        self.opened.load(Ordering::Relaxed)
    }

    /// Whether nothing at the redirect URI can see what the org sends there.
    #[must_use]
    pub fn shields_redirect_uri(&self) -> bool {
        !self.endpoint.is_remote() && self.config.can_shield_redirect_uri()
    }

    /// A browser for one user, with nothing in it of any user before; waits until one is free.
    ///
    /// # Errors
    ///
    /// When no session can be opened.
    pub async fn user(&self) -> Result<UserBrowser<'_>, BrowserError> {
        loop {
            let permit = self
                .permits
                .acquire()
                .await
                .map_err(|_| BrowserError::Session {
                    reason: "the browsers are closed".to_owned(),
                })?;
            if let Some(reason) = self.lost.get() {
                let reason = reason.clone();
                return Err(BrowserError::Session { reason });
            }
            self.clear_doubt().await?;
            match self.fresh_session().await {
                Ok(Some(session)) => return Ok(self.lend(session, permit)),
                // The endpoint has fewer places than it was taken for, and one of ours comes free.
                Ok(None) => permit.forget(),
                Err(_) if self.endpoint.is_remote() && self.has_sessions() => permit.forget(),
                Err(error) => return Err(self.lose(error)),
            }
        }
    }

    /// A driver that may have gone is asked once, not waited for with each of its sessions.
    async fn clear_doubt(&self) -> Result<(), BrowserError> {
        if self.doubted.load(Ordering::SeqCst) {
            let revived = self.endpoint.revive(&self.config).await;
            revived.map_err(|error| self.lose(error))?;
            self.doubted.store(false, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Notes that there will be no more browsers.
    fn lose(&self, error: BrowserError) -> BrowserError {
        self.lost.get_or_init(|| error.to_string());
        error
    }

    /// Ends all sessions that nobody has: the next user has one opened.
    pub async fn rest(&self) {
        // Of a driver that has gone there is none to end.
        if self.lost.get().is_some() || self.doubted.load(Ordering::SeqCst) {
            return;
        }
        while let Some(session) = self.next_idle().await {
            session.close().await;
        }
    }

    /// Ends all sessions, the driver, and removes the temporary folder.
    pub async fn close(self) {
        let idle = self.idle.into_inner();
        let idle = idle.unwrap_or_else(PoisonError::into_inner);
        // Nobody is left to end the sessions of.
        let idle = if self.lost.get().is_some() {
            VecDeque::new()
        } else {
            idle
        };
        self.endpoint.close(idle).await;
    }

    fn lend<'a>(&'a self, session: Session, permit: SemaphorePermit<'a>) -> UserBrowser<'a> {
        self.lent.fetch_add(1, Ordering::SeqCst);
        UserBrowser {
            browsers: self,
            session: Some(session),
            account: Account::default(),
            elsewhere: BTreeSet::new(),
            unread: BTreeSet::new(),
            sound: true,
            _permit: permit,
        }
    }

    /// Whether a session of ours is lent, or waits for its next user.
    fn has_sessions(&self) -> bool {
        self.lent.load(Ordering::SeqCst) > 0 || !self.idle().is_empty()
    }

    /// A session with nothing in it; none: the endpoint is full, with a session of ours among them.
    async fn fresh_session(&self) -> Result<Option<Session>, BrowserError> {
        // Also waits for what is being ended: a Grid may have no more slots than there are
        // sessions.
        while let Some(session) = self.next_idle().await {
            if session.is_alive().await {
                return Ok(Some(session));
            }
            session.close().await;
        }
        // Not to wait in a queue for what another user of ours is about to give back.
        let mut config = self.config.clone();
        match self.endpoint.room().await {
            Some(room) if room.is_full && self.has_sessions() => return Ok(None),
            // A place that is given up is gone for good, and this one is known to be free.
            Some(room) if !room.is_full => {}
            _ => config.session_timeout = config.session_timeout.min(NEXT_SESSION_TIMEOUT),
        }
        self.endpoint.revive(&config).await?;
        let session = self.endpoint.open(&config).await?;
        self.opened.fetch_add(1, Ordering::Relaxed);
        Ok(Some(session))
    }

    async fn next_idle(&self) -> Option<Session> {
        loop {
            let next = self.idle().pop_front()?;
            if let Ok(Some(session)) = next.await {
                return Some(session);
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, VecDeque<Returning>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a browser of another machine cannot reach is told with the likely cause.
    fn explained(&self, error: BrowserError) -> BrowserError {
        match error {
            BrowserError::Unreachable { url, reason }
                if self.endpoint.is_remote() && is_loopback(&self.config.org_url) =>
            {
                let reason = format!(
                    "{reason}; if the browser of `WEBDRIVER_URL` runs on another machine, it \
                     cannot reach an org at a loopback address of this one"
                );
                BrowserError::Unreachable { url, reason }
            }
            other => other,
        }
    }
}

/// A browser that one user has to itself, until it is dropped.
#[derive(Debug)]
pub struct UserBrowser<'a> {
    browsers: &'a Browsers,
    session: Option<Session>,
    account: Account,
    /// Origins that are not trusted to which something typed was sent.
    elsewhere: BTreeSet<String>,
    /// What was sent since then that nobody can read, and by whom.
    unread: BTreeSet<String>,
    /// Cleared while a visit is under way, so that one given up half-way retires the session.
    sound: bool,
    _permit: SemaphorePermit<'a>,
}

impl UserBrowser<'_> {
    /// Visits an authorization endpoint, signing in if asked, and says where that ends.
    ///
    /// Visits of one user share the browser's state, so that a later one finds the session of an
    /// earlier one.
    ///
    /// # Errors
    ///
    /// When the browser cannot be driven to any end: it died, or nothing came in time.
    pub async fn authorize(&mut self, visit: &Visit<'_>) -> Result<Landing, BrowserError> {
        let Some(session) = &mut self.session else {
            return Err(BrowserError::Session {
                reason: "the browser was given back".to_owned(),
            });
        };
        self.sound = false;
        session.begin_visit().await?;
        let passkey = visit
            .credentials
            .and_then(|credentials| credentials.passkey);
        session.hold(passkey).await?;
        session.hear_messages(visit).await?;
        let config = &self.browsers.config;
        let before = self.account.passwords_submitted;
        let sign_in = SignIn::new(session, visit, config, &mut self.account);
        let landing = Box::pin(sign_in.run()).await;
        let messages = session.take_sent().await.unwrap_or_default();
        let signed_in = self.account.passwords_submitted > before;
        let landing = visit.unless_answered_elsewhere(landing, &messages, signed_in);
        // What was typed once may be sent by any page that follows.
        if let Some(since) = self.account.typed_at {
            let (trusted, end) = (visit.trusted, visit.redirect_uri);
            let sent = self.account.typed.sent_elsewhere(&messages, trusted);
            self.elsewhere.extend(sent);
            let unread = Typed::unread(&messages, trusted, end, since);
            self.unread.extend(unread);
            self.unread.extend(session.workers().await);
        }
        self.sound = landing
            .as_ref()
            .map_or_else(BrowserError::leaves_browser_sound, |_| true);
        landing.map_err(|error| {
            self.browsers
                .doubted
                .fetch_or(error.died(), Ordering::SeqCst);
            self.browsers.explained(error)
        })
    }

    /// How many passwords have been submitted in it, whatever came of them.
    #[must_use]
    pub const fn passwords_submitted(&self) -> usize {
        self.account.passwords_submitted
    }

    /// The origins that are not trusted to which a page sent what was typed into it; none where the
    /// browser does not tell what it sends.
    #[must_use]
    pub fn sent_elsewhere(&self) -> Option<&BTreeSet<String>> {
        let session = self.session.as_ref()?;
        session.sees_by_itself().then_some(&self.elsewhere)
    }
}

impl UserBrowser<'_> {
    /// To whom pages sent something that cannot be read once a secret was typed, and whose workers
    /// may have.
    #[must_use]
    pub const fn unread(&self) -> &BTreeSet<String> {
        &self.unread
    }
}

impl UserBrowser<'_> {
    /// The session that the user has at an address; none where the browser does not tell it.
    pub async fn session_at(&self, at: &Url) -> Option<CarriedSession> {
        self.session.as_ref()?.carried(at).await.ok()?
    }
}

impl Drop for UserBrowser<'_> {
    fn drop(&mut self) {
        let browsers = self.browsers;
        if let Some(session) = self.session.take() {
            let is_sound = self.sound;
            // Beside whatever the next user does, who takes another browser if there is one.
            let returning = browsers.runtime.spawn(async move {
                if is_sound {
                    return session.cleaned().await;
                }
                session.close().await;
                None
            });
            browsers.idle().push_back(returning);
        }
        browsers.lent.fetch_sub(1, Ordering::SeqCst);
    }
}
