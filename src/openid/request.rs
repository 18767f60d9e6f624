//! The authorization request of step 5, with real values for state and nonce.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::BrowserEndpoint;
use crate::model::{Flow, OFFLINE_ACCESS, Probe};

/// Whether the user must be asked to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// `prompt=login`: credentials are asked for, whatever session there is.
    Login,
    /// No `prompt`: a session is used where there is one.
    Session,
}

/// What a request says beside client, scopes, state and nonce. The default is what the document's
/// request says.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something of its own in the file"
)]
pub struct RequestDetails {
    /// What tells the request from others for the same scopes.
    pub name: String,
    /// `response_type`; none: that of the flow.
    pub response_type: Option<String>,
    /// `response_mode`; none: the default of the response type.
    pub response_mode: Option<String>,
    /// `prompt`.
    pub prompt: AskedPrompt,
    /// Proof Key for Code Exchange (RFC 7636).
    pub pkce: Pkce,
    /// `redirect_uri`; none: the run's own.
    pub redirect_uri: Option<String>,
    /// Whether a refresh token is asked for: `offline_access` beside the scopes.
    pub offline_access: bool,
    /// Whether a sign-in page is all that is wanted: nothing is typed into it.
    pub asks_anew: bool,
    /// Whether a code that comes is left as it is: somebody else presents it.
    pub keeps_code: bool,
    /// What stands behind the last scope: a blank and another one, or what makes another of it.
    pub behind_scopes: String,
    /// Which token is asked for that the API must refuse; none: one that is for the API.
    #[serde(skip)]
    pub probe: Option<Probe>,
    /// Whether the last scope comes in capitals.
    pub last_in_capitals: bool,
    /// Whether the scopes come in the other order.
    pub scopes_reversed: bool,
    /// Whether `openid` is left out: the request is none of OpenID Connect.
    pub without_openid: bool,
    /// Parameters that stand at the end, by name.
    pub more: Vec<(String, String)>,
    /// What stands behind the random letters of `state`.
    pub behind_state: String,
    /// Headers that a browser does not send by itself: it cannot make the request.
    pub headers: Vec<(String, String)>,
    /// Whether the parameters come in the body of a `POST`: a browser cannot make the request.
    pub posted: bool,
    /// Whether what the browser does with the answer counts: nobody else makes the request.
    pub by_browser: bool,
    /// Whether it is made at the end of a run, in the session that the browser has left.
    #[serde(skip)]
    pub is_late: bool,
}

/// What a request says as `prompt`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AskedPrompt {
    /// `login` until the user has signed in, then nothing.
    #[default]
    AsNeeded,
    /// Nothing.
    Absent,
    /// This text.
    Text(String),
}

/// Which code challenge a request has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pkce {
    /// By S256 in the code flow, none in the implicit flow.
    #[default]
    ByFlow,
    /// None.
    Absent,
    /// By S256.
    S256,
    /// By `plain`.
    Plain,
}

impl RequestDetails {
    /// Whether no address says it all.
    #[must_use]
    pub fn is_more_than_an_address(&self) -> bool {
        self.posted || !self.headers.is_empty()
    }

    fn scope<'a>(&self, scope: &'a str) -> Cow<'a, str> {
        let behind = &self.behind_scopes;
        if self.scopes_reversed || self.without_openid {
            let is_wanted = |scope: &&str| !self.without_openid || *scope != "openid";
            let mut scopes: Vec<&str> = scope.split(' ').filter(is_wanted).collect();
            if self.scopes_reversed {
                scopes.reverse();
            }
            return scopes.join(" ").into();
        }
        if self.last_in_capitals {
            let (first, last) = scope.rsplit_once(' ').unwrap_or(("", scope));
            return format!("{first} {}", last.to_uppercase())
                .trim()
                .to_owned()
                .into();
        }
        if self.offline_access {
            format!("{scope}{behind} {OFFLINE_ACCESS}").into()
        } else if behind.is_empty() {
            scope.into()
        } else {
            format!("{scope}{behind}").into()
        }
    }

    fn prompt(&self, needed: Prompt) -> Option<&str> {
        match (&self.prompt, needed) {
            (AskedPrompt::AsNeeded, Prompt::Login) => Some("login"),
            (AskedPrompt::AsNeeded, Prompt::Session) | (AskedPrompt::Absent, _) => None,
            (AskedPrompt::Text(text), _) => Some(text),
        }
    }
}

