//! Finds a browser and a driver that fit each other.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::process::Command;
use tokio::time::timeout;

use super::config::BrowserConfig;
use super::error::{BrowserError, first_line};

/// Browsers in order of preference: the headless shell needs half the time and calls no one.
const BROWSERS: [&str; 4] = [
    "chromium-headless-shell",
    "chromium",
    "google-chrome",
    "google-chrome-stable",
];

const DRIVER: &str = "chromedriver";

/// A cold disk takes seconds to bring a browser; a program that hangs takes for ever.
const VERSION_TIMEOUT: Duration = Duration::from_secs(8);

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
    /// Programs that were found and cannot be used, and why.
    pub(super) passed_over: Vec<String>,
}

impl Found {
    /// Whether the browser has no other mode than headless.
    pub(super) fn is_headless_shell(&self) -> bool {
        self.browser.name().contains("headless")
    }

    pub(super) fn description(&self) -> String {
        let used = format!("{} by {}", self.browser.stated(), self.driver.stated());
        let passed_over = self.passed_over.iter();
        passed_over.fold(used, |text, program| {
            format!("{text}; passed over {program}")
        })
    }
}

/// A program that was found, or why it cannot be used.
type Stated = Result<Program, String>;

pub(super) async fn find(config: &BrowserConfig) -> Result<Found, BrowserError> {
    let driver_files = driver_files(config)?;
    let browser_files = browser_files(config);
    let (drivers, browsers) = tokio::join!(programs(driver_files), programs(browser_files));
    if let (Some(named), Some(Err(reason))) = (&config.chromedriver, drivers.first()) {
        return Err(BrowserError::Named(unusable_driver(named, reason)));
    }
    let (drivers, mut unusable) = apart(drivers);
    let (browsers, more) = apart(browsers);
    unusable.extend(more);
    for (program, found) in [("chromedriver", &drivers), ("browser", &browsers)] {
        if found.is_empty() {
            return Err(BrowserError::NotFound {
                program,
                searched: searched(config),
                unusable,
            });
        }
    }
    match pair(&drivers, &browsers) {
        Some(found) => Ok(Found {
            passed_over: unusable,
            ..found
        }),
        None => Err(no_fit(config, &drivers, &browsers, unusable)),
    }
}

/// A driver that was named is the one that is meant: another in its place would go unnoticed.
fn unusable_driver(named: &Path, reason: &str) -> String {
    format!(
        "CHROMEWEBDRIVER names `{}`, which cannot be used: {reason}\n  \
         set CHROMEWEBDRIVER to the folder of a chromedriver that fits your browser, or unset it \
         to have one looked for",
        named.display()
    )
}

fn no_fit(
    config: &BrowserConfig,
    drivers: &[Program],
    browsers: &[Program],
    unusable: Vec<String>,
) -> BrowserError {
    let stated = |programs: &[Program]| {
        let stated: Vec<String> = programs.iter().map(Program::stated).collect();
        stated.join(", ")
    };
    match (&config.chromedriver, drivers.first()) {
        (Some(named), Some(driver)) => {
            let reason = format!(
                "it is {}, and the browsers found are {}; their major versions differ",
                driver.stated(),
                stated(browsers)
            );
            BrowserError::Named(unusable_driver(named, &reason))
        }
        _ => BrowserError::VersionMismatch {
            found: [stated(drivers), stated(browsers)].join(", "),
            unusable,
        },
    }
}

fn apart(stated: Vec<Stated>) -> (Vec<Program>, Vec<String>) {
    let (mut programs, mut unusable) = (Vec::new(), Vec::new());
    for program in stated {
        match program {
            Ok(program) => programs.push(program),
            Err(reason) => unusable.push(reason),
        }
    }
    (programs, unusable)
}

fn pair(drivers: &[Program], browsers: &[Program]) -> Option<Found> {
    drivers.iter().find_map(|driver| {
        let browser = browsers
            .iter()
            .find(|browser| browser.major() == driver.major())?;
        Some(Found {
            driver: driver.clone(),
            browser: browser.clone(),
            passed_over: Vec::new(),
        })
    })
}

/// The driver that was named alone, or those of the search path.
fn driver_files(config: &BrowserConfig) -> Result<Vec<PathBuf>, BrowserError> {
    let Some(named) = &config.chromedriver else {
        let folders = config.search_path.iter();
        return Ok(existing(folders.map(|folder| folder.join(DRIVER))));
    };
    let file = if named.is_dir() {
        named.join(DRIVER)
    } else {
        named.clone()
    };
    if file.is_file() {
        return Ok(vec![file]);
    }
    let reason = if named.is_dir() {
        "that folder has no chromedriver"
    } else {
        "there is no such file or folder"
    };
    Err(BrowserError::Named(unusable_driver(named, reason)))
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

async fn programs(files: Vec<PathBuf>) -> Vec<Stated> {
    let stated = join_all(files.iter().map(|file| version(file))).await;
    let with_version = files.into_iter().zip(stated);
    with_version
        .map(|(path, version)| match version {
            Ok(version) => Ok(Program { path, version }),
            Err(reason) => Err(format!("`{}`: {reason}", path.display())),
        })
        .collect()
}

/// The version that a program states, or why it states none.
async fn version(file: &Path) -> Result<String, String> {
    let program = Command::new(file)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("it cannot be run: {error}"))?;
    let group = program.id();
    let output = timeout(VERSION_TIMEOUT, program.wait_with_output()).await;
    if output.is_err() {
        end_group(group).await;
    }
    let output = output
        .map_err(|_| format!("`--version` did not end within {VERSION_TIMEOUT:?}"))?
        .map_err(|error| format!("its output cannot be read: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut words = text.split_whitespace();
    let version = words.find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    version.map(str::to_owned).ok_or_else(|| {
        let complaint = String::from_utf8_lossy(&output.stderr);
        format!(
            "`--version` gave none ({}) {}",
            output.status,
            first_line(&complaint)
        )
    })
}

/// What hangs may have started others, which would stay.
async fn end_group(group: Option<u32>) {
    let Some(group) = group else { return };
    let kill = Command::new("kill")
        .args(["-s", "KILL", "--", &format!("-{group}")])
        .stderr(Stdio::null())
        .status();
    // Nothing is left to end if all of them have ended meanwhile.
    let _ = kill.await;
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
