//! Answers to an authorization request that arrive at another address than its redirect URI.
//!
//! Anyone who is there has the answer: it is no sign-in page, and nothing to be trusted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use url::Url;

use super::address::same_place;
use super::error::BrowserError;
use super::evidence::SecretUrl;
use super::landing::{Landing, Visit};
use crate::openid::{POSTED, Response};

/// What an answer to one authorization request is known by.
#[derive(Debug)]
pub(super) struct Asked {
    redirect_uri: Url,
    state: Option<String>,
    nonce: Option<String>,
}

impl Asked {
    fn of(visit: &Visit<'_>) -> Self {
        let sent = |name: &str| {
            let mut pairs = visit.url.query_pairs();
            let pair = pairs.find(|(known, value)| known == name && !value.is_empty());
            pair.map(|(_, value)| value.into_owned())
        };
        Self {
            redirect_uri: visit.redirect_uri.clone(),
            state: sent("state"),
            nonce: sent("nonce"),
        }
    }

    /// Whether this address, which is not the redirect URI, has the answer to the request in it.
    fn is_answered_at(&self, url: &Url) -> bool {
        if !matches!(url.scheme(), "http" | "https") || same_place(url, &self.redirect_uri) {
            return false;
        }
        let response = Response::parse_misplaced(&self.redirect_uri, url);
        let is_answer = response.handed_out().is_some() || response.error().is_some();
        is_answer && self.is_named_in(&response)
    }

    /// By its state, or where that was lost, by the nonce in an ID token.
    fn is_named_in(&self, response: &Response) -> bool {
        let is_of_state = self.state.is_some() && self.state.as_deref() == response.get("state");
        let nonce = self.nonce.as_deref();
        let is_of_nonce = || nonce.is_some() && nonce == nonce_in(response).as_deref();
        is_of_state || is_of_nonce()
    }
}

fn nonce_in(response: &Response) -> Option<String> {
    let payload = response.get("id_token")?.split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    Some(claims.get("nonce")?.as_str()?.to_owned())
}

impl Visit<'_> {
    /// Whether this address, at which a browser is, has the answer to the request in it and is not
    /// the redirect URI. Errors may be shown on pages of a trusted origin; what is handed out may
    /// go nowhere else at all, and what is shown where the client is, is for the client.
    #[must_use]
    pub fn is_answered_elsewhere(&self, url: &Url) -> bool {
        let asked = Asked::of(self);
        let is_at_client = url.origin() == self.redirect_uri.origin();
        let response = Response::parse_misplaced(self.redirect_uri, url);
        let hands_out = response.handed_out().is_some();
        let is_shown = self.trusted.has(url) && !is_at_client && !hands_out;
        let is_for_client = is_at_client
            && !same_place(url, self.redirect_uri)
            && (hands_out || response.error().is_some());
        (is_for_client || asked.is_answered_at(url)) && !is_shown
    }

    /// Where a visit ended, unless these messages of the performance log show that its answer was
    /// at another address than the redirect URI on the way: a page there may take the answer out of
    /// its address at once, or lead on.
    pub(super) fn unless_answered_elsewhere(
        &self,
        landing: Result<Landing, BrowserError>,
        messages: &[String],
        signed_in: bool,
    ) -> Result<Landing, BrowserError> {
        let mut messages = messages.iter();
        match messages.find_map(|message| self.was_answered_elsewhere(message)) {
            Some(url) => Ok(Landing::Elsewhere {
                url: SecretUrl::new(url),
                signed_in,
            }),
            None => landing,
        }
    }

    fn was_answered_elsewhere(&self, message: &str) -> Option<Url> {
        if !message.contains("\"Network.requestWillBeSent\"") {
            return None;
        }
        let message: Value = serde_json::from_str(message).ok()?;
        let part = |path: &str| message.pointer(path).and_then(Value::as_str);
        let request = |name: &str| part(&format!("/message/params/request/{name}"));
        if part("/message/params/type") != Some("Document") {
            return None;
        }
        let fragment = request("urlFragment").unwrap_or_default();
        let mut url = Url::parse(&format!("{}{fragment}", request("url")?)).ok()?;
        let is_form = message.pointer("/message/params/request/method") == Some(&json!("POST"));
        if let Some(form) = request("postData").filter(|_| is_form) {
            url.set_fragment(Some(&format!("{POSTED}&{form}")));
        }
        let is_it = Asked::of(self).is_answered_at(&url) && self.is_answered_elsewhere(&url);
        is_it.then_some(url)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::origin::TrustedOrigins;

    const REQUEST: &str = "https://org.example/authorize?state=s1&nonce=n1&client_id=c";

    fn is_elsewhere(url: &str) -> bool {
        let request = Url::parse(REQUEST).expect("a URL");
        let redirect_uri = Url::parse("http://localhost:8080/callback").expect("a URL");
        let trusted: TrustedOrigins = [&request].into_iter().collect();
        let visit = Visit {
            url: &request,
            redirect_uri: &redirect_uri,
            credentials: None,
            trusted: &trusted,
        };
        visit.is_answered_elsewhere(&Url::parse(url).expect("a URL"))
    }

    fn id_token(nonce: &str) -> String {
        let claims = json!({ "nonce": nonce }).to_string();
        format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims))
    }

    #[rstest]
    #[case::another_port("http://localhost:9090/callback#access_token=a&state=s1", true)]
    #[case::another_host("https://other.example/#id_token=a&state=s1", true)]
    #[case::a_code("https://other.example/?code=a&state=s1", true)]
    #[case::a_form("https://other.example/#okta-e2e-posted&code=a&state=s1", true)]
    #[case::an_error("https://other.example/?error=access_denied&state=s1", true)]
    #[case::a_longer_path("http://localhost:8080/callback/extra#access_token=a", true)]
    #[case::an_encoded_fragment("http://localhost:8080/callback%23access_token=a&state=s1", true)]
    #[case::an_encoded_query("http://localhost:8080/callback%3fcode=a&state=s1", true)]
    #[case::an_encoded_fragment_abroad("https://other.example/%23id_token=a&state=s1", true)]
    #[case::an_encoded_sign_alone("http://localhost:8080/callback%23top", false)]
    #[case::an_error_where_the_client_is("http://localhost:8080/other#error=access_denied", true)]
    #[case::a_code_at_the_org("https://org.example/home?code=a&state=s1", true)]
    #[case::an_error_that_the_org_shows("https://org.example/?error=x&state=s1", false)]
    #[case::the_redirect_uri("http://localhost:8080/callback#access_token=a&state=s1", false)]
    #[case::the_answer_to_another("https://idp.example/?code=a&state=other", false)]
    #[case::a_code_of_the_orgs_own("https://org.example/authorize/callback?code=a&state=x", false)]
    #[case::a_sign_in_page("https://idp.example/?client_id=c&state=s1", false)]
    #[case::a_page_where_the_client_is("http://localhost:8080/login", false)]
    fn an_answer_elsewhere_is_known(#[case] url: &str, #[case] is: bool) {
        assert_eq!(is_elsewhere(url), is);
    }

    #[rstest]
    #[case::of_the_request("n1", true)]
    #[case::of_another("n2", false)]
    fn an_answer_without_state_is_known_by_its_nonce(#[case] nonce: &str, #[case] is: bool) {
        let url = format!("https://other.example/#id_token={}", id_token(nonce));
        assert_eq!(is_elsewhere(&url), is);
    }
}
