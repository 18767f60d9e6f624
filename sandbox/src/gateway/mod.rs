//! A real gateway in front of an API: any program that a folder describes, started with its
//! configuration filled in, as it should be or with a named part of it taken away.

mod description;
mod process;

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tokio::net::TcpListener;
use url::Url;

use self::description::Description;
pub use self::description::Finds;
use self::process::Process;
use crate::KeyPairPem;

/// A gateway, as a folder describes it: `gateway.toml`, and the files that it names.
#[derive(Debug)]
pub struct GatewayKind {
    folder: PathBuf,
    description: Description,
}

/// What a gateway is in front of, and whom it trusts.
#[derive(Debug, Clone)]
pub struct Guarded<'a> {
    /// Where the API is that checks nothing itself, without a slash at the end.
    pub api_url: &'a str,
    /// The issuer of the tokens, which has its keys at `/v1/keys`.
    pub issuer: &'a str,
    /// The audience of the tokens.
    pub audience: &'a str,
    /// The key that the issuer signs with, for gateways that take a file.
    pub key: &'a KeyPairPem,
}

/// A gateway under way; dropping it ends it.
pub struct Gateway {
    url: String,
    _process: Process,
}

/// Why there is no gateway.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// A file of the folder cannot be read.
    #[error("cannot read {}: {reason}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The program is not installed.
    #[error("`{program}` is not installed: {install}")]
    Missing {
        /// Its name.
        program: String,
        /// How to install it.
        install: String,
    },
    /// There is no weakness of this name.
    #[error("the gateway has no weakness `{name}`; there are: {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// The configuration has another number of such lines.
    #[error("the weakness `{name}` changes no line of {}: none has `{line}`", file.display())]
    NoLine {
        /// The weakness.
        name: String,
        /// What a line should have.
        line: String,
        /// The file.
        file: PathBuf,
    },
    /// The program did not start, or ended before it answered.
    #[error("the gateway does not start: {reason}")]
    Start {
        /// What it said at last.
        reason: String,
    },
    /// The keys of the issuer cannot be fetched.
    #[error("cannot fetch the keys at {url}: {reason}")]
    Keys {
        /// Where they should be.
        url: String,
        /// What came instead.
        reason: String,
    },
    /// An address has no host, or no port.
    #[error("`{0}` is no address of a server")]
    Address(String),
    /// A file or a process of its own could not be made.
    #[error("cannot start a gateway: {0}")]
    Io(#[from] io::Error),
}

impl GatewayKind {
    /// Reads what a folder describes.
    ///
    /// # Errors
    /// [`GatewayError::File`] when its `gateway.toml` cannot be read.
    pub fn read(folder: &Path) -> Result<Self, GatewayError> {
        let file = folder.join("gateway.toml");
        let unread = |reason: String| GatewayError::File {
            file: file.clone(),
            reason,
        };
        let text = std::fs::read_to_string(&file).map_err(|error| unread(error.to_string()))?;
        let description = toml::from_str(&text).map_err(|error| unread(error.to_string()))?;
        Ok(Self {
            folder: folder.to_owned(),
            description,
        })
    }

