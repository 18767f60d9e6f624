//! Requests to the endpoints that the metadata names, one at a time: beside the sign-ins, since
//! they need none.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use tokio::time::{Interval, interval};
use url::Url;

use super::api::tokens;
use super::client::Proof;
use super::discovery::failed;
use super::{Observer, Plan, again};
use crate::exchange::{Part, Place, Put, Row, ServerCall, Texts, TokenOf};
use crate::observation::{Lands, NotSeen, Observations, Redirected, Seen, ServerAnswer};
use crate::openid::{
    Answer, AuthorizationHeader, HttpError, Metadata, Response, ServerRequest, TrustedEndpoint, Use,
};
use crate::origin::is_loopback;

/// Okta's authorization endpoint takes 60 requests a minute of one client and address (Okta's rate
/// limits, "client-based"); five are left to others.
const A_MINUTE: u32 = 55;
const MINUTE: Duration = Duration::from_secs(60);

/// Okta's codes live 300 seconds (OpenID Connect & OAuth 2.0 API reference, "authorization code").
const LONGEST_LIFE: SignedDuration = SignedDuration::from_secs(280);

/// What came of each request.
type Answers = BTreeMap<ServerCall, Seen<ServerAnswer>>;

/// What the lane knows while it goes on.
struct Lane<'a> {
    metadata: &'a Metadata,
    /// The pace at the authorization endpoint, where there is one to keep.
    pace: Option<Interval>,
    /// What the browsers brought.
    seen: &'a Observations,
    /// Why nothing more is sent to an endpoint.
    hanging: BTreeMap<Place, NotSeen>,
}

/// What is sent, its texts filled in.
struct Sent {
    parameters: Vec<(String, String)>,
    /// What stands in the query of a request with a body.
    query: Vec<(String, String)>,
}

