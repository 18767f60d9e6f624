//! Finding a browser and a driver, and saying what to do when there is none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use okta_e2e::browser::{BrowserError, Browsers};
use rstest::rstest;
use tempfile::TempDir;

use super::org::Org;

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
#[case::nothing(&[], "no working chromedriver was found")]
#[case::no_browser(&[("chromedriver", "echo ChromeDriver 150.0.1.2")], "no working browser was found")]
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
