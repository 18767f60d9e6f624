//! Finding a browser and a driver, and saying what to do when there is none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use okta_e2e::browser::{BrowserError, Browsers};
use rstest::rstest;
use tempfile::TempDir;

use super::hygiene::no_process_names;
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

const DRIVER: &str = "echo ChromeDriver 150.0.1.2";
/// The script starts another process, which must not stay either.
const HANGS: &str = "FROM=$0 sleep 1000 & wait";

#[rstest]
#[case::missing("", 0o755, "there is no such file or folder")]
#[case::not_executable(DRIVER, 0o644, "it cannot be run: Permission denied")]
#[case::hangs(HANGS, 0o755, "`--version` did not end within 8s")]
#[case::no_driver(
    "echo I am no driver; exit 3",
    0o755,
    "`--version` gave none (exit status: 3)"
)]
#[case::another_version(
    DRIVER,
    0o755,
    "it is named 150.0.1.2, and the browsers found are chromium 149.0.9.9"
)]
#[tokio::test]
async fn a_driver_that_is_named_and_cannot_be_used_is_not_passed_over(
    #[case] script: &str,
    #[case] mode: u32,
    #[case] expected: &str,
) {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // One that fits is on the search path.
    program(folder.path(), "chromedriver", "echo ChromeDriver 149.0.1.2");
    program(folder.path(), "chromium", "echo Chromium 149.0.9.9");
    let named = elsewhere.path().join("named");
    if !script.is_empty() {
        program(elsewhere.path(), "named", script);
        fs::set_permissions(&named, fs::Permissions::from_mode(mode)).unwrap();
    }
    let mut config = Org::start().await.config();
    config.search_path = vec![folder.path().to_owned()];
    config.chromedriver = Some(named.clone());
    let text = Browsers::start(config).await.unwrap_err().to_string();
    let begins = format!("CHROMEWEBDRIVER names `{}`", named.display());
    assert!(text.starts_with(&begins), "{text}");
    assert!(text.contains(expected), "{text}");
    assert!(
        text.contains("or unset it to have one looked for"),
        "{text}"
    );
    no_process_names(elsewhere.path()).await;
}

#[tokio::test]
async fn a_folder_that_is_named_and_has_no_driver_is_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Org::start().await.config();
    config.chromedriver = Some(folder.path().to_owned());
    let text = Browsers::start(config).await.unwrap_err().to_string();
    assert!(text.contains("that folder has no chromedriver"), "{text}");
}

#[tokio::test]
async fn what_is_found_and_cannot_be_used_is_said() {
    let folder = tempfile::tempdir().unwrap();
    program(folder.path(), "chromedriver", "echo oh no >&2; exit 1");
    let mut config = Org::start().await.config();
    let text = start_with(&folder).await.unwrap_err().to_string();
    assert!(text.contains("no working chromedriver"), "{text}");
    assert!(
        text.contains("`--version` gave none (exit status: 1) oh no"),
        "{text}"
    );
    config.search_path.insert(0, folder.path().to_owned());
    let browsers = Browsers::start(config).await.unwrap();
    let [passed_over] = browsers.passed_over() else {
        panic!("{:?}", browsers.passed_over())
    };
    assert!(passed_over.contains("oh no"), "{passed_over}");
}

#[tokio::test]
async fn nothing_is_left_of_drivers_that_do_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let script = "case $1 in --version) echo ChromeDriver 150.0.1.2;; \
        *) FROM=$0 sleep 1000 >/dev/null & exit 3;; esac";
    program(folder.path(), "chromedriver", script);
    program(folder.path(), "chromium", "echo Chromium 150.0.9.9");
    assert!(start_with(&folder).await.is_err());
    no_process_names(folder.path()).await;
}

/// As chromedriver does where there is no IPv6.
#[tokio::test]
async fn a_driver_that_says_port_0_is_given_a_port() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Org::start().await.config();
    let mut real = config
        .search_path
        .iter()
        .map(|path| path.join("chromedriver"));
    let real = real.find(|file| file.is_file()).unwrap();
    let script = format!(
        "case $1 in --port=0) echo ChromeDriver was started successfully on port 0.; \\\n\
         exec sleep 1000;; *) exec {} \"$@\";; esac",
        real.display()
    );
    program(folder.path(), "chromedriver", &script);
    config.search_path.insert(0, folder.path().to_owned());
    let browsers = Browsers::start(config).await.unwrap();
    assert!(browsers.user().await.is_ok());
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

/// A browser that is there already does not have what tells it of a private authority.
#[test]
fn certutil_is_named_where_a_browser_is_there_without_it() {
    let folder = tempfile::tempdir().unwrap();
    program(folder.path(), "chromedriver", DRIVER);
    program(folder.path(), "chromium", "echo Chromium 150.0.1.2");
    for tool in ["bash", "grep", "head", "cut", "cat", "timeout", "id", "env"] {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut places = std::env::split_paths(&path).map(|place| place.join(tool));
        let place = places.find(|place| place.is_file());
        // macOS has no `timeout`, and the script does without.
        if let Some(place) = place {
            std::os::unix::fs::symlink(place, folder.path().join(tool)).unwrap();
        }
    }
    let script = crate::support::world::file("scripts/install-browser");
    let output = std::process::Command::new(folder.path().join("bash"))
        .arg(script)
        .env("PATH", folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.starts_with("nothing to do: chromium"), "{told}");
    let named = String::from_utf8(output.stderr).unwrap();
    assert!(named.contains("libnss3-tools"), "{named}");
}
