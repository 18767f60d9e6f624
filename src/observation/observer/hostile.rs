//! The hostile requests: behind the access matrix, one at a time, each once, a good token after
//! each.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use jiff::Timestamp;
use secrecy::SecretString;
use tokio::time::interval;

use super::amid::stands_in;
use super::api::{credential, data_of, tokens};
use super::beside_good::first;
use super::good::Good;
use super::lasting::{self, Lasting};
use super::listener::Listener;
use super::nobody::Manner;
use super::pace::Pace;
use super::recovery::{PAUSE, RECOVERY, recovery};
use super::shows::{echoes, has_forbidden};
use super::{Observer, Plan};
use crate::exchange::{self, ApiCall, BesideGood, Case, Material, Presented, SigningKey};
use crate::model::Endpoint;
use crate::observation::{
    Afterwards, ApiAnswer, Data, HostileAnswer, NotSeen, Observations, Reaction, Seen, Trouble,
};
use crate::openid::Answer;
use crate::origin::is_loopback;
use crate::transport::{RawAnswer, RawOutcome, RawRequest};

/// RFC 6585 section 4.
pub(super) const TOO_MANY: u16 = 429;
/// What a gateway answers where the API behind it is late (RFC 9110 section 15.6.5).
const LATE: u16 = 504;
/// So often is a request sent again that a rate limit has answered.
const MOST_TIMES: usize = 5;

/// What the lane knows while it goes on.
pub(super) struct Lane<'a> {
    pub(super) seen: &'a Observations,
    trusted: Option<SigningKey>,
    /// Where the API is on this machine.
    listener: Option<Listener>,
    /// What a good token was given last, by endpoint: the probe behind one request is the one
    /// before the next.
    good: BTreeMap<String, Good>,
    /// How nobody is refused, by endpoint: as at first, and otherwise in passing.
    pub(super) manners: BTreeMap<String, Vec<Manner>>,
    /// How often in a row, and why, no good token opened an endpoint before anything was sent.
    pub(super) shut: BTreeMap<String, (usize, NotSeen)>,
    /// Tokens that end while the others are sent.
    lasting: BTreeMap<ApiCall, Seen<Lasting>>,
    /// Why nothing more is sent.
    pub(super) stopped: Option<NotSeen>,
}

impl Lane<'_> {
    /// Whether what a request presents was good until now.
    fn has_ended(&self, exchange: &ApiCall) -> bool {
        let lasting = self.lasting.get(exchange);
        lasting.is_some_and(|lasting| lasting.as_ref().is_ok_and(Lasting::has_ended))
    }

    /// What opened the endpoint right after a request opens it before the next; after any trouble,
    /// that is looked at anew.
    fn keep(&mut self, exchange: &ApiCall, good: &Good, afterwards: &Afterwards) {
        if matches!(afterwards, Afterwards::Good) {
            self.good.insert(exchange.endpoint.clone(), good.clone());
        } else {
            self.good.clear();
        }
    }
}

