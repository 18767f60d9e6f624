//! A row of `fixtures/hostile-requests/`: what is sent, and what must not come of it.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use serde::Deserialize;

use super::catalog;
use super::credential::{Change, Credential, Lie, Put, TokenOf};
use super::template;
use crate::config::Profile;
use crate::model::Probe;
use crate::severity::Severity;

/// What is sent to an endpoint of the API, anyone who's token it is made of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What trials call it, with `_` for spaces; no other case has it.
    pub id: String,
    /// What is sent, in words.
    pub sends: String,
    /// The status that a correct API answers.
    pub expects: String,
    /// Where it is written that it must be refused.
    pub norm: String,
    /// How much a breach weighs.
    pub severity: Severity,
    /// What one must hold to send it.
    pub key_class: KeyClass,
    /// The smallest profile that sends it.
    #[serde(default)]
    pub profile: Profile,
    /// Whether it is sent to every endpoint; the others, to one of each scope.
    #[serde(default)]
    pub core: bool,
    /// What a token that an org signs could show as well, in a word: without a key, that is not
    /// configured.
    #[serde(default)]
    pub probe: Option<String>,
    /// Whose token it is made of.
    #[serde(default)]
    pub holder: Holder,
    /// What is presented; none: nothing.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// How it is sent.
    #[serde(default)]
    pub request: Request,
    /// What must not come back, where that is no endpoint's data.
    #[serde(default)]
    pub forbids: Option<Forbidden>,
    /// At least so many seconds longer takes an API that does what is sent.
    #[serde(default)]
    pub sleeps: Option<u64>,
    /// Whether it is measured beside it how long past its expiry a token is let in.
    #[serde(default)]
    pub measures_leeway: bool,
    /// What a good token has to do with it.
    #[serde(default)]
    pub beside_good: Option<BesideGood>,
    /// Whether a server may rightly wait for more of it: then no answer is no finding.
    #[serde(default)]
    pub may_be_waited_for: bool,
    #[serde(default)]
    after: Option<String>,
    #[serde(skip)]
    pub(super) place: usize,
}

/// What one must hold to send a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum KeyClass {
    /// No key: anybody can send it, or anyone who has seen any token.
    K0,
    /// Genuine tokens.
    K1,
    /// The key that the issuer signs with, or another that the API trusts.
    K2,
}

/// Whose token a credential is made of.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holder {
    /// Somebody's who may read the endpoint.
    #[default]
    Reader,
    /// A token that lacks the endpoint's scope, and is good for another where there is one.
    Outsider,
    /// A reader's, of a probe: its scope begins like the endpoint's, and is not that.
    NearScope,
    /// A reader's, of a probe: it is good for the endpoint, and sent after it has expired.
    ShortLived,
    /// A reader's, of a probe: another authorization server of the org signed it.
    OtherIssuer,
    /// The same, for another audience.
    OtherAudience,
}

impl Holder {
    /// Which token the org must have been made to sign; none: it is a token for the API.
    #[must_use]
    pub fn probe(self) -> Option<Probe> {
        match self {
            Self::Reader | Self::Outsider => None,
            Self::NearScope => Some(Probe::NearScope),
            Self::ShortLived => Some(Probe::ShortLived),
            Self::OtherIssuer => Some(Probe::OtherIssuer),
            Self::OtherAudience => Some(Probe::OtherAudience),
        }
    }

    /// Whether the org must have been made to sign such a token.
    #[must_use]
    pub fn is_probe(self) -> bool {
        self.probe().is_some()
    }
}

/// A good token that is sent with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BesideGood {
    /// Right before, on the same connection.
    OnTheConnection,
    /// At the same time, on connections of their own, a few times.
    AtTheTime,
    /// Right before, at the very target of the request, whatever comes of it.
    AtTheTarget,
    /// It is the token itself: it was let in shortly before it ended, and is sent again after.
    /// `{now}` is then when the API lets it in no more.
    WhileItLasted,
    /// The cookies of the answer to it go with the request: a reader's at the endpoint itself, an
    /// outsider's at another one, which it is good for.
    WithItsCookies,
}

/// How a request is sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Request {
    /// Request line and headers as they are sent, in place of all the rest.
    pub head: Option<String>,
    /// The method; none: the endpoint's own.
    pub method: Option<String>,
    /// What stands in the request line; none: the endpoint.
    pub target: Option<String>,
    /// Headers in their order; a name may come again.
    pub headers: Vec<(String, String)>,
    /// Headers that every other request has, and this one has not.
    pub without: Vec<String>,
    /// The body, for which `Content-Length` is sent.
    pub body: Option<String>,
}

/// What an answer must not say in its headers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forbidden {
    /// What must not be there.
    pub says: Header,
    /// Where this is there too; none: anywhere.
    #[serde(default)]
    pub beside: Option<Header>,
    /// Unless this is there too.
    #[serde(default)]
    pub unless: Option<Header>,
    /// The one next step, where it is there.
    pub advice: String,
}

