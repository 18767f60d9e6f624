//! Requests to the endpoints that the metadata names, one at a time: beside the sign-ins, since
//! they need none.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{Interval, interval};
use url::Url;

use super::discovery::failed;
use super::{Observer, Plan, again};
use crate::exchange::{Part, Place, Row, ServerCall, Texts};
use crate::observation::{Lands, NotSeen, Redirected, Seen, ServerAnswer};
use crate::openid::{Answer, HttpError, Metadata, Response};
use crate::origin::is_loopback;

/// Okta's authorization endpoint takes 60 requests a minute of one client and address (Okta's rate
/// limits, "client-based"); five are left to others.
const A_MINUTE: u32 = 55;

/// What came of each request.
type Answers = BTreeMap<ServerCall, Seen<ServerAnswer>>;

/// What the lane knows while it goes on.
struct Lane<'a> {
    metadata: &'a Metadata,
    /// The pace at the authorization endpoint, where there is one to keep.
    pace: Option<Interval>,
    /// Why nothing more is sent.
    stopped: Option<NotSeen>,
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
    (!is_loopback(&issuer)).then(|| Duration::from_mins(1) / A_MINUTE)
}

impl Observer<'_> {
    /// Asks everything of the plan that needs no sign-in.
    pub(super) async fn ask_server(&self, plan: &Plan, metadata: &Seen<Metadata>) -> Answers {
        let calls = plan.server_calls().into_iter();
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
            pace: pace(&self.facts.issuer).map(interval),
            stopped: None,
        };
        let mut answers = Answers::new();
        for call in calls {
            let known = call
                .control()
                .filter(|_| call.row.sends_what_its_control_does());
            let answer = match known.and_then(|control| answers.get(&control)) {
                Some(answer) => answer.clone(),
                None => self.ask_one(call.row, &mut lane).await,
            };
            answers.insert(call.clone(), answer);
        }
        answers
    }

    async fn ask_one(&self, row: &Row, lane: &mut Lane<'_>) -> Seen<ServerAnswer> {
        let registered = &self.facts.redirect_uri;
        let texts = Texts::new(&self.facts.client_id, registered.as_str());
        let flow = row.flow_of(self.model);
        let parameters = texts.parameters(row, flow);
        let is_the_same = |control: &Row| texts.parameters(control, flow) == parameters;
        if row.control().is_some_and(is_the_same) {
            return Err(NotSeen::not_applicable(format!(
                "with this redirect URI it is what is registered: {}",
                row.sends
            )));
        }
        if let Some(reason) = &lane.stopped {
            return Err(reason.clone());
        }
        let asked = self.send(row, &parameters, lane).await?;
        if matches!(asked, Err(HttpError::TimedOut { .. })) {
            let place = row.to().name();
            let why = format!("not sent: the {place} endpoint gave no answer in time before");
            lane.stopped = Some(NotSeen::failed(why));
        }
        let said = Said {
            registered,
            uri: registered.as_str(),
            parameters,
        };
        self.server_answer(&asked.map_err(failed)?, &said, lane.metadata)
    }

    /// Sends a row to its endpoint.
    async fn send(
        &self,
        row: &Row,
        parameters: &[(String, String)],
        lane: &mut Lane<'_>,
    ) -> Seen<Result<Answer, HttpError>> {
        match row.to() {
            Place::Authorization => {
                let endpoint = lane.metadata.authorization_endpoint.opened(&self.reach());
                let endpoint = endpoint.map_err(|error| NotSeen::failed(error.to_string()))?;
                if let Some(pace) = &mut lane.pace {
                    pace.tick().await;
                }
                Ok(self.http.open(&endpoint, parameters).await)
            }
        }
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
            error: None,
            challenge: None,
            hands_out: response.and_then(|response| response.handed_out()),
        })
    }

    fn error_code(&self, response: &Response) -> Option<String> {
        let (error, _) = response.error()?;
        Some(self.secrets.quote(error))
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
        assert_eq!(Duration::from_mins(1).as_millis() / pause.as_millis(), 55);
        assert_eq!(pace("http://127.0.0.1:8080/oauth2/aus1"), None);
    }
}
