//! A server in front of the sandbox org that changes its answers, down to their bytes.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// What was asked.
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// The version of HTTP, as in `HTTP/1.1`.
    pub(crate) version: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What is answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) bytes: Bytes,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bytes {
    /// With its length.
    Plain,
    /// In chunks.
    Chunked,
    /// As HTTP/1.0, to the end of the connection.
    Old,
    /// Behind an answer of status 103.
    AfterHints,
    /// Names of headers in capitals, and no words behind the status.
    Bare,
}

/// What is done to an answer.
pub(crate) type Change = fn(&Request, &mut Answer);

struct Shared {
    leads_to: Mutex<String>,
    change: Mutex<Change>,
}

/// The server; it ends when it is dropped.
pub(crate) struct Front {
    url: String,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Front {
    /// Answers as what is behind it does.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Arc::new(Shared {
            leads_to: Mutex::default(),
            change: Mutex::new(|_, _| {}),
        });
        let serving = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self {
            url,
            shared,
            serving,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Says what is behind it.
    pub(crate) fn leads_to(&self, url: &str) {
        url.clone_into(&mut locked(&self.shared.leads_to));
    }

    /// Changes answers from now on.
    pub(crate) fn changes(&self, change: Change) {
        *locked(&self.shared.change) = change;
    }
}

fn locked<T>(held: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let http = super::loopback().redirect(reqwest::redirect::Policy::none());
    let http = http.build().expect("a client");
    while let Ok((stream, _)) = listener.accept().await {
        let (http, shared) = (http.clone(), Arc::clone(&shared));
        tokio::spawn(async move { serve_one(stream, &http, &shared).await });
    }
}

/// One request for each connection; who hangs up early gets nothing.
async fn serve_one(stream: TcpStream, http: &reqwest::Client, shared: &Shared) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let request = read(&mut stream).await?;
    let behind = locked(&shared.leads_to).clone();
    let mut answer = ask(http, &behind, &request).await?;
    let change = *locked(&shared.change);
    change(&request, &mut answer);
    stream.write_all(&answer.written()).await.ok()?;
    stream.shutdown().await.ok()
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut first = lines.first()?.split(' ').map(str::to_owned);
    let (method, target, version) = (first.next()?, first.next()?, first.next()?);
    let headers = lines[1..].iter().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_owned(), value.trim().to_owned()))
    });
    let mut request = Request {
        method,
        target,
        version,
        headers: headers.collect(),
        body: Vec::new(),
    };
    let length = request.header("content-length").map(str::parse);
    request.body = vec![0; length.and_then(Result::ok).unwrap_or(0)];
    stream.read_exact(&mut request.body).await.ok()?;
    Some(request)
}

/// What belongs to one connection alone.
fn is_of_connection(name: &str) -> bool {
    const THESE: [&str; 4] = ["connection", "content-length", "host", "transfer-encoding"];
    THESE.iter().any(|known| name.eq_ignore_ascii_case(known))
}

async fn ask(http: &reqwest::Client, behind: &str, request: &Request) -> Option<Answer> {
    let method = request.method.parse().ok()?;
    let mut asked = http.request(method, format!("{behind}{}", request.target));
    for (name, value) in &request.headers {
        if !is_of_connection(name) {
            asked = asked.header(name, value);
        }
    }
    let answer = asked.body(request.body.clone()).send().await.ok()?;
    let headers = answer.headers().iter();
    let headers = headers.filter(|(name, _)| !is_of_connection(name.as_str()));
    let text = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        Some((name.to_string(), value.to_str().ok()?.to_owned()))
    };
    Some(Answer {
        status: answer.status().as_u16(),
        headers: headers.filter_map(text).collect(),
        body: answer.bytes().await.ok()?.to_vec(),
        bytes: Bytes::Plain,
    })
}

