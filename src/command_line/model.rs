//! `model`: writes a model of what an org has.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use okta_e2e::config::{Environment, certificates};
use okta_e2e::console::Console;
use okta_e2e::from_org::{look, written};
use okta_e2e::management::ManagementClient;
use secrecy::SecretString;

use super::Failure;
use super::provision::org_url;

const EXAMPLES: &str = "\
OKTA_CLIENT_ORGURL, OKTA_CLIENT_TOKEN, OKTA_OAUTH2_ISSUER (or --server) and OKTA_OAUTH2_CLIENT_ID \
come from the environment of the process or from FILE. Nothing in the org is changed, and a token \
of a Read-Only Administrator is enough.

The file has the groups, scopes, claims, policy, rules and client that the org has. What only you \
know (endpoints, test users) and what should not be copied without a look (rules for everyone or \
for any scope, policies of all clients) is asked in [[unanswered]] tables: the file is refused \
until they are answered and removed.

Example:
  okta-e2e model --from-org --env-file .env --output my-org.toml";

/// Writes an org model of what an org has, for you to finish.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Model {
    /// Read the org and change nothing in it.
    #[arg(long, required = true)]
    from_org: bool,
    /// Reads the variables from this file instead of .env
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// The id of the authorization server, instead of `OKTA_OAUTH2_ISSUER`
    #[arg(long, value_name = "ID")]
    server: Option<String>,
    /// Where the model goes, instead of standard output; a file that is there is kept
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Model {
    pub(super) async fn run(&self, console: &Console) -> Result<(), Failure> {
        let environment = Environment::of_run(self.env_file.as_deref());
        let environment = environment?;
        console.secrets().add_variables(environment.pairs());
        let client = management(&environment, console)?;
        let server = self.server.as_deref();
        let Some(server) = server.or_else(|| environment.get("OKTA_OAUTH2_ISSUER")) else {
            return Err(Failure::unusable(
                "OKTA_OAUTH2_ISSUER is not set: set it to the Issuer URI of the authorization \
                 server (Security > API > Authorization Servers), or name its id by --server",
            ));
        };
        let client_id = environment.get("OKTA_OAUTH2_CLIENT_ID");
        let found = look(&client, server, client_id).await;
        let found = found.map_err(|error| Failure::stopped(error.to_string()))?;
        let text = written(&found).map_err(|error| Failure::stopped(error.to_string()))?;
        let questions = text
            .lines()
            .filter(|line| *line == "[[unanswered]]")
            .count();
        match &self.output {
            None => console.say_all(text.lines()),
            Some(file) => keep(file, &text)?,
        }
        console.tell(&format!(
            "{questions} questions are in it: answer each, and remove its [[unanswered]] table"
        ));
        Ok(())
    }
}

/// Writes a file that is not there yet.
fn keep(file: &Path, text: &str) -> Result<(), Failure> {
    let refused = |error: std::io::Error| {
        let file = file.display();
        Failure::unusable(&format!(
            "cannot write `{file}`: {error}; name another by --output"
        ))
    };
    let mut options = std::fs::OpenOptions::new();
    let opened = options.write(true).create_new(true).open(file);
    let mut opened = opened.map_err(refused)?;
    opened.write_all(text.as_bytes()).map_err(refused)
}

fn management(environment: &Environment, console: &Console) -> Result<ManagementClient, Failure> {
    let Some(token) = environment.get("OKTA_CLIENT_TOKEN").map(SecretString::from) else {
        return Err(Failure::unusable(
            "OKTA_CLIENT_TOKEN is not set: make an API token (Security > API > Tokens) and set it \
             in the environment or in the file",
        ));
    };
    let certificates = certificates(environment);
    let certificates = certificates.map_err(|error| Failure::unusable(&error))?;
    let client = ManagementClient::trusting(org_url(environment)?, token, &certificates);
    let client = client.map_err(|error| Failure::unusable(&error))?;
    let retries = console.clone();
    Ok(client.on_retry(move |line| retries.tell(line)))
}
