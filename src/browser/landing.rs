//! Where a visit to the authorization endpoint may end.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::evidence::{Evidence, SecretUrl};
use crate::origin::TrustedOrigins;
use crate::passkey::Passkey;
use crate::totp::Totp;

/// One request to an authorization endpoint, as a user's browser makes it.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// The authorization request, with a state and a nonce that no other request has.
    pub url: &'a Url,
    /// Where the org is to send the browser: reaching it ends the visit.
    pub redirect_uri: &'a Url,
    /// Whom to sign in if the org asks; nobody, if the user's session is to be enough.
    pub credentials: Option<Credentials<'a>>,
    /// Where credentials may be typed; on no other page is anything typed, clicked or believed.
    pub trusted: &'a TrustedOrigins,
}

/// What a user types into the sign-in page.
#[derive(Clone, Copy, Debug)]
pub struct Credentials<'a> {
    /// The user's login.
    pub username: &'a str,
    /// The user's password.
    pub password: &'a SecretString,
    /// The user's authenticator app, if a code may be asked for.
    pub totp: Option<&'a Totp>,
    /// The user's passkey, if one may be asked for: the browser holds it for this visit.
    pub passkey: Option<&'a Passkey>,
}

/// Where the browser ended.
#[derive(Debug)]
pub enum Landing {
    /// At the redirect URI, with the org's answer in its fragment or query.
    Redirected {
        /// The redirect URI with the answer.
        url: SecretUrl,
        /// Whether a password was typed on the way, or the passkey signed in its place.
        signed_in: bool,
    },
    /// At another address than the redirect URI, with the answer to the request in it.
    Elsewhere {
        /// That address with the answer.
        url: SecretUrl,
        /// Whether a password was typed on the way, or the passkey signed in its place.
        signed_in: bool,
    },
    /// At Okta's own error page, because the org would not redirect at all.
    ErrorPage {
        /// Its heading.
        heading: String,
        /// An OAuth error code or an HTTP status, as the page has it.
        code: Option<String>,
        /// Its explanation.
        description: Option<String>,
        /// What the browser showed.
        evidence: Evidence,
    },
    /// At the sign-in page, which refused.
    Refused {
        /// What the refusal means.
        kind: Refusal,
        /// The page's message.
        text: String,
        /// How the page was understood.
        known: Known,
        /// What the browser showed.
        evidence: Evidence,
    },
    /// At a page that automated sign-in cannot go past.
    Stopped {
        /// What the page asks for.
        kind: StopPage,
        /// Its heading.
        heading: String,
        /// How the page was understood.
        known: Known,
        /// What the browser showed.
        evidence: Evidence,
    },
    /// Where what is typed would go elsewhere, so nothing was typed.
    Untrusted {
        /// What leads elsewhere.
        danger: Danger,
        /// The origin it leads to.
        origin: String,
        /// What the browser showed.
        evidence: Evidence,
    },
}

/// Why nothing may be typed into a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Danger {
    /// The page itself is of an origin that is not trusted.
    Page,
    /// The form sends what is typed to an origin that is not trusted.
    Form,
    /// The form opens another window with the answer, which cannot be followed.
    Window,
    /// The form puts what is typed into the address, which ends in logs and histories.
    Address,
}

/// How a page was understood, and what is known of such pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// What the page does, after "it"; none where that is not known.
    pub is: Option<&'static str>,
    /// Whose policy asks for it.
    pub policy: Option<&'static str>,
    /// What to change; `{user}` in it is the name of the test user.
    pub change: Option<&'static str>,
    /// The keys that the org's server gave with the page.
    pub keys: Vec<String>,
    /// By what it was understood.
    pub by: KnownBy,
    /// Whether it is sure that a sign-in begins or goes on with it: by what the org's server said,
    /// by Okta's own form, or because it asks for the password.
    pub is_sign_in: bool,
    /// How often the page was looked at from when nothing changed any more, on it or in what the
    /// org's server had said: each look but the first waits for a change, [`Known::LOOK`] long.
    pub looks: u32,
}

impl Known {
    /// How long a look at a page that stands still takes at least, by the browser's own clock.
    pub const LOOK: Duration = Duration::from_millis(20);
}

/// By what a page was understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KnownBy {
    /// What the org's server said to it, by keys.
    Keys,
    /// Its form and its words: it asked the org's sign-in API nothing.
    #[default]
    Page,
    /// Its form and its words: this browser does not show what the server said.
    WordsAlone,
}

/// Why a sign-in page refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The password is wrong.
    WrongPassword,
    /// Username or password: Okta says the same of a wrong password, an unknown user and a lockout
    /// that it hides.
    Credentials,
    /// The code of the authenticator app is wrong.
    WrongCode,
    /// The user or the password factor is locked.
    LockedOut,
    /// The user is not assigned to the client.
    NotAssigned,
    /// A policy does not let the user in.
    NotAllowed,
    /// Too many attempts were made.
    RateLimited,
    /// The org lets no such user sign in.
    UnknownUser,
    /// A text or a key of no known class.
    Other,
}

impl StopPage {
    /// Whether it has a user prove who it is, so that a session alone is not enough.
    #[must_use]
    pub const fn asks_who_it_is(self) -> bool {
        matches!(self, Self::SignIn | Self::SecondFactor)
    }
}

/// A page on which automated sign-in must stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopPage {
    /// The user must set up a security method.
    Enrolment,
    /// The user must choose a new password.
    ExpiredPassword,
    /// The user must prove a second factor.
    SecondFactor,
    /// The user must consent to the client's scopes.
    Consent,
    /// A device is to be enrolled, managed or probed.
    Device,
    /// Another identity provider is to sign the user in.
    Provider,
    /// The user is to fill in a profile.
    Profile,
    /// A captcha is to be solved.
    Captcha,
    /// The sign-in transaction is over; a new request is needed.
    RequestExpired,
    /// The page asks to sign in, but the visit has no credentials.
    SignIn,
    /// A form for something else: to reset a password, unlock or register.
    AnotherForm,
    /// The org, or the way to it, failed while a page stood.
    Unavailable,
    /// The org lets nobody in: it said so before anything was typed.
    Closed,
    /// The page shows nothing.
    Blank,
    /// The org answered with this HTTP status and without a form.
    HttpError(u16),
    /// A page of no known kind.
    Unknown,
}
