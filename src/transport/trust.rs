//! Which certificates a run trusts: the platform's, and those that the configuration adds.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, SignatureScheme,
};
use rustls_platform_verifier::Verifier;
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Name};

use super::address::innermost;
use crate::escape::excerpt;

/// The authorities of the whole Web are a quarter of a megabyte.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// Certificates that a run trusts beside the platform's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificates(Vec<CertificateDer<'static>>);

impl Certificates {
    /// Each of them, in DER.
    pub(crate) fn in_der(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// Reads a PEM file.
    ///
    /// # Errors
    /// A sentence, when it cannot be read or holds no certificate.
    pub fn read(file: &Path) -> Result<Self, String> {
        let shown = file.display();
        let bytes = bytes(file).map_err(|error| format!("cannot read `{shown}`: {error}"))?;
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
        match certificates {
            Ok(certificates) if certificates.is_empty() => Err(format!(
                "no certificate is in `{shown}`: a line of a PEM file is \
                 `-----BEGIN CERTIFICATE-----`"
            )),
            Ok(certificates) => Ok(Self(certificates)),
            Err(error) => Err(format!("`{shown}` is no PEM file: {error}")),
        }
    }
}

/// A bundle of certificates need not be text throughout: its comments are in any encoding.
fn bytes(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    File::open(file)?
        .take(LARGEST_FILE + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(io::Error::other(format!(
            "it is larger than {LARGEST_FILE} bytes"
        )));
    }
    Ok(bytes)
}

/// What TLS is set up with, for every kind of client alike.
#[derive(Debug, Clone)]
pub(crate) struct Trust(Arc<ClientConfig>);

impl Trust {
    /// Trusts the platform's store, which on Linux `SSL_CERT_FILE` of the process replaces, and
    /// these certificates. The platform's store is read once a process: it has hundreds of files.
    ///
    /// # Errors
    /// A sentence, when the platform's trust store or one of the certificates cannot be used.
    pub(crate) fn with(more: &Certificates) -> Result<Self, String> {
        static KNOWN: Mutex<Vec<(Certificates, Trust)>> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, trust)) = known.iter().find(|(certificates, _)| certificates == more) {
            return Ok(trust.clone());
        }
        let trust = Self::set_up(more)?;
        known.push((more.clone(), trust.clone()));
        Ok(trust)
    }

    fn set_up(more: &Certificates) -> Result<Self, String> {
        let cannot = |error: Error| format!("cannot set up HTTPS: {}", innermost(&error));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = Explaining::new(&more.0, &provider).map_err(cannot)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(cannot)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// The set-up of a client that speaks these protocols, the best first (RFC 7301).
    pub(crate) fn speaking(&self, protocols: &[&str]) -> ClientConfig {
        let mut config = ClientConfig::clone(&self.0);
        config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        config
    }
}

/// Judges as the platform does, and says of a certificate that it does not trust who signed it.
#[derive(Debug)]
struct Explaining(Verifier);

/// Why a certificate is not trusted.
#[derive(Debug, thiserror::Error)]
pub(super) enum Untrusted {
    /// Its authority is unknown here.
    #[error(
        "its certificate is signed by `{0}`, which is not trusted here: to trust it, set \
         SSL_CERT_FILE to a PEM file with the certificate of that authority"
    )]
    Authority(String),
    /// It signed itself.
    #[error(
        "its certificate, of `{0}`, is signed by itself and not trusted here: to trust it, set \
         SSL_CERT_FILE to a PEM file with that certificate"
    )]
    ItsOwn(String),
    /// RFC 5280 section 4.2.1.9: a certificate of an authority is none of a server.
    #[error(
        "its certificate, of `{0}`, is that of an authority (`CA:TRUE`), which is no server's: \
         issue one for the server"
    )]
    OfAnAuthority(String),
}

