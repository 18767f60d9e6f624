//! Plain HTTP with limits: a deadline for every request, a limit on every body.
//!
//! A request is made again only where that is harmless, and every time is told: the suite asks
//! again, it never judges again.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use url::Url;

use super::endpoint::{ApiEndpoint, NotUsed, TrustedEndpoint};
use crate::origin::is_secure;
use crate::transport::limits::{self, LONGEST_UNANNOUNCED, MOST_RETRIES, Retries};
use crate::transport::{
    self, AuthorizationHeader, DEADLINE, Incomplete, RawAnswer, RawOutcome, RawRequest, Transport,
    Unsendable, innermost, read_body,
};

/// No answer that the suite reads is longer.
const BODY_LIMIT_BYTES: usize = 1024 * 1024;
/// No JSON that the suite takes apart whole is longer: a tree of it takes up to forty times as much.
const JSON_LIMIT_BYTES: usize = 256 * 1024;

/// Makes requests with deadlines; follows no redirects, since a token must not travel on.
#[derive(Debug)]
pub struct Http {
    transport: Transport,
    retries: Retries,
    /// What failed at last: it is not asked patiently again until it answers.
    failing: Mutex<BTreeSet<String>>,
}

/// Every answer to one question, since what failed was asked again.
#[derive(Debug)]
pub struct Attempts {
    /// Answers after which it was asked again, complete or not.
    pub earlier: Vec<Answer>,
    /// The answer that counts, or why there is none.
    pub last: Result<Answer, HttpError>,
}

/// When a request may be made once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// Twice is the same as once.
    Idempotent,
    /// Only if it cannot have had an effect: nobody was there, or it came too fast.
    IfNotTaken,
}

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as text.
    pub body: String,
    /// When the answer had come.
    pub at: Timestamp,
}

