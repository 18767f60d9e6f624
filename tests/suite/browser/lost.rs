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

/// How long a run may take to its end, once it has lost its browsers: no longer than one browser
/// may take to start, however busy the machine is.
const MOST: Duration = Duration::from_secs(60);
/// So many commands come through, which is in the middle of the first sign-ins.
const COMMANDS: usize = 20;

/// What a driver does from some command on.
#[derive(Clone, Copy)]
enum Loss {
    /// Takes commands and answers none.
    Silence,
    /// Answers no connection any more.
    Absence,
}

/// A server before a driver, which is lost after so many commands.
#[derive(Clone)]
struct Relay {
    driver: Url,
    loss: Loss,
    commands: Arc<AtomicUsize>,
}

impl Relay {
    async fn start(driver: &Driver, loss: Loss) -> Url {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let relay = Self {
            driver: driver.url.clone(),
            loss,
            commands: Arc::default(),
        };
        let app = Router::new().fallback(forward).with_state(relay);
        tokio::spawn(async move { axum::serve(listener, app).await });
        url.parse().unwrap()
    }
}

async fn forward(State(relay): State<Relay>, method: Method, uri: Uri, body: Bytes) -> Response {
    if relay.commands.fetch_add(1, Ordering::SeqCst) >= COMMANDS {
        match relay.loss {
            Loss::Silence => std::future::pending().await,
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
#[case::silent(Loss::Silence)]
#[case::gone(Loss::Absence)]
#[tokio::test]
async fn a_run_that_loses_the_webdriver_of_somebody_else_ends(#[case] loss: Loss) {
    let world = World::new().await;
    let driver = Driver::start().await;
    let url = Relay::start(&driver, loss).await;
    let clock = clock(&world).await;
    let ended = run_against(&world, &[("WEBDRIVER_URL", url.as_str())], &[]).await;
    ended_in_time(&ended, clock);
    assert!(
        ended.text.contains("does not answer any more"),
        "{}",
        ended.text
    );
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
