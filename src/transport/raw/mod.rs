//! Requests as bytes: what a library would tidy up, or refuse to send, goes out as it was written.
//!
//! HTTP/1.1 over a connection of its own, straight to the server: a proxy would tidy up as well, so
//! none is used. Nothing is sent twice.

mod reading;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

pub use reading::RawAnswer;
use reading::Reading;

use super::DEADLINE;
use super::address::innermost;
use super::trust::Trust;
use crate::origin::is_secure;

/// A request, byte by byte.
#[derive(Clone)]
pub struct RawRequest {
    /// What comes before the body.
    pub head: RawHead,
    /// What comes after the head; no length is added to the headers for it.
    pub body: Vec<u8>,
    /// How long to listen for more after the answer: whether one request was taken for two.
    pub listens_on: Duration,
    /// What is sent first on the same connection; the answer to it is read and passed over.
    pub before: Option<Box<RawRequest>>,
}

/// So long is listened to what a server says by another protocol.
const FIRST_WORDS: Duration = Duration::from_secs(1);

/// Request line and headers.
#[derive(Clone)]
pub enum RawHead {
    /// Put together with line ends, and a `Host` header where none of these is one.
    Parts {
        /// The method.
        method: Vec<u8>,
        /// The target, as it stands in the request line: path and query, or anything else.
        target: Vec<u8>,
        /// Names and values in their order; a name may come again.
        headers: Vec<(Vec<u8>, Vec<u8>)>,
    },
    /// Sent as it is, the empty line at its end included.
    Whole(Vec<u8>),
}

/// What came of a request.
#[derive(Debug, Clone)]
pub enum RawOutcome {
    /// An answer, as far as the suite reads one.
    Answered(RawAnswer),
    /// The connection ended before an answer was whole, or what came is no HTTP.
    Lost {
        /// What ended it.
        reason: String,
        /// What had come of an answer, if its head had.
        so_far: Option<RawAnswer>,
    },
    /// The deadline passed before an answer was whole.
    Silent {
        /// The deadline.
        seconds: u64,
        /// What had come of an answer, if its head had.
        so_far: Option<RawAnswer>,
    },
    /// No connection: nothing of the request was sent.
    Unreachable {
        /// The innermost cause.
        reason: String,
    },
    /// Not sent: it would have travelled in clear.
    Insecure,
}

impl RawRequest {
    /// A request without headers and body.
    #[must_use]
    pub fn new(method: &str, target: impl Into<Vec<u8>>) -> Self {
        Self {
            head: RawHead::Parts {
                method: method.as_bytes().to_vec(),
                target: target.into(),
                headers: Vec::new(),
            },
            body: Vec::new(),
            listens_on: Duration::ZERO,
            before: None,
        }
    }

    /// Request line and headers as they are, the empty line at their end included.
    #[must_use]
    pub fn whole(head: impl Into<Vec<u8>>) -> Self {
        Self {
            head: RawHead::Whole(head.into()),
            body: Vec::new(),
            listens_on: Duration::ZERO,
            before: None,
        }
    }

    /// Behind another request on its connection.
    #[must_use]
    pub fn behind(mut self, before: Self) -> Self {
        self.before = Some(Box::new(before));
        self
    }

    /// With another target; a head that is whole has its own.
    #[must_use]
    pub fn at(mut self, other: impl Into<Vec<u8>>) -> Self {
        if let RawHead::Parts { target, .. } = &mut self.head {
            *target = other.into();
        }
        self
    }

    /// With one more header, behind those it has; a head that is whole has them already.
    #[must_use]
    pub fn header(mut self, name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        if let RawHead::Parts { headers, .. } = &mut self.head {
            headers.push((name.into(), value.into()));
        }
        self
    }

    /// The bytes that are sent to a server.
    #[must_use]
    pub fn bytes(&self, server: &Url) -> Vec<u8> {
        let head = match &self.head {
            RawHead::Whole(bytes) => bytes.clone(),
            RawHead::Parts {
                method,
                target,
                headers,
            } => head(method, target, headers, server),
        };
        [head, self.body.clone()].concat()
    }

    /// Whether the answer has no body, whatever its headers say (RFC 9112 section 6.3).
    fn is_head(&self) -> bool {
        match &self.head {
            RawHead::Parts { method, .. } => method == b"HEAD",
            RawHead::Whole(bytes) => bytes.starts_with(b"HEAD "),
        }
    }
}

/// What is sent may be a secret.
impl std::fmt::Debug for RawRequest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RawRequest").finish_non_exhaustive()
    }
}

