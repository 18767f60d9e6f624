//! The token that a hostile request is compared with: one that the endpoint is open to.

use std::time::{Duration, Instant};

use secrecy::SecretString;
use tokio::time::interval;

use super::Observer;
use super::amid::Part;
use super::api::data_of;
use super::behind::Sought;
use super::ended::living;
use super::hostile::{Lane, TOO_MANY};
use super::recovery::{PAUSE, RECOVERY, recovery};
use crate::escape;
use crate::exchange::{self, ApiCall, Material, Presented};
use crate::observation::{
    Afterwards, AuthorizationKey, Data, NotSeen, Observations, Seen, Trouble,
};
use crate::openid::Answer;
use crate::origin::is_loopback;
use crate::transport::{RawOutcome, RawRequest, is_a_proxy_named};

/// What a gateway answers where the API behind it is late (RFC 9110 section 15.6.5).
const LATE: u16 = 504;
/// RFC 9110 section 15.6.4.
pub(super) const BUSY: u16 = 503;

/// So often is a good token presented again where the API fails before anything was sent.
const MOST_FAILURES: usize = 3;

/// A good token at an endpoint, and what it is given there.
#[derive(Clone)]
pub(super) struct Good {
    pub(super) token: SecretString,
    pub(super) body: String,
    /// How long the API took for it.
    pub(super) took: Duration,
}

