//! What can be asked of the suite: one file per subcommand.

mod authorize_url;
mod model;
mod passkey;
mod provision;
mod report;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use okta_e2e::config::{ConfigError, EnvironmentError};
use okta_e2e::console::Console;
use okta_e2e::model::ModelError;

/// End-to-end verification of an Okta org that protects an API.
///
/// `verify` is the verification, the same as `cargo test` of a checkout; the other commands prepare
/// for it, and show what came of it.
#[derive(Debug, Parser)]
#[command(name = "okta-e2e", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Verify(verify::Verify),
    Provision(provision::Provision),
    Passkey(passkey::MakePasskey),
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

impl From<EnvironmentError> for Failure {
    fn from(error: EnvironmentError) -> Self {
        Self::Unusable(error.problems())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Unusable(error.problems)
    }
}

/// Does what the command line says: 0 done, 1 stopped on its way, 2 bad usage or configuration, 3
/// done but for what is left to its user; a run, verified or merged, ends with its own status.
pub(crate) fn run() -> ExitCode {
    let console = Console::default();
    console.report_panics();
    let command = match CommandLine::try_parse() {
        Ok(told) => told.command,
        Err(error) => return usage(&console, &error),
    };
    let outcome = match command {
        Command::Verify(verify) => return verify.run(&console),
        Command::Provision(provision) => wait_for(provision.run(&console)),
        Command::Passkey(passkey) => wait_for(passkey.run(&console)).map(|()| 0),
        Command::AuthorizeUrl(authorize_url) => wait_for(authorize_url.run(&console)).map(|()| 0),
        Command::Report(report) => report.run(&console),
        Command::Model(model) => wait_for(model.run(&console)).map(|()| 0),
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

/// Waits for a command that asks an org.
fn wait_for<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::unusable(&error))?;
    runtime.block_on(command)
}

/// Adds a summary to the page of a job on GitHub, which each step writes for itself: beside the
/// report, so that a run that cannot add it stays what it is.
fn summarize(console: &Console, summary: impl FnOnce() -> String) {
    let file = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty());
    let Some(file) = file else { return };
    let summary = console.secrets().redact(&summary());
    if let Err(error) = okta_e2e::report::summarize(file.as_ref(), &summary) {
        console.tell(&format!(
            "warning: GITHUB_STEP_SUMMARY has no summary: {error}"
        ));
    }
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
