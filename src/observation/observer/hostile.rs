//! The hostile requests: behind the access matrix, one at a time, each once, a good token after
//! each.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::{interval, timeout};

use super::api::{credential, tokens};
use super::{Observer, Plan};
use crate::exchange::{self, ApiCall, Case, Material, Presented, SigningKey};
use crate::model::{Access, Endpoint};
use crate::observation::{
    Afterwards, HostileAnswer, NotSeen, Observations, Reaction, Seen, Trouble,
};
use crate::openid::Answer;
use crate::transport::{RawAnswer, RawOutcome};

/// So long an API may take to come back.
const RECOVERY: Duration = Duration::from_secs(10);
/// It is asked again this often meanwhile.
const PAUSE: Duration = Duration::from_millis(250);
/// A shorter part of a token may be anywhere.
const SHORTEST_ECHO: usize = 24;

/// What the lane knows while it goes on.
struct Lane<'a> {
    seen: &'a Observations,
    trusted: Option<SigningKey>,
    /// Why nothing more is sent.
    stopped: Option<NotSeen>,
}

/// A good token at an endpoint, and what it is given there.
struct Good {
    token: SecretString,
    body: String,
}

impl Observer<'_> {
    /// Sends every hostile request of the plan.
    pub(super) async fn send_hostile(&self, plan: &Plan, seen: &mut Observations) {
        let mut lane = Lane {
            seen,
            trusted: self.trusted_key(),
            stopped: None,
        };
        let mut answers = Vec::new();
        for exchange in plan.hostile() {
            answers.push((exchange.clone(), self.send_one(exchange, &mut lane).await));
        }
        seen.hostile.extend(answers);
    }

    fn trusted_key(&self) -> Option<SigningKey> {
        SigningKey::from_pem(self.access.trusted_key.as_ref()?).ok()
    }

    async fn send_one(&self, exchange: &ApiCall, lane: &mut Lane<'_>) -> Seen<HostileAnswer> {
        let material = self.material(exchange, lane)?;
        let token = credential(exchange, lane.seen, &material)?;
        if let Some(reason) = &lane.stopped {
            return Err(reason.clone());
        }
        if exchange.case.needs_another_endpoint() && material.other.is_none() {
            return Err(NotSeen::not_applicable("the API has no other endpoint"));
        }
        if let Some(value) = exchange.case.unchanged(&material) {
            return Err(NotSeen::not_applicable(format!(
                "not sent: `{value}` is the same value here, so there is nothing wrong in it"
            )));
        }
        let good = self.good(exchange, &material, lane.seen).await?;
        if let Some(token) = token.as_ref().filter(|_| exchange.case.needs_token()) {
            self.secrets.add(token);
        }
        let genuine = exchange.basis().map(|basis| tokens(basis, lane.seen));
        let genuine = genuine.and_then(|tokens| Some(tokens.ok()?.access.clone()));
        let presented = Presented {
            token: token.as_ref(),
            genuine: genuine.as_ref(),
        };
        let request = exchange::request(exchange.case, presented, &material);
        let api = self.api(exchange)?;
        let outcome = self.http.send_raw(&api, &request).await;
        let (reaction, answer) = taken(outcome)?;
        let afterwards = self.afterwards(exchange, &good, &material).await;
        lane.stopped = stopped_by(&afterwards, exchange.case);
        let answer = answer.map(Answer::from);
        Ok(HostileAnswer {
            reaction,
            is_as_good: answer
                .as_ref()
                .is_some_and(|answer| answer.body == good.body && self.is_known(exchange)),
            echoes_token: echoes(answer.as_ref(), token.as_ref()),
            has_forbidden: has_forbidden(answer.as_ref(), exchange.case),
            answer: answer.map(|answer| self.api_answer(&answer, &api, self.wanted(exchange))),
            afterwards,
        })
    }

    /// Whether the same body as a good token's is that of the endpoint: another endpoint, where the
    /// case names one, may answer the same if the model does not say what.
    fn is_known(&self, exchange: &ApiCall) -> bool {
        let endpoint = self.model.endpoint(&exchange.endpoint);
        let is_told = endpoint.is_some_and(Endpoint::is_told);
        is_told || !exchange.case.needs_another_endpoint()
    }

    fn material<'m>(&'m self, exchange: &'m ApiCall, lane: &'m Lane<'_>) -> Seen<Material<'m>> {
        Ok(Material {
            keys: lane.seen.keys.as_ref().ok(),
            trusted: lane.trusted.as_ref(),
            ..self.plain_material(exchange)?
        })
    }

    /// What the texts of a row name, without any key.
    pub(super) fn plain_material<'m>(&'m self, exchange: &'m ApiCall) -> Seen<Material<'m>> {
        let endpoint = self.model.endpoint(&exchange.endpoint);
        let ways = endpoint.map(|endpoint| endpoint.needs().ways());
        let mut scopes = ways.into_iter().flatten().flatten();
        Ok(Material {
            issuer: &self.facts.issuer,
            audience: &self.facts.audience,
            client_id: &self.facts.client_id,
            scope: scopes.next().unwrap_or_default(),
            own: self.own_request(exchange)?,
            other: self.other(exchange),
            base: self.resource_server,
            keys: None,
            trusted: None,
            now: Timestamp::now().as_second(),
        })
    }

    /// Another endpoint: one that the token is good for, where it is for any.
    fn other(&self, exchange: &ApiCall) -> Option<&str> {
        let own = self.model.endpoint(&exchange.endpoint)?;
        let others = || self.model.others(own);
        let open = exchange.basis().and_then(|basis| {
            others().find(|other| self.model.access(&basis.request, other) == Access::Reads)
        });
        open.or_else(|| others().next()).map(Endpoint::path_alone)
    }

    /// A token that the endpoint is open to in this run, by bytes as by any client.
    async fn good(
        &self,
        exchange: &ApiCall,
        material: &Material<'_>,
        seen: &Observations,
    ) -> Seen<Good> {
        let token = good_token(exchange, seen)?;
        match self.ask_with(&token, exchange, material).await {
            Ok(body) => Ok(Good { token, body }),
            Err(Trouble::Refused(status)) => Err(NotSeen::inconclusive(format!(
                "not sent: {} answers {status} to a good token by HTTP/1.1, so a refusal proves \
                 nothing",
                exchange.endpoint
            ))),
            // The matrix was asked through whatever proxy there is.
            Err(Trouble::Gone(why)) => Err(NotSeen::not_applicable(format!(
                "not sent: hostile requests go straight to the API, which is not reached so: {why}"
            ))),
        }
    }

    /// A good token at the endpoint: the body that it is given, or why it is not.
    async fn ask_with(
        &self,
        token: &SecretString,
        exchange: &ApiCall,
        material: &Material<'_>,
    ) -> Result<String, Trouble> {
        let presented = Presented {
            token: Some(token),
            genuine: None,
        };
        let request = exchange::request(exchange::the_access_token(), presented, material);
        let api = self
            .api(exchange)
            .map_err(|why| Trouble::Gone(why.reason))?;
        match self.http.send_raw(&api, &request).await {
            RawOutcome::Answered(answer) if answer.status.is_success() => {
                Ok(Answer::from(answer).body)
            }
            RawOutcome::Answered(answer) if answer.status.is_server_error() => {
                Err(Trouble::Gone(format!("it answers {}", answer.status)))
            }
            RawOutcome::Answered(answer) => Err(Trouble::Refused(answer.status.as_u16())),
            RawOutcome::Lost { reason, .. } | RawOutcome::Unreachable { reason } => {
                Err(Trouble::Gone(reason))
            }
            RawOutcome::Silent { seconds, .. } => {
                Err(Trouble::Gone(format!("no answer within {seconds} s")))
            }
            RawOutcome::Insecure => Err(Trouble::Gone("it is not https://".to_owned())),
        }
    }

    /// What a good token is given after a hostile request, for as long as an API may need to come
    /// back.
    async fn afterwards(
        &self,
        exchange: &ApiCall,
        good: &Good,
        material: &Material<'_>,
    ) -> Afterwards {
        let first = self.ask_with(&good.token, exchange, material).await;
        let Err(trouble) = first else {
            return Afterwards::Good;
        };
        let mut often = interval(PAUSE);
        let back = async {
            while self
                .ask_with(&good.token, exchange, material)
                .await
                .is_err()
            {
                often.tick().await;
            }
        };
        match timeout(RECOVERY, back).await {
            Ok(()) => Afterwards::Recovered(trouble),
            Err(_) => Afterwards::Stayed(trouble),
        }
    }
}

