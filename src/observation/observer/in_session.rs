//! Silent requests in the session of a user's browser, made by plain HTTP: status, headers and
//! forms of what is granted can be seen there.
//!
//! An org may bind sessions to the browser, and answer as if there were none; it may lead on by
//! pages that need one. Whatever is no answer to the client, the browser is sent to fetch.

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::Observer;
use super::answered::Said;
use super::visitor::{Carried, Held, Visitor};
use crate::browser::UserAgent;
use crate::exchange::Care;
use crate::observation::{
    Authorization, AuthorizationKey, Denial, Lands, Outcome, Seen, ServerAnswer,
};
use crate::openid::{Answer, AuthorizationRequest, Metadata, Response, Use};
use crate::secrets::PART;

/// What is said where a session is not known.
const NO_SESSION: [&str; 2] = ["login_required", "interaction_required"];

impl Observer<'_> {
    /// What came of a silent request by plain HTTP; none where the browser is to make it.
    pub(super) async fn visit_by_http(
        &self,
        agent: &mut dyn UserAgent,
        visitor: &mut Visitor<'_>,
        key: &AuthorizationKey,
    ) -> Option<Authorization> {
        if !key.is_silent() || visitor.signed_in.is_none() {
            return None;
        }
        let request = self.request_of(visitor, key);
        if let Carried::Unasked = visitor.carried {
            visitor.carried = match self.carried(agent, visitor, &request.url).await {
                Some(held) => Carried::Session(held),
                None => Carried::BrowserAlone,
            };
        }
        let Carried::Session(held) = &mut visitor.carried else {
            return None;
        };
        visitor.seeing.requests += 1;
        if let Some(verifier) = &request.code_verifier {
            self.secrets.add(verifier);
        }
        let started = Timestamp::now();
        let details = key.details.as_deref()?;
        let asked = self
            .http
            .open_in_session(&request.url, &held.session, details);
        let answer = asked.await.ok()?;
        let taken = self.taken(visitor.metadata, key, &request, &answer).await;
        let (mut answer, outcome) = taken?;
        let careless = (!held.is_kept).then_some(Care::KeptCookies);
        answer.careless.extend(careless);
        held.is_known |= !answer.brings.is_empty();
        Some(Authorization {
            url: request.url,
            state: request.state,
            nonce: request.nonce,
            code_verifier: request.code_verifier,
            started,
            signed_in: visitor.signed_in,
            outcome,
            by_http: Some(Box::new(answer)),
        })
    }

    /// Notes whether the browser was granted what plain HTTP was not: the rest goes by the browser.
    pub(super) fn compare_with_browser(
        &self,
        visitor: &mut Visitor<'_>,
        key: &AuthorizationKey,
        seen: &Seen<Authorization>,
    ) {
        let response = seen.as_ref().ok().and_then(|seen| seen.outcome.response());
        let is_granted = response.is_some_and(|response| !response.brings().is_empty());
        if is_granted && matches!(visitor.carried, Carried::Session(..)) {
            visitor.carried = Carried::BrowserAlone;
            let note = format!(
                "{} is asked again in the browser, and so is the rest: the org grants it there, \
                 and not by plain HTTP with the cookies of the browser",
                key.words()
            );
            self.progress.say(&note);
            visitor.seeing.retries.push(note);
        }
    }

    /// The session at the org's own host, whose cookies nobody else is sent and nobody told, and
    /// whether the browser keeps them.
    async fn carried(
        &self,
        agent: &mut dyn UserAgent,
        visitor: &Visitor<'_>,
        at: &Url,
    ) -> Option<Held> {
        let issuer = Url::parse(&self.facts.issuer).ok()?;
        let trusted = self.access.trusted_origins();
        let endpoint = &visitor.metadata.authorization_endpoint;
        endpoint.trusted(Use::Authorization, &trusted).ok()?;
        if at.origin() != issuer.origin() {
            return None;
        }
        let session = agent.session_at(at).await?;
        let known = [visitor.credentials.username.as_str(), issuer.as_str()];
        let mut is_kept = true;
        for cookie in session.cookies() {
            let secrets = secret_parts(&cookie.value, &known);
            is_kept &= cookie.is_kept || secrets.is_empty();
            for secret in &secrets {
                self.secrets.add(secret);
            }
        }
        Some(Held {
            session: Arc::new(session),
            is_kept,
            is_known: false,
        })
    }

    /// What an answer comes to that is one to the client, or the org's refusal of one.
    async fn taken(
        &self,
        metadata: &Metadata,
        key: &AuthorizationKey,
        request: &AuthorizationRequest,
        answer: &Answer,
    ) -> Option<(ServerAnswer, Outcome)> {
        let said = Said {
            registered: &self.facts.redirect_uri,
            parameters: request.url.query_pairs().into_owned().collect(),
            headers: key
                .details
                .iter()
                .flat_map(|it| it.headers.clone())
                .collect(),
            secrets: request.code_verifier.iter().cloned().collect(),
        };
        let seen = self.server_answer(answer, &said, metadata).ok()?;
        let Some((sent, lands)) = self.leads(answer, &said, metadata) else {
            return seen.is_refusal().then(|| {
                let outcome = refused(seen.status);
                (seen, outcome)
            });
        };
        let is_answer = match lands {
            Lands::AtRedirectUri => !is_of_no_session(&sent.response),
            // Whatever a browser would do: it is given to others.
            Lands::AtSentUri(_) | Lands::Elsewhere => !seen.brings.is_empty(),
            Lands::AtTheOrg => false,
        };
        if !is_answer {
            return None;
        }
        let outcome = self.redirected(metadata, key, request, sent.response);
        Some((seen, outcome.await.ok()?))
    }
}

/// The org's own page, on which there is nothing for the client.
fn refused(status: u16) -> Outcome {
    Outcome::Denied {
        denial: Denial::Other,
        text: format!("the org answers {status} by a page of its own"),
        response: None,
    }
}

fn is_of_no_session(response: &Response) -> bool {
    let error = response.error().map(|(error, _)| error);
    error.is_some_and(|error| NO_SESSION.contains(&error))
}

/// What in a cookie nobody can guess: none of it is a name or a place that a report has to say.
fn secret_parts(value: &SecretString, known: &[&str]) -> Vec<SecretString> {
    let is_of_token = |letter: char| letter.is_ascii_alphanumeric() || "-_.~".contains(letter);
    let parts = value.expose_secret().split(|letter| !is_of_token(letter));
    let long = parts.filter(|part| part.len() >= PART);
    let is_known = |part: &&str| known.iter().any(|known| known.contains(part));
    long.filter(|part| !is_known(part))
        .map(SecretString::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_session("102IrKaHZ0aTiSkNDhE4zEr3Q", &["102IrKaHZ0aTiSkNDhE4zEr3Q"])]
    #[case::two("a:0123456789abcdef|0123456789ABCDEF", &["0123456789abcdef", "0123456789ABCDEF"])]
    #[case::a_theme("default", &[])]
    #[case::a_user("silver.subscriber@example.com", &[])]
    #[case::a_place("https%3A//dev-123456.okta.com/", &[])]
    fn of_a_cookie_what_nobody_can_guess_is_secret(#[case] value: &str, #[case] parts: &[&str]) {
        let known = [
            "silver.subscriber@example.com",
            "https://dev-123456.okta.com/oauth2/aus1",
        ];
        let found = secret_parts(&SecretString::from(value), &known);
        let found: Vec<&str> = found.iter().map(SecretString::expose_secret).collect();
        assert_eq!(found, parts);
    }
}
