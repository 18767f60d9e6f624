//! What is in front of an org on a bad day: at one call it loses something, and all is dark then.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use okta_e2e::management::ManagementClient;
use secrecy::SecretString;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use url::Url;

use super::org::Org;

/// What happens at the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Nothing, ever.
    Never,
    /// The org never gets it.
    LostRequest,
    /// The org does it, and its answer is lost.
    LostAnswer,
    /// The org does it and says that it failed.
    FailedAfterwards,
    /// The org does it, and a gateway says that it does not answer.
    GatewayAfterwards,
    /// The org does it and says nothing of what it did; all goes on.
    EmptyAnswer,
    /// The token may do nothing any more.
    Forbidden,
    /// The caller is killed before the org gets it.
    KilledBefore,
    /// The caller is killed when the org has done it.
    KilledAfterwards,
}

struct Line {
    org: String,
    http: reqwest::Client,
    cut: Cut,
    at: usize,
    calls: AtomicUsize,
    asked: Mutex<Vec<String>>,
    killed: Notify,
    is_healed: AtomicBool,
}

/// The front; it ends when it is dropped.
pub(crate) struct Front {
    pub(crate) url: String,
    line: Arc<Line>,
    serving: JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Front {
    /// In front of an org, and cut off at the call of this number, from 0.
    pub(crate) async fn before(org: &Org, cut: Cut, at: usize) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let line = Arc::new(Line {
            org: org.sandbox.org_url().to_owned(),
            http: org.http.clone(),
            cut,
            at,
            calls: AtomicUsize::new(0),
            asked: Mutex::default(),
            killed: Notify::new(),
            is_healed: AtomicBool::new(false),
        });
        let app = Router::new().fallback(carry).with_state(Arc::clone(&line));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, line, serving }
    }

    /// A client of the org by this way.
    pub(crate) fn client(&self, org: &Org) -> ManagementClient {
        let token = SecretString::from(org.sandbox.api_token());
        ManagementClient::new(Url::parse(&self.url).unwrap(), token).unwrap()
    }

    /// Every call so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.line.asked.lock().unwrap().clone()
    }

    /// From now on nothing is lost.
    pub(crate) fn heal(&self) {
        self.line.is_healed.store(true, Ordering::SeqCst);
    }

    /// Comes back when the caller is to be killed.
    pub(crate) async fn killed(&self) {
        self.line.killed.notified().await;
    }
}

async fn carry(
    State(line): State<Arc<Line>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let number = line.calls.fetch_add(1, Ordering::SeqCst);
    line.asked.lock().unwrap().push(format!("{method} {uri}"));
    let (is_at, is_behind) = (number == line.at, number > line.at);
    let cut = match line.cut {
        _ if line.is_healed.load(Ordering::SeqCst) => Cut::Never,
        cut => cut,
    };
    match cut {
        Cut::EmptyAnswer if is_at => {
            let answer = forward(&line, method, &uri, &headers, body).await;
            Response::builder()
                .status(answer.status())
                .body(Body::empty())
                .unwrap()
        }
        Cut::Never | Cut::EmptyAnswer => forward(&line, method, &uri, &headers, body).await,
        _ if !is_at && !is_behind => forward(&line, method, &uri, &headers, body).await,
        Cut::Forbidden => answer(
            StatusCode::FORBIDDEN,
            r#"{"errorCode":"E0000006","errorSummary":"You do not have permission"}"#,
        ),
        Cut::KilledBefore if is_at => {
            line.killed.notify_one();
            std::future::pending().await
        }
        Cut::LostAnswer
        | Cut::FailedAfterwards
        | Cut::GatewayAfterwards
        | Cut::KilledAfterwards
            if is_at =>
        {
            forward(&line, method, &uri, &headers, body).await;
            afterwards(&line).await
        }
        _ => broken_off(),
    }
}

/// What comes instead of the org's answer.
async fn afterwards(line: &Line) -> Response<Body> {
    match line.cut {
        Cut::FailedAfterwards => answer(
            StatusCode::INTERNAL_SERVER_ERROR,
            r#"{"errorCode":"E0000009","errorSummary":"Internal Server Error"}"#,
        ),
        Cut::GatewayAfterwards => answer(StatusCode::GATEWAY_TIMEOUT, "<html>upstream</html>"),
        Cut::KilledAfterwards => {
            line.killed.notify_one();
            std::future::pending().await
        }
        _ => broken_off(),
    }
}

async fn forward(
    line: &Line,
    method: Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut request = line.http.request(method, format!("{}{uri}", line.org));
    for name in ["authorization", "content-type"] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    let answer = request.body(body).send().await.unwrap();
    let (status, body) = (answer.status(), answer.bytes().await.unwrap());
    Response::builder()
        .status(status)
        .body(Body::from(body))
        .unwrap()
}

fn answer(status: StatusCode, body: &'static str) -> Response<Body> {
    Response::builder()
        .status(status)
        .body(Body::from(body))
        .unwrap()
}

/// An answer that ends before it began.
fn broken_off() -> Response<Body> {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let body = futures_util::stream::once(async { Err::<Bytes, _>(broken) });
    Response::new(Body::from_stream(body))
}
