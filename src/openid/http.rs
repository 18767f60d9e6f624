//! Plain HTTP with limits: a deadline for every request, a limit on every body.
//!
//! A request is made again only where that is harmless, and every time is told: the suite asks
//! again, it never judges again.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use url::Url;

use super::endpoint::{ApiEndpoint, BrowserEndpoint, NotUsed, TrustedEndpoint};
use crate::transport::limits::{LONGEST_UNANNOUNCED, Retries};
use crate::transport::{
    self, AuthorizationHeader, Certificates, Failure, Names, Outcome, Patience, Question,
    RawAnswer, RawOutcome, RawRequest, Received, Transport, Unsendable,
};

/// No answer that the suite reads is longer.
const BODY_LIMIT_BYTES: usize = 1024 * 1024;
/// No JSON that the suite takes apart whole is longer: a tree of it takes up to forty times as
/// much.
pub(super) const JSON_LIMIT_BYTES: usize = 256 * 1024;

/// Makes requests with deadlines; follows no redirects, since a token must not travel on.
#[derive(Debug)]
pub struct Http {
    transport: Transport,
}

/// A request to an endpoint of the authorization server.
#[derive(Debug, Clone, Copy)]
pub struct ServerRequest<'a> {
    /// The method.
    pub method: &'a str,
    /// What stands in the query.
    pub query: &'a [(String, String)],
    /// The form in its body, if it has one.
    pub form: Option<&'a [(String, String)]>,
    /// What stands in `Authorization`.
    pub authorization: Option<&'a AuthorizationHeader>,
    /// Headers beside those that every request has; nothing in them is secret.
    pub headers: &'a [(String, String)],
}

/// What is asked of the API beside the address.
#[derive(Debug)]
pub struct ApiRequest {
    /// The method.
    pub method: Method,
    /// Headers, whose values may be secret.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<String>,
    /// Whether twice is the same as once.
    pub is_repeatable: bool,
}

/// Every answer to one question, since what failed was asked again.
#[derive(Debug)]
pub struct Attempts {
    /// Answers after which it was asked again, complete or not.
    pub earlier: Vec<Answer>,
    /// The answer that counts, or why there is none.
    pub last: Result<Answer, HttpError>,
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
    /// No call is left of the server's rate limit, and the run has waited enough.
    #[error("the rate limit of {url} is exhausted: run again later")]
    Exhausted {
        /// Scheme, host, port and path.
        url: String,
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
        Self::trusting(&Certificates::default())
    }

    /// The same, trusting further certificates.
    ///
    /// # Errors
    /// A sentence, when the platform's trust store cannot be used.
    pub fn trusting(more: &Certificates) -> Result<Self, String> {
        Ok(Self {
            transport: Transport::trusting(more)?,
        })
    }

    /// How it sends, for others in the same run.
    pub(crate) const fn transport(&self) -> &Transport {
        &self.transport
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
        let retries = Retries::telling(listener, at_most);
        self.transport = self.transport.sharing(retries);
        self
    }

