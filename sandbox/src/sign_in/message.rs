//! What a sign-in is refused with, in Okta's words.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::error::okta_error;
use crate::options::Language;
use crate::state::AppState;

const MEDIA_TYPE: &str = "application/ion+json; okta-version=1.0.0";

/// What a sign-in is refused with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
    UnknownUser,
    WrongPassword,
    WrongCode,
    UsedCode,
    WrongPasskey,
    LockedOut,
    NotAssigned,
    NotAllowed,
    AccessDenied,
    TooManyRequests,
    Expired,
}

impl Message {
    /// The status, the key by which the widget finds its own text, and Okta's text.
    pub(super) fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::UnknownUser => (
                StatusCode::UNAUTHORIZED,
                "errors.E0000004",
                "Authentication failed",
            ),
            Self::WrongPassword => (
                StatusCode::UNAUTHORIZED,
                "incorrectPassword",
                "Password is incorrect",
            ),
            Self::WrongCode => (
                StatusCode::UNAUTHORIZED,
                "authfactor.challenge.soft_token.invalid_passcode",
                "Your code doesn't match our records. Please try again.",
            ),
            Self::UsedCode => (
                StatusCode::UNAUTHORIZED,
                "authfactor.challenge.soft_token.used_passcode",
                "Each code can only be used once. Please wait for a new code and try again.",
            ),
            // The mock `error-authenticator-webauthn-failure`, which comes without a status: that
            // of other factors that are not proven.
            Self::WrongPasskey => (
                StatusCode::UNAUTHORIZED,
                "authfactor.webauthn.error.assertion_validation_failure",
                "None of the WebAuthn authenticators the user has enrolled for was able to \
                 validate the assertion",
            ),
            Self::LockedOut => (
                StatusCode::FORBIDDEN,
                "authfactor.challenge.suspended_factor",
                "This factor is suspended for your account due to too many failed attempts",
            ),
            Self::NotAssigned => (
                StatusCode::BAD_REQUEST,
                "idx.error.user.not.assigned.to.app",
                "User is not assigned to this application.",
            ),
            // support.okta.com, "Okta Dashboard Sign-In Generates …", has the text, and Okta's
            // widget the key; the status is that of others who are stopped.
            Self::NotAllowed => (
                StatusCode::FORBIDDEN,
                "idx.error.code.user_not_assigned",
                "You are not allowed to access this app. To request access, contact an admin.",
            ),
            Self::AccessDenied => (
                StatusCode::FORBIDDEN,
                "security.access_denied",
                "You do not have permission to perform the requested action.",
            ),
            Self::TooManyRequests => (
                StatusCode::TOO_MANY_REQUESTS,
                "tooManyRequests",
                "Too many requests",
            ),
            Self::Expired => (
                StatusCode::UNAUTHORIZED,
                "idx.session.expired",
                "You have been logged out due to inactivity. Refresh or return to the sign in \
                 screen.",
            ),
        }
    }

    /// Whether it is said of a field and not of the page.
    pub(super) const fn is_of_field(self) -> bool {
        matches!(self, Self::WrongCode | Self::UsedCode)
    }

    /// The `messages` of an answer or a field.
    pub(super) fn json(self, language: Language) -> Value {
        let (_, key, text) = self.parts();
        let text = language.server_text(text);
        let message = json!({"message": text, "i18n": {"key": key}, "class": "ERROR"});
        json!({"type": "array", "value": [message]})
    }
}

/// A call that is refused without a step to go on from.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The body is not JSON.
    Malformed,
    /// The sign-in ends here.
    Terminal(Message, Language),
}

impl Refusal {
    /// The end of a sign-in, in the language of the org's page.
    pub(super) fn terminal(state: &AppState, message: Message) -> Self {
        Self::Terminal(message, state.options.language)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Malformed => okta_error(
                StatusCode::BAD_REQUEST,
                "E0000003",
                "The request body was not well-formed.",
            ),
            Self::Terminal(message, language) => {
                let body = json!({
                    "version": "1.0.0",
                    "intent": "LOGIN",
                    "messages": message.json(language),
                });
                respond(message.parts().0, &body)
            }
        }
    }
}

/// An answer in the media type of the sign-in API.
pub(super) fn respond(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, MEDIA_TYPE),
        (header::CACHE_CONTROL, "no-cache, no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}
