//! The hostile requests: behind the access matrix, one at a time, each once, a good token after
//! each.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use secrecy::SecretString;

use super::amid::stands_in;
use super::anyway::{Anyway, describes_data};
use super::api::{AGAIN, credential, tokens};
use super::behind::Behind;
use super::beside_good::first;
use super::ended::is_over;
use super::good::Good;
use super::inside::shows_inside;
use super::lasting::{self, Lasting};
use super::listener::Listener;
use super::nobody::Manner;
use super::pace::Pace;
use super::shows::{echoes, has_forbidden};
use super::{Observer, Plan};
use crate::exchange::{self, ApiCall, BesideGood, Case, Material, Presented, SigningKey};
use crate::model::Endpoint;
use crate::observation::{
    Afterwards, ApiAnswer, HostileAnswer, NotSeen, Observations, Reaction, Seen, Trouble,
};
use crate::openid::Answer;
use crate::origin::is_loopback;
use crate::transport::{RawAnswer, RawOutcome};

/// RFC 6585 section 4.
pub(super) const TOO_MANY: u16 = 429;
/// RFC 6750 section 3.1: of a token that is good no more, too.
const UNAUTHORIZED: u16 = 401;

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
    /// What plain requests are answered.
    pub(super) plainly: BTreeMap<ApiCall, ApiAnswer>,
    /// How often in a row, and why, no good token opened an endpoint before anything was sent.
    pub(super) shut: BTreeMap<String, (usize, NotSeen)>,
    /// Where refusals by redirects lead.
    behind: Behind,
    /// What anybody is given beside the endpoints.
    pub(super) anyway: Anyway,
    /// Tokens that end while the others are sent.
    lasting: BTreeMap<ApiCall, Seen<Lasting>>,
    /// Why nothing more is sent.
    pub(super) stopped: Option<NotSeen>,
}

