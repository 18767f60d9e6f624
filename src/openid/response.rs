//! What came back: the redirect's parameters, and the token endpoint's answer.

use std::collections::BTreeSet;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use url::Url;

use super::{read_last, repeated_member};

/// Parameters of a query or a fragment, in their order; values are secret until looked at.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    pairs: Vec<(String, SecretString)>,
    unread: usize,
}

/// The parameters of an answer, by where they stood.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// In a form that a page posts by itself.
    pub form: Parameters,
    /// After `#`.
    pub fragment: Parameters,
    /// In a message to the page of the client (`response_mode=okta_post_message`).
    pub message: Parameters,
    /// The origin that the message is for, as its page names it.
    pub message_is_for: Option<String>,
    /// After `?`, without those that the redirect URI has itself.
    pub query: Parameters,
}

/// What a redirect calls the tokens in it.
pub const TOKENS: [&str; 3] = ["access_token", "id_token", "refresh_token"];
/// No redirect has more parameters than this that mean something.
const MOST_PARAMETERS: usize = 1_000;
/// Of a parameter that is no token, no more characters are read: it is a text for people.
const LONGEST_TEXT: usize = 40_000;

/// What begins a fragment in which a message to the page of the client is shown, and for whom.
pub const MESSAGED: &str = "okta-e2e-message";
/// What begins a fragment in which the fields of a form are shown that a browser posted.
pub const POSTED: &str = "okta-e2e-posted";

/// A path up to an encoded `#` or `?`, and what follows that.
#[must_use]
pub fn split_encoded(path: &str) -> (&str, Option<&str>) {
    let signs = ["%23", "%3F", "%3f"];
    let at = signs.iter().filter_map(|sign| path.find(sign)).min();
    let parts = at.and_then(|at| Some((path.get(..at)?, path.get(at + 3..)?)));
    parts.map_or((path, None), |(before, behind)| (before, Some(behind)))
}

impl Parameters {
    fn parse(text: Option<&str>) -> Self {
        let mut all = url::form_urlencoded::parse(text.unwrap_or_default().as_bytes());
        let pairs = all.by_ref().take(MOST_PARAMETERS).map(|(name, value)| {
            let is_token = name.ends_with("_token") || name == "code";
            let most = if is_token { value.len() } else { LONGEST_TEXT };
            let value: String = value.chars().take(most).collect();
            (name.into_owned(), SecretString::from(value))
        });
        Self {
            pairs: pairs.collect(),
            unread: all.count(),
        }
    }

    /// The value of a parameter; of one that is there twice, the first.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.secret(name).map(secrecy::ExposeSecret::expose_secret)
    }

    /// The value of a parameter, still secret.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&SecretString> {
        self.pairs
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value)
    }

    /// What it brings of tokens and codes, by their names.
    #[must_use]
    pub fn brings(&self) -> BTreeSet<&'static str> {
        let names = TOKENS.into_iter().chain(["code"]);
        names.filter(|name| self.get(name).is_some()).collect()
    }

    /// How many more there are than are read.
    #[must_use]
    pub const fn unread(&self) -> usize {
        self.unread
    }

    /// The first name that is there twice, of which one client takes the first and another the last
    /// (RFC 6749 section 3.1).
    #[must_use]
    pub fn repeated(&self) -> Option<&str> {
        let mut seen = BTreeSet::new();
        let mut names = self.pairs.iter().map(|(name, _)| name.as_str());
        names.find(|name| !seen.insert(*name))
    }

    /// The names, in their order.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.pairs.iter().map(|(name, _)| name.as_str()).collect()
    }
}

impl Response {
    /// Takes a redirect apart.
    #[must_use]
    pub fn parse(redirect_uri: &Url, landed: &Url) -> Self {
        let own: Vec<(String, String)> = redirect_uri.query_pairs().into_owned().collect();
        let mut query = Parameters::parse(landed.query());
        query.pairs.retain(|(name, value)| {
            !own.iter()
                .any(|(mine, text)| mine == name && text == value.expose_secret())
        });
        let fragment = landed.fragment().unwrap_or_default();
        let form = fragment.strip_prefix(POSTED);
        let message = fragment.strip_prefix(MESSAGED);
        let is_own = form.is_none() && message.is_none();
        let mut message = Parameters::parse(message);
        let is_for = message.pairs.extract_if(.., |(name, _)| name.is_empty());
        let is_for = is_for.map(|(_, target)| target.expose_secret().to_owned());
        Self {
            message_is_for: is_for.last(),
            fragment: Parameters::parse(is_own.then_some(fragment)),
            query,
            form: Parameters::parse(form),
            message,
        }
    }

    /// Takes an address apart that is not the redirect URI: what stands before an answer may be
    /// encoded there (`%23` for `#`), so that the answer is in its path.
    #[must_use]
    pub fn parse_misplaced(redirect_uri: &Url, landed: &Url) -> Self {
        let response = Self::parse(redirect_uri, landed);
        let (_, encoded) = split_encoded(landed.path());
        let is_told = response.handed_out().is_some() || response.error().is_some();
        match encoded.filter(|_| !is_told) {
            Some(encoded) => Self {
                fragment: Parameters::parse(Some(encoded)),
                ..response
            },
            None => response,
        }
    }

    /// Takes the fields of a form for an answer, with what its address says beside them.
    #[must_use]
    pub fn posted(self, fields: Vec<(String, String)>) -> Self {
        let pairs = fields.into_iter().take(MOST_PARAMETERS);
        let pairs = pairs.map(|(name, value)| (name, SecretString::from(value)));
        let form = Parameters {
            pairs: pairs.collect(),
            unread: 0,
        };
        Self { form, ..self }
    }

