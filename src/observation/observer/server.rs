//! Requests to the endpoints that the metadata names, one at a time: beside the sign-ins, since
//! they need none.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::{Interval, interval};
use url::Url;

use super::answered::Said;
use super::client::Proof;
use super::codes::Renewed;
use super::discovery::failed;
use super::{Observer, Plan};
use crate::exchange::{AuthorizationKey, Place, Put, Row, ServerCall, Texts, Turn};
use crate::observation::{NotSeen, Observations, Seen, ServerAnswer};
use crate::openid::{
    Answer, AuthorizationHeader, HttpError, Metadata, ServerRequest, TrustedEndpoint, Use,
};
use crate::origin::is_loopback;

/// Okta's authorization endpoint takes 60 requests a minute of one client and address (Okta's rate
/// limits, "client-based"); five are left to others.
const A_MINUTE: u32 = 55;
const MINUTE: Duration = Duration::from_secs(60);

/// What came of each request.
type Answers = BTreeMap<ServerCall, Seen<ServerAnswer>>;

/// What the lane knows while it goes on.
struct Lane<'a> {
    metadata: &'a Metadata,
    /// The pace at the authorization endpoint, where there is one to keep.
    pace: Option<Interval>,
    /// What the browsers brought.
    seen: &'a Observations,
    /// What they brought later, where the codes of before are too old.
    renewed: &'a Renewed,
    /// Why nothing more is sent to an endpoint.
    hanging: BTreeMap<Place, NotSeen>,
}

/// What is sent, its texts filled in.
struct Sent {
    parameters: Vec<(String, String)>,
    /// What stands in the query of a request with a body.
    query: Vec<(String, String)>,
    /// Headers beside those that every request has.
    headers: Vec<(String, String)>,
    /// The token that is presented, wherever it stands.
    token: Option<SecretString>,
}

/// The time between two requests at the authorization endpoint of an issuer; none on this machine.
pub(crate) fn pace(issuer: &str) -> Option<Duration> {
    let issuer = Url::parse(issuer).ok()?;
    (!is_loopback(&issuer)).then(|| MINUTE / A_MINUTE)
}

