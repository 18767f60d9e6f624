//! Where sessions are opened: a chromedriver of our own, or a `WebDriver` that someone else runs.

use std::mem;

use futures_util::future::join_all;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use url::Url;

use super::config::BrowserConfig;
use super::driver::LocalDriver;
use super::error::BrowserError;
use super::evidence::redacted;
use super::find::{Found, find};
use super::options::capabilities;
use super::session::{Returning, Session};
use super::stand_in::StandIn;
use super::status::{Room, answers};

#[derive(Debug)]
pub(super) enum Endpoint {
    Remote(Url),
    Local {
        found: Found,
        driver: Box<Mutex<LocalDriver>>,
        /// Takes what the org sends to the redirect URI.
        stand_in: Option<StandIn>,
    },
}

impl Endpoint {
    /// Starts a driver, unless one is running that the configuration names.
    pub(super) async fn start(config: &BrowserConfig) -> Result<Self, BrowserError> {
        if let Some(url) = &config.webdriver_url {
            return Ok(Self::Remote(with_trailing_slash(url)));
        }
        let found = find(config).await?;
        let driver = LocalDriver::start(&found.driver.path, config).await?;
        let stand_in = match config.redirect_uri.scheme() {
            "http" if config.can_shield_redirect_uri() => Some(StandIn::start().await?),
            _ => None,
        };
        Ok(Self::Local {
            found,
            driver: Box::new(Mutex::new(driver)),
            stand_in,
        })
    }

    /// The sessions to begin with: all that may be used of a driver of our own, one elsewhere.
    pub(super) async fn first_sessions(
        &self,
        config: &BrowserConfig,
    ) -> Result<Vec<Session>, BrowserError> {
        let wanted = if self.is_remote() { 1 } else { config.sessions };
        let opened = join_all((0..wanted.max(1)).map(|_| self.open(config))).await;
        let (mut sessions, mut failure) = (Vec::new(), None);
        for session in opened {
            match session {
                Ok(session) => sessions.push(session),
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            Some(error) if sessions.is_empty() => Err(error),
            _ => Ok(sessions),
        }
    }

    /// Makes sure that something is there to open another session with: a driver of our own that
    /// has fallen silent is started anew.
    ///
    /// # Errors
    /// When nothing answers at the address of somebody else's.
    pub(super) async fn revive(&self, config: &BrowserConfig) -> Result<(), BrowserError> {
        match self {
            Self::Remote(url) if answers(url).await => Ok(()),
            Self::Remote(url) => Err(BrowserError::Remote {
                url: redacted(url),
                reason: "it does not answer any more".to_owned(),
            }),
            Self::Local { found, driver, .. } => {
                let url = driver.lock().await.url().clone();
                if !answers(&url).await {
                    restart(driver, &url, config, found).await?;
                }
                Ok(())
            }
        }
    }

    pub(super) const fn is_remote(&self) -> bool {
        matches!(self, Self::Remote(_))
    }

    /// How much room a driver has that someone else runs.
    pub(super) async fn room(&self) -> Option<Room> {
        match self {
            Self::Remote(url) => Room::of(url).await,
            Self::Local { .. } => None,
        }
    }

    pub(super) fn description(&self, session: Option<&Session>) -> String {
        match self {
            Self::Remote(url) => {
                let session = session.map(Session::description).unwrap_or_default();
                format!("{session} at {}", redacted(url))
            }
            Self::Local { found, .. } => found.description(),
        }
    }

    /// Programs that were found and could not be used, and why.
    pub(super) fn passed_over(&self) -> &[String] {
        match self {
            Self::Remote(_) => &[],
            Self::Local { found, .. } => &found.passed_over,
        }
    }

    pub(super) async fn open(&self, config: &BrowserConfig) -> Result<Session, BrowserError> {
        match self {
            Self::Remote(url) => {
                let capabilities = capabilities(config, None, None);
                let opened = match Session::open(url, config, capabilities.clone()).await {
                    // A node of a Grid that is gone takes the connection with it; a driver that
                    // is silent is not waited for with another browser.
                    Err(error) if error.died() => {
                        self.revive(config).await?;
                        Session::open(url, config, capabilities).await
                    }
                    opened => opened,
                };
                opened.map_err(|error| BrowserError::Remote {
                    url: redacted(url),
                    reason: error.to_string(),
                })
            }
            Self::Local {
                found,
                driver,
                stand_in,
            } => {
                let url = driver.lock().await.url().clone();
                let capabilities = capabilities(config, Some(found), stand_in.as_ref());
                let opened = match Session::open(&url, config, capabilities.clone()).await {
                    Err(error) if error.died() => {
                        let url = restart(driver, &url, config, found).await?;
                        Session::open(&url, config, capabilities).await
                    }
                    opened => opened,
                };
                let stood_in_for = stand_in.as_ref().map(|_| config.redirect_uri.origin());
                opened.map(|session| session.with_empty_origin(stood_in_for))
            }
        }
    }

    /// Ends the sessions, and a driver of our own with its temporary folder.
    pub(super) async fn close(self, idle: impl IntoIterator<Item = Returning>) {
        let idle = idle.into_iter();
        match self {
            Self::Remote(_) => {
                let end = |returning: Returning| async {
                    if let Ok(Some(session)) = returning.await {
                        session.close().await;
                    }
                };
                join_all(idle.map(end)).await;
            }
            // Ending the driver's processes ends its sessions, without the 50 ms that each would
            // take.
            Self::Local { driver, .. } => {
                idle.for_each(|returning| returning.abort());
                end(driver.into_inner()).await;
            }
        }
    }
}

/// Starts the driver anew, unless another user has done so since `dead` was its address.
async fn restart(
    driver: &Mutex<LocalDriver>,
    dead: &Url,
    config: &BrowserConfig,
    found: &Found,
) -> Result<Url, BrowserError> {
    let mut driver = driver.lock().await;
    if driver.url() == dead {
        let started = LocalDriver::start(&found.driver.path, config).await?;
        end(mem::replace(&mut *driver, started)).await;
    }
    Ok(driver.url().clone())
}

/// Ending a driver waits for processes, so it is kept off the runtime's own threads.
async fn end(driver: LocalDriver) {
    let _ = spawn_blocking(move || drop(driver)).await;
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
