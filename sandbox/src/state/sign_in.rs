//! Sign-ins under way and browsers that are signed in.

use super::request::AuthorizeRequest;
use crate::options::Detour;

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) user_id: String,
    /// When the password was given, in seconds since 1970.
    pub(crate) auth_time: i64,
}

/// How far a sign-in has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Asks for the username.
    Identify,
    /// Shows a page that was asked for by name.
    Scripted(Scripted),
    /// Asks for the password of the user with this id.
    Password(String),
    /// Asks for a passkey of the user with this id, and for no password.
    Passkey(String),
    /// The password was right but has expired: asks for a new one.
    NewPassword(String),
    /// The password was right: something else is asked before the user gets in.
    Detour(Detour, Session),
    /// The user sets an authenticator app up with this secret.
    EnrolCode(String, Session),
    /// The user is known: asks whether the client may have what it wants.
    Consent(Session),
    /// The user said no.
    Declined,
    /// The user is known: the browser may fetch its session.
    Done(Session),
}

impl Stage {
    /// The id of the user, as soon as somebody said who they are.
    pub(crate) fn user(&self) -> Option<&str> {
        match self {
            Self::Identify | Self::Declined => None,
            Self::Scripted(scripted) => scripted.who.user(),
            Self::Password(user) | Self::Passkey(user) | Self::NewPassword(user) => Some(user),
            Self::Detour(_, session)
            | Self::EnrolCode(_, session)
            | Self::Consent(session)
            | Self::Done(session) => Some(&session.user_id),
        }
    }
}

/// Where a sign-in stands within a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scripted {
    /// The name of the scenario.
    pub(crate) scenario: String,
    /// Which of its answers is shown.
    pub(crate) step: usize,
    pub(crate) who: Who,
}

/// Who is signing in, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// Nobody has said so.
    Nobody,
    /// The user with this id has yet to prove it.
    Named(String),
    /// The password was right.
    Proven(Session),
}

impl Who {
    fn user(&self) -> Option<&str> {
        match self {
            Self::Nobody => None,
            Self::Named(user) => Some(user),
            Self::Proven(session) => Some(&session.user_id),
        }
    }
}

/// A sign-in under way, in one browser, for one authorize request.
#[derive(Debug, Clone)]
pub(crate) struct Transaction {
    pub(crate) request: AuthorizeRequest,
    /// What the sign-in API is spoken to with; the page's state token is another value.
    pub(crate) handle: String,
    pub(crate) stage: Stage,
    /// What the user has put behind.
    pub(crate) passed: Vec<Detour>,
    /// The scenarios that the user has put behind.
    pub(crate) played: Vec<String>,
    /// When it was begun, in seconds since 1970.
    pub(crate) started: i64,
}

/// A sign-in under way at Classic Engine's authentication API, by its state token.
#[derive(Debug, Clone)]
pub(crate) struct Authn {
    pub(crate) at: At,
    pub(crate) session: Session,
    /// What the user has put behind.
    pub(crate) passed: Vec<Detour>,
    /// The scenarios that the user has put behind.
    pub(crate) played: Vec<String>,
    /// When it was begun, in seconds since 1970.
    pub(crate) started: i64,
}

/// Where a sign-in at Classic Engine stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum At {
    /// The password has expired.
    NewPassword,
    /// Something stands in the user's way.
    Detour(Detour),
    /// A page that was asked for by name: the scenario, and which of its answers.
    Scripted(String, usize),
    /// The user sets an authenticator app up with this secret.
    Activation(String),
    /// A user with a session is asked for consent to the request with this key.
    Consent(String),
}

/// An authenticator app that is set up.
#[derive(Debug, Clone)]
pub(crate) struct Totp {
    /// In base32.
    pub(crate) secret: String,
    /// The step of the last code that was taken.
    pub(crate) last_step: Option<u64>,
}