/// What a request said, as far as its answer depends on it.
struct Said<'a> {
    /// The redirect URI of the client.
    registered: &'a Url,
    /// The same, byte for byte.
    uri: &'a str,
    /// What was sent.
    parameters: Vec<(String, String)>,
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
        let calls = calls.filter(|call| call.basis().is_none());
        self.ask_each(calls, metadata, &Observations::default())
            .await
    }

    /// Asks what the tokens of the run are needed for.
    pub(super) async fn ask_server_with_tokens(
        &self,
        plan: &Plan,
        metadata: &Seen<Metadata>,
        seen: &Observations,
    ) -> Answers {
        let calls = plan.server_calls().into_iter();
        let calls = calls.filter(|call| call.basis().is_some() && !call.row.redeemed_code);
        self.ask_each(calls, metadata, seen).await
    }

    /// Presents codes that were redeemed: last of all, since a server may end by it what they were
    /// redeemed for (RFC 6749 section 4.1.2).
    pub(super) async fn present_codes_again(&self, plan: &Plan, seen: &mut Observations) {
        let calls = plan.server_calls().into_iter();
        let calls = calls.filter(|call| call.row.redeemed_code);
        let answers = self.ask_each(calls, &seen.metadata, seen).await;
        seen.server.extend(answers);
    }

    async fn ask_each(
        &self,
        calls: impl Iterator<Item = &ServerCall>,
        metadata: &Seen<Metadata>,
        seen: &Observations,
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
        let registered = &self.facts.redirect_uri;
        let mut texts = Texts::new(&self.facts.client_id, registered.as_str());
        if row.redeemed_code {
            texts.redeemed = Some(redeemed(call, lane.seen)?);
        }
        if let Some(token) = row
            .credential
            .as_ref()
            .filter(|of| of.put == Put::AsWritten)
        {
            texts.token = Some(genuine(&token.token, call, lane.seen)?);
        }
        let flow = row.flow_of(self.model);
        let sent = Sent {
            parameters: texts.parameters(row, flow),
            query: texts.filled(&row.query, flow),
        };
        let is_the_same = |control: &Row| texts.parameters(control, flow) == sent.parameters;
        if row.changes_parameters() && row.control().is_some_and(is_the_same) {
            return Err(NotSeen::not_applicable(format!(
                "with this redirect URI it is what is registered: {}",
                row.sends
            )));
        }
        if let Some(reason) = lane.hanging.get(&row.to()) {
            return Err(reason.clone());
        }
        let asked = self.send(call, &sent, lane).await?;
        if matches!(asked, Err(HttpError::TimedOut { .. })) {
            let place = row.to().name();
            let why = format!("not sent: the {place} endpoint gave no answer in time before");
            lane.hanging.insert(row.to(), NotSeen::failed(why));
        }
        let said = Said {
            registered,
            uri: registered.as_str(),
            parameters: sent.parameters,
        };
        self.server_answer(&asked.map_err(failed)?, &said, lane.metadata)
    }

    /// Sends a row to its endpoint, each at the moment of use to where it may go.
    async fn send(
        &self,
        call: &ServerCall,
        sent: &Sent,
        lane: &mut Lane<'_>,
    ) -> Seen<Result<Answer, HttpError>> {
        let metadata = lane.metadata;
        let (named, wanted) = match call.row.to() {
            Place::Authorization => {
                let endpoint = metadata.authorization_endpoint.opened(&self.reach());
                let endpoint = endpoint.map_err(|error| NotSeen::failed(error.to_string()))?;
                if let Some(pace) = &mut lane.pace {
                    pace.tick().await;
                }
                return Ok(self.http.open(&endpoint, &sent.parameters).await);
            }
            Place::Token => (Some(&metadata.token_endpoint), Use::Token),
            Place::UserInfo => (metadata.userinfo_endpoint.as_ref(), Use::UserInfo),
            Place::Introspection => (metadata.introspection_endpoint.as_ref(), Use::Introspection),
            Place::Revocation => (metadata.revocation_endpoint.as_ref(), Use::Revocation),
        };
        let place = call.row.to().name();
        let none = || NotSeen::not_applicable(format!("the metadata names no {place} endpoint"));
        let endpoint = named
            .ok_or_else(none)?
            .trusted(wanted, &self.access.trusted_origins())
            .map_err(|error| NotSeen::failed(error.to_string()))?;
        self.send_trusted(call, &endpoint, sent, lane.seen).await
    }

    async fn send_trusted(
        &self,
        call: &ServerCall,
        endpoint: &TrustedEndpoint,
        sent: &Sent,
        seen: &Observations,
    ) -> Seen<Result<Answer, HttpError>> {
        let row = call.row;
        let proof = match row.to() {
            // Whoever has a token needs no more.
            Place::UserInfo => Self::presented(call, seen)?,
            Place::Authorization | Place::Token | Place::Introspection | Place::Revocation => {
                self.proof_of(row)?
            }
        };
        let everything = [sent.parameters.as_slice(), &proof.form].concat();
        let has_body = row.method() == "POST";
        // A secret stands in a form or a header, and in no query.
        let in_query = [
            sent.query.as_slice(),
            if has_body { &[] } else { &sent.parameters },
        ];
        let request = ServerRequest {
            method: row.method(),
            query: &in_query.concat(),
            form: has_body.then_some(everything.as_slice()),
            authorization: proof.header.as_ref(),
        };
        Ok(self.http.ask_server(endpoint, &request).await)
    }

    /// The token that a row presents.
    fn presented(call: &ServerCall, seen: &Observations) -> Seen<Proof> {
        let text = match call
            .row
            .credential
            .as_ref()
            .map(|credential| &credential.token)
        {
            None => return Ok(Proof::default()),
            Some(TokenOf::Text(text)) => SecretString::from(text.as_str()),
            Some(token @ (TokenOf::Access | TokenOf::Id)) => genuine(token, call, seen)?,
        };
        let header = AuthorizationHeader::bearer(&call.row.sends, &text);
        Ok(Proof {
            header: Some(header.map_err(|error| NotSeen::failed(error.to_string()))?),
            ..Proof::default()
        })
    }

    fn server_answer(
        &self,
        answer: &Answer,
        said: &Said<'_>,
        metadata: &Metadata,
    ) -> Seen<ServerAnswer> {
        let status = answer.status.as_u16();
        if status == 429 {
            let why = "the rate limit of the authorization server is exhausted (429)";
            return Err(NotSeen::failed(why));
        }
        let is_redirect = answer.status.is_redirection();
        let location = answer.header("location").filter(|_| is_redirect);
        let base = Url::parse(&metadata.issuer).ok();
        let url = location.and_then(|location| base?.join(location).ok());
        let response = url
            .as_ref()
            .map(|url| Response::parse(said.registered, url));
        if let Some(response) = &response {
            self.note_tokens(response);
            if let Some((error, _)) = response
                .error()
                .filter(|(error, _)| again::is_overload(error))
            {
                return Err(NotSeen::failed(format!(
                    "the authorization server answers {error}"
                )));
            }
        }
        let redirect = location.map(|location| Redirected {
            lands: self.lands(location, url.as_ref(), said),
            address: answer.redirect(said.registered).unwrap_or_default(),
            error: response
                .as_ref()
                .and_then(|response| self.error_code(response)),
            part: response.as_ref().and_then(part),
            has_state: response.as_ref().and_then(|found| found.get("state")) == said.state(),
        });
        Ok(ServerAnswer {
            status,
            redirect,
            error: self.code_in(answer),
            challenge: self.challenge(answer),
            is_inactive: answer.json() == Some(json!({"active": false})),
            hands_out: response.and_then(|response| response.handed_out()),
            tells: told(answer),
        })
    }

    fn error_code(&self, response: &Response) -> Option<String> {
        let (error, _) = response.error()?;
        Some(self.secrets.quote(error))
    }

    /// The error code of a JSON body: `error`, and `errorCode` where Okta answers in the manner of
    /// its Management API.
    fn code_in(&self, answer: &Answer) -> Option<String> {
        let body = answer.json()?;
        for name in ["access_token", "id_token", "refresh_token"] {
            if let Some(token) = body.get(name).and_then(Value::as_str) {
                self.secrets.add(&SecretString::from(token));
            }
        }
        let code = body.get("error").or_else(|| body.get("errorCode"))?;
        Some(self.secrets.quote(code.as_str()?))
    }

    /// The error code of a challenge; empty where it has none.
    fn challenge(&self, answer: &Answer) -> Option<String> {
        let challenge = answer.header("www-authenticate")?;
        let code = challenge.split("error=").nth(1).unwrap_or_default();
        let code = code.trim_start_matches('"').split(['"', ',', ' ']).next();
        Some(self.secrets.quote(code.unwrap_or_default()))
    }

    fn lands(&self, location: &str, url: Option<&Url>, said: &Said<'_>) -> Lands {
        let mut others = said.others();
        if let Some(other) = others.find(|other| leads_to(other, location)) {
            Lands::AtSentUri(other.to_owned())
        } else if leads_to(said.uri, location)
            || url.is_some_and(|url| leads_to(said.registered.as_str(), url.as_str()))
        {
            Lands::AtRedirectUri
        } else if url.is_some_and(|url| self.access.trusted_origins().has(url)) {
            Lands::AtTheOrg
        } else {
            Lands::Elsewhere
        }
    }
}

