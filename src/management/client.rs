//! Calls to the Management API: paced, with deadlines, made again only where that is harmless.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::ManagementError;
use super::answer::{Answer, Call};
use super::path::ApiPath;
use crate::origin::is_secure;
use crate::transport::limits::{self, LONGEST_UNANNOUNCED, Limits, MOST_RETRIES, Retries};
use crate::transport::{
    AuthorizationHeader, DEADLINE, Incomplete, Transport, innermost, read_body,
};

const BODY_LIMIT_BYTES: usize = 4 * 1024 * 1024;
/// No list is longer, all of its pages together.
const LIST_LIMIT_BYTES: usize = 4 * BODY_LIMIT_BYTES;
/// How long what was made just now may stay unseen.
const LISTS_LAG: Duration = Duration::from_millis(100);
const MOST_PAGES: usize = 50;

/// The Management API of one org, by an API token.
pub struct ManagementClient {
    transport: Transport,
    org_url: Url,
    authorization: AuthorizationHeader,
    limits: Mutex<Limits>,
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
    /// [`ManagementError::Token`] when no header can carry the token.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "who has a client needs the token no more"
    )]
    pub fn new(org_url: Url, token: SecretString) -> Result<Self, ManagementError> {
        check(&org_url)?;
        let authorization = AuthorizationHeader::new("the API token", "SSWS", &token)?;
        let transport = Transport::new().map_err(|reason| ManagementError::Unreachable {
            origin: org_url.origin().ascii_serialization(),
            reason,
        })?;
        Ok(Self {
            transport,
            org_url,
            authorization,
            limits: Mutex::default(),
            retries: Retries::default(),
            gone: Mutex::default(),
            made: Instant::now(),
            looks_twice: false,
        })
    }

    /// Tells of every wait and every call that is made again, when it happens.
    #[must_use]
    pub fn on_retry(self, listener: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.sharing(Retries::telling(listener, LONGEST_UNANNOUNCED))
    }

    /// Shares with others what may be waited for, and what is told of it.
    pub(crate) fn sharing(self, retries: Retries) -> Self {
        Self { retries, ..self }
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

    /// A call below the org, which is where the API token belongs.
    fn call(
        &self,
        method: Method,
        path: &ApiPath<'_>,
        query: &[(&str, &str)],
    ) -> Result<Call, ManagementError> {
        let mut url = path.below(&self.org_url, &["api", "v1"])?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(Call {
            method,
            url,
            is_authorized: true,
        })
    }

    /// `GET` of what needs no token, by its path from the root.
    pub(super) async fn get_public<T: DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<T, ManagementError> {
        let call = Call {
            method: Method::GET,
            url: ApiPath::from(path).below(&self.org_url, &[])?,
            is_authorized: false,
        };
        read(&call, &self.send(&call, None).await?)
    }

    /// `GET` of one object below `/api/v1/`; nothing where there is none.
    pub(crate) async fn get<'p, T: DeserializeOwned>(
        &self,
        path: impl Into<ApiPath<'p>>,
    ) -> Result<Option<T>, ManagementError> {
        let call = self.call(Method::GET, &path.into(), &[])?;
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
    pub(crate) async fn list<'p, T: DeserializeOwned>(
        &self,
        path: impl Into<ApiPath<'p>>,
        query: &[(&str, &str)],
    ) -> Result<Vec<T>, ManagementError> {
        let call = self.call(Method::GET, &path.into(), query)?;
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

    /// The first page of a list, and whether it is all of it.
    pub(crate) async fn first_page<'p, T: DeserializeOwned>(
        &self,
        path: impl Into<ApiPath<'p>>,
        query: &[(&str, &str)],
    ) -> Result<(Vec<T>, bool), ManagementError> {
        let call = self.call(Method::GET, &path.into(), query)?;
        let answer = self.send(&call, None).await?;
        let is_all = answer.next_page(&call)?.is_none();
        Ok((read(&call, &answer)?, is_all))
    }

    async fn list_once<T: DeserializeOwned>(
        &self,
        mut call: Call,
    ) -> Result<Vec<T>, ManagementError> {
        let (mut items, mut bytes) = (Vec::new(), 0);
        for _ in 0..MOST_PAGES {
            let answer = self.send(&call, None).await?;
            bytes += answer.body.len();
            items.extend(read::<Vec<T>>(&call, &answer)?);
            match answer.next_page(&call)? {
                Some(next) if bytes <= LIST_LIMIT_BYTES => call.url = next,
                Some(_) => break,
                None => return Ok(items),
            }
        }
        Err(ManagementError::TooLong {
            call: call.to_string(),
            pages: MOST_PAGES,
        })
    }

    /// `POST`, with a body where there is one; the answer's body, null where it has none.
    pub(crate) async fn post<'p>(
        &self,
        path: impl Into<ApiPath<'p>>,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, ManagementError> {
        let call = self.call(Method::POST, &path.into(), query)?;
        self.change(&call, body).await
    }

    /// `PUT`, with a body where there is one; the answer's body, null where it has none.
    pub(crate) async fn put<'p>(
        &self,
        path: impl Into<ApiPath<'p>>,
        body: Option<&Value>,
    ) -> Result<Value, ManagementError> {
        let call = self.call(Method::PUT, &path.into(), &[])?;
        self.change(&call, body).await
    }

    /// `DELETE`.
    pub(crate) async fn delete<'p>(
        &self,
        path: impl Into<ApiPath<'p>>,
    ) -> Result<(), ManagementError> {
        let call = self.call(Method::DELETE, &path.into(), &[])?;
        self.change(&call, None).await.map(drop)
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
        let mut attempt = 0;
        loop {
            let last = self.send_once(call, body).await;
            let (wait, reason) = match (again(call, &last, attempt)?, &last) {
                (Some(again), _) => again,
                (None, Ok(_)) => return last?.success(call),
                (None, Err(_)) => return last,
            };
            let what = format!("`{call}` is made again");
            if attempt == MOST_RETRIES || !self.retries.wait(wait, &what, &reason).await {
                if let Err(ManagementError::Unreachable { reason, .. }) = &last {
                    *self.gone() = Some(reason.clone());
                }
                return last?.success(call);
            }
            attempt += 1;
        }
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
        let mut request = self.transport.request(call.method.clone(), &call.url);
        request = request.header(ACCEPT, "application/json");
        if call.is_authorized {
            request = request.header(AUTHORIZATION, self.authorization.value());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let failed = |error| unreachable(call, &error);
        let mut response = request.send().await.map_err(failed)?;
        let mut body = Vec::new();
        match read_body(&mut response, BODY_LIMIT_BYTES, &mut body).await {
            Ok(()) => {}
            Err(Incomplete::Broken(error)) => return Err(failed(error)),
            Err(Incomplete::TooLong) => {
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

    async fn keep_pace(&self, call: &Call) -> Result<(), ManagementError> {
        let wait = {
            let limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
            limits.wait(&call.part())
        };
        match wait {
            Some(wait) if !self.retries.pace(wait, &format!("`{call}`")).await => {
                Err(exhausted(call))
            }
            _ => Ok(()),
        }
    }
}

/// After what time to make a call again, and why; nothing when that cannot help or may harm.
///
/// # Errors
/// [`ManagementError::Exhausted`] where the org asks for a longer wait than anybody would make.
fn again(
    call: &Call,
    last: &Result<Answer, ManagementError>,
    attempt: u32,
) -> Result<Option<(Duration, String)>, ManagementError> {
    let pause = limits::pause(attempt);
    match last {
        Err(ManagementError::Unreachable { reason, .. }) if call.is_idempotent() => {
            Ok(Some((pause, reason.clone())))
        }
        Err(_) => Ok(None),
        Ok(answer) => match answer.worth_a_retry(call) {
            Some(reason) if answer.status.as_u16() == 429 => {
                let wait = limits::after_refusal(&answer.headers);
                let wait = wait.ok_or_else(|| exhausted(call))?;
                Ok(Some((wait, reason.to_owned())))
            }
            worth => Ok(worth.map(|reason| (pause, reason.to_owned()))),
        },
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
        format!("no answer within {} s", DEADLINE.as_secs())
    } else {
        innermost(error)
    };
    ManagementError::Unreachable {
        origin: call.origin(),
        reason,
    }
}
