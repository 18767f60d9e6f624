//! Finding a browser and a driver, and saying what to do when there is none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use okta_e2e::browser::{BrowserError, Browsers, Landing};
use rstest::rstest;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::ChildStdout;
use url::Url;

use super::org::{Org, PASSWORD};

fn program(folder: &Path, name: &str, script: &str) {
    let file = folder.join(name);
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

async fn start_with(folder: &TempDir) -> Result<Browsers, BrowserError> {
    let mut config = Org::start().await.config();
    config.search_path = vec![folder.path().to_owned()];
    Browsers::start(config).await
}

#[rstest]
#[case::nothing(&[], "no chromedriver was found")]
#[case::no_browser(&[("chromedriver", "echo ChromeDriver 150.0.1.2")], "no browser was found")]
#[case::no_fit(
    &[("chromedriver", "echo ChromeDriver 150.0.1.2"), ("chromium", "echo Chromium 149.0.1.2")],
    "chromedriver 150.0.1.2, chromium 149.0.1.2"
)]
#[tokio::test]
async fn what_is_missing_is_named_with_the_command_that_helps(
    #[case] programs: &[(&str, &str)],
    #[case] expected: &str,
) {
    let folder = tempfile::tempdir().unwrap();
    for (name, script) in programs {
        program(folder.path(), name, script);
    }
    let text = start_with(&folder).await.unwrap_err().to_string();
    assert!(text.contains(expected), "{text}");
    assert!(text.contains("scripts/install-browser"), "{text}");
}

#[tokio::test]
async fn a_driver_that_does_not_start_is_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let script = "case $1 in --version) echo ChromeDriver 150.0.1.2;; \
        *) echo cannot load libnss3.so >&2; exit 127;; esac";
    program(folder.path(), "chromedriver", script);
    program(folder.path(), "chromium", "echo Chromium 150.0.9.9");
    let error = start_with(&folder).await.unwrap_err();
    assert!(
        matches!(error, BrowserError::DriverDidNotStart { .. }),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("cannot load libnss3.so"),
        "{error}"
    );
}

#[tokio::test]
async fn the_description_names_browser_and_driver() {
    let browsers = Org::start().await.browsers().await;
    let description = browsers.description();
    assert!(description.contains(" by chromedriver "), "{description}");
}

/// A chromedriver that someone else runs.
struct Remote(Child);

impl Remote {
    async fn start() -> (Self, Url) {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = ChildStdout::from_std(child.stdout.take().unwrap()).unwrap();
        let mut lines = BufReader::new(output).lines();
        loop {
            let line = lines
                .next_line()
                .await
                .unwrap()
                .expect("chromedriver starts");
            if let Some((_, port)) = line.split_once("successfully on port ") {
                let port = port.trim_end_matches('.');
                return (
                    Self(child),
                    format!("http://127.0.0.1:{port}").parse().unwrap(),
                );
            }
        }
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn a_running_webdriver_is_used_and_its_sessions_are_ended() {
    let org = Org::start().await;
    let (_driver, url) = Remote::start().await;
    let mut config = org.config();
    config.webdriver_url = Some(url.clone());
    let browsers = Browsers::start(config).await.unwrap();
    for _ in 0..2 {
        let landing = org
            .sign_in(&mut browsers.user().await.unwrap(), "gen3", PASSWORD)
            .await;
        assert!(matches!(landing, Landing::Redirected { .. }), "{landing:?}");
    }
    browsers.close().await;
    let sessions = reqwest::get(url.join("sessions").unwrap()).await.unwrap();
    let sessions: serde_json::Value = sessions.json().await.unwrap();
    assert_eq!(sessions["value"], serde_json::json!([]));
}

#[tokio::test]
async fn a_webdriver_that_is_not_there_is_named() {
    let mut config = Org::start().await.config();
    config.webdriver_url = Some("http://user:pass@127.0.0.1:1/wd/hub".parse().unwrap());
    let error = Browsers::start(config).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("`http://127.0.0.1:1/wd/hub/` cannot be used"),
        "{text}"
    );
    assert!(text.contains("WEBDRIVER_URL"), "{text}");
}
