//! Certificates: an authority that is not trusted is named, with how to trust it; and one that the
//! configuration names is trusted by all that is sent.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::response::Redirect;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use okta_e2e::browser::{BrowserConfig, BrowserError, Browsers, Landing, Visit};
use okta_e2e::config::{Config, Environment};
use okta_e2e::management::ManagementClient;
use okta_e2e::openid::{ApiEndpoint, Certificates, Http, RawOutcome, RawRequest};
use okta_sandbox::{CertificateAuthority, Sandbox};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rstest::rstest;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use secrecy::SecretString;
use tempfile::NamedTempFile;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;

const PUBLIC: &str = "/.well-known/okta-organization";
const SAYS: &str = "its certificate is signed by `CN=okta-sandbox authority`, which is not trusted \
                    here: to trust it, set SSL_CERT_FILE to a PEM file";

/// An org by TLS, and the file of its authority.
struct Secured {
    sandbox: Sandbox,
    file: NamedTempFile,
}

impl Secured {
    async fn new() -> Self {
        let authority = CertificateAuthority::new().expect("an authority");
        let sandbox = Sandbox::builder().tls(&authority).start().await;
        Self {
            sandbox: sandbox.expect("the sandbox starts"),
            file: containing(authority.certificate()),
        }
    }

    fn url(&self) -> Url {
        Url::parse(self.sandbox.org_url()).expect("a URL")
    }

    /// As a run has it from its configuration.
    fn certificates(&self) -> Certificates {
        let file = self.file.path().to_str().expect("a name");
        let environment: Environment = [("SSL_CERT_FILE", file)].into_iter().collect();
        Config::read(&environment).expect("right").certificates
    }
}

fn containing(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

#[tokio::test]
async fn an_authority_that_is_not_trusted_is_named() {
    let secured = Secured::new().await;
    let http = Http::new().expect("HTTPS");
    let url = secured.url().join(PUBLIC).expect("a URL");
    let error = http.get(&url).await.expect_err("not trusted").to_string();
    assert!(error.contains(SAYS), "{error}");
    let raw = raw(&http, &secured).await;
    assert!(
        matches!(&raw, RawOutcome::Unreachable { reason } if reason.contains(SAYS)),
        "{raw:?}"
    );
    let client = ManagementClient::new(secured.url(), SecretString::from("token"));
    let error = client.expect("a client").organization().await;
    let error = error.expect_err("not trusted").to_string();
    assert!(error.contains(SAYS), "{error}");
}

#[tokio::test]
async fn an_authority_that_the_configuration_names_is_trusted_by_all_that_is_sent() {
    let secured = Secured::new().await;
    let certificates = secured.certificates();
    let http = Http::trusting(&certificates).expect("HTTPS");
    let url = secured.url().join(PUBLIC).expect("a URL");
    assert_eq!(http.get(&url).await.expect("trusted").status, 200);
    let raw = raw(&http, &secured).await;
    assert!(
        matches!(&raw, RawOutcome::Answered(answer) if answer.status == 200),
        "{raw:?}"
    );
    let token = SecretString::from(secured.sandbox.api_token());
    let client = ManagementClient::trusting(secured.url(), token, &certificates);
    client
        .expect("a client")
        .organization()
        .await
        .expect("trusted");
}

async fn raw(http: &Http, secured: &Secured) -> RawOutcome {
    let endpoint = ApiEndpoint::new(&secured.url(), "");
    http.send_raw(&endpoint, &RawRequest::new("GET", PUBLIC))
        .await
}

/// Where a browser ends that is sent to an org.
fn landing(url: &Url, certificates: Certificates) -> BoxFuture<'_, Result<Landing, BrowserError>> {
    visited(url, certificates).boxed()
}

async fn visited(url: &Url, certificates: Certificates) -> Result<Landing, BrowserError> {
    let redirect_uri = Url::parse("http://localhost:8080/callback").expect("a URL");
    let browsers = Browsers::start(BrowserConfig {
        certificates,
        ..BrowserConfig::new(redirect_uri.clone(), url.clone())
    })
    .await?;
    let mut browser = browsers.user().await?;
    let page = url.join("/oauth2/none/v1/authorize").expect("a URL");
    let visit = Visit {
        url: &page,
        redirect_uri: &redirect_uri,
        credentials: None,
        trusted: &[url].into_iter().collect(),
    };
    let landing = browser.authorize(&visit).await;
    drop(browser);
    browsers.close().await;
    landing
}

