//! What the API answers to a request with nothing hostile and no token, in between: where it is
//! answered otherwise than at first, something before the API has begun to answer in its place,
//! and a refusal says nothing of the API any more. Good tokens may be let through all the same.

use std::time::Instant;

use tokio::time::interval;

use super::Observer;
use super::hostile::{Lane, TOO_MANY};
use super::recovery::{AGAIN, RECOVERY};
use crate::exchange::{self, ApiCall, AuthorizationKey, Material, Presented};
use crate::observation::{ApiAnswer, HostileAnswer, NotSeen, Reaction, Seen};
use crate::openid::Answer;
use crate::transport::RawOutcome;

/// How a request without a token is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// By this status.
    Status(u16),
    /// The connection ends.
    End,
    /// In no time that is waited.
    Silence,
}

impl Manner {
    /// That of an answer to a hostile request.
    fn of(seen: &HostileAnswer) -> Self {
        match (&seen.answer, &seen.reaction) {
            (Some(answer), _) => Self::Status(answer.status),
            (None, Reaction::Silent(_)) => Self::Silence,
            (None, _) => Self::End,
        }
    }

    /// What comes of the request now.
    fn words(self) -> String {
        match self {
            Self::Status(status) => format!("is answered {status}"),
            Self::End => "ends the connection".to_owned(),
            Self::Silence => "is not answered".to_owned(),
        }
    }

    /// Who answers so, as far as that can be told.
    const fn who(self) -> &'static str {
        match self {
            Self::Status(200..=399) => "a captcha or another question to people",
            Self::Status(503) => "a challenge to browsers or a limit",
            Self::Status(_) | Self::End => "a firewall or a limit",
            Self::Silence => "a tarpit",
        }
    }

    /// What keeps it from that.
    const fn remedy(self) -> &'static str {
        match self {
            Self::Status(200..=399) => {
                "no program answers it, so let its rules spare this address or the API's paths"
            }
            Self::Silence => {
                "it lets those wait who are refused often, so let its rules spare this address"
            }
            Self::Status(_) | Self::End => "let it know this address",
        }
    }

    /// What came of it at first.
    fn words_of_then(self) -> String {
        match self {
            Self::Status(status) => format!("was answered {status}"),
            Self::End => "ended the connection".to_owned(),
            Self::Silence => "was not answered".to_owned(),
        }
    }
}