impl Pkce {
    /// The method by the flow, if a challenge is sent.
    fn method(self, flow: Flow) -> Option<&'static str> {
        match (self, flow) {
            (Self::ByFlow, Flow::Code) | (Self::S256, _) => Some("S256"),
            (Self::ByFlow, Flow::Implicit) | (Self::Absent, _) => None,
            (Self::Plain, _) => Some("plain"),
        }
    }
}

/// Who asks for what: what every authorization request says.
#[derive(Debug, Clone, Copy)]
pub struct Asks<'a> {
    /// The client.
    pub client_id: &'a str,
    /// Where the answer is to go.
    pub redirect_uri: &'a str,
    /// The scopes, as the `scope` parameter has them.
    pub scope: &'a str,
    /// The flow.
    pub flow: Flow,
    /// Whether credentials must be asked for.
    pub prompt: Prompt,
}

/// An authorization request, unlike any other that was ever made.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// The URL that a browser is sent to.
    pub url: Url,
    /// The `state` that must come back.
    pub state: String,
    /// The `nonce` that must stand in the ID token.
    pub nonce: String,
    /// The PKCE code verifier of the code flow (RFC 7636).
    pub code_verifier: Option<SecretString>,
}

impl AuthorizationRequest {
    /// The document's step-5 request at an authorization endpoint.
    #[must_use]
    pub fn new(
        endpoint: &BrowserEndpoint,
        client_id: &str,
        redirect_uri: &str,
        scope: &str,
        flow: Flow,
        prompt: Prompt,
    ) -> Self {
        let details = RequestDetails::default();
        let asks = Asks {
            client_id,
            redirect_uri,
            scope,
            flow,
            prompt,
        };
        Self::saying(endpoint, &asks, &details)
    }

    /// A request that says what the details have.
    #[must_use]
    pub fn saying(endpoint: &BrowserEndpoint, asks: &Asks<'_>, details: &RequestDetails) -> Self {
        let (state, nonce) = (random() + &details.behind_state, random());
        let method = details.pkce.method(asks.flow);
        let code_verifier = method.map(|_| SecretString::from(random()));
        let pkce = method.zip(code_verifier.as_ref());
        let of_flow = || asks.flow.response_types().join(" ");
        let response_type = details.response_type.clone().unwrap_or_else(of_flow);
        let redirect_uri = details.redirect_uri.as_deref();
        let scope = details.scope(asks.scope);
        // It is of OpenID Connect, and others refuse it without (npm's oidc-provider); Okta demands
        // it wherever a token comes back from here (its error catalogue, invalid_nonce).
        let has_nonce = response_type != "code" || scope.split(' ').any(|scope| scope == "openid");
        let mut url = endpoint.url().clone();
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("response_type", &response_type);
            query.append_pair("client_id", asks.client_id);
            query.append_pair("redirect_uri", redirect_uri.unwrap_or(asks.redirect_uri));
            query.append_pair("state", &state);
            if has_nonce {
                query.append_pair("nonce", &nonce);
            }
            if let Some(prompt) = details.prompt(asks.prompt) {
                query.append_pair("prompt", prompt);
            }
            if let Some(mode) = &details.response_mode {
                query.append_pair("response_mode", mode);
            }
            if let Some((method, verifier)) = pkce {
                query.append_pair("code_challenge", &challenge(method, verifier));
                query.append_pair("code_challenge_method", method);
            }
            query.append_pair("scope", &scope);
            query.extend_pairs(&details.more);
        }
        Self {
            url,
            state,
            nonce,
            code_verifier,
        }
    }
}

/// 43 characters of `A-Z a-z 0-9`: a state Okta takes, and a code verifier by RFC 7636.
pub(crate) fn random() -> String {
    rand::rng()
        .sample_iter(rand::distr::Alphanumeric)
        .take(43)
        .map(char::from)
        .collect()
}

