//! The API beside the org: by default the document's `/planets` and `/moons`, protected by an
//! authorization server.
//!
//! It is right; what can be wrong with it is data (`faults.toml`), which changes how it behaves
//! (`behaviour.rs`) and nothing else.

mod answer;
mod behaviour;
mod claims;
mod conduct;
mod endpoint;
mod fault;
mod gate;
mod keys;
mod log;
mod malformed;
mod memory;
mod request;
mod route;
mod scopes;
mod signature;
mod state;
mod token;
mod trouble;
mod visit;

pub use self::endpoint::{Access, Endpoint};
pub use self::fault::{SolarFault, UnknownSolarFault};
pub use self::log::LoggedRequest;

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use self::claims::Trusted;
use self::keys::IssuerKeys;
use self::log::Log;
use self::state::SolarState;
use crate::server::{self, StartError};
use crate::tls::CertificateAuthority;

/// The API under way; dropping it stops it.
pub struct SolarSystem {
    url: String,
    state: Arc<SolarState>,
}

/// How the API is to be started.
#[derive(Debug, Clone)]
pub struct SolarSystemBuilder {
    trusted: Trusted,
    endpoints: Vec<Endpoint>,
    port: u16,
    open: bool,
    logs: bool,
    tls: Option<CertificateAuthority>,
    faults: Vec<SolarFault>,
}

impl SolarSystem {
    /// Starts the document's API on any free port, trusting access tokens of the issuer for the
    /// audience.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(issuer: &str, audience: &str) -> Result<Self, StartError> {
        Self::builder(issuer, audience).start().await
    }

    /// An API to be.
    #[must_use]
    pub fn builder(issuer: &str, audience: &str) -> SolarSystemBuilder {
        SolarSystemBuilder {
            trusted: Trusted {
                issuer: issuer.to_owned(),
                audience: audience.to_owned(),
                ahead: Arc::default(),
            },
            endpoints: Endpoint::of_the_document(),
            port: 0,
            open: false,
            logs: false,
            tls: None,
            faults: Vec::new(),
        }
    }

    /// `http://127.0.0.1:PORT`, or `https`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The requests that have come so far; none, unless it was started to keep them.
    #[must_use]
    pub fn log(&self) -> Vec<LoggedRequest> {
        self.state.log.as_ref().map_or_else(Vec::new, Log::requests)
    }

    /// Breaks the API from now on, or mends it.
    pub fn set_fault(&self, fault: Option<SolarFault>) {
        self.set_faults(fault.as_slice());
    }

    /// Breaks the API from now on in several ways, or lets it differ in harmless ones too.
    pub fn set_faults(&self, faults: &[SolarFault]) {
        self.state.set_faults(faults);
    }
}

impl Drop for SolarSystem {
    fn drop(&mut self) {
        self.state.end();
    }
}

impl SolarSystemBuilder {
    /// What the API serves, instead of the document's endpoints.
    #[must_use]
    pub fn endpoints(mut self, endpoints: impl IntoIterator<Item = Endpoint>) -> Self {
        self.endpoints = endpoints.into_iter().collect();
        self
    }

    /// The port to listen on; 0, the default, is any free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Checks nothing: the API that is behind a gateway, which does all the checking. It takes a
    /// path as the laxest servers do: whatever a gateway lets through arrives.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// Keeps every request that comes, for [`SolarSystem::log`].
    #[must_use]
    pub fn logging(mut self) -> Self {
        self.logs = true;
        self
    }

    /// Answers by TLS with a certificate of this authority, and trusts the authority where the
    /// issuer's keys are fetched.
    #[must_use]
    pub fn tls(mut self, authority: &CertificateAuthority) -> Self {
        self.tls = Some(authority.clone());
        self
    }

    /// The API's clock is as many seconds ahead as this holds at any time.
    #[must_use]
    pub fn clock_ahead(mut self, seconds: Arc<AtomicI64>) -> Self {
        self.trusted.ahead = seconds;
        self
    }

    /// What is wrong with the API; may be said several times.
    #[must_use]
    pub fn fault(mut self, fault: SolarFault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// When the port cannot be bound, or the system's certificates cannot be read.
    pub async fn start(self) -> Result<SolarSystem, StartError> {
        let bound = server::bind_as(self.port, self.tls.as_ref()).await?;
        let url = bound.url.clone();
        let keys = IssuerKeys::new(&self.trusted.issuer, self.tls.as_ref())?;
        let state = SolarState::new(self, keys, &bound);
        state.live(bound);
        Ok(SolarSystem { url, state })
    }
}