/// A header of an answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Its name.
    pub header: String,
    /// An item of its value, up to a `=`; capital letters make no difference. A template.
    pub value: String,
}

/// What a client says of the answer that it would like.
const FORMS: [&str; 10] = [
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Cache-Control",
    "Content-Type",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "Pragma",
    "Range",
];

impl Request {
    /// Whether it is the endpoint's own request, with nothing more to it.
    fn is_plain(&self) -> bool {
        self.method.is_none()
            && self.head.is_none()
            && self.target.is_none()
            && self.headers.is_empty()
            && self.without.is_empty()
            && self.body.is_none()
    }

    /// Whether it has an `Authorization` field.
    #[must_use]
    pub fn has_authorization(&self) -> bool {
        let mut names = self.headers.iter().map(|(name, _)| name);
        names.any(|name| name.eq_ignore_ascii_case("authorization"))
    }

    /// Whether it does not say what kind of client sends it.
    #[must_use]
    pub fn names_no_client(&self) -> bool {
        let is_it = |name: &String| name.eq_ignore_ascii_case("user-agent");
        let mut headers = self.headers.iter();
        self.without.iter().any(is_it)
            || headers.any(|(name, value)| is_it(name) && value.is_empty())
    }

    /// Whether an answer to it may be about something else than the endpoint, so that success alone
    /// says nothing: at another path, host or method, or where the query names another path. With
    /// more in the query, by an older version of HTTP or with other headers it is the endpoint's.
    #[must_use]
    pub fn may_be_elsewhere(&self) -> bool {
        let is_other = |method: &String| method != "HEAD";
        let is_other_target = self.target.is_some() && !self.adds_to_the_query();
        let is_other_head = |head: &String| {
            !(head.starts_with("GET {base}{path} ") && head.contains("\nHost: {host}"))
        };
        is_other_target
            || self.head.as_ref().is_some_and(is_other_head)
            || self.names_another_host()
            || self.leads_away()
            || self.method.as_ref().is_some_and(is_other)
    }

    /// Whether nothing changes by it, however often it is sent.
    #[must_use]
    pub fn may_be_repeated(&self) -> bool {
        let is_safe = |method: &String| matches!(method.as_str(), "HEAD" | "OPTIONS");
        self.method.as_ref().is_none_or(is_safe) && self.body.is_none()
    }

    /// Whether it goes to another host at the same address, where another site may be.
    #[must_use]
    pub fn names_another_host(&self) -> bool {
        let mut names = self.headers.iter().map(|(name, _)| name);
        names.any(|name| name.eq_ignore_ascii_case("host"))
    }

    /// Whether the query behind the endpoint's path names another one, which some programs serve in
    /// its place.
    #[must_use]
    pub fn leads_away(&self) -> bool {
        let target = self.target.as_deref().unwrap_or_default();
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let mut values = query.split('&');
        self.adds_to_the_query()
            && (template::names(query, "other") || values.any(|value| value.ends_with("=/")))
    }

    /// Whether it goes to the endpoint's own path, with something behind it in the query.
    #[must_use]
    pub fn adds_to_the_query(&self) -> bool {
        let target = self.target.as_deref().unwrap_or_default();
        target.starts_with("{base}{path}?")
    }

    /// Whether it asks for the same in another form, in a part, or only where it has changed, and
    /// for nothing else (RFC 9110 sections 12.5, 13.1 and 14.2, RFC 9111 section 5.2).
    #[must_use]
    pub fn asks_for_another_form(&self) -> bool {
        let mut names = self.headers.iter().map(|(name, _)| name.as_str());
        let is_of_form = |name: &str| FORMS.iter().any(|known| known.eq_ignore_ascii_case(name));
        self.target.is_none() && !self.headers.is_empty() && names.all(is_of_form)
    }

    /// Whether it asks for a page, as a browser does.
    #[must_use]
    pub fn asks_for_a_page(&self) -> bool {
        let mut headers = self.headers.iter();
        headers.any(|(name, value)| {
            name.eq_ignore_ascii_case("accept") && value.starts_with("text/html")
        })
    }

    /// Whether the query names the endpoint, or a part of its data, at another address.
    #[must_use]
    pub fn asks_in_the_query(&self) -> bool {
        let target = self.target.as_deref().unwrap_or_default();
        let query = target.split_once('?').map_or("", |(_, query)| query);
        !self.adds_to_the_query() && (template::names(query, "path") || query.contains("=*"))
    }

    pub(super) fn templates(&self) -> impl Iterator<Item = &str> {
        let headers = self.headers.iter();
        let headers = headers.flat_map(|(name, value)| [name.as_str(), value.as_str()]);
        let rest = [&self.head, &self.target, &self.body];
        headers.chain(rest.into_iter().flatten().map(String::as_str))
    }
}

