//! The endpoints of a model, each by itself: what cannot be said of one, and what follows from what
//! is said.

use std::borrow::Cow;
use std::path::Path;

use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;

use super::endpoint::{Endpoint, HeaderText, Method, Needs, Scopes, Settled, Wanted};
use super::file::OrgModel;
use super::places::{Places, Step, place};
use super::service::Service;
use crate::text_file;

/// Headers that the suite or its client makes, or that change how an answer is read.
const OWN_HEADERS: [&str; 12] = [
    "authorization",
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// Variables whose values go to the org, and never to the API.
const OF_THE_RUN: [&str; 2] = ["OKTA_", "TEST_USER_"];

/// Works out what follows from what is said of each endpoint; what cannot be said comes back, each
/// problem with its line.
pub(super) fn settle(model: &mut OrgModel, path: &Path, text: &str) -> Vec<String> {
    let mut problems = Problems {
        places: Places::of(text),
        folder: path.parent().unwrap_or(Path::new("")),
        found: Vec::new(),
    };
    for (at, endpoint) in model.endpoints.iter_mut().enumerate() {
        endpoint.settled = problems.settled(at, endpoint);
    }
    for (at, endpoint) in model.endpoints.iter().enumerate() {
        problems.open_to(at, endpoint, &model.services);
    }
    let told = told(&model.endpoints);
    for (endpoint, is_told) in model.endpoints.iter_mut().zip(told) {
        endpoint.settled.is_told = is_told;
    }
    problems.found
}

/// Whether the data of each endpoint are known again: no answer of another endpoint has them.
fn told(endpoints: &[Endpoint]) -> Vec<bool> {
    let answers = endpoints.iter().enumerate();
    let answers = answers.filter_map(|(at, endpoint)| Some((at, endpoint.wanted()?)));
    // Each is written once, however many there are to compare it with.
    let answers = answers.map(|(at, wanted)| (at, wanted.value(), wanted.body()));
    let answers: Vec<(usize, &Value, Cow<'_, str>)> = answers.collect();
    let is_told = |(own, endpoint): (usize, &Endpoint)| {
        let Some(wanted) = endpoint.wanted().filter(|wanted| !wanted.says_nothing()) else {
            return false;
        };
        let mut others = answers.iter().filter(|(at, ..)| *at != own);
        !others.any(|(_, json, body)| wanted.is_in(body, Some(json)) || wanted.value() == *json)
    };
    endpoints.iter().enumerate().map(is_told).collect()
}

struct Problems<'a> {
    places: Places<'a>,
    folder: &'a Path,
    found: Vec<String>,
}

impl Problems<'_> {
    fn at(&mut self, place: &[Step], message: &str) {
        let line = self.places.line(place);
        self.found.push(format!("line {line}: {message}"));
    }

    fn settled(&mut self, at: usize, endpoint: &Endpoint) -> Settled {
        self.path(at, endpoint);
        self.headers(at, endpoint);
        self.answer(at, endpoint);
        Settled {
            needs: self.needs(at, endpoint),
            id: endpoint.named(),
            body: self.body(at, endpoint),
            is_told: false,
        }
    }

    fn path(&mut self, at: usize, endpoint: &Endpoint) {
        if let Some(problem) = path_problem(&endpoint.path) {
            let message = format!("the path {:?} {problem}", endpoint.path);
            self.at(&place!["endpoint", at, "path"], &message);
        }
    }

    /// A forgotten scope must not open an endpoint to any token.
    fn needs(&mut self, at: usize, endpoint: &Endpoint) -> Needs {
        let said = [
            endpoint.scope.is_some(),
            endpoint.scopes.is_some(),
            endpoint.signed_in,
            endpoint.public,
        ];
        if said.iter().filter(|said| **said).count() != 1 {
            let message = format!(
                "the endpoint {:?} needs exactly one of `scope = \"…\"`, `scopes = {{ all = […] \
                 }}`, `scopes = {{ any = […] }}`, `signed_in = true` (any token for this API is \
                 enough) and `public = true` (no token is needed)",
                endpoint.path
            );
            self.at(&place!["endpoint", at], &message);
        }
        let names = || {
            endpoint
                .named_scopes()
                .map(|name| name.get_ref().clone())
                .collect()
        };
        let names: Vec<String> = names();
        if endpoint.scopes.is_some() && names.len() < 2 {
            let message = "`scopes` names two scopes or more; for one, write `scope = \"…\"`";
            self.at(&place!["endpoint", at, "scopes"], message);
        }
        match (&endpoint.scope, &endpoint.scopes) {
            (Some(_), _) | (_, Some(Scopes::All(_))) => Needs::All(names),
            (_, Some(Scopes::Any(_))) => Needs::Any(names),
            _ if endpoint.public => Needs::Public,
            _ => Needs::SignedIn,
        }
    }

    /// Nobody who signs in may use what services alone use; a forgotten list is none.
    fn open_to(&mut self, at: usize, endpoint: &Endpoint, services: &[Service]) {
        if endpoint.public && !endpoint.open_to.is_empty() {
            let message = "a public endpoint is open to anybody: remove `open_to`, or say by \
                           `scope`, `scopes` or `signed_in` what a caller needs";
            self.at(&place!["endpoint", at, "open_to"], message);
        }
        let mut services = services.iter();
        let is_for_services = services.any(|service| service.is_let_in(endpoint));
        if !endpoint.public && endpoint.open_to.is_empty() && !is_for_services {
            let message = format!(
                "the endpoint {:?} lacks `open_to`: the groups whose members may use it, or \
                 `Everyone` for anybody to whom the client is assigned (it may be left out only \
                 where a `[[service]]` has the scopes of the endpoint: it is for services alone)",
                endpoint.path
            );
            self.at(&place!["endpoint", at], &message);
        }
    }

    fn headers(&mut self, at: usize, endpoint: &Endpoint) {
        for (name, text) in &endpoint.headers {
            if let Some(problem) = header_problem(name, text) {
                let message = format!("the header {name:?} {problem}");
                self.at(&place!["endpoint", at, "headers"], &message);
            }
        }
    }

    fn answer(&mut self, at: usize, endpoint: &Endpoint) {
        let status = endpoint.status();
        if !(200..300).contains(&status) {
            let message = format!(
                "`status = {status}` is no success: a right answer to those who may has a status \
                 from 200 to 299"
            );
            self.at(&place!["endpoint", at, "status"], &message);
        }
        if endpoint.answers.is_some() && endpoint.contains.is_some() {
            let message = "`answers` is the whole answer and `contains` a part of it: keep one";
            self.at(&place!["endpoint", at, "contains"], message);
        }
        // RFC 9110 sections 15.3.5 and 15.3.6.
        if [204, 205].contains(&status) && endpoint.wanted().is_some() {
            let message = format!(
                "an answer with the status {status} has no body: remove what is said of it"
            );
            self.at(&place!["endpoint", at, "status"], &message);
        }
        let among = endpoint
            .contains
            .as_ref()
            .map(|json| Wanted::Among(json.value()));
        if among.is_some_and(Wanted::says_nothing) {
            let message = "`contains` is next to nothing, which every answer has in it: name a \
                           text, a number or a member of the answer";
            self.at(&place!["endpoint", at, "contains"], message);
        }
    }

    /// The text of the body.
    fn body(&mut self, at: usize, endpoint: &Endpoint) -> Option<String> {
        let (inline, file) = (endpoint.body.as_ref(), endpoint.body_file.as_ref());
        let key = if inline.is_some() {
            "body"
        } else {
            "body_file"
        };
        let place = place!["endpoint", at, key];
        if endpoint.method == Method::Get && (inline.is_some() || file.is_some()) {
            // RFC 9110 section 9.3.1.
            self.at(
                &place,
                "a body means nothing to a `GET`: name another `method`, or remove it",
            );
        }
        let sends = sends(endpoint);
        let written = match (inline, file) {
            (Some(_), Some(_)) => {
                let two = "`body` and `body_file` are two bodies: keep one";
                Err(two.to_owned())
            }
            (Some(json), None) => sends.written(json.value()),
            (None, Some(file)) => {
                let read = self.read(file, sends);
                read.map_err(|problem| format!("`body_file` {file:?}: {problem}"))
            }
            (None, None) => return None,
        };
        written.map_err(|problem| self.at(&place, &problem)).ok()
    }

    fn read(&self, file: &str, sends: Sends<'_>) -> Result<String, String> {
        let text = text_file::read(&self.folder.join(file)).map_err(|error| error.to_string())?;
        if sends == Sends::Json {
            let json = serde_json::from_str::<Value>(&text);
            json.map_err(|error| {
                format!(
                    "it is no JSON: {error}; what is none is sent as it is where `headers` has its \
                     Content-Type"
                )
            })?;
        }
        Ok(text)
    }
}

