//! The command line of the suite.

mod command_line;

use std::process::ExitCode;

fn main() -> ExitCode {
    command_line::run()
}
