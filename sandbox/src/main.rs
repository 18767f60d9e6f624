//! A bare Okta org until Ctrl-C: one line of JSON says where it is and how to change it.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use okta_sandbox::{Fault, Language, Options, Sandbox, SignInPage};

/// Runs an empty Okta org on loopback until Ctrl-C
///
/// The first line on stdout is one JSON object with `org_url` and `api_token`: what the org should
/// hold is made through its Management API.
#[derive(Parser)]
#[command(name = "okta-sandbox", version)]
struct Arguments {
    /// Port to listen on; 0 is any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Address that the org takes for its own where something is in front of it
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Page that users sign in on
    #[arg(long, value_enum, default_value_t = SignInPage::Builtin)]
    sign_in_page: SignInPage,
    /// Folder of the npm package `@okta/okta-signin-widget`, for every page but the builtin one
    #[arg(long, value_name = "FOLDER")]
    widget: Option<PathBuf>,
    /// Language of the sign-in page
    #[arg(long, value_name = "CODE", default_value = "en")]
    language: Language,
    /// Page that everybody comes to when they sign in, by the name of the scenario
    #[arg(long, value_name = "NAME")]
    scenario: Vec<String>,
    /// Take an API token that follows `SSWS` without a blank, as Okta's Python library sends it
    #[arg(long)]
    ssws_without_blank: bool,
    /// What is wrong with the org, by the name of the fault, such as `clock.skew`
    #[arg(long)]
    fault: Option<Fault>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let mut builder = Sandbox::builder()
        .port(arguments.port)
        .options(Options {
            language: arguments.language,
            ssws_without_blank: arguments.ssws_without_blank,
            ..Options::default()
        })
        .sign_in_page(arguments.sign_in_page);
    if let Some(url) = arguments.public_url {
        builder = builder.public_url(url);
    }
    if let Some(folder) = arguments.widget {
        builder = builder.widget(folder);
    }
    if let Some(fault) = arguments.fault {
        builder = builder.fault(fault);
    }
    let sandbox = builder.start().await?;
    for name in &arguments.scenario {
        sandbox.set_scenario(None, name)?;
    }
    let line = serde_json::json!({
        "org_url": sandbox.org_url(),
        "api_token": sandbox.api_token(),
    });
    writeln!(std::io::stdout().lock(), "{line}")?;
    tokio::signal::ctrl_c().await?;
    Ok(())
}
