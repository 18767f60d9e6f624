//! TLS by an authority of one's own, for those who take nothing else.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use okta_sandbox::{CertificateAuthority, Sandbox, SolarSystem, StartError};
use reqwest::{Certificate, Client};
use serde_json::{Value, json};

use crate::provision;
use crate::world::{SILVER, World};

/// A client that trusts the authority alone, or no authority at all.
fn client(authority: Option<&CertificateAuthority>) -> Client {
    let trusted = authority.map(|authority| authority.certificate().as_bytes());
    let trusted = trusted.map(|pem| Certificate::from_pem(pem).unwrap());
    let builder = Client::builder().no_proxy().tls_certs_only(trusted);
    builder.build().unwrap()
}

async fn answer(client: &Client, url: &str) -> Value {
    client.get(url).send().await.unwrap().json().await.unwrap()
}

const AUDIENCE: &str = "http://myapp.com";

/// The library wants PKCS#1, which PKCS#8 wraps in a head of this length.
const PKCS_8_HEAD: usize = 26;

/// An access token as the issuer would make it.
fn silver_token(world: &World) -> String {
    let key = world.sandbox.signing_key(&world.issuer()).unwrap();
    let private = pem::parse(&key.private).unwrap();
    let signing = EncodingKey::from_rsa_der(&private.contents()[PKCS_8_HEAD..]);
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(key.kid);
    let now = get_current_timestamp();
    let claims = json!({
        "iss": world.issuer(), "aud": AUDIENCE, "iat": now, "exp": now + 3600, "cid": "0oa1",
        "scp": [SILVER],
    });
    encode(&header, &claims, &signing).unwrap()
}

#[tokio::test]
async fn everything_an_org_says_of_itself_is_https() {
    let authority = CertificateAuthority::new().unwrap();
    let sandbox = Sandbox::builder().tls(&authority).start().await.unwrap();
    let org = provision::provision(&sandbox).await;
    let world = World { sandbox, org };
    assert!(world.issuer().starts_with("https://127.0.0.1:"));
    assert!(world.sandbox.local_url().starts_with("http://127.0.0.1:"));
    let metadata = format!("{}/.well-known/openid-configuration", world.issuer());
    let metadata = answer(&client(Some(&authority)), &metadata).await;
    assert_eq!(metadata["issuer"], world.issuer());
    let keys = metadata["jwks_uri"].as_str().unwrap();
    assert!(keys.starts_with(&world.issuer()), "{keys}");
    let keys = answer(&client(Some(&authority)), keys).await;
    assert_eq!(keys["keys"][0]["kty"], "RSA");
}

#[tokio::test]
async fn whoever_does_not_trust_the_authority_gets_no_answer() {
    let authority = CertificateAuthority::new().unwrap();
    let other = CertificateAuthority::new().unwrap();
    let sandbox = Sandbox::builder().tls(&authority).start().await.unwrap();
    let answers = async |client: Client| client.get(sandbox.org_url()).send().await.is_ok();
    assert!(answers(client(Some(&authority))).await);
    assert!(!answers(client(Some(&other))).await);
    assert!(!answers(client(None)).await);
}

/// The names that this machine has, by which gateways are configured.
#[tokio::test]
async fn localhost_is_certified_too() {
    let authority = CertificateAuthority::new().unwrap();
    let sandbox = Sandbox::builder().tls(&authority).start().await.unwrap();
    let address = sandbox.org_url().trim_start_matches("https://");
    let trusted = Certificate::from_pem(authority.certificate().as_bytes()).unwrap();
    let client = Client::builder()
        .no_proxy()
        .tls_certs_only([trusted])
        .resolve("localhost", address.parse().unwrap())
        .build()
        .unwrap();
    let port = address.rsplit(':').next().unwrap();
    let url = format!("https://localhost:{port}/.well-known/okta-organization");
    assert_eq!(client.get(url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_api_fetches_keys_of_an_issuer_by_tls_and_answers_by_tls() {
    let authority = CertificateAuthority::new().unwrap();
    let sandbox = Sandbox::builder().tls(&authority).start().await.unwrap();
    let org = provision::provision(&sandbox).await;
    let world = World { sandbox, org };
    let token = silver_token(&world);
    for (trusts, status) in [(true, 200), (false, 503)] {
        let mut api = SolarSystem::builder(&world.issuer(), AUDIENCE);
        if trusts {
            api = api.tls(&authority);
        }
        let api = api.start().await.unwrap();
        assert_eq!(api.url().starts_with("https://"), trusts);
        let request = client(Some(&authority)).get(format!("{}/planets", api.url()));
        let answer = request.bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status(), status);
    }
}

#[tokio::test]
async fn a_kept_authority_certifies_for_those_who_trusted_it_before() {
    let before = CertificateAuthority::new().unwrap();
    let kept = CertificateAuthority::from_pem(before.certificate(), &before.private_key());
    let kept = kept.unwrap();
    assert_eq!(kept.certificate(), before.certificate());
    let sandbox = Sandbox::builder().tls(&kept).start().await.unwrap();
    let url = format!("{}/.well-known/okta-organization", sandbox.org_url());
    let answer = client(Some(&before)).get(url).send().await;
    assert_eq!(answer.unwrap().status(), 200);
    assert!(CertificateAuthority::from_pem(before.certificate(), "no key").is_err());
}

/// A port that is taken is named, by TLS as well.
#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let authority = CertificateAuthority::new().unwrap();
    let first = Sandbox::start().await.unwrap();
    let port: u16 = first.org_url().rsplit(':').next().unwrap().parse().unwrap();
    let second = Sandbox::builder().port(port).tls(&authority).start().await;
    let refused = matches!(second, Err(StartError::Listen { port: taken, .. }) if taken == port);
    assert!(refused);
}
