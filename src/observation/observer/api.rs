//! Requests to the API, with what the trials present to it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::Timestamp;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use super::amid::{Part, tells};
use super::behind::Sought;
use super::discovery::failed;
use super::ended::{living, living_id};
use super::{Observer, Plan, clock_ahead};
use crate::escape::MOST_IN_RECORD;
use crate::exchange::{self, ApiCall, Holder, Material, OwnRequest, Put, TokenOf};
use crate::model::{Access, Endpoint, Wanted};
use crate::observation::{
    ApiAnswer, AuthorizationKey, Data, Need, NotSeen, Observations, Outcome, Seen, Tokens,
};
use crate::openid::{Answer, ApiEndpoint, ApiRequest, AuthorizationHeader, HttpError};

/// So many requests to the API are under way at once.
const AT_ONCE: usize = 4;
/// An API that hangs is not asked for the rest of the run.
const MOST_SILENCES: usize = 4;
/// So often is asked again what was given.
pub(super) const AGAIN: usize = 3;
/// So much of a body is shown.
const MOST_OF_BODY: usize = 200;
/// A longer body is kept as text alone: taken apart it can fill thirty times its length.
const LONGEST_JSON: usize = 64 * 1024;

/// Where the API is asked, and what is to come of it.
pub(super) struct Asked<'a> {
    pub(super) endpoint: ApiEndpoint,
    /// What the model calls the endpoint.
    pub(super) name: &'a str,
    pub(super) wanted: Option<Wanted<'a>>,
    /// Whether the model lets the request read it.
    pub(super) may_read: bool,
    /// What must not come beside it: of other endpoints.
    pub(super) shut: Vec<(&'a str, Wanted<'a>)>,
}

