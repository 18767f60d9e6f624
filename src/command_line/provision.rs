//! `provision`: makes an org that fits the model, or takes it down again.

use std::path::{Path, PathBuf};

use clap::Args;
use okta_e2e::config::Environment;
use okta_e2e::console::Console;
use okta_e2e::management::ManagementClient;
use okta_e2e::model::OrgModel;
use okta_e2e::provisioning::{self, FileStore, ProvisionError, Store as _};
use okta_e2e::requirements;
use okta_e2e::verification;
use secrecy::SecretString;
use url::Url;

use super::Failure;

const JOURNALS: &str = ".okta-e2e";
const DEFAULT_MODEL: &str = "fixtures/org.toml";
const EXAMPLES: &str = "\
OKTA_CLIENT_ORGURL (https://{org}.okta.com) and OKTA_CLIENT_TOKEN (Security > API > Tokens) come \
from the environment of the process or from FILE. Issuer, client id and secret, logins and \
generated passwords are merged into FILE; what stands there stays.

What is made is noted in .okta-e2e/, so that a run that was stopped is finished by the next, and \
--teardown deletes only that.

New apps of Identity Engine ask for any two factors, which test users do not have. With \
--password-only-sign-in the client gets an app sign-in policy of its own that asks for a password \
alone, unless the one it has does; no other policy is changed, and --teardown gives the client back \
the one it had. Whoever made the token must be allowed to manage policies.

Examples:
  okta-e2e provision --env-file .env --plan      show what would be done, change nothing
  okta-e2e provision --env-file .env             set the org up, or finish setting it up
  okta-e2e provision --env-file .env --password-only-sign-in  the same, with sign-in by password
  okta-e2e provision --env-file .env --teardown  delete what was made";

/// Makes steps 1 to 4 of the document in an org: groups, users, authorization server, client.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Provision {
    /// Variables are read from this file and merged into it.
    #[arg(long, value_name = "FILE")]
    env_file: PathBuf,
    /// Show what would be done, and change nothing.
    #[arg(long, conflicts_with = "teardown")]
    plan: bool,
    /// Delete what earlier runs have made, and nothing else.
    #[arg(long)]
    teardown: bool,
    /// Let the users of the client sign in by a password alone (Identity Engine).
    #[arg(long)]
    password_only_sign_in: bool,
    /// The org model, instead of `OKTA_E2E_ORG_MODEL` or fixtures/org.toml.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

struct Prepared {
    model: OrgModel,
    client: ManagementClient,
    store: FileStore,
    console: Console,
}

impl Provision {
    pub(super) async fn run(&self, console: &Console) -> Result<(), Failure> {
        let mut prepared = self.prepare(console)?;
        console.say(&format!("org: {}", prepared.client.origin()));
        if self.plan {
            return prepared.plan().await;
        }
        let outcome = if self.teardown {
            prepared.teardown().await
        } else {
            prepared.provision(&self.env_file).await
        };
        outcome.map_err(|error| self.half_way(&error, prepared.store.journal_file()))
    }

    fn prepare(&self, console: &Console) -> Result<Prepared, Failure> {
        let environment =
            Environment::read(&self.env_file).map_err(|error| Failure::unusable(&error))?;
        let model = self.model(&environment)?;
        know_secrets(console, &model, &environment);
        let org_url = org_url(&environment)?;
        let Some(token) = environment.get("OKTA_CLIENT_TOKEN").map(SecretString::from) else {
            return Err(Failure::unusable(
                "OKTA_CLIENT_TOKEN is not set: make an API token (Security > API > Tokens) and \
                 set it in the environment or in the file",
            ));
        };
        let client = ManagementClient::new(org_url.clone(), token)
            .map_err(|error| Failure::unusable(&error))?;
        let retries = console.clone();
        let client = client.on_retry(move |line| retries.tell(line));
        let store = FileStore::open(&self.env_file, environment, Path::new(JOURNALS), &org_url);
        let store = store.map_err(|error| Failure::unusable(&error))?;
        Ok(Prepared {
            model,
            client,
            store: store.noting(console.secrets().clone()),
            console: console.clone(),
        })
    }