fn value<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut headers = headers.iter();
    let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        value(&self.headers, name)
    }

    /// Whether it goes to this endpoint, by the end of its path.
    pub(crate) fn is_to(&self, endpoint: &str) -> bool {
        let path = self.target.split('?').next().unwrap_or_default();
        path.ends_with(endpoint)
    }

    /// A parameter of its query or of its form.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let of = |text: &[u8]| {
            let mut pairs = url::form_urlencoded::parse(text);
            let found = pairs.find(|(known, _)| known == name);
            found.map(|(_, value)| value.into_owned())
        };
        of(query.as_bytes()).or_else(|| of(&self.body))
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        value(&self.headers, name)
    }

    /// Adds a header.
    pub(crate) fn add(&mut self, name: &str, value: impl Into<String>) {
        self.headers.push((name.to_owned(), value.into()));
    }

    /// Puts a header in the place of all of its name.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.add(name, value);
    }

    pub(crate) fn has_kind(&self, kind: &str) -> bool {
        self.header("content-type")
            .is_some_and(|found| found.contains(kind))
    }

    /// Changes its text.
    pub(crate) fn rewrite(&mut self, change: impl FnOnce(String) -> String) {
        self.body = change(String::from_utf8_lossy(&self.body).into_owned()).into_bytes();
    }

    /// Changes its JSON, if it is.
    pub(crate) fn rewrite_json(&mut self, change: impl FnOnce(&mut Value)) {
        if let Ok(mut value) = serde_json::from_slice(&self.body) {
            change(&mut value);
            self.body = value.to_string().into_bytes();
        }
    }

    /// Changes where it leads, if it is a redirect to the client.
    pub(crate) fn redirect(&mut self, change: impl FnOnce(&str) -> String) {
        if let Some(location) = self.header("location").filter(|to| is_of_client(to)) {
            let changed = change(location);
            self.set("location", changed);
        }
    }

    /// Whether it leads somewhere with this in the address.
    pub(crate) fn leads_with(&self, part: &str) -> bool {
        self.header("location").is_some_and(|to| to.contains(part))
    }

    /// Whether it is a page with a form that has this field.
    pub(crate) fn posts(&self, field: &str) -> bool {
        let field = format!("name=\"{field}\"");
        String::from_utf8_lossy(&self.body).contains(&field)
    }

    /// Becomes a redirect.
    pub(crate) fn lead_to(&mut self, location: String) {
        self.status = 302;
        self.body.clear();
        self.set("location", location);
    }

    fn written(&self) -> Vec<u8> {
        let mut head = String::new();
        if self.bytes == Bytes::AfterHints {
            head.push_str("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n");
        }
        let version = if self.bytes == Bytes::Old {
            "1.0"
        } else {
            "1.1"
        };
        let words = if self.bytes == Bytes::Bare {
            ""
        } else {
            "Answered"
        };
        let _ = write!(head, "HTTP/{version} {} {words}\r\n", self.status);
        for (name, value) in &self.headers {
            let name = if self.bytes == Bytes::Bare {
                name.to_uppercase()
            } else {
                name.clone()
            };
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("Connection: close\r\n");
        let (length, body) = match self.bytes {
            Bytes::Old => (String::new(), self.body.clone()),
            Bytes::Chunked => (
                "Transfer-Encoding: chunked\r\n".to_owned(),
                chunked(&self.body),
            ),
            _ => {
                let length = format!("Content-Length: {}\r\n", self.body.len());
                (length, self.body.clone())
            }
        };
        let _ = write!(head, "{length}\r\n");
        [head.into_bytes(), body].concat()
    }
}

/// Whether an address is one of the client: it is at no server of this machine's numbers.
fn is_of_client(location: &str) -> bool {
    let url = Url::parse(location).ok();
    url.is_some_and(|url| url.host_str() != Some("127.0.0.1"))
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let mut written = Vec::new();
    for chunk in body.chunks(7) {
        written.extend(format!("{:x};x=1\r\n", chunk.len()).into_bytes());
        written.extend(chunk);
        written.extend(b"\r\n");
    }
    written.extend(b"0\r\n\r\n");
    written
}