/// How a body is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sends<'a> {
    Json,
    /// As it is, as this media type.
    AsItIs(&'a str),
}

impl Sends<'_> {
    /// The text of a body that the model has.
    fn written(self, body: &Value) -> Result<String, String> {
        match (self, body) {
            (Self::Json, json) => Ok(json.to_string()),
            (Self::AsItIs(_), Value::String(text)) => Ok(text.clone()),
            (Self::AsItIs(kind), _) => Err(format!(
                "a `body` that is sent as `{kind}` is a text, sent as it is: write it between \
                 quotes, or leave `Content-Type` out of `headers` and JSON is sent"
            )),
        }
    }
}

/// By the media type in the headers; without one, it is JSON.
fn sends(endpoint: &Endpoint) -> Sends<'_> {
    let mut headers = endpoint.headers.iter();
    let kind = headers.find_map(|(name, text)| match text {
        HeaderText::Text(text) if name.eq_ignore_ascii_case(CONTENT_TYPE.as_str()) => Some(text),
        _ => None,
    });
    kind.filter(|kind| !is_json(kind))
        .map_or(Sends::Json, |kind| Sends::AsItIs(kind))
}

/// RFC 8259 section 11, and RFC 6839 section 3.1 for the types that are JSON of some kind.
fn is_json(kind: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}

