//! A real Selenium Grid: a hub and two nodes, as `scripts/grid` starts them.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use okta_e2e::browser::{BrowserError, Browsers, Landing};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::time::{interval, timeout};
use url::Url;

use super::hygiene::{leaves_nothing, signal};
use super::org::{Org, PASSWORD};
use crate::support::world::{World, file, names};

/// A cold start of three Java processes beside other tests.
const START_LIMIT: Duration = Duration::from_secs(150);
const PATIENCE: Duration = Duration::from_secs(60);

/// One of the two nodes.
struct Node {
    process: u32,
    url: Url,
}

/// A Grid of the test's own.
struct Grid {
    process: Child,
    url: Url,
    nodes: Vec<Node>,
    folder: TempDir,
}

type Output = Lines<BufReader<tokio::process::ChildStdout>>;

impl Grid {
    /// Starts a Grid; none, and said so, where something is missing for it.
    async fn start() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mut process = Command::new(file("scripts/grid"))
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = lines(process.stdout.take().unwrap());
        let said = timeout(START_LIMIT, told(&mut output)).await;
        let Some((url, nodes)) = said.expect("the Grid starts in time") else {
            let output = process.wait_with_output().unwrap();
            let reason = String::from_utf8_lossy(&output.stderr);
            // Past the capture of a test's output, so that it is seen.
            let told = format!("\nNOT TESTED, no Selenium Grid: {reason}\n");
            std::io::stderr().write_all(told.as_bytes()).unwrap();
            return None;
        };
        Some(Self {
            process,
            url,
            nodes,
            folder,
        })
    }

    /// What the hub tells of each of the nodes that are up: its address, and since when it has
    /// each of its sessions.
    async fn status(&self) -> Vec<(String, Vec<String>)> {
        let answer = crate::support::http()
            .get(self.url.join("status").unwrap())
            .send()
            .await
            .unwrap();
        let status: Value = answer.json().await.unwrap();
        let nodes = status["value"]["nodes"].as_array().unwrap().iter();
        let since = |slot: &Value| slot.pointer("/session/start")?.as_str().map(str::to_owned);
        nodes
            .map(|node| {
                let slots = node["slots"].as_array().unwrap().iter();
                let address = node["uri"].as_str().unwrap().to_owned();
                (address, slots.filter_map(since).collect())
            })
            .collect()
    }

    /// How many sessions each of the nodes that are up has.
    async fn sessions(&self) -> Vec<usize> {
        let nodes = self.status().await.into_iter();
        nodes.map(|(_, sessions)| sessions.len()).collect()
    }

    /// The node that has had a session for longest.
    async fn first_node(&self) -> &Node {
        let nodes = self.status().await.into_iter();
        let held =
            nodes.filter_map(|(address, sessions)| Some((sessions.into_iter().min()?, address)));
        let (_, address) = held.min().expect("a node has a session");
        let address: Url = address.parse().unwrap();
        let node = self.nodes.iter().find(|node| node.url == address);
        node.expect("one of the two")
    }

    /// Waits until the nodes have so many sessions.
    async fn has(&self, expected: &[usize]) {
        let seen = async {
            let mut ticks = interval(Duration::from_millis(50));
            while self.sessions().await != expected {
                ticks.tick().await;
            }
        };
        let seen = timeout(PATIENCE, seen).await;
        assert!(seen.is_ok(), "{:?} sessions", self.sessions().await);
    }

    /// Ends it, and waits until nothing of it is left.
    async fn end(mut self) {
        signal("TERM", self.process.id());
        leaves_nothing(&mut self.process, &self.folder).await;
    }
}

impl Drop for Grid {
    fn drop(&mut self) {
        // Also when a test fails: the script is outlived by what ends its servers.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn lines(output: ChildStdout) -> Output {
    let output = tokio::process::ChildStdout::from_std(output).unwrap();
    BufReader::new(output).lines()
}

/// The address, which is the first line, and the nodes.
async fn told(output: &mut Output) -> Option<(Url, Vec<Node>)> {
    let first = output.next_line().await.unwrap()?;
    let mut nodes = Vec::new();
    for number in 1..=2 {
        let line = output.next_line().await.unwrap()?;
        let node = line.strip_prefix(&format!("node {number}: process "))?;
        let (process, url) = node.split_once(", ")?;
        nodes.push(Node {
            process: process.parse().ok()?,
            url: url.parse().ok()?,
        });
    }
    Some((first.parse().unwrap(), nodes))
}

async fn signs_in(org: &Org, browsers: &Browsers) {
    let mut user = browsers.user().await.unwrap();
    let landing = org.sign_in(&mut user, "gen3", PASSWORD).await;
    let signed_in = matches!(
        landing,
        Landing::Redirected {
            signed_in: true,
            ..
        }
    );
    assert!(signed_in, "{landing:?}");
}

#[tokio::test]
async fn sessions_are_spread_over_the_nodes_and_a_full_grid_is_waited_for() {
    let Some(grid) = Grid::start().await else {
        return;
    };
    let org = Org::start().await;
    let mut config = org.config();
    config.webdriver_url = Some(grid.url.clone());
    config.sessions = 4;
    let browsers = Browsers::start(config.clone()).await.unwrap();
    let one = browsers.user().await.unwrap();
    let two = browsers.user().await.unwrap();
    assert_eq!(grid.sessions().await, [1, 1], "one on each node");

    // More users than the Grid has places wait for one another, not in its queue.
    drop((one, two));
    futures_util::future::join_all((0..5).map(|_| signs_in(&org, &browsers))).await;
    assert_eq!(browsers.opened(), 2);

    // Another run finds it full: that is no verdict about anything.
    config.session_timeout = Duration::from_secs(2);
    let full = Browsers::start(config).await.unwrap_err();
    assert!(matches!(full, BrowserError::Remote { .. }), "{full:?}");
    browsers.close().await;
    grid.end().await;
}

async fn until(condition: impl Fn() -> bool) {
    let mut ticks = interval(Duration::from_millis(5));
    let met = async {
        while !condition() {
            ticks.tick().await;
        }
    };
    timeout(PATIENCE, met).await.expect("it happens in time");
}

#[tokio::test]
async fn a_dead_node_is_retried_elsewhere_and_turns_nothing_red() {
    let Some(grid) = Grid::start().await else {
        return;
    };
    let mut world = World::new().await;
    world.config.webdriver_url = Some(grid.url.clone());
    world.config.browsers = 2;
    // Every answer takes longer, so that the node dies while its user is still at the org.
    world.set_faults(Some("latency"), None);
    let untouched = world.sandbox.secrets().len();
    let death = async {
        grid.has(&[1, 1]).await;
        // The first browser is at the org, which has given out a cookie and more; the second may
        // still be starting.
        until(|| world.sandbox.secrets().len() > untouched + 2).await;
        signal("KILL", grid.first_node().await.process);
    };
    let (verified, ()) = tokio::join!(world.verify_with(None), death);
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    let results = verified.record.results.iter();
    let reasons = results
        .filter(|result| !result.is_met())
        .map(|result| &result.reason);
    let reasons: BTreeSet<_> = reasons.flatten().collect();
    let retries = verified.record.run.retries;
    let went_on = |line: &String| line.ends_with("going on in a new browser");
    assert!(
        retries.iter().any(went_on),
        "{retries:?}, not checked: {reasons:#?}"
    );
    grid.end().await;
}
