//! What an endpoint of the authorization server answered, taken for what a row may look at.

use secrecy::SecretString;
use serde_json::{Map, Value, json};
use url::Url;

use super::cares::{careless, names_another};
use super::{Observer, again};
use crate::exchange::{Care, Part};
use crate::observation::{
    Authorization, Denial, Lands, NotSeen, Outcome, Redirected, Seen, ServerAnswer,
};
use crate::openid::{Answer, Metadata, Parameters, PostedForm, Response};

/// What a request said, as far as its answer depends on it.
pub(super) struct Said<'a> {
    /// The redirect URI of the client.
    pub(super) registered: &'a Url,
    /// What was sent.
    pub(super) parameters: Vec<(String, String)>,
}

/// The parameters that say where a browser is to go.
const ADDRESSES: [&str; 2] = ["redirect_uri", "post_logout_redirect_uri"];

impl Observer<'_> {
    pub(super) fn server_answer(
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
        let place = place(answer, said, metadata);
        let response = place.as_ref().map(|place| &place.response);
        if let Some(response) = response {
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
        let redirect = place.as_ref().map(|place| Redirected {
            lands: self.lands(&place.named, place.url.as_ref(), said),
            address: place.address.clone(),
            error: self.error_code(&place.response),
            part: part(&place.response),
            has_state: place.response.get("state") == said.state(),
        });
        Ok(ServerAnswer {
            status,
            redirect,
            error: self.code_in(answer),
            challenge: self.challenge(answer),
            is_inactive: answer.json() == Some(json!({"active": false})),
            brings: response.map(Response::brings).unwrap_or_default(),
            careless: careless(answer, said, response, &metadata.issuer),
            tells: told(answer),
        })
    }

    /// What came of a request in a session of a browser, where only the address can be seen.
    pub(super) fn answer_in_session(
        &self,
        seen: &Authorization,
        issuer: &str,
    ) -> Seen<ServerAnswer> {
        let nowhere = |status, denial: &Denial, text: &str| match denial {
            Denial::AskedToSignIn => Err(NotSeen::inconclusive(text)),
            _ => Ok(ServerAnswer::of_status(status)),
        };
        let response = match &seen.outcome {
            Outcome::Tokens { response, .. }
            | Outcome::Denied {
                response: Some(response),
                ..
            } => response,
            // Okta's own page for errors comes by this status.
            Outcome::Denied { denial, text, .. } => return nowhere(400, denial, text),
        };
        let redirect = Redirected {
            lands: Lands::AtRedirectUri,
            address: "the redirect URI".to_owned(),
            error: self.error_code(response),
            part: part(response),
            has_state: response.get("state") == Some(seen.state.as_str()),
        };
        Ok(ServerAnswer {
            redirect: Some(redirect),
            brings: response.brings(),
            careless: names_another(response, issuer)
                .then_some(Care::OwnIssuer)
                .into_iter()
                .collect(),
            ..ServerAnswer::of_status(302)
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
        let registered = said.registered.as_str();
        if let Some(other) = others.find(|other| leads_to(other, location)) {
            Lands::AtSentUri(other.to_owned())
        } else if leads_to(registered, location)
            || url.is_some_and(|url| leads_to(registered, url.as_str()))
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
    /// The addresses that were sent and are another than the client's redirect URI.
    fn others(&self) -> impl Iterator<Item = &str> {
        let own = self.registered.as_str();
        let sent = self.parameters.iter();
        let sent = sent.filter(move |(name, value)| {
            ADDRESSES.contains(&name.as_str()) && value.as_str() != own
        });
        sent.map(|(_, value)| value.as_str())
    }

    /// What was sent of this name; of several, the first.
    pub(super) fn sent(&self, name: &str) -> Option<&str> {
        let mut sent = self.parameters.iter();
        let sent = sent.find(|(known, _)| known == name);
        sent.map(|(_, value)| value.as_str())
    }

    fn state(&self) -> Option<&str> {
        self.sent("state")
    }
}

/// Where an answer sends a browser, and with what.
struct Sent {
    /// The address as it was named.
    named: String,
    url: Option<Url>,
    /// The address as it may be said.
    address: String,
    response: Response,
}

/// Where a redirect leads, or where the form goes that a page posts by itself.
fn place(answer: &Answer, said: &Said<'_>, metadata: &Metadata) -> Option<Sent> {
    let base = Url::parse(&metadata.issuer).ok();
    let absolute = |named: &str| base.as_ref()?.join(named).ok();
    if answer.status.is_redirection() {
        let named = answer.header("location")?.to_owned();
        let url = absolute(&named);
        let parse = |url: &Url| Response::parse(said.registered, url);
        return Some(Sent {
            address: answer.redirect(said.registered).unwrap_or_default(),
            response: url.as_ref().map(parse).unwrap_or_default(),
            named,
            url,
        });
    }
    let is_form = said.sent("response_mode") == Some("form_post");
    let form = PostedForm::read(is_form.then_some(answer.body.as_str())?)?;
    let url = absolute(&form.action);
    Some(Sent {
        address: url
            .as_ref()
            .map(crate::transport::address)
            .unwrap_or_default(),
        response: Response::posted(form.fields),
        named: form.action,
        url,
    })
}

/// Whether an address is this redirect URI with an answer behind it.
fn leads_to(uri: &str, location: &str) -> bool {
    let rest = location.strip_prefix(uri);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '&', '#']))
}

/// The part of an answer in which its error stands, or what it brings.
fn part(response: &Response) -> Option<Part> {
    let has = |parameters: &Parameters| {
        parameters.get("error").is_some() || !parameters.brings().is_empty()
    };
    let parts = [
        (&response.query, Part::Query),
        (&response.fragment, Part::Fragment),
        (&response.form, Part::Form),
    ];
    let mut parts = parts.into_iter();
    parts.find_map(|(parameters, part)| has(parameters).then_some(part))
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
}
