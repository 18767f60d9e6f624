//! `provision`: makes an org that fits the model, or takes it down again.

use std::path::{Path, PathBuf};

use clap::Args;
use okta_e2e::config::{Environment, certificates};
use okta_e2e::console::Console;
use okta_e2e::management::ManagementClient;
use okta_e2e::model::{OrgModel, Probes};
use okta_e2e::provisioning::{self, FileStore, Foreign, Lock, ProvisionError, Store as _};
use okta_e2e::requirements;
use okta_e2e::verification;
use secrecy::SecretString;
use url::Url;

use super::Failure;

const JOURNALS: &str = ".okta-e2e";
const DEFAULT_MODEL: &str = "fixtures/org.toml";
const MODEL: &str = "OKTA_E2E_ORG_MODEL";
/// What was asked is done, but for what only its user can allow or knows.
const LEFT_TO_DO: u8 = 3;
const EXAMPLES: &str = "\
OKTA_CLIENT_ORGURL (https://{org}.okta.com) and OKTA_CLIENT_TOKEN (Security > API > Tokens) come \
from the environment of the process or from FILE. Issuer, client id and secret, logins and \
generated passwords are merged into FILE; what stands there stays.

Everything is noted in .okta-e2e/ before it is made, so that a run that was stopped anywhere is \
finished by the next, and --teardown deletes only that and blanks in FILE only what was written. \
Keep that folder: without it, --teardown deletes nothing. What is made says so in its description, \
an application in its notes, a user in the department.

Objects that were there before are used as they are. What they lack is listed apart and is changed \
only with --adopt; --teardown does not change it back, and takes out only what was added to them.

Exit status: 0 done, 1 stopped on the way (run it again), 2 nothing was made because of the usage \
or the configuration, 3 everything is done but for what needs --adopt or a value that only you know.

New apps of Identity Engine may ask for any two factors, which test users do not have. With \
--password-only-sign-in the client gets an app sign-in policy of its own that asks for a password \
alone, unless the one it has does; no other policy is changed, and --teardown gives the client \
back the one it had. Anyone who made the token must be allowed to manage policies.

With --with-probes the probes are made too that the org model names ([probes]): scopes and an access
policy for the client and the test users alone, whose tokens the API must refuse. The plan says what
each would open where the API is weak.

Examples:
  okta-e2e provision --env-file .env --plan      show what would be done, change nothing
  okta-e2e provision --env-file .env             set the org up, or finish setting it up
  okta-e2e provision --env-file .env --password-only-sign-in  the same, with sign-in by password
  okta-e2e provision --env-file .env --teardown  delete what was made";

/// Makes steps 1 to 4 of the document in an org: groups, users, authorization server, client.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of the command line"
)]
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
    /// Also change what was there before, where it does not fit.
    #[arg(long, conflicts_with = "teardown")]
    adopt: bool,
    /// Let the users of the client sign in by a password alone (Identity Engine).
    #[arg(long)]
    password_only_sign_in: bool,
    /// Make the probes of the org model too: tokens that the API must refuse, for test users.
    #[arg(long, conflicts_with = "teardown")]
    with_probes: bool,
    /// The org model, instead of `OKTA_E2E_ORG_MODEL` or fixtures/org.toml.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

struct Prepared {
    model: OrgModel,
    client: ManagementClient,
    store: FileStore,
    /// The model's file, where it is not the default one.
    other_model: Option<PathBuf>,
    console: Console,
    /// Held while anything is changed.
    _lock: Option<Lock>,
}

impl Provision {
    pub(super) async fn run(&self, console: &Console) -> Result<u8, Failure> {
        let mut prepared = self.prepare(console)?;
        console.say(&format!("org: {}", prepared.client.origin()));
        if self.plan {
            return prepared.plan().await;
        }
        let outcome = if self.teardown {
            prepared.teardown().await
        } else {
            prepared.check_model()?;
            let outcome = prepared.provision(self).await;
            if !matches!(&outcome, Err(error) if error.is_of_the_configuration()) {
                prepared.keep_model()?;
            }
            outcome
        };
        outcome.map_err(|error| match error {
            error if error.is_of_the_configuration() => Failure::unusable(&error),
            error => self.half_way(&error, prepared.store.journal_file()),
        })
    }

