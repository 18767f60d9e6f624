//! Calls to the Management API: paced, with deadlines, made again only where that is harmless.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::ManagementError;
use super::answer::{Answer, Call};
use crate::limits::{self, Limits, MOST_RETRIES, Retries, words};
use crate::origin::is_secure;

const REQUEST_DEADLINE: Duration = Duration::from_secs(10);
const BODY_LIMIT_BYTES: usize = 4 * 1024 * 1024;
/// How long what was made just now may stay unseen.
const LISTS_LAG: Duration = Duration::from_millis(100);
const MOST_PAGES: usize = 50;
/// An org that is busy for so long is asked another time.
const LONGEST_WAITS: Duration = Duration::from_secs(600);

/// The Management API of one org, by an API token.
pub struct ManagementClient {
    http: reqwest::Client,
    org_url: Url,
    token: SecretString,
    limits: Mutex<Limits>,
    /// How long was waited for the rate limit altogether.
    waited: Mutex<Duration>,
    retries: Retries,
    /// Why the org could not be reached at last; it is not asked again and again.
    gone: Mutex<Option<String>>,
    made: Instant,
    /// Whether what is not there is looked for once more.
    looks_twice: bool,
}

impl std::fmt::Debug for ManagementClient {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ManagementClient")
            .field("org_url", &self.org_url.as_str())
            .finish_non_exhaustive()
    }
}

impl ManagementClient {
    /// A client of the org at this address; only the address's origin is used.
    ///
    /// # Errors
    /// [`ManagementError::OrgUrl`] when the token would travel in clear or to the Admin Console,
    /// [`ManagementError::NotAuthorized`] when the token cannot be one.
    pub fn new(org_url: Url, token: SecretString) -> Result<Self, ManagementError> {
        check(&org_url)?;
        let mut builder = reqwest::Client::builder()
            .timeout(REQUEST_DEADLINE)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("okta-e2e/", env!("CARGO_PKG_VERSION")));
        if org_url.scheme() == "http" {
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(|error| ManagementError::Unreachable {
                origin: org_url.origin().ascii_serialization(),
                reason: innermost(&error),
            })?;
        let client = Self {
            http,
            org_url,
            token,
            limits: Mutex::default(),
            waited: Mutex::default(),
            retries: Retries::default(),
            gone: Mutex::default(),
            made: Instant::now(),
            looks_twice: false,
        };
        client.authorization().map(|_| client)
    }

    /// Tells of every wait and every call that is made again, when it happens.
    #[must_use]
    pub fn on_retry(mut self, listener: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.retries.listen(listener);
        self
    }

    /// Looks once more for what is not there: Okta's lists and assignments follow a change with
    /// some delay. It is told where the second look saw more than the first.
    #[must_use]
    pub fn looking_twice(mut self) -> Self {
        self.looks_twice = true;
        self
    }

    /// Every wait and every call that was made again, and why.
    #[must_use]
    pub fn retries(&self) -> Vec<String> {
        self.retries.lines()
    }

    /// Scheme, host and port of the org.
    #[must_use]
    pub fn origin(&self) -> String {
        self.org_url.origin().ascii_serialization()
    }

