//! Calls to the Management API: paced, with deadlines, made again only where that is harmless.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION};
use reqwest::{Method, RequestBuilder};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{Instant, interval};
use url::Url;

use super::ManagementError;
use super::answer::{Answer, Call, may_pass, not_read};
use super::path::ApiPath;
use crate::escape::excerpt;
use crate::origin::is_secure;
use crate::transport::limits::{LONGEST_UNANNOUNCED, Retries};
use crate::transport::{AuthorizationHeader, Certificates, Failure, Question, Transport};

const BODY_LIMIT_BYTES: usize = 4 * 1024 * 1024;
/// No list is longer, all of its pages together.
const LIST_LIMIT_BYTES: usize = 4 * BODY_LIMIT_BYTES;
/// How long what was made just now may stay unseen.
const LISTS_LAG: Duration = Duration::from_millis(100);
const MOST_PAGES: usize = 50;
/// So many pages in a row with nothing new on them are no pages that shift.
const MOST_KNOWN_PAGES: usize = 8;
/// What any server may answer.
const EMPTY_LIST: &str = "[]";

/// The Management API of one org, by an API token.
pub struct ManagementClient {
    transport: Transport,
    org_url: Url,
    authorization: AuthorizationHeader,
    /// Why the org could not be reached at last; it is not asked again and again.
    gone: Mutex<Option<String>>,
    made: Instant,
    /// Whether what is not there is looked for once more.
    looks_twice: bool,
    /// Whether an object of Okta's came from there: each has what no other answer has, an id.
    is_an_org: AtomicBool,
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
    pub fn new(org_url: Url, token: SecretString) -> Result<Self, ManagementError> {
        Self::trusting(org_url, token, &Certificates::default())
    }

    /// The same, trusting further certificates.
    ///
    /// # Errors
    /// As [`new`](Self::new), and [`ManagementError::Unreachable`] when HTTPS cannot be set up with
    /// these certificates.
    pub fn trusting(
        org_url: Url,
        token: SecretString,
        more: &Certificates,
    ) -> Result<Self, ManagementError> {
        // What must not be asked is not asked, whether or not it could be.
        check(&org_url)?;
        let transport = Transport::trusting(more);
        let transport = transport.map_err(|reason| ManagementError::Unreachable {
            origin: org_url.origin().ascii_serialization(),
            reason,
        })?;
        Self::by(transport, org_url, token)
    }

