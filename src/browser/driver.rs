//! A chromedriver of our own, and the watchdog that ends it whatever becomes of us.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::ChildStdout;
use tokio::time::timeout;
use url::Url;

use super::config::{BrowserConfig, authority};
use super::error::{BrowserError, first_line};

/// `--port=0` takes a free IPv6 port and gives up if IPv4 has it taken, so a start may fail by chance.
const SPAWN_ATTEMPTS: usize = 5;
const START_TIMEOUT: Duration = Duration::from_secs(10);
const STARTED: &str = "started successfully on port ";
const MAX_LINES: usize = 50;

/// A running chromedriver with its temporary folder. Dropping it ends it and all its browsers.
#[derive(Debug)]
pub(super) struct LocalDriver {
    url: Url,
    driver: Child,
    watchdog: Watchdog,
    /// Held open: the driver must not fail at writing a line.
    _output: Lines<BufReader<ChildStdout>>,
    _folder: TempDir,
}

impl LocalDriver {
    pub(super) async fn start(
        program: &Path,
        config: &BrowserConfig,
    ) -> Result<Self, BrowserError> {
        let folder = tempfile::Builder::new()
            .prefix("okta-e2e-browser-")
            .tempdir()?;
        let mut watchdog = Watchdog::start(folder.path())?;
        let mut reason = String::new();
        for _ in 0..SPAWN_ATTEMPTS {
            let mut driver = spawn(program, folder.path(), config)?;
            watchdog.watch(&driver)?;
            match listening_at(&mut driver).await {
                Ok((url, output)) => {
                    return Ok(Self {
                        url,
                        driver,
                        watchdog,
                        _output: output,
                        _folder: folder,
                    });
                }
                Err(said) => reason = said,
            }
            end(&mut driver);
        }
        let complaint = std::fs::read_to_string(folder.path().join(LOG)).unwrap_or_default();
        let reason = format!("{reason} {}", first_line(&complaint));
        Err(BrowserError::DriverDidNotStart {
            driver: program.to_owned(),
            reason,
        })
    }

    pub(super) const fn url(&self) -> &Url {
        &self.url
    }
}

impl Drop for LocalDriver {
    fn drop(&mut self) {
        self.watchdog.let_go();
        end(&mut self.driver);
        self.watchdog.wait();
    }
}

/// The process that outlives us if it must: `sh`, so that nothing of ours has to be installed.
#[derive(Debug)]
struct Watchdog {
    process: Child,
    pipe: Option<ChildStdin>,
}

impl Watchdog {
    fn start(folder: &Path) -> io::Result<Self> {
        let mut process = Command::new("sh")
            .args(["-c", include_str!("watchdog.sh"), "okta-e2e-watchdog"])
            .arg(folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let pipe = process.stdin.take();
        Ok(Self { process, pipe })
    }

    /// Names the process group to end; the driver leads one of its own.
    fn watch(&mut self, driver: &Child) -> io::Result<()> {
        self.pipe
            .as_mut()
            .map_or(Ok(()), |pipe| writeln!(pipe, "{}", driver.id()))
    }

    fn let_go(&mut self) {
        drop(self.pipe.take());
    }

    fn wait(&mut self) {
        self.let_go();
        // Nothing is left to do if the watchdog itself was ended by someone else.
        let _ = self.process.wait();
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.wait();
    }
}

const LOG: &str = "chromedriver.log";

fn spawn(program: &Path, folder: &Path, config: &BrowserConfig) -> io::Result<Child> {
    let mut command = Command::new(program);
    command
        .arg("--port=0")
        .env("TMPDIR", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(folder.join(LOG))?)
        .process_group(0);
    if let Some(target) = authority(&config.redirect_uri) {
        command.env("no_proxy", without_proxy(&target));
    }
    command.spawn()
}

/// A proxy would resolve the redirect URI's name for the browser: it is asked past any proxy.
fn without_proxy(target: &str) -> String {
    let names = ["no_proxy", "NO_PROXY"];
    let others = names
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .unwrap_or_default();
    [others.as_str(), target]
        .join(",")
        .trim_start_matches(',')
        .to_owned()
}

fn end(driver: &mut Child) {
    // Both fail only if the driver has ended already.
    let _ = driver.kill();
    let _ = driver.wait();
}

type Output = Lines<BufReader<ChildStdout>>;

async fn listening_at(driver: &mut Child) -> Result<(Url, Output), String> {
    let output = driver.stdout.take().ok_or("its output cannot be read")?;
    let output = ChildStdout::from_std(output).map_err(|error| error.to_string())?;
    let mut lines = BufReader::new(output).lines();
    let port = timeout(START_TIMEOUT, port_of(&mut lines)).await;
    let port = port.map_err(|_| format!("it said no port within {START_TIMEOUT:?}"))??;
    let url =
        Url::parse(&format!("http://127.0.0.1:{port}/")).map_err(|error| error.to_string())?;
    Ok((url, lines))
}

async fn port_of(lines: &mut Output) -> Result<u16, String> {
    let mut last = String::new();
    for _ in 0..MAX_LINES {
        let Some(line) = lines.next_line().await.map_err(|error| error.to_string())? else {
            break;
        };
        if let Some((_, port)) = line.split_once(STARTED) {
            let port = port.trim_end_matches('.').parse();
            return port.map_err(|_| format!("its port cannot be read from `{line}`"));
        }
        last = line;
    }
    Err(format!("it ended with `{last}`"))
}
