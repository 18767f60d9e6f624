//! Certificates: an authority that is not trusted is named, with how to trust it; and one that the
//! configuration names is trusted by all that is sent.

use std::io::Write as _;
use std::path::Path;

use okta_e2e::browser::{BrowserConfig, BrowserError, Browsers, Landing, Visit};
use okta_e2e::config::{Config, Environment};
use okta_e2e::management::ManagementClient;
use okta_e2e::openid::{ApiEndpoint, Certificates, Http, RawOutcome, RawRequest};
use okta_sandbox::{CertificateAuthority, Sandbox};
use rstest::rstest;
use secrecy::SecretString;
use tempfile::NamedTempFile;
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

/// Where a browser ends that is sent to the org.
async fn landing(secured: &Secured, certificates: Certificates) -> Result<Landing, BrowserError> {
    let url = secured.url();
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
        trusted: &[&url].into_iter().collect(),
    };
    let landing = browser.authorize(&visit).await;
    drop(browser);
    browsers.close().await;
    landing
}

#[tokio::test]
async fn a_browser_trusts_the_named_authority_and_no_other() {
    let secured = Secured::new().await;
    let trusted = landing(&secured, secured.certificates()).await;
    assert!(
        matches!(trusted, Ok(Landing::Stopped { .. })),
        "{trusted:?}"
    );
    let another = CertificateAuthority::new().expect("an authority");
    let another = containing(another.certificate());
    let another = Certificates::read(another.path()).expect("a certificate");
    let untrusted = landing(&secured, another).await;
    let Err(error @ BrowserError::Unreachable { .. }) = untrusted else {
        panic!("{untrusted:?}")
    };
    let error = error.to_string();
    assert!(error.contains("ERR_CERT_AUTHORITY_INVALID"), "{error}");
    assert!(error.contains("set SSL_CERT_FILE to a PEM file"), "{error}");
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