fn challenge(method: &str, verifier: &SecretString) -> String {
    let verifier = verifier.expose_secret();
    if method == "plain" {
        return verifier.to_owned();
    }
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::openid::{NamedUrl, Reach};
    use crate::origin::TrustedOrigins;

    fn request(flow: Flow, prompt: Prompt, scope: &str, details: &str) -> AuthorizationRequest {
        let url = Url::parse("https://example.okta.com/oauth2/aus1/v1/authorize").unwrap();
        let reach = Reach::of(url.as_str(), TrustedOrigins::default());
        let endpoint = NamedUrl::new(url).opened(&reach).expect("an endpoint");
        let asks = Asks {
            client_id: "0oa1",
            redirect_uri: "http://localhost:8080/authorization-code/callback",
            scope,
            flow,
            prompt,
        };
        let details = toml::from_str(details).expect("details");
        AuthorizationRequest::saying(&endpoint, &asks, &details)
    }

    #[rstest]
    #[case::for_an_id_token(Flow::Implicit, "openid silver", true)]
    #[case::for_a_token(Flow::Implicit, "silver", true)]
    #[case::by_code(Flow::Code, "silver openid", true)]
    #[case::by_code_without_openid(Flow::Code, "silver openid2", false)]
    fn a_nonce_is_sent_where_one_is_known(
        #[case] flow: Flow,
        #[case] scope: &str,
        #[case] is_sent: bool,
    ) {
        let request = request(flow, Prompt::Login, scope, "");
        let mut pairs = request.url.query_pairs();
        assert_eq!(pairs.any(|(name, _)| name == "nonce"), is_sent);
    }

    fn query(flow: Flow, prompt: Prompt, details: &str) -> Vec<(String, String)> {
        let request = request(flow, prompt, "openid silver", details);
        let pairs = request.url.query_pairs().into_owned();
        let changes = ["state", "nonce", "code_challenge"];
        pairs
            .filter(|(name, _)| !changes.contains(&name.as_str()))
            .collect()
    }

    /// What stands in the query beside state, nonce and challenge, in its order.
    fn words(flow: Flow, prompt: Prompt, details: &str) -> String {
        let pairs = query(flow, prompt, details);
        let own = |name: &str| !matches!(name, "client_id" | "redirect_uri" | "scope");
        let pairs = pairs.iter().filter(|(name, _)| own(name));
        let words: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        words.join(" ")
    }

    #[rstest]
    #[case::document(
        Flow::Implicit,
        Prompt::Login,
        "",
        "response_type=token id_token prompt=login"
    )]
    #[case::session(Flow::Implicit, Prompt::Session, "", "response_type=token id_token")]
    #[case::code(
        Flow::Code,
        Prompt::Session,
        "",
        "response_type=code code_challenge_method=S256"
    )]
    #[case::without_pkce(Flow::Code, Prompt::Session, "pkce = 'absent'", "response_type=code")]
    #[case::plain(
        Flow::Code,
        Prompt::Session,
        "pkce = 'plain'",
        "response_type=code code_challenge_method=plain"
    )]
    #[case::silent(
        Flow::Implicit,
        Prompt::Login,
        "prompt = { text = 'none' }",
        "response_type=token id_token prompt=none"
    )]
    #[case::types_and_mode(
        Flow::Implicit,
        Prompt::Session,
        "response-type = 'id_token token'\nresponse-mode = 'form_post'\nmore = [['max_age', '0']]",
        "response_type=id_token token response_mode=form_post max_age=0"
    )]
    fn a_request_says_what_its_details_have(
        #[case] flow: Flow,
        #[case] prompt: Prompt,
        #[case] details: &str,
        #[case] said: &str,
    ) {
        assert_eq!(words(flow, prompt, details), said);
    }

    #[rstest]
    #[case::as_they_are("", "openid silver")]
    #[case::more("behind-scopes = ' x'", "openid silver x")]
    #[case::reversed("scopes-reversed = true", "silver openid")]
    #[case::without_openid("without-openid = true", "silver")]
    fn the_scopes_are_those_of_the_details(#[case] details: &str, #[case] said: &str) {
        let query = query(Flow::Implicit, Prompt::Login, details);
        let mut scopes = query.iter().filter(|(name, _)| name == "scope");
        assert_eq!(scopes.next().map(|(_, scope)| scope.as_str()), Some(said));
    }

    #[test]
    fn another_redirect_uri_takes_the_place_of_the_runs_own() {
        let other = "redirect-uri = 'https://elsewhere.example/'";
        let query = query(Flow::Implicit, Prompt::Login, other);
        let sent: Vec<_> = query
            .iter()
            .filter(|(name, _)| name == "redirect_uri")
            .collect();
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].1, "https://elsewhere.example/");
    }
}