/// Why there is no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum HttpError {
    /// Nobody answers there.
    #[error("cannot connect to {url}: {reason}; check the address, the network and the proxy")]
    Unreachable {
        /// Scheme, host, port and path.
        url: String,
        /// The innermost cause.
        reason: String,
    },
    /// The answer did not come in time.
    #[error("{url} gave no answer within {seconds} s")]
    TimedOut {
        /// Scheme, host, port and path.
        url: String,
        /// The deadline.
        seconds: u64,
    },
    /// The answer broke off or is not HTTP.
    #[error("{url} broke off its answer: {reason}")]
    Broken {
        /// Scheme, host, port and path.
        url: String,
        /// The innermost cause.
        reason: String,
    },
    /// The answer is longer than anything the suite expects.
    #[error("{url} answers more than {limit_bytes} bytes")]
    TooLong {
        /// Scheme, host, port and path.
        url: String,
        /// The limit.
        limit_bytes: usize,
    },
    /// The request cannot be made at all, by whatever is to be sent with it.
    #[error("{url} cannot be asked: {reason}")]
    Impossible {
        /// Scheme, host, port and path.
        url: String,
        /// The innermost cause.
        reason: String,
    },
    /// The answer to a secret is a redirect, which may lead anywhere.
    #[error("{url} answers {status}, a redirect to {target}, which is not followed with a secret")]
    Redirected {
        /// Scheme, host, port and path.
        url: String,
        /// The status.
        status: u16,
        /// Where it leads, without what may be secret.
        target: String,
    },
    /// A token or secret that no header can carry.
    #[error(transparent)]
    Unsendable(#[from] Unsendable),
    /// The address is none to be used for this.
    #[error(transparent)]
    NotUsed(#[from] NotUsed),
    /// A secret would travel in clear.
    #[error("{url} is not https:// (http:// is used on loopback only)")]
    Insecure {
        /// Scheme, host, port and path.
        url: String,
    },
}

impl Http {
    /// A client that trusts the platform's certificates and honours `HTTPS_PROXY`.
    ///
    /// # Errors
    /// A sentence, when the platform's trust store cannot be used.
    pub fn new() -> Result<Self, String> {
        Ok(Self {
            transport: Transport::new()?,
            retries: Retries::default(),
            failing: Mutex::default(),
        })
    }

    /// Tells of every request that is made again, when it happens.
    #[must_use]
    pub fn on_retry(self, listener: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.waiting(LONGEST_UNANNOUNCED, listener)
    }

    /// The same, and waits for others no longer than this altogether.
    #[must_use]
    pub fn waiting(
        mut self,
        at_most: Duration,
        listener: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        self.retries = Retries::telling(listener, at_most);
        self
    }

    /// Every request that was made again, and why.
    #[must_use]
    pub fn retries(&self) -> Vec<String> {
        self.retries.lines()
    }

    /// What all that ask in the same run share.
    pub(crate) fn shared_retries(&self) -> &Retries {
        &self.retries
    }

    /// `GET` of what anybody may read, without credentials; made again when it fails.
    ///
    /// # Errors
    /// [`HttpError`] when no complete answer came.
    pub async fn get(&self, url: &Url) -> Result<Answer, HttpError> {
        let request = || self.transport.request(Method::GET, url);
        self.ask(url, Patience::Idempotent, request).await.last
    }

    /// `GET` of the API, with a token where there is one; made again when it fails. The answers
    /// after which it was made again come too.
    pub async fn get_each(
        &self,
        endpoint: &ApiEndpoint,
        token: Option<&AuthorizationHeader>,
    ) -> Attempts {
        let request = || {
            let request = self.transport.request(Method::GET, endpoint.url());
            authorized(request, token)
        };
        self.ask(endpoint.url(), Patience::Idempotent, request)
            .await
    }

    /// `POST` of a form, with HTTP Basic client authentication where there is a secret; made again
    /// only if it had no effect.
    ///
    /// # Errors
    /// [`HttpError`] when no complete answer came.
    pub async fn post_form(
        &self,
        endpoint: &TrustedEndpoint,
        form: &[(&str, &str)],
        basic: Option<&AuthorizationHeader>,
    ) -> Result<Answer, HttpError> {
        let request = || {
            let request = self.transport.request(Method::POST, endpoint.url());
            authorized(request.form(form), basic)
        };
        let asked = self.ask(endpoint.url(), Patience::IfNotTaken, request);
        let answer = asked.await.last?;
        match answer.redirect(endpoint.url()) {
            Some(target) => Err(HttpError::Redirected {
                url: transport::address(endpoint.url()),
                status: answer.status.as_u16(),
                target,
            }),
            None => Ok(answer),
        }
    }

    /// Sends bytes to the API as they are, once: to the origin of the endpoint, past any proxy.
    /// The target in the request is whatever it is; the endpoint's path is not put before it.
    pub async fn send_raw(&self, endpoint: &ApiEndpoint, request: &RawRequest) -> RawOutcome {
        self.transport.send_raw(endpoint.url(), request).await
    }

    /// Makes a request, and makes it again at most three times.
    async fn ask(
        &self,
        url: &Url,
        patience: Patience,
        request: impl Fn() -> RequestBuilder,
    ) -> Attempts {
        let mut earlier = Vec::new();
        let mut attempt = 0;
        loop {
            let last = send(url, request(), &mut earlier).await;
            let again = patience.again(&last, attempt);
            let place = transport::address(url);
            let may = attempt < MOST_RETRIES && !self.failing().contains(&place);
            let again = again.filter(|_| may);
            let Some((wait, reason)) = again else {
                return self.ended(place, patience, Attempts { earlier, last });
            };
            let what = format!("`{place}` is asked again");
            if !self.retries.wait(wait, &what, &reason).await {
                return self.ended(place, patience, Attempts { earlier, last });
            }
            earlier.extend(last.ok());
            attempt += 1;
        }
    }

    /// Notes whether the place answers, once nothing more is tried.
    fn ended(&self, place: String, patience: Patience, attempts: Attempts) -> Attempts {
        if patience.again(&attempts.last, 0).is_some() {
            self.failing().insert(place);
        } else {
            self.failing().remove(&place);
        }
        attempts
    }

    fn failing(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpError {
    /// Whether the same request would end in the same way, however often it is made.
    #[must_use]
    pub const fn would_come_again(&self) -> bool {
        matches!(
            self,
            Self::Impossible { .. }
                | Self::Redirected { .. }
                | Self::Unsendable(_)
                | Self::NotUsed(_)
                | Self::Insecure { .. }
        )
    }
}

impl Patience {
    /// After what time to make a request again, and why; nothing when that cannot help or may harm.
    ///
    /// A deadline that passed is long already: who hangs once is not asked again.
    fn again(self, last: &Result<Answer, HttpError>, attempt: u32) -> Option<(Duration, String)> {
        let pause = limits::pause(attempt);
        match last {
            Ok(answer) => match answer.status.as_u16() {
                429 => {
                    let wait = limits::after_refusal(&answer.headers)?;
                    Some((wait, "429, the rate limit is exhausted".to_owned()))
                }
                status @ (423 | 500..=599) if self == Self::Idempotent => {
                    Some((pause, format!("it answers {status}")))
                }
                _ => None,
            },
            Err(HttpError::Unreachable { reason, .. }) => Some((pause, reason.clone())),
            Err(HttpError::Broken { reason, .. }) if self == Self::Idempotent => {
                Some((pause, reason.clone()))
            }
            Err(_) => None,
        }
    }
}

fn authorized(request: RequestBuilder, header: Option<&AuthorizationHeader>) -> RequestBuilder {
    match header {
        Some(header) => request.header(AUTHORIZATION, header.value()),
        None => request,
    }
}

/// Makes a request once; an answer that breaks off goes to those that do not count, as far as it
/// came.
async fn send(
    url: &Url,
    request: RequestBuilder,
    incomplete: &mut Vec<Answer>,
) -> Result<Answer, HttpError> {
    if !is_secure(url) {
        return Err(HttpError::Insecure {
            url: transport::address(url),
        });
    }
    let mut response = request.send().await.map_err(|error| failure(url, &error))?;
    let mut body = Vec::new();
    let read = read_body(&mut response, BODY_LIMIT_BYTES, &mut body).await;
    let answer = Answer::of(&response, &body);
    let Err(why) = read else { return Ok(answer) };
    incomplete.push(answer);
    Err(match why {
        Incomplete::Broken(error) => failure(url, &error),
        Incomplete::TooLong => HttpError::TooLong {
            url: transport::address(url),
            limit_bytes: BODY_LIMIT_BYTES,
        },
    })
}

impl From<RawAnswer> for Answer {
    fn from(raw: RawAnswer) -> Self {
        Self {
            status: raw.status,
            headers: raw.headers,
            body: String::from_utf8_lossy(&raw.body).into_owned(),
            at: Timestamp::now(),
        }
    }
}

impl Answer {
    fn of(response: &reqwest::Response, body: &[u8]) -> Self {
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            body: String::from_utf8_lossy(body).into_owned(),
            at: Timestamp::now(),
        }
    }

    /// The body as JSON, if it is, and none of a length that only an attack has.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        let is_short = self.body.len() <= JSON_LIMIT_BYTES;
        serde_json::from_str(is_short.then_some(&self.body)?).ok()
    }

    /// Where a redirect leads, as it may be said; nothing where the answer is none.
    #[must_use]
    pub fn redirect(&self, from: &Url) -> Option<String> {
        let is_redirect = self.status.is_redirection();
        is_redirect.then(|| transport::redirect_target(&self.headers, from))
    }

    /// The same for the end of a sentence; nothing where the answer is no redirect.
    #[must_use]
    pub fn redirect_words(&self, from: &Url) -> String {
        let target = self.redirect(from);
        target.map_or_else(String::new, |target| {
            format!(" (a redirect to {target}, which is not followed)")
        })
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn failure(url: &Url, error: &reqwest::Error) -> HttpError {
    let (url, reason) = (transport::address(url), innermost(error));
    if error.is_builder() {
        HttpError::Impossible { url, reason }
    } else if error.is_timeout() {
        HttpError::TimedOut {
            url,
            seconds: DEADLINE.as_secs(),
        }
    } else if error.is_connect() {
        HttpError::Unreachable { url, reason }
    } else {
        HttpError::Broken { url, reason }
    }
}
