//! How everything is sent by HTTP: past any proxy on this machine, without following redirects,
//! never more of an answer than a limit, and again only where that is harmless.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, Response, StatusCode};
use url::Url;

use super::DEADLINE;
use super::address::{address, innermost, without_user};
use super::coding::decoded;
use super::left::Limits;
use super::limits::{MOST_RETRIES, News, Retries};
use super::patience::{Again, Patience};
use super::raw::{self, RawOutcome, RawRequest};
use super::scheme::{self, Names};
use super::trust::{Certificates, Trust};
use crate::origin::{is_loopback, is_secure};

/// Sends requests; a proxy of the environment is used for everything but this machine.
#[derive(Debug)]
pub(crate) struct Transport {
    proxied: Client,
    direct: Client,
    /// Whether the environment names a proxy: the client knows what it asks through it.
    may_be_proxied: bool,
    trust: Trust,
    retries: Retries,
    limits: Mutex<Limits>,
    /// What failed at last, by address: it is not asked patiently again until it answers.
    failing: Mutex<BTreeSet<String>>,
    names: Names,
}

/// What is asked, and how patiently.
pub(crate) struct Question<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a Url,
    /// What the question is called where it is told that it is asked again.
    pub(crate) name: String,
    pub(crate) patience: Patience,
    /// Whether asking again can help after what came: who asks may know more than a status tells.
    pub(crate) may_pass: fn(&Outcome) -> bool,
    /// What the server's rate limits count together, where its pace is kept.
    pub(crate) part: Option<String>,
    /// No longer body is read.
    pub(crate) body_limit_bytes: usize,
}

/// A complete answer, or why there is none.
pub(crate) type Outcome = Result<Received, Failure>;

/// What a server answered.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// When the answer had come.
    pub(crate) at: Timestamp,
}

/// Why there is no complete answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// Nobody answers there: nothing was sent.
    #[error("{0}")]
    Unreachable(String),
    /// The answer did not come in time.
    #[error("no answer within {seconds} s")]
    TimedOut { seconds: u64 },
    /// It was asked by the wrong scheme.
    #[error("{0}")]
    OtherScheme(String),
    /// The answer broke off or is not HTTP.
    #[error("{0}")]
    Broken(String),
    #[error("answers more than {limit_bytes} bytes")]
    TooLong { limit_bytes: usize },
    /// No request can be made of what is to be sent.
    #[error("{0}")]
    Impossible(String),
    /// It would have travelled in clear.
    #[error("is not https:// (http:// is used on loopback only)")]
    Insecure,
    /// No call is left of the rate limit, and the run has waited enough.
    #[error("the rate limit is exhausted")]
    Exhausted,
}

/// Every answer to one question.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Answers after which it was asked again, complete or not.
    pub(crate) earlier: Vec<Received>,
    /// What counts.
    pub(crate) last: Outcome,
    /// Whether it might still have passed, had it been asked again.
    pub(crate) was_given_up: bool,
}

impl Transport {
    /// Trusts the platform's certificates and these, and uses the proxies that the environment
    /// names.
    ///
    /// # Errors
    /// A sentence, when the platform's trust store cannot be used.
    pub(crate) fn trusting(more: &Certificates) -> Result<Self, String> {
        let trust = Trust::with(more)?;
        Ok(Self {
            proxied: build(&trust, Client::builder())?,
            direct: build(&trust, Client::builder().no_proxy())?,
            may_be_proxied: scheme::is_a_proxy_named(),
            trust,
            retries: Retries::default(),
            limits: Mutex::default(),
            failing: Mutex::default(),
            names: Names::default(),
        })
    }

    /// Another one of the same run: it shares connections, trust, and what may be waited for.
    pub(crate) fn another(&self) -> Self {
        Self {
            proxied: self.proxied.clone(),
            direct: self.direct.clone(),
            may_be_proxied: self.may_be_proxied,
            trust: self.trust.clone(),
            retries: self.retries.clone(),
            limits: Mutex::default(),
            failing: Mutex::default(),
            names: self.names.clone(),
        }
    }

