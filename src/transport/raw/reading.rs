//! The answer to a raw request, read as it comes and no further than a limit.

use httparse::{EMPTY_HEADER, Status};
use reqwest::StatusCode;
use reqwest::header::{CONNECTION, HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::RawOutcome;
use crate::transport::coding::decoded;

/// No longer head is read.
const HEAD_LIMIT_BYTES: usize = 64 * 1024;
/// No longer body is read, nor more after it.
const BODY_LIMIT_BYTES: usize = 1024 * 1024;
const MOST_HEADERS: usize = 256;
const AT_ONCE: usize = 16 * 1024;

/// What a server answered, byte by byte.
#[derive(Debug, Clone)]
pub struct RawAnswer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, without the marks of its chunks and unpacked; of a connection that was switched to
    /// another protocol (RFC 9110 section 15.2.2), what came through it first.
    pub body: Vec<u8>,
    /// Whether there is more of the body than the suite reads.
    pub is_cut: bool,
    /// What came behind the answer on the same connection: nothing, from most servers.
    pub further: Vec<u8>,
}

/// What is read of a connection, and how far it is understood.
#[derive(Debug)]
pub(super) struct Reading {
    is_head: bool,
    /// What is not understood yet.
    bytes: Vec<u8>,
    answer: Option<(RawAnswer, Body)>,
}

/// What is still to come of a body (RFC 9112 section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Done,
    /// So many bytes.
    Length(u64),
    /// Chunks, each behind its size; so many bytes of one are to come, its line end included.
    Chunks(u64),
    /// Header lines behind the last chunk.
    Trailers,
    /// Everything until the connection ends.
    UntilEnd,
}

impl Reading {
    pub(super) const fn new(is_head: bool) -> Self {
        Self {
            is_head,
            bytes: Vec::new(),
            answer: None,
        }
    }

    /// Reads until the answer is whole.
    ///
    /// # Errors
    /// What ended the connection before that, or why what came is no HTTP.
    pub(super) async fn read(
        &mut self,
        reader: &mut (impl AsyncRead + Unpin),
    ) -> Result<(), String> {
        let mut buffer = vec![0; AT_ONCE];
        while !self.is_whole() {
            match reader.read(&mut buffer).await {
                Ok(0) => return self.ended("the connection ended"),
                Ok(count) => self.take(&buffer[..count])?,
                Err(error) => return self.ended(&error.to_string()),
            }
        }
        Ok(())
    }

    /// Reads what comes behind the answer, until something has come.
    pub(super) async fn read_on(&mut self, reader: &mut (impl AsyncRead + Unpin)) {
        let mut buffer = vec![0; AT_ONCE];
        if self.bytes.is_empty()
            && let Ok(count) = reader.read(&mut buffer).await
        {
            self.bytes.extend_from_slice(&buffer[..count]);
        }
    }

    /// Whether the server said that the connection ends with this answer.
    pub(super) fn is_last(&self) -> bool {
        let values = self.answer.iter().flat_map(|(answer, _)| {
            let values = answer.headers.get_all(CONNECTION).iter();
            values.filter_map(|value| value.to_str().ok())
        });
        let mut options = values.flat_map(|value| value.split(','));
        options.any(|option| option.trim().eq_ignore_ascii_case("close"))
    }

    /// Whether what comes next is of another protocol.
    pub(super) fn is_switched(&self) -> bool {
        let answer = self.answer.as_ref();
        answer.is_some_and(|(answer, _)| answer.status == StatusCode::SWITCHING_PROTOCOLS)
    }

    pub(super) fn answered(self) -> RawOutcome {
        let reason = "no answer came".to_owned();
        match self.so_far() {
            Some(answer) => RawOutcome::Answered(answer),
            None => RawOutcome::Lost {
                reason,
                so_far: None,
            },
        }
    }

    /// The answer, whole or not, once its head has come.
    pub(super) fn so_far(self) -> Option<RawAnswer> {
        let (mut answer, body) = self.answer?;
        if answer.status == StatusCode::SWITCHING_PROTOCOLS {
            answer.body = self.bytes;
        } else if body == Body::Done {
            answer.further = self.bytes;
        }
        answer.body = decoded(&answer.headers, answer.body, BODY_LIMIT_BYTES);
        Some(answer)
    }

    fn is_whole(&self) -> bool {
        matches!(&self.answer, Some((answer, body)) if *body == Body::Done || answer.is_cut)
    }

    /// The connection is at its end, which is that of a body without a length too.
    fn ended(&mut self, reason: &str) -> Result<(), String> {
        match &mut self.answer {
            Some((_, body @ Body::UntilEnd)) => {
                *body = Body::Done;
                Ok(())
            }
            _ => Err(reason.to_owned()),
        }
    }

    fn take(&mut self, read: &[u8]) -> Result<(), String> {
        self.bytes.extend_from_slice(read);
        while self.answer.is_none() {
            if !self.take_head()? {
                return Ok(());
            }
        }
        while !self.is_whole() && self.take_body()? {}
        Ok(())
    }

