//! Reads the typed configuration out of the environment, and notes every problem on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use url::Url;

use super::address::{self, Problem};
use super::names::{self, CERTIFICATES, ISSUER, TRUSTED_KEY};
use super::notes::is_of_an_org;
use super::services;
use super::{Config, ConfigError, Environment, OrgAccess, Profile, Target, TestUserCredentials};
use super::{blanks, mixed_up, unfilled};
use crate::clock::Clock;
use crate::model::Probe;
use crate::origin::is_loopback;
use crate::passkey::Passkey;
use crate::text_file;
use crate::totp::Totp;
use crate::transport::Certificates;
use crate::transport::limits::LONGEST_UNANNOUNCED;

const MOST_BROWSERS: usize = 4;

/// Reads the configuration of a run.
pub(super) fn read(environment: &Environment) -> Result<Config, ConfigError> {
    let mut reader = Reader {
        environment,
        problems: Vec::new(),
    };
    let config = Config {
        target: reader.target(),
        resource_server: reader.address("RESOURCE_SERVER_URL", address::web),
        webdriver_url: reader.address("WEBDRIVER_URL", address::webdriver),
        chromedriver: environment.get("CHROMEWEBDRIVER").map(PathBuf::from),
        browsers: reader.browsers(),
        org_model: environment.org_model(),
        report_dir: environment.report_dir(),
        profile: reader.profile(),
        certificates: reader.certificates(),
        strict: reader.switch("OKTA_E2E_STRICT"),
        environment: environment.clone(),
        most_waiting: LONGEST_UNANNOUNCED,
        clock: Clock::default(),
        notes: reader.notes(),
    };
    if config.strict && environment.get(ISSUER).is_none() {
        reader.problem(format!(
            "OKTA_E2E_STRICT is set, so {ISSUER} must name the org (`sandbox` for the \
             embedded one)"
        ));
    }
    let unfilled = unfilled::problems(environment);
    let others = blanks::problems(environment).chain(mixed_up::problems(environment));
    for problem in unfilled.chain(others) {
        reader.problem(problem);
    }
    if let Some(problem) = out_of_reach(&config) {
        reader.problem(problem);
    }
    if reader.problems.is_empty() {
        return Ok(config);
    }
    // A name that is near another's may be why that is missing.
    let notes = config.notes.iter().map(|note| format!("note: {note}"));
    Err(ConfigError {
        problems: reader.problems.into_iter().chain(notes).collect(),
    })
}