    fn prepare(&self, console: &Console) -> Result<Prepared, Failure> {
        // Before anything is read that another run may be about to change.
        let lock = (!self.plan).then(|| Lock::take(Path::new(JOURNALS)));
        let lock = lock
            .transpose()
            .map_err(|error| Failure::unusable(&error))?;
        let environment =
            Environment::read(&self.env_file).map_err(|error| Failure::unusable(&error))?;
        let path = self.model_path(&environment);
        let mut model = self.model(&path, &environment)?;
        self.leave_probes_out(&mut model, console);
        know_secrets(console, &model, &environment);
        let org_url = org_url(&environment)?;
        let Some(token) = environment.get("OKTA_CLIENT_TOKEN").map(SecretString::from) else {
            return Err(Failure::unusable(
                "OKTA_CLIENT_TOKEN is not set: make an API token (Security > API > Tokens) and \
                 set it in the environment or in the file",
            ));
        };
        let certificates = certificates(&environment);
        let certificates = certificates.map_err(|error| Failure::unusable(&error))?;
        let client = ManagementClient::trusting(org_url.clone(), token, &certificates)
            .map_err(|error| Failure::unusable(&error))?;
        let retries = console.clone();
        let client = client.on_retry(move |line| retries.tell(line));
        let store = FileStore::open(&self.env_file, environment, Path::new(JOURNALS), &org_url);
        let store = store.map_err(|error| Failure::unusable(&error))?;
        Ok(Prepared {
            model,
            client,
            store: store.noting(console.secrets().clone()),
            other_model: other_model(&path),
            console: console.clone(),
            _lock: lock,
        })
    }

    fn model_path(&self, environment: &Environment) -> PathBuf {
        let named = environment.get(MODEL).unwrap_or(DEFAULT_MODEL);
        self.model.clone().unwrap_or_else(|| named.into())
    }

    fn model(&self, path: &Path, environment: &Environment) -> Result<OrgModel, Failure> {
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
        if self.with_probes && !model.probes.any() {
            return Err(Failure::unusable(&format!(
                "--with-probes makes the probes that the org model names, and `{}` names none: add \
                 `[probes]` with what it is to have (docs/model.md)",
                path.display()
            )));
        }
        Ok(model)
    }