    /// Shares with others what may be waited for, and what is told of it.
    pub(crate) fn sharing(self, retries: Retries) -> Self {
        Self { retries, ..self }
    }

    /// Knows the variables that name addresses, to say which one is to be changed.
    pub(crate) fn naming(self, names: Names) -> Self {
        Self { names, ..self }
    }

    /// Every wait and every request that was made again, and what may still be waited for.
    pub(crate) const fn retries(&self) -> &Retries {
        &self.retries
    }

    /// Sends bytes as they are, once, to the origin of a server.
    pub(crate) async fn send_raw(&self, server: &Url, request: &RawRequest) -> RawOutcome {
        raw::send(&self.trust, server, request).await
    }

    /// Asks, and asks again at most three times; `completed` adds what a request has beside method
    /// and address.
    pub(crate) async fn ask(
        &self,
        question: &Question<'_>,
        completed: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Asked {
        let mut earlier = Vec::new();
        let mut attempt = 0;
        loop {
            let request = completed(self.request(&question.method, question.url));
            let last = self.ask_once(question, request, &mut earlier).await;
            let again = question.again(&last, attempt);
            if let Some(again) = &again
                && attempt < MOST_RETRIES
                && self.may_ask_again(question, again).await
            {
                earlier.extend(last.ok());
                attempt += 1;
                continue;
            }
            let last = self.by_scheme(question, last).await;
            return self.ended(question, earlier, last, again.is_some());
        }
    }

    /// What came, or that the server is asked by the wrong scheme: what it says then is no answer
    /// to what was asked.
    async fn by_scheme(&self, question: &Question<'_>, last: Outcome) -> Outcome {
        let url = question.url;
        // What stands between may be what answers, and nobody goes around it.
        if self.may_be_proxied && !is_loopback(url) {
            return last.map_err(|failure| match failure {
                Failure::OtherScheme(reason) => Failure::Unreachable(reason),
                other => other,
            });
        }
        let may_want_tls = match &last {
            Err(Failure::OtherScheme(_)) => {
                return Err(Failure::OtherScheme(self.names.no_tls(url)));
            }
            Ok(received) => {
                received.status == StatusCode::BAD_REQUEST && scheme::wants_tls(&received.body)
            }
            Err(Failure::Broken(_)) => true,
            Err(_) => false,
        };
        if may_want_tls && url.scheme() == "http" && scheme::speaks_tls(&self.trust, url).await {
            return Err(Failure::OtherScheme(self.names.tls(url)));
        }
        last
    }

    /// A request. A user and a password in the address are not sent: they are no credentials of
    /// the run, but of whoever wrote the address.
    fn request(&self, method: &Method, url: &Url) -> RequestBuilder {
        let client = if is_loopback(url) {
            &self.direct
        } else {
            &self.proxied
        };
        client.request(method.clone(), without_user(url))
    }

    /// Waits before it is asked again; or does not, where it failed at last already, or the run has
    /// waited enough.
    async fn may_ask_again(&self, question: &Question<'_>, again: &Again) -> bool {
        if self.failing().contains(&question.place()) {
            return false;
        }
        let what = format!("`{}` is asked again", question.name);
        let news = question.news_awaited(again);
        let retries = &self.retries;
        retries
            .wait(again.wait, &what, &again.reason, news.as_ref())
            .await
    }

    /// Notes whether the place answers, once nothing more is tried.
    fn ended(
        &self,
        question: &Question<'_>,
        earlier: Vec<Received>,
        last: Outcome,
        was_given_up: bool,
    ) -> Asked {
        if was_given_up {
            self.failing().insert(question.place());
        } else {
            self.failing().remove(&question.place());
        }
        Asked {
            earlier,
            last,
            was_given_up,
        }
    }

    fn failing(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn limits(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks once, at the server's pace.
    async fn ask_once(
        &self,
        question: &Question<'_>,
        request: RequestBuilder,
        incomplete: &mut Vec<Received>,
    ) -> Outcome {
        self.keep_pace(question).await?;
        let received = send(question, request, incomplete).await?;
        let is_refused = received.status == StatusCode::TOO_MANY_REQUESTS;
        if let Some(part) = &question.part
            && self.limits().note(part, &received.headers, is_refused)
        {
            self.retries.tell_news(News::CallsLeft(part.clone()));
        }
        let outcome = Ok(received);
        if question.again(&outcome, 0).is_none() {
            self.retries.tell_news(News::Answered(question.place()));
        }
        outcome
    }

    async fn keep_pace(&self, question: &Question<'_>) -> Result<(), Failure> {
        let Some(part) = &question.part else {
            return Ok(());
        };
        let wait = self.limits().wait(part);
        let news = News::CallsLeft(part.clone());
        match wait {
            Some(wait) if !self.retries.pace(wait, &question.name, &news).await => {
                return Err(Failure::Exhausted);
            }
            Some(_) => self.limits().note_waited(part),
            None => {}
        }
        Ok(())
    }
}

impl Question<'_> {
    /// What may fail, and answer again.
    fn place(&self) -> String {
        address(self.url)
    }

    fn again(&self, last: &Outcome, attempt: u32) -> Option<Again> {
        let again = self.patience.again(last, attempt);
        again.filter(|_| (self.may_pass)(last))
    }

    /// What would say that it can be asked again before the time is over.
    fn news_awaited(&self, again: &Again) -> Option<News> {
        if again.is_limited {
            self.part.clone().map(News::CallsLeft)
        } else {
            Some(News::Answered(self.place()))
        }
    }
}

/// Sends a request once; an answer that breaks off goes to those that do not count, as far as it
/// came.
async fn send(
    question: &Question<'_>,
    request: RequestBuilder,
    incomplete: &mut Vec<Received>,
) -> Outcome {
    if !is_secure(question.url) {
        return Err(Failure::Insecure);
    }
    let mut response = request.send().await.map_err(|error| failure(&error))?;
    let mut body = Vec::new();
    let read = read_body(&mut response, question.body_limit_bytes, &mut body).await;
    let headers = std::mem::take(response.headers_mut());
    let received = Received {
        status: response.status(),
        body: decoded(&headers, body, question.body_limit_bytes),
        headers,
        at: Timestamp::now(),
    };
    match read {
        Ok(()) => Ok(received),
        Err(failure) => {
            incomplete.push(received);
            Err(failure)
        }
    }
}

/// Reads a body into `body`, as far as it comes and no further than the limit.
async fn read_body(
    response: &mut Response,
    limit_bytes: usize,
    body: &mut Vec<u8>,
) -> Result<(), Failure> {
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        let room = limit_bytes.saturating_sub(body.len());
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return Err(Failure::TooLong { limit_bytes });
        }
    }
    Ok(())
}

fn failure(error: &reqwest::Error) -> Failure {
    let reason = innermost(error);
    if error.is_builder() {
        Failure::Impossible(reason)
    } else if error.is_timeout() {
        Failure::TimedOut {
            seconds: DEADLINE.as_secs(),
        }
    } else if scheme::is_no_tls(error) {
        Failure::OtherScheme(reason)
    } else if error.is_connect() {
        Failure::Unreachable(reason)
    } else {
        Failure::Broken(reason)
    }
}

fn build(trust: &Trust, builder: ClientBuilder) -> Result<Client, String> {
    builder
        .tls_backend_preconfigured(trust.speaking(&["h2", "http/1.1"]))
        .timeout(DEADLINE)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(super::USER_AGENT)
        .build()
        .map_err(|error| format!("cannot set up HTTPS: {}", innermost(&error)))
}
