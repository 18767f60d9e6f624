//! What can be asked of the suite beside `cargo test`: one file per subcommand.

mod authorize_url;
mod model;
mod provision;
mod report;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use okta_e2e::config::ConfigError;
use okta_e2e::console::Console;
use okta_e2e::model::ModelError;

/// End-to-end verification of an Okta org that protects an API.
///
/// The verification itself is `cargo test`; these commands prepare for it.
#[derive(Debug, Parser)]
#[command(name = "okta-e2e", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Provision(provision::Provision),
    AuthorizeUrl(authorize_url::AuthorizeUrl),
    Report(report::Report),
    Model(model::Model),
}

/// Why a command did not do what it was asked to, each line one of ours.
#[derive(Debug)]
enum Failure {
    /// It could not begin: the usage or the configuration is wrong, and nothing was changed.
    Unusable(Vec<String>),
    /// It stopped on its way.
    Stopped(Vec<String>),
}

impl Failure {
    /// It could not begin: one line, whatever is in it.
    fn unusable(error: &(impl ToString + ?Sized)) -> Self {
        Self::Unusable(vec![error.to_string()])
    }

    /// It stopped, for a reason that others may have given.
    fn stopped(reason: String) -> Self {
        Self::Stopped(vec![reason])
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Self::Unusable(error.lines())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Unusable(error.problems)
    }
}

/// Does what the command line says: 0 done, 1 stopped on its way, 2 bad usage or configuration, 3
/// done but for what is left to its user; a merged run ends with its own status.
pub(crate) async fn run() -> ExitCode {
    let console = Console::default();
    console.report_panics();
    let command = match CommandLine::try_parse() {
        Ok(told) => told.command,
        Err(error) => return usage(&console, &error),
    };
    let outcome = match command {
        Command::Provision(provision) => provision.run(&console).await,
        Command::AuthorizeUrl(authorize_url) => authorize_url.run(&console).await.map(|()| 0),
        Command::Report(report) => report.run(&console),
        Command::Model(model) => model.run(&console).await.map(|()| 0),
    };
    let (status, lines) = match outcome {
        Ok(status) => return ExitCode::from(status),
        Err(Failure::Stopped(lines)) => (1, lines),
        Err(Failure::Unusable(lines)) => (2, lines),
    };
    let mut lines = lines.into_iter();
    let first = lines.next().unwrap_or_default();
    console.complain(&format!("error: {first}"), lines);
    ExitCode::from(status)
}

/// The help, or what is wrong with the command line.
fn usage(console: &Console, error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    if error.use_stderr() {
        let mut lines = text.lines();
        console.complain(lines.next().unwrap_or_default(), lines);
        return ExitCode::from(2);
    }
    console.say_all(text.lines());
    ExitCode::SUCCESS
}