impl Said<'_> {
    /// The redirect URIs that were sent and are another than the client's.
    fn others(&self) -> impl Iterator<Item = &str> {
        let sent = self.parameters.iter();
        let sent = sent.filter(|(name, value)| name == "redirect_uri" && value != self.uri);
        sent.map(|(_, value)| value.as_str())
    }

    /// The `state`; of several, the first.
    fn state(&self) -> Option<&str> {
        let mut sent = self.parameters.iter();
        let state = sent.find(|(name, _)| name == "state");
        state.map(|(_, value)| value.as_str())
    }
}

/// A token that an authorization of the run gave.
fn genuine(token: &TokenOf, call: &ServerCall, seen: &Observations) -> Seen<SecretString> {
    let none = || NotSeen::not_applicable("no authorization gives such a token");
    let tokens = tokens(call.basis().ok_or_else(none)?, seen)?;
    let given = if *token == TokenOf::Id {
        tokens.id.clone()
    } else {
        Some(tokens.access.clone())
    };
    given.ok_or_else(|| NotSeen::inconclusive("no ID token came with the access token"))
}

/// The code that an authorization gave and that was redeemed, with its verifier.
fn redeemed(call: &ServerCall, seen: &Observations) -> Seen<(SecretString, SecretString)> {
    let none = || NotSeen::not_applicable("no authorization gives such a code");
    let basis = call.basis().ok_or_else(none)?;
    let received = tokens(basis, seen)?.received;
    let age = Timestamp::now().duration_since(received);
    if age > LONGEST_LIFE {
        let seconds = age.as_secs();
        return Err(NotSeen::not_applicable(format!(
            "the last code is {seconds} s old by now, and would be refused for that"
        )));
    }
    let authorization = seen.authorization(basis)?;
    let response = authorization.outcome.response().ok_or_else(none)?;
    let code = response
        .query
        .secret("code")
        .or_else(|| response.fragment.secret("code"));
    let pair = code.cloned().zip(authorization.code_verifier.clone());
    pair.ok_or_else(none)
}

/// Whether an address is this redirect URI with an answer behind it.
fn leads_to(uri: &str, location: &str) -> bool {
    let rest = location.strip_prefix(uri);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '&', '#']))
}

/// The part of a redirect in which its error stands.
fn part(response: &Response) -> Option<Part> {
    if response.fragment.get("error").is_some() {
        Some(Part::Fragment)
    } else {
        response.query.get("error").map(|_| Part::Query)
    }
}

/// What a success tells of a user or a token: its JSON object.
fn told(answer: &Answer) -> Option<Map<String, Value>> {
    let body = answer.json().filter(|_| answer.status.is_success())?;
    body.as_object().cloned()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const URI: &str = "https://app.example/callback";

    #[rstest]
    #[case::query("https://app.example/callback?error=x", true)]
    #[case::fragment("https://app.example/callback#error=x", true)]
    #[case::a_longer_path("https://app.example/callback/x?error=x", false)]
    #[case::a_longer_word("https://app.example/callbacks?error=x", false)]
    #[case::a_user("https://app.example@elsewhere.example/callback?error=x", false)]
    #[case::another_host("https://elsewhere.example/callback?error=x", false)]
    #[case::in_the_query(
        "https://elsewhere.example/?https://app.example/callback?error=x",
        false
    )]
    fn an_address_is_a_redirect_uri_byte_for_byte(#[case] location: &str, #[case] is: bool) {
        assert_eq!(leads_to(URI, location), is);
    }

    #[test]
    fn a_live_org_is_asked_55_times_a_minute() {
        let pause = pace("https://example.okta.com/oauth2/aus1").expect("a pace");
        assert_eq!(MINUTE.as_millis() / pause.as_millis(), 55);
        assert_eq!(pace("http://127.0.0.1:8080/oauth2/aus1"), None);
    }
}
