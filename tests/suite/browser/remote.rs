//! A `WebDriver` that someone else runs, with and without `DevTools` behind it.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use okta_e2e::browser::{
    BrowserConfig, BrowserError, Browsers, Danger, KnownBy, Landing, StopPage, Visit,
};
use reqwest::header::CONTENT_TYPE;
use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::ChildStdout;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;
use url::Url;

use super::org::{Org, PASSWORD};
use super::trust::hostile::Hostile;

/// A chromedriver of the test's own.
pub(crate) struct Driver {
    process: Child,
    pub(crate) url: Url,
    /// Where the driver's browsers leave their folders.
    _folder: TempDir,
}

const STARTS_WITHIN: Duration = Duration::from_secs(60);
/// As long as a page may take where a visit is to end long before, on a busy machine too.
const LONG: Duration = Duration::from_secs(300);
/// A driver ends where the port is taken by another that it has just chosen.
const STARTS: usize = 5;

impl Driver {
    pub(crate) async fn start() -> Self {
        for _ in 0..STARTS {
            if let Some(driver) = Self::try_start().await {
                return driver;
            }
        }
        panic!("no chromedriver starts");
    }

    async fn try_start() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let url = timeout(STARTS_WITHIN, address(&mut process)).await;
        let Some(url) = url.expect("it says its port in time") else {
            process.wait().unwrap();
            return None;
        };
        Some(Self {
            process,
            url,
            _folder: folder,
        })
    }

    async fn sessions(&self) -> Value {
        let answer = crate::support::http()
            .get(self.url.join("sessions").unwrap())
            .send()
            .await
            .unwrap();
        answer.json::<Value>().await.unwrap()["value"].clone()
    }

    /// The address of a server before the driver that knows no `DevTools`, as other browsers' do
    /// not.
    pub(crate) async fn without_devtools(&self) -> Url {
        self.without(&["/goog/"]).await
    }

    /// The same that does not know commands with one of these in their path.
    pub(crate) async fn without(&self, unknown: &'static [&'static str]) -> Url {
        self.behind(|before| before.unknown = unknown).await
    }

    /// The address of a server before the driver, with what differs in it.
    async fn behind(&self, change: impl FnOnce(&mut Before)) -> Url {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/wd/hub", listener.local_addr().unwrap());
        let mut before = Before {
            driver: self.url.clone(),
            unknown: &[],
            late: Duration::ZERO,
            has_started_one: AtomicBool::new(false),
            in_turn: None,
        };
        change(&mut before);
        let app = Router::new().fallback(forward).with_state(Arc::new(before));
        tokio::spawn(async move { axum::serve(listener, app).await });
        url.parse().unwrap()
    }
}

/// With the browsers that a failing test leaves open: they would outlive it.
impl Drop for Driver {
    fn drop(&mut self) {
        let group = format!("-{}", self.process.id());
        let ended = Command::new("kill")
            .args(["-s", "KILL", "--", &group])
            .status();
        assert!(ended.unwrap().success());
        self.process.wait().unwrap();
    }
}

/// Where a driver listens; none where it ends before.
async fn address(process: &mut Child) -> Option<Url> {
    let output = ChildStdout::from_std(process.stdout.take().unwrap()).unwrap();
    let mut lines = BufReader::new(output).lines();
    loop {
        let line = lines.next_line().await.unwrap()?;
        if let Some((_, port)) = line.split_once("successfully on port ") {
            let url = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
            return Some(url.parse().unwrap());
        }
    }
}

/// What stands before a driver.
struct Before {
    driver: Url,
    /// Parts of the paths that it is not to know.
    unknown: &'static [&'static str],
    /// How long each browser after the first waits before it is started.
    late: Duration,
    has_started_one: AtomicBool,
    /// Takes one command after the other, as geckodriver does, and so long to open a page.
    in_turn: Option<(Mutex<()>, Duration)>,
}

impl Before {
    /// Waits for what was asked before, and for as long as a page takes to open.
    async fn turn(&self, opens_a_page: bool) -> Option<MutexGuard<'_, ()>> {
        let (turn, slow) = self.in_turn.as_ref()?;
        let turn = turn.lock().await;
        if opens_a_page {
            let _ = timeout(*slow, std::future::pending::<()>()).await;
        }
        Some(turn)
    }
}