impl Explaining {
    fn new(
        more: &[CertificateDer<'static>],
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let more = more.iter().cloned();
        Verifier::new_with_extra_roots(more, Arc::clone(provider)).map(Self)
    }
}

impl ServerCertVerifier for Explaining {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified =
            (self.0).verify_server_cert(certificate, intermediates, name, ocsp_response, now);
        verified.map_err(|error| explained(error, certificate, intermediates))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

fn explained(
    error: Error,
    certificate: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
) -> Error {
    let Ok((_, leaf)) = X509Certificate::from_der(certificate) else {
        return error;
    };
    let why = match &error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => unknown(&leaf, intermediates),
        Error::InvalidCertificate(CertificateError::Other(_)) if leaf.is_ca() => {
            Untrusted::OfAnAuthority(name(leaf.subject()))
        }
        _ => return error,
    };
    Error::Other(OtherError(Arc::new(why)))
}

/// Who signed the last of the certificates that lead upwards from a server's.
fn unknown(leaf: &X509Certificate<'_>, intermediates: &[CertificateDer<'_>]) -> Untrusted {
    if leaf.issuer() == leaf.subject() {
        return Untrusted::ItsOwn(name(leaf.subject()));
    }
    let parsed = intermediates.iter();
    let parsed = parsed.filter_map(|bytes| X509Certificate::from_der(bytes).ok());
    let parsed: Vec<X509Certificate<'_>> = parsed.map(|(_, parsed)| parsed).collect();
    let mut top = leaf;
    // Each is passed at most once, however they name one another.
    for _ in &parsed {
        let above = parsed.iter().find(|above| above.subject() == top.issuer());
        match above {
            Some(above) if above.subject() != top.subject() => top = above,
            _ => break,
        }
    }
    Untrusted::Authority(name(top.issuer()))
}

/// What others wrote: without control characters, and not at any length.
fn name(name: &X509Name<'_>) -> String {
    excerpt(&name.to_string())
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
    use rstest::rstest;

    use super::*;

    struct Authority {
        issuer: Issuer<'static, KeyPair>,
        certificate: CertificateDer<'static>,
    }

    fn params(name: &str, is_ca: bool) -> CertificateParams {
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        if is_ca {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        params
    }

    fn self_signed(name: &str, is_ca: bool) -> Authority {
        let key = KeyPair::generate().unwrap();
        let certificate = params(name, is_ca).self_signed(&key).unwrap();
        let certificate = certificate.der().clone();
        let issuer = Issuer::new(params(name, is_ca), key);
        Authority {
            issuer,
            certificate,
        }
    }

    impl Authority {
        fn signs(&self, name: &str, is_ca: bool) -> Self {
            let key = KeyPair::generate().unwrap();
            let certificate = params(name, is_ca).signed_by(&key, &self.issuer).unwrap();
            let certificate = certificate.der().clone();
            let issuer = Issuer::new(params(name, is_ca), key);
            Self {
                issuer,
                certificate,
            }
        }
    }

    /// What is said of a server's certificates, the server's own first.
    fn said(chain: &[CertificateDer<'static>]) -> String {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = Explaining::new(&[], &provider).unwrap();
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let (own, above) = chain.split_first().unwrap();
        let outcome = verifier.verify_server_cert(own, above, &name, &[], UnixTime::now());
        innermost(&outcome.unwrap_err())
    }

    #[test]
    fn the_authority_above_all_that_came_is_named() {
        let root = self_signed("the root", true);
        let between = root.signs("between", true);
        let own = between.signs("the server", false);
        let whole = said(&[own.certificate.clone(), between.certificate]);
        assert!(whole.contains("signed by `CN=the root`"), "{whole}");
        let alone = said(&[own.certificate]);
        assert!(alone.contains("signed by `CN=between`"), "{alone}");
    }

    #[rstest]
    #[case::of_a_server(false, "is signed by itself and not trusted here")]
    #[case::of_an_authority(true, "is that of an authority (`CA:TRUE`)")]
    fn a_certificate_that_signed_itself_says_so(#[case] is_ca: bool, #[case] says: &str) {
        let said = said(&[self_signed("the server", is_ca).certificate]);
        assert!(said.starts_with("its certificate, of `CN="), "{said}");
        assert!(said.contains(says), "{said}");
    }
}