    /// Knows the variables that name these addresses, to say which one is to be changed.
    #[must_use]
    pub fn naming(mut self, named: impl IntoIterator<Item = (Url, &'static str)>) -> Self {
        self.transport = self.transport.naming(Names::of(named));
        self
    }

    /// Every request that was made again, and why.
    #[must_use]
    pub fn retries(&self) -> Vec<String> {
        self.transport.retries().lines()
    }

    /// What all that ask in the same run share.
    pub(crate) const fn shared_retries(&self) -> &Retries {
        self.transport.retries()
    }

    /// `GET` of what anybody may read, without credentials; made again when it fails.
    ///
    /// # Errors
    /// [`HttpError`] when no complete answer came.
    pub async fn get(&self, url: &Url) -> Result<Answer, HttpError> {
        let question = question(Method::GET, url, Patience::Idempotent);
        self.ask(&question, |request| request).await.last
    }

    /// `GET` of the API, with a token where there is one; made again when it fails. The answers
    /// after which it was made again come too.
    pub async fn get_each(
        &self,
        endpoint: &ApiEndpoint,
        token: Option<&AuthorizationHeader>,
    ) -> Attempts {
        let call = ApiRequest {
            method: Method::GET,
            headers: HeaderMap::new(),
            body: None,
            is_repeatable: true,
        };
        self.call_each(endpoint, &call, token).await
    }

    /// A request to the API, with a token where there is one; made again when it fails, if it may
    /// be repeated, else only if it had no effect.
    pub async fn call_each(
        &self,
        endpoint: &ApiEndpoint,
        call: &ApiRequest,
        token: Option<&AuthorizationHeader>,
    ) -> Attempts {
        let patience = if call.is_repeatable {
            Patience::Idempotent
        } else {
            Patience::IfNotTaken
        };
        let question = question(call.method.clone(), endpoint.url(), patience);
        let completed = |request: RequestBuilder| {
            let request = authorized(request.headers(call.headers.clone()), token);
            match &call.body {
                Some(body) => request.body(body.clone()),
                None => request,
            }
        };
        self.ask(&question, completed).await
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
        let question = question(Method::POST, endpoint.url(), Patience::IfNotTaken);
        let asked = self.ask(&question, |request| authorized(request.form(form), basic));
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

    /// An authorization request as a browser without any session would make it: without cookies
    /// and credentials, and no redirect is followed.
    ///
    /// # Errors
    /// [`HttpError`] when no complete answer came.
    pub async fn open(
        &self,
        endpoint: &BrowserEndpoint,
        request: &ServerRequest<'_>,
    ) -> Result<Answer, HttpError> {
        self.look(endpoint.url(), request).await
    }

    /// A request without credentials for what anybody may read; made again when it fails.
    ///
    /// # Errors
    /// [`HttpError`] when no complete answer came.
    pub async fn look(&self, url: &Url, request: &ServerRequest<'_>) -> Result<Answer, HttpError> {
        let request = ServerRequest {
            authorization: None,
            ..*request
        };
        self.send(url, &request, Patience::Idempotent).await
    }

    /// A request to an endpoint that may get the client's secret or a token; made again only if it
    /// had no effect.
    ///
    /// # Errors
    /// [`HttpError`] when no complete answer came.
    pub async fn ask_server(
        &self,
        endpoint: &TrustedEndpoint,
        request: &ServerRequest<'_>,
    ) -> Result<Answer, HttpError> {
        self.send(endpoint.url(), request, Patience::IfNotTaken)
            .await
    }

    async fn send(
        &self,
        url: &Url,
        request: &ServerRequest<'_>,
        patience: Patience,
    ) -> Result<Answer, HttpError> {
        let mut url = url.clone();
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(request.query);
        }
        let impossible = |reason: String| HttpError::Impossible {
            url: transport::address(&url),
            reason,
        };
        let method = Method::from_bytes(request.method.as_bytes());
        let method = method.map_err(|error| impossible(error.to_string()))?;
        let headers = headers(request.headers).map_err(impossible)?;
        let question = question(method, &url, patience);
        let completed = |asked: RequestBuilder| {
            let asked = match request.form {
                Some(form) => asked.form(form),
                None => asked,
            };
            authorized(asked.headers(headers.clone()), request.authorization)
        };
        self.ask(&question, completed).await.last
    }

    /// Sends bytes to the API as they are, once: to the origin of the endpoint, past any proxy.
    /// The target in the request is whatever it is; the endpoint's path is not put before it.
    pub async fn send_raw(&self, endpoint: &ApiEndpoint, request: &RawRequest) -> RawOutcome {
        self.transport.send_raw(endpoint.url(), request).await
    }

    pub(super) async fn ask(
        &self,
        question: &Question<'_>,
        completed: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Attempts {
        let asked = self.transport.ask(question, completed).await;
        let failed = |failure| HttpError::of(question.url, failure);
        Attempts {
            earlier: asked.earlier.into_iter().map(Answer::from).collect(),
            last: asked.last.map(Answer::from).map_err(failed),
        }
    }
}

pub(super) fn question(method: Method, url: &Url, patience: Patience) -> Question<'_> {
    Question {
        method,
        url,
        name: transport::address(url),
        patience,
        may_pass: is_no_silence,
        part: None,
        body_limit_bytes: BODY_LIMIT_BYTES,
    }
}

/// A deadline that passed is long already: who hangs once is not asked again.
const fn is_no_silence(last: &Outcome) -> bool {
    !matches!(last, Err(Failure::TimedOut { .. }))
}

impl HttpError {
    fn of(url: &Url, failure: Failure) -> Self {
        let url = transport::address(url);
        match failure {
            Failure::Unreachable(reason) | Failure::OtherScheme(reason) => {
                Self::Unreachable { url, reason }
            }
            Failure::TimedOut { seconds } => Self::TimedOut { url, seconds },
            Failure::Broken(reason) => Self::Broken { url, reason },
            Failure::TooLong { limit_bytes } => Self::TooLong { url, limit_bytes },
            Failure::Impossible(reason) => Self::Impossible { url, reason },
            Failure::Insecure => Self::Insecure { url },
            Failure::Exhausted => Self::Exhausted { url },
        }
    }

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

/// Headers as they are sent, or why they cannot be.
pub(super) fn headers(named: &[(String, String)]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in named {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
        let value = HeaderValue::from_str(value).map_err(|error| error.to_string())?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn authorized(request: RequestBuilder, header: Option<&AuthorizationHeader>) -> RequestBuilder {
    match header {
        Some(header) => request.header(AUTHORIZATION, header.value()),
        None => request,
    }
}

impl From<Received> for Answer {
    fn from(received: Received) -> Self {
        Self {
            status: received.status,
            body: transport::text(&received.headers, &received.body),
            headers: received.headers,
            at: received.at,
        }
    }
}

impl From<RawAnswer> for Answer {
    fn from(raw: RawAnswer) -> Self {
        Self {
            status: raw.status,
            body: transport::text(&raw.headers, &raw.body),
            headers: raw.headers,
            at: Timestamp::now(),
        }
    }
}

impl Answer {
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
