//! One browser session: `WebDriver` commands, each with a deadline, and the wiping of its state.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use fantoccini::error::CmdError;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;
use url::Url;

use super::error::BrowserError;
use super::page::Page;

/// How long a command may take that waits for no page.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
/// What a driver gets beyond the page timeout that it keeps itself, to say so.
const GRACE: Duration = Duration::from_secs(5);
const PAGE_SCRIPT: &str = include_str!("page.js");

/// A session of a browser, with a process and a profile of its own.
#[derive(Debug)]
pub(super) struct Session {
    client: Client,
    page_timeout: Duration,
    has_devtools: bool,
    /// Whether a user had it since it was last wiped.
    used: bool,
}

impl Session {
    pub(super) async fn open(
        webdriver: &Url,
        capabilities: Capabilities,
        session_timeout: Duration,
        page_timeout: Duration,
    ) -> Result<Self, BrowserError> {
        let mut builder = ClientBuilder::rustls()?;
        builder.capabilities(capabilities);
        let client = timeout(session_timeout, builder.connect(webdriver.as_str()))
            .await
            .map_err(|_| late("a browser to start", session_timeout))?
            .map_err(|error| BrowserError::from_new_session(&error))?;
        let mut session = Self {
            client,
            page_timeout,
            has_devtools: true,
            used: false,
        };
        session.has_devtools = session
            .devtools("Browser.getVersion", json!({}))
            .await
            .is_ok();
        Ok(session)
    }

    /// What the driver says it drives.
    pub(super) fn description(&self) -> String {
        let stated = |name: &str| {
            let value = self.client.capabilities().and_then(|known| known.get(name));
            value
                .and_then(Value::as_str)
                .unwrap_or("unknown")
                .to_owned()
        };
        format!("{} {}", stated("browserName"), stated("browserVersion"))
    }

    /// Whether it can be wiped, and so be kept for the next user.
    pub(super) const fn has_devtools(&self) -> bool {
        self.has_devtools
    }

    pub(super) async fn goto(&self, url: &str) -> Result<(), BrowserError> {
        let limit = self.page_timeout + GRACE;
        run("opening a page", limit, self.client.goto(url)).await
    }

    pub(super) async fn current_url(&self) -> Result<Url, BrowserError> {
        run(
            "reading the address",
            COMMAND_TIMEOUT,
            self.client.current_url(),
        )
        .await
    }

    pub(super) async fn look(&self) -> Result<Page, BrowserError> {
        let page = self.act("look", Value::Null).await?;
        serde_json::from_value(page).map_err(|error| BrowserError::Command {
            doing: "reading the page",
            reason: error.to_string(),
        })
    }

    /// Runs one action of `page.js`.
    pub(super) async fn act(&self, action: &str, detail: Value) -> Result<Value, BrowserError> {
        let arguments = vec![json!(action), detail];
        let limit = self.page_timeout + GRACE;
        run(
            "acting on the page",
            limit,
            self.client.execute(PAGE_SCRIPT, arguments),
        )
        .await
    }

    /// Types into a field of `page.js`, in place of what it holds; `false` if it is not there.
    pub(super) async fn fill(&self, field: &str, text: &str) -> Result<bool, BrowserError> {
        let element = self.act("focus", json!(field)).await?;
        if element.is_null() {
            return Ok(false);
        }
        if self.has_devtools {
            self.devtools("Input.insertText", json!({ "text": text }))
                .await?;
            return Ok(true);
        }
        let element = run("typing", COMMAND_TIMEOUT, self.client.active_element()).await?;
        run("typing", COMMAND_TIMEOUT, element.send_keys(text)).await?;
        Ok(true)
    }

    pub(super) async fn title(&self) -> Result<String, BrowserError> {
        run("reading the title", COMMAND_TIMEOUT, self.client.title()).await
    }

    pub(super) async fn screenshot(&self) -> Result<Vec<u8>, BrowserError> {
        run(
            "taking a screenshot",
            COMMAND_TIMEOUT,
            self.client.screenshot(),
        )
        .await
    }

    /// Whether the session is alive and holds nothing of an earlier user, once it had to be wiped.
    pub(super) async fn is_fresh(&mut self) -> bool {
        let ready = if self.used {
            self.wipe().await
        } else {
            self.current_url().await.map(drop)
        };
        ready.is_ok()
    }

    /// Leaves the page of an earlier visit, whose end must never be taken for that of the next.
    pub(super) async fn begin_visit(&mut self) -> Result<(), BrowserError> {
        if self.used {
            self.goto("about:blank").await?;
        }
        self.used = true;
        Ok(())
    }

    /// Makes the session as good as new: another tab, since tabs keep storage of their own, then
    /// every cookie, cache and storage of every origin.
    async fn wipe(&mut self) -> Result<(), BrowserError> {
        let doing = "wiping the browser";
        let tab = run(doing, COMMAND_TIMEOUT, self.client.new_window(true)).await?;
        run(doing, COMMAND_TIMEOUT, self.client.close_window()).await?;
        run(
            doing,
            COMMAND_TIMEOUT,
            self.client.switch_to_window(tab.handle),
        )
        .await?;
        self.devtools("Network.clearBrowserCookies", json!({}))
            .await?;
        self.devtools("Network.clearBrowserCache", json!({}))
            .await?;
        let everything = json!({ "origin": "*", "storageTypes": "all" });
        self.devtools("Storage.clearDataForOrigin", everything)
            .await?;
        self.used = false;
        Ok(())
    }

    /// Ends the session; one that does not answer is left to its driver.
    pub(super) async fn close(self) {
        let _ = timeout(GRACE, self.client.close()).await;
    }

    async fn devtools(&self, method: &'static str, parameters: Value) -> Result<(), BrowserError> {
        let command = DevTools { method, parameters };
        run(
            "asking DevTools",
            COMMAND_TIMEOUT,
            self.client.issue_cmd(command),
        )
        .await?;
        Ok(())
    }
}

async fn run<T>(
    doing: &'static str,
    limit: Duration,
    command: impl Future<Output = Result<T, CmdError>>,
) -> Result<T, BrowserError> {
    let answer = timeout(limit, command).await;
    let answer = answer.map_err(|_| late(&format!("the driver, {doing}"), limit))?;
    answer.map_err(|error| BrowserError::from_command(doing, &error))
}

fn late(waiting_for: &str, waited: Duration) -> BrowserError {
    BrowserError::Timeout {
        waiting_for: waiting_for.to_owned(),
        waited: Some(waited),
        evidence: None,
    }
}

/// A `DevTools` command through chromedriver.
struct DevTools {
    method: &'static str,
    parameters: Value,
}

/// The parameters may be a password.
impl fmt::Debug for DevTools {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DevTools({})", self.method)
    }
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": self.method, "params": self.parameters });
        (Method::POST, Some(body.to_string()))
    }
}
