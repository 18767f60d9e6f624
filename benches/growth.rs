//! How long the main job lists a model, and in how much memory, as users and endpoints grow.
//!
//! It measures the binary that a user runs, a debug build, by GNU time; `scripts/benchmark growth`
//! runs it. That work grows no faster than the trials is counted by `tests/suite/growth.rs`.

#[path = "../tests/suite/support/large_model.rs"]
mod large_model;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use large_model::LargeModel;

/// Users and endpoints.
const SIZES: [(usize, usize); 3] = [(100, 25), (200, 50), (400, 50)];

/// What the models are called, how many scopes they have, and whether the tiers are nested.
const SHAPES: [(&str, Option<usize>, bool); 4] = [
    ("four tiers, nested", Some(4), true),
    ("ten tiers, nested", Some(10), true),
    ("a scope for every endpoint", None, false),
    ("a scope for every endpoint, nested", None, true),
];

fn main() {
    let binary = main_job();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/benchmark/growth");
    std::fs::create_dir_all(&folder).expect("a folder for the models");
    println!(
        "model                                users x endpoints   part   trials  seconds   MB"
    );
    for (shape, tiers, nested) in SHAPES {
        for (users, endpoints) in SIZES {
            let model = LargeModel {
                users,
                endpoints,
                tiers: tiers.unwrap_or(endpoints),
                nested,
            };
            let file = folder.join(format!(
                "{}-{users}x{endpoints}.toml",
                shape.replace(' ', "-")
            ));
            std::fs::write(&file, model.text()).expect("the model can be written");
            let parts: &[&str] = if users == 200 {
                &["", "1/20", "3/20"]
            } else {
                &[""]
            };
            for part in parts {
                let (trials, seconds, megabytes) = listed(&binary, &file, part);
                println!(
                    "{shape:<36} {users:>5} x {endpoints:<11} {part:>4} {trials:>8} {seconds:>8} \
                     {megabytes:>4}"
                );
            }
        }
    }
}

/// The main job's test binary, built as `scripts/verify` builds it.
fn main_job() -> PathBuf {
    let build = [
        "test",
        "--workspace",
        "--no-run",
        "--test",
        "org",
        "--locked",
    ];
    let output = Command::new(env!("CARGO"))
        .args(build)
        .args(["--message-format", "json"])
        .output();
    let output = succeeded(&output.expect("cargo starts"));
    let lines = output.lines();
    let messages = lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let of_job = messages.filter(|message| message["target"]["name"] == "org");
    let mut binaries =
        of_job.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    binaries.next().expect("the main job was built")
}

/// How many trials are listed, in how many seconds, and in how many megabytes at most.
fn listed(binary: &Path, model: &Path, part: &str) -> (usize, String, usize) {
    let mut command = Command::new("/usr/bin/time");
    command.args(["-f", "%e %M"]).arg(binary).arg("--list");
    if !part.is_empty() {
        command.args(["--partition", part]);
    }
    let output = command.env("OKTA_E2E_ORG_MODEL", model).output();
    let output = output.expect("GNU time is there: apt-get install time");
    let figures = String::from_utf8_lossy(&output.stderr).into_owned();
    let trials = succeeded(&output).lines().count();
    let mut figures = figures.split_whitespace();
    let seconds = figures.next().unwrap_or("?").to_owned();
    let kilobytes: usize = figures.next().unwrap_or("0").parse().unwrap_or_default();
    (trials, seconds, kilobytes / 1024)
}

fn succeeded(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