impl Observer<'_> {
    /// The same as [`Self::good`], until it failed often enough in a row: an API that wants to be
    /// left alone is not asked before each request.
    pub(super) async fn opened(&self, exchange: &ApiCall, lane: &mut Lane<'_>) -> Seen<Good> {
        let material = &self.plain_material(exchange)?;
        let endpoint = &exchange.endpoint;
        if let Some((MOST_FAILURES.., why)) = lane.shut.get(endpoint) {
            return Err(why.clone());
        }
        let good = self.good(exchange, material, lane.seen).await;
        match &good {
            Ok(_) => drop(lane.shut.remove(endpoint)),
            Err(why) => {
                let shut = lane.shut.entry(endpoint.clone());
                shut.or_insert_with(|| (0, why.clone())).0 += 1;
            }
        }
        good
    }

    /// A token that the endpoint is open to in this run, by bytes as by any client.
    pub(super) async fn good(
        &self,
        exchange: &ApiCall,
        material: &Material<'_>,
        seen: &Observations,
    ) -> Seen<Good> {
        let mut tokens = self.good_tokens(exchange, seen)?.into_iter();
        let mut token = tokens.next().unwrap_or_default();
        let mut clock = Instant::now();
        let mut asked = self.ask_patiently(&token, exchange, material).await;
        // One that ended, was revoked, or whose user is locked, is not every good token.
        while let Err(Trouble::Refused(status)) = asked
            && status != TOO_MANY
            && let Some(next) = tokens.next()
        {
            (token, clock) = (next, Instant::now());
            asked = self.ask_patiently(&token, exchange, material).await;
        }
        let mut often = interval(PAUSE);
        // One server of several may be down.
        for _ in 0..MOST_FAILURES {
            if !matches!(asked, Err(Trouble::Failing(_) | Trouble::Busy(_))) {
                break;
            }
            often.tick().await;
            asked = self.ask_patiently(&token, exchange, material).await;
        }
        match asked {
            Ok(body) => Ok(Good {
                token,
                body,
                took: clock.elapsed(),
            }),
            Err(Trouble::Refused(TOO_MANY)) => Err(NotSeen::failed(format!(
                "not sent: the API's rate limit is exhausted, and {} answers 429 to a good token \
                 however long is waited: run again later",
                exchange.endpoint
            ))),
            Err(Trouble::Refused(status)) => {
                let words = self.words_of_refusal(&token, exchange, material).await;
                Err(NotSeen::inconclusive(format!(
                    "not sent: {} answers {status}{words} to every good token by HTTP/1.1, those \
                     that the access matrix was let in with, so a refusal proves nothing",
                    exchange.endpoint
                )))
            }
            Err(Trouble::Late(why)) => Err(NotSeen::failed(format!(
                "not sent: a good token was not answered in time ({why}), so what comes of the \
                 request would prove nothing"
            ))),
            Err(Trouble::Failing(why) | Trouble::Busy(why)) => Err(NotSeen::failed(format!(
                "not sent: {} fails for a good token by HTTP/1.1 ({why}), so what comes of the \
                 request would prove nothing",
                exchange.endpoint
            ))),
            // The matrix was asked through whatever proxy there is.
            Err(Trouble::Gone(why)) if is_a_proxy_named() && !is_loopback(self.resource_server) => {
                Err(NotSeen::not_applicable(format!(
                    "not sent: hostile requests go straight to the API, which is not reached so: \
                     {why}"
                )))
            }
            Err(Trouble::Gone(why)) => Err(NotSeen::failed(format!(
                "not sent: {} answered during the access matrix, and now a good token by HTTP/1.1 \
                 is given nothing: {why}",
                exchange.endpoint
            ))),
        }
    }

    /// What a refusal of a good token says, for a sentence: its body, where it has one.
    async fn words_of_refusal(
        &self,
        token: &SecretString,
        exchange: &ApiCall,
        material: &Material<'_>,
    ) -> String {
        let request = rightful(token, material);
        let Ok(api) = self.api(exchange) else {
            return String::new();
        };
        let RawOutcome::Answered(answer) = self.http.send_raw(&api, &request).await else {
            return String::new();
        };
        let body = Answer::from(answer).body;
        match escape::beginning(body.trim(), escape::MOST_IN_TERMINAL) {
            words if words.is_empty() => String::new(),
            words => format!(" (`{words}`)"),
        }
    }

    /// The tokens of the run that the endpoint was open to: those that the model gives, before
    /// those that may have been let in by chance.
    fn good_tokens(&self, exchange: &ApiCall, seen: &Observations) -> Seen<Vec<SecretString>> {
        let at_endpoint = seen.calls.iter().filter(|(call, answer)| {
            let is_open = answer
                .as_ref()
                .is_ok_and(|answer| (200..300).contains(&answer.status));
            let is_lasting = !call.basis().is_some_and(AuthorizationKey::is_probe);
            call.endpoint == exchange.endpoint && is_open && is_lasting
        });
        let (meant, others): (Vec<_>, Vec<_>) =
            at_endpoint.partition(|(call, _)| self.may_read(call));
        let open = meant.into_iter().chain(others);
        let now = self.clock.now();
        let open = open.filter_map(|(call, _)| Some(living(call.rightful()?, seen, now)));
        let (open, ended): (Vec<_>, Vec<_>) = open.partition(Result::is_ok);
        let none = || {
            NotSeen::inconclusive(format!(
                "not sent: no token of this run opens {}, so a refusal would prove nothing",
                exchange.endpoint
            ))
        };
        let open = open.into_iter().flatten();
        let open: Vec<SecretString> = open.map(|tokens| tokens.access.clone()).collect();
        if open.is_empty() {
            let why = ended.into_iter().find_map(Result::err);
            return Err(why.unwrap_or_else(none));
        }
        Ok(open)
    }

    /// The same as [`Self::ask_with`], again for a while where a rate limit answers.
    pub(super) async fn ask_patiently(
        &self,
        token: &SecretString,
        exchange: &ApiCall,
        material: &Material<'_>,
    ) -> Result<String, Trouble> {
        let (clock, mut often) = (Instant::now(), interval(PAUSE));
        loop {
            often.tick().await;
            let answer = self.ask_with(token, exchange, material).await;
            let is_too_much = answer == Err(Trouble::Refused(TOO_MANY));
            if !is_too_much || clock.elapsed() >= RECOVERY {
                return answer;
            }
        }
    }

    /// A good token at the endpoint: the body that it is given, or why it is not.
    pub(super) async fn ask_with(
        &self,
        token: &SecretString,
        exchange: &ApiCall,
        material: &Material<'_>,
    ) -> Result<String, Trouble> {
        let request = rightful(token, material);
        let api = self
            .api(exchange)
            .map_err(|why| Trouble::Gone(why.reason))?;
        match self.http.send_raw(&api, &request).await {
            RawOutcome::Answered(answer) if answer.status.is_success() => {
                let (status, answer) = (answer.status.as_u16(), Answer::from(answer));
                // A body may be long, and comes again after every request: nothing is kept of it.
                let (data, _) = data_of(
                    &answer,
                    Sought {
                        wanted: self.wanted(exchange),
                        part: Part::Whole,
                    },
                );
                if data == Data::Error {
                    return Err(Trouble::Refused(status));
                }
                Ok(answer.body)
            }
            RawOutcome::Answered(answer) if answer.status.as_u16() == LATE => {
                Err(Trouble::Late(format!("it answers {}", answer.status)))
            }
            RawOutcome::Answered(answer) if answer.status.as_u16() == BUSY => {
                Err(Trouble::Busy(format!("it answers {}", answer.status)))
            }
            RawOutcome::Answered(answer) if answer.status.is_server_error() => {
                Err(Trouble::Failing(format!("it answers {}", answer.status)))
            }
            RawOutcome::Answered(answer) => Err(Trouble::Refused(answer.status.as_u16())),
            RawOutcome::Lost { reason, .. } | RawOutcome::Unreachable { reason } => {
                Err(Trouble::Gone(reason))
            }
            RawOutcome::Silent { seconds, .. } => {
                Err(Trouble::Late(format!("no answer within {seconds} s")))
            }
            RawOutcome::Insecure => Err(Trouble::Gone("it is not https://".to_owned())),
        }
    }

    /// What a good token is given after a hostile request, for as long as an API may need to come
    /// back.
    pub(super) async fn afterwards(
        &self,
        exchange: &ApiCall,
        good: &Good,
        material: &Material<'_>,
        seen: &Observations,
    ) -> Afterwards {
        let first = self.ask_patiently(&good.token, exchange, material).await;
        let Err(trouble) = first else {
            return Afterwards::Good;
        };
        if let Trouble::Refused(status) = trouble
            && status != TOO_MANY
            && self.good(exchange, material, seen).await.is_ok()
        {
            let again = self.ask_patiently(&good.token, exchange, material).await;
            return again.map_or(Afterwards::OfAnother(status), |_| Afterwards::Good);
        }
        let ask = async || self.ask_with(&good.token, exchange, material).await;
        let afterwards = recovery(trouble, RECOVERY, ask).await;
        if let Afterwards::Recovered(Trouble::Late(why)) = &afterwards {
            let endpoint = &exchange.endpoint;
            let late =
                format!("{endpoint}: a good token was answered late ({why}), and then as ever");
            self.progress.say(&late);
        }
        afterwards
    }
}

/// A token presented as it is meant to be.
pub(super) fn rightful(token: &SecretString, material: &Material<'_>) -> RawRequest {
    let presented = Presented {
        token: Some(token),
        genuine: None,
    };
    exchange::request(exchange::the_access_token(), presented, material)
}
