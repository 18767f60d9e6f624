//! What can be asked of the suite beside `cargo test`: one file per subcommand.

mod authorize_url;
mod provision;
mod report;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
}

/// Why a command did not do what it was asked to.
#[derive(Debug)]
enum Failure {
    /// It could not begin: the usage or the configuration is wrong, and nothing was changed.
    Unusable(String),
    /// It stopped on its way.
    Stopped(String),
}

impl Failure {
    fn unusable(error: &(impl ToString + ?Sized)) -> Self {
        Self::Unusable(error.to_string())
    }
}

/// Does what the command line says: 0 done, 1 stopped on its way, 2 bad usage or configuration, 3
/// done but for what is left to its user; a merged run ends with its own status.
pub(crate) async fn run() -> ExitCode {
    let outcome = match CommandLine::parse().command {
        Command::Provision(provision) => provision.run().await,
        Command::AuthorizeUrl(authorize_url) => authorize_url.run().await.map(|()| 0),
        Command::Report(report) => report.run(),
    };
    let (status, message) = match outcome {
        Ok(status) => return ExitCode::from(status),
        Err(Failure::Stopped(message)) => (1, message),
        Err(Failure::Unusable(message)) => (2, message),
    };
    eprintln!("error: {message}");
    ExitCode::from(status)
}