impl Observer<'_> {
    /// Sends every hostile request of the plan.
    pub(super) async fn send_hostile(&self, plan: &Plan, seen: &mut Observations) {
        let mut lane = Lane {
            seen,
            trusted: self.trusted_key(),
            listener: self.listener().await,
            good: BTreeMap::new(),
            manners: BTreeMap::new(),
            shut: BTreeMap::new(),
            lasting: BTreeMap::new(),
            stopped: None,
        };
        let exchanges = plan.hostile();
        self.progress.begin(exchanges.len());
        for exchange in &exchanges {
            if exchange.case.beside_good == Some(BesideGood::WhileItLasted) {
                let lasting = self.lasting(exchange, &lane).await;
                lane.lasting.insert((*exchange).clone(), lasting);
            }
        }
        let mut pace = Pace::default();
        let mut answers = Vec::new();
        let mut waiting = VecDeque::from(exchanges);
        while let Some(exchange) = lasting::next(&mut waiting, |it| lane.has_ended(it)) {
            let (endpoint, sends) = (&exchange.endpoint, &exchange.case.sends);
            self.progress.asking(&format!("{endpoint}: {sends}"));
            let answer = self.send_in_pace(exchange, &mut lane, &mut pace).await;
            answers.push((exchange.clone(), answer));
        }
        seen.hostile.extend(answers);
    }

    /// What a rate limit answers is no answer to the request: it is sent again, and all others
    /// slower.
    async fn send_in_pace(
        &self,
        exchange: &ApiCall,
        lane: &mut Lane<'_>,
        pace: &mut Pace,
    ) -> Seen<HostileAnswer> {
        pace.wait().await;
        let mut answer = self.send_one(exchange, lane).await;
        // The one time that a request is sent again which may take the API away: else whatever
        // happens to it in a run would be a finding.
        if answer.as_ref().is_ok_and(HostileAnswer::may_be_chance) {
            self.progress.say(&format!(
                "the API was away for a moment after hostile::{}, which it answered: that is sent \
                 once more",
                exchange.case.id
            ));
            answer = self.send_one(exchange, lane).await;
        }
        let is_too_much =
            |answer: &Seen<HostileAnswer>| answer.as_ref().is_ok_and(HostileAnswer::is_too_much);
        if !pace.may_help() {
            return answer;
        }
        for time in 0..MOST_TIMES {
            if !is_too_much(&answer) {
                return answer;
            }
            // Once may be chance.
            let slower = (time > 0).then(|| pace.slow_down()).flatten();
            if let Some(gap) = slower {
                self.progress.say(&format!(
                    "the API has a rate limit (429): hostile requests are {} ms apart from here",
                    gap.as_millis()
                ));
            }
            pace.wait().await;
            answer = self.send_one(exchange, lane).await;
        }
        if is_too_much(&answer) && pace.was_in_vain() {
            self.progress.say(
                "the API answers 429 to some hostile requests however slowly they are sent: they \
                 are not sent again from here",
            );
        }
        answer
    }

    /// What is on this machine can come here; to others, the suite has no address that is known.
    async fn listener(&self) -> Option<Listener> {
        if is_loopback(self.resource_server) {
            Listener::start().await
        } else {
            None
        }
    }

    fn trusted_key(&self) -> Option<SigningKey> {
        SigningKey::from_pem(self.access.trusted_key.as_ref()?).ok()
    }

    async fn send_one(&self, exchange: &ApiCall, lane: &mut Lane<'_>) -> Seen<HostileAnswer> {
        let token = self.token_of(exchange, lane).await?;
        self.outlive(exchange, lane.seen).await?;
        let known = lane.good.get(&exchange.endpoint);
        let known = known.filter(|_| !exchange.case.follows_a_good_answer());
        let good = match known {
            Some(good) => good.clone(),
            None => self.opened(exchange, lane).await?,
        };
        self.note_manner(exchange, lane).await;
        let material = self.material(exchange, lane)?;
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
        let rightful = first(exchange.case, token.as_ref(), &good.token, &material);
        let api = self.api(exchange)?;
        let clock = Instant::now();
        let sending = self.send_beside_good(exchange.case, &api, &request, &good.token, &rightful);
        let outcome = sending.await;
        let took = clock.elapsed();
        let (reaction, answer) = taken(outcome)?;
        let answer = answer.map(Answer::from);
        let has_forbidden = has_forbidden(answer.as_ref(), exchange.case, &material);
        let told = answer.as_ref();
        let told = told.map(|answer| self.api_answer(answer, &api, self.wanted(exchange)));
        let is_as_good = answer
            .as_ref()
            .is_some_and(|answer| stands_in(&good.body, &answer.body));
        let has_it = is_as_good || told.as_ref().is_some_and(ApiAnswer::has_data);
        let is_of_another = has_it && self.another_has_it(exchange, &good.body, lane.seen).await;
        let leeway_seconds = if exchange.case.measures_leeway {
            self.leeway(&good.token, exchange, &material).await
        } else {
            None
        };
        let afterwards = self.afterwards(exchange, &good, &material).await;
        let fetched = lane.listener.as_ref().map(Listener::take);
        lane.stopped = stopped_by(&afterwards, exchange.case);
        lane.keep(exchange, &good, &afterwards);
        let seen = HostileAnswer {
            reaction,
            is_as_good,
            is_of_another,
            echoes_token: echoes(answer.as_ref(), token.as_ref()),
            has_forbidden,
            answer: told,
            fetched: fetched.and_then(|lines| lines.into_iter().next()),
            leeway_seconds,
            slower_by: took.saturating_sub(good.took),
            afterwards,
        };
        if !has_it && matches!(seen.afterwards, Afterwards::Good) {
            self.mind_others(exchange, &seen, lane).await?;
            let material = self.material(exchange, lane)?;
            self.takes_what_is_signed(&good.token, exchange, &material)
                .await?;
        }
        Ok(seen)
    }

    /// What the request presents, where there is all that it needs.
    async fn token_of(&self, exchange: &ApiCall, lane: &Lane<'_>) -> Seen<Option<SecretString>> {
        let material = self.material(exchange, lane)?;
        let token = self.to_present(exchange, lane, &material).await?;
        if let Some(reason) = &lane.stopped {
            return Err(reason.clone());
        }
        sendable(exchange.case, &material)?;
        Ok(token)
    }

    /// What the request presents: what was let in before, where it is about that.
    async fn to_present(
        &self,
        exchange: &ApiCall,
        lane: &Lane<'_>,
        material: &Material<'_>,
    ) -> Seen<Option<SecretString>> {
        let made = credential(exchange, lane.seen, material)?;
        match lane.lasting.get(exchange) {
            Some(Ok(lasting)) => Ok(Some(self.once_ended(lasting).await)),
            Some(Err(why)) => Err(why.clone()),
            None => Ok(made),
        }
    }

    async fn lasting(&self, exchange: &ApiCall, lane: &Lane<'_>) -> Seen<Lasting> {
        let material = self.material(exchange, lane)?;
        let good = self.good(exchange, &material, lane.seen).await?;
        let token = &good.token;
        self.while_it_lasts(exchange, lane.seen, token, &material)
            .await
    }

    fn material<'m>(&'m self, exchange: &'m ApiCall, lane: &'m Lane<'_>) -> Seen<Material<'m>> {
        Ok(Material {
            keys: lane.seen.keys.as_ref().ok(),
            trusted: lane.trusted.as_ref(),
            listener: lane.listener.as_ref().map(Listener::url),
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
            app: &self.facts.redirect_uri,
            scope: scopes.next().unwrap_or_default(),
            own: self.own_request(exchange)?,
            other: self.other(exchange).map(Endpoint::path_alone),
            base: self.resource_server,
            listener: None,
            keys: None,
            trusted: None,
            now: Timestamp::now().as_second(),
        })
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
                let (data, _) = data_of(&answer, self.wanted(exchange));
                if data == Data::Error {
                    return Err(Trouble::Refused(status));
                }
                Ok(answer.body)
            }
            RawOutcome::Answered(answer) if answer.status.as_u16() == LATE => {
                Err(Trouble::Late(format!("it answers {}", answer.status)))
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
    async fn afterwards(
        &self,
        exchange: &ApiCall,
        good: &Good,
        material: &Material<'_>,
    ) -> Afterwards {
        let first = self.ask_patiently(&good.token, exchange, material).await;
        let Err(trouble) = first else {
            return Afterwards::Good;
        };
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

/// Whether there is all that a case names.
fn sendable(case: &Case, material: &Material<'_>) -> Seen<()> {
    if case.needs_another_endpoint() && material.other.is_none() {
        return Err(NotSeen::not_applicable("the API has no other endpoint"));
    }
    if case.needs_listener() && material.listener.is_none() {
        return Err(NotSeen::not_applicable(
            "the API is not on this machine, so that it could not be seen whether it fetches what \
             a token names",
        ));
    }
    match case.unchanged(material) {
        Some(value) => Err(NotSeen::not_applicable(format!(
            "not sent: `{value}` is the same value here, so there is nothing wrong in it"
        ))),
        None => Ok(()),
    }
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
        Afterwards::Stayed(Trouble::Gone(why) | Trouble::Failing(why) | Trouble::Late(why)) => {
            Some(NotSeen::failed(format!(
                "not sent: the API is gone since hostile::{} ({why})",
                case.id
            )))
        }
        Afterwards::Stayed(Trouble::Refused(status)) => Some(NotSeen::failed(format!(
            "not sent: the API, or what stands before it, has blocked this address since \
             hostile::{}: it answers {status} to every good token",
            case.id
        ))),
    }
}