    /// A client that sends as others of its run do.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "who has a client needs the token no more"
    )]
    pub(crate) fn by(
        transport: Transport,
        org_url: Url,
        token: SecretString,
    ) -> Result<Self, ManagementError> {
        check(&org_url)?;
        Ok(Self {
            transport,
            authorization: AuthorizationHeader::new("the API token", "SSWS", &token)?,
            org_url,
            gone: Mutex::default(),
            made: Instant::now(),
            looks_twice: false,
            is_an_org: AtomicBool::new(false),
        })
    }

    /// Tells of every wait and every call that is made again, when it happens.
    #[must_use]
    pub fn on_retry(mut self, listener: impl Fn(&str) + Send + Sync + 'static) -> Self {
        let retries = Retries::telling(listener, LONGEST_UNANNOUNCED);
        self.transport = self.transport.sharing(retries);
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
        self.transport.retries().lines()
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
        self.read(&call, &self.send(&call, None).await?)
    }

    /// `GET` of one object below `/api/v1/`; nothing where there is none.
    pub(crate) async fn get<'p, T: DeserializeOwned>(
        &self,
        path: impl Into<ApiPath<'p>>,
    ) -> Result<Option<T>, ManagementError> {
        let path = path.into();
        let call = self.call(Method::GET, &path, &[])?;
        let look = async || self.get_once(&call, &path).await;
        self.look(&call, look, Option::is_some).await
    }

    async fn get_once<T: DeserializeOwned>(
        &self,
        call: &Call,
        path: &ApiPath<'_>,
    ) -> Result<Option<T>, ManagementError> {
        let answer = self.send(call, None).await;
        match answer.and_then(|answer| answer.whole(call)) {
            Ok(answer) => {
                let read = self.read(call, &answer)?;
                let found: Option<Value> = serde_json::from_slice(&answer.body).ok();
                let other = found.as_ref().and_then(|found| path.names_another(found));
                let told = |id: &str| ManagementError::Replaced {
                    call: call.to_string(),
                    reason: format!(
                        "shows another object, `{}`, as a cache may that takes no account of the \
                         path",
                        excerpt(id)
                    ),
                };
                other.map_or(Ok(Some(read)), |id| Err(told(id)))
            }
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Looks, and looks again for what is not there as long as lists may lag behind: whatever was
    /// made before this client was, is to be seen by then.
    async fn look<T>(
        &self,
        call: &Call,
        look: impl AsyncFn() -> Result<T, ManagementError>,
        is_there: impl Fn(&T) -> bool,
    ) -> Result<T, ManagementError> {
        let first = look().await?;
        if is_there(&first) || !self.looks_twice {
            return Ok(first);
        }
        let mut again = interval(LISTS_LAG);
        loop {
            again.tick().await;
            let is_settled = self.made.elapsed() >= LISTS_LAG;
            let seen = look().await?;
            if is_there(&seen) {
                self.tell_of_second_look(call);
                return Ok(seen);
            }
            if is_settled {
                return Ok(seen);
            }
        }
    }

    fn tell_of_second_look(&self, call: &Call) {
        self.transport.retries().tell(format!(
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
        let look = async || self.list_once(call.clone()).await;
        self.look(&call, look, |list: &Vec<T>| !list.is_empty())
            .await
    }

    /// The first page of a list, and whether it is all of it.
    pub(crate) async fn first_page<'p, T: DeserializeOwned>(
        &self,
        path: impl Into<ApiPath<'p>>,
        query: &[(&str, &str)],
    ) -> Result<(Vec<T>, bool), ManagementError> {
        let call = self.call(Method::GET, &path.into(), query)?;
        let answer = self.send(&call, None).await?.whole(&call)?;
        let is_all = answer.next_page(&call)?.is_none();
        Ok((self.read(&call, &answer)?, is_all))
    }

    async fn list_once<T: DeserializeOwned>(
        &self,
        mut call: Call,
    ) -> Result<Vec<T>, ManagementError> {
        let (mut items, mut bytes) = (Vec::new(), 0);
        let (mut ids, mut pages, mut known) = (BTreeSet::new(), BTreeSet::new(), 0);
        for _ in 0..MOST_PAGES {
            let answer = self.send(&call, None).await?.whole(&call)?;
            bytes += answer.body.len();
            let page = self.read::<Vec<T>>(&call, &answer)?;
            // Pages that shift while they are read show an object twice.
            let named = answer.ids().into_iter().chain(std::iter::repeat(None));
            let mut is_new = |id: Option<String>| id.is_none_or(|id| ids.insert(id));
            let page = page.into_iter().zip(named);
            let before = items.len();
            items.extend(page.filter_map(|(item, id)| is_new(id).then_some(item)));
            pages.insert(call.url.clone());
            let is_known = items.len() == before && answer.body.len() > EMPTY_LIST.len();
            known = if is_known { known + 1 } else { 0 };
            match answer.next_page(&call)? {
                Some(next) if known >= MOST_KNOWN_PAGES && pages.contains(&next) => {
                    return Err(call.unreadable("its pages lead to one another without end"));
                }
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
        self.read(call, &answer)
    }

    /// Makes a call, at the org's pace and at most four times.
    async fn send(&self, call: &Call, body: Option<&Value>) -> Result<Answer, ManagementError> {
        if let Some(reason) = self.gone().clone() {
            let origin = call.origin();
            return Err(ManagementError::Unreachable { origin, reason });
        }
        let question = Question {
            method: call.method.clone(),
            url: &call.url,
            name: call.to_string(),
            patience: call.patience(),
            may_pass,
            part: Some(call.part()),
            body_limit_bytes: BODY_LIMIT_BYTES,
        };
        let completed = |request| self.completed(request, call, body);
        let asked = self.transport.ask(&question, completed).await;
        match asked.last {
            Ok(received) => Answer::from(received).success(call),
            Err(failure) => {
                if asked.was_given_up {
                    *self.gone() = Some(failure.to_string());
                }
                Err(not_answered(call, &failure))
            }
        }
    }

    fn completed(
        &self,
        request: RequestBuilder,
        call: &Call,
        body: Option<&Value>,
    ) -> RequestBuilder {
        let mut request = request.header(ACCEPT, "application/json");
        if call.is_authorized {
            request = request.header(AUTHORIZATION, self.authorization.value());
        }
        match body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// What an answer says. One that nobody can read blames no address that gave others before it.
    fn read<T: DeserializeOwned>(
        &self,
        call: &Call,
        answer: &Answer,
    ) -> Result<T, ManagementError> {
        let read = serde_json::from_slice(&answer.body).map_err(|error| {
            let value: Option<Value> = serde_json::from_slice(&answer.body).ok();
            let (name, who) = (call.to_string(), answer.who());
            let error = not_read(&name, call.origin(), &error, value.as_ref(), &who);
            if self.is_an_org.load(Ordering::Relaxed) {
                error.of_an_org()
            } else {
                error
            }
        });
        if read.is_ok() && answer.body.len() > EMPTY_LIST.len() {
            self.is_an_org.store(true, Ordering::Relaxed);
        }
        read
    }

    fn gone(&self) -> MutexGuard<'_, Option<String>> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_answered(call: &Call, failure: &Failure) -> ManagementError {
    match failure {
        Failure::TooLong { .. } => call.not_an_org(failure.to_string()),
        Failure::Exhausted => ManagementError::Exhausted {
            call: call.to_string(),
            resets: None,
        },
        Failure::Unreachable(_)
        | Failure::OtherScheme(_)
        | Failure::TimedOut { .. }
        | Failure::Broken(_)
        | Failure::Impossible(_)
        | Failure::Insecure => ManagementError::Unreachable {
            origin: call.origin(),
            reason: failure.to_string(),
        },
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
