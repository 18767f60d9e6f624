//! An org behind something else, such as a gateway: it is known by the address in front.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, Uri, header};
use okta_sandbox::{Sandbox, StartError};
use rstest::rstest;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::browser::{Browser, client};
use crate::provision;
use crate::world::World;

/// What is in front of an org, on a port of its own; it ends when it is dropped.
struct Front {
    listener: TcpListener,
    url: String,
}

struct Serving(JoinHandle<()>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Front {
    async fn bind() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self { listener, url }
    }

    fn before(self, sandbox: &Sandbox) -> Serving {
        let app = Router::new()
            .fallback(forward)
            .with_state(sandbox.local_url().to_owned());
        let serving = async move { axum::serve(self.listener, app).await.unwrap() };
        Serving(tokio::spawn(serving))
    }
}

async fn forward(
    State(org): State<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut request = client().request(method, format!("{org}{uri}"));
    for name in [
        header::AUTHORIZATION,
        header::CONTENT_TYPE,
        header::COOKIE,
        header::ACCEPT,
    ] {
        for value in headers.get_all(&name) {
            request = request.header(&name, value);
        }
    }
    let answer = request.body(body).send().await.unwrap();
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if !matches!(*name, header::TRANSFER_ENCODING | header::CONTENT_LENGTH) {
            response = response.header(name, value);
        }
    }
    response
        .body(Body::from(answer.bytes().await.unwrap()))
        .unwrap()
}

async fn behind(url: &str) -> World {
    let sandbox = Sandbox::builder().public_url(url).start().await.unwrap();
    let org = provision::provision(&sandbox).await;
    World { sandbox, org }
}

/// Every URL of an org in a text.
fn urls(text: &str) -> Vec<&str> {
    text.match_indices("http")
        .filter_map(|(at, _)| text[at..].split(['"', '\'', '>', '<', ' ', '\\']).next())
        .filter(|url| url.contains("://127.0.0.1") || url.contains("://org.example.com"))
        .collect()
}

#[tokio::test]
async fn a_user_signs_in_through_what_is_in_front() {
    let front = Front::bind().await;
    let url = front.url.clone();
    let world = behind(&url).await;
    let _serving = front.before(&world.sandbox);
    assert_eq!(world.sandbox.org_url(), url);
    assert_ne!(world.sandbox.local_url(), url);
    let page = world.sign_in("silver", &[]).await;
    let answer = page.fragment();
    let claims = world.verified(&answer["access_token"]).await;
    assert_eq!(claims["iss"], world.issuer());
    let claims = world.verified(&answer["id_token"]).await;
    assert_eq!(claims["iss"], world.issuer());
}

/// Pages, documents, lists and links, whoever asks where.
#[rstest]
#[case::openid("/oauth2/{server}/.well-known/openid-configuration")]
#[case::oauth("/oauth2/{server}/.well-known/oauth-authorization-server")]
#[case::organization("/.well-known/okta-organization")]
#[case::groups("/api/v1/groups?limit=1")]
#[case::users("/api/v1/users?limit=1")]
#[case::applications("/api/v1/apps")]
#[case::servers("/api/v1/authorizationServers")]
#[case::policies("/api/v1/policies?type=ACCESS_POLICY")]
#[case::secrets("/api/v1/apps/{client}/credentials/secrets")]
#[case::sign_in("{authorize}")]
#[tokio::test]
async fn every_address_is_the_public_one(#[case] path: &str) {
    let world = behind("https://org.example.com/").await;
    let authorize = world.authorize_url(&[]);
    let path = path
        .replace("{server}", &world.org.server_id)
        .replace("{client}", &world.org.client_id)
        .replace(
            "{authorize}",
            &authorize.replace(world.sandbox.org_url(), ""),
        );
    let token = format!("SSWS {}", world.sandbox.api_token());
    let url = format!("{}{path}", world.sandbox.local_url());
    let answer = client().get(&url).header("authorization", token);
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{url}");
    let links = answer.headers().get_all("link").iter();
    let links: String = links.map(|link| link.to_str().unwrap()).collect();
    let body = links
        + &answer
            .text()
            .await
            .unwrap()
            .replace("\\x2E", ".")
            .replace("\\x2F", "/")
            .replace("\\x3A", ":");
    let urls = urls(&body);
    assert!(!urls.is_empty(), "{body}");
    for url in urls {
        assert!(url.starts_with("https://org.example.com"), "{url}");
    }
}

#[rstest]
#[case::https("https://org.example.com", true)]
#[case::http("http://org.example.com:8080", false)]
#[tokio::test]
async fn cookies_are_secure_where_the_public_address_is(#[case] url: &str, #[case] secure: bool) {
    let world = behind(url).await;
    let page = world.authorize_url(&[]);
    let page = page.replace(world.sandbox.org_url(), world.sandbox.local_url());
    let page = Browser::new().get(&page).await;
    let cookies = page.headers.get_all("set-cookie").iter();
    let cookies: Vec<&str> = cookies.map(|cookie| cookie.to_str().unwrap()).collect();
    assert!(!cookies.is_empty());
    for cookie in cookies {
        assert_eq!(cookie.contains("; Secure"), secure, "{cookie}");
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}

#[rstest]
#[case::no_url("org.example.com")]
#[case::another_scheme("ftp://org.example.com")]
#[case::a_path("https://org.example.com/okta")]
#[case::a_query("https://org.example.com?x=1")]
#[case::credentials("https://me:pass@org.example.com")]
#[tokio::test]
async fn an_address_that_no_org_has_is_refused(#[case] url: &str) {
    let started = Sandbox::builder().public_url(url).start().await;
    let refused = matches!(started, Err(StartError::PublicUrl { .. }));
    assert!(refused);
}
