//! The process that outlives us if it must: `sh`, so that nothing of ours has to be installed.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// A shell that is there whatever the search path is.
pub(super) const SHELL: &str = "/bin/sh";

/// Makes the temporary folder of a driver, and ends the driver and removes the folder when it is
/// dropped, or when the process that has it ends in any way.
#[derive(Debug)]
pub(super) struct Watchdog {
    process: Child,
    pipe: Option<ChildStdin>,
    folder: PathBuf,
}

impl Watchdog {
    /// Makes a folder in another one.
    pub(super) fn start(parent: &Path) -> io::Result<Self> {
        let mut process = Command::new(SHELL)
            .args(["-c", include_str!("watchdog.sh"), "okta-e2e-watchdog"])
            .arg(parent)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let pipe = process.stdin.take();
        let made = first_line(&mut process);
        let mut watchdog = Self {
            process,
            pipe,
            folder: PathBuf::new(),
        };
        watchdog.folder = made?;
        Ok(watchdog)
    }

    /// The folder that it has made.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Names the process group to end; the driver leads one of its own.
    pub(super) fn watch(&mut self, driver: &Child) -> io::Result<()> {
        self.pipe
            .as_mut()
            .map_or(Ok(()), |pipe| writeln!(pipe, "{}", driver.id()))
    }

    /// Has it end the driver and remove the folder.
    pub(super) fn let_go(&mut self) {
        drop(self.pipe.take());
    }

    /// Waits until nothing is left.
    pub(super) fn wait(&mut self) {
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

/// The folder that was made, or why there is none.
fn first_line(process: &mut Child) -> io::Result<PathBuf> {
    let mut line = String::new();
    if let Some(output) = process.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    if let Some(folder) = line.strip_suffix('\n') {
        return Ok(PathBuf::from(folder));
    }
    let mut complaint = String::new();
    if let Some(mut output) = process.stderr.take() {
        output.read_to_string(&mut complaint)?;
    }
    Err(io::Error::other(complaint.trim().to_owned()))
}
