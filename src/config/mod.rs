//! What a run is told: the environment and `.env`, read once into a typed configuration.
//!
//! The process environment beats `.env`, both beat the org model. All problems are reported
//! together; a value is never printed.

mod address;
mod blanks;
mod environment;
mod facts;
mod mixed_up;
mod names;
mod notes;
mod profile;
mod reader;
mod services;
mod unfilled;

pub use environment::{Environment, EnvironmentError};
pub use facts::Facts;
pub use names::nearest_of;
pub use profile::Profile;
pub use services::private_key;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::clock::Clock;
use crate::model::{Probe, RedirectUri};
use crate::origin::TrustedOrigins;
use crate::passkey::Passkey;
use crate::transport::Certificates;

/// The configuration of a run.
#[derive(Debug)]
pub struct Config {
    /// Which org is verified.
    pub target: Target,
    /// The base of the API's endpoints; none: the embedded solar-system API.
    pub resource_server: Option<Url>,
    /// A running WebDriver endpoint; none: chromedriver is found and started.
    pub webdriver_url: Option<Url>,
    /// Where chromedriver is, by `CHROMEWEBDRIVER`; none: it is looked for.
    pub chromedriver: Option<PathBuf>,
    /// Browser sessions in parallel, at least 1.
    pub browsers: usize,
    /// The org model.
    pub org_model: PathBuf,
    /// Where the report is written.
    pub report_dir: PathBuf,
    /// How much the run asks of the API.
    pub profile: Profile,
    /// What is trusted beside the platform's certificates.
    pub certificates: Certificates,
    /// Whether a required requirement that is not checked counts as failure.
    pub strict: bool,
    /// What is worth knowing before the run, a line each: names that are near a variable's.
    pub notes: Vec<String>,
    /// All variables: the org model may name some for headers of the API.
    pub environment: Environment,
    /// How long a run waits for others altogether, when nobody announced it.
    pub most_waiting: Duration,
    /// By which it is known that a token has expired.
    pub clock: Clock,
}

/// Which org a run verifies.
#[derive(Debug)]
pub enum Target {
    /// The sandbox org inside the test process, provisioned by the suite.
    Sandbox,
    /// An org that is there already.
    Org(Box<OrgAccess>),
}

/// How an org that is there already is reached.
#[derive(Debug, Clone)]
pub struct OrgAccess {
    /// `https://{org}/oauth2/{authServerId}`.
    pub issuer: String,
    /// The org, for the Management API.
    pub org_url: Url,
    /// The client of step 4.
    pub client_id: String,
    /// Its secret, for the code flow of a confidential client.
    pub client_secret: Option<SecretString>,
    /// Instead of the model's redirect URI.
    pub redirect_uri: Option<RedirectUri>,
    /// Instead of the model's audience.
    pub audience: Option<String>,
    /// The SSWS token; none: steps 1 to 4 are not audited.
    pub api_token: Option<SecretString>,
    /// The test users by NAME.
    pub users: BTreeMap<String, TestUserCredentials>,
    /// The service clients by NAME.
    pub services: BTreeMap<String, ServiceCredentials>,
    /// Further origins at which test users may sign in, beside the issuer's and the org's.
    pub further_origins: Vec<Url>,
    /// A private key that the issuer signs with, in PEM: only where one owns the issuer.
    pub trusted_key: Option<SecretString>,
    /// The issuers of the other authorization servers that sign probes.
    pub probe_issuers: BTreeMap<Probe, String>,
}

impl OrgAccess {
    /// The addresses of a run with the variables that name them; the org's own where another
    /// address than the issuer's is named.
    pub(crate) fn named(&self, api: &Url) -> Vec<(Url, &'static str)> {
        let issuer = Url::parse(&self.issuer).ok();
        let org = Some(self.org_url.clone());
        let org = org.filter(|org| issuer.as_ref().map(Url::origin) != Some(org.origin()));
        let named = [
            (issuer, "OKTA_OAUTH2_ISSUER"),
            (org, "OKTA_CLIENT_ORGURL"),
            (Some(api.clone()), "RESOURCE_SERVER_URL"),
        ];
        let named = named.into_iter();
        named.filter_map(|(url, name)| Some((url?, name))).collect()
    }

    /// Whether an address is one of the org, by its own domain or by that of the issuer.
    #[must_use]
    pub fn is_of_org(&self, url: &Url) -> bool {
        let issuer = Url::parse(&self.issuer).ok();
        let mut own = issuer.iter().chain([&self.org_url]);
        own.any(|one| one.origin() == url.origin())
    }

    /// Where secrets of the run may go.
    #[must_use]
    pub fn trusted_origins(&self) -> TrustedOrigins {
        let issuer = Url::parse(&self.issuer).ok();
        let own = issuer.iter().chain([&self.org_url]);
        own.chain(&self.further_origins).collect()
    }
}

/// How a test user signs in.
#[derive(Debug, Clone)]
pub struct TestUserCredentials {
    /// The login.
    pub username: String,
    /// The password.
    pub password: SecretString,
    /// The secret of the user's authenticator app, in base32, if one is set up.
    pub totp_secret: Option<SecretString>,
    /// The passkey that is enrolled for the user, if one is.
    pub passkey: Option<Passkey>,
}

/// How a service client says who it is.
#[derive(Debug, Clone)]
pub struct ServiceCredentials {
    /// The Client ID.
    pub client_id: String,
    /// The client secret, for a service that has one.
    pub client_secret: Option<SecretString>,
    /// The private key in PEM, for a service that signs.
    pub private_key: Option<SecretString>,
}

/// Why no run can be made: every problem of the configuration, a line each.
#[derive(Debug, thiserror::Error)]
#[error("{}", problems.join("\n"))]
pub struct ConfigError {
    /// What is wrong and what to set, without values.
    pub problems: Vec<String>,
}

/// The certificates that `SSL_CERT_FILE` names, for who needs nothing else of a configuration.
///
/// # Errors
/// A sentence, when the file cannot be read or holds no certificate.
pub fn certificates(environment: &Environment) -> Result<Certificates, String> {
    reader::certificates(environment)
}

impl Config {
    /// Reads the configuration of a run from the environment and `.env`.
    ///
    /// # Errors
    /// [`ConfigError`] with all problems together.
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        reader::read(environment)
    }
}
