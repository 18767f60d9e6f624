//! What the API serves: a path, what it takes to get in, and what is answered.

use axum::http::StatusCode;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

/// What a caller needs for an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Nothing at all.
    Public,
    /// Any access token of the issuer for this API.
    SignedIn,
    /// A token with at least one of these scopes.
    AnyOf(Vec<String>),
    /// A token with every one of these scopes.
    AllOf(Vec<String>),
}

/// An endpoint of the API.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    method: String,
    path: String,
    /// What must be in the query of a request, by name.
    query: Vec<(String, String)>,
    access: Access,
    status: StatusCode,
    answers: Answer,
}

/// What is answered to those who may.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    Json(Value),
    /// As it is: a table, XML, a page.
    Text(String),
}

impl Endpoint {
    /// `GET` at this path, which begins with a slash; for those with the scope. Of several
    /// endpoints at a path, a request is for the one of whose query the most is in it.
    #[must_use]
    pub fn new(path: &str, scope: &str) -> Self {
        let answers = json!({ "endpoint": path });
        Self {
            method: "GET".to_owned(),
            query: query_of(path),
            path: as_sent(path),
            access: Access::AnyOf(vec![scope.to_owned()]),
            status: StatusCode::OK,
            answers: Answer::Json(answers),
        }
    }

    /// Another method than `GET`, in capital letters.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    /// What a caller needs instead of one scope.
    #[must_use]
    pub fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// The JSON that is answered; by default an object that names the endpoint.
    #[must_use]
    pub fn answers(mut self, answers: Value) -> Self {
        self.answers = Answer::Json(answers);
        self
    }

    /// A text that is answered in place of JSON.
    #[must_use]
    pub fn answers_text(mut self, text: &str) -> Self {
        self.answers = Answer::Text(text.to_owned());
        self
    }

    /// The status of an answer to those who may; by default 200. With 204 and 205, nothing is
    /// answered beside it (RFC 9110 sections 15.3.5 and 15.3.6).
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = StatusCode::from_u16(status).unwrap_or(self.status);
        self
    }

    /// What the document's API serves.
    pub(super) fn of_the_document() -> Vec<Self> {
        let planets = json!([
            "mercury", "venus", "earth", "mars", "jupiter", "saturn", "uranus", "neptune"
        ]);
        let moons = json!([
            "adrastea", "amalthea", "callisto", "europa", "ganymede", "io", "metis", "thebe"
        ]);
        vec![
            Self::new("/planets", "http://myapp.com/scp/silver").answers(planets),
            Self::new("/moons", "http://myapp.com/scp/gold").answers(moons),
        ]
    }

    pub(super) fn needs(&self) -> &Access {
        &self.access
    }

    pub(super) fn is_at(&self, path: &str) -> bool {
        self.path == path
    }

    /// Whether it answers a request by this method; `HEAD` is a `GET` without the body (RFC 9110
    /// section 9.3.2).
    pub(super) fn takes(&self, method: &str) -> bool {
        self.method == method || (self.method == "GET" && method == "HEAD")
    }

    /// How much of its query is in that of a request: nothing, where a part of it is not.
    pub(super) fn fits(&self, query: &str) -> Option<usize> {
        let asked: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let all = self.query.iter().all(|pair| asked.contains(pair));
        all.then_some(self.query.len())
    }

    pub(super) fn good(&self) -> StatusCode {
        self.status
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The last part of its path.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    pub(super) fn named_method(&self) -> &str {
        &self.method
    }

    pub(super) fn answer(&self) -> &Answer {
        &self.answers
    }
}

impl Access {
    /// The scopes that are spoken of.
    pub(super) fn scopes(&self) -> &[String] {
        match self {
            Self::Public | Self::SignedIn => &[],
            Self::AnyOf(scopes) | Self::AllOf(scopes) => scopes,
        }
    }
}

fn query_of(path: &str) -> Vec<(String, String)> {
    let query = path.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

/// The path as clients send it: percent-encoded, without a query.
fn as_sent(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    match Url::parse("http://localhost").and_then(|base| base.join(path)) {
        Ok(url) => url.path().to_owned(),
        Err(_) => path.to_owned(),
    }
}
