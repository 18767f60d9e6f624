//! What a run is told: the environment and `.env`, read once into a typed configuration.
//!
//! The process environment beats `.env`, both beat the org model. All problems are reported
//! together; a value is never printed.

mod environment;

pub use environment::{Environment, EnvironmentError};

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::browser::Totp;
use crate::limits::LONGEST_UNANNOUNCED;
use crate::model::RedirectUri;
use crate::origin::{TrustedOrigins, is_loopback, is_secure};

/// The variables that name a real org; one of them without an issuer is a mistake, not a sandbox.
const ORG_VARIABLES: [&str; 10] = [
    "OKTA_OAUTH2_CLIENT_ID",
    "OKTA_OAUTH2_CLIENT_SECRET",
    "OKTA_OAUTH2_REDIRECT_URI",
    "OKTA_OAUTH2_AUDIENCE",
    "OKTA_CLIENT_ORGURL",
    "OKTA_CLIENT_TOKEN",
    "OKTA_CLIENT_CLIENTID",
    "OKTA_CLIENT_PRIVATEKEY",
    "OKTA_CLIENT_PRIVATEKEY_ID",
    "RESOURCE_SERVER_URL",
];
const ISSUER: &str = "OKTA_OAUTH2_ISSUER";
const MOST_BROWSERS: usize = 4;

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
    /// Whether a required requirement that is not checked counts as failure.
    pub strict: bool,
    /// How long a run waits for others altogether, when nobody announced it.
    pub most_waiting: Duration,
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
    /// Further origins at which test users may sign in, beside the issuer's and the org's.
    pub further_origins: Vec<Url>,
}

impl OrgAccess {
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
}

/// Why no run can be made: every problem of the configuration, a line each.
#[derive(Debug, thiserror::Error)]
#[error("{}", problems.join("\n"))]
pub struct ConfigError {
    /// What is wrong and what to set, without values.
    pub problems: Vec<String>,
}

impl Config {
    /// Reads the configuration of a run from the environment and `.env`.
    ///
    /// # Errors
    /// [`ConfigError`] with all problems together.
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let mut reader = Reader {
            environment,
            problems: Vec::new(),
        };
        let config = Self {
            target: reader.target(),
            resource_server: reader.resource_server(),
            webdriver_url: reader.url("WEBDRIVER_URL"),
            chromedriver: environment.get("CHROMEWEBDRIVER").map(PathBuf::from),
            browsers: reader.browsers(),
            org_model: reader.path("OKTA_E2E_ORG_MODEL", "fixtures/org.toml"),
            report_dir: reader.path("OKTA_E2E_REPORT_DIR", "target/okta-e2e"),
            strict: reader.switch("OKTA_E2E_STRICT"),
            most_waiting: LONGEST_UNANNOUNCED,
        };
        if config.strict && environment.get(ISSUER).is_none() {
            reader.problem(format!(
                "OKTA_E2E_STRICT is set, so {ISSUER} must name the org (`sandbox` for the \
                 embedded one)"
            ));
        }
        if let Some(problem) = out_of_reach(&config) {
            reader.problem(problem);
        }
        if reader.problems.is_empty() {
            return Ok(config);
        }
        Err(ConfigError {
            problems: reader.problems,
        })
    }
}

struct Reader<'a> {
    environment: &'a Environment,
    problems: Vec<String>,
}

