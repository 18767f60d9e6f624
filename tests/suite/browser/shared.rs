//! Browsers that many tests share, as the users of one run do: starting one costs more than a
//! visit.
//!
//! Browsers are bound to the runtime they were started on, so visits are made on one that outlives
//! the tests.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use okta_e2e::browser::{BrowserConfig, BrowserError, Browsers, Credentials, Landing, Visit};
use okta_e2e::origin::TrustedOrigins;
use okta_e2e::totp::Totp;
use secrecy::SecretString;
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;
use url::Url;

/// The redirect URI of every visit: nobody listens there.
pub(super) const REDIRECT_URI: &str = "http://client.invalid/callback";
/// So many tests have a browser at once.
const SESSIONS: usize = 3;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
/// Gives a page little time, for visits that are to end at one that never answers.
pub(super) static IMPATIENT: Shared = Shared::waiting(5);
/// Gives a page so long that a visit which ends by itself is told from one that is given up,
/// whatever else this machine does.
pub(super) static PATIENT: Shared = Shared::waiting(90);
/// A visit that took no longer was not given up.
const BY_ITSELF: Duration = Duration::from_secs(60);

/// Browsers, started by the first test that needs them.
pub(super) struct Shared {
    step_timeout: Duration,
    browsers: OnceCell<Browsers>,
}

/// Somebody who signs in at an org.
pub(super) struct User {
    pub(super) username: &'static str,
    pub(super) password: &'static str,
    pub(super) totp_secret: Option<&'static str>,
}

/// What came of a visit.
pub(super) struct Visited {
    pub(super) landing: Result<Landing, BrowserError>,
    pub(super) passwords_submitted: usize,
    pub(super) sent_elsewhere: BTreeSet<String>,
    pub(super) unread: BTreeSet<String>,
    took: Duration,
}

impl Visited {
    /// Fails where a page was waited for as long as one may be, though nothing was to come.
    pub(super) fn check_end(&self) {
        assert!(self.took < BY_ITSELF, "it took {:?}", self.took);
    }
}

impl Shared {
    const fn waiting(step_seconds: u64) -> Self {
        Self {
            step_timeout: Duration::from_secs(step_seconds),
            browsers: OnceCell::const_new(),
        }
    }

    /// Signs in at an address of an org, in a browser with nothing in it.
    pub(super) async fn sign_in(
        &'static self,
        url: Url,
        trusted: TrustedOrigins,
        user: User,
    ) -> Visited {
        self.sign_in_and_go_on(url, None, trusted, user).await
    }

    /// Signs in, and comes to another address in the same browser, where nothing is typed.
    pub(super) async fn sign_in_and_go_on(
        &'static self,
        url: Url,
        next: Option<Url>,
        trusted: TrustedOrigins,
        user: User,
    ) -> Visited {
        let visit = async move { self.visit(&url, next.as_ref(), &trusted, user).await };
        let visit = RUNTIME.spawn(visit);
        visit.await.expect("a visit panics nowhere")
    }

    async fn visit(
        &self,
        url: &Url,
        next: Option<&Url>,
        trusted: &TrustedOrigins,
        user: User,
    ) -> Visited {
        let browsers = self.browsers.get_or_init(|| self.start(url)).await;
        let totp = user.totp_secret.map(SecretString::from);
        let totp = totp.map(|secret| Totp::new(&secret).expect("a secret"));
        let visit = Visit {
            url,
            redirect_uri: &redirect_uri(),
            credentials: Some(Credentials {
                username: user.username,
                password: &SecretString::from(user.password),
                totp: totp.as_ref(),
                passkey: None,
            }),
            trusted,
        };
        let mut browser = browsers.user().await.expect("a browser is free");
        let clock = Instant::now();
        let mut landing = browser.authorize(&visit).await;
        let took = clock.elapsed();
        if let Some(url) = next {
            let visit = Visit {
                url,
                credentials: None,
                ..visit
            };
            landing = browser.authorize(&visit).await;
        }
        let sent_elsewhere = browser.sent_elsewhere();
        Visited {
            landing,
            took,
            passwords_submitted: browser.passwords_submitted(),
            unread: browser.unread().clone(),
            sent_elsewhere: sent_elsewhere.expect("it tells what it sends").clone(),
        }
    }

    async fn start(&self, org: &Url) -> Browsers {
        let mut config = BrowserConfig::new(redirect_uri(), org.clone());
        config.sessions = SESSIONS;
        config.step_timeout = self.step_timeout;
        Browsers::start(config).await.expect("a browser starts")
    }
}

fn redirect_uri() -> Url {
    REDIRECT_URI.parse().expect("a URL")
}
