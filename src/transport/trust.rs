//! Which certificates a run trusts: the platform's, for everything that is sent by TLS.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;

use super::address::innermost;

/// What TLS is set up with, for every kind of client alike.
#[derive(Debug, Clone)]
pub(crate) struct Trust(Arc<ClientConfig>);

impl Trust {
    /// Trusts the platform's store; on Linux `SSL_CERT_FILE` and `SSL_CERT_DIR` name another.
    ///
    /// # Errors
    /// A sentence, when the platform's trust store cannot be used.
    pub(crate) fn platform() -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(rustls::ConfigBuilder::with_platform_verifier)
            .map_err(|error| format!("cannot set up HTTPS: {}", innermost(&error)))?
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// The set-up of a client that speaks these protocols, the best first (RFC 7301).
    pub(super) fn speaking(&self, protocols: &[&str]) -> ClientConfig {
        let mut config = ClientConfig::clone(&self.0);
        config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        config
    }
}
