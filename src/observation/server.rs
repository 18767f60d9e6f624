//! What an endpoint of the authorization server answered, without anything secret.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::exchange::{Answer, At, Care, List, Part};

/// What an endpoint of the authorization server answered.
#[derive(Debug, Clone)]
pub struct ServerAnswer {
    /// The status.
    pub status: u16,
    /// Where it leads, if it is a redirect.
    pub redirect: Option<Redirected>,
    /// The error code in its JSON.
    pub error: Option<String>,
    /// The error code in its `WWW-Authenticate`; empty where the challenge has none.
    pub challenge: Option<String>,
    /// Whether it says that a token is not alive, and not a word more.
    pub is_inactive: bool,
    /// The tokens and codes that it brings, by their names.
    pub brings: BTreeSet<&'static str>,
    /// What it does not take care of.
    pub careless: Vec<Care>,
    /// What is wrong with it, whatever it says; in words.
    pub flaws: Vec<String>,
    /// What a success tells of a user or a token.
    pub tells: Option<Map<String, Value>>,
    /// In whose words it is, where it is a page for people at an endpoint for clients: a sentence.
    pub stranger: Option<String>,
}

/// A redirect.
#[derive(Debug, Clone)]
pub struct Redirected {
    /// Where it leads.
    pub lands: Lands,
    /// The same as it may be said.
    pub address: String,
    /// The error code in it.
    pub error: Option<String>,
    /// The part in which its error stands.
    pub part: Option<Part>,
    /// Whether the `state` that was sent is in it, byte for byte.
    pub has_state: bool,
    /// Whether nothing of the request goes with it, and nothing of an answer.
    pub is_bare: bool,
}

/// Where a redirect leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lands {
    /// To the redirect URI of the client, byte for byte.
    AtRedirectUri,
    /// To another one that the request named: this.
    AtSentUri(String),
    /// To another page of a trusted origin: the org goes on with the request.
    AtTheOrg,
    /// Anywhere else.
    Elsewhere,
}

impl ServerAnswer {
    /// An answer of which nothing but the status is known.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        Self {
            status,
            redirect: None,
            error: None,
            challenge: None,
            is_inactive: false,
            brings: BTreeSet::new(),
            careless: Vec::new(),
            flaws: Vec::new(),
            tells: None,
            stranger: None,
        }
    }

    /// Whether it is what a row says, and takes care of what it says.
    #[must_use]
    pub fn is(&self, wanted: &Answer) -> bool {
        self.is_as_such(wanted) && self.lacks(wanted).is_empty()
    }

    /// What it lacks of what a row says, where it is what the row says as such; in words.
    #[must_use]
    pub fn lacks(&self, wanted: &Answer) -> Vec<String> {
        let careless = wanted.cares.iter();
        let careless = careless.filter(|care| self.careless.contains(care));
        let lacking = careless.map(|care| care.lacking().to_owned());
        let lists = wanted.lists.iter();
        let lacking = lacking.chain(lists.flat_map(|list| self.lacks_of(list)));
        lacking.chain(self.flaws.iter().cloned()).collect()
    }

    /// What is wrong with a list in its JSON.
    fn lacks_of(&self, list: &List) -> Vec<String> {
        let told = self.tells.as_ref().and_then(|told| told.get(&list.of));
        let Some(told) = told.filter(|told| !told.is_null()) else {
            let missing = list.is_owed.then(|| format!("`{}` is not there", list.of));
            return missing.into_iter().collect();
        };
        let Some(told) = told.as_array() else {
            return vec![format!("`{}` is no list", list.of)];
        };
        if list.is_owed && told.is_empty() {
            return vec![format!("`{}` is empty", list.of)];
        }
        let told: Vec<&str> = told.iter().filter_map(Value::as_str).collect();
        let missing = list
            .has
            .iter()
            .filter(|name| !told.contains(&name.as_str()));
        let missing = missing.map(|name| format!("`{}` lacks `{name}`", list.of));
        // Some readers take a word in capitals for the same.
        let has = |name: &&String| told.iter().any(|told| told.eq_ignore_ascii_case(name));
        let extra = list.lacks.iter().filter(has);
        missing
            .chain(extra.map(|name| format!("`{}` has `{name}`", list.of)))
            .collect()
    }

    /// Whether it is what a row says, whatever it takes care of.
    #[must_use]
    pub fn is_as_such(&self, wanted: &Answer) -> bool {
        let has_status = wanted.status.is_empty() || wanted.status.contains(&self.status);
        let is_error = |code: Option<&str>| {
            let mut errors = wanted.errors.iter();
            wanted.errors.is_empty() || errors.any(|error| Some(error.as_str()) == code)
        };
        let is_there = match wanted.at {
            At::RedirectUri => self
                .redirect
                .as_ref()
                .is_some_and(|redirect| redirect.is(wanted) && is_error(redirect.error.as_deref())),
            At::Granted => self
                .redirect
                .as_ref()
                .is_some_and(|redirect| redirect.is(wanted) && redirect.error.is_none()),
            At::Page => self.redirect.is_none() && self.is_refusal(),
            At::Body => self.is_refusal() && is_error(self.error.as_deref()),
            At::Challenge => {
                self.is_refusal() && self.challenge.is_some() && is_error(self.challenge.as_deref())
            }
            At::Success => self.is_success() && self.redirect.is_none(),
            At::Org => self.is_success() || self.leads_to_the_org(),
            At::Inactive => self.is_success() && self.is_inactive,
        };
        has_status && is_there && self.brings_what(wanted)
    }

    fn brings_what(&self, wanted: &Answer) -> bool {
        if wanted.brings.is_empty() {
            return wanted.at != At::Granted || !self.brings.is_empty();
        }
        let mut named = wanted.brings.iter();
        wanted.brings.len() == self.brings.len()
            && named.all(|name| self.brings.contains(name.as_str()))
    }

    /// Whether it sends the browser to another page of the org.
    #[must_use]
    pub fn leads_to_the_org(&self) -> bool {
        let redirect = self.redirect.as_ref();
        redirect.is_some_and(|redirect| redirect.lands == Lands::AtTheOrg)
    }

    /// Whether it is a success: 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether it is a refusal in itself: 4xx.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        (400..500).contains(&self.status)
    }

    /// For sentences: ``302 to the redirect URI with `login_required` ``.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = self.status.to_string();
        if let Some(redirect) = &self.redirect {
            words.push_str(&redirect.words());
        }
        if !self.brings.is_empty() {
            let names: Vec<String> = self.brings.iter().map(|name| format!("`{name}`")).collect();
            let _ = write!(words, ", which brings {}", names.join(" and "));
        }
        let errors = [&self.error, &self.challenge].into_iter().flatten();
        for error in errors.filter(|error| !error.is_empty()) {
            let _ = write!(words, " `{error}`");
        }
        words
    }
}