impl Observer<'_> {
    /// Asks the API everything that the plan names: first what must be refused, while no good
    /// answer is there that a cache could have kept.
    pub(super) async fn call_api(&self, plan: &Plan, seen: &mut Observations) {
        let silences = AtomicUsize::new(0);
        let (good, bad): (Vec<_>, Vec<_>) = plan.calls().partition(|call| self.may_read(call));
        // What is decided of a good token, be it refused for its scope, may be kept too.
        let (nobodys, bad): (Vec<_>, Vec<_>) =
            bad.into_iter().partition(|call| call.case.is_nobodys());
        self.call_each(nobodys, seen, &silences).await;
        self.call_each(bad, seen, &silences).await;
        self.call_each(good, seen, &silences).await;
        // A cache may serve to nobody what it kept from somebody in the meantime.
        let refused = self.refused(plan, seen);
        let mut again = Observations {
            authorizations: std::mem::take(&mut seen.authorizations),
            ..Observations::default()
        };
        self.call_each(refused, &mut again, &silences).await;
        seen.authorizations = again.authorizations;
        for (key, answer) in again.calls {
            if let Ok(answer) = answer
                && answer.gives()
            {
                let answer = ApiAnswer {
                    is_second: true,
                    ..answer
                };
                seen.calls.insert(key, Ok(answer));
            }
        }
        self.look_whether_it_stays(plan, seen, &silences).await;
    }

    /// Asks again, a few times, what was given to who must not have it: one server of several may
    /// differ from the others.
    async fn look_whether_it_stays(
        &self,
        plan: &Plan,
        seen: &mut Observations,
        silences: &AtomicUsize,
    ) {
        let is_given = |call: &&ApiCall| {
            let answer = seen.calls.get(*call);
            answer.is_some_and(|answer| answer.as_ref().is_ok_and(ApiAnswer::gives))
        };
        let given = plan.calls().filter(is_given);
        let given: Vec<&ApiCall> = given
            .filter(|call| !self.may_read(call) && self.is_repeatable(call))
            .collect();
        for call in given {
            let material = self.plain_material(call);
            let token = material.and_then(|material| credential(call, seen, &material));
            for _ in 0..AGAIN {
                let answer = match &token {
                    Ok(token) => self.call(call, token.as_ref(), silences).await,
                    Err(why) => Err(why.clone()),
                };
                let is_refused = answer.is_ok_and(|answer| !answer.gives() && !answer.fails());
                if is_refused && let Some(Ok(first)) = seen.calls.get_mut(call) {
                    first.is_unsteady = true;
                    break;
                }
            }
        }
    }

    fn is_repeatable(&self, call: &ApiCall) -> bool {
        let endpoint = self.model.endpoint(&call.endpoint);
        endpoint.is_some_and(Endpoint::is_repeatable)
    }

    /// What the API refused whom the model does not let in, where it let others in and may be asked
    /// again.
    fn refused<'p>(&self, plan: &'p Plan, seen: &Observations) -> Vec<&'p ApiCall> {
        let lets_in = |answer: &Seen<ApiAnswer>| answer.as_ref().is_ok_and(ApiAnswer::gives);
        let given = seen.calls.iter().filter(|(_, answer)| lets_in(answer));
        let open: BTreeSet<&str> = given.map(|(call, _)| call.endpoint.as_str()).collect();
        let is_refused = |call: &&ApiCall| {
            let answer = seen.calls.get(*call);
            answer.is_some_and(|answer| answer.is_ok() && !lets_in(answer))
        };
        let calls = plan.calls().filter(is_refused);
        calls
            .filter(|call| open.contains(call.endpoint.as_str()) && !self.may_read(call))
            .filter(|call| self.is_repeatable(call))
            .collect()
    }

    async fn call_each(
        &self,
        calls: Vec<&ApiCall>,
        seen: &mut Observations,
        silences: &AtomicUsize,
    ) {
        let calls = calls.into_iter().map(|key| {
            let material = self.plain_material(key);
            let credential = material.and_then(|material| credential(key, seen, &material));
            async move {
                let clock = Instant::now();
                let answer = match credential {
                    Ok(token) => self.call(key, token.as_ref(), silences).await,
                    Err(reason) => Err(reason),
                };
                (key.clone(), answer, clock.elapsed())
            }
        });
        let answers: Vec<(ApiCall, Seen<ApiAnswer>, Duration)> = stream::iter(calls)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for (key, answer, duration) in answers {
            seen.durations.insert(Need::of_api(&key), duration);
            seen.calls.insert(key, answer);
        }
    }

    async fn call(
        &self,
        key: &ApiCall,
        token: Option<&SecretString>,
        silences: &AtomicUsize,
    ) -> Seen<ApiAnswer> {
        let own = self.own_request(key)?;
        let mut endpoint = self.api(key)?;
        let mut in_header = None;
        let put = key
            .case
            .credential
            .as_ref()
            .map(|credential| credential.put);
        match (put, token) {
            (Some(Put::Query), Some(token)) => {
                endpoint = endpoint.with_token_in_query(token.expose_secret());
            }
            (Some(Put::Header), Some(token)) => {
                let header = AuthorizationHeader::bearer(&key.case.sends, token);
                let header = header.map_err(|error| NotSeen::failed(error.to_string()))?;
                in_header = Some(header);
            }
            (Some(Put::AsWritten) | None, _) | (_, None) => {}
        }
        if silences.load(Ordering::Relaxed) >= MOST_SILENCES {
            return Err(NotSeen::failed(format!(
                "not asked: {} gave no answer within its deadline {MOST_SILENCES} times",
                self.resource_server.origin().ascii_serialization()
            )));
        }
        let asked = Asked {
            endpoint,
            name: &key.endpoint,
            wanted: self.wanted(key),
            may_read: self.may_read(key),
            shut: self.shut(key),
        };
        self.ask_api(own, &asked, in_header.as_ref(), silences)
            .await
    }

    /// Asks the API; an answer that gave to whoever must not have it counts, whatever the same
    /// request was answered later.
    pub(super) async fn ask_api(
        &self,
        own: &OwnRequest,
        asked: &Asked<'_>,
        in_header: Option<&AuthorizationHeader>,
        silences: &AtomicUsize,
    ) -> Seen<ApiAnswer> {
        let (endpoint, wanted) = (&asked.endpoint, asked.wanted);
        let part = Part::of(asked.may_read);
        let sought = Sought { wanted, part };
        let call = api_request(own)?;
        let attempts = self.http.call_each(endpoint, &call, in_header).await;
        if matches!(attempts.last, Err(HttpError::TimedOut { .. })) {
            silences.fetch_add(1, Ordering::Relaxed);
        }
        let earlier = attempts.earlier.into_iter();
        let earlier = earlier.map(|answer| self.api_answer(&answer, endpoint, sought));
        let mut earlier: Vec<ApiAnswer> = earlier.collect();
        let failed_before = earlier.iter().find(|answer| answer.fails());
        let failed_before = failed_before.map(|answer| answer.status);
        let breach = earlier.iter().position(ApiAnswer::gives);
        if let Some(breach) = breach.filter(|_| !asked.may_read) {
            return Ok(earlier.swap_remove(breach));
        }
        let answer = attempts.last.map_err(failed)?;
        if answer.status.as_u16() == 429 {
            return Err(NotSeen::failed(format!(
                "the API's rate limit stays exhausted (429 for {}): run again later",
                asked.name
            )));
        }
        let leads_to_data = !asked.may_read && self.leads_to_data(&answer, endpoint, sought).await;
        let tells_of = asked.told_of(&answer);
        let answer = self.api_answer(&answer, endpoint, sought);
        Ok(ApiAnswer {
            tells_of,
            failed_before: failed_before.filter(|_| !answer.fails()),
            leads_to_data,
            ..answer
        })
    }

    /// The request that the endpoint of an exchange has of itself.
    pub(super) fn own_request(&self, key: &ApiCall) -> Seen<&OwnRequest> {
        self.own.get(&key.endpoint).map_err(NotSeen::not_configured)
    }

    /// Where the request goes.
    pub(super) fn api(&self, key: &ApiCall) -> Seen<ApiEndpoint> {
        let own = self.own_request(key)?;
        let slash = if key.with_slash { "/" } else { "" };
        let query = own.query.as_ref().map(|query| format!("?{query}"));
        let path = format!("{}{slash}{}", own.path, query.unwrap_or_default());
        Ok(ApiEndpoint::new(self.resource_server, &path))
    }

    /// What the model says the endpoint answers. To whom it must not answer, that is a breach only
    /// where it is known again.
    pub(super) fn wanted(&self, key: &ApiCall) -> Option<Wanted<'_>> {
        let endpoint = self.model.endpoint(&key.endpoint)?;
        let counts = endpoint.is_told() || self.may_read(key);
        endpoint.wanted().filter(|_| counts)
    }

    /// Whether the model lets the request read the endpoint. Where it does not, an answer that
    /// gave it counts, whatever the same request was answered later.
    pub(super) fn may_read(&self, key: &ApiCall) -> bool {
        let Some(endpoint) = self.model.endpoint(&key.endpoint) else {
            return false;
        };
        let rightful = key.rightful();
        let is_read =
            |of: &AuthorizationKey| self.model.access(&of.request, endpoint) == Access::Reads;
        endpoint.is_public() || rightful.is_some_and(is_read)
    }

    /// What judgement needs of an answer, which may be long.
    pub(super) fn api_answer(
        &self,
        answer: &Answer,
        endpoint: &ApiEndpoint,
        sought: Sought<'_>,
    ) -> ApiAnswer {
        let challenge = challenges(answer);
        let (data, is_unread) = data_of(answer, sought);
        ApiAnswer {
            status: answer.status.as_u16(),
            challenge: challenge.map(|text| self.secrets.field(&text, MOST_IN_RECORD)),
            redirect: answer.redirect(endpoint.url()),
            body: (!answer.body.is_empty()).then(|| self.secrets.field(&answer.body, MOST_OF_BODY)),
            is_page: is_page(answer),
            clock_ahead: answer
                .header("date")
                .and_then(|date| clock_ahead(date, answer.at)),
            is_second: false,
            is_kept: is_kept(answer),
            is_unsteady: false,
            failed_before: None,
            is_unread,
            leads_to_data: false,
            tells_of: Vec::new(),
            data,
        }
    }
}