async fn forward(
    State(before): State<Arc<Before>>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Response {
    let path = uri
        .path()
        .strip_prefix("/wd/hub")
        .expect("the base path is kept");
    if before.unknown.iter().any(|part| path.contains(part)) {
        let refusal = json!({ "error": "unknown command", "message": "not known here" });
        return (StatusCode::NOT_FOUND, Json(json!({ "value": refusal }))).into_response();
    }
    let starts_one = method == Method::POST && path == "/session";
    if starts_one && before.has_started_one.swap(true, Ordering::SeqCst) {
        let _ = timeout(before.late, std::future::pending::<()>()).await;
    }
    let opens_a_page = method == Method::POST && path.ends_with("/url");
    let _turn = before.turn(opens_a_page).await;
    let client = crate::support::http();
    let request = client
        .request(method, before.driver.join(path).unwrap())
        .body(body);
    let answer = request
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
        .send()
        .await;
    let answer = answer.unwrap();
    let status = answer.status();
    let mut answer = answer.json::<Value>().await.unwrap();
    if let Some(name) = answer.pointer_mut("/value/capabilities/browserName")
        && before.in_turn.is_some()
    {
        *name = json!("firefox");
    }
    (status, Json(answer)).into_response()
}

async fn sign_in_two_users(org: &Org, url: Url) -> Browsers {
    let mut config = org.config();
    config.webdriver_url = Some(url);
    let browsers = Browsers::start(config).await.unwrap();
    for page in ["gen3", "gen2"] {
        let landing = org
            .sign_in(&mut browsers.user().await.unwrap(), page, PASSWORD)
            .await;
        assert!(
            matches!(
                landing,
                Landing::Redirected {
                    signed_in: true,
                    ..
                }
            ),
            "{landing:?}"
        );
    }
    browsers
}

#[rstest]
#[case::with_devtools(true)]
#[case::without_devtools(false)]
#[tokio::test]
async fn a_running_webdriver_is_used_and_its_sessions_are_ended(#[case] devtools: bool) {
    let org = Org::start().await;
    let driver = Driver::start().await;
    let url = if devtools {
        driver.url.clone()
    } else {
        driver.without_devtools().await
    };
    let browsers = Box::pin(sign_in_two_users(&org, url)).await;
    let usernames = org.seen.lock().unwrap().usernames.clone();
    assert!(
        usernames.iter().all(|name| name == "alice@example.com"),
        "{usernames:?}"
    );
    assert!(
        !browsers.shields_redirect_uri(),
        "nobody knows what a remote browser honours"
    );
    browsers.close().await;
    assert_eq!(driver.sessions().await, json!([]));
}

/// While nobody signs in, no session is kept; the next user has one opened.
#[tokio::test]
async fn sessions_end_while_browsers_rest() {
    let org = Org::start().await;
    let driver = Driver::start().await;
    let browsers = Box::pin(sign_in_two_users(&org, driver.url.clone())).await;
    assert_ne!(driver.sessions().await, json!([]));
    browsers.rest().await;
    assert_eq!(driver.sessions().await, json!([]));
    let mut user = browsers.user().await.unwrap();
    let landing = org.sign_in(&mut user, "gen3", PASSWORD).await;
    assert!(matches!(landing, Landing::Redirected { .. }), "{landing:?}");
    drop(user);
    browsers.close().await;
}

/// Without `DevTools` nobody hears what the server says, so that an unknown page is one that
/// stands.
#[tokio::test]
async fn an_unknown_page_is_told_long_before_a_step_may_end() {
    let org = Org::start().await;
    let driver = Driver::start().await;
    let mut config = org.config();
    config.webdriver_url = Some(driver.without_devtools().await);
    config.step_timeout = LONG;
    let browsers = Browsers::start(config).await.unwrap();
    let mut user = browsers.user().await.unwrap();
    let clock = Instant::now();
    let landing = org.sign_in(&mut user, "unknown", PASSWORD).await;
    let took = clock.elapsed();
    let Landing::Stopped { kind, known, .. } = landing else {
        panic!("{landing:?}")
    };
    assert_eq!((kind, known.by), (StopPage::Unknown, KnownBy::WordsAlone));
    assert!(took < LONG / 2, "{took:?}");
    drop(user);
    browsers.close().await;
}

/// Nor does anybody see there what a page of another origin is still waiting for.
#[tokio::test]
async fn a_page_of_another_origin_is_told_long_before_a_step_may_end() {
    let page = "<script>location = '{elsewhere}/login'</script>";
    let org = Hostile::beside(page, "<h1>We are closed</h1><p>Come again.</p>").await;
    let driver = Driver::start().await;
    let (url, redirect_uri) = (org.at("/authorize"), "http://client.invalid/callback");
    let redirect_uri: Url = redirect_uri.parse().unwrap();
    let mut config = BrowserConfig::new(redirect_uri.clone(), url.clone());
    config.webdriver_url = Some(driver.without_devtools().await);
    config.step_timeout = LONG;
    let browsers = Browsers::start(config).await.unwrap();
    let mut user = browsers.user().await.unwrap();
    let visit = Visit {
        url: &url,
        redirect_uri: &redirect_uri,
        credentials: None,
        trusted: &[&url].into_iter().collect(),
    };
    let clock = Instant::now();
    let landing = user.authorize(&visit).await.unwrap();
    let took = clock.elapsed();
    let Landing::Untrusted { danger, origin, .. } = landing else {
        panic!("{landing:?}")
    };
    assert_eq!((danger, origin), (Danger::Page, org.elsewhere.clone()));
    assert!(took < LONG / 2, "{took:?}");
    drop(user);
    browsers.close().await;
}

/// A driver that says that it has room keeps it, however long its next browser takes to start.
#[tokio::test]
async fn a_browser_that_starts_late_is_waited_for_where_the_driver_has_room() {
    let org = Org::start().await;
    let driver = Driver::start().await;
    let mut config = org.config();
    let late = driver.behind(|before| before.late = Duration::from_secs(18));
    config.webdriver_url = Some(late.await);
    config.sessions = 2;
    let browsers = Browsers::start(config).await.unwrap();
    let one = browsers.user().await.unwrap();
    let two = timeout(STARTS_WITHIN, browsers.user()).await;
    let two = two.expect("the second is waited for").unwrap();
    assert_eq!(browsers.opened(), 2);
    drop((one, two));
    browsers.close().await;
}

/// geckodriver says nothing while a command takes long, be it longer than a driver may be silent:
/// each waits for the one before (its crate `webdriver`, `Dispatcher::run`).
#[tokio::test]
async fn a_driver_that_takes_one_command_after_the_other_is_waited_for() {
    let org = Org::start().await;
    let driver = Driver::start().await;
    let in_turn = driver.behind(|before| {
        before.unknown = &["/goog/"];
        before.in_turn = Some((Mutex::default(), Duration::from_secs(9)));
    });
    let mut config = org.config();
    config.webdriver_url = Some(in_turn.await);
    let browsers = Browsers::start(config).await.unwrap();
    let mut user = browsers.user().await.unwrap();
    // The second visit leaves the page of the first.
    for _ in 0..2 {
        let landing = org.sign_in(&mut user, "gen3", PASSWORD).await;
        assert!(matches!(landing, Landing::Redirected { .. }), "{landing:?}");
    }
    drop(user);
    browsers.close().await;
}

#[tokio::test]
async fn a_webdriver_that_is_not_there_is_named_without_its_credentials() {
    let mut config = Org::start().await.config();
    config.webdriver_url = Some("http://user:pass@127.0.0.1:1/wd/hub".parse().unwrap());
    let text = Browsers::start(config).await.unwrap_err().to_string();
    assert!(
        text.contains("`http://127.0.0.1:1/wd/hub/` cannot be used"),
        "{text}"
    );
    assert!(text.contains("WEBDRIVER_URL"), "{text}");
}

#[tokio::test]
async fn an_org_that_a_browser_elsewhere_may_not_reach_is_told_so() {
    let org = Org::start().await;
    let driver = Driver::start().await;
    let mut config = org.config();
    config.webdriver_url = Some(driver.url.clone());
    let browsers = Browsers::start(config).await.unwrap();
    // Nobody listens here: on another machine, nobody does at the org's own port.
    let url = "http://127.0.0.1:9/authorize".parse().unwrap();
    let mut user = browsers.user().await.unwrap();
    let error = org.open(&mut user, &url).await.unwrap_err();
    assert!(
        matches!(error, BrowserError::Unreachable { .. }),
        "{error:?}"
    );
    let text = error.to_string();
    assert!(text.contains("runs on another machine"), "{text}");
    drop(user);
    browsers.close().await;
}
