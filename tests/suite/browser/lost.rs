//! A driver or a browser that is lost in mid-run: the run ends soon, and does not say that all is
//! well.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rstest::rstest;
use tokio::net::TcpListener;
use tokio::time::interval;
use url::Url;

use super::hygiene::{name_of, processes_of};
use super::remote::Driver;
use crate::main_job::{Ended, run_against};
use crate::support::world::World;

/// A run that takes longer hangs, however busy the machine is: with its browsers it takes a tenth.
const MOST: Duration = Duration::from_secs(180);
/// So many commands come through, which is in the middle of the first sign-ins.
const COMMANDS: usize = 20;

/// What a driver does from some command on.
#[derive(Clone, Copy)]
enum Loss {
    /// Takes commands and answers none.
    Silence,
    /// The same, from the moment when its second browser has begun.
    SilenceAtTheSecond,
    /// Answers no connection any more.
    Absence,
}

/// A server before a driver, which is lost after so many commands.
#[derive(Clone)]
struct Relay {
    driver: Url,
    loss: Loss,
    commands: Arc<AtomicUsize>,
    /// How many browsers it was asked for, before it was lost and after.
    browsers: Arc<[AtomicUsize; 2]>,
}

impl Relay {
    fn before(driver: &Driver, loss: Loss) -> Self {
        Self {
            driver: driver.url.clone(),
            loss,
            commands: Arc::default(),
            browsers: Arc::default(),
        }
    }

    async fn start(&self) -> Url {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let app = Router::new().fallback(forward).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        url.parse().unwrap()
    }

    /// Counts a command, and tells whether the driver is lost by then.
    fn is_lost_at(&self, method: &Method, uri: &Uri) -> bool {
        let [before, after] = &*self.browsers;
        let commands = self.commands.fetch_add(1, Ordering::SeqCst);
        let is_lost = match self.loss {
            Loss::SilenceAtTheSecond => before.load(Ordering::SeqCst) == 2,
            Loss::Silence | Loss::Absence => commands >= COMMANDS,
        };
        if method == Method::POST && uri.path() == "/session" {
            let asked = if is_lost { after } else { before };
            asked.fetch_add(1, Ordering::SeqCst);
        }
        is_lost
    }
}

async fn forward(State(relay): State<Relay>, method: Method, uri: Uri, body: Bytes) -> Response {
    if relay.is_lost_at(&method, &uri) {
        match relay.loss {
            Loss::Silence | Loss::SilenceAtTheSecond => std::future::pending().await,
            Loss::Absence => panic!("the connection is cut"),
        }
    }
    let client = crate::support::http();
    let request = client.request(method, relay.driver.join(uri.path()).unwrap());
    let json = "application/json; charset=utf-8";
    let answer = request.header(CONTENT_TYPE, json).body(body).send().await;
    let answer = answer.unwrap();
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap();
    (
        status,
        [(CONTENT_TYPE, json)],
        answer.bytes().await.unwrap(),
    )
        .into_response()
}

/// Begins to run once the main job is built.
async fn clock(world: &World) -> Instant {
    let listed = run_against(world, &[], &["--list"]).await;
    assert_eq!(listed.status, Some(0), "{}", listed.text);
    Instant::now()
}

fn ended_in_time(ended: &Ended, clock: Instant) {
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    assert!(
        clock.elapsed() < MOST,
        "{:?}: {}",
        clock.elapsed(),
        ended.text
    );
}

#[rstest]
// Another user may ask for a browser in the very moment.
#[case::silent(Loss::Silence, 1)]
#[case::silent_at_the_second(Loss::SilenceAtTheSecond, 0)]
#[case::gone(Loss::Absence, 1)]
#[tokio::test]
async fn a_run_that_loses_the_webdriver_of_somebody_else_ends(
    #[case] loss: Loss,
    #[case] most: usize,
) {
    let world = World::new().await;
    let driver = Driver::start().await;
    let relay = Relay::before(&driver, loss);
    let url = relay.start().await;
    let clock = clock(&world).await;
    let changes = [("WEBDRIVER_URL", url.as_str()), ("OKTA_E2E_BROWSERS", "2")];
    let ended = run_against(&world, &changes, &[]).await;
    ended_in_time(&ended, clock);
    assert!(
        ended.text.contains("does not answer any more"),
        "{}",
        ended.text
    );
    // Each is waited for as long as a browser may take to start.
    let asked_for = relay.browsers[1].load(Ordering::SeqCst);
    assert!(asked_for <= most, "{asked_for} browsers, once it was lost");
}

// Looking for processes takes its time, in which the org must go on answering.
#[rstest]
#[case::driver("chromedriver")]
#[case::browser("chrom")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_programs_are_killed_whenever_they_start_ends(#[case] program: &'static str) {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    let (clock, watched) = (clock(&world).await, folder.path().to_owned());
    let killing = tokio::spawn(async move {
        let mut ticks = interval(Duration::from_millis(20));
        loop {
            ticks.tick().await;
            kill_what_has_started(program, &watched);
        }
    });
    let changes = [("TMPDIR", path.as_str())];
    let ended = run_against(&world, &changes, &[]).await;
    killing.abort();
    ended_in_time(&ended, clock);
}

/// Kills the programs of this name in a folder, once there is the driver, and a browser with its
/// helpers.
fn kill_what_has_started(program: &str, folder: &Path) {
    let processes = processes_of(folder);
    let browsers = |process: &&u32| name_of(**process).starts_with("chrom");
    if processes.iter().filter(browsers).count() < 4 {
        return;
    }
    for process in processes {
        if name_of(process).starts_with(program) {
            // It may be gone already.
            let _ = Command::new("kill")
                .args(["-s", "KILL", &process.to_string()])
                .status();
        }
    }
}