/// Why a header cannot be sent with every request.
fn header_problem(name: &str, text: &HeaderText) -> Option<String> {
    if HeaderName::from_bytes(name.as_bytes()).is_err() {
        return Some("is no name of a header: letters, digits and `-`".to_owned());
    }
    if OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
        return Some("is made by the suite itself: remove it".to_owned());
    }
    match text {
        HeaderText::Variable(_) if name.eq_ignore_ascii_case(CONTENT_TYPE.as_str()) => {
            Some("says how the body is sent: write it as a text, not as a variable".to_owned())
        }
        HeaderText::Text(text) if HeaderValue::from_str(text).is_err() => {
            Some("holds a line break or a control character".to_owned())
        }
        HeaderText::Variable(name) if !is_variable(name) => Some(format!(
            "takes its value from {name:?}, which is no variable: capital letters, digits and `_`"
        )),
        HeaderText::Variable(name) if OF_THE_RUN.iter().any(|of| name.starts_with(of)) => {
            Some(format!(
                "takes its value from {name}, which is a variable of the run itself and never goes \
                 to the API: give the key a variable of its own"
            ))
        }
        _ => None,
    }
}

fn is_variable(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(allowed)
}

/// Whether a path would be sent otherwise than it is written, and so to another endpoint.
fn path_problem(path: &str) -> Option<String> {
    if !path.starts_with('/') {
        return Some("must start with `/`".to_owned());
    }
    if path.split('?').next().unwrap_or_default().contains("//") {
        return Some("has an empty part (`//`)".to_owned());
    }
    if path.contains(['{', '}']) {
        return Some(
            "has a place to be filled in: write one that there is, as `/orders/4711` for \
             `/orders/{id}`"
                .to_owned(),
        );
    }
    let url = Url::parse("http://localhost").ok()?;
    let joined = url.join(path).ok()?;
    if joined.fragment().is_some() {
        return Some("must not have a fragment (`#`), which is never sent".to_owned());
    }
    let sent = &joined[url::Position::BeforePath..];
    (sent != path || path.contains('\\')).then(|| {
        format!(
            "would be sent as {sent:?}: write it as it is to be sent, without `.` and `..`, other \
             characters percent-encoded"
        )
    })
}
