//! Requests to the API, with what the trials present to it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream;
use secrecy::{ExposeSecret as _, SecretString};

use super::discovery::failed;
use super::{Observer, Plan};
use crate::model::Access;
use crate::observation::{
    ApiAnswer, AuthorizationKey, CallKey, Credential, Need, NotSeen, Observations, Outcome, Seen,
    Symptom, Tokens,
};
use crate::openid::{Answer, HttpError, forge};

/// So many requests to the API are under way at once.
const AT_ONCE: usize = 4;
/// An API that hangs is not asked for the rest of the run.
const MOST_SILENCES: usize = 4;
/// What is presented in place of a token: it has the three segments of one, and nothing in them.
const GARBAGE: &str = "garbage.garbage.garbage";

impl Observer<'_> {
    /// Asks the API everything that the plan names.
    pub(super) async fn call_api(&self, plan: &Plan, seen: &mut Observations) {
        let silences = AtomicUsize::new(0);
        let silences = &silences;
        let calls = plan.calls().map(|key| {
            let credential = credential(&key.credential, seen);
            async move {
                let clock = Instant::now();
                let answer = match credential {
                    Ok(token) => self.call(key, token.as_ref(), silences).await,
                    Err(reason) => Err(reason),
                };
                (key.clone(), answer, clock.elapsed())
            }
        });
        let answers: Vec<(CallKey, Seen<ApiAnswer>, Duration)> = stream::iter(calls)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for (key, answer, duration) in answers {
            seen.durations.insert(Need::Call(key.clone()), duration);
            seen.calls.insert(key, answer);
        }
    }

    async fn call(
        &self,
        key: &CallKey,
        token: Option<&SecretString>,
        silences: &AtomicUsize,
    ) -> Seen<ApiAnswer> {
        let mut url = self.resource_server.clone();
        let path = format!("{}{}", url.path().trim_end_matches('/'), key.endpoint);
        url.set_path(&path);
        let mut in_header = token;
        if let (Credential::InQuery(_), Some(token)) = (&key.credential, token) {
            url.query_pairs_mut()
                .append_pair("access_token", token.expose_secret());
            in_header = None;
        }
        if silences.load(Ordering::Relaxed) >= MOST_SILENCES {
            return Err(NotSeen::failed(format!(
                "not asked: {} gave no answer within its deadline {MOST_SILENCES} times",
                self.resource_server.origin().ascii_serialization()
            )));
        }
        let attempts = self.http.get_each(&url, in_header).await;
        if matches!(attempts.last, Err(HttpError::TimedOut { .. })) {
            silences.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(breach) = self.breach(key, attempts.earlier) {
            return Ok(breach);
        }
        let answer = attempts.last.map_err(failed)?;
        if answer.status.as_u16() == 429 {
            return Err(NotSeen::failed(format!(
                "the API's rate limit stays exhausted (429 for {}): run again later",
                key.endpoint
            )));
        }
        Ok(api_answer(answer))
    }

    /// An answer that gave what must be refused, whatever the same request was answered later.
    fn breach(&self, key: &CallKey, earlier: Vec<Answer>) -> Option<ApiAnswer> {
        if earlier.is_empty() {
            return None;
        }
        let mut endpoints = self.model.endpoints.iter();
        let endpoint = endpoints.find(|endpoint| endpoint.path == key.endpoint)?;
        let may_read = matches!(&key.credential, Credential::AccessToken(of)
            if self.model.access(&of.request, endpoint) == Access::Reads);
        let mut answers = earlier.into_iter().map(api_answer);
        answers.find(|answer| !may_read && answer.gives(endpoint.answers.as_ref()))
    }
}

fn api_answer(answer: Answer) -> ApiAnswer {
    ApiAnswer {
        status: answer.status.as_u16(),
        challenge: challenges(&answer),
        json: answer.json(),
        body: answer.body,
    }
}

/// All challenges of an answer: a gateway may send several headers.
fn challenges(answer: &Answer) -> Option<String> {
    let values = answer.headers.get_all("www-authenticate").iter();
    let values: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

fn credential(credential: &Credential, seen: &Observations) -> Seen<Option<SecretString>> {
    match credential {
        Credential::Nothing => Ok(None),
        Credential::Garbage => Ok(Some(SecretString::from(GARBAGE))),
        Credential::AccessToken(key) | Credential::InQuery(key) => {
            Ok(Some(tokens(key, seen)?.access.clone()))
        }
        Credential::Tampered(key) => Ok(Some(forge::tampered(&tokens(key, seen)?.access))),
        Credential::Unsigned(key) => Ok(Some(forge::unsigned(&tokens(key, seen)?.access))),
        Credential::IdToken(key) => {
            let id = tokens(key, seen)?.id.clone();
            let none = || NotSeen::inconclusive("no ID token came with the access token");
            id.map(Some).ok_or_else(none)
        }
    }
}

fn tokens<'a>(key: &AuthorizationKey, seen: &'a Observations) -> Seen<&'a Tokens> {
    match &seen.authorization(key)?.outcome {
        Outcome::Tokens { tokens, .. } => Ok(tokens),
        Outcome::Denied { denial, text, .. } => {
            let symptom = Symptom::NoTokens {
                key: key.clone(),
                denial: *denial,
            };
            Err(
                NotSeen::inconclusive(format!("{} got no tokens: {text}", key.words()))
                    .with(symptom),
            )
        }
    }
}