impl Reader<'_> {
    fn problem(&mut self, text: String) {
        if !self.problems.contains(&text) {
            self.problems.push(text);
        }
    }

    fn target(&mut self) -> Target {
        match self.environment.get(ISSUER) {
            None => self.sandbox_unless_told(),
            Some("sandbox") => self.sandbox_alone(),
            Some(issuer) => {
                let issuer = issuer.to_owned();
                self.org(issuer)
            }
        }
    }

    fn told(&self) -> Vec<&str> {
        let users = self
            .environment
            .names()
            .filter(|name| name.starts_with("TEST_USER_"));
        let known = ORG_VARIABLES.into_iter();
        known
            .chain(users)
            .filter(|name| self.environment.get(name).is_some())
            .collect()
    }

    /// A secret that did not arrive must not turn into a green run against the sandbox.
    fn sandbox_unless_told(&mut self) -> Target {
        let told = self.told().join(", ");
        if !told.is_empty() {
            self.problem(format!(
                "{ISSUER} is not set, but {told} is: set {ISSUER} to the issuer of your \
                 authorization server (Security > API > Authorization Servers > Issuer URI), or \
                 leave all of them blank for the embedded sandbox org"
            ));
        }
        Target::Sandbox
    }

    fn sandbox_alone(&mut self) -> Target {
        let told = self.told().join(", ");
        if !told.is_empty() {
            self.problem(format!(
                "{ISSUER} names the embedded sandbox org, which takes nothing from {told}: \
                 leave them blank"
            ));
        }
        Target::Sandbox
    }

    /// What is missing has been noted as a problem, so the target that stands in is never used.
    fn org(&mut self, issuer: String) -> Target {
        let origin = self.issuer_origin(&issuer);
        let org_url = self.url("OKTA_CLIENT_ORGURL").or(origin);
        let client_id = self
            .environment
            .get("OKTA_OAUTH2_CLIENT_ID")
            .map(str::to_owned);
        if client_id.is_none() {
            self.problem(
                "OKTA_OAUTH2_CLIENT_ID is not set: it is the Client ID of step 4 \
                 (Applications > Applications > your app > General)"
                    .to_owned(),
            );
        }
        let users = self.users();
        let (Some(org_url), Some(client_id)) = (org_url, client_id) else {
            return Target::Sandbox;
        };
        let access = OrgAccess {
            issuer,
            org_url,
            client_id,
            client_secret: self.secret("OKTA_OAUTH2_CLIENT_SECRET"),
            redirect_uri: self.redirect_uri(),
            audience: self
                .environment
                .get("OKTA_OAUTH2_AUDIENCE")
                .map(str::to_owned),
            api_token: self.secret("OKTA_CLIENT_TOKEN"),
            users,
            further_origins: self.further_origins(),
        };
        Target::Org(Box::new(access))
    }

    /// The origin of the issuer; the issuer itself stays as it was written, byte for byte.
    fn issuer_origin(&mut self, issuer: &str) -> Option<Url> {
        let Ok(url) = Url::parse(issuer) else {
            self.problem(format!(
                "{ISSUER} is not a URL: it looks like https://{{org}}/oauth2/{{authServerId}}"
            ));
            return None;
        };
        if !is_secure(&url) {
            self.problem(format!(
                "{ISSUER} must begin with https:// (http:// only on loopback)"
            ));
        }
        if url.query().is_some() || url.fragment().is_some() || issuer.ends_with('/') {
            self.problem(format!(
                "{ISSUER} must be the bare issuer, without a trailing slash, query or fragment"
            ));
        }
        if url
            .host_str()
            .is_some_and(|host| host.contains("-admin.okta"))
        {
            self.problem(format!(
                "{ISSUER} names the Admin Console's host: remove `-admin`"
            ));
        }
        Url::parse(&url.origin().ascii_serialization()).ok()
    }

    /// Origins alone: a path would promise a check that nobody makes.
    fn further_origins(&mut self) -> Vec<Url> {
        let name = "OKTA_E2E_TRUSTED_ORIGINS";
        let words = self.environment.get(name).unwrap_or_default();
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        let mut origins = Vec::new();
        for (index, word) in words.iter().enumerate() {
            match Url::parse(word) {
                Ok(url) if is_secure(&url) && is_origin(&url) => origins.push(url),
                _ => self.problem(format!(
                    "{name}: number {} is not an origin such as https://login.example.com \
                     (scheme, host and port alone; http:// only on loopback; several are \
                     separated by blanks)",
                    index + 1
                )),
            }
        }
        origins
    }

    fn users(&mut self) -> BTreeMap<String, TestUserCredentials> {
        let mut users = BTreeMap::new();
        let names: Vec<String> = self.environment.names().map(str::to_owned).collect();
        for name in names
            .iter()
            .filter_map(|name| name.strip_prefix("TEST_USER_"))
        {
            let Some(user) = name
                .strip_suffix("_USERNAME")
                .or(name.strip_suffix("_PASSWORD"))
                .or(name.strip_suffix("_TOTP_SECRET"))
            else {
                continue;
            };
            let username = self.environment.get(&format!("TEST_USER_{user}_USERNAME"));
            let password = self.secret(&format!("TEST_USER_{user}_PASSWORD"));
            let totp_secret = self.totp_secret(user);
            match (username, password) {
                (Some(username), Some(password)) => {
                    let credentials = TestUserCredentials {
                        username: username.to_owned(),
                        password,
                        totp_secret,
                    };
                    users.insert(user.to_owned(), credentials);
                }
                (None, None) if totp_secret.is_none() => {}
                _ => self.problem(format!(
                    "TEST_USER_{user}_USERNAME and TEST_USER_{user}_PASSWORD go together: set \
                     both or none"
                )),
            }
        }
        users
    }

    fn totp_secret(&mut self, user: &str) -> Option<SecretString> {
        let name = format!("TEST_USER_{user}_TOTP_SECRET");
        let secret = self.secret(&name)?;
        if let Err(error) = Totp::new(&secret) {
            self.problem(format!("{name} {error}"));
        }
        Some(secret)
    }

    fn secret(&self, name: &str) -> Option<SecretString> {
        self.environment.get(name).map(SecretString::from)
    }

    /// The redirect URI as it was written: a slash more would be another one.
    fn redirect_uri(&mut self) -> Option<RedirectUri> {
        let name = "OKTA_OAUTH2_REDIRECT_URI";
        self.url(name)?;
        self.environment.get(name)?.parse().ok()
    }

    /// A request without token must be one without any credentials.
    fn resource_server(&mut self) -> Option<Url> {
        let name = "RESOURCE_SERVER_URL";
        let url = self.url(name)?;
        if !url.username().is_empty() || url.password().is_some() {
            self.problem(format!(
                "{name} must not hold a user and password: every request would carry them"
            ));
        }
        Some(url)
    }

    fn url(&mut self, name: &str) -> Option<Url> {
        let value = self.environment.get(name)?;
        match Url::parse(value) {
            Ok(url) if url.has_host() && ["http", "https"].contains(&url.scheme()) => Some(url),
            _ => {
                self.problem(format!("{name} is not an http or https URL"));
                None
            }
        }
    }

    fn path(&self, name: &str, default: &str) -> PathBuf {
        PathBuf::from(self.environment.get(name).unwrap_or(default))
    }

    fn switch(&mut self, name: &str) -> bool {
        match self.environment.get(name) {
            None | Some("0") => false,
            Some("1") => true,
            Some(_) => {
                self.problem(format!("{name} must be `1` or blank"));
                false
            }
        }
    }

    fn browsers(&mut self) -> usize {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let default = cores.min(MOST_BROWSERS);
        let Some(value) = self.environment.get("OKTA_E2E_BROWSERS") else {
            return default;
        };
        match value.parse() {
            Ok(number) if (1..=64).contains(&number) => number,
            _ => {
                self.problem("OKTA_E2E_BROWSERS must be a number from 1 to 64".to_owned());
                default
            }
        }
    }
}

/// Says so when browsers run on another machine, and the org is one that only this one reaches.
fn out_of_reach(config: &Config) -> Option<String> {
    let webdriver = config.webdriver_url.as_ref()?;
    let org = match &config.target {
        Target::Sandbox => "the embedded sandbox org, which listens",
        Target::Org(access) => {
            let issuer = Url::parse(&access.issuer).ok()?;
            is_loopback(&issuer).then_some("an org")?
        }
    };
    (!is_loopback(webdriver)).then(|| {
        format!(
            "WEBDRIVER_URL names browsers on another machine, which cannot reach {org} at a \
             loopback address of this one: leave WEBDRIVER_URL blank, or name an org that both reach"
        )
    })
}

/// Whether an address is scheme, host and port, and nothing more.
fn is_origin(url: &Url) -> bool {
    let origin = url.origin().ascii_serialization();
    url.as_str().trim_end_matches('/') == origin
}