#[tokio::test]
async fn a_browser_trusts_the_named_authority_and_no_other() {
    let secured = Secured::new().await;
    let trusted = landing(&secured.url(), secured.certificates()).await;
    assert!(
        matches!(trusted, Ok(Landing::Stopped { .. })),
        "{trusted:?}"
    );
    let another = CertificateAuthority::new().expect("an authority");
    let another = containing(another.certificate());
    let another = Certificates::read(another.path()).expect("a certificate");
    let untrusted = landing(&secured.url(), another).await;
    let Err(error @ BrowserError::Unreachable { .. }) = untrusted else {
        panic!("{untrusted:?}")
    };
    let error = error.to_string();
    assert!(error.contains("ERR_CERT_AUTHORITY_INVALID"), "{error}");
    assert!(error.contains("set SSL_CERT_FILE to a PEM file"), "{error}");
}

/// What is wrong with a server, by a certificate of an authority that the browser trusts.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    Host,
    Date,
    AsksTheClient,
}

/// A server with that fault, and the file of its authority.
async fn wrong_server(wrong: Wrong) -> (Url, NamedTempFile) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new([]).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).expect("a certificate");
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().expect("a key");
    let name = if wrong == Wrong::Host {
        "elsewhere.example"
    } else {
        "127.0.0.1"
    };
    let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
    params.not_before = date_time_ymd(2020, 1, 1);
    if wrong == Wrong::Date {
        params.not_after = date_time_ymd(2020, 2, 1);
    }
    let certificate = params.signed_by(&key, &issuer).expect("a certificate");
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).expect("an authority");
    let clients = WebPkiClientVerifier::builder(Arc::new(roots));
    let clients = clients.build().expect("a verifier");
    let config = ServerConfig::builder();
    let config = if wrong == Wrong::AsksTheClient {
        config.with_client_cert_verifier(clients)
    } else {
        config.with_no_client_auth()
    };
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = config.with_single_cert(vec![certificate.der().clone()], key.into());
    let acceptor = TlsAcceptor::from(Arc::new(config.expect("its key")));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("https://{}/", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut request = Vec::new();
                match acceptor.accept(stream).into_fallible().await {
                    Ok(mut stream) => stream.read_buf(&mut request).await,
                    // What closes with something unread takes its last word, the alert, along.
                    Err((_, mut stream)) => stream.read_to_end(&mut request).await,
                }
            });
        }
    });
    (url.parse().expect("a URL"), containing(&authority.pem()))
}

#[rstest]
#[case::of_another_host(Wrong::Host, "its certificate is for another host")]
#[case::of_another_time(Wrong::Date, "has expired or is not valid yet")]
#[case::of_the_client(Wrong::AsksTheClient, "asks for a certificate of the client")]
#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_told_with_what_to_do(
    #[case] wrong: Wrong,
    #[case] says: &str,
) {
    let (url, authority) = wrong_server(wrong).await;
    let authority = Certificates::read(authority.path()).expect("a certificate");
    let landing = landing(&url, authority).await;
    let Err(error @ BrowserError::Unreachable { .. }) = landing else {
        panic!("{landing:?}")
    };
    let error = error.to_string();
    assert!(error.contains(says), "{error}");
}

/// On the way from the org to another server.
#[tokio::test]
async fn a_certificate_in_the_middle_of_a_visit_is_told_with_what_to_set() {
    let secured = Secured::new().await;
    let next = secured.url();
    let app = Router::new().fallback(async move || Redirect::to(next.as_str()));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let landing = landing(&url.parse().expect("a URL"), Certificates::default()).await;
    let Err(error @ BrowserError::Unreachable { .. }) = landing else {
        panic!("{landing:?}")
    };
    let error = error.to_string();
    assert!(error.contains("set SSL_CERT_FILE to a PEM file"), "{error}");
    assert!(error.contains(&format!("`{}", secured.url())), "{error}");
}

#[rstest]
#[case::nothing_there("no/such/file.pem", "SSL_CERT_FILE: cannot read `no/such/file.pem`")]
#[case::a_folder("fixtures", "it is no file")]
#[case::no_certificate("Cargo.toml", "no certificate is in")]
fn a_file_that_holds_no_certificate_is_said_before_the_run(#[case] file: &str, #[case] says: &str) {
    let environment: Environment = [("SSL_CERT_FILE", file)].into_iter().collect();
    let error = Config::read(&environment).expect_err("no certificate");
    assert!(error.to_string().contains(says), "{error}");
}

#[test]
fn a_broken_certificate_is_said_before_the_run() {
    let broken = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
    let file = containing(broken);
    let error = Certificates::read(Path::new(file.path())).expect_err("broken");
    assert!(error.contains("is no PEM file"), "{error}");
}
