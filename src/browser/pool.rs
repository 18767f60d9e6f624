//! The pool: a driver, its browsers, and one browser with fresh state for each user in turn.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::join_all;
use tokio::sync::{Mutex as AsyncMutex, Semaphore, SemaphorePermit};
use tokio::task::spawn_blocking;
use url::Url;

use super::config::BrowserConfig;
use super::driver::LocalDriver;
use super::error::BrowserError;
use super::evidence::redacted;
use super::find::{Found, find};
use super::landing::{Landing, Visit};
use super::options::capabilities;
use super::session::Session;
use super::sign_in::SignIn;

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
    sessions: Mutex<Sessions>,
}

#[derive(Debug)]
enum Endpoint {
    Remote(Url),
    Local {
        found: Found,
        driver: Box<AsyncMutex<LocalDriver>>,
    },
}

/// Sessions that no user has.
#[derive(Debug, Default)]
struct Sessions {
    idle: Vec<Session>,
    /// To be ended: what cannot be wiped is not used again.
    retired: Vec<Session>,
}

impl Browsers {
    /// Finds and starts what is needed, and opens a first session to prove it.
    ///
    /// # Errors
    ///
    /// When there is no browser, no driver that fits it, or neither starts.
    pub async fn start(config: BrowserConfig) -> Result<Self, BrowserError> {
        let endpoint = Endpoint::start(&config).await?;
        let permits = Semaphore::new(config.sessions.max(1));
        let description = String::new();
        let sessions = Mutex::default();
        let mut browsers = Self {
            config,
            endpoint,
            description,
            permits,
            sessions,
        };
        let first = browsers.open().await?;
        browsers.description = browsers.endpoint.description(&first);
        browsers.sessions().idle.push(first);
        Ok(browsers)
    }

    /// The browser and its driver, with their versions.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Whether nothing at the redirect URI can see what the org sends there.
    #[must_use]
    pub fn shields_redirect_uri(&self) -> bool {
        matches!(self.endpoint, Endpoint::Local { .. }) && self.config.can_shield_redirect_uri()
    }

    /// A browser for one user, with nothing in it of any user before; waits until one is free.
    ///
    /// # Errors
    ///
    /// When no session can be opened.
    pub async fn user(&self) -> Result<UserBrowser<'_>, BrowserError> {
        let permit = self
            .permits
            .acquire()
            .await
            .map_err(|_| BrowserError::Session {
                reason: "the browsers are closed".to_owned(),
            })?;
        // Before another is opened: a Grid may have no more slots than there are sessions.
        self.end_retired().await;
        let session = self.fresh_session().await?;
        Ok(UserBrowser {
            browsers: self,
            session: Some(session),
            sound: true,
            _permit: permit,
        })
    }

    /// Ends all sessions, the driver, and removes the temporary folder.
    pub async fn close(self) {
        let Self {
            endpoint, sessions, ..
        } = self;
        let Sessions { idle, retired } = sessions
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        match endpoint {
            Endpoint::Remote(_) => {
                join_all(idle.into_iter().chain(retired).map(Session::close)).await;
            }
            // Ending the driver's processes ends its sessions, without the 50 ms that each would take.
            Endpoint::Local { driver, .. } => end(driver.into_inner()).await,
        }
    }

    async fn fresh_session(&self) -> Result<Session, BrowserError> {
        let idle = self.sessions().idle.pop();
        if let Some(mut session) = idle {
            if session.is_fresh().await {
                return Ok(session);
            }
            self.sessions().retired.push(session);
        }
        self.open().await
    }

    async fn open(&self) -> Result<Session, BrowserError> {
        match &self.endpoint {
            Endpoint::Remote(url) => {
                let opened = self.open_at(url, None).await;
                opened.map_err(|error| BrowserError::Remote {
                    url: redacted(url),
                    reason: error.to_string(),
                })
            }
            Endpoint::Local { found, driver } => {
                let url = driver.lock().await.url().clone();
                match self.open_at(&url, Some(found)).await {
                    Err(error) if error.died() => {
                        let url = self.restart(found, driver, &url).await?;
                        self.open_at(&url, Some(found)).await
                    }
                    opened => opened,
                }
            }
        }
    }

    async fn open_at(&self, url: &Url, found: Option<&Found>) -> Result<Session, BrowserError> {
        let BrowserConfig {
            session_timeout,
            step_timeout,
            ..
        } = self.config;
        Session::open(
            url,
            capabilities(&self.config, found),
            session_timeout,
            step_timeout,
        )
        .await
    }

    /// Starts the driver anew, unless another user has done so since `dead` was its address.
    async fn restart(
        &self,
        found: &Found,
        driver: &AsyncMutex<LocalDriver>,
        dead: &Url,
    ) -> Result<Url, BrowserError> {
        let mut driver = driver.lock().await;
        if driver.url() == dead {
            let started = LocalDriver::start(&found.driver.path, &self.config).await?;
            end(mem::replace(&mut *driver, started)).await;
        }
        Ok(driver.url().clone())
    }

    async fn end_retired(&self) {
        let retired = mem::take(&mut self.sessions().retired);
        join_all(retired.into_iter().map(Session::close)).await;
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Endpoint {
    async fn start(config: &BrowserConfig) -> Result<Self, BrowserError> {
        if let Some(url) = &config.webdriver_url {
            return Ok(Self::Remote(with_trailing_slash(url)));
        }
        let found = find(config).await?;
        let driver = LocalDriver::start(&found.driver.path, config).await?;
        Ok(Self::Local {
            found,
            driver: Box::new(AsyncMutex::new(driver)),
        })
    }

    fn description(&self, session: &Session) -> String {
        match self {
            Self::Remote(url) => format!("{} at {}", session.description(), redacted(url)),
            Self::Local { found, .. } => found.description(),
        }
    }
}

/// Commands are joined to the address, which drops a last segment that has no slash after it.
fn with_trailing_slash(url: &Url) -> Url {
    let mut url = url.clone();
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    url
}

/// Ending a driver waits for processes, so it is kept off the runtime's own threads.
async fn end(driver: LocalDriver) {
    let _ = spawn_blocking(move || drop(driver)).await;
}

/// A browser that one user has to itself, until it is dropped.
#[derive(Debug)]
pub struct UserBrowser<'a> {
    browsers: &'a Browsers,
    session: Option<Session>,
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
        let config = &self.browsers.config;
        let landing = SignIn::new(session, visit, config.step_timeout, config.allows_consent)
            .run()
            .await;
        self.sound = landing
            .as_ref()
            .map_or_else(BrowserError::leaves_browser_sound, |_| true);
        landing
    }
}

impl Drop for UserBrowser<'_> {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            let mut sessions = self.browsers.sessions();
            if self.sound && session.has_devtools() {
                sessions.idle.push(session);
            } else {
                sessions.retired.push(session);
            }
        }
    }
}