/// Any token of the run that the endpoint was open to.
fn good_token(exchange: &ApiCall, seen: &Observations) -> Seen<SecretString> {
    let at_endpoint = seen.calls.iter().filter(|(call, answer)| {
        let is_open = answer
            .as_ref()
            .is_ok_and(|answer| (200..300).contains(&answer.status));
        call.endpoint == exchange.endpoint && is_open
    });
    let mut open = at_endpoint.filter_map(|(call, _)| tokens(call.rightful()?, seen).ok());
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

/// What the API did, and what it answered; an error where nothing was sent.
fn taken(outcome: RawOutcome) -> Seen<(Reaction, Option<RawAnswer>)> {
    match outcome {
        RawOutcome::Answered(answer) => Ok((Reaction::Answered, Some(answer))),
        RawOutcome::Lost { reason, so_far } => Ok((Reaction::Lost(reason), so_far)),
        RawOutcome::Silent { seconds, so_far } => Ok((Reaction::Silent(seconds), so_far)),
        RawOutcome::Unreachable { reason } => {
            let why = format!("the API was not reached to send it: {reason}");
            Err(NotSeen::failed(why))
        }
        RawOutcome::Insecure => Err(NotSeen::failed("the API is not at https://")),
    }
}

/// Why nothing more is sent after a case, if so.
fn stopped_by(afterwards: &Afterwards, case: &Case) -> Option<NotSeen> {
    match afterwards {
        Afterwards::Good | Afterwards::Recovered(_) => None,
        Afterwards::Stayed(Trouble::Gone(why)) => Some(NotSeen::failed(format!(
            "not sent: the API is gone since hostile::{} ({why})",
            case.id
        ))),
        Afterwards::Stayed(Trouble::Refused(status)) => Some(NotSeen::failed(format!(
            "not sent: the API, or what stands before it, has blocked this address since \
             hostile::{}: it answers {status} to every good token",
            case.id
        ))),
    }
}

/// Whether the signature, or the longest segment, of what was sent is in the answer.
fn echoes(answer: Option<&Answer>, token: Option<&SecretString>) -> bool {
    let (Some(answer), Some(token)) = (answer, token) else {
        return false;
    };
    let segments = token.expose_secret().split('.').skip(1);
    let mut long = segments.filter(|segment| segment.len() >= SHORTEST_ECHO);
    !answer.status.is_success() && long.any(|segment| answer.body.contains(segment))
}

fn has_forbidden(answer: Option<&Answer>, case: &Case) -> bool {
    let (Some(answer), Some(forbidden)) = (answer, &case.forbids) else {
        return false;
    };
    let values = answer.headers.get_all(forbidden.header.as_str()).iter();
    let mut values = values.filter_map(|value| value.to_str().ok());
    values.any(|value| value.eq_ignore_ascii_case(&forbidden.value))
}
