//! One browser session: `WebDriver` commands, each with a deadline, and the wiping of its state.

mod app;
mod authenticator;
mod carried;
mod extension;
mod laid_out;
mod messages;
mod sent;
mod workers;

use std::future::{Future, pending};
use std::io;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::error::CmdError;
use fantoccini::wd::{Capabilities, WindowHandle};
use fantoccini::{Client, ClientBuilder};
use hyper_rustls::HttpsConnectorBuilder;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use url::{Origin, Url};

use self::authenticator::Held;
use self::extension::Extension;
use super::config::BrowserConfig;
use super::error::BrowserError;
use super::http_sign_in::signs_in_by_http;
use super::landing::Known;
use super::page::Page;
use super::script::{ABSENT, SCRIPT, asking, definition, outcome, writing};
use super::status::falls_silent;
use super::traffic::{Instead, Traffic};
use super::typed::may_send;
use crate::transport::Trust;

/// How long a command may take that waits for no page.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
/// What a driver gets beyond the page timeout that it keeps itself, to say so.
const GRACE: Duration = Duration::from_secs(5);
const EMPTY_PAGE: &str = "about:blank";
/// No redirect URI: a landing there is none of the visit before.
const EMPTY_PATH: &str = "/okta-e2e-empty-page";
/// Where our script runs beside those of a page.
const WORLD: &str = "okta-e2e";
/// Of an answer of the sign-in API, no more is read.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A session on its way from one user to the next; none where it is not used again.
pub(super) type Returning = JoinHandle<Option<Session>>;

/// A session of a browser, with a process and a profile of its own.
#[derive(Debug)]
pub(super) struct Session {
    client: Client,
    webdriver: Url,
    page_timeout: Duration,
    /// The tab's own frame, by `DevTools`' name of it; none where there are no `DevTools`.
    frame: Option<String>,
    /// Where every page is an empty one of our own.
    empty_origin: Option<Origin>,
    /// Whether a user had it since it was last wiped.
    used: bool,
    /// Whether it was seen to sign in by HTTP.
    signed_in_by_http: bool,
    /// What the page that stands has asked for.
    traffic: Traffic,
    /// Whether the log is looked at for the redirect URI.
    looks_out: bool,
    /// Messages of the performance log that tell what pages sent.
    sent: Vec<String>,
    /// The passkey of its user.
    held: Held,
    /// The script that receives messages to the client's page, by its identifier.
    hears: Option<String>,
}

impl Session {
    pub(super) async fn open(
        webdriver: &Url,
        config: &BrowserConfig,
        capabilities: Capabilities,
    ) -> Result<Self, BrowserError> {
        let session_timeout = config.session_timeout;
        let trust = Trust::with(&config.certificates).map_err(io::Error::other)?;
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(trust.speaking(&[]))
            .https_or_http()
            .enable_http1()
            .build();
        let mut builder = ClientBuilder::new(connector);
        builder.capabilities(capabilities);
        let client = timeout(session_timeout, builder.connect(webdriver.as_str()))
            .await
            .map_err(|_| late("a browser to start", session_timeout))?
            .map_err(|error| BrowserError::from_new_session(&error))?;
        let mut session = Self {
            client,
            webdriver: webdriver.clone(),
            page_timeout: config.step_timeout,
            frame: None,
            empty_origin: None,
            used: false,
            signed_in_by_http: false,
            traffic: Traffic::default(),
            looks_out: false,
            sent: Vec::new(),
            held: Held::Nothing,
            hears: None,
        };
        session.frame = session.own_frame().await?;
        if session.frame.is_some() {
            session.prepare_pages().await?;
        }
        Ok(session)
    }

    /// Has every page to come hold the script in the world of ours, before its own scripts run:
    /// written into each page when it is looked at, it takes a tenth of a sign-in.
    async fn prepare_pages(&self) -> Result<(), BrowserError> {
        let script = json!({ "source": definition(), "worldName": WORLD });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", script)
            .await
            .map(drop)
    }

    /// The tab's own frame; none where the driver knows no `DevTools`, which one that answers
    /// nothing has not said.
    async fn own_frame(&self) -> Result<Option<String>, BrowserError> {
        let tree = match self.devtools("Page.getFrameTree", json!({})).await {
            Err(BrowserError::Command { .. }) => return Ok(None),
            tree => tree?,
        };
        let id = tree.pointer("/frameTree/frame/id").and_then(Value::as_str);
        Ok(id.map(str::to_owned))
    }