impl Observer<'_> {
    /// How a request without a token is answered at the endpoint of a hostile one; none where it
    /// cannot be sent, or a rate limit answers it. The answer is beside it, where one came.
    async fn plainly(
        &self,
        exchange: &ApiCall,
        material: &Material<'_>,
    ) -> (Option<Manner>, Option<ApiAnswer>) {
        let nothing = ApiCall::with_nothing(&exchange.endpoint);
        let presented = Presented {
            token: None,
            genuine: None,
        };
        let request = exchange::request(nothing.case, presented, material);
        let Ok(api) = self.api(&nothing) else {
            return (None, None);
        };
        let manner = match self.http.send_raw(&api, &request).await {
            RawOutcome::Answered(answer) if answer.status.as_u16() == TOO_MANY => None,
            RawOutcome::Answered(answer) => {
                let answer = Answer::from(answer);
                let answer = self.api_answer(&answer, &api, self.sought(&nothing));
                return (Some(Manner::Status(answer.status)), Some(answer));
            }
            RawOutcome::Lost { .. } | RawOutcome::Unreachable { .. } => Some(Manner::End),
            RawOutcome::Silent { .. } => Some(Manner::Silence),
            RawOutcome::Insecure => None,
        };
        (manner, None)
    }

    /// Notes how nobody is refused at an endpoint, before the first hostile request goes there.
    pub(super) async fn note_manner(&self, exchange: &ApiCall, lane: &mut Lane<'_>) {
        let Ok(material) = &self.plain_material(exchange) else {
            return;
        };
        if !lane.manners.contains_key(&exchange.endpoint) {
            let (manner, answer) = self.plainly(exchange, material).await;
            let known = manner.into_iter().collect();
            lane.manners.insert(exchange.endpoint.clone(), known);
            let nothing = ApiCall::with_nothing(&exchange.endpoint);
            lane.plainly.extend(answer.map(|answer| (nothing, answer)));
        }
    }

    /// Asks by what is plainer than a request that was let in, and was refused at first: no token,
    /// or a token without the scope as it is. What is let in by now has opened in the meantime.
    pub(super) async fn ask_plainer(&self, exchange: &ApiCall, lane: &mut Lane<'_>) {
        let without_scope = exchange
            .basis()
            .filter(|_| exchange.case.lacks_the_scope())
            .map(|basis| ApiCall::with_token_of(basis, &exchange.endpoint));
        let nothing = ApiCall::with_nothing(&exchange.endpoint);
        for plain in [Some(nothing), without_scope].into_iter().flatten() {
            let is_known = lane.plainly.get(&plain).is_some_and(ApiAnswer::gives);
            // A probe's token was let in as it is: nobody asked before with it.
            let is_probe = plain.basis().is_some_and(AuthorizationKey::is_probe);
            if is_known || is_probe || self.may_read(&plain) {
                continue;
            }
            if let Some(answer) = self.asked_plainly(&plain, lane.seen).await
                && answer.gives()
            {
                let answer = ApiAnswer {
                    is_second: true,
                    ..answer
                };
                lane.plainly.insert(plain, answer);
            }
        }
    }

    /// Takes an answer for none of the API's where others answer in its place, and sends nothing
    /// more where that stays so.
    pub(super) async fn mind_others(
        &self,
        exchange: &ApiCall,
        seen: &HostileAnswer,
        lane: &mut Lane<'_>,
    ) -> Seen<()> {
        let material = &self.plain_material(exchange)?;
        let Some(known) = lane.manners.get_mut(&exchange.endpoint) else {
            return Ok(());
        };
        let asked = self.is_of_the_api(exchange, seen, known, material).await;
        asked.map_err(|(why, stays)| {
            if stays == Stays::Yes {
                self.progress.say(&why.reason);
                lane.stopped = Some(NotSeen {
                    reason: format!("not sent: {}", why.reason),
                    ..why.clone()
                });
            }
            why
        })
    }

    /// Looks whether an answer that is unlike the refusals of `known` is the API's: so it is where
    /// nobody is still refused as before. What else comes for a while, and then no more, is one
    /// more way in which nobody is refused.
    ///
    /// # Errors
    /// [`NotSeen`] where nobody is refused otherwise; whether that stays so is said beside it.
    async fn is_of_the_api(
        &self,
        exchange: &ApiCall,
        seen: &HostileAnswer,
        known: &mut Vec<Manner>,
        material: &Material<'_>,
    ) -> Result<(), (NotSeen, Stays)> {
        let Some(first) = known.first().copied() else {
            return Ok(());
        };
        if known.contains(&Manner::of(seen)) {
            return Ok(());
        }
        let (clock, mut often) = (Instant::now(), interval(AGAIN));
        let mut other = None;
        loop {
            often.tick().await;
            let (manner, answer) = self.plainly(exchange, material).await;
            // Nobody gets the data but from the API.
            if answer.is_some_and(|answer| answer.has_data()) {
                return Ok(());
            }
            match (manner, other) {
                (None, _) => return Ok(()),
                (Some(now), None) if known.contains(&now) => return Ok(()),
                // What fails, or has too much to do, in passing is no other who answers.
                (Some(now), Some(other)) if known.contains(&now) && fails(other) => {
                    return Ok(());
                }
                (Some(now), Some(other)) if known.contains(&now) => {
                    known.push(other);
                    return Err((answered_by_others(exchange, first, other), Stays::No));
                }
                (Some(now), _) if clock.elapsed() >= RECOVERY => {
                    return Err((answered_by_others(exchange, first, now), Stays::Yes));
                }
                (Some(now), _) => other = Some(now),
            }
        }
    }
}

const fn fails(manner: Manner) -> bool {
    matches!(manner, Manner::Status(500..))
}

/// Whether it stays so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stays {
    /// For as long as was waited.
    Yes,
    /// It was as before soon.
    No,
}

fn answered_by_others(exchange: &ApiCall, first: Manner, now: Manner) -> NotSeen {
    NotSeen::failed(format!(
        "a request without a token {} since hostile::{}, and {} at first: something before \
         the API, such as {}, answers in its place: {}, or leave the hostile requests out \
         (OKTA_E2E_PROFILE=document)",
        now.words(),
        exchange.case.id,
        first.words_of_then(),
        now.who(),
        now.remedy(),
    ))
}