/// What came of a request.
struct Sent {
    reaction: Reaction,
    answer: Option<Answer>,
    took: Duration,
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
            plainly: BTreeMap::new(),
            shut: BTreeMap::new(),
            behind: Behind::default(),
            anyway: Anyway::default(),
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
            if let Some(words) = pace.words(waiting.len()) {
                self.progress.say(&words);
            }
            answers.push((exchange.clone(), answer));
        }
        let plainly = lane.plainly;
        seen.hostile.extend(answers);
        seen.plainly = plainly;
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

    pub(super) async fn send_one(
        &self,
        exchange: &ApiCall,
        lane: &mut Lane<'_>,
    ) -> Seen<HostileAnswer> {
        let token = self.token_of(exchange, lane).await?;
        self.outlive(exchange, lane.seen).await?;
        let good = self.good_before(exchange, lane).await?;
        self.note_manner(exchange, lane).await;
        let sent = self
            .send_to_api(exchange, lane, &good, token.as_ref())
            .await?;
        let told = self.judged_by(exchange, &sent, lane).await?;
        let answer = sent.answer.as_ref();
        let is_as_good = answer.is_some_and(|answer| stands_in(&good.body, &answer.body));
        let has_it = is_as_good || told.as_ref().is_some_and(ApiAnswer::has_data);
        let is_of_another = has_it && self.another_has_it(exchange, &good.body, lane.seen).await;
        let is_success = told.as_ref().is_some_and(ApiAnswer::is_success);
        let is_given = has_it || (is_success && !exchange.case.request.may_be_elsewhere());
        let is_unsteady = is_given
            && !is_of_another
            && self
                .is_unsteady(exchange, lane, &good, token.as_ref())
                .await;
        if is_given && !is_of_another && !is_unsteady {
            self.ask_plainer(exchange, lane).await;
        }
        let told = told.map(|told| ApiAnswer {
            is_unsteady,
            ..told
        });
        let open_anyway = match answer.filter(|_| has_it && !is_of_another) {
            Some(answer) => self.open_anyway(exchange, answer, &good.body, lane).await,
            None => None,
        };
        let material = self.material(exchange, lane)?;
        let leeway_seconds = if exchange.case.measures_leeway {
            self.leeway(&good.token, exchange, &material).await
        } else {
            None
        };
        let afterwards = self.afterwards(exchange, &good, &material, lane.seen).await;
        let has_forbidden = has_forbidden(answer, exchange.case, &material);
        let fetched = lane.listener.as_ref().map(Listener::take);
        lane.stopped = stopped_by(&afterwards, exchange.case);
        lane.keep(exchange, &good, &afterwards);
        let seen = HostileAnswer {
            echoes_token: echoes(answer, token.as_ref()),
            shows_inside: shows_inside(answer, self.resource_server),
            reaction: sent.reaction,
            is_as_good,
            is_of_another,
            open_anyway,
            describes_data: answer.is_some_and(describes_data),
            has_forbidden,
            answer: told,
            fetched: fetched.and_then(|lines| lines.into_iter().next()),
            leeway_seconds,
            slower_by: sent.took.saturating_sub(good.took),
            afterwards,
        };
        if let Some(why) = &lane.stopped
            && seen.has_no_good_token()
            && !is_given
        {
            return Err(why.clone());
        }
        let is_compared = matches!(seen.afterwards, Afterwards::Good | Afterwards::OfAnother(_));
        if !has_it && is_compared {
            self.mind_others(exchange, &seen, lane).await?;
            let material = self.material(exchange, lane)?;
            self.takes_what_is_signed(&good.token, exchange, &material)
                .await?;
        }
        Ok(seen)
    }

    /// What opens the endpoint before a request: as the last one left it, or looked at anew.
    async fn good_before(&self, exchange: &ApiCall, lane: &mut Lane<'_>) -> Seen<Good> {
        let known = lane.good.get(&exchange.endpoint);
        let known = known.filter(|_| !exchange.case.follows_a_good_answer());
        let known = known.filter(|good| !is_over(&good.token, self.clock.now()));
        match known {
            Some(good) => Ok(good.clone()),
            None => self.opened(exchange, lane).await,
        }
    }

    /// Sends the request of a case.
    async fn send_to_api(
        &self,
        exchange: &ApiCall,
        lane: &Lane<'_>,
        good: &Good,
        token: Option<&SecretString>,
    ) -> Seen<Sent> {
        let material = self.material(exchange, lane)?;
        if let Some(token) = token.filter(|_| exchange.case.needs_token()) {
            self.secrets.add(token);
        }
        let genuine = exchange.basis().map(|basis| tokens(basis, lane.seen));
        let genuine = genuine.and_then(|tokens| Some(tokens.ok()?.access.clone()));
        let presented = Presented {
            token,
            genuine: genuine.as_ref(),
        };
        let request = exchange::request(exchange.case, presented, &material);
        let rightful = first(exchange.case, token, &good.token, &material);
        let api = self.api(exchange)?;
        let clock = Instant::now();
        let send = || self.send_beside_good(exchange.case, &api, &request, &good.token, &rightful);
        let mut outcome = send().await;
        let is_unreached = matches!(outcome, RawOutcome::Unreachable { .. });
        // Nothing of it was sent: the API may be starting anew.
        if is_unreached && !is_gone(&self.afterwards(exchange, good, &material, lane.seen).await) {
            outcome = send().await;
        }
        let took = clock.elapsed();
        let (reaction, answer) = taken(outcome)?;
        Ok(Sent {
            reaction,
            answer: answer.map(Answer::from),
            took,
        })
    }

    /// Whether what was given is refused when it is asked again: not of what is about chance, nor
    /// of what may change something.
    async fn is_unsteady(
        &self,
        exchange: &ApiCall,
        lane: &Lane<'_>,
        good: &Good,
        token: Option<&SecretString>,
    ) -> bool {
        let case = exchange.case;
        let own = self.own_request(exchange);
        let is_harmless = case.request.may_be_repeated() && own.is_ok_and(|own| own.is_repeatable);
        if !is_harmless || case.is_many() || case.forbids.is_some() {
            return false;
        }
        for _ in 0..AGAIN {
            let sent = self.send_to_api(exchange, lane, good, token).await;
            let Some((answer, api)) = sent
                .ok()
                .and_then(|it| it.answer)
                .zip(self.api(exchange).ok())
            else {
                return false;
            };
            let is_as_good = stands_in(&good.body, &answer.body);
            let told = self.api_answer(&answer, &api, self.sought(exchange));
            let refuses = answer.status.is_client_error() || told.is_error();
            if refuses && !told.has_data() && !is_as_good {
                return true;
            }
        }
        false
    }

    /// What judgement needs of the answer, and of where it leads.
    async fn judged_by(
        &self,
        exchange: &ApiCall,
        sent: &Sent,
        lane: &mut Lane<'_>,
    ) -> Seen<Option<ApiAnswer>> {
        let Some(answer) = &sent.answer else {
            return Ok(None);
        };
        let api = self.api(exchange)?;
        let behind = &mut lane.behind;
        let leads_to_data = self.leads_as_before(answer, exchange, &api, behind).await;
        Ok(Some(ApiAnswer {
            leads_to_data,
            ..self.api_answer(answer, &api, self.sought(exchange))
        }))
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

/// Whether the API stays away.
const fn is_gone(afterwards: &Afterwards) -> bool {
    matches!(afterwards, Afterwards::Stayed(_))
}

/// Why nothing more is sent after a case, if so.
fn stopped_by(afterwards: &Afterwards, case: &Case) -> Option<NotSeen> {
    match afterwards {
        Afterwards::Good | Afterwards::Recovered(_) | Afterwards::OfAnother(_) => None,
        Afterwards::Stayed(Trouble::Refused(UNAUTHORIZED)) => Some(NotSeen::failed(format!(
            "not sent: every good token of the run is answered 401 since hostile::{}, and was let \
             in before: they have ended, were revoked, or are older than the API takes them",
            case.id
        ))),
        Afterwards::Stayed(
            Trouble::Gone(why) | Trouble::Failing(why) | Trouble::Busy(why) | Trouble::Late(why),
        ) => Some(NotSeen::failed(format!(
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