    /// Without the switch no probe is made, whatever the model names.
    fn leave_probes_out(&self, model: &mut OrgModel, console: &Console) {
        if self.with_probes {
            return;
        }
        if model.probes.any() && !self.teardown {
            console.say("the org model's probes are left out: add --with-probes to make them too");
        }
        model.probes = Probes::default();
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
            "stopped here; what was made so far is noted in `{journal}` and `{file}`: run the same \
             command again to go on, or `--teardown` to delete it"
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

/// The whole path of a model that is not the default one.
fn other_model(path: &Path) -> Option<PathBuf> {
    let path = path.canonicalize().ok()?;
    let default = Path::new(DEFAULT_MODEL).canonicalize();
    (default.ok().as_ref() != Some(&path)).then_some(path)
}

/// Where the org is, by its own variable or by the issuer's host.
pub(super) fn org_url(environment: &Environment) -> Result<Url, Failure> {
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
    /// Whether the path of the model can be kept, before anything is made.
    fn check_model(&self) -> Result<(), Failure> {
        let path = self.other_model.as_deref().map(Path::to_string_lossy);
        let kept = self.store.check(&[(MODEL, &path.unwrap_or_default())]);
        kept.map_err(|error| Failure::unusable(&error))
    }

    /// Lets verification use the same model.
    fn keep_model(&mut self) -> Result<(), Failure> {
        let Some(path) = &self.other_model else {
            return Ok(());
        };
        let named = self.store.variable(MODEL);
        let is_same = |named: &String| Path::new(named).canonicalize().ok().as_ref() == Some(path);
        if let Some(named) = named.as_ref().filter(|named| !is_same(named)) {
            let path = path.display();
            self.console.say(&format!(
                "warning: {MODEL} stays {named}, and this run uses {path}"
            ));
            return Ok(());
        }
        let path = path.to_string_lossy();
        let kept = self.store.set_if_blank(MODEL, &path);
        kept.map_err(|error| Failure::unusable(&error))
    }

    async fn plan(&self) -> Result<u8, Failure> {
        let plan = provisioning::plan(&self.model, &self.client, &self.store).await;
        let plan = plan.map_err(|error| Failure::stopped(error.to_string()))?;
        for action in plan.actions.iter().filter(|action| !action.needs_adoption) {
            self.console.say(&action.to_string());
        }
        if plan.adoptions().next().is_some() {
            self.console
                .say("changes to what was there before, made only with --adopt:");
        }
        for action in plan.adoptions() {
            self.console.say(&format!("  {action}"));
        }
        for warning in plan.warnings.iter().chain(&plan.unknown) {
            self.console.say(&format!("warning: {warning}"));
        }
        match plan.changes().count() {
            0 => self.console.say("nothing to change"),
            changes => {
                let words = "changes to make; nothing was changed";
                self.console.say(&format!("{changes} {words}"));
            }
        }
        Ok(0)
    }

    async fn provision(&mut self, asked: &Provision) -> Result<u8, ProvisionError> {
        let tell = |line: &str| self.console.say(line);
        let foreign = if asked.adopt {
            Foreign::Adopt
        } else {
            Foreign::Keep
        };
        let (model, client) = (&self.model, &self.client);
        let made = provisioning::provision_with(foreign, model, client, &mut self.store, tell);
        let made = made.await?;
        if made.changes.is_empty() {
            self.console.say("nothing to change");
        }
        let (users, file) = (made.users.len(), asked.env_file.display());
        let words = format!("issuer, client and {users} test users are in {file}");
        self.console.say(&words);
        if made.left.is_empty() {
            return Ok(0);
        }
        self.console
            .say("left to do: changes to what was there before need --adopt, the rest needs you:");
        for line in &made.left {
            self.console.say(&format!("  {line}"));
        }
        Ok(LEFT_TO_DO)
    }

    async fn teardown(&mut self) -> Result<u8, ProvisionError> {
        if self.store.journal().is_empty() {
            return self.teardown_without_journal().await;
        }
        let tell = |line: &str| self.console.say(line);
        let done = provisioning::teardown(&self.client, &mut self.store, tell).await?;
        let noted = format!("{} things were noted, and none is left", done.entries);
        self.console.say(&noted);
        if !done.blanked.is_empty() {
            let blanked = format!("blanked in the file: {}", done.blanked.join(", "));
            self.console.say_whole(&blanked);
        }
        Ok(0)
    }

    /// Deletes nothing: names alone do not tell what provisioning made.
    async fn teardown_without_journal(&self) -> Result<u8, ProvisionError> {
        let journal = self.store.journal_file().display();
        self.console.say(&format!(
            "nothing was deleted: there is no journal of this org (`{journal}`)"
        ));
        let alike = provisioning::look_alikes(&self.model, &self.client, &self.store).await?;
        for object in &alike {
            let words = if object.is_signed {
                "says that okta-e2e made it"
            } else {
                "has a name of the model, and may be anybody's"
            };
            self.console.say(&format!("  {}: {words}", object.words));
        }
        if alike.iter().any(|object| object.is_signed) {
            self.console
                .say("put the journal back and run again, or delete by hand what is yours");
            return Ok(LEFT_TO_DO);
        }
        Ok(0)
    }
}
