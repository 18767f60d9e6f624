//! A chromedriver of our own.

use std::fs::File;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::ChildStdout;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::certificates;
use super::config::{BrowserConfig, authority};
use super::error::{BrowserError, first_line};
use super::watchdog::{SHELL, Watchdog};
use crate::temporary;

/// `--port=0` takes a free IPv6 port and gives up if IPv4 has it taken, so a start may fail by
/// chance.
const SPAWN_ATTEMPTS: usize = 5;
/// For all attempts together: on a busy machine one alone takes seconds.
const START_TIMEOUT: Duration = Duration::from_secs(15);
const STARTED: &str = "started successfully on port ";
const MAX_LINES: usize = 50;

/// A running chromedriver with its temporary folder. Dropping it ends it and all its browsers.
#[derive(Debug)]
pub(super) struct LocalDriver {
    url: Url,
    driver: Child,
    watchdog: Watchdog,
    /// Held open: the driver must not fail at writing a line.
    _output: Output,
}

impl LocalDriver {
    pub(super) async fn start(
        program: &Path,
        config: &BrowserConfig,
    ) -> Result<Self, BrowserError> {
        let parent = temporary::folder().map_err(BrowserError::NoTemporaryFolder)?;
        let mut watchdog = Watchdog::start(&parent)?;
        let folder = watchdog.folder().to_owned();
        let home = certificates::home(&folder, config).await?;
        let deadline = Instant::now() + START_TIMEOUT;
        let (mut port, mut reason) = (0, String::new());
        for _ in 0..SPAWN_ATTEMPTS {
            let mut driver = spawn(program, port, &folder, home.as_deref(), config)?;
            watchdog.watch(&driver)?;
            go(&mut driver)?;
            match listening_at(&mut driver, deadline).await {
                Ok((0, _)) => {
                    port = free_port()?;
                    "it said port 0, which is none;".clone_into(&mut reason);
                }
                Ok((port, output)) => {
                    return Ok(Self {
                        url: address(port)?,
                        driver,
                        watchdog,
                        _output: output,
                    });
                }
                Err(said) => reason = said,
            }
            end(&mut driver);
        }
        let complaint = std::fs::read_to_string(folder.join(LOG)).unwrap_or_default();
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

const LOG: &str = "chromedriver.log";

/// What becomes the driver when it is told to [`go`], and ends if that never happens: until the
/// watchdog knows of it, nobody else would end it.
const WAITS: &str = r#"read -r go && exec "$@" </dev/null"#;

fn spawn(
    program: &Path,
    port: u16,
    folder: &Path,
    home: Option<&Path>,
    config: &BrowserConfig,
) -> io::Result<Child> {
    let mut command = Command::new(SHELL);
    command
        .args(["-c", WAITS, "okta-e2e-driver"])
        .arg(program)
        .arg(format!("--port={port}"))
        .env("TMPDIR", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(File::create(folder.join(LOG))?)
        .process_group(0);
    if let Some(home) = home {
        command.env("HOME", home);
    }
    // By any other locale the browser hangs where its folder is no ASCII, as jobs without one have
    // it.
    if !folder.as_os_str().is_ascii() {
        command.env("LC_ALL", "C.UTF-8");
    }
    if let Some(target) = authority(&config.redirect_uri) {
        command.env("no_proxy", without_proxy(&target));
    }
    command.spawn()
}

fn go(driver: &mut Child) -> io::Result<()> {
    driver
        .stdin
        .take()
        .map_or(Ok(()), |mut pipe| writeln!(pipe))
}

/// Where there is no IPv6, the driver takes a free port for `--port=0` and says that it is 0. One
/// that is named it takes; should another program be faster, the next attempt names another.
fn free_port() -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

fn address(port: u16) -> Result<Url, BrowserError> {
    let url = Url::parse(&format!("http://127.0.0.1:{port}/"));
    url.map_err(|error| io::Error::other(error).into())
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

/// The port that it says it listens on.
async fn listening_at(driver: &mut Child, deadline: Instant) -> Result<(u16, Output), String> {
    let output = driver.stdout.take().ok_or("its output cannot be read")?;
    let output = ChildStdout::from_std(output).map_err(|error| error.to_string())?;
    let mut lines = BufReader::new(output).lines();
    let port = timeout_at(deadline, port_of(&mut lines)).await;
    let port = port.map_err(|_| format!("it said no port within {START_TIMEOUT:?}"))??;
    Ok((port, lines))
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
