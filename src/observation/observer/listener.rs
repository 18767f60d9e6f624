//! A server of the suite's own on this machine: whoever fetches what a token names comes here.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::exchange;

/// No longer request line is read.
const MOST_BYTES: usize = 4 * 1024;

/// It listens until it is dropped.
pub(super) struct Listener {
    url: String,
    asked: Arc<Mutex<BTreeSet<String>>>,
    serving: JoinHandle<()>,
}

impl Listener {
    /// Listens on any free port of the loopback interface; none, where that cannot be.
    pub(super) async fn start() -> Option<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.ok()?;
        let url = format!("http://{}", listener.local_addr().ok()?);
        let asked = Arc::new(Mutex::default());
        let body = answer(&url).to_string();
        let serving = tokio::spawn(serve(listener, Arc::clone(&asked), body));
        Some(Self {
            url,
            asked,
            serving,
        })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The request lines that have come since this was asked last.
    pub(super) fn take(&self) -> BTreeSet<String> {
        std::mem::take(&mut held(&self.asked))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Keys and metadata in one, whatever is looked for: the key is the one that signs what nobody may
/// accept.
fn answer(url: &str) -> Value {
    let keys: Vec<Value> = exchange::own_key().into_iter().collect();
    json!({ "issuer": url, "jwks_uri": format!("{url}/keys"), "keys": keys })
}

async fn serve(listener: TcpListener, asked: Arc<Mutex<BTreeSet<String>>>, body: String) {
    while let Ok((stream, _)) = listener.accept().await {
        // Who hangs up early has asked all the same, or has asked nothing.
        let _ = serve_one(stream, &asked, &body).await;
    }
}

async fn serve_one(
    mut stream: TcpStream,
    asked: &Mutex<BTreeSet<String>>,
    body: &str,
) -> std::io::Result<()> {
    let mut head = vec![0; MOST_BYTES];
    let count = stream.read(&mut head).await?;
    let head = String::from_utf8_lossy(&head[..count]);
    if let Some(line) = head.lines().next() {
        held(asked).insert(line.to_owned());
    }
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

fn held(asked: &Mutex<BTreeSet<String>>) -> MutexGuard<'_, BTreeSet<String>> {
    asked.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_says_who_came_once_and_has_the_key_that_signs() {
        let listener = Listener::start().await.expect("a port");
        let address = listener.url().trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        let request = b"GET /jku HTTP/1.1\r\nHost: x\r\n\r\n";
        stream.write_all(request).await.expect("it is sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).await.expect("an answer");
        assert!(text.contains("\"kid\":\"own\""), "{text}");
        let came = BTreeSet::from(["GET /jku HTTP/1.1".to_owned()]);
        assert_eq!(listener.take(), came);
        assert_eq!(listener.take(), BTreeSet::new());
    }
}