    /// Whether what the script sees is what is there, whatever scripts the page has.
    pub(super) const fn sees_by_itself(&self) -> bool {
        self.frame.is_some()
    }

    /// Tells where every page is an empty one of our own, which need not be left.
    pub(super) fn with_empty_origin(self, empty_origin: Option<Origin>) -> Self {
        Self {
            empty_origin,
            ..self
        }
    }

    /// What the driver says it drives.
    pub(super) fn description(&self) -> String {
        let [name, version] = ["browserName", "browserVersion"].map(|name| self.stated(name));
        format!("{name} {version}")
    }

    /// What the driver said of the browser when the session began.
    fn stated(&self, name: &str) -> &str {
        let value = self.client.capabilities().and_then(|known| known.get(name));
        value.and_then(Value::as_str).unwrap_or("unknown")
    }

    pub(super) async fn goto(&self, url: &str) -> Result<(), BrowserError> {
        let limit = self.page_timeout + GRACE;
        self.run("opening a page", limit, self.client.goto(url))
            .await
    }

    pub(super) async fn current_url(&self) -> Result<Url, BrowserError> {
        self.run(
            "reading the address",
            COMMAND_TIMEOUT,
            self.client.current_url(),
        )
        .await
    }

    /// Looks at the page, where there are `DevTools` once it has changed since the last look or a
    /// moment has gone by.
    pub(super) async fn look(&self) -> Result<Page, BrowserError> {
        let page = match self.frame {
            Some(_) => self.act("watch", json!(Known::LOOK.as_millis())).await?,
            None => self.act("look", Value::Null).await?,
        };
        serde_json::from_value(page).map_err(|error| BrowserError::Command {
            doing: "reading the page",
            reason: error.to_string(),
        })
    }

    /// Runs one action of the script, where no script of the page can meddle with it: the isolated
    /// world that extensions have, of which a tab makes one by name. Nothing where it failed.
    ///
    /// Drivers without `DevTools` run it among the scripts of the page.
    pub(super) async fn act(&self, action: &str, detail: Value) -> Result<Value, BrowserError> {
        let Some(frame) = &self.frame else {
            return self.act_among_scripts(action, detail).await;
        };
        // Asked for each time: the number of a world may be that of another in the next page.
        let world = json!({ "frameId": frame, "worldName": WORLD });
        let world = self.devtools("Page.createIsolatedWorld", world).await?;
        let world = &world["executionContextId"];
        let answer = self.evaluate(world, &asking(action, &detail)).await?;
        if answer != json!(ABSENT) {
            return Ok(answer);
        }
        self.evaluate(world, &writing(action, &detail)).await
    }

    /// The value of an expression in a world of the page; null where it failed.
    async fn evaluate(&self, world: &Value, expression: &str) -> Result<Value, BrowserError> {
        let evaluate = json!({
            "contextId": world,
            "expression": expression,
            "awaitPromise": true,
            "returnByValue": true,
        });
        let limit = self.page_timeout + GRACE;
        let doing = "acting on the page";
        let asked = self.ask_devtools(doing, limit, "Runtime.evaluate", evaluate);
        outcome(asked.await?).ok_or_else(|| BrowserError::Command {
            doing,
            reason: "the driver did not say what came of it".to_owned(),
        })
    }

    async fn act_among_scripts(&self, action: &str, detail: Value) -> Result<Value, BrowserError> {
        let arguments = vec![json!(action), detail];
        let limit = self.page_timeout + GRACE;
        let done = self.client.execute(SCRIPT, arguments);
        self.run("acting on the page", limit, done).await
    }

    pub(super) async fn screenshot(&self) -> Result<Vec<u8>, BrowserError> {
        self.run(
            "taking a screenshot",
            COMMAND_TIMEOUT,
            self.client.screenshot(),
        )
        .await
    }

    /// Whether its browser still answers.
    pub(super) async fn is_alive(&self) -> bool {
        self.windows().await.is_ok()
    }

