//! Judges what a page shows: what to do on it, or what it means.

use serde::Deserialize;

use super::landing::{Refusal, StopPage};

/// What one look at the page tells (`page.js`).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each one says whether a thing is on the page"
)]
pub(super) struct Page {
    pub(super) href: String,
    pub(super) loaded: bool,
    /// The HTTP status that the page came with; 0 where the browser does not tell.
    pub(super) status: u16,
    pub(super) title: String,
    pub(super) heading: String,
    pub(super) username: bool,
    pub(super) password: bool,
    pub(super) new_password: bool,
    pub(super) code: bool,
    pub(super) stay_out: bool,
    pub(super) skip: bool,
    pub(super) enrolment: bool,
    pub(super) skip_enrolment: bool,
    pub(super) consent: bool,
    pub(super) alerts: Vec<String>,
    pub(super) org_error: Option<ErrorPage>,
}

/// Okta's own error page, in its old or its themed form.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(super) struct ErrorPage {
    pub(super) heading: String,
    pub(super) code: Option<String>,
    pub(super) description: Option<String>,
}

/// What of the credentials has been submitted so far: each at most once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Typed {
    pub(super) username: bool,
    pub(super) password: bool,
}

/// What a page asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing yet: look again.
    Wait,
    /// Fill in what is shown and submit it.
    Fill { username: bool, password: bool },
    /// Click this control of `page.js` to go past the page.
    Click(&'static str),
    /// The page is Okta's error page.
    Error(ErrorPage),
    /// The page refuses.
    Refused(Refusal, String),
    /// The page is one to stop at.
    Stopped(StopPage),
}

impl Page {
    pub(super) fn judge(&self, typed: Typed) -> Verdict {
        if let Some(error) = &self.org_error {
            return Verdict::Error(error.clone());
        }
        let nothing_tried = !typed.username && !typed.password;
        let untouched_form = nothing_tried && (self.username || self.password);
        // What a form says before it was used is no answer to anything.
        if !self.alerts.is_empty() && !untouched_form {
            return refusal(&self.alerts.join(" / "), typed);
        }
        self.way_past()
            .or_else(|| self.obstacle())
            .unwrap_or_else(|| match self.form(typed) {
                Verdict::Wait => self.failure().unwrap_or(Verdict::Wait),
                form => form,
            })
    }

    /// A page that came with an error status and shows no form: nothing will come of waiting.
    fn failure(&self) -> Option<Verdict> {
        match self.status {
            429 if self.loaded => Some(Verdict::Refused(
                Refusal::RateLimited,
                "HTTP 429".to_owned(),
            )),
            400.. if self.loaded => Some(Verdict::Stopped(StopPage::HttpError(self.status))),
            _ => None,
        }
    }

    fn way_past(&self) -> Option<Verdict> {
        if self.stay_out {
            Some(Verdict::Click("stayOut"))
        } else if self.new_password && self.skip {
            Some(Verdict::Click("skip"))
        } else if self.enrolment && self.skip_enrolment {
            Some(Verdict::Click("skipEnrolment"))
        } else {
            None
        }
    }

    fn obstacle(&self) -> Option<Verdict> {
        let kind = if self.new_password {
            StopPage::ExpiredPassword
        } else if self.enrolment || self.heading.starts_with("Set up ") {
            StopPage::Enrolment
        } else if self.code {
            StopPage::SecondFactor
        } else if self.consent && !self.username && !self.password {
            StopPage::Consent
        } else {
            return None;
        };
        Some(Verdict::Stopped(kind))
    }

    fn form(&self, typed: Typed) -> Verdict {
        let username = self.username && !typed.username;
        let password = self.password && !typed.password;
        // With both fields shown, a typed username means that this form is under way already.
        if password || (username && !self.password) {
            Verdict::Fill { username, password }
        } else {
            Verdict::Wait
        }
    }
}

/// Texts of the widget's English catalogue, most telling first.
const REFUSALS: [(&str, Refusal); 17] = [
    ("too many failed attempts", Refusal::LockedOut),
    ("account is locked", Refusal::LockedOut),
    ("locked out", Refusal::LockedOut),
    ("not assigned to th", Refusal::NotAssigned),
    ("not allowed to access this app", Refusal::NotAllowed),
    ("do not have permission", Refusal::NotAllowed),
    ("access denied", Refusal::NotAllowed),
    ("too many attempts", Refusal::RateLimited),
    ("too many requests", Refusal::RateLimited),
    ("maximum number of requests", Refusal::RateLimited),
    ("rate limit", Refusal::RateLimited),
    ("no account with the username", Refusal::UnknownUser),
    ("password is incorrect", Refusal::WrongPassword),
    ("unable to sign in", Refusal::WrongPassword),
    ("authentication failed", Refusal::WrongPassword),
    ("sign in failed", Refusal::WrongPassword),
    ("incorrect username or password", Refusal::WrongPassword),
];

const EXPIRED_REQUESTS: [&str; 3] = [
    "logged out due to inactivity",
    "session has expired",
    "request has expired",
];

fn refusal(text: &str, typed: Typed) -> Verdict {
    let lowercase = text.to_lowercase();
    if EXPIRED_REQUESTS
        .iter()
        .any(|known| lowercase.contains(known))
    {
        return Verdict::Stopped(StopPage::RequestExpired);
    }
    let known = REFUSALS.iter().find(|(known, _)| lowercase.contains(known));
    let kind = match known.map_or(Refusal::Other, |(_, kind)| *kind) {
        // Nothing but a username has been submitted, so it is the username that is refused.
        Refusal::WrongPassword if !typed.password => Refusal::UnknownUser,
        kind => kind,
    };
    Verdict::Refused(kind, text.to_owned())
}
