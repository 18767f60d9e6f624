//! Nothing is left behind, however the process that had browsers ends.
//!
//! Each test runs this very binary again as that process (`holder`), with a temporary folder of its
//! own, by which every process of the run can be told.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use okta_e2e::browser::Landing;
use rstest::rstest;
use tempfile::TempDir;
use tokio::time::{interval, timeout};

use super::org::{Org, PASSWORD, use_browser};
use crate::main_job;
use crate::support::world::World;

const MODE: &str = "BROWSER_HOLDER_MODE";
const PROGRAM: &str = "BROWSER_HOLDER_PROGRAM";
const HEADLESS_SHELL: &str = "chromium-headless-shell";
const READY: &str = "two users have browsers";
const RECOVERED: &str = "a user has a browser again";

/// Has browsers until it is told how to end.
#[tokio::test]
#[ignore = "the process that the tests beside it start and end"]
async fn holder() {
    let Ok(mode) = env::var(MODE) else { return };
    let org = Org::start().await;
    let mut config = org.config();
    config.sessions = 2;
    use_browser(&mut config, &env::var(PROGRAM).unwrap());
    let browsers = okta_e2e::browser::Browsers::start(config).await.unwrap();
    let (mut one, mut two) = (
        browsers.user().await.unwrap(),
        browsers.user().await.unwrap(),
    );
    for user in [&mut one, &mut two] {
        org.sign_in(user, "gen3", PASSWORD).await;
    }
    println!("\n{READY}");
    // Blocks this thread, as a busy process would; the browsers must end all the same.
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    drop((one, two));
    match mode.as_str() {
        "panic" => panic!("as told"),
        "panic_elsewhere" => {
            let panicked = std::thread::spawn(|| panic!("as told")).join();
            assert!(panicked.is_err());
        }
        "exit" => std::process::exit(0),
        "abort" => std::process::abort(),
        "close" => browsers.close().await,
        "recover" => {
            let mut user = browsers.user().await.unwrap();
            let landing = org.sign_in(&mut user, "gen3", PASSWORD).await;
            assert!(matches!(landing, Landing::Redirected { .. }), "{landing:?}");
            println!("\n{RECOVERED}");
        }
        _ => {}
    }
}

struct Holder {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    folder: TempDir,
}

impl Holder {
    fn start(mode: &str, program: &str) -> Self {
        let mut holder = Self::begin(mode, program);
        holder.says(READY);
        holder
    }