    /// What it is, in words.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.description.title
    }

    /// The names of what can be taken away from its configuration.
    pub fn weaknesses(&self) -> impl Iterator<Item = &str> {
        self.description.weaknesses.keys().map(String::as_str)
    }

    /// What whoever verifies it finds: as it should be, or with a weakness.
    ///
    /// # Errors
    /// [`GatewayError::Unknown`] where it has no such weakness.
    pub fn finds(&self, weakness: Option<&str>) -> Result<&Finds, GatewayError> {
        self.description.finds(weakness)
    }

    /// Where its program is: in one of these folders, or in one of `PATH`.
    ///
    /// # Errors
    /// [`GatewayError::Missing`], which says how to install it.
    pub fn program(&self, folders: &[PathBuf]) -> Result<PathBuf, GatewayError> {
        let missing = |what: &Path| GatewayError::Missing {
            program: what.display().to_string(),
            install: self.description.install.clone(),
        };
        let is_there = |needs: &&PathBuf| folders.iter().any(|folder| folder.join(needs).exists());
        let mut needs = self.description.needs.iter();
        if let Some(needs) = needs.find(|needs| !is_there(needs)) {
            return Err(missing(needs));
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let places = folders.iter().cloned().chain(std::env::split_paths(&path));
        let mut found = places.map(|place| place.join(&self.description.program));
        let found = found.find(|place| place.is_file());
        found.ok_or_else(|| missing(self.description.program.as_ref()))
    }

    /// Starts it on any free port, as it should be or with a weakness.
    ///
    /// # Errors
    /// [`GatewayError`]
    pub async fn start(
        &self,
        folders: &[PathBuf],
        guarded: &Guarded<'_>,
        weakness: Option<&str>,
    ) -> Result<Gateway, GatewayError> {
        let program = self.program(folders)?;
        let address = free_address().await?;
        // For the program's own user as well, where it has one: nothing in it is secret.
        let folder = tempfile::Builder::new()
            .prefix("okta-gateway-")
            .permissions(Permissions::from_mode(0o755))
            .tempdir()?;
        let mut values = guarded.values()?;
        values.insert("port", address.port().to_string());
        values.insert("folder", folder.path().display().to_string());
        let installed = folders.first().cloned().unwrap_or_default();
        values.insert("installed", installed.display().to_string());
        std::fs::write(folder.path().join("keys.json"), guarded.keys().await?)?;
        std::fs::write(folder.path().join("key.pem"), &guarded.key.public)?;
        for (name, text) in self.description.files(&self.folder, weakness)? {
            std::fs::write(folder.path().join(name), filled(&text, &values))?;
        }
        let arguments = self.description.arguments.iter();
        let arguments = arguments.map(|argument| filled(argument, &values));
        let process = Process::start(&program, arguments, folder)?;
        process.until_it_listens(address).await?;
        Ok(Gateway {
            url: format!("http://{address}"),
            _process: process,
        })
    }
}

impl Guarded<'_> {
    /// What stands in configurations as `@name@`.
    fn values(&self) -> Result<BTreeMap<&'static str, String>, GatewayError> {
        let (api_host, api_port) = host_and_port(self.api_url)?;
        let (org_host, org_port) = host_and_port(self.issuer)?;
        Ok(BTreeMap::from([
            ("api_url", self.api_url.to_owned()),
            ("api_host", api_host),
            ("api_port", api_port),
            ("issuer", self.issuer.to_owned()),
            ("jwks_uri", self.jwks_uri()),
            ("org_host", org_host),
            ("org_port", org_port),
            ("audience", self.audience.to_owned()),
            ("kid", self.key.kid.clone()),
        ]))
    }

    fn jwks_uri(&self) -> String {
        format!("{}/v1/keys", self.issuer)
    }

    /// The published keys, for a gateway that takes them from a file.
    async fn keys(&self) -> Result<String, GatewayError> {
        let unread = |error: reqwest::Error| GatewayError::Keys {
            url: self.jwks_uri(),
            reason: error.to_string(),
        };
        let client = reqwest::Client::builder().no_proxy().build();
        let answer = client.map_err(unread)?.get(self.jwks_uri()).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status);
        answer.map_err(unread)?.text().await.map_err(unread)
    }
}

fn host_and_port(url: &str) -> Result<(String, String), GatewayError> {
    let parsed = Url::parse(url).ok();
    let parts = parsed.as_ref().and_then(|url| {
        let port = url.port_or_known_default()?;
        Some((url.host_str()?.to_owned(), port.to_string()))
    });
    parts.ok_or_else(|| GatewayError::Address(url.to_owned()))
}

impl Gateway {
    /// `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// An address that nothing listens at: a program that takes no port 0 is given its number.
async fn free_address() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    listener.local_addr()
}

fn filled(text: &str, values: &BTreeMap<&str, String>) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("@{name}@"), value)
    })
}
