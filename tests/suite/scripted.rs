//! A server that gives answers one after the other, and notes what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use tokio::task::JoinHandle;

/// An answer: status, headers, body. `{base}` in a header stands for the server's own
/// address, `{host}` for its host and port.
#[derive(Debug, Clone)]
pub(crate) struct Scripted {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Scripted {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(crate) fn okta_error(status: u16, code: &str, summary: &str) -> Self {
        Self::new(
            status,
            serde_json::json!({
                "errorCode": code,
                "errorSummary": summary,
                "errorLink": code,
                "errorId": "oaeScripted",
                "errorCauses": [{ "errorSummary": "the cause" }],
            })
            .to_string(),
        )
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What a server was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path_and_query: String,
    pub(crate) headers: HeaderMap,
}

struct Script {
    base: String,
    answers: Mutex<VecDeque<Scripted>>,
    asked: Mutex<Vec<Asked>>,
}

/// The server; it ends when it is dropped.
pub(crate) struct ScriptedServer {
    script: Arc<Script>,
    serving: JoinHandle<()>,
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl ScriptedServer {
    /// Gives these answers; the last one again and again.
    pub(crate) async fn start(answers: impl IntoIterator<Item = Scripted>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Script {
            base,
            answers: Mutex::new(answers.into_iter().collect()),
            asked: Mutex::default(),
        });
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&script));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { script, serving }
    }

    pub(crate) fn base(&self) -> &str {
        &self.script.base
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.script.asked.lock().unwrap().clone()
    }
}

async fn answer(State(script): State<Arc<Script>>, request: Request) -> Response<Body> {
    script.asked.lock().unwrap().push(Asked {
        path_and_query: request.uri().to_string(),
        headers: request.headers().clone(),
    });
    let mut answers = script.answers.lock().unwrap();
    let answer = if answers.len() > 1 {
        answers.pop_front()
    } else {
        answers.front().cloned()
    };
    let answer = answer.unwrap();
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        let host = script.base.trim_start_matches("http://");
        let value = value.replace("{base}", &script.base);
        response = response.header(name, value.replace("{host}", host));
    }
    response.body(Body::from(answer.body)).unwrap()
}
