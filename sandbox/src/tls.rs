//! TLS by certificates of an authority of one's own: whoever shall trust them takes its
//! certificate.

use std::sync::Arc;

use jiff::{Span, Timestamp, ToSpan as _, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

/// How servers of this machine are addressed.
const NAMES: [&str; 3] = ["127.0.0.1", "::1", "localhost"];

/// A certificate could not be made or used.
#[derive(Debug, thiserror::Error)]
#[error("failed to make or use a certificate: {0}")]
pub struct TlsError(String);

impl TlsError {
    fn of(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// An authority that certifies servers of this machine, and nobody else trusts.
#[derive(Clone)]
pub struct CertificateAuthority {
    certificate: String,
    issuer: Arc<Issuer<'static, KeyPair>>,
}

impl std::fmt::Debug for CertificateAuthority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("CertificateAuthority")
            .finish_non_exhaustive()
    }
}

impl CertificateAuthority {
    /// Makes an authority with a key of its own.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new() -> Result<Self, TlsError> {
        let key = KeyPair::generate().map_err(TlsError::of)?;
        let certificate = params()?.self_signed(&key).map_err(TlsError::of)?;
        Self::of(certificate.pem(), key)
    }

    /// The authority that had this certificate and this private key, both in PEM.
    ///
    /// # Errors
    /// When the key is none.
    pub fn from_pem(certificate: &str, private_key: &str) -> Result<Self, TlsError> {
        let key = KeyPair::from_pem(private_key).map_err(TlsError::of)?;
        Self::of(certificate.to_owned(), key)
    }

    fn of(certificate: String, key: KeyPair) -> Result<Self, TlsError> {
        let issuer = Arc::new(Issuer::new(params()?, key));
        Ok(Self {
            certificate,
            issuer,
        })
    }

    /// The certificate, in PEM: for those who shall trust what it certifies.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The private key, in PEM: for those who keep the authority.
    #[must_use]
    pub fn private_key(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// What answers handshakes with a new certificate for this machine.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, TlsError> {
        let key = KeyPair::generate().map_err(TlsError::of)?;
        let mut params = CertificateParams::new(NAMES.map(str::to_owned)).map_err(TlsError::of)?;
        valid_for(&mut params, 1.year());
        params.distinguished_name = named("okta-sandbox");
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&key, &self.issuer).map_err(TlsError::of)?;
        let chain = vec![CertificateDer::from(certificate)];
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::of)?
            .with_no_client_auth()
            .with_single_cert(chain, key.into())
            .map_err(TlsError::of)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// The same for every authority, so that one with a kept key is the one that had it before.
fn params() -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::new([]).map_err(TlsError::of)?;
    valid_for(&mut params, 10.years());
    params.distinguished_name = named("okta-sandbox authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// From yesterday, since clocks differ.
fn valid_for(params: &mut CertificateParams, span: Span) {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let date = |date: jiff::civil::Date| {
        let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
        date_time_ymd(date.year().into(), month, day)
    };
    params.not_before = date(today.saturating_sub(1.day()));
    params.not_after = date(today.saturating_add(span));
}