    /// What a user gave back, with nothing of theirs in it; none where that cannot be had: it is
    /// ended.
    pub(super) async fn cleaned(mut self) -> Option<Self> {
        // After a file chromedriver waits for the page that did not come: for as long as it may, at
        // each command.
        let waits = self.traffic.instead_of_page() == Some(Instead::File);
        let can_be_wiped = self.frame.is_some() && !waits;
        let is_clean = !self.used || (can_be_wiped && self.wipe().await.is_ok());
        if is_clean {
            return Some(self);
        }
        self.close().await;
        None
    }

    /// Leaves the page of an earlier visit, whose end must never be taken for that of the next.
    pub(super) async fn begin_visit(&mut self) -> Result<(), BrowserError> {
        if self.used {
            self.leave_page().await?;
        }
        self.used = true;
        Ok(())
    }

    /// Takes the answer of the visit before off an empty page of our own, or goes to another: that
    /// takes a tenth of a sign-in.
    async fn leave_page(&self) -> Result<(), BrowserError> {
        if let Some(origin) = &self.empty_origin {
            let empty = json!({ "origin": origin.ascii_serialization(), "path": EMPTY_PATH });
            if matches!(self.act("forget", empty).await, Ok(Value::Bool(true))) {
                return Ok(());
            }
        }
        self.go_to_empty_page().await
    }

    /// Whether this is the address of a page that no visit has led to.
    pub(super) fn is_empty_page(&self, url: &Url) -> bool {
        url.as_str() == EMPTY_PAGE
            || (Some(url.origin()) == self.empty_origin && url.path() == EMPTY_PATH)
    }

    /// Goes to an empty page; by `DevTools` in one command, where WebDriver's client needs two.
    ///
    /// Firefox may still be at loading its error page for the redirect URI; what it tells of that
    /// is then taken for an answer to the command, so it is given once more.
    async fn go_to_empty_page(&self) -> Result<(), BrowserError> {
        if self.frame.is_some() {
            let empty = json!({ "url": EMPTY_PAGE });
            return self.devtools("Page.navigate", empty).await.map(drop);
        }
        match self.goto(EMPTY_PAGE).await {
            Err(BrowserError::Command { .. }) => self.goto(EMPTY_PAGE).await,
            left => left,
        }
    }

    /// Makes the session as good as new: leaves the page, then clears every cookie, cache and
    /// storage of every origin, session storage included, and what the tab itself remembers.
    ///
    /// Fails where something would be left that no command clears; such a session is replaced.
    async fn wipe(&mut self) -> Result<(), BrowserError> {
        self.hold(None).await?;
        self.hear_no_messages().await?;
        self.leave_page().await?;
        self.refuse_what_cannot_be_wiped().await?;
        let steps = [
            ("Network.clearBrowserCookies", json!({})),
            ("Network.clearBrowserCache", json!({})),
            (
                "Storage.clearDataForOrigin",
                json!({ "origin": "*", "storageTypes": "all" }),
            ),
            ("Page.resetNavigationHistory", json!({})),
            (
                "Runtime.evaluate",
                json!({ "expression": "window.name = ''" }),
            ),
        ];
        for (method, parameters) in steps {
            self.devtools(method, parameters).await?;
        }
        self.used = false;
        Ok(())
    }

    async fn windows(&self) -> Result<Vec<WindowHandle>, BrowserError> {
        let doing = "counting the windows";
        self.run(doing, COMMAND_TIMEOUT, self.client.windows())
            .await
    }

    /// Credentials of HTTP authentication stay in a browser until it ends, and a tab that a page
    /// opened has storage of its own and goes on running.
    async fn refuse_what_cannot_be_wiped(&mut self) -> Result<(), BrowserError> {
        let windows = self.windows().await?;
        self.read_log().await?;
        self.sent.clear();
        if windows.len() == 1 && !self.signed_in_by_http {
            return Ok(());
        }
        Err(BrowserError::Command {
            doing: "wiping the browser",
            reason: "something would be left in it".to_owned(),
        })
    }

