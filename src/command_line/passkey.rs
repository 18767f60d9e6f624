//! `passkey`: makes the passkey of a test user, and enrolls it where that is asked for.

use std::path::{Path, PathBuf};

use clap::Args;
use okta_e2e::config::{Environment, certificates};
use okta_e2e::console::Console;
use okta_e2e::management::ManagementClient;
use okta_e2e::passkey::{Passkey, PasskeyError};
use okta_e2e::provisioning;
use secrecy::SecretString;
use url::Url;

use super::Failure;
use super::provision::org_url;

const TOKEN: &str = "OKTA_CLIENT_TOKEN";
const ISSUER: &str = "OKTA_OAUTH2_ISSUER";
/// What names the embedded sandbox org, which has no address before a run.
const SANDBOX: &str = "sandbox";
const ABOUT: &str = "\
FILE holds a private key that signs its user in. It is made for its owner alone (mode 0600) and \
never overwritten. Without --enroll nothing is asked of the org and nothing is changed in it.

With --enroll, the passkey in FILE (made first if there is no FILE) is added to the user \
TEST_USER_<NAME>_USERNAME as a factor `webauthn` of `FIDO` through Okta's Factors API; nothing \
else is changed. That needs OKTA_CLIENT_ORGURL (or the issuer's org) and OKTA_CLIENT_TOKEN, an API \
token of an administrator who may manage the factors of that user, and in the org: the \
authenticator Passkeys (FIDO2 WebAuthn) is active (Security > Authenticators), the enrollment \
policy of the user allows it, and it is not restricted to certain makes of keys. It was tried on \
the sandbox, not on a live org. To undo it: Directory > People > the user > More Actions > Reset \
Authenticators.

Then set TEST_USER_<NAME>_PASSKEY to FILE in .env. A run uses it where a page asks for a passkey, \
in a Chromium that it starts itself.

Exit status: 0 done, 1 the org did not enroll it, 2 usage or configuration.

Examples:
  okta-e2e passkey --user SILVER silver.passkey            make it, change nothing in the org
  okta-e2e passkey --user SILVER silver.passkey --enroll   enroll it for that user";

/// Makes the passkey of a test user, and enrolls it in the org where that is asked for.
#[derive(Debug, Args)]
#[command(name = "passkey", after_help = ABOUT)]
pub(super) struct MakePasskey {
    /// The file of the passkey
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The test user, by the NAME in `TEST_USER_<NAME>_USERNAME`
    #[arg(long, value_name = "NAME")]
    user: String,
    /// Adds the passkey to the user in the org, by the API token
    #[arg(long)]
    enroll: bool,
    /// The host that it is for, or a domain above it; else that of the issuer
    #[arg(long, value_name = "HOST")]
    relying_party: Option<String>,
    /// Reads the variables from this file instead of .env
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

impl MakePasskey {
    pub(super) async fn run(&self, console: &Console) -> Result<(), Failure> {
        let environment = Environment::of_run(self.env_file.as_deref());
        let environment = environment?;
        console.secrets().add_variables(environment.pairs());
        let page = sign_in_page(&environment)?;
        if !self.enroll {
            self.passkey(&page, console)?;
            console.say("nothing was changed in the org; next, enroll it there:");
            console.say(&format!("  {}", self.again()));
            console.say(&format!("then set {}", self.setting()));
            return Ok(());
        }
        // Says what is missing before anything is made.
        let (client, login) = (client(&environment)?, self.login(&environment)?);
        let passkey = self.passkey(&page, console)?;
        console.secrets().add(passkey.secret());
        self.enroll(&client, login, passkey, &page, console).await?;
        let setting = self.setting();
        console.say(&format!("next: set {setting}, then run `okta-e2e verify`"));
        Ok(())
    }

