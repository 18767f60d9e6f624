//! Which authorization request: who asks for what, by which flow, and in which words.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Flow, OFFLINE_ACCESS, Probe, ScopeRequest};
use crate::openid::{AskedPrompt, Pkce, RequestDetails};

/// Which request: who asks for what, by which flow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthorizationKey {
    /// The NAME of the test user.
    pub user: String,
    /// The scopes.
    pub request: ScopeRequest,
    /// The flow.
    pub flow: Flow,
    /// What else the request says; none: what the document's says.
    pub details: Option<Arc<RequestDetails>>,
}

/// What a request is called that asks for a token of a probe.
const PROBE: &str = "as a probe";

/// The response type of the hybrid flow without an access token.
const CODE_ID_TOKEN: &str = "code id_token";

/// What a request is called that is none of OpenID Connect.
const WITHOUT_OPENID: &str = "without openid";

/// How a request asks for a new sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anew {
    /// By `prompt=login`.
    PromptLogin,
    /// By `max_age=0`.
    MaxAgeZero,
}

impl AuthorizationKey {
    /// The document's request of a user for these scopes, by a flow.
    #[must_use]
    pub fn new(user: &str, request: &ScopeRequest, flow: Flow) -> Self {
        Self {
            user: user.to_owned(),
            request: request.clone(),
            flow,
            details: None,
        }
    }

    /// The same request in other words.
    #[must_use]
    pub fn saying(self, details: Arc<RequestDetails>) -> Self {
        Self {
            details: Some(details),
            ..self
        }
    }

    /// The same request, asking for a refresh token too.
    #[must_use]
    pub fn with_refresh_token(self) -> Self {
        let details = RequestDetails {
            name: OFFLINE_ACCESS.to_owned(),
            offline_access: true,
            ..RequestDetails::default()
        };
        self.saying(Arc::new(details))
    }

    /// The same request, asking for a new sign-in whatever session there is (OpenID Connect Core
    /// 3.1.2.1): the sign-in page is to come, and nothing is typed into it.
    #[must_use]
    pub fn asking_anew(self, by: Anew) -> Self {
        let (name, login, zero) = match by {
            Anew::PromptLogin => ("prompt=login", Some("login"), None),
            Anew::MaxAgeZero => ("max_age=0", None, Some("0")),
        };
        let prompt = login.map_or(AskedPrompt::Absent, |login| {
            AskedPrompt::Text(login.to_owned())
        });
        let more = zero.map(|zero| ("max_age".to_owned(), zero.to_owned()));
        let details = RequestDetails {
            name: name.to_owned(),
            prompt,
            more: more.into_iter().collect(),
            asks_anew: true,
            ..RequestDetails::default()
        };
        self.saying(Arc::new(details))
    }

    /// Whether it asks for a new sign-in by the age of the session.
    #[must_use]
    pub fn asks_anew_by_age(&self) -> bool {
        let details = self.details.as_ref();
        details.is_some_and(|it| it.asks_anew && it.prompt == AskedPrompt::Absent)
    }

    /// The same request for a code and the ID token that comes with it, without an access token
    /// (OpenID Connect Core 3.3).
    #[must_use]
    pub fn with_code(self) -> Self {
        let details = RequestDetails {
            name: CODE_ID_TOKEN.to_owned(),
            response_type: Some(CODE_ID_TOKEN.to_owned()),
            pkce: Pkce::S256,
            ..RequestDetails::default()
        };
        self.saying(Arc::new(details))
    }

    /// The same request without `openid`, and so without an ID token (OpenID Connect Core 3.1.2.1).
    #[must_use]
    pub fn without_openid(self) -> Self {
        let response_type = (self.flow == Flow::Implicit).then(|| "token".to_owned());
        let details = RequestDetails {
            name: WITHOUT_OPENID.to_owned(),
            response_type,
            without_openid: true,
            ..RequestDetails::default()
        };
        self.saying(Arc::new(details))
    }

    /// The request for a token that the API must refuse. It is made in a session that is there, and
    /// nothing is typed for it.
    #[must_use]
    pub fn probing(self, probe: Probe) -> Self {
        let details = RequestDetails {
            name: PROBE.to_owned(),
            probe: Some(probe),
            ..RequestDetails::default()
        };
        self.saying(Arc::new(details))
    }

    /// Which token it asks for that the API must refuse; none: one that is for the API.
    #[must_use]
    pub fn probe(&self) -> Option<Probe> {
        self.details.as_ref()?.probe
    }

    /// Whether it asks for a token that the API must refuse.
    #[must_use]
    pub fn is_probe(&self) -> bool {
        self.probe().is_some()
    }

    /// Whether it is about a session that must be there already: nothing is typed for it.
    #[must_use]
    pub fn needs_session(&self) -> bool {
        self.asks_anew() || self.is_probe()
    }

    /// The response type that is asked for, where it is another than its flow's.
    #[must_use]
    pub fn own_response_type(&self) -> Option<&str> {
        self.details.as_ref()?.response_type.as_deref()
    }

    /// Whether what the browser does with the answer counts.
    #[must_use]
    pub fn is_by_browser(&self) -> bool {
        let details = self.details.as_ref();
        details.is_some_and(|details| details.by_browser)
    }

    /// Whether it asks for a new sign-in, which is not made.
    #[must_use]
    pub fn asks_anew(&self) -> bool {
        let details = self.details.as_ref();
        details.is_some_and(|details| details.asks_anew)
    }

    /// Whether it lets no page open, whatever session there is, and leaves what it brings as it is:
    /// no browser is needed to see what it comes to.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        let details = self.details.as_ref();
        let none = AskedPrompt::Text("none".to_owned());
        let details = details.filter(|details| details.prompt == none && details.keeps_code);
        details.is_some() && !self.is_by_browser()
    }

    /// Whether it is made at the end of a run, in the session that the browser has left.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.details.as_ref().is_some_and(|details| details.is_late)
    }

    /// Whether it is more than an address that a browser is sent to.
    #[must_use]
    pub fn is_more_than_an_address(&self) -> bool {
        let details = self.details.as_ref();
        details.is_some_and(|details| details.is_more_than_an_address())
    }

    /// Whether a code that it brings is left as it is.
    #[must_use]
    pub fn keeps_code(&self) -> bool {
        let details = self.details.as_ref();
        details.is_some_and(|details| details.keeps_code)
    }

    /// Whether it asks for a refresh token.
    #[must_use]
    pub fn wants_refresh_token(&self) -> bool {
        let details = self.details.as_ref();
        details.is_some_and(|details| details.offline_access)
    }

    /// Every scope that is asked for.
    #[must_use]
    pub fn scopes(&self) -> BTreeSet<String> {
        let mut scopes = if self.wants_refresh_token() {
            self.request.with_offline_access()
        } else {
            self.request.with_openid()
        };
        if self.details.as_ref().is_some_and(|it| it.without_openid) {
            scopes.remove("openid");
        }
        scopes
    }

    /// For sentences: `SILVER asking silver by the implicit flow`.
    #[must_use]
    pub fn words(&self) -> String {
        format!(
            "{} asking {} by {}{}",
            self.user,
            self.request.words(),
            self.flow.words(),
            self.name(", ")
        )
    }

    /// For names of trials: `SILVER silver`.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("{} {}{}", self.user, self.request.words(), self.name(" "))
    }

    /// What tells the request from the document's, behind a separator.
    fn name(&self, separator: &str) -> String {
        let details = self.details.as_ref();
        details.map_or_else(String::new, |details| {
            format!("{separator}{}", details.name)
        })
    }
}
