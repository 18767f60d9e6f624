//! A visit of a browser: what it brings, and what comes of it, as values.
//!
//! Whoever decides what comes next need not know how that is done: [`crate::web`] does it.

use axum::http::HeaderMap;

use crate::error::OAuthError;
use crate::parameters::Parameters;
use crate::state::request::{AuthorizeRequest, ReturnTo};
use crate::state::sign_in::{Session, Stage};

/// What a browser brings to an address.
pub(crate) struct Visit {
    /// The authorization server in the path; empty where the address has none.
    pub(crate) server_id: String,
    pub(crate) headers: HeaderMap,
    /// The query of a GET, the form of a POST.
    pub(crate) sent: Parameters,
}

/// What comes of a visit, and the cookies that the browser is to keep.
pub(crate) struct Visited {
    pub(crate) next: Next,
    pub(crate) cookies: Vec<String>,
}

/// What comes next.
pub(crate) enum Next {
    /// The user is asked, from this stage on.
    Ask(Box<AuthorizeRequest>, Stage),
    /// The user is known: the client gets its answer.
    Answer(Box<AuthorizeRequest>, Session),
    /// The client hears why it gets nothing.
    Refuse(ReturnTo, OAuthError),
    /// Nothing is left to decide.
    Show(Shown),
}

/// What a browser is shown.
pub(crate) enum Shown {
    /// The page of Identity Engine, for the sign-in with this state token.
    SignIn {
        state_token: String,
        /// Whether the script that draws the page is not there.
        is_blank: bool,
    },
    /// The page of Classic Engine, for the request that goes on at `from_uri`.
    Classic {
        state_token: String,
        from_uri: String,
    },
    /// Okta's own page, for an error that must not be sent anywhere.
    Error(OAuthError),
    /// There is no authorization server with this id.
    NoServer(String),
    /// The page of another provider.
    Provider,
    /// Another address of this org.
    Elsewhere(String),
    /// The client's address with the answer in it.
    Client(String),
    /// A form that posts the answer to the redirect URI by itself.
    FormPost(String, Answer),
    /// A page that hands the answer to the window that opened it.
    PostMessage(String, Answer),
}

/// Named values in the order they are sent.
pub(crate) type Answer = Vec<(&'static str, String)>;

impl From<Next> for Visited {
    fn from(next: Next) -> Self {
        Self {
            next,
            cookies: Vec::new(),
        }
    }
}

impl From<Shown> for Visited {
    fn from(shown: Shown) -> Self {
        Next::Show(shown).into()
    }
}
