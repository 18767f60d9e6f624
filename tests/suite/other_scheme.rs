//! A port that is asked by the wrong scheme, https where it speaks no TLS or http where it speaks
//! nothing else: that is said, with the variable to change, and nothing is wrong by it.

use axum::Router;
use okta_e2e::observation::Cause;
use okta_e2e::verification::Verified;
use okta_sandbox::{CertificateAuthority, Sandbox};
use rstest::rstest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

use crate::support::world::{World, names};

/// What a server with TLS does of whom it is asked without.
#[derive(Clone, Copy)]
enum Without {
    /// It ends the connection, with an alert or without.
    Ends,
    /// It says so by 400, as nginx, Apache, Go and Tomcat do.
    Says,
}

/// A port that speaks TLS.
async fn tls(without: Without) -> String {
    let authority = CertificateAuthority::new().expect("an authority");
    let sandbox = Sandbox::builder().tls(&authority).start().await;
    let sandbox = sandbox.expect("the sandbox starts");
    let behind = Url::parse(sandbox.org_url()).expect("a URL");
    let behind = behind.socket_addrs(|| None).expect("an address")[0];
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let _kept = sandbox;
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut first = [0; 1];
                let peeked = stream.peek(&mut first).await;
                // The first byte of a TLS record is the kind of its content (RFC 8446 section 5.1).
                let is_tls = peeked.is_ok() && first[0] == 22;
                if !is_tls && matches!(without, Without::Says) {
                    let mut asked = [0; 4096];
                    let _ = stream.read(&mut asked).await;
                    let body = "Client sent an HTTP request to an HTTPS server.\n";
                    let head =
                        format!("HTTP/1.1 400 Bad Request\r\nContent-Length: {}", body.len());
                    let answer = format!("{head}\r\nConnection: close\r\n\r\n{body}");
                    let _ = stream.write_all(answer.as_bytes()).await;
                    return;
                }
                let mut inner = tokio::net::TcpStream::connect(behind)
                    .await
                    .expect("it answers");
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut inner).await;
            });
        }
    });
    url
}

/// A port that speaks no TLS.
async fn plain() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let app = Router::new().fallback(|| async { "here" });
    tokio::spawn(async move { axum::serve(listener, app).await.expect("served") });
    url
}

fn assert_is_not_checked(verified: &Verified, of: &str, says: [&str; 2]) {
    assert_eq!(names(verified, "not_met"), Vec::<String>::new());
    let run = &verified.record.run;
    assert_eq!(run.exit_status, 2, "{}", run.verdict);
    let mut results = verified.record.results.iter();
    let result = results.find(|result| result.name == of).expect(of);
    assert_eq!(result.cause, Some(Cause::Failed), "{result:#?}");
    let reason = result.reason.as_deref().expect("a reason");
    for part in says {
        assert!(reason.contains(part), "no `{part}` in: {reason}");
    }
}

const METADATA: &str = "step_3a_authorization_server::its_metadata_names_the_issuer";
const AUDIT: &str = "step_1_groups::the_group_exists[silverSubscribers]";
const API: &str = "access::silver_reads_planets[silver]";
const NO_TLS: &str = "the port does not speak TLS";
const TLS: &str = "the port speaks TLS";

#[tokio::test]
async fn an_issuer_by_https_at_a_port_without_tls_is_told() {
    let mut world = World::new().await;
    world.access.issuer = world.access.issuer.replace("http://", "https://");
    let org = world.access.org_url.as_str().replace("http://", "https://");
    world.access.org_url = Url::parse(&org).expect("a URL");
    let verified = world.verify().await;
    let says = [NO_TLS, "into OKTA_OAUTH2_ISSUER"];
    assert_is_not_checked(&verified, METADATA, says);
    assert_is_not_checked(&verified, AUDIT, says);
}

#[rstest]
#[tokio::test]
async fn an_issuer_by_http_at_a_port_with_tls_is_told(
    #[values(Without::Ends, Without::Says)] without: Without,
) {
    let mut world = World::new().await;
    let url = tls(without).await;
    world.access.issuer = format!("{url}/oauth2/aus1");
    world.access.org_url = Url::parse(&url).expect("a URL");
    let verified = world.verify().await;
    let says = [TLS, "write https:// into OKTA_OAUTH2_ISSUER"];
    assert_is_not_checked(&verified, METADATA, says);
    assert_is_not_checked(&verified, AUDIT, says);
}

#[tokio::test]
async fn an_org_by_https_at_a_port_without_tls_is_told() {
    let mut world = World::new().await;
    world.access.org_url = Url::parse(&plain().await).expect("a URL");
    let verified = world.verify().await;
    assert_is_not_checked(&verified, AUDIT, [NO_TLS, "into OKTA_CLIENT_ORGURL"]);
}

#[tokio::test]
async fn an_api_by_https_at_a_port_without_tls_is_told() {
    let mut world = World::new().await;
    world.resource_server = plain().await;
    let verified = world.verify().await;
    assert_is_not_checked(&verified, API, [NO_TLS, "into RESOURCE_SERVER_URL"]);
}

#[rstest]
#[tokio::test]
async fn an_api_by_http_at_a_port_with_tls_is_told(
    #[values(Without::Ends, Without::Says)] without: Without,
) {
    let mut world = World::new().await;
    world.resource_server = tls(without).await;
    let verified = world.verify().await;
    let says = [TLS, "write https:// into RESOURCE_SERVER_URL"];
    assert_is_not_checked(&verified, API, says);
}