    /// Wherever something may have stood.
    #[must_use]
    pub const fn parts(&self) -> [&Parameters; 4] {
        [&self.fragment, &self.query, &self.form, &self.message]
    }

    /// A parameter, wherever it stood.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.secret(name).map(secrecy::ExposeSecret::expose_secret)
    }

    /// The same, still secret.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&SecretString> {
        self.parts().into_iter().find_map(|part| part.secret(name))
    }

    /// Whether nothing is in it at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts().into_iter().all(|part| part.pairs.is_empty())
    }

    /// The first name that is twice in one of its parts.
    #[must_use]
    pub fn repeated(&self) -> Option<&str> {
        self.parts().into_iter().find_map(Parameters::repeated)
    }

    /// What it brings of tokens and codes, by their names.
    #[must_use]
    pub fn brings(&self) -> BTreeSet<&'static str> {
        self.parts()
            .into_iter()
            .flat_map(Parameters::brings)
            .collect()
    }

    /// What the answer hands out, be it complete or not.
    #[must_use]
    pub fn handed_out(&self) -> Option<&'static str> {
        self.token().or_else(|| self.get("code").map(|_| "code"))
    }

    /// The first token in it, by its name: of a code request, none may be there.
    #[must_use]
    pub fn token(&self) -> Option<&'static str> {
        let mut names = TOKENS.into_iter();
        names.find(|name| self.get(name).is_some())
    }

    /// `error` and `error_description`, when the answer is an error.
    #[must_use]
    pub fn error(&self) -> Option<(&str, &str)> {
        self.get("error")
            .map(|error| (error, self.get("error_description").unwrap_or_default()))
    }
}

/// A number or a text, as a text; anything else is nothing.
fn as_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text),
        _ => None,
    })
}

/// The scopes that a member names: between blanks in a text (RFC 6749 section 3.3), or in a list,
/// which some servers make of it.
#[must_use]
pub fn scopes_of(told: &Value) -> Option<Vec<&str>> {
    match told {
        Value::String(text) => Some(text.split_whitespace().collect()),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

/// The scopes of a text or a list, as the text that they make; anything else is nothing.
fn as_scope<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        told => scopes_of(&told).map(|scopes| scopes.join(" ")),
    })
}

/// What the token endpoint answered to a code, or to a refresh token.
#[derive(Debug, Clone, Deserialize)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: SecretString,
    /// The ID token, when `openid` was granted.
    #[serde(default)]
    pub id_token: Option<SecretString>,
    /// A refresh token, when `offline_access` was granted.
    #[serde(default)]
    pub refresh_token: Option<SecretString>,
    /// `Bearer`; RFC 6749 section 5.1 demands it, and not everybody sends it.
    #[serde(default)]
    pub token_type: Option<String>,
    /// In seconds, as it came: a number, or the text of one.
    #[serde(default, deserialize_with = "as_text")]
    pub expires_in: Option<String>,
    /// The granted scopes; a list of them is read as well (RFC 6749 section 5.1 has a text).
    #[serde(default, deserialize_with = "as_scope")]
    pub scope: Option<String>,
    /// A member that the answer has twice, of which the last one is here.
    #[serde(skip)]
    pub repeated: Option<String>,
}

impl TokenResponse {
    /// Reads the body of an answer.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(body: &str) -> serde_json::Result<Self> {
        Ok(Self {
            repeated: repeated_member(body.as_bytes()),
            ..read_last(body)?
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::fragment("#state=a&code=b", "state,code", "")]
    #[case::form("#okta-e2e-posted&state=a&code=b", "", "state,code")]
    fn a_form_is_told_from_a_fragment(
        #[case] behind: &str,
        #[case] fragment: &str,
        #[case] form: &str,
    ) {
        let own = Url::parse("http://localhost:8080/callback").expect("a URL");
        let landed = own.join(behind).expect("a URL");
        let response = Response::parse(&own, &landed);
        assert_eq!(response.fragment.names().join(","), fragment);
        assert_eq!(response.form.names().join(","), form);
        assert!(response.query.names().is_empty());
    }

    #[rstest]
    #[case::okta(
        r#"{"access_token":"a","token_type":"Bearer","expires_in":3600}"#,
        Some("Bearer"),
        Some("3600")
    )]
    #[case::a_text(
        r#"{"access_token":"a","token_type":"bearer","expires_in":"3600"}"#,
        Some("bearer"),
        Some("3600")
    )]
    #[case::no_type(r#"{"access_token":"a","expires_in":60}"#, None, Some("60"))]
    #[case::neither(r#"{"access_token":"a","expires_in":null}"#, None, None)]
    fn an_answer_is_read_as_it_came(
        #[case] body: &str,
        #[case] token_type: Option<&str>,
        #[case] expires_in: Option<&str>,
    ) {
        let read = TokenResponse::read(body).expect("an answer");
        assert_eq!(read.token_type.as_deref(), token_type);
        assert_eq!(read.expires_in.as_deref(), expires_in);
    }

    #[rstest]
    #[case::text(r#""openid a""#, Some("openid a"))]
    #[case::list(r#"["openid", "a"]"#, Some("openid a"))]
    #[case::mixed_list(r#"["openid", 7]"#, None)]
    #[case::null("null", None)]
    fn scopes_are_read_from_a_list_too(#[case] scope: &str, #[case] wanted: Option<&str>) {
        let body = format!(r#"{{"access_token":"a","scope":{scope}}}"#);
        let read = TokenResponse::read(&body).expect("an answer");
        assert_eq!(read.scope.as_deref(), wanted);
    }
}