impl Case {
    /// Whether a token that an authorization gave is needed.
    #[must_use]
    pub fn needs_token(&self) -> bool {
        let token = self.credential.as_ref().map(|credential| &credential.token);
        token.is_some_and(TokenOf::is_genuine)
    }

    /// Whether the keys of the issuer are needed.
    #[must_use]
    pub fn needs_keys(&self) -> bool {
        self.credential.as_ref().is_some_and(Credential::reads_keys)
    }

    /// Whether it names another endpoint, which there must be.
    #[must_use]
    pub fn needs_another_endpoint(&self) -> bool {
        self.brings_cookies_of_another() || self.texts().any(|text| template::names(&text, "other"))
    }

    /// Whether the cookies that it brings are those of another endpoint.
    #[must_use]
    pub fn brings_cookies_of_another(&self) -> bool {
        self.holder == Holder::Outsider && self.beside_good == Some(BesideGood::WithItsCookies)
    }

    /// Whether it names an address of the suite's own, which the API must be able to reach.
    #[must_use]
    pub fn needs_listener(&self) -> bool {
        self.texts().any(|text| template::names(&text, "listener"))
    }

    /// Whether it is right where no scope is needed: the issuer's own signature is under a token
    /// whose scopes alone are another.
    #[must_use]
    pub fn is_about_scopes(&self) -> bool {
        let credential = self.credential.as_ref();
        credential.is_some_and(|made| made.is_signed_by_the_issuer() && made.changes_scopes())
    }

    /// Whether nothing is presented that a verifier could have taken.
    #[must_use]
    pub fn is_nobodys(&self) -> bool {
        self.credential.is_none() || self.presents_a_text() || self.is_forged()
    }

    /// Whether an access token is presented as it is meant to be.
    #[must_use]
    pub fn is_rightful(&self) -> bool {
        self.request.is_plain()
            && !self.holder.is_probe()
            && self.credential.as_ref().is_some_and(|credential| {
                credential.token == TokenOf::Access
                    && credential.recipe.is_empty()
                    && credential.put == Put::Header
            })
    }

    /// Whether it is sent behind the access matrix.
    #[must_use]
    pub fn is_hostile(&self) -> bool {
        self.place >= catalog::family(catalog::ACCESS).len()
    }

    /// Whether it presents what is no token at all.
    #[must_use]
    pub fn presents_a_text(&self) -> bool {
        let credential = self.credential.as_ref();
        credential.is_some_and(|made| matches!(made.token, TokenOf::Text(_)))
    }

    /// Whether it tries to get by without the endpoint's scope, be its token ever so good.
    #[must_use]
    pub fn lacks_the_scope(&self) -> bool {
        let recipe = self
            .credential
            .as_ref()
            .map(|credential| &credential.recipe);
        let changes_scopes = recipe.is_some_and(|recipe| recipe.iter().any(Change::is_of_scopes));
        matches!(self.holder, Holder::Outsider | Holder::NearScope) || changes_scopes
    }

    /// What of the token that it presents is wrong; none: it is an access token as it is.
    #[must_use]
    pub fn lie(&self) -> Option<Lie> {
        match self.holder.probe() {
            None => self.credential.as_ref().and_then(Credential::lie),
            Some(Probe::NearScope) => Some(Lie::Scopes),
            Some(Probe::ShortLived) => Some(Lie::Time),
            Some(Probe::OtherIssuer) => Some(Lie::Issuer),
            Some(Probe::OtherAudience) => Some(Lie::Audience),
        }
    }

    /// Whether anyone who verifies no signature takes its token: it is signed by somebody else, or
    /// nothing but header and signature are wrong.
    #[must_use]
    pub fn is_forged(&self) -> bool {
        let credential = self.credential.as_ref();
        credential.is_some_and(|credential| {
            let recipe = &credential.recipe;
            let is_signed = credential.is_signed_by_the_issuer();
            let is_other = recipe.iter().any(Change::is_of_claims);
            !(recipe.is_empty() || is_signed && is_other)
        })
    }

    /// Whether it is many requests at once, of which a limit may refuse some.
    #[must_use]
    pub fn is_many(&self) -> bool {
        self.beside_good == Some(BesideGood::AtTheTime)
    }

    /// Whether it is sent right behind a request that was answered rightly.
    #[must_use]
    pub fn follows_a_good_answer(&self) -> bool {
        self.after.is_some() || self.beside_good.is_some()
    }

    /// Whether two tokens are presented: the genuine one, and one made of it.
    #[must_use]
    pub fn presents_two(&self) -> bool {
        let names = |name| {
            let mut templates = self.request.templates();
            templates.any(|template| template::names(template, name))
        };
        names("token") && names("genuine")
    }

    pub(super) fn after(&self) -> Option<&'static Self> {
        self.after.as_deref().map(catalog::case)
    }
}

/// A case is what it is by its place in the files.
impl PartialEq for Case {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl Eq for Case {}

impl PartialOrd for Case {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Case {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place.cmp(&other.place)
    }
}

impl Hash for Case {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.place.hash(state);
    }
}
