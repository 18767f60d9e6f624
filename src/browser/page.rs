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
    /// Whether one page is making room for the next.
    pub(super) moving: bool,
    /// The HTTP status that the page came with; 0 where the browser does not tell.
    pub(super) status: u16,
    pub(super) title: String,
    pub(super) heading: String,
    /// Whether there is any field to type into.
    pub(super) asks: bool,
    /// Whether a form may turn out to be the one to sign in with.
    pub(super) settling: bool,
    pub(super) username: bool,
    pub(super) password: bool,
    pub(super) code: bool,
    /// Whether another authenticator than the password is to be answered.
    pub(super) proof: bool,
    /// Whether Okta's widget shows a form that is not for signing in.
    pub(super) astray: bool,
    pub(super) new_password: bool,
    pub(super) stay_out: bool,
    pub(super) skip: bool,
    pub(super) enrolment: bool,
    pub(super) skip_enrolment: bool,
    pub(super) consent: bool,
    /// Whether a second factor is to be chosen.
    pub(super) choice: bool,
    /// Whether an authenticator app is among them.
    pub(super) app_choice: bool,
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

/// Fields of a form: those to fill in, or those that have been submitted, each at most once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) username: bool,
    pub(super) password: bool,
    pub(super) code: bool,
}

impl Fields {
    /// None of them.
    pub(super) const NONE: Self = Self {
        username: false,
        password: false,
        code: false,
    };
    /// The code alone.
    pub(super) const CODE: Self = Self {
        code: true,
        ..Self::NONE
    };
}

/// What a user can do beyond typing username and password.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Means {
    /// Read codes off an authenticator app.
    pub(super) app: bool,
    /// Allow the client what it asks for.
    pub(super) consent: bool,
}

impl ErrorPage {
    /// A request that took too long says nothing about who may have what.
    fn verdict(&self) -> Verdict {
        let description = self.description.as_deref().unwrap_or_default();
        if is_expired_request(description) {
            return Verdict::Stopped(StopPage::RequestExpired);
        }
        Verdict::Error(self.clone())
    }
}

/// What a page asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing yet: look again.
    Wait,
    /// Fill in what is shown and submit it.
    Fill(Fields),
    /// Fill in another code, since this one was used before.
    NextCode,
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
    pub(super) fn judge(&self, typed: Fields, means: Means) -> Verdict {
        if let Some(error) = &self.org_error {
            return error.verdict();
        }
        if self.moving {
            return Verdict::Wait;
        }
        let untouched_form = typed == Fields::NONE && self.has_form();
        // What a form says before it was used is no answer to anything.
        if !self.alerts.is_empty() && !untouched_form {
            return refusal(&self.alerts.join(" / "), typed);
        }
        self.way_past(means)
            .or_else(|| self.obstacle(typed, means))
            .unwrap_or_else(|| match self.form(typed) {
                Verdict::Wait => self.failure().unwrap_or(Verdict::Wait),
                form => form,
            })
    }

    const fn has_form(&self) -> bool {
        self.username || self.password || self.settling
    }

    /// Whether nothing will come of waiting on a page of another origin: it asks for something, or
    /// failed.
    pub(super) const fn is_at_an_end(&self) -> bool {
        self.loaded && (self.asks || self.status >= 400)
    }

    /// A page that came with an error status and shows no form: nothing will come of waiting.
    fn failure(&self) -> Option<Verdict> {
        if self.has_form() {
            return None;
        }
        match self.status {
            429 if self.loaded => Some(Verdict::Refused(
                Refusal::RateLimited,
                "HTTP 429".to_owned(),
            )),
            400.. if self.loaded => Some(Verdict::Stopped(StopPage::HttpError(self.status))),
            _ => None,
        }
    }

    fn way_past(&self, means: Means) -> Option<Verdict> {
        if self.stay_out {
            Some(Verdict::Click("stayOut"))
        } else if self.new_password && self.skip {
            Some(Verdict::Click("skip"))
        } else if self.enrolment && self.skip_enrolment {
            Some(Verdict::Click("skipEnrolment"))
        } else if self.app_choice && means.app {
            Some(Verdict::Click("chooseApp"))
        } else if self.asks_for_consent() && means.consent {
            Some(Verdict::Click("allow"))
        } else {
            None
        }
    }

    fn asks_for_consent(&self) -> bool {
        self.consent && !self.username && !self.password
    }

    /// Whether the code on this page is one of an authenticator app: codes that come by mail or
    /// phone have the same field.
    fn asks_for_app(&self) -> bool {
        let heading = self.heading.to_lowercase();
        heading.contains("authenticator") || heading.contains("okta verify")
    }

    fn obstacle(&self, typed: Fields, means: Means) -> Option<Verdict> {
        let kind = if self.new_password {
            StopPage::ExpiredPassword
        } else if self.enrolment || self.heading.starts_with("Set up ") {
            StopPage::Enrolment
        } else if self.code && means.app && self.asks_for_app() {
            return Some(if typed.code {
                Verdict::Wait
            } else {
                Verdict::Fill(Fields::CODE)
            });
        } else if self.code || self.choice || self.proof {
            StopPage::SecondFactor
        } else if self.asks_for_consent() {
            StopPage::Consent
        } else if self.astray {
            StopPage::AnotherForm
        } else {
            return None;
        };
        Some(Verdict::Stopped(kind))
    }

    fn form(&self, typed: Fields) -> Verdict {
        let username = self.username && !typed.username;
        let password = self.password && !typed.password;
        // With both fields shown, a typed username means that this form is under way already.
        if password || (username && !self.password) {
            Verdict::Fill(Fields {
                username,
                password,
                code: false,
            })
        } else {
            Verdict::Wait
        }
    }
}

/// Texts of the widget's English catalogue, most telling first.
const REFUSALS: [(&str, Refusal); 20] = [
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
    ("your code doesn't match", Refusal::WrongCode),
    ("your passcode doesn't match", Refusal::WrongCode),
    ("invalid passcode", Refusal::WrongCode),
    ("password is incorrect", Refusal::WrongPassword),
    ("unable to sign in", Refusal::WrongPassword),
    ("authentication failed", Refusal::WrongPassword),
    ("sign in failed", Refusal::WrongPassword),
    ("incorrect username or password", Refusal::WrongPassword),
];

const EXPIRED_REQUESTS: [&str; 4] = [
    "logged out due to inactivity",
    "session has expired",
    "request has expired",
    "request expired",
];

fn is_expired_request(text: &str) -> bool {
    let lowercase = text.to_lowercase();
    EXPIRED_REQUESTS
        .iter()
        .any(|known| lowercase.contains(known))
}

fn refusal(text: &str, typed: Fields) -> Verdict {
    let lowercase = text.to_lowercase();
    if typed.code && lowercase.contains("code can only be used once") {
        return Verdict::NextCode;
    }
    if is_expired_request(text) {
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_form(true, Verdict::Wait)]
    #[case::nothing_to_fill_in(false, Verdict::Stopped(StopPage::HttpError(401)))]
    fn a_form_that_came_with_an_error_status_is_waited_for(
        #[case] has_form: bool,
        #[case] verdict: Verdict,
    ) {
        let page = Page {
            loaded: true,
            status: 401,
            username: has_form,
            password: has_form,
            ..Page::default()
        };
        let submitted = Fields {
            username: true,
            password: true,
            code: false,
        };
        assert_eq!(page.judge(submitted, Means::default()), verdict);
    }
}