fn head(method: &[u8], target: &[u8], headers: &[(Vec<u8>, Vec<u8>)], server: &Url) -> Vec<u8> {
    let mut head = [method, b" ", target, b" HTTP/1.1\r\n"].concat();
    let names_host = |(name, _): &(Vec<u8>, Vec<u8>)| name.eq_ignore_ascii_case(b"host");
    if !headers.iter().any(names_host) {
        head.extend_from_slice(format!("Host: {}\r\n", authority(server)).as_bytes());
    }
    for (name, value) in headers {
        head.extend_from_slice(&[name, b": ".as_slice(), value, b"\r\n"].concat());
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// Host, and port where it is not the scheme's own, as a `Host` header has them.
fn authority(server: &Url) -> String {
    let host = server.host_str().unwrap_or_default();
    let port = server.port().map(|port| format!(":{port}"));
    format!("{host}{}", port.unwrap_or_default())
}

/// Sends a request to the origin of `server`, and reads what comes within [`DEADLINE`].
pub(crate) async fn send(trust: &Trust, server: &Url, request: &RawRequest) -> RawOutcome {
    send_within(trust, server, request, DEADLINE).await
}

async fn send_within(
    trust: &Trust,
    server: &Url,
    request: &RawRequest,
    deadline: Duration,
) -> RawOutcome {
    if !is_secure(server) {
        return RawOutcome::Insecure;
    }
    let mut reading = Reading::new(request.is_head());
    let exchanged = timeout(deadline, exchange(trust, server, request, &mut reading));
    match exchanged.await {
        Ok(Ok(())) => reading.answered(),
        Ok(Err(Failure::Connecting(reason))) => RawOutcome::Unreachable { reason },
        Ok(Err(Failure::Reading(reason))) => RawOutcome::Lost {
            reason,
            so_far: reading.so_far(),
        },
        Err(_) => RawOutcome::Silent {
            seconds: deadline.as_secs(),
            so_far: reading.so_far(),
        },
    }
}

enum Failure {
    Connecting(String),
    Reading(String),
}

async fn exchange(
    trust: &Trust,
    server: &Url,
    request: &RawRequest,
    reading: &mut Reading,
) -> Result<(), Failure> {
    let connecting = |error: std::io::Error| Failure::Connecting(innermost(&error));
    let host = server.host().ok_or_else(|| no_host(server))?;
    let port = server
        .port_or_known_default()
        .ok_or_else(|| no_host(server))?;
    let stream = connect(&host, port).await.map_err(connecting)?;
    let taken = if server.scheme() == "https" {
        let name = server_name(&host).ok_or_else(|| no_host(server))?;
        let connector = TlsConnector::from(Arc::new(trust.speaking(&["http/1.1"])));
        let stream = connector.connect(name, stream).await.map_err(connecting)?;
        converse(stream, server, request, reading).await
    } else {
        converse(stream, server, request, reading).await
    };
    taken.map_err(Failure::Reading)
}

fn no_host(server: &Url) -> Failure {
    Failure::Connecting(format!("{}: is no address of a server", server.scheme()))
}

pub(super) async fn connect(host: &Host<&str>, port: u16) -> std::io::Result<TcpStream> {
    let stream = match host {
        Host::Domain(name) => TcpStream::connect((*name, port)).await,
        Host::Ipv4(address) => TcpStream::connect((*address, port)).await,
        Host::Ipv6(address) => TcpStream::connect((*address, port)).await,
    }?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

pub(super) fn server_name(host: &Host<&str>) -> Option<ServerName<'static>> {
    match host {
        Host::Domain(name) => ServerName::try_from((*name).to_owned()).ok(),
        Host::Ipv4(address) => Some(ServerName::from(std::net::IpAddr::V4(*address))),
        Host::Ipv6(address) => Some(ServerName::from(std::net::IpAddr::V6(*address))),
    }
}

/// Sends and reads side by side: a server may answer, and stop reading, before all is sent.
async fn converse(
    stream: impl AsyncRead + AsyncWrite,
    server: &Url,
    request: &RawRequest,
    reading: &mut Reading,
) -> Result<(), String> {
    let (mut reader, mut writer) = tokio::io::split(stream);
    if let Some(before) = &request.before {
        let mut passed_over = Reading::new(before.is_head());
        let bytes = before.bytes(server);
        let sent = writer.write_all(&bytes).await;
        sent.map_err(|error| error.to_string())?;
        passed_over.read(&mut reader).await?;
        // No more may be sent then, and nothing is heard of what is (RFC 9112 section 9.6).
        if passed_over.is_last() {
            return Err("it closes the connection after the answer before".to_owned());
        }
    }
    let bytes = request.bytes(server);
    let listens_on = request.listens_on;
    // That it cannot be sent whole shows in what is read: an answer, or the end.
    let sending = pin!(async {
        let sent = writer.write_all(&bytes).await;
        sent.and(writer.flush().await)
    });
    let read = match select(pin!(reading.read(&mut reader)), sending).await {
        Either::Left((read, _)) => read,
        Either::Right((_, still_reading)) => still_reading.await,
    };
    read?;
    let listens_on = if reading.is_switched() {
        listens_on.max(FIRST_WORDS)
    } else {
        listens_on
    };
    if !listens_on.is_zero() {
        // It ends with what comes, with the connection, or when nothing came in time.
        let _ = timeout(listens_on, reading.read_on(&mut reader)).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