    /// Takes in what the performance log holds since it was last read: reading empties it.
    pub(super) async fn read_log(&mut self) -> Result<(), BrowserError> {
        let log = json!({ "type": "performance" });
        let doing = "reading the log";
        let log = self.issue(doing, COMMAND_TIMEOUT, "se/log", log).await?;
        let frame = self.frame.clone().unwrap_or_default();
        for entry in log.as_array().into_iter().flatten() {
            let Some(message) = entry.get("message").and_then(Value::as_str) else {
                continue;
            };
            let at = entry.get("timestamp").and_then(Value::as_f64);
            self.signed_in_by_http |= signs_in_by_http(message);
            self.traffic.take(message, &frame, at.unwrap_or_default());
            if may_send(message) {
                self.sent.push(message.to_owned());
            }
        }
        Ok(())
    }

    /// Why the page that was asked for last did not come, as the browser has it.
    pub(super) async fn page_failure(&mut self) -> Option<String> {
        self.read_log().await.ok()?;
        self.traffic.page_failure()
    }

    /// The same from a driver that tells it only of what it is asked for itself.
    pub(super) async fn failure_at(&self, url: &Url) -> String {
        match self.goto(url.as_str()).await {
            Err(BrowserError::Command { reason, .. }) => reason,
            _ => "the browser shows its error page".to_owned(),
        }
    }

    /// What came where a page was asked for, and leaves the browser where it was.
    pub(super) async fn instead_of_page(&mut self) -> Option<Instead> {
        self.read_log().await.ok()?;
        self.traffic.instead_of_page()
    }

    /// What the page that stands has asked for, as far as the log was read.
    pub(super) const fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// The body of an answer to the page that stands.
    pub(super) async fn response_body(&self, request: &str) -> Result<String, BrowserError> {
        let wanted = json!({ "requestId": request });
        let answer = self.devtools("Network.getResponseBody", wanted).await?;
        let body = answer.get("body").and_then(Value::as_str);
        let body = body.filter(|body| body.len() <= MAX_BODY_BYTES);
        let body = body.unwrap_or_default();
        if answer.get("base64Encoded") != Some(&Value::Bool(true)) {
            return Ok(body.to_owned());
        }
        let bytes = STANDARD.decode(body).unwrap_or_default();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Ends the session; one that does not answer is left to its driver.
    pub(super) async fn close(self) {
        let _ = timeout(GRACE, self.client.close()).await;
    }

    async fn devtools(&self, method: &'static str, detail: Value) -> Result<Value, BrowserError> {
        self.ask_devtools("asking DevTools", COMMAND_TIMEOUT, method, detail)
            .await
    }

    async fn ask_devtools(
        &self,
        doing: &'static str,
        limit: Duration,
        method: &'static str,
        parameters: Value,
    ) -> Result<Value, BrowserError> {
        let body = json!({ "cmd": method, "params": parameters });
        self.issue(doing, limit, "goog/cdp/execute", body).await
    }

    /// Ends where the driver has gone, if a silent one has.
    async fn is_left(&self) {
        if self.is_answered_beside() {
            falls_silent(&self.webdriver).await;
        } else {
            pending::<()>().await;
        }
    }

    /// Whether the driver says that it is there while a command is under way: geckodriver takes
    /// one after the other, so that it is silent while one takes long (its crate `webdriver`,
    /// `Dispatcher::run`).
    fn is_answered_beside(&self) -> bool {
        self.stated("browserName") != "firefox"
    }

    /// A command with a deadline; one that takes long is not waited for where the driver has gone.
    async fn run<T>(
        &self,
        doing: &'static str,
        limit: Duration,
        command: impl Future<Output = Result<T, CmdError>>,
    ) -> Result<T, BrowserError> {
        let answer = tokio::select! {
            answer = timeout(limit, command) => answer,
            () = self.is_left() => {
                let reason = "the driver does not answer any more".to_owned();
                return Err(BrowserError::Died { doing, reason });
            }
        };
        let answer = answer.map_err(|_| late(&format!("the driver, {doing}"), limit))?;
        answer.map_err(|error| BrowserError::from_command(doing, &error))
    }

    /// A command that is the driver's own, under the session's address.
    async fn issue(
        &self,
        doing: &'static str,
        limit: Duration,
        path: &str,
        body: Value,
    ) -> Result<Value, BrowserError> {
        let command = Extension::post(path, body);
        self.run(doing, limit, self.client.issue_cmd(command)).await
    }
}

fn late(waiting_for: &str, waited: Duration) -> BrowserError {
    BrowserError::Timeout {
        waiting_for: waiting_for.to_owned(),
        waited: Some(waited),
        evidence: None,
    }
}
