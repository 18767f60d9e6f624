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
        "exit" => std::process::exit(0),
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
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new(env::current_exe().unwrap())
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
        let mut holder = Self {
            process,
            input,
            output,
            folder,
        };
        holder.says(READY);
        holder
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

    /// Waits until the process has ended, and then until everything of it is gone.
    async fn leaves_nothing(mut self) {
        self.process.wait().unwrap();
        let gone = async {
            let mut ticks = interval(Duration::from_millis(20));
            while !self.processes().is_empty() || self.files() > 0 {
                ticks.tick().await;
            }
        };
        let gone = timeout(Duration::from_secs(10), gone).await;
        assert!(
            gone.is_ok(),
            "left: processes {:?}, {} files",
            self.processes(),
            self.files()
        );
    }

    fn files(&self) -> usize {
        fs::read_dir(self.folder.path()).unwrap().count()
    }
}

/// Every process that names the folder in its command line or its environment.
fn processes_of(folder: &Path) -> Vec<u32> {
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

fn name_of(process: u32) -> String {
    fs::read_to_string(format!("/proc/{process}/comm"))
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn signal(name: &str, process: u32) {
    let sent = Command::new("kill")
        .args(["-s", name, &process.to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

#[rstest]
#[case::killed("KILL", HEADLESS_SHELL)]
#[case::killed_with_full_chromium("KILL", "chromium")]
#[case::interrupted("INT", HEADLESS_SHELL)]
#[case::terminated("TERM", HEADLESS_SHELL)]
#[tokio::test]
async fn a_signal_leaves_nothing(#[case] name: &str, #[case] program: &str) {
    let holder = Holder::start("hold", program);
    let names: Vec<_> = holder.processes().into_iter().map(name_of).collect();
    assert!(names.iter().any(|name| name == "chromedriver"), "{names:?}");
    assert!(
        names
            .iter()
            .filter(|name| name.starts_with("chrom"))
            .count()
            > 4,
        "{names:?}"
    );
    signal(name, holder.process.id());
    holder.leaves_nothing().await;
}

#[rstest]
#[case::close("close")]
#[case::the_end_of_a_test("return")]
#[case::a_panic("panic")]
#[case::an_exit("exit")]
#[tokio::test]
async fn an_end_leaves_nothing(#[case] mode: &str) {
    let mut holder = Holder::start(mode, HEADLESS_SHELL);
    holder.goes_on();
    holder.leaves_nothing().await;
}

#[tokio::test]
async fn a_killed_driver_is_replaced_and_leaves_nothing() {
    let mut holder = Holder::start("recover", HEADLESS_SHELL);
    let processes = holder.processes();
    let driver = processes
        .iter()
        .find(|process| name_of(**process) == "chromedriver")
        .unwrap();
    signal("KILL", *driver);
    holder.goes_on();
    holder.says(RECOVERED);
    holder.leaves_nothing().await;
}

#[tokio::test]
async fn a_killed_browser_is_replaced_and_leaves_nothing() {
    let mut holder = Holder::start("recover", HEADLESS_SHELL);
    for process in holder.processes() {
        if name_of(process).starts_with("chromium") {
            // A child of a browser killed before may be gone already.
            let _ = Command::new("kill")
                .args(["-s", "KILL", &process.to_string()])
                .status();
        }
    }
    holder.goes_on();
    holder.says(RECOVERED);
    holder.leaves_nothing().await;
}
