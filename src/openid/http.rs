//! Plain HTTP with limits: a deadline for every request, a limit on every body.
//!
//! A request is made again only where that is harmless, and every time is told: the suite asks
//! again, it never judges again.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use crate::limits::{self, MOST_RETRIES, Retries, words};
use crate::origin::is_secure;

/// No answer that the suite reads is longer.
const BODY_LIMIT_BYTES: usize = 1024 * 1024;
const REQUEST_DEADLINE: Duration = Duration::from_secs(10);

/// Makes requests with deadlines; follows no redirects, since a token must not travel on.
#[derive(Debug)]
pub struct Http {
    proxied: reqwest::Client,
    direct: reqwest::Client,
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
        let build = |builder: reqwest::ClientBuilder| {
            builder
                .timeout(REQUEST_DEADLINE)
                .redirect(reqwest::redirect::Policy::none())
                .user_agent(concat!("okta-e2e/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(|error| format!("cannot set up HTTPS: {}", innermost(&error)))
        };
        Ok(Self {
            proxied: build(reqwest::Client::builder())?,
            direct: build(reqwest::Client::builder().no_proxy())?,
            retries: Retries::default(),
            failing: Mutex::default(),
        })
    }

    /// Tells of every request that is made again, when it happens.
    #[must_use]
    pub fn on_retry(mut self, listener: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.retries.listen(listener);
        self
    }

    /// Every request that was made again, and why.
    #[must_use]
    pub fn retries(&self) -> Vec<String> {
        self.retries.lines()
    }

    fn client(&self, url: &Url) -> &reqwest::Client {
        let loopback = url.scheme() == "http" && is_secure(url);
        if loopback {
            &self.direct
        } else {
            &self.proxied
        }
    }

    /// `GET`, with a bearer token where there is one; made again when it fails.
    ///
    /// # Errors
    /// [`HttpError`] when no complete answer came.
    pub async fn get(&self, url: &Url, bearer: Option<&SecretString>) -> Result<Answer, HttpError> {
        self.get_each(url, bearer).await.last
    }

    /// The same, with the answers after which it was made again.
    pub async fn get_each(&self, url: &Url, bearer: Option<&SecretString>) -> Attempts {
        let request = || {
            let request = self.client(url).request(Method::GET, url.clone());
            match bearer {
                Some(token) => request.bearer_auth(token.expose_secret()),
                None => request,
            }
        };
        self.ask(url, Patience::Idempotent, request).await
    }

    /// `POST` of a form, with HTTP Basic client authentication where there is a secret; made again
    /// only if it had no effect.
    ///
    /// # Errors
    /// [`HttpError`] when no complete answer came.
    pub async fn post_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        basic: Option<(&str, &SecretString)>,
    ) -> Result<Answer, HttpError> {
        let request = || {
            let request = self.client(url).request(Method::POST, url.clone());
            let request = request.form(form);
            match basic {
                Some((client_id, secret)) => {
                    request.basic_auth(client_id, Some(secret.expose_secret()))
                }
                None => request,
            }
        };
        self.ask(url, Patience::IfNotTaken, request).await.last
    }

    /// Makes a request, and makes it again at most three times.
    async fn ask(
        &self,
        url: &Url,
        patience: Patience,
        request: impl Fn() -> reqwest::RequestBuilder,
    ) -> Attempts {
        let mut earlier = Vec::new();
        let mut attempt = 0;
        loop {
            let last = send(url, request(), &mut earlier).await;
            let again = patience.again(&last, attempt);
            let place = place(url);
            let may = attempt < MOST_RETRIES && !self.failing().contains(&place);
            let (Some((wait, reason)), true) = (again.clone(), may) else {
                if again.is_some() {
                    self.failing().insert(place);
                } else {
                    self.failing().remove(&place);
                }
                return Attempts { earlier, last };
            };
            earlier.extend(last.ok());
            self.retries.tell(format!(
                "`{place}` is asked again in {}: {reason}",
                words(wait)
            ));
            limits::elapse(wait).await;
            attempt += 1;
        }
    }

    fn failing(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Makes a request once; an answer that breaks off goes to those that do not count, as far as it
/// came.
async fn send(
    url: &Url,
    request: reqwest::RequestBuilder,
    incomplete: &mut Vec<Answer>,
) -> Result<Answer, HttpError> {
    if !is_secure(url) {
        return Err(HttpError::Insecure { url: place(url) });
    }
    let mut response = request.send().await.map_err(|error| failure(url, &error))?;
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(Answer::of(&response, &body)),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) => {
                incomplete.push(Answer::of(&response, &body));
                return Err(failure(url, &error));
            }
        }
        if body.len() > BODY_LIMIT_BYTES {
            incomplete.push(Answer::of(&response, &body));
            return Err(HttpError::TooLong {
                url: place(url),
                limit_bytes: BODY_LIMIT_BYTES,
            });
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

    /// The body as JSON, if it is.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn failure(url: &Url, error: &reqwest::Error) -> HttpError {
    let (url, reason) = (place(url), innermost(error));
    if error.is_timeout() {
        HttpError::TimedOut {
            url,
            seconds: REQUEST_DEADLINE.as_secs(),
        }
    } else if error.is_connect() {
        HttpError::Unreachable { url, reason }
    } else {
        HttpError::Broken { url, reason }
    }
}

/// The URL without what may be secret: user, query and fragment.
fn place(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