impl Redirected {
    fn is(&self, wanted: &Answer) -> bool {
        let is_part = wanted.part.is_none() || wanted.part == self.part;
        self.lands == Lands::AtRedirectUri && is_part && (self.has_state || !wanted.echoes_state)
    }

    fn words(&self) -> String {
        let to = match &self.lands {
            Lands::AtRedirectUri => "to the redirect URI".to_owned(),
            Lands::AtSentUri(uri) => format!("to the redirect URI that was sent, `{uri}`"),
            Lands::AtTheOrg | Lands::Elsewhere => format!("to {}", self.address),
        };
        let part = self.part.map_or("", Part::words);
        let error = self.error.as_deref();
        let error = error.map_or_else(|| part.to_owned(), |error| format!(" with `{error}`{part}"));
        let state = if self.has_state {
            ""
        } else {
            ", without the `state` that was sent"
        };
        format!(", {to}{error}{state}")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn redirected(lands: Lands, error: &str, part: Part, has_state: bool) -> ServerAnswer {
        ServerAnswer {
            redirect: Some(Redirected {
                lands,
                address: "`https://elsewhere.example/`".to_owned(),
                error: Some(error.to_owned()),
                part: Some(part),
                has_state,
                is_bare: false,
            }),
            ..ServerAnswer::of_status(302)
        }
    }

    fn plain(status: u16, error: Option<&str>) -> ServerAnswer {
        ServerAnswer {
            error: error.map(str::to_owned),
            ..ServerAnswer::of_status(status)
        }
    }

    fn sent() -> Lands {
        Lands::AtSentUri("https://elsewhere.example/".to_owned())
    }

    const SILENT: &str = "at = 'redirect-uri'\nerrors = ['login_required']";
    const EVERYTHING: &str = "at = 'redirect-uri'\nerrors = ['login_required']\n\
                              part = 'fragment'\nechoes-state = true\nstatus = [302]";

    #[rstest]
    #[case::as_wanted(
        SILENT,
        redirected(Lands::AtRedirectUri, "login_required", Part::Query, false),
        true
    )]
    #[case::another_error(
        SILENT,
        redirected(Lands::AtRedirectUri, "invalid_scope", Part::Query, true),
        false
    )]
    #[case::sent(SILENT, redirected(sent(), "login_required", Part::Query, true), false)]
    #[case::elsewhere(
        SILENT,
        redirected(Lands::Elsewhere, "login_required", Part::Query, true),
        false
    )]
    #[case::at_the_org(
        SILENT,
        redirected(Lands::AtTheOrg, "login_required", Part::Query, true),
        false
    )]
    #[case::a_page(SILENT, plain(400, Some("login_required")), false)]
    #[case::whole(
        EVERYTHING,
        redirected(Lands::AtRedirectUri, "login_required", Part::Fragment, true),
        true
    )]
    #[case::another_part(
        EVERYTHING,
        redirected(Lands::AtRedirectUri, "login_required", Part::Query, true),
        false
    )]
    #[case::no_state(
        EVERYTHING,
        redirected(Lands::AtRedirectUri, "login_required", Part::Fragment, false),
        false
    )]
    #[case::page("at = 'page'", plain(400, None), true)]
    #[case::a_good_page("at = 'page'", plain(200, None), false)]
    #[case::a_broken_page("at = 'page'", plain(500, None), false)]
    #[case::a_redirect(
        "at = 'page'",
        redirected(Lands::AtRedirectUri, "invalid_request", Part::Query, true),
        false
    )]
    #[case::body(
        "at = 'body'\nerrors = ['invalid_client']\nstatus = [401]",
        plain(401, Some("invalid_client")),
        true
    )]
    #[case::another_status(
        "at = 'body'\nstatus = [401]",
        plain(400, Some("invalid_client")),
        false
    )]
    #[case::given("at = 'body'", plain(200, None), false)]
    fn an_answer_is_what_a_row_says_or_not(
        #[case] wanted: &str,
        #[case] answer: ServerAnswer,
        #[case] is: bool,
    ) {
        let wanted: Answer = toml::from_str(wanted).expect("an answer");
        assert_eq!(
            answer.is(&wanted),
            is,
            "{} for {}",
            answer.words(),
            wanted.words()
        );
    }

    #[rstest]
    #[case::as_wanted(&["access_token", "id_token"], true)]
    #[case::one_missing(&["access_token"], false)]
    #[case::one_more(&["access_token", "code", "id_token"], false)]
    #[case::nothing(&[], false)]
    fn what_is_brought_is_what_was_asked_for(#[case] brings: &[&'static str], #[case] is: bool) {
        let wanted = "at = 'granted'\nbrings = ['access_token', 'id_token']";
        let wanted: Answer = toml::from_str(wanted).expect("an answer");
        let answer = redirected(Lands::AtRedirectUri, "none", Part::Fragment, true);
        let redirect = answer.redirect.map(|redirect| Redirected {
            error: None,
            ..redirect
        });
        let answer = ServerAnswer {
            brings: brings.iter().copied().collect(),
            redirect,
            ..ServerAnswer::of_status(302)
        };
        assert_eq!(answer.is(&wanted), is);
    }

    #[rstest]
    #[case::as_wanted(r#"["S256"]"#, &[])]
    #[case::another(r#"["plain", "S256"]"#, &["`methods` has `plain`"])]
    #[case::none(r#"["other"]"#, &["`methods` lacks `S256`"])]
    #[case::in_capitals(r#"["S256", "Plain"]"#, &["`methods` has `plain`"])]
    #[case::a_text(r#""S256""#, &["`methods` is no list"])]
    #[case::nothing("null", &[])]
    fn a_list_has_and_lacks_what_it_must(#[case] told: &str, #[case] lacks: &[&str]) {
        let wanted =
            "at = 'success'\nlists = [{ of = 'methods', has = ['S256'], lacks = ['plain'] }]";
        let wanted: Answer = toml::from_str(wanted).expect("an answer");
        let told: Value = serde_json::from_str(told).expect("JSON");
        let answer = ServerAnswer {
            tells: Some(Map::from_iter([("methods".to_owned(), told)])),
            ..ServerAnswer::of_status(200)
        };
        assert_eq!(answer.lacks(&wanted), lacks);
        assert_eq!(answer.is(&wanted), lacks.is_empty());
    }

    #[rstest]
    #[case::there(r#"["public"]"#, true)]
    #[case::empty("[]", false)]
    #[case::nothing("null", false)]
    #[case::a_text(r#""public""#, false)]
    fn a_list_that_is_owed_is_there(#[case] told: &str, #[case] is: bool) {
        let wanted = "at = 'success'\nlists = [{ of = 'types', is-owed = true }]";
        let wanted: Answer = toml::from_str(wanted).expect("an answer");
        let told: Value = serde_json::from_str(told).expect("JSON");
        let answer = ServerAnswer {
            tells: Some(Map::from_iter([("types".to_owned(), told)])),
            ..ServerAnswer::of_status(200)
        };
        assert_eq!(answer.is(&wanted), is);
    }
}
