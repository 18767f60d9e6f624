//! The command line of the suite.

mod command_line;

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    command_line::run().await
}