    /// Takes the head of an answer from what was read; whether there was one. What only announces
    /// another (RFC 9110 section 15.2) is passed over.
    fn take_head(&mut self) -> Result<bool, String> {
        let mut headers = [EMPTY_HEADER; MOST_HEADERS];
        let mut head = httparse::Response::new(&mut headers);
        let parsed = head.parse(&self.bytes);
        let length = match parsed.map_err(|error| format!("it is no HTTP answer: {error}"))? {
            Status::Complete(length) => length,
            Status::Partial if self.bytes.len() > HEAD_LIMIT_BYTES => {
                return Err(format!("its headers are over {HEAD_LIMIT_BYTES} bytes"));
            }
            Status::Partial => return Ok(false),
        };
        let status = StatusCode::from_u16(head.code.unwrap_or_default());
        let status = status.map_err(|error| error.to_string())?;
        let headers = header_map(head.headers);
        self.bytes.drain(..length);
        if !status.is_informational() || status == StatusCode::SWITCHING_PROTOCOLS {
            let body = Body::of(self.is_head, status, &headers);
            self.answer = Some((answer(status, headers), body));
        }
        Ok(true)
    }

    /// Takes what it can of the body; whether there may be more in what was read.
    fn take_body(&mut self) -> Result<bool, String> {
        let Some((answer, body)) = &mut self.answer else {
            return Ok(false);
        };
        let bytes = &mut self.bytes;
        match *body {
            Body::Done => Ok(false),
            Body::UntilEnd => {
                answer.extend(bytes, u64::MAX);
                Ok(false)
            }
            Body::Length(left) => {
                let left = left - answer.extend(bytes, left);
                *body = if left == 0 {
                    Body::Done
                } else {
                    Body::Length(left)
                };
                Ok(left == 0)
            }
            Body::Chunks(0) => body.next_chunk(bytes),
            Body::Chunks(left) => {
                // The two bytes of the line end are no part of the body.
                let taken = match left.checked_sub(2).filter(|content| *content > 0) {
                    Some(content) => answer.extend(bytes, content),
                    None => bytes.drain(..bytes.len().min(to_usize(left))).len() as u64,
                };
                *body = Body::Chunks(left - taken);
                Ok(taken > 0)
            }
            Body::Trailers => body.trailers(bytes),
        }
    }
}

impl Body {
    /// How the body of an answer ends.
    fn of(is_head: bool, status: StatusCode, headers: &HeaderMap) -> Self {
        let has_none = matches!(
            status,
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED | StatusCode::SWITCHING_PROTOCOLS
        );
        let text = |name| {
            headers
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
        };
        let is_chunked = text("transfer-encoding")
            .is_some_and(|value| value.to_ascii_lowercase().trim().ends_with("chunked"));
        let length = text("content-length").and_then(|value| value.trim().parse().ok());
        match length {
            _ if is_head || has_none => Self::Done,
            _ if is_chunked => Self::Chunks(0),
            Some(0) => Self::Done,
            Some(length) => Self::Length(length),
            None => Self::UntilEnd,
        }
    }

    fn next_chunk(&mut self, bytes: &mut Vec<u8>) -> Result<bool, String> {
        match httparse::parse_chunk_size(bytes) {
            Ok(Status::Complete((length, size))) => {
                bytes.drain(..length);
                *self = match size {
                    0 => Self::Trailers,
                    size => Self::Chunks(size.saturating_add(2)),
                };
                Ok(true)
            }
            Ok(Status::Partial) if bytes.len() <= HEAD_LIMIT_BYTES => Ok(false),
            _ => Err("a chunk of its body has no size".to_owned()),
        }
    }

    fn trailers(&mut self, bytes: &mut Vec<u8>) -> Result<bool, String> {
        let mut headers = [EMPTY_HEADER; MOST_HEADERS];
        match httparse::parse_headers(bytes, &mut headers) {
            Ok(Status::Complete((length, _))) => {
                bytes.drain(..length);
                *self = Self::Done;
                Ok(true)
            }
            Ok(Status::Partial) if bytes.len() <= HEAD_LIMIT_BYTES => Ok(false),
            _ => Err("what follows the last chunk of its body cannot be read".to_owned()),
        }
    }
}

impl RawAnswer {
    /// Moves at most `most` bytes to the body, as far as it is read; how many were moved.
    fn extend(&mut self, bytes: &mut Vec<u8>, most: u64) -> u64 {
        let count = bytes.len().min(to_usize(most));
        let room = BODY_LIMIT_BYTES.saturating_sub(self.body.len());
        self.body.extend(bytes.drain(..count).take(room));
        self.is_cut |= count > room;
        count as u64
    }
}

fn to_usize(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn answer(status: StatusCode, headers: HeaderMap) -> RawAnswer {
    RawAnswer {
        status,
        headers,
        body: Vec::new(),
        is_cut: false,
        further: Vec::new(),
    }
}

fn header_map(headers: &[httparse::Header<'_>]) -> HeaderMap {
    let pairs = headers.iter().filter_map(|header| {
        let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_bytes(header.value).ok()?))
    });
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        map.append(name, value);
    }
    map
}