impl Observer<'_> {
    /// Asks everything of the plan that needs no sign-in.
    pub(super) async fn ask_server(&self, plan: &Plan, metadata: &Seen<Metadata>) -> Answers {
        let calls = plan.server_calls().into_iter();
        let calls = calls.filter(|call| call.basis().is_none() && call.row.turn == Turn::InOrder);
        self.ask_each(
            calls,
            metadata,
            &Observations::default(),
            &Renewed::default(),
        )
        .await
    }

    /// Presents the codes that came for a request of their own, which are good for a short time.
    pub(super) async fn ask_server_with_codes(
        &self,
        plan: &Plan,
        metadata: &Seen<Metadata>,
        renewed: &Renewed,
        seen: &Observations,
    ) -> Answers {
        let calls = plan.server_calls().into_iter();
        let calls = calls.filter(|call| call.row.turn == Turn::InOrder && call.row.presents_code());
        self.ask_each(calls, metadata, seen, renewed).await
    }

    /// Asks what the tokens of the run are needed for.
    pub(super) async fn ask_server_with_tokens(
        &self,
        plan: &Plan,
        metadata: &Seen<Metadata>,
        seen: &Observations,
    ) -> Answers {
        let calls = plan.server_calls().into_iter();
        let calls = calls.filter(|call| call.row.turn == Turn::InOrder);
        let calls = calls.filter(|call| call.basis().is_some() && !call.row.presents_code());
        self.ask_each(calls, metadata, seen, &Renewed::default())
            .await
    }

    /// Asks last of all what ends what the run goes by: a token is revoked, and a code that was
    /// redeemed is presented, by which a server may end what it gave (RFC 6749 section 4.1.2).
    pub(super) async fn ask_server_at_the_end(
        &self,
        plan: &Plan,
        renewed: &Renewed,
        seen: &mut Observations,
    ) {
        let calls = plan.server_calls().into_iter();
        let calls = calls.filter(|call| call.row.turn == Turn::Last);
        let answers = self.ask_each(calls, &seen.metadata, seen, renewed).await;
        let is_late = |call: &&ServerCall| call.basis().is_some_and(AuthorizationKey::is_late);
        seen.requests += answers.keys().filter(is_late).count();
        seen.server.extend(answers);
    }

    async fn ask_each(
        &self,
        calls: impl Iterator<Item = &ServerCall>,
        metadata: &Seen<Metadata>,
        seen: &Observations,
        renewed: &Renewed,
    ) -> Answers {
        let metadata = match metadata {
            Ok(metadata) => metadata,
            Err(reason) => {
                return calls
                    .map(|call| (call.clone(), Err(reason.clone())))
                    .collect();
            }
        };
        let mut lane = Lane {
            metadata,
            seen,
            renewed,
            pace: pace(&self.facts.issuer).map(interval),
            hanging: BTreeMap::new(),
        };
        let mut answers = Answers::new();
        for call in calls {
            let known = call
                .control()
                .filter(|_| call.row.sends_what_its_control_does());
            let answer = match known.and_then(|control| answers.get(&control)) {
                Some(answer) => answer.clone(),
                None => self.ask_one(call, &mut lane).await,
            };
            answers.insert(call.clone(), answer);
        }
        answers
    }

    async fn ask_one(&self, call: &ServerCall, lane: &mut Lane<'_>) -> Seen<ServerAnswer> {
        let row = call.row;
        if row.to() == Place::Session {
            let none = || NotSeen::not_applicable("no user is given what the request asks for");
            let basis = call.basis().ok_or_else(none)?;
            if basis.is_late() {
                lane.keep_pace(row.to()).await;
                return self.ask_late(basis, lane.seen, lane.metadata).await;
            }
            let asked = lane.seen.authorization(basis)?;
            return self.answer_in_session(row, asked, lane.seen, lane.metadata);
        }
        let registered = &self.facts.redirect_uri;
        let token = self.presented(call, lane.seen)?;
        let texts = self.texts(call, token.as_ref(), lane)?;
        let flow = row.flow_of(self.model);
        let sent = Sent {
            parameters: texts.parameters(row, flow),
            query: texts.filled(&row.query, flow),
            headers: texts.filled(&row.headers, flow),
            token,
        };
        let is_the_same = |control: &Row| texts.parameters(control, flow) == sent.parameters;
        let is_of_address = row.set.iter().any(|(name, _)| name == "redirect_uri");
        if is_of_address && row.control().is_some_and(is_the_same) {
            return Err(NotSeen::not_applicable(format!(
                "with this redirect URI it is what is registered: {}",
                row.sends
            )));
        }
        if let Some(reason) = lane.hanging.get(&row.to()) {
            return Err(reason.clone());
        }
        lane.keep_pace(row.to()).await;
        let asked = if row.raced {
            let twice = tokio::join!(self.send(call, &sent, lane), self.send(call, &sent, lane));
            refused_of(twice.0?, twice.1?)
        } else {
            self.send(call, &sent, lane).await?
        };
        if matches!(asked, Err(HttpError::TimedOut { .. })) {
            let place = row.to().name();
            let why = format!("not sent: the {place} endpoint gave no answer in time before");
            lane.hanging.insert(row.to(), NotSeen::failed(why));
        }
        let said = Said {
            registered,
            parameters: [sent.parameters, sent.query].concat(),
            headers: sent.headers,
            secrets: self.shown_secrets(row, texts, sent.token),
        };
        let answer = asked.map_err(failed)?;
        let stranger = self.stranger(row.to(), &answer);
        let answer = self.server_answer(&answer, &said, lane.metadata)?;
        Ok(ServerAnswer { stranger, ..answer })
    }

    /// In whose words an answer is that is a page for people at an endpoint for clients.
    fn stranger(&self, place: Place, answer: &Answer) -> Option<String> {
        let is_for_clients = match place {
            Place::Token | Place::UserInfo | Place::Introspection | Place::Revocation => true,
            Place::Authorization
            | Place::Page
            | Place::Session
            | Place::Logout
            | Place::Metadata
            | Place::Keys => false,
        };
        let kind = answer.header("content-type").unwrap_or_default();
        let is_page = kind.starts_with("text/html") && answer.is_for_people();
        let is_stranger = is_for_clients && is_page && !answer.body.contains("access_token");
        is_stranger.then(|| self.of_a_stranger(answer, place.name()))
    }

    /// What of the run stands in the texts of a request.
    fn texts<'a>(
        &'a self,
        call: &ServerCall,
        token: Option<&SecretString>,
        lane: &Lane<'_>,
    ) -> Seen<Texts<'a>> {
        let row = call.row;
        let mut texts = Texts::new(&self.facts.client_id, self.facts.redirect_uri.as_str());
        if row.presents_code() {
            texts.code = Some(self.code(call, lane.seen, lane.renewed)?);
        }
        texts.token = token.filter(|_| row.put() == Some(Put::AsWritten)).cloned();
        Ok(texts)
    }

    /// What a request may have shown that is secret.
    fn shown_secrets(
        &self,
        row: &Row,
        texts: Texts<'_>,
        token: Option<SecretString>,
    ) -> Vec<SecretString> {
        let of_code = texts.code.into_iter();
        let of_code =
            of_code.flat_map(|(code, verifier)| [Some(code), verifier].into_iter().flatten());
        let of_client = self.access.client_secret.iter().cloned();
        // A text of the row's own is nobody's secret.
        let credential = row.credential.as_ref();
        let is_genuine = credential.is_some_and(|credential| credential.token.is_genuine());
        let token = token.filter(|_| is_genuine);
        of_code.chain(token).chain(of_client).collect()
    }

    /// Sends a row to its endpoint, each at the moment of use to where it may go.
    async fn send(
        &self,
        call: &ServerCall,
        sent: &Sent,
        lane: &Lane<'_>,
    ) -> Seen<Result<Answer, HttpError>> {
        let (row, metadata) = (call.row, lane.metadata);
        let proof = self.proof_for(row, sent.token.as_ref(), metadata)?;
        let everything = [sent.parameters.as_slice(), &proof.form].concat();
        let has_body = row.method() == "POST";
        // A secret stands in a form or a header, and in no query.
        let in_query: &[(String, String)] = if has_body { &[] } else { &sent.parameters };
        let request = ServerRequest {
            method: row.method(),
            query: &[sent.query.as_slice(), in_query].concat(),
            form: has_body.then_some(everything.as_slice()),
            authorization: proof.header.as_ref(),
            headers: &sent.headers,
        };
        let unusable = |error: &dyn std::fmt::Display| NotSeen::failed(error.to_string());
        match row.to() {
            Place::Authorization | Place::Page | Place::Session => {
                let endpoint = metadata.authorization_endpoint.opened(&self.reach());
                let endpoint = endpoint.map_err(|error| unusable(&error))?;
                let asked = self.model.authorization_server.asked_audience();
                let endpoint = endpoint.saying(asked);
                Ok(self.http.open(&endpoint, &request).await)
            }
            Place::Metadata => {
                let url = Metadata::url(&self.facts.issuer, "openid-configuration");
                let url = url.map_err(NotSeen::failed)?;
                Ok(self.http.look(&url, &request).await)
            }
            Place::Keys => {
                let url = metadata.jwks_uri.looked_up(Use::Keys, &self.reach());
                let url = url.map_err(|error| unusable(&error))?;
                Ok(self.http.look(url, &request).await)
            }
            place => {
                let endpoint = self.trusted_endpoint(place, metadata)?;
                if let Some(basis) = call.basis().filter(|_| row.in_session) {
                    let (user, sent) = (&basis.user, &sent.parameters);
                    return self.send_in_session(user, lane.seen, &endpoint, sent).await;
                }
                Ok(self.http.ask_server(&endpoint, &request).await)
            }
        }
    }

    /// The endpoint of a place that may be sent secrets.
    fn trusted_endpoint(&self, place: Place, metadata: &Metadata) -> Seen<TrustedEndpoint> {
        let (wanted, endpoint) = match place {
            Place::Token => (Use::Token, Some(&metadata.token_endpoint)),
            Place::UserInfo => (Use::UserInfo, metadata.userinfo_endpoint.as_ref()),
            Place::Introspection => (Use::Introspection, metadata.introspection_endpoint.as_ref()),
            Place::Revocation => (Use::Revocation, metadata.revocation_endpoint.as_ref()),
            Place::Logout => (Use::Logout, metadata.end_session_endpoint.as_ref()),
            Place::Authorization | Place::Page | Place::Session | Place::Metadata | Place::Keys => {
                (Use::Authorization, None)
            }
        };
        let place = place.name();
        let none = || NotSeen::not_applicable(format!("the metadata names no {place} endpoint"));
        let endpoint = endpoint.ok_or_else(none)?;
        let endpoint = endpoint.trusted(wanted, &self.access.trusted_origins());
        endpoint.map_err(|error| NotSeen::failed(error.to_string()))
    }

    /// What a row shows of a client or a token.
    fn proof_for(
        &self,
        row: &Row,
        token: Option<&SecretString>,
        metadata: &Metadata,
    ) -> Seen<Proof> {
        match row.to() {
            // Anyone who has a token needs no more.
            Place::UserInfo => {
                token.map_or_else(|| Ok(Proof::default()), |token| bearing(row, token))
            }
            place @ (Place::Token | Place::Introspection | Place::Revocation) => {
                let endpoint = self.trusted_endpoint(place, metadata)?;
                self.proof_of(row, endpoint.audience())
            }
            Place::Authorization
            | Place::Page
            | Place::Session
            | Place::Metadata
            | Place::Keys
            | Place::Logout => Ok(Proof::default()),
        }
    }
}

