//! `provision`: makes an org that fits the model, or takes it down again.

use std::path::{Path, PathBuf};

use clap::Args;
use okta_e2e::config::Environment;
use okta_e2e::management::ManagementClient;
use okta_e2e::model::OrgModel;
use okta_e2e::provisioning::{self, FileStore, ProvisionError, Store as _};
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
}

impl Provision {
    pub(super) async fn run(&self) -> Result<(), Failure> {
        let mut prepared = self.prepare()?;
        println!("org: {}", prepared.client.origin());
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

    fn prepare(&self) -> Result<Prepared, Failure> {
        let environment =
            Environment::read(&self.env_file).map_err(|error| Failure::unusable(&error))?;
        let model = self.model(&environment)?;
        let org_url = org_url(&environment)?;
        let Some(token) = environment.get("OKTA_CLIENT_TOKEN").map(SecretString::from) else {
            return Err(Failure::unusable(
                "OKTA_CLIENT_TOKEN is not set: make an API token (Security > API > Tokens) and \
                 set it in the environment or in the file",
            ));
        };
        let client = ManagementClient::new(org_url.clone(), token)
            .map_err(|error| Failure::unusable(&error))?;
        let client = client.on_retry(|line| eprintln!("{line}"));
        let store = FileStore::open(&self.env_file, environment, Path::new(JOURNALS), &org_url);
        Ok(Prepared {
            model,
            client,
            store: store.map_err(|error| Failure::unusable(&error))?,
        })
    }

    fn model(&self, environment: &Environment) -> Result<OrgModel, Failure> {
        let named = environment
            .get("OKTA_E2E_ORG_MODEL")
            .unwrap_or(DEFAULT_MODEL);
        let path = self.model.as_deref().unwrap_or(Path::new(named));
        let mut model = OrgModel::load(path).map_err(|error| Failure::unusable(&error))?;
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
        Failure::Stopped(format!(
            "{error}\nstopped here; what is made is noted in `{journal}` and `{file}`: run the \
             same command again to go on, or `--teardown` to delete it"
        ))
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
        let plan = plan.map_err(|error| Failure::Stopped(error.to_string()))?;
        for action in &plan.actions {
            println!("{action}");
        }
        for warning in &plan.warnings {
            println!("warning: {warning}");
        }
        match plan.changes().count() {
            0 => println!("nothing to change"),
            changes => println!("{changes} changes to make; nothing was changed"),
        }
        Ok(())
    }

    async fn provision(&mut self, env_file: &Path) -> Result<(), ProvisionError> {
        let tell = |line: &str| println!("{line}");
        let made =
            provisioning::provision(&self.model, &self.client, &mut self.store, tell).await?;
        if made.changes.is_empty() {
            println!("nothing to change");
        }
        println!(
            "issuer, client and test users are in {}",
            env_file.display()
        );
        Ok(())
    }

    async fn teardown(&mut self) -> Result<(), ProvisionError> {
        if self.store.journal().is_empty() {
            println!("nothing to delete: no earlier run has made anything in this org");
            return Ok(());
        }
        let tell = |line: &str| println!("{line}");
        let deleted = provisioning::teardown(&self.client, &mut self.store, tell).await?;
        println!("{deleted} things were made, and none is left");
        println!(
            "the file still names them: the next `provision` fills it in anew, or blank its lines"
        );
        Ok(())
    }
}
