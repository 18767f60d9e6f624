//! What a pool of browsers needs to know.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::transport::Certificates;

/// How browsers are found, started and bounded. Plain values: nothing is read from the environment
/// but the search path, by [`BrowserConfig::new`].
#[derive(Clone, Debug)]
pub struct BrowserConfig {
    /// A running `WebDriver` or Selenium Grid; none: chromedriver is found and started.
    pub webdriver_url: Option<Url>,
    /// How many browsers may be in use at once, at least one.
    pub sessions: usize,
    /// The redirect URI, which the browser is kept from reaching wherever that is possible.
    pub redirect_uri: Url,
    /// Any address of the org; on the redirect URI's own host and port nothing can be kept away.
    pub org_url: Url,
    /// The folder or file that `CHROMEWEBDRIVER` names: tried before the search path.
    pub chromedriver: Option<PathBuf>,
    /// A browser to use instead of those found.
    pub browser: Option<PathBuf>,
    /// What a browser of our own trusts beside the platform's certificates.
    pub certificates: Certificates,
    /// Folders to look for programs in.
    pub search_path: Vec<PathBuf>,
    /// How long a page may take to answer one step of a sign-in.
    pub step_timeout: Duration,
    /// The language that pages are asked for, such as `en-US`: a page that is known by its words
    /// alone is known by English ones.
    pub language: String,
    /// Whether users allow the client what it asks for; otherwise a page that asks is stopped at.
    pub allows_consent: bool,
    /// How long a browser may take to start; the first one of a cold machine takes seconds.
    pub session_timeout: Duration,
}

impl BrowserConfig {
    /// The defaults: a local chromedriver, one session, 20 s a step, 60 s to start.
    #[must_use]
    pub fn new(redirect_uri: Url, org_url: Url) -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/bin")]);
        Self {
            webdriver_url: None,
            sessions: 1,
            redirect_uri,
            org_url,
            chromedriver: None,
            browser: None,
            certificates: Certificates::default(),
            search_path: folders.collect(),
            step_timeout: Duration::from_secs(20),
            language: "en-US".to_owned(),
            allows_consent: false,
            session_timeout: Duration::from_secs(60),
        }
    }

    /// Whether the redirect URI can be made unresolvable without cutting off the org itself.
    pub(super) fn can_shield_redirect_uri(&self) -> bool {
        authority(&self.redirect_uri).is_some()
            && authority(&self.redirect_uri) != authority(&self.org_url)
    }
}

/// `host:port`, the port always present.
pub(super) fn authority(url: &Url) -> Option<String> {
    Some(format!(
        "{}:{}",
        url.host_str()?,
        url.port_or_known_default()?
    ))
}
