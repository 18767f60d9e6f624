//! Plain HTTP with limits: a deadline for every request, a limit on every body.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use crate::config::is_secure;

/// No answer that the suite reads is longer.
const BODY_LIMIT_BYTES: usize = 1024 * 1024;
const REQUEST_DEADLINE: Duration = Duration::from_secs(10);

/// Makes requests with deadlines; follows no redirects, since a token must not travel on.
#[derive(Debug, Clone)]
pub struct Http {
    proxied: reqwest::Client,
    direct: reqwest::Client,
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
        })
    }

    fn client(&self, url: &Url) -> &reqwest::Client {
        let loopback = url.scheme() == "http" && is_secure(url);
        if loopback {
            &self.direct
        } else {
            &self.proxied
        }
    }

    /// `GET`, with a bearer token where there is one.
    ///
    /// # Errors
    /// [`HttpError`] when no complete answer came.
    pub async fn get(&self, url: &Url, bearer: Option<&SecretString>) -> Result<Answer, HttpError> {
        let mut request = self.client(url).request(Method::GET, url.clone());
        if let Some(token) = bearer {
            request = request.bearer_auth(token.expose_secret());
        }
        self.send(url, request).await
    }

    /// `POST` of a form, with HTTP Basic client authentication where there is a secret.
    ///
    /// # Errors
    /// [`HttpError`] when no complete answer came.
    pub async fn post_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        basic: Option<(&str, &SecretString)>,
    ) -> Result<Answer, HttpError> {
        let mut request = self
            .client(url)
            .request(Method::POST, url.clone())
            .form(form);
        if let Some((client_id, secret)) = basic {
            request = request.basic_auth(client_id, Some(secret.expose_secret()));
        }
        self.send(url, request).await
    }

    async fn send(&self, url: &Url, request: reqwest::RequestBuilder) -> Result<Answer, HttpError> {
        if !is_secure(url) {
            return Err(HttpError::Insecure { url: place(url) });
        }
        let mut response = request.send().await.map_err(|error| failure(url, &error))?;
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| failure(url, &error))?
        {
            body.extend_from_slice(&chunk);
            if body.len() > BODY_LIMIT_BYTES {
                return Err(HttpError::TooLong {
                    url: place(url),
                    limit_bytes: BODY_LIMIT_BYTES,
                });
            }
        }
        Ok(Answer {
            status: response.status(),
            headers: response.headers().clone(),
            body: String::from_utf8_lossy(&body).into_owned(),
            at: Timestamp::now(),
        })
    }
}

impl Answer {
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
