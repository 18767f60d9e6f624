//! An org whose lists do not show yet what was made, as Okta's are for a while.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, Uri};
use okta_e2e::management::ManagementClient;
use secrecy::SecretString;
use tokio::task::JoinHandle;
use url::Url;

use super::org::Org;

/// Stands before an org and empties its lists; it ends when it is dropped.
pub(crate) struct LaggingOrg {
    pub(crate) client: ManagementClient,
    serving: JoinHandle<()>,
}

impl Drop for LaggingOrg {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl LaggingOrg {
    pub(crate) async fn before(org: &Org) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new()
            .fallback(forward)
            .with_state(org.sandbox.org_url().to_owned());
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let token = SecretString::from(org.sandbox.api_token());
        let client = ManagementClient::new(Url::parse(&url).unwrap(), token).unwrap();
        Self { client, serving }
    }
}

async fn forward(
    State(org): State<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut request = crate::support::http().request(method.clone(), format!("{org}{uri}"));
    for name in ["authorization", "content-type"] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    let answer = request.body(body).send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    let is_list = method == Method::GET && text.starts_with('[');
    let text = if is_list { "[]".to_owned() } else { text };
    Response::builder()
        .status(status)
        .body(Body::from(text))
        .unwrap()
}
