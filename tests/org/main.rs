//! The main job: `okta-e2e verify`, one trial per requirement × subject, against the org in `.env`
//! or the sandbox.
//!
//! This process becomes the command: what `cargo test` prints, leaves and ends with is the
//! command's own, and there is no second process that could outlive it.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use okta_e2e::console::Console;

/// The run could not be made.
const NO_RUN: u8 = 2;

fn main() -> ExitCode {
    let program = env!("CARGO_BIN_EXE_okta-e2e");
    let mut verify = Command::new(program);
    let error = verify
        .arg("verify")
        .args(std::env::args_os().skip(1))
        .exec();
    Console::default().tell(&format!(
        "the run could not be made: {program} cannot be started ({error}); build it again by \
         `cargo test --no-run --test org`"
    ));
    ExitCode::from(NO_RUN)
}