/// The token that a row presents, in `Authorization`.
fn bearing(row: &Row, token: &SecretString) -> Seen<Proof> {
    let header = AuthorizationHeader::bearer(&row.sends, token);
    Ok(Proof {
        header: Some(header.map_err(|error| NotSeen::failed(error.to_string()))?),
        ..Proof::default()
    })
}

impl Lane<'_> {
    /// Waits until the authorization endpoint may be asked again.
    async fn keep_pace(&mut self, place: Place) {
        let is_paced = matches!(place, Place::Authorization | Place::Page | Place::Session);
        if let Some(pace) = self.pace.as_mut().filter(|_| is_paced) {
            pace.tick().await;
        }
    }
}

/// Of two answers to what is good for once: the refusal, where there is one.
fn refused_of(
    first: Result<Answer, HttpError>,
    second: Result<Answer, HttpError>,
) -> Result<Answer, HttpError> {
    let is_given = first
        .as_ref()
        .is_ok_and(|answer| answer.status.is_success());
    if is_given { second } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_org_is_asked_55_times_a_minute() {
        let pause = pace("https://example.okta.com/oauth2/aus1").expect("a pace");
        assert_eq!(MINUTE.as_millis() / pause.as_millis(), 55);
        assert_eq!(pace("http://127.0.0.1:8080/oauth2/aus1"), None);
    }
}