/// What is asked beside the address.
fn api_request(own: &OwnRequest) -> Seen<ApiRequest> {
    let mut headers = HeaderMap::new();
    for (name, value) in &own.headers {
        let unsendable = || NotSeen::failed(format!("the value of `{name}` cannot be sent"));
        let named = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsendable())?;
        let value = HeaderValue::from_str(value.expose_secret());
        let mut value = value.map_err(|_| unsendable())?;
        value.set_sensitive(true);
        headers.insert(named, value);
    }
    Ok(ApiRequest {
        method: Method::from_bytes(own.method.as_bytes()).unwrap_or_default(),
        headers,
        body: own.body.clone(),
        is_repeatable: own.is_repeatable,
    })
}

/// Whether a cache says that it has kept the answer: RFC 9111 section 5.1, and what caches say of
/// themselves besides.
fn is_kept(answer: &Answer) -> bool {
    let age = answer.header("age").and_then(|age| age.trim().parse().ok());
    let says = |name| answer.header(name).unwrap_or_default().to_ascii_uppercase();
    age.is_some_and(|age: u64| age > 0)
        || ["x-cache", "cf-cache-status"]
            .into_iter()
            .any(|name| says(name).contains("HIT"))
}

/// Whether the answer is a page for people.
fn is_page(answer: &Answer) -> bool {
    let kind = answer.header("content-type").unwrap_or_default();
    kind.trim_start()
        .to_ascii_lowercase()
        .starts_with("text/html")
}