    fn login<'a>(&self, environment: &'a Environment) -> Result<&'a str, Failure> {
        let variable = format!("TEST_USER_{}_USERNAME", self.user);
        let login = environment.get(&variable);
        login.ok_or_else(|| Failure::unusable(&format!("{variable} is not set")))
    }

    /// The passkey in the file, or a new one.
    fn passkey(&self, page: &Url, console: &Console) -> Result<Passkey, Failure> {
        let unusable = |error: PasskeyError| Failure::unusable(&error);
        if self.enroll && self.file.symlink_metadata().is_ok() {
            return Passkey::read(&self.file).map_err(unusable);
        }
        let host = page.host_str().unwrap_or_default();
        let host = self.relying_party.as_deref().unwrap_or(host);
        let passkey = Passkey::make(host).map_err(unusable)?;
        passkey.write_new(&self.file).map_err(unusable)?;
        let file = self.file.display();
        console.say(&format!(
            "made {file}: a passkey for `{host}`; keep it secret"
        ));
        Ok(passkey)
    }

    async fn enroll(
        &self,
        client: &ManagementClient,
        login: &str,
        passkey: Passkey,
        page: &Url,
        console: &Console,
    ) -> Result<(), Failure> {
        let stopped = |error: &dyn ToString| Failure::stopped(error.to_string());
        let org = client.origin();
        let user = client.user(login).await.map_err(|error| stopped(&error))?;
        let user = user.ok_or_else(|| Failure::stopped(format!("{org} has no user `{login}`")))?;
        console.say(&format!("org: {org}"));
        console.say(&format!(
            "adds to the user {login} ({}) the passkey for `{}`, a factor `webauthn` of `FIDO`; \
             nothing else is changed",
            user.id,
            passkey.relying_party()
        ));
        let enrolled = provisioning::enroll(client, &user.id, passkey, &page.origin()).await;
        let (passkey, factor) = enrolled.map_err(|error| stopped(&error))?;
        let written = passkey.write_again(&self.file);
        written.map_err(|error| stopped(&error))?;
        console.say(&format!(
            "enrolled; to undo it: DELETE {org}/api/v1/users/{}/factors/{factor}",
            user.id
        ));
        Ok(())
    }

    fn setting(&self) -> String {
        let file = absolute(&self.file);
        format!(
            "TEST_USER_{}_PASSKEY='{}' in .env",
            self.user,
            file.display()
        )
    }

    /// The command that enrolls the passkey.
    fn again(&self) -> String {
        let (user, file) = (&self.user, self.file.display());
        let env_file = self.env_file.as_ref();
        let env_file = env_file.map_or(String::new(), |env_file| {
            format!(" --env-file {}", env_file.display())
        });
        format!("okta-e2e passkey --user {user} {file} --enroll{env_file}")
    }
}

/// A run may begin in another folder.
fn absolute(file: &Path) -> PathBuf {
    file.canonicalize().unwrap_or_else(|_| file.to_owned())
}

/// The address that users sign in at: the issuer's, or the org's.
fn sign_in_page(environment: &Environment) -> Result<Url, Failure> {
    let issuer = environment.get(ISSUER).filter(|issuer| *issuer != SANDBOX);
    let Some(issuer) = issuer else {
        return org_url(environment);
    };
    let url = Url::parse(issuer).ok().filter(Url::has_host);
    url.ok_or_else(|| Failure::unusable(&format!("{ISSUER} is not the address of an issuer")))
}

fn client(environment: &Environment) -> Result<ManagementClient, Failure> {
    let token = environment.get(TOKEN).map(SecretString::from);
    let token = token.ok_or_else(|| {
        Failure::unusable(&format!(
            "{TOKEN} is not set: enrolling needs an API token of an administrator who may manage \
             the user's factors (Security > API > Tokens)"
        ))
    })?;
    let certificates = certificates(environment);
    let certificates = certificates.map_err(|error| Failure::unusable(&error))?;
    ManagementClient::trusting(org_url(environment)?, token, &certificates)
        .map_err(|error| Failure::unusable(&error))
}
