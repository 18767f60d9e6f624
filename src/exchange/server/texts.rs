//! What of a run stands in the texts of a row, and the parameters that a row sends.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::care::ANOTHER_HOST;
use super::row::Row;
use super::rows;
use crate::exchange::template;
use crate::model::Flow;
use crate::openid;

/// What of a run stands in the texts of a row; the random ones are others for every request.
#[derive(Debug, Clone)]
pub struct Texts<'a> {
    /// The client.
    pub client_id: &'a str,
    /// The redirect URI that is registered, byte for byte.
    pub redirect_uri: &'a str,
    /// A code of the run, and its verifier, if its request had a code challenge.
    pub code: Option<(SecretString, Option<SecretString>)>,
    /// A token of the run, where one is asked about.
    pub token: Option<SecretString>,
    /// `state`, `nonce`, code verifier and whatever else is to be like nothing before.
    pub random: String,
}

impl<'a> Texts<'a> {
    /// Texts for one request.
    #[must_use]
    pub fn new(client_id: &'a str, redirect_uri: &'a str) -> Self {
        Self {
            client_id,
            redirect_uri,
            code: None,
            token: None,
            random: openid::random(),
        }
    }

    /// The parameters that a row sends by a flow, in their order.
    #[must_use]
    pub fn parameters(&self, row: &Row, flow: Flow) -> Vec<(String, String)> {
        let file = rows::file(row.to());
        let of_code = match flow {
            Flow::Code => file.code_parameters.as_slice(),
            Flow::Implicit => &[],
        };
        let mut parameters = [file.parameters.as_slice(), of_code].concat();
        parameters.retain(|(name, _)| !row.remove.contains(name));
        for (name, value) in &row.set {
            let mut known = parameters.iter_mut();
            match known.find(|(known, _)| known == name) {
                Some((_, known)) => known.clone_from(value),
                None => parameters.push((name.clone(), value.clone())),
            }
        }
        parameters.extend(row.add.iter().cloned());
        self.filled(&parameters, flow)
    }

    /// Parameters with their texts filled in.
    #[must_use]
    pub fn filled(&self, parameters: &[(String, String)], flow: Flow) -> Vec<(String, String)> {
        let value = |name: &str| self.value(name, flow);
        let filled = |(name, text): &(String, String)| (name.clone(), template::fill(text, &value));
        parameters.iter().map(filled).collect()
    }

    fn value(&self, name: &str, flow: Flow) -> Option<String> {
        if let Some((text, times)) = name.split_once('*') {
            return Some(text.repeat(times.parse().ok()?));
        }
        if let Some(part) = name.strip_prefix("redirect.") {
            return self.part(part);
        }
        match name {
            "client" => Some(self.client_id.to_owned()),
            "redirect-uri" => Some(self.redirect_uri.to_owned()),
            "response-type" => Some(flow.response_types().join(" ")),
            "random" => Some(self.random.clone()),
            "code" => Some(self.code.as_ref()?.0.expose_secret().to_owned()),
            "challenge-of-verifier" => {
                let (_, verifier) = self.code.as_ref()?;
                let hash = Sha256::digest(verifier.as_ref()?.expose_secret());
                Some(URL_SAFE_NO_PAD.encode(hash))
            }
            "verifier" => Some(self.code.as_ref()?.1.as_ref()?.expose_secret().to_owned()),
            "token" => Some(self.token.as_ref()?.expose_secret().to_owned()),
            "markup" => Some(format!("</script><i id={}>", self.random)),
            "request-object" => Some(self.request_object()),
            "challenge" => Some(URL_SAFE_NO_PAD.encode(Sha256::digest(&self.random))),
            _ => None,
        }
    }

    /// A request object that nobody signed, with another redirect URI in it (RFC 9101 section 4).
    fn request_object(&self) -> String {
        let header = json!({ "alg": "none" });
        let claims = json!({
            "client_id": self.client_id,
            "redirect_uri": format!("https://{ANOTHER_HOST}/{}", self.random),
            "response_type": "code",
        });
        let parts = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        format!("{}.", parts.join("."))
    }

    /// A part of the redirect URI, or what might stand in its place.
    fn part(&self, name: &str) -> Option<String> {
        let url = Url::parse(self.redirect_uri).ok()?;
        let host = url.host_str()?;
        let port = url.port();
        let with_port = |host: &str| match port {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let (scheme, other_scheme) = match url.scheme() {
            "https" => ("https", "http"),
            scheme => (scheme, "https"),
        };
        match name {
            "scheme" => Some(scheme.to_owned()),
            "other-scheme" => Some(other_scheme.to_owned()),
            "host" => Some(host.to_owned()),
            "authority" => Some(with_port(host)),
            "authority-with-a-dot" => Some(with_port(&format!("{host}."))),
            "authority-by-another-name" => Some(with_port(match host {
                "localhost" => "127.0.0.1",
                _ => "localhost",
            })),
            "authority-in-capitals" => Some(with_port(&host.to_ascii_uppercase())),
            "other-port" => Some(port.map_or(8443, |port| port ^ 1).to_string()),
            "path" => Some(url.path().to_owned()),
            "path-encoded" => {
                let path = url.path();
                let last = path.bytes().last()?;
                Some(format!("{}%{last:02x}", &path[..path.len() - 1]))
            }
            "path-in-capitals" => Some(url.path().to_ascii_uppercase()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::protocol;
    use super::*;

    const URI: &str = "http://localhost:8080/authorization-code/callback";

    fn texts() -> Texts<'static> {
        let code = SecretString::from("code");
        Texts {
            code: Some((code, Some("verifier".into()))),
            token: Some(SecretString::from("token")),
            ..Texts::new("0oa1", URI)
        }
    }

    fn sent(id: &str, name: &str) -> Vec<String> {
        let row = protocol().find(|row| row.id == id).expect("a row");
        let parameters = texts().parameters(row, Flow::Implicit).into_iter();
        let named = parameters.filter(|(known, _)| known == name);
        named.map(|(_, value)| value).collect()
    }

    /// A name that nobody knows would be sent as it stands.
    #[test]
    fn every_text_of_every_row_is_filled_in() {
        for row in protocol() {
            for flow in Flow::ALL {
                let texts = texts();
                let more = [&row.query, &row.headers].map(|named| texts.filled(named, flow));
                let sent = more.into_iter().flatten();
                for (name, value) in texts.parameters(row, flow).into_iter().chain(sent) {
                    assert!(!value.contains('{'), "{}: {name}={value}", row.id);
                }
            }
        }
    }

    #[test]
    fn a_row_changes_what_it_says_and_nothing_else() {
        let other = sent("a_redirect_uri_at_another_host_is_refused", "redirect_uri");
        assert_eq!(
            other,
            ["http://elsewhere.example/authorization-code/callback"]
        );
        let own = sent(
            "a_silent_request_without_a_session_is_refused",
            "redirect_uri",
        );
        assert_eq!(own, [URI]);
        let twice = sent("a_second_redirect_uri_is_refused", "redirect_uri");
        assert_eq!(twice.len(), 2);
        assert_eq!(
            sent("a_request_without_client_is_refused", "client_id").len(),
            0
        );
    }
}