    fn model(&self, environment: &Environment) -> Result<OrgModel, Failure> {
        let named = environment
            .get("OKTA_E2E_ORG_MODEL")
            .unwrap_or(DEFAULT_MODEL);
        let path = self.model.as_deref().unwrap_or(Path::new(named));
        let mut model = OrgModel::load(path)?;
        if let Some(redirect_uri) = environment.get("OKTA_OAUTH2_REDIRECT_URI") {
            let url = redirect_uri.parse();
            model.client.redirect_uri =
                url.map_err(|_| Failure::unusable("OKTA_OAUTH2_REDIRECT_URI is not a URL"))?;
        }
        if let Some(audience) = environment.get("OKTA_OAUTH2_AUDIENCE") {
            audience.clone_into(&mut model.authorization_server.audience);
        }
        model.client.password_only_sign_in = self.password_only_sign_in;
        Ok(model)
    }

    fn half_way(&self, error: &ProvisionError, journal: &Path) -> Failure {
        let (file, journal) = (self.env_file.display(), journal.display());
        let mut lines = match error {
            ProvisionError::Management {
                subject,
                source,
                hint,
            } => vec![format!("{subject}: {source}"), hint.trim().to_owned()],
            other => vec![other.to_string()],
        };
        lines.retain(|line| !line.is_empty());
        lines.push(format!(
            "stopped here; what is made is noted in `{journal}` and `{file}`: run the same command \
             again to go on, or `--teardown` to delete it"
        ));
        Failure::Stopped(lines)
    }
}

/// From now on no secret of the configuration is printed; one that cannot be kept out is named.
fn know_secrets(console: &Console, model: &OrgModel, environment: &Environment) {
    let secrets = console.secrets();
    secrets.protect(verification::words(model, &requirements::trials(model)));
    secrets.add_variables(environment.pairs());
    for doubt in secrets.doubts(environment.pairs()) {
        console.tell(&format!("warning: {doubt}"));
    }
}

fn org_url(environment: &Environment) -> Result<Url, Failure> {
    let issuer = environment
        .get("OKTA_OAUTH2_ISSUER")
        .filter(|issuer| *issuer != "sandbox");
    let Some(text) = environment.get("OKTA_CLIENT_ORGURL").or(issuer) else {
        return Err(Failure::unusable(
            "OKTA_CLIENT_ORGURL is not set: set it to https://{org}.okta.com in the environment \
             or in the file",
        ));
    };
    Url::parse(text).map_err(|_| {
        Failure::unusable("OKTA_CLIENT_ORGURL is not a URL: it looks like https://{org}.okta.com")
    })
}

impl Prepared {
    async fn plan(&self) -> Result<(), Failure> {
        let plan = provisioning::plan(&self.model, &self.client, &self.store).await;
        let plan = plan.map_err(|error| Failure::stopped(error.to_string()))?;
        for action in &plan.actions {
            self.console.say(&action.to_string());
        }
        for warning in &plan.warnings {
            self.console.say(&format!("warning: {warning}"));
        }
        match plan.changes().count() {
            0 => self.console.say("nothing to change"),
            changes => {
                let words = "changes to make; nothing was changed";
                self.console.say(&format!("{changes} {words}"));
            }
        }
        Ok(())
    }

    async fn provision(&mut self, env_file: &Path) -> Result<(), ProvisionError> {
        let tell = |line: &str| self.console.say(line);
        let made =
            provisioning::provision(&self.model, &self.client, &mut self.store, tell).await?;
        if made.changes.is_empty() {
            self.console.say("nothing to change");
        }
        let file = env_file.display();
        self.console
            .say(&format!("issuer, client and test users are in {file}"));
        Ok(())
    }

    async fn teardown(&mut self) -> Result<(), ProvisionError> {
        if self.store.journal().is_empty() {
            self.console
                .say("nothing to delete: no earlier run has made anything in this org");
            return Ok(());
        }
        let tell = |line: &str| self.console.say(line);
        let deleted = provisioning::teardown(&self.client, &mut self.store, tell).await?;
        self.console.say_all([
            format!("{deleted} things were made, and none is left"),
            "the file still names them: the next `provision` fills it in anew, or blank its lines"
                .to_owned(),
        ]);
        Ok(())
    }
}
