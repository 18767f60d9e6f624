//! The token that a hostile request is compared with: one that the endpoint is open to.

use std::time::{Duration, Instant};

use secrecy::SecretString;
use tokio::time::interval;

use super::Observer;
use super::api::tokens;
use super::hostile::{Lane, TOO_MANY};
use super::recovery::PAUSE;
use crate::exchange::{ApiCall, Material};
use crate::observation::{AuthorizationKey, NotSeen, Observations, Seen, Trouble};
use crate::origin::is_loopback;
use crate::transport::is_a_proxy_named;

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
        let token = self.good_token(exchange, seen)?;
        let clock = Instant::now();
        let mut asked = self.ask_patiently(&token, exchange, material).await;
        let mut often = interval(PAUSE);
        // One server of several may be down.
        for _ in 0..MOST_FAILURES {
            if !matches!(asked, Err(Trouble::Failing(_))) {
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
            Err(Trouble::Refused(status)) => Err(NotSeen::inconclusive(format!(
                "not sent: {} answers {status} to a good token by HTTP/1.1, so a refusal proves \
                 nothing",
                exchange.endpoint
            ))),
            Err(Trouble::Late(why)) => Err(NotSeen::failed(format!(
                "not sent: a good token was not answered in time ({why}), so what comes of the \
                 request would prove nothing"
            ))),
            Err(Trouble::Failing(why)) => Err(NotSeen::failed(format!(
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

    /// A token of the run that the endpoint was open to: one that the model gives, before one that
    /// may have been let in by chance.
    fn good_token(&self, exchange: &ApiCall, seen: &Observations) -> Seen<SecretString> {
        let at_endpoint = seen.calls.iter().filter(|(call, answer)| {
            let is_open = answer
                .as_ref()
                .is_ok_and(|answer| (200..300).contains(&answer.status));
            let is_lasting = !call.basis().is_some_and(AuthorizationKey::is_probe);
            call.endpoint == exchange.endpoint && is_open && is_lasting
        });
        let (meant, others): (Vec<_>, Vec<_>) =
            at_endpoint.partition(|(call, _)| self.may_read(call));
        let mut open = meant
            .into_iter()
            .chain(others)
            .filter_map(|(call, _)| tokens(call.rightful()?, seen).ok());
        let none = || {
            NotSeen::inconclusive(format!(
                "not sent: no token of this run opens {}, so a refusal would prove nothing",
                exchange.endpoint
            ))
        };
        open.next()
            .map(|tokens| tokens.access.clone())
            .ok_or_else(none)
    }
}