    fn authorization(&self) -> Result<HeaderValue, ManagementError> {
        let value = HeaderValue::from_str(&format!("SSWS {}", self.token.expose_secret()));
        let mut value = value.map_err(|_| ManagementError::NotAuthorized {
            origin: self.origin(),
            code: "it holds characters that no token has".to_owned(),
        })?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The URL of a path below the org, each segment encoded.
    fn url(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.org_url.clone();
        url.set_query(None);
        url.set_fragment(None);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().extend(path.split('/'));
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    fn call(&self, method: Method, path: &str, query: &[(&str, &str)]) -> Call {
        Call {
            method,
            url: self.url(&format!("api/v1/{path}"), query),
            is_authorized: true,
        }
    }

    /// `GET` of what needs no token, by its path from the root.
    pub(super) async fn get_public<T: DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<T, ManagementError> {
        let call = Call {
            method: Method::GET,
            url: self.url(path, &[]),
            is_authorized: false,
        };
        read(&call, &self.send(&call, None).await?)
    }

    /// `GET` of one object below `/api/v1/`; nothing where there is none.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<Option<T>, ManagementError> {
        let call = self.call(Method::GET, path, &[]);
        let first = self.get_once(&call).await?;
        if first.is_some() || !self.looks_twice {
            return Ok(first);
        }
        self.wait_for_lists().await;
        let second = self.get_once(&call).await?;
        if second.is_some() {
            self.tell_of_second_look(&call);
        }
        Ok(second)
    }

    async fn get_once<T: DeserializeOwned>(
        &self,
        call: &Call,
    ) -> Result<Option<T>, ManagementError> {
        match self.send(call, None).await {
            Ok(answer) => read(call, &answer).map(Some),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whatever was made before this client was, is to be seen by then.
    async fn wait_for_lists(&self) {
        limits::elapse(LISTS_LAG.saturating_sub(self.made.elapsed())).await;
    }

    fn tell_of_second_look(&self, call: &Call) {
        self.retries.tell(format!(
            "`{call}` was made again and found what it did not find at first"
        ));
    }

    /// `GET` of a whole list below `/api/v1/`, page after page; the last may be empty.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<T>, ManagementError> {
        let call = self.call(Method::GET, path, query);
        let first = self.list_once(call.clone()).await?;
        if !first.is_empty() || !self.looks_twice {
            return Ok(first);
        }
        self.wait_for_lists().await;
        let second = self.list_once(call.clone()).await?;
        if !second.is_empty() {
            self.tell_of_second_look(&call);
        }
        Ok(second)
    }

    async fn list_once<T: DeserializeOwned>(
        &self,
        mut call: Call,
    ) -> Result<Vec<T>, ManagementError> {
        let mut items = Vec::new();
        for _ in 0..MOST_PAGES {
            let answer = self.send(&call, None).await?;
            items.extend(read::<Vec<T>>(&call, &answer)?);
            match answer.next_page(&call)? {
                Some(next) => call.url = next,
                None => return Ok(items),
            }
        }
        Err(ManagementError::TooLong {
            call: call.to_string(),
            pages: MOST_PAGES,
        })
    }

    /// `POST`, with a body where there is one; the answer's body, null where it has none.
    pub(crate) async fn post(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, ManagementError> {
        self.change(&self.call(Method::POST, path, query), body)
            .await
    }

    /// `PUT`, with a body where there is one; the answer's body, null where it has none.
    pub(crate) async fn put(
        &self,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, ManagementError> {
        self.change(&self.call(Method::PUT, path, &[]), body).await
    }

    /// `DELETE`.
    pub(crate) async fn delete(&self, path: &str) -> Result<(), ManagementError> {
        self.change(&self.call(Method::DELETE, path, &[]), None)
            .await
            .map(drop)
    }

    async fn change(&self, call: &Call, body: Option<&Value>) -> Result<Value, ManagementError> {
        let answer = self.send(call, body).await?;
        if answer.body.is_empty() {
            return Ok(Value::Null);
        }
        read(call, &answer)
    }

    /// Makes a call, at the org's pace and at most four times.
    async fn send(&self, call: &Call, body: Option<&Value>) -> Result<Answer, ManagementError> {
        if let Some(reason) = self.gone().clone() {
            let origin = call.origin();
            return Err(ManagementError::Unreachable { origin, reason });
        }
        for attempt in 0..MOST_RETRIES {
            let (wait, reason) = match self.send_once(call, body).await {
                Err(error) if !call.is_idempotent() => return Err(error),
                Err(ManagementError::Unreachable { reason, .. }) => {
                    (limits::pause(attempt), reason)
                }
                Err(error) => return Err(error),
                Ok(answer) => match answer.worth_a_retry(call) {
                    None => return answer.success(call),
                    Some(reason) if answer.status.as_u16() == 429 => {
                        let wait = limits::after_refusal(&answer.headers);
                        let wait = wait.ok_or_else(|| exhausted(call))?;
                        (self.within_budget(call, wait)?, reason.to_owned())
                    }
                    Some(reason) => (limits::pause(attempt), reason.to_owned()),
                },
            };
            self.retries.tell(format!(
                "`{call}` is made again in {}: {reason}",
                words(wait)
            ));
            limits::elapse(wait).await;
        }
        let last = self.send_once(call, body).await;
        if let Err(ManagementError::Unreachable { reason, .. }) = &last {
            *self.gone() = Some(reason.clone());
        }
        last?.success(call)
    }

    fn gone(&self) -> MutexGuard<'_, Option<String>> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send_once(
        &self,
        call: &Call,
        body: Option<&Value>,
    ) -> Result<Answer, ManagementError> {
        self.keep_pace(call).await?;
        let mut request = self.http.request(call.method.clone(), call.url.clone());
        request = request.header(ACCEPT, "application/json");
        if call.is_authorized {
            request = request.header(AUTHORIZATION, self.authorization()?);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let failed = |error| unreachable(call, &error);
        let mut response = request.send().await.map_err(failed)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > BODY_LIMIT_BYTES {
                return Err(call.not_an_org(format!("answers more than {BODY_LIMIT_BYTES} bytes")));
            }
        }
        let headers = response.headers().clone();
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        limits.note(&call.part(), &headers);
        Ok(Answer {
            status: response.status(),
            headers,
            body,
        })
    }

    /// The wait, while all waits together are bearable.
    fn within_budget(&self, call: &Call, wait: Duration) -> Result<Duration, ManagementError> {
        let mut waited = self.waited.lock().unwrap_or_else(PoisonError::into_inner);
        *waited = waited.saturating_add(wait);
        if *waited > LONGEST_WAITS {
            return Err(exhausted(call));
        }
        Ok(wait)
    }

    async fn keep_pace(&self, call: &Call) -> Result<(), ManagementError> {
        let wait = {
            let limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
            limits.wait(&call.part())
        };
        if let Some(wait) = wait {
            let wait = self.within_budget(call, wait)?;
            self.retries.tell(format!(
                "`{call}` waits {} for the org's rate limit",
                words(wait)
            ));
            limits::elapse(wait).await;
        }
        Ok(())
    }
}

fn exhausted(call: &Call) -> ManagementError {
    ManagementError::Exhausted {
        call: call.to_string(),
    }
}

fn check(org_url: &Url) -> Result<(), ManagementError> {
    let refuse = |reason: &str| {
        Err(ManagementError::OrgUrl {
            reason: reason.to_owned(),
        })
    };
    if !is_secure(org_url) {
        return refuse("must begin with https:// (http:// only on loopback)");
    }
    if org_url
        .host_str()
        .is_some_and(|host| host.contains("-admin.okta"))
    {
        return refuse("names the Admin Console's host: remove `-admin`");
    }
    Ok(())
}

fn read<T: DeserializeOwned>(call: &Call, answer: &Answer) -> Result<T, ManagementError> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| call.not_an_org("answers something else than Okta's JSON"))
}

fn unreachable(call: &Call, error: &reqwest::Error) -> ManagementError {
    let reason = if error.is_timeout() {
        format!("no answer within {} s", REQUEST_DEADLINE.as_secs())
    } else {
        innermost(error)
    };
    ManagementError::Unreachable {
        origin: call.origin(),
        reason,
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