pub(super) struct Reader<'a> {
    pub(super) environment: &'a Environment,
    problems: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn problem(&mut self, text: String) {
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

    fn told(&self) -> Vec<&'a str> {
        let names = self.environment.names();
        let is_of_model =
            |name: &&str| names::user_of(name).is_some() || names::service_of(name).is_some();
        let users = names.filter(is_of_model);
        names::of_an_org()
            .chain(users)
            .filter(|name| self.environment.get(name).is_some())
            .collect()
    }

    /// A secret that did not arrive, or arrived by another name, must not turn into a green run
    /// against the sandbox.
    fn sandbox_unless_told(&mut self) -> Target {
        let told = self.told().join(", ");
        if !told.is_empty() {
            self.problem(format!(
                "{ISSUER} is not set, but {told} is: set {ISSUER} to the issuer of your \
                 authorization server (Security > API > Authorization Servers > Issuer URI), or \
                 leave all of them blank for the embedded sandbox org"
            ));
        }
        let slips = self.slips().into_iter();
        for (slip, _) in slips.filter(is_of_an_org) {
            self.problem(format!(
                "{ISSUER} is not set, but {} is, which no run reads: rename it to {}, or blank it \
                 for the embedded sandbox org",
                slip.name, slip.nearest
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
        let origin = address::issuer(&issuer);
        for problem in origin.as_ref().err().into_iter().flatten() {
            self.problem(format!("{ISSUER} {problem}"));
        }
        let org_url = self
            .address("OKTA_CLIENT_ORGURL", address::org)
            .or(origin.ok());
        let client_id = self.text("OKTA_OAUTH2_CLIENT_ID");
        if client_id.is_none() {
            self.problem(
                "OKTA_OAUTH2_CLIENT_ID is not set: it is the Client ID of step 4 \
                 (Applications > Applications > your app > General)"
                    .to_owned(),
            );
        }
        let users = self.users();
        let services = services::read(self);
        let redirect_uri = self.address("OKTA_OAUTH2_REDIRECT_URI", address::redirect_uri);
        let further_origins = self.further_origins();
        let (Some(org_url), Some(client_id)) = (org_url, client_id) else {
            return Target::Sandbox;
        };
        let access = OrgAccess {
            issuer,
            org_url,
            client_id,
            client_secret: self.secret("OKTA_OAUTH2_CLIENT_SECRET"),
            redirect_uri,
            audience: self.text("OKTA_OAUTH2_AUDIENCE"),
            api_token: self.api_token(),
            users,
            services,
            further_origins,
            trusted_key: self.trusted_key(),
            probe_issuers: self.probe_issuers(),
        };
        self.check_passkeys(&access);
        Target::Org(Box::new(access))
    }

    fn probe_issuers(&mut self) -> BTreeMap<Probe, String> {
        let mut issuers = BTreeMap::new();
        for probe in Probe::OF_SERVERS {
            let variable = probe.variable().unwrap_or_default();
            let Some(issuer) = self.text(variable) else {
                continue;
            };
            for problem in address::issuer(&issuer).err().into_iter().flatten() {
                self.problem(format!("{variable} {problem}"));
            }
            issuers.insert(probe, issuer);
        }
        issuers
    }

    fn certificates(&mut self) -> Certificates {
        let read = certificates(self.environment);
        read.unwrap_or_else(|problem| {
            self.problem(problem);
            Certificates::default()
        })
    }

    fn trusted_key(&mut self) -> Option<SecretString> {
        let file = PathBuf::from(self.environment.get(TRUSTED_KEY)?);
        match private_key(&file) {
            Ok(key) => Some(key),
            Err(problem) => {
                self.problem(format!("{TRUSTED_KEY}: {problem}"));
                None
            }
        }
    }

    fn further_origins(&mut self) -> Vec<Url> {
        let name = "OKTA_E2E_TRUSTED_ORIGINS";
        let words = self.environment.get(name).unwrap_or_default();
        let mut origins = Vec::new();
        for (index, word) in words.split_whitespace().enumerate() {
            match address::origin(word) {
                Ok(url) => origins.push(url),
                Err(problem) => self.problem(format!("{name}: number {} {problem}", index + 1)),
            }
        }
        origins
    }

    fn users(&mut self) -> BTreeMap<String, TestUserCredentials> {
        let names: BTreeSet<&str> = self
            .environment
            .names()
            .filter_map(names::user_of)
            .collect();
        let mut users = BTreeMap::new();
        let mut halves = Vec::new();
        for user in names {
            let username = self.text(&format!("TEST_USER_{user}_USERNAME"));
            let password = self.secret(&format!("TEST_USER_{user}_PASSWORD"));
            let totp_secret = self.totp_secret(user);
            let passkey = self.passkey(user);
            match (username, password) {
                (Some(username), Some(password)) => {
                    let credentials = TestUserCredentials {
                        username,
                        password,
                        totp_secret,
                        passkey,
                    };
                    users.insert(user.to_owned(), credentials);
                }
                (None, None) if totp_secret.is_none() && passkey.is_none() => {}
                _ => halves.push(user),
            }
        }
        self.half_users(&halves);
        self.one_login_each(&users);
        users
    }

    /// Two halves may be one user whose NAME is written in two ways.
    fn half_users(&mut self, halves: &[&str]) {
        for user in halves {
            let others = halves.iter().filter(|other| *other != user).copied();
            let nearest = names::nearest_of(user, others).map_or_else(String::new, |other| {
                format!("; so do those of {other}: are the two one NAME, misspelled?")
            });
            self.problem(format!(
                "TEST_USER_{user}_USERNAME and TEST_USER_{user}_PASSWORD go together: set both or \
                 none{nearest}"
            ));
        }
    }

    /// A user who stands for two groups proves nothing about either. Okta takes a login in any
    /// case.
    fn one_login_each(&mut self, users: &BTreeMap<String, TestUserCredentials>) {
        let mut known: BTreeMap<String, &str> = BTreeMap::new();
        for (name, user) in users {
            if let Some(other) = known.insert(user.username.to_lowercase(), name) {
                self.problem(format!(
                    "TEST_USER_{other}_USERNAME and TEST_USER_{name}_USERNAME are one login: each \
                     test user is an account of its own"
                ));
            }
        }
    }

    fn totp_secret(&mut self, user: &str) -> Option<SecretString> {
        let name = format!("TEST_USER_{user}_TOTP_SECRET");
        let secret = self.secret(&name)?;
        if let Err(error) = Totp::new(&secret) {
            self.problem(format!("{name} {error}"));
        }
        Some(secret)
    }

    fn passkey(&mut self, user: &str) -> Option<Passkey> {
        let name = passkey_variable(user);
        let read = Passkey::read(Path::new(self.environment.get(&name)?));
        read.map_err(|error| self.problem(format!("{name}: {error}")))
            .ok()
    }

    /// No browser uses a passkey at another host than it is for.
    fn check_passkeys(&mut self, access: &OrgAccess) {
        let issuer = Url::parse(&access.issuer).ok();
        let own = issuer.iter().chain([&access.org_url]);
        let places = own.chain(&access.further_origins);
        let hosts: BTreeSet<&str> = places.filter_map(Url::host_str).collect();
        for (user, credentials) in &access.users {
            let Some(passkey) = &credentials.passkey else {
                continue;
            };
            if !hosts.iter().any(|host| passkey.is_for(host)) {
                self.problem(format!(
                    "{}: the passkey is for `{}`, and test users sign in at `{}`, where no browser \
                     uses it: make one for that host with `okta-e2e passkey`",
                    passkey_variable(user),
                    passkey.relying_party(),
                    hosts.iter().copied().collect::<Vec<_>>().join("`, `")
                ));
            }
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.environment.get(name).map(str::to_owned)
    }

    /// The API token, without the word that goes before it in a header.
    fn api_token(&mut self) -> Option<SecretString> {
        const NAME: &str = "OKTA_CLIENT_TOKEN";
        let token = self.environment.get(NAME)?;
        if token.contains(char::is_whitespace) {
            self.problem(format!(
                "{NAME} must be the token alone, without `SSWS` or blanks"
            ));
        }
        self.secret(NAME)
    }

    pub(super) fn secret(&self, name: &str) -> Option<SecretString> {
        self.environment.get(name).map(SecretString::from)
    }

    fn address<T>(&mut self, name: &str, read: fn(&str) -> Result<T, Problem>) -> Option<T> {
        match read(self.environment.get(name)?) {
            Ok(address) => Some(address),
            Err(problem) => {
                self.problem(format!("{name} {problem}"));
                None
            }
        }
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

    fn profile(&mut self) -> Profile {
        let name = "OKTA_E2E_PROFILE";
        let Some(value) = self.environment.get(name) else {
            return Profile::default();
        };
        let profile = Profile::named(value);
        profile.unwrap_or_else(|| {
            let names = Profile::ALL
                .map(|profile| format!("`{profile}`"))
                .join(", ");
            self.problem(format!("{name} must be one of {names}, or blank"));
            Profile::default()
        })
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

fn passkey_variable(user: &str) -> String {
    format!("TEST_USER_{user}_PASSKEY")
}

/// What is trusted beside the platform's certificates.
///
/// # Errors
/// A sentence, when the file cannot be read or holds no certificate.
pub(super) fn certificates(environment: &Environment) -> Result<Certificates, String> {
    let Some(file) = environment.get(CERTIFICATES) else {
        return Ok(Certificates::default());
    };
    let read = Certificates::read(Path::new(file));
    read.map_err(|problem| format!("{CERTIFICATES}: {problem}"))
}

/// The private key in a PEM file, whatever else is in it; nothing of it is said.
pub(super) fn private_key(file: &Path) -> Result<SecretString, String> {
    let text = text_file::read(file).map_err(|error| error.to_string())?;
    let begins = |label: &str| text.contains(&format!("-----BEGIN {label}PRIVATE KEY-----"));
    if begins("ENCRYPTED ") {
        return Err(format!(
            "the private key in `{}` is encrypted: name one without a passphrase, as `openssl \
             pkcs8 -topk8 -nocrypt` writes it",
            file.display()
        ));
    }
    if begins("") || begins("RSA ") {
        return Ok(SecretString::from(text));
    }
    Err(format!(
        "no RSA private key is in `{}`: a line of a PEM file is `-----BEGIN PRIVATE KEY-----`",
        file.display()
    ))
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
             loopback address of this one: leave WEBDRIVER_URL blank, or name an org that both \
             reach"
        )
    })
}
