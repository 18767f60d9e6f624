//! Requests byte by byte: no client may make them right on the way.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long an answer may take; one that takes longer never comes.
const PATIENCE: Duration = Duration::from_millis(700);

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// What came back; status 0: the connection was closed or refused, 1: no answer came in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Raw {
    pub(crate) fn get(target: &str) -> Self {
        Self {
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    pub(crate) fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn form(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self.method("POST")
            .header("Content-Type", "application/x-www-form-urlencoded")
    }

    /// Sends it to the API at this URL.
    pub(crate) async fn send(&self, url: &str) -> Answer {
        let address = url.trim_start_matches("http://");
        let exchange = tokio::time::timeout(PATIENCE, self.exchange(address));
        match exchange.await {
            Ok(Ok(text)) => parse(&text),
            Ok(Err(_)) => nothing(0),
            Err(_) => nothing(1),
        }
    }

    async fn exchange(&self, address: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address).await?;
        let has_host = self.headers.iter().any(|(name, _)| name == "Host");
        let host = (!has_host).then(|| format!("Host: {address}"));
        let length = self.body.len();
        let length = (length > 0).then(|| format!("Content-Length: {length}"));
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| format!("{name}: {value}"));
        let lines = std::iter::once(format!("{} {} HTTP/1.1", self.method, self.target))
            .chain(host)
            .chain(length)
            .chain(headers)
            .chain(["Connection: close".to_owned(), String::new(), String::new()]);
        let lines: Vec<String> = lines.collect();
        let text = lines.join("\r\n") + &self.body;
        stream.write_all(text.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}

fn nothing(status: u16) -> Answer {
    Answer {
        status,
        head: String::new(),
        body: String::new(),
    }
}

fn parse(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Answer {
        status: status.unwrap_or(0),
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
    }
}