    /// A process that has only just begun.
    fn begin(mode: &str, program: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Whoever runs the tests in the background may have them ignore signals, and all they
        // start.
        let mut process = Command::new("env")
            .arg("--default-signal=HUP,INT,TERM")
            .arg(env::current_exe().unwrap())
            .args([
                "--exact",
                "browser::hygiene::holder",
                "--ignored",
                "--nocapture",
            ])
            .env(MODE, mode)
            .env(PROGRAM, program)
            .env("TMPDIR", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self {
            process,
            input,
            output,
            folder,
        }
    }

    fn says(&mut self, expected: &str) {
        let mut lines = self.output.by_ref().lines();
        assert!(
            lines.any(|line| line.unwrap() == expected),
            "`{expected}` was not said"
        );
    }

    fn goes_on(&mut self) {
        writeln!(self.input).unwrap();
    }

    fn processes(&self) -> Vec<u32> {
        processes_of(self.folder.path())
    }

    async fn leaves_nothing(mut self) {
        leaves_nothing(&mut self.process, &self.folder).await;
    }
}

/// Waits until the process has ended, and then until everything of it is gone: the processes that
/// name its temporary folder, drivers and browsers among them, and the files in it, profiles too.
pub(crate) async fn leaves_nothing(process: &mut Child, folder: &TempDir) {
    let left = || (processes_of(folder.path()), files_in(folder));
    let gone = async {
        let mut ticks = interval(Duration::from_millis(20));
        while process.try_wait().unwrap().is_none() || left() != (Vec::new(), 0) {
            ticks.tick().await;
        }
    };
    let gone = timeout(Duration::from_secs(20), gone).await;
    assert!(gone.is_ok(), "left: processes and files {:?}", left());
}

/// Waits until no process names the folder: one that was ended is still there for a moment.
pub(crate) async fn no_process_names(folder: &Path) {
    let gone = async {
        let mut ticks = interval(Duration::from_millis(20));
        while !processes_of(folder).is_empty() {
            ticks.tick().await;
        }
    };
    let gone = timeout(Duration::from_secs(20), gone).await;
    assert!(gone.is_ok(), "left: {:?}", processes_of(folder));
}

fn files_in(folder: &TempDir) -> usize {
    fs::read_dir(folder.path()).unwrap().count()
}

/// Every process that names the folder in its command line or its environment.
pub(crate) fn processes_of(folder: &Path) -> Vec<u32> {
    let folder = folder.to_str().unwrap();
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let names_folder = |process: &u32| {
        ["cmdline", "environ"].iter().any(|file| {
            let content = fs::read(format!("/proc/{process}/{file}")).unwrap_or_default();
            String::from_utf8_lossy(&content).contains(folder)
        })
    };
    processes.filter(names_folder).collect()
}

pub(super) fn name_of(process: u32) -> String {
    fs::read_to_string(format!("/proc/{process}/comm"))
        .unwrap_or_default()
        .trim()
        .to_owned()
}

pub(crate) fn signal(name: &str, process: u32) {
    let sent = Command::new("kill")
        .args(["-s", name, &process.to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// What ends a run.
enum End {
    /// The process does it itself.
    Own(&'static str),
    /// Someone sends it a signal.
    Signal(&'static str),
    /// Something that it uses is killed, and replaced, before it returns.
    Killed(&'static str),
}

impl End {
    fn mode(&self) -> &'static str {
        match self {
            Self::Own(mode) => mode,
            Self::Signal(_) => "hold",
            Self::Killed(_) => "recover",
        }
    }

    /// Lets the holder, which has a driver and two browsers, come to its end.
    fn befalls(&self, holder: &mut Holder) {
        match self {
            Self::Own(_) => holder.goes_on(),
            Self::Signal(name) => signal(name, holder.process.id()),
            Self::Killed(program) => {
                kill_all(holder, program);
                holder.goes_on();
                holder.says(RECOVERED);
            }
        }
    }
}

fn kill_all(holder: &Holder, program: &str) {
    let processes = holder.processes().into_iter();
    for process in processes.filter(|process| name_of(*process).starts_with(program)) {
        // A child of a browser killed before may be gone already.
        let _ = Command::new("kill")
            .args(["-s", "KILL", &process.to_string()])
            .status();
    }
}

/// The table of ends: whatever the end, no driver, no browser and no profile folder is left.
#[rstest]
#[case::close(End::Own("close"), HEADLESS_SHELL)]
#[case::the_return_of_a_test(End::Own("return"), HEADLESS_SHELL)]
#[case::a_failing_assertion(End::Own("panic"), HEADLESS_SHELL)]
#[case::a_panic_on_another_thread(End::Own("panic_elsewhere"), HEADLESS_SHELL)]
#[case::an_exit(End::Own("exit"), HEADLESS_SHELL)]
#[case::an_abort(End::Own("abort"), HEADLESS_SHELL)]
#[case::an_interruption(End::Signal("INT"), HEADLESS_SHELL)]
#[case::a_termination(End::Signal("TERM"), HEADLESS_SHELL)]
#[case::a_hangup(End::Signal("HUP"), HEADLESS_SHELL)]
#[case::a_kill(End::Signal("KILL"), HEADLESS_SHELL)]
#[case::a_kill_with_full_chromium(End::Signal("KILL"), "chromium")]
#[case::a_kill_of_the_driver(End::Killed("chromedriver"), HEADLESS_SHELL)]
#[case::a_kill_of_the_browsers(End::Killed("chromium"), HEADLESS_SHELL)]
#[tokio::test]
async fn nothing_is_left_after(#[case] end: End, #[case] program: &str) {
    let mut holder = Holder::start(end.mode(), program);
    let names: Vec<_> = holder.processes().into_iter().map(name_of).collect();
    let count = |start: &str| names.iter().filter(|name| name.starts_with(start)).count();
    assert_eq!(count("chromedriver"), 1, "{names:?}");
    assert!(count("chrom") > 4, "{names:?}");
    assert!(files_in(&holder.folder) > 0, "there is a profile folder");
    end.befalls(&mut holder);
    holder.leaves_nothing().await;
}

/// Every other start ends as soon as it has made a file, the rest after a time that grows.
#[rstest]
#[case::a_termination("TERM")]
#[case::a_kill("KILL")]
#[tokio::test]
async fn nothing_is_left_of_a_start_that_is_cut_off(#[case] name: &str) {
    for attempt in 0..30 {
        let holder = Holder::begin("hold", HEADLESS_SHELL);
        let moment = async {
            while attempt % 2 == 1 || files_in(&holder.folder) == 0 {
                tokio::task::yield_now().await;
            }
        };
        let longest = if attempt % 2 == 1 { 10 * attempt } else { 5000 };
        let _moment = timeout(Duration::from_millis(longest), moment).await;
        signal(name, holder.process.id());
        holder.leaves_nothing().await;
    }
}

#[tokio::test]
async fn nothing_is_left_after_a_run_of_the_main_job_with_failing_trials() {
    let world = World::new().await;
    let fault = "access-token.aud.other".parse().expect("a fault");
    world.sandbox.set_fault(Some(fault));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    let ended = main_job::run_against(&world, &[("TMPDIR", &path)], &["step_5"]).await;
    assert_eq!(ended.status, Some(1), "{}", ended.text);
    no_process_names(folder.path()).await;
    assert_eq!(files_in(&folder), 0);
}

/// The main job says that it was stopped, and what by; its report says the same.
#[rstest]
#[case::ctrl_c("INT", "stopped before its end by Ctrl-C (SIGINT)")]
#[case::a_job_that_is_cancelled("TERM", "stopped before its end by SIGTERM")]
#[tokio::test]
async fn a_run_that_is_stopped_says_so_and_leaves_nothing(#[case] name: &str, #[case] says: &str) {
    let (folder, reports) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut command = Command::new("env");
    command
        .arg("--default-signal=INT,TERM")
        .args([env!("CARGO_BIN_EXE_okta-e2e"), "verify"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut run = main_job::alone(&mut command, reports.path())
        .env("TMPDIR", folder.path())
        .spawn()
        .unwrap();
    let begun = async {
        let mut ticks = interval(Duration::from_millis(20));
        let is_driver = |process: u32| name_of(process).starts_with("chromedriver");
        while !processes_of(folder.path()).into_iter().any(is_driver) {
            ticks.tick().await;
        }
    };
    timeout(Duration::from_secs(60), begun).await.unwrap();
    signal(name, run.id());
    leaves_nothing(&mut run, &folder).await;
    assert_eq!(run.wait().unwrap().code(), Some(2));
    let mut text = String::new();
    run.stderr.unwrap().read_to_string(&mut text).unwrap();
    assert!(text.contains(says), "{text}");
    let record = fs::read_to_string(reports.path().join("report.json")).unwrap();
    assert!(record.contains(says), "{record}");
}
