//! Firefox by a geckodriver, which holds one session and knows no `DevTools`.

use std::io::Write as _;
use std::process::{Child, ChildStdout, Command, Stdio};

use okta_e2e::browser::{Browsers, Landing};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpListener;
use url::Url;

use super::org::{Org, PASSWORD};

/// A geckodriver of the test's own.
struct Geckodriver {
    process: Child,
    url: Url,
    /// Held open: the driver must not fail at writing a line.
    _output: Output,
    /// Where its browsers leave their profiles.
    _folder: TempDir,
}

impl Geckodriver {
    /// Starts it; none, and said so, where it or Firefox is missing.
    async fn start() -> Option<Self> {
        let is_there = |program: &str| Command::new(program).arg("--version").output().is_ok();
        let firefox = is_there("firefox-esr") || is_there("firefox");
        if !firefox || !is_there("geckodriver") {
            let advice = "apt-get install firefox-esr, and cargo install geckodriver --locked";
            // Past the capture of a test's output, so that it is seen.
            let told = format!("\nNOT TESTED, no Firefox with geckodriver: {advice}\n");
            std::io::stderr().write_all(told.as_bytes()).unwrap();
            return None;
        }
        let folder = TempDir::new().unwrap();
        let mut process = Command::new("geckodriver")
            .args(["--port=0", "--websocket-port=0"])
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (url, output) = address(process.stdout.take().unwrap()).await;
        Some(Self {
            process,
            url,
            _output: output,
            _folder: folder,
        })
    }
}

impl Drop for Geckodriver {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

type Output = Lines<BufReader<tokio::process::ChildStdout>>;

async fn address(output: ChildStdout) -> (Url, Output) {
    let output = tokio::process::ChildStdout::from_std(output).unwrap();
    let mut lines = BufReader::new(output).lines();
    loop {
        let line = lines.next_line().await.unwrap().expect("it starts");
        if let Some((_, address)) = line.split_once("Listening on ") {
            let url = format!("http://{}", address.trim());
            return (url.parse().unwrap(), lines);
        }
    }
}

/// A port that was free a moment ago.
async fn closed_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test]
async fn users_take_turns_each_in_a_session_of_their_own() {
    let Some(driver) = Geckodriver::start().await else {
        return;
    };
    let mut org = Org::start().await;
    // Firefox is not kept from the redirect URI, so nobody may listen there.
    org.redirect_uri
        .set_port(Some(closed_port().await))
        .unwrap();
    let mut config = org.config();
    config.webdriver_url = Some(driver.url.clone());
    config.sessions = 2;
    let browsers = Browsers::start(config).await.unwrap();
    assert!(!browsers.shields_redirect_uri());
    let visits = ["gen3", "classic"].map(async |page| {
        let mut user = browsers.user().await.unwrap();
        // The second visit leaves the browser's error page for the redirect URI.
        org.sign_in(&mut user, page, PASSWORD).await;
        org.sign_in(&mut user, page, PASSWORD).await
    });
    for landing in futures_util::future::join_all(visits).await {
        let Landing::Redirected { url, signed_in } = landing else {
            panic!("{landing:?}")
        };
        assert!(signed_in);
        let fragment = url.expose().fragment();
        assert_eq!(fragment, Some("access_token=abc&state=xyz"));
    }
    assert_eq!(browsers.opened(), 2, "one for every user");
    browsers.close().await;
}