/// What of its endpoint's data is in an answer, and whether it was too long to be taken apart.
pub(super) fn data_of(answer: &Answer, sought: Sought<'_>) -> (Data, bool) {
    let Sought { wanted, part } = sought;
    let is_short = answer.body.len() <= LONGEST_JSON;
    let may_be_right = answer.status.is_success() && wanted.is_some();
    let json = (is_short || may_be_right).then(|| answer.json()).flatten();
    let data = match wanted {
        Some(wanted) if wanted.is_in(&answer.body, json.as_ref()) => Data::Alone,
        Some(wanted) if tells(answer, json.as_ref(), wanted, part) => Data::Amid,
        _ => Data::Absent,
    };
    let refuses = |body| ApiAnswer::refuses_by(body, data);
    let is_error = answer.status.is_success() && json.as_ref().is_some_and(refuses);
    let data = if is_error { Data::Error } else { data };
    (data, !is_short && json.is_none())
}

/// All challenges of an answer: a gateway may send several headers.
fn challenges(answer: &Answer) -> Option<String> {
    let values = answer.headers.get_all("www-authenticate").iter();
    let values: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// What the exchange presents, made of what was seen.
pub(super) fn credential(
    exchange: &ApiCall,
    seen: &Observations,
    material: &Material<'_>,
) -> Seen<Option<SecretString>> {
    let Some(credential) = &exchange.case.credential else {
        return Ok(None);
    };
    let now = Timestamp::from_second(material.now).unwrap_or_default();
    let token = match (&credential.token, exchange.basis()) {
        (TokenOf::Text(text), _) => SecretString::from(text.as_str()),
        // It is to have ended.
        (TokenOf::Access, Some(basis)) if exchange.case.holder == Holder::ShortLived => {
            tokens(basis, seen)?.access.clone()
        }
        (TokenOf::Access, Some(basis)) => living(basis, seen, now)?.access.clone(),
        (TokenOf::Id, Some(basis)) => living_id(basis, seen, now)?,
        (TokenOf::Access | TokenOf::Id, None) => {
            return Err(NotSeen::not_applicable(
                "no authorization gives such a token",
            ));
        }
    };
    let made = exchange::prepare(&token, &credential.recipe, material);
    made.map(Some)
        .map_err(|error| NotSeen::not_applicable(error.to_string()))
}

pub(super) fn tokens<'a>(key: &AuthorizationKey, seen: &'a Observations) -> Seen<&'a Tokens> {
    match &seen.authorization(key)?.outcome {
        Outcome::Tokens { tokens, .. } => Ok(tokens),
        Outcome::Denied { denial, text, .. } => Err(key.no_tokens(*denial, text)),
    }
}
