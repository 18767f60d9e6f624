//! A server that is asked by the wrong scheme: with TLS where the port has none, or without it
//! where the port has nothing else.

use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsStr;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::Error as TlsError;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

use super::raw::{connect, server_name};
use super::trust::Trust;

/// A server that has not said by then that it takes TLS takes none.
const LONGEST_HANDSHAKE: Duration = Duration::from_secs(3);
/// What a server says without TLS to those who ask without it: nginx, Apache, Go, Tomcat.
const WORDS: [&str; 3] = ["https", "ssl", "tls"];

/// The variables that name the addresses of a run, by origin.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(Arc<BTreeMap<String, Vec<&'static str>>>);

impl Names {
    /// Of these addresses.
    pub(crate) fn of(named: impl IntoIterator<Item = (Url, &'static str)>) -> Self {
        let mut by_origin: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
        for (url, variable) in named {
            let origin = url.origin().ascii_serialization();
            by_origin.entry(origin).or_default().push(variable);
        }
        Self(Arc::new(by_origin))
    }

    /// Where an address is from, for sentences.
    fn variables(&self, url: &Url) -> String {
        let names = self.0.get(&url.origin().ascii_serialization());
        names.map_or_else(
            || "what names this address".to_owned(),
            |names| names.join(" and "),
        )
    }

    /// What is said of a port without TLS that was asked by https.
    pub(super) fn no_tls(&self, url: &Url) -> String {
        format!(
            "the port does not speak TLS, and it is asked by https://: write the port that does \
             into {}, or http:// where the server is on this machine",
            self.variables(url)
        )
    }

    /// What is said of a port with TLS that was asked by http.
    pub(super) fn tls(&self, url: &Url) -> String {
        format!(
            "the port speaks TLS, and it is asked by http://: write https:// into {}",
            self.variables(url)
        )
    }
}

/// Whether what came of a TLS handshake is no TLS.
pub(super) fn is_no_tls(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(TlsError::InvalidMessage(_)) = error.downcast_ref() {
            return true;
        }
        // What an error of the system holds is no source of it.
        let held = error.downcast_ref().and_then(io::Error::get_ref);
        cause = held
            .map(|held| held as &(dyn Error + 'static))
            .or_else(|| error.source());
    }
    false
}

/// Whether the body of a refusal may be of a server that wants TLS.
pub(super) fn wants_tls(body: &[u8]) -> bool {
    let body = String::from_utf8_lossy(body).to_ascii_lowercase();
    WORDS.iter().any(|word| body.contains(word))
}

/// Whether the environment names a proxy, by which everything goes but what is on this machine and
/// what is sent as bytes.
pub(crate) fn is_a_proxy_named() -> bool {
    std::env::vars_os().any(|(name, _)| names_a_proxy(&name))
}

/// Whether a variable of the environment names a proxy: `HTTPS_PROXY`, `all_proxy` and their like.
fn names_a_proxy(variable: &OsStr) -> bool {
    let variable = variable.to_string_lossy().to_ascii_lowercase();
    variable.ends_with("_proxy") && variable != "no_proxy"
}

/// Whether the port takes a TLS handshake, or ends one as TLS does.
pub(super) async fn speaks_tls(trust: &Trust, url: &Url) -> bool {
    let shaken = timeout(LONGEST_HANDSHAKE, handshake(trust, url)).await;
    match shaken {
        Ok(Some(Ok(()))) => true,
        Ok(Some(Err(error))) => {
            let of_tls = error.get_ref().and_then(|inner| inner.downcast_ref());
            of_tls.is_some_and(|error| !matches!(error, TlsError::InvalidMessage(_)))
        }
        Ok(None) | Err(_) => false,
    }
}

async fn handshake(trust: &Trust, url: &Url) -> Option<io::Result<()>> {
    let (host, port) = (url.host()?, url.port_or_known_default()?);
    let name = server_name(&host)?;
    let stream = connect(&host, port).await.ok()?;
    let connector = TlsConnector::from(Arc::new(trust.speaking(&["http/1.1"])));
    Some(connector.connect(name, stream).await.map(drop))
}
