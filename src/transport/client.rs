//! Requests by plain HTTP: past any proxy on this machine, without following redirects, and never
//! more of a body than a limit.

use reqwest::{Client, ClientBuilder, Method, RequestBuilder, Response};
use url::Url;

use super::DEADLINE;
use super::address::{innermost, without_user};
use super::raw::{self, RawOutcome, RawRequest};
use super::trust::Trust;
use crate::origin::is_loopback;

/// Sends requests; a proxy of the environment is used for everything but this machine.
#[derive(Debug)]
pub(crate) struct Transport {
    proxied: Client,
    direct: Client,
    trust: Trust,
}

impl Transport {
    /// Trusts the platform's certificates and uses the proxies that the environment names.
    ///
    /// # Errors
    /// A sentence, when the platform's trust store cannot be used.
    pub(crate) fn new() -> Result<Self, String> {
        let trust = Trust::platform()?;
        Ok(Self {
            proxied: build(&trust, Client::builder())?,
            direct: build(&trust, Client::builder().no_proxy())?,
            trust,
        })
    }

    /// A request. A user and a password in the address are not sent: they are no credentials of
    /// the run, but of whoever wrote the address.
    pub(crate) fn request(&self, method: Method, url: &Url) -> RequestBuilder {
        let client = if is_loopback(url) {
            &self.direct
        } else {
            &self.proxied
        };
        client.request(method, without_user(url))
    }

    /// Sends bytes as they are, once, to the origin of a server.
    pub(crate) async fn send_raw(&self, server: &Url, request: &RawRequest) -> RawOutcome {
        raw::send(&self.trust, server, request).await
    }
}

fn build(trust: &Trust, builder: ClientBuilder) -> Result<Client, String> {
    builder
        .tls_backend_preconfigured(trust.speaking(&["h2", "http/1.1"]))
        .timeout(DEADLINE)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("okta-e2e/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| format!("cannot set up HTTPS: {}", innermost(&error)))
}

/// Why a body is not complete.
#[derive(Debug)]
pub(crate) enum Incomplete {
    /// It is longer than the limit.
    TooLong,
    /// It broke off, or did not come in time.
    Broken(reqwest::Error),
}

/// Reads a body into `body`, as far as it comes and no further than the limit.
pub(crate) async fn read_body(
    response: &mut Response,
    limit_bytes: usize,
    body: &mut Vec<u8>,
) -> Result<(), Incomplete> {
    while let Some(chunk) = response.chunk().await.map_err(Incomplete::Broken)? {
        let room = limit_bytes.saturating_sub(body.len());
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return Err(Incomplete::TooLong);
        }
    }
    Ok(())
}
