//! How fast the sandbox is up, how little it needs, and how many signed flows it gives a second.
//!
//! Flows are measured against the RS256 signatures that the machine makes a second, in turns in one
//! run: each flow signs twice. `scripts/benchmark` runs it.

#[expect(dead_code, reason = "the wire tests use all of it")]
#[path = "../tests/wire/browser.rs"]
mod browser;
#[expect(dead_code, reason = "the wire tests use all of it")]
#[path = "../tests/wire/provision.rs"]
mod provision;
#[expect(dead_code, reason = "the wire tests use all of it")]
#[path = "../tests/wire/world.rs"]
mod world;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use okta_sandbox::Sandbox;

use browser::Browser;
use world::{PASSWORD, World, login};

const STARTS: usize = 21;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(1);
/// Users who send requests at once: some wait while others are answered.
const USERS: usize = 8;

fn main() {
    let (started_ms, resident_mb) = median_process();
    println!("process, start to first line: {started_ms:.1} ms, {resident_mb:.1} MB resident");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(in_process());
}

async fn in_process() {
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let clock = Instant::now();
        let sandbox = Sandbox::start().await.unwrap();
        starts.push(clock.elapsed().as_secs_f64() * 1e3);
        drop(sandbox);
    }
    println!(
        "embedded, start to ready, no key made: {:.2} ms",
        median(starts)
    );
    let world = Arc::new(World::new().await);
    let users = users(&world).await;
    let (mut flows, mut signatures) = (Vec::new(), Vec::new());
    let mut users = Some(users);
    for _ in 0..ROUNDS {
        signatures.push(
            tokio::task::spawn_blocking(signatures_a_second)
                .await
                .unwrap(),
        );
        let (rate, back) = flows_a_second(&world, users.take().unwrap()).await;
        users = Some(back);
        flows.push(rate);
    }
    let (flows, signatures) = (median(flows), median(signatures));
    println!(
        "signed implicit flows: {flows:.0} a second; RS256 signatures of the machine: \
         {signatures:.0} a second; ratio {:.2}",
        flows / signatures
    );
    println!(
        "this process, org and load together: {:.1} MB resident",
        resident_mb("self")
    );
}

/// Starts the sandbox as a program: until its first line, and what it then holds.
fn median_process() -> (f64, f64) {
    let (mut milliseconds, mut megabytes) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let clock = Instant::now();
        let mut process = Command::new(env!("CARGO_BIN_EXE_okta-sandbox"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        milliseconds.push(clock.elapsed().as_secs_f64() * 1e3);
        megabytes.push(resident_mb(&process.id().to_string()));
        process.kill().unwrap();
        process.wait().unwrap();
    }
    (median(milliseconds), median(megabytes))
}

fn resident_mb(process: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kilobytes = line.split_whitespace().nth(1).unwrap();
    kilobytes.parse::<f64>().unwrap() / 1024.0
}

/// Users who have signed in, so that each request is answered with tokens at once.
async fn users(world: &World) -> Vec<Browser> {
    let mut users = Vec::new();
    for _ in 0..USERS {
        let mut user = Browser::new();
        let url = world.authorize_url(&[]);
        user.sign_in(&url, &login("silver"), PASSWORD).await;
        users.push(user);
    }
    users
}

async fn flows_a_second(world: &Arc<World>, users: Vec<Browser>) -> (f64, Vec<Browser>) {
    let clock = Instant::now();
    let tasks = users.into_iter().map(|mut user| {
        let world = Arc::clone(world);
        tokio::spawn(async move {
            let mut flows = 0_u32;
            while clock.elapsed() < ROUND {
                let page = user.get(&world.authorize_url(&[])).await;
                assert!(
                    page.header("location").contains("#access_token="),
                    "{page:?}"
                );
                flows += 1;
            }
            (flows, user)
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let (mut flows, mut users) = (0, Vec::new());
    for task in tasks {
        let (more, user) = task.await.unwrap();
        flows += more;
        users.push(user);
    }
    (f64::from(flows) / clock.elapsed().as_secs_f64(), users)
}

/// By all cores at once, with 2048 bits as Okta's keys have.
fn signatures_a_second() -> f64 {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let cores = std::thread::available_parallelism().unwrap().get();
    let clock = Instant::now();
    let made: u32 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores)
            .map(|_| scope.spawn(|| sign_until(&key, clock)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    f64::from(made) / clock.elapsed().as_secs_f64()
}

fn sign_until(key: &KeyPair, clock: Instant) -> u32 {
    let mut signature = vec![0; key.public_modulus_len()];
    let mut made = 0;
    while clock.elapsed() < ROUND {
        let message = [0x5a; 600];
        key.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            &message,
            &mut signature,
        )
        .unwrap();
        made += 1;
    }
    made
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
