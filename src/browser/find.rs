//! Finds a browser and a driver that fit each other.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::process::Command;
use tokio::time::timeout;

use super::config::BrowserConfig;
use super::error::BrowserError;

/// Browsers in order of preference: the headless shell needs half the time and calls no one.
const BROWSERS: [&str; 4] = [
    "chromium-headless-shell",
    "chromium",
    "google-chrome",
    "google-chrome-stable",
];

const VERSION_TIMEOUT: Duration = Duration::from_secs(20);

/// A program and the version it states.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) version: String,
}

impl Program {
    fn name(&self) -> String {
        self.path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }

    fn major(&self) -> &str {
        self.version.split('.').next().unwrap_or_default()
    }

    fn stated(&self) -> String {
        format!("{} {}", self.name(), self.version)
    }
}

/// A browser and a driver of the same major version.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) driver: Program,
    pub(super) browser: Program,
}

impl Found {
    /// Whether the browser has no other mode than headless.
    pub(super) fn is_headless_shell(&self) -> bool {
        self.browser.name().contains("headless")
    }

    pub(super) fn description(&self) -> String {
        format!("{} by {}", self.browser.stated(), self.driver.stated())
    }
}

pub(super) async fn find(config: &BrowserConfig) -> Result<Found, BrowserError> {
    let driver_files = driver_files(config);
    let browser_files = browser_files(config);
    let (drivers, browsers) = tokio::join!(programs(driver_files), programs(browser_files));
    for (program, found) in [("chromedriver", &drivers), ("browser", &browsers)] {
        if found.is_empty() {
            return Err(BrowserError::NotFound {
                program,
                searched: searched(config),
            });
        }
    }
    pair(&drivers, &browsers).ok_or_else(|| {
        let stated = drivers.iter().chain(&browsers).map(Program::stated);
        BrowserError::VersionMismatch {
            found: stated.collect::<Vec<_>>().join(", "),
        }
    })
}

fn pair(drivers: &[Program], browsers: &[Program]) -> Option<Found> {
    drivers.iter().find_map(|driver| {
        let browser = browsers
            .iter()
            .find(|browser| browser.major() == driver.major())?;
        Some(Found {
            driver: driver.clone(),
            browser: browser.clone(),
        })
    })
}

fn driver_files(config: &BrowserConfig) -> Vec<PathBuf> {
    let named = config.chromedriver.iter().map(|named| {
        if named.is_dir() {
            named.join("chromedriver")
        } else {
            named.clone()
        }
    });
    existing(
        named.chain(
            config
                .search_path
                .iter()
                .map(|folder| folder.join("chromedriver")),
        ),
    )
}

fn browser_files(config: &BrowserConfig) -> Vec<PathBuf> {
    if let Some(named) = &config.browser {
        return existing([named.clone()].into_iter());
    }
    let search_path = &config.search_path;
    let files = BROWSERS
        .iter()
        .flat_map(|name| search_path.iter().map(move |dir| dir.join(name)));
    existing(files)
}

/// The files that are there, each once however many folders lead to it.
fn existing(files: impl Iterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut known = Vec::new();
    let mut found = Vec::new();
    for file in files.filter(|file| file.is_file()) {
        let real = file.canonicalize().unwrap_or_else(|_| file.clone());
        if !known.contains(&real) {
            known.push(real);
            found.push(file);
        }
    }
    found
}

async fn programs(files: Vec<PathBuf>) -> Vec<Program> {
    let stated = join_all(files.iter().map(|file| version(file))).await;
    let with_version = files.into_iter().zip(stated);
    with_version
        .filter_map(|(path, version)| {
            Some(Program {
                path,
                version: version?,
            })
        })
        .collect()
}

async fn version(file: &Path) -> Option<String> {
    let output = Command::new(file)
        .arg("--version")
        .kill_on_drop(true)
        .output();
    let output = timeout(VERSION_TIMEOUT, output).await.ok()?.ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut words = text.split_whitespace();
    let version = words.find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    Some(version.to_owned())
}

fn searched(config: &BrowserConfig) -> String {
    let named = config.chromedriver.iter().chain(&config.browser);
    let places = named
        .chain(&config.search_path)
        .map(|place| format!("`{}`", place.display()));
    let mut places: Vec<_> = places.collect();
    places.dedup();
    places.join(", ")
}
