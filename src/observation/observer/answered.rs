//! What an endpoint of the authorization server answered, taken for what a row may look at.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};
use url::Url;

use super::cares::{are_alike, careless, is_short, names_another};
use super::leads::{self, Goes, Sent};
use super::{Observer, again};
use crate::escape;
use crate::exchange::{Care, Part, Row};
use crate::observation::{
    Authorization, Denial, Lands, NotSeen, Observations, Outcome, Redirected, Seen, ServerAnswer,
};
use crate::openid::{Answer, Metadata, Parameters, Response, TOKENS, repeated_member};

/// What a request said, as far as its answer depends on it.
pub(super) struct Said<'a> {
    /// The redirect URI of the client.
    pub(super) registered: &'a Url,
    /// What was sent.
    pub(super) parameters: Vec<(String, String)>,
    /// Headers beside those that every request has.
    pub(super) headers: Vec<(String, String)>,
    /// What of it is secret: no refusal says it again.
    pub(super) secrets: Vec<SecretString>,
}

/// Why something in a session was not looked at.
pub(super) const BY_HTTP_ALONE: &str = "plain HTTP alone shows it, and the session of this browser \
                                        is not good there";

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
        let leads = self.leads(answer, said, metadata);
        let response = leads.as_ref().map(|(sent, _)| &sent.response);
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
        let redirect = leads.as_ref().map(|(sent, lands)| Redirected {
            lands: lands.clone(),
            address: sent.address.clone(),
            error: self.error_code(&sent.response),
            part: part(&sent.response),
            has_state: sent.response.get("state") == said.state(),
            is_bare: is_bare(sent, said),
        });
        Ok(ServerAnswer {
            status,
            redirect,
            error: self.code_in(answer),
            challenge: self.challenge(answer),
            is_inactive: answer.json() == Some(json!({"active": false})),
            brings: brought(answer, response),
            careless: careless(answer, said, response, metadata),
            flaws: self.flaws(answer, said, response),
            tells: told(answer),
            stranger: None,
        })
    }

    /// What came of a request in a session of a browser: of one that the browser made itself, only
    /// the address can be seen.
    pub(super) fn answer_in_session(
        &self,
        row: &Row,
        seen: &Authorization,
        others: &Observations,
        metadata: &Metadata,
    ) -> Seen<ServerAnswer> {
        if let Some(answer) = &seen.by_http {
            let mut answer = ServerAnswer::clone(answer);
            let is_like = has_a_code_like(seen, others);
            answer.careless.extend(is_like.then_some(Care::OwnCode));
            return Ok(answer);
        }
        let brought = seen.outcome.response().map(Response::brings);
        if row.is_by_http_alone() && brought.is_some_and(|brought| !brought.is_empty()) {
            return Err(NotSeen::not_applicable(BY_HTTP_ALONE));
        }
        let mut sent = seen.url.query_pairs();
        let is_by_form = sent.any(|(name, mode)| name == "response_mode" && mode == "form_post");
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
        if is_by_form && response.is_empty() {
            return Err(NotSeen::not_applicable(
                "the answer goes to the redirect URI in a form, and nobody of the suite's is there",
            ));
        }
        let (lands, address) = match &seen.outcome {
            Outcome::Denied {
                denial: Denial::AtAnotherAddress,
                text,
                ..
            } => (Lands::Elsewhere, text.clone()),
            _ => (Lands::AtRedirectUri, "the redirect URI".to_owned()),
        };
        let redirect = Redirected {
            lands,
            address,
            error: self.error_code(response),
            part: part(response),
            has_state: response.get("state") == Some(seen.state.as_str()),
            is_bare: false,
        };
        Ok(ServerAnswer {
            redirect: Some(redirect),
            brings: response.brings(),
            careless: careless_in_session(seen, response, others, metadata),
            flaws: self
                .twice(response.repeated())
                .into_iter()
                .chain(in_several_parts(response))
                .collect(),
            ..ServerAnswer::of_status(302)
        })
    }

    /// Where it sends a browser. Of several places that it names browsers differ in which they
    /// take: the worst counts. What is no redirect counts where it leads to a redirect URI: pages
    /// lead on to other pages, and forms of theirs too.
    pub(super) fn leads(
        &self,
        answer: &Answer,
        said: &Said<'_>,
        metadata: &Metadata,
    ) -> Option<(Sent, Lands)> {
        let named = leads::named(answer, said, metadata).into_iter();
        let landing = named.map(|sent| {
            let lands = self.lands(&sent.named, sent.url.as_ref(), said);
            (sent, lands)
        });
        let counting = landing.filter(|(sent, lands)| match lands {
            Lands::AtRedirectUri => sent.goes != Goes::ToOthers,
            Lands::AtSentUri(_) => true,
            Lands::AtTheOrg => sent.goes == Goes::There,
            Lands::Elsewhere => sent.goes == Goes::There || takes_along(&sent.response, said),
        });
        counting.min_by_key(|(_, lands)| Reverse(danger(lands)))
    }

    /// What is wrong with an answer, whatever it says.
    fn flaws(&self, answer: &Answer, said: &Said<'_>, response: Option<&Response>) -> Vec<String> {
        let twice = match response {
            Some(response) => self.twice(response.repeated()),
            None => self.twice(repeated_member(answer.body.as_bytes()).as_deref()),
        };
        let mut secrets = said.secrets.iter();
        let is_said = !answer.status.is_success()
            && secrets.any(|secret| answer.body.contains(secret.expose_secret()));
        let said = is_said.then(|| "the refusal says a secret again that was sent".to_owned());
        let parts = response.and_then(in_several_parts);
        let told = told_with_a_refusal(answer);
        [twice, said, parts, told].into_iter().flatten().collect()
    }

    /// One client takes the first of two, another the last.
    fn twice(&self, name: Option<&str>) -> Option<String> {
        let name = self.secrets.quote(&escape::excerpt(name?));
        Some(format!(
            "`{name}` is in it twice, and clients differ in which one they take"
        ))
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

    /// The error code of a challenge that asks for a token (RFC 6750 section 3, RFC 9449 section
    /// 7.1); empty where it has none.
    fn challenge(&self, answer: &Answer) -> Option<String> {
        let challenges = answer.headers.get_all("www-authenticate").iter();
        let challenges = challenges.filter_map(|value| value.to_str().ok());
        let challenge = challenges.collect::<Vec<_>>().join(", ");
        let mut words = challenge.split([',', ' ', '=']);
        let asks_for_token = |word: &str| {
            let mut schemes = ["bearer", "dpop"].into_iter();
            schemes.any(|scheme| word.eq_ignore_ascii_case(scheme))
        };
        words.find(|word| asks_for_token(word))?;
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
        let sent = sent.filter(move |(name, value)| names_address(name) && value.as_str() != own);
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

/// What an answer in a session does not take care of: its address alone is seen.
fn careless_in_session(
    seen: &Authorization,
    response: &Response,
    others: &Observations,
    metadata: &Metadata,
) -> Vec<Care> {
    let issuer = names_another(response, metadata).then_some(Care::OwnIssuer);
    let code = has_a_code_like(seen, others).then_some(Care::OwnCode);
    let target = response.message_is_for.as_deref();
    let target = target.filter(|target| !is_origin_of(&seen.url, target));
    let message = target.map(|_| Care::OwnPage);
    issuer.into_iter().chain(code).chain(message).collect()
}

/// Whether this is the origin of the redirect URI that a request has.
fn is_origin_of(request: &Url, target: &str) -> bool {
    let mut sent = request.query_pairs();
    let uri = sent.find(|(name, _)| name == "redirect_uri");
    let uri = uri.and_then(|(_, uri)| Url::parse(&uri).ok());
    let target = Url::parse(target).ok();
    uri.zip(target)
        .is_some_and(|(uri, target)| uri.origin() == target.origin())
}

/// Whether the code in it can be guessed, by trying or from another one of the run.
fn has_a_code_like(seen: &Authorization, others: &Observations) -> bool {
    let code_in = |seen: &Authorization| seen.outcome.response()?.secret("code").cloned();
    let Some(code) = code_in(seen) else {
        return false;
    };
    let others = others.authorizations.values().flatten();
    let others = others.filter(|other| other.state != seen.state);
    let mut others = others.filter_map(code_in);
    let code = code.expose_secret();
    is_short(code) || others.any(|other| are_alike(code, other.expose_secret()))
}

/// Whether a parameter says where a browser is to go, or what a server may take for it: in other
/// letters, or as the first of several.
fn names_address(name: &str) -> bool {
    let plain = name.split('[').next().unwrap_or(name);
    ADDRESSES
        .iter()
        .any(|known| plain.eq_ignore_ascii_case(known))
}

/// Whether an address has in it what is for the client alone.
fn takes_along(response: &Response, said: &Said<'_>) -> bool {
    let state = response.get("state").filter(|state| !state.is_empty());
    let is_of_request = state.is_some() && state == said.state();
    is_of_request || !response.brings().is_empty()
}

/// Whether nothing of the request goes to an address, and nothing of an answer to it.
fn is_bare(sent: &Sent, said: &Said<'_>) -> bool {
    let state = said.state().filter(|state| !state.is_empty());
    let values = sent.url.iter().flat_map(|url| url.query_pairs());
    let mut values = values.map(|(_, value)| value);
    // An answer may stand in the path, where no parameter begins.
    let has_state = state.is_some_and(|state| {
        sent.named.contains(state) || values.any(|value| value.contains(state))
    });
    let is_answer = sent.response.error().is_some() || takes_along(&sent.response, said);
    !has_state && !is_answer && sent.response.get("state").is_none()
}

/// How bad it is where it leads there.
const fn danger(lands: &Lands) -> u8 {
    match lands {
        Lands::AtRedirectUri => 0,
        Lands::AtTheOrg => 1,
        Lands::AtSentUri(_) => 2,
        Lands::Elsewhere => 3,
    }
}

/// Whether an address is this redirect URI with an answer behind it.
fn leads_to(uri: &str, location: &str) -> bool {
    let Some(rest) = location.strip_prefix(uri) else {
        return false;
    };
    // What follows a query of the redirect URI's own goes on with it (RFC 6749 section 3.1.2).
    let goes_on = uri.contains('?') && rest.starts_with('&');
    rest.is_empty() || goes_on || rest.starts_with(['?', '#'])
}

/// What it brings of tokens and codes, by their names: to the browser, or in a refusal to anyone
/// who asked.
fn brought(answer: &Answer, response: Option<&Response>) -> BTreeSet<&'static str> {
    let to_browser = response.map(Response::brings).unwrap_or_default();
    let refusal = answer.json().filter(|_| !answer.status.is_success());
    let in_refusal = refusal.iter().flat_map(|refusal| {
        let has = |name: &&str| refusal.get(*name).is_some_and(Value::is_string);
        TOKENS.into_iter().filter(has)
    });
    in_refusal.chain(to_browser).collect()
}

/// Says so where a refusal tells what it refuses: of whom a token is, or that it is alive.
fn told_with_a_refusal(answer: &Answer) -> Option<String> {
    let refusal = answer.json().filter(|_| !answer.status.is_success())?;
    let subject = refusal.get("sub").is_some_and(Value::is_string);
    let subject = subject.then_some("the refusal names a user (`sub`)");
    let is_alive = refusal.get("active") == Some(&Value::Bool(true));
    let alive = is_alive.then_some("the refusal says that the token is alive");
    subject.or(alive).map(str::to_owned)
}

/// Says so where an answer stands in more than one part of an address, or of a form: readers differ
/// in which they take, and the query is seen by more of them.
fn in_several_parts(response: &Response) -> Option<String> {
    let parts = parts(response);
    (parts.len() > 1).then(|| {
        let named: Vec<&str> = parts.iter().map(|part| part.words()).collect();
        format!("it is in several places{}", named.concat())
    })
}

/// The part of an answer in which its error stands, or what it brings.
fn part(response: &Response) -> Option<Part> {
    parts(response).first().copied()
}

fn parts(response: &Response) -> Vec<Part> {
    let has = |parameters: &Parameters| {
        parameters.get("error").is_some() || !parameters.brings().is_empty()
    };
    let parts = [
        (&response.query, Part::Query),
        (&response.fragment, Part::Fragment),
        (&response.form, Part::Form),
        (&response.message, Part::Message),
    ];
    let parts = parts.into_iter();
    let parts = parts.filter_map(|(parameters, part)| has(parameters).then_some(part));
    parts.collect()
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
    #[case::a_path_with_the_answer("https://app.example/callback&error=x", false)]
    #[case::in_the_query(
        "https://elsewhere.example/?https://app.example/callback?error=x",
        false
    )]
    fn an_address_is_a_redirect_uri_byte_for_byte(#[case] location: &str, #[case] is: bool) {
        assert_eq!(leads_to(URI, location), is);
    }

    #[test]
    fn an_answer_goes_on_with_the_query_of_a_redirect_uri() {
        let uri = "https://app.example/callback?tenant=1";
        assert!(leads_to(
            uri,
            "https://app.example/callback?tenant=1&error=x"
        ));
        assert!(!leads_to(
            uri,
            "https://app.example/callback?tenant=12&error=x"
        ));
    }

    #[rstest]
    #[case::as_it_is("redirect_uri", true)]
    #[case::in_capitals("REDIRECT_URI", true)]
    #[case::first_of_several("redirect_uri[]", true)]
    #[case::by_number("post_logout_redirect_uri[0]", true)]
    #[case::another("redirect_url", false)]
    fn a_parameter_may_be_taken_for_an_address(#[case] name: &str, #[case] is: bool) {
        assert_eq!(names_address(name), is);
    }
}
