//! Judges what a page shows: what to do on it, or what it means.

use std::iter::once;

use serde::Deserialize;

use super::answer::Choice;
use super::landing::{Danger, Refusal, StopPage};

/// What one look at the page tells (the script).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
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
    /// Whether there is any button to press.
    pub(super) can_be_pressed: bool,
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
    /// What can be clicked, by its name in the script.
    pub(super) controls: Vec<String>,
    /// Whether a list of authenticators is shown, to set up or to choose from.
    pub(super) lists: bool,
    /// By its English words: whether security methods are to be set up.
    pub(super) enrolment: bool,
    /// By its English words: whether that may be left out.
    pub(super) finishes: bool,
    pub(super) consent: bool,
    /// By its English words: whether a second factor is to be chosen.
    pub(super) choice: bool,
    /// Whether Google Authenticator is among them.
    pub(super) app_choice: bool,
    /// Whether the password is.
    pub(super) password_choice: bool,
    /// When something was last submitted or clicked on this page, in milliseconds since 1970; 0:
    /// nothing was.
    pub(super) acted_at: f64,
    /// Whether a person would see nothing.
    pub(super) blank: bool,
    /// Whether it says that something is still to come.
    pub(super) busy: bool,
    /// Whether it is to go on to another by itself in a while.
    pub(super) goes_on: bool,
    /// Whether it has a field for a password in a form that is not known to be one to sign in with.
    pub(super) doubtful: bool,
    /// Whether it has a form to sign in with that something else covers.
    pub(super) covered: bool,
    /// Whether that is closed by something a person cannot take away: the page may open it itself.
    pub(super) closed_for_now: bool,
    /// Whether it has a captcha that has not solved itself.
    pub(super) captcha: bool,
    /// Whether it has a frame that is large enough for a form.
    pub(super) framed: bool,
    /// The type of what the server answered with, as a browser understands it.
    pub(super) content: String,
    /// Whether it has scripts.
    pub(super) scripted: bool,
    /// When its document came, in milliseconds since 1970: the same page may come anew.
    pub(super) born: f64,
    /// What of it was kept from leaving, since it would have gone elsewhere or into an address.
    pub(super) held: Option<Held>,
    pub(super) alerts: Vec<String>,
    /// What is said in passing: a refusal in known words alone.
    pub(super) remarks: Vec<String>,
    pub(super) org_error: Option<ErrorPage>,
    /// Whether the form is one of Okta's widget.
    pub(super) is_oktas: bool,
}

/// What a page was kept from sending, and where it would have gone.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) danger: Danger,
    pub(super) origin: String,
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
    /// Sign by a passkey.
    pub(super) passkey: Key,
    /// Allow the client what it asks for.
    pub(super) consent: bool,
}

/// A user's passkey.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Key {
    /// There is none.
    #[default]
    None,
    /// The browser holds it.
    Held,
    /// The driver cannot have the browser hold it.
    Refused,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing yet: look again.
    Wait,
    /// Fill in what is shown and submit it.
    Fill(Fields),
    /// Fill in another code, since this one was used before.
    NextCode,
    /// Click this control of the script to go past the page.
    Click(String),
    /// Choose this authenticator.
    Choose(Choice),
    /// The page is Okta's error page.
    Error(ErrorPage),
    /// The page refuses.
    Refused(Refusal, String),
    /// The page is one to stop at.
    Stopped(StopPage),
}

/// The controls of the script that lead past a page.
pub(super) const STAY_OUT: &str = "stayOut";
const SKIP: &str = "skip";
const SKIP_ENROLMENT: &str = "skipEnrolment";
/// What allows the client what it wants.
pub(super) const ALLOW: &str = "allow";

/// The keys of the authenticators that a test user may have the means for, and how Okta calls them.
pub(super) const PASSWORD: (&str, &str) = ("okta_password", "Password");
/// A passkey.
pub(super) const PASSKEY: &str = "webauthn";
/// The authenticator app.
pub(super) const APP: (&str, &str) = ("google_otp", "Google Authenticator");

impl Page {
    /// What there is to do by the form alone, whatever the server said; none: that is not sure.
    pub(super) fn by_form(&self, typed: Fields) -> Option<Verdict> {
        if let Some(error) = &self.org_error {
            return Some(error.verdict());
        }
        if self.moving {
            return Some(Verdict::Wait);
        }
        // What a form says before it was used is no answer to anything, and no more is a notice
        // above the form that asks for the password, once the name was taken.
        let is_there = self.password || self.settling;
        let is_taken = is_there && typed.username && !typed.password && !self.is_oktas;
        if is_taken && self.settling {
            return Some(Verdict::Wait);
        }
        if !self.alerts.is_empty() && typed != Fields::NONE && !is_taken {
            return None;
        }
        if self.offers(STAY_OUT) {
            return Some(Verdict::Click(STAY_OUT.to_owned()));
        }
        if self.new_password && self.offers(SKIP) {
            return Some(Verdict::Click(SKIP.to_owned()));
        }
        Some(self.form(typed)).filter(|form| *form != Verdict::Wait)
    }

    /// What the page asks for by its form and its words, where the server's are not known.
    ///
    /// `asked`: something was submitted that this may be the answer to.
    pub(super) fn by_words(&self, typed: Fields, means: Means, asked: bool) -> Verdict {
        let said = [&self.alerts, &self.remarks].map(|texts| texts.join(" / "));
        let refusal = said
            .iter()
            .find_map(|said| refusal(said, typed))
            .filter(|refusal| asked || !is_refusal(refusal));
        refusal
            .or_else(|| self.way_past(typed, means))
            .or_else(|| self.obstacle(typed, means))
            .unwrap_or_else(|| match self.form(typed) {
                Verdict::Wait => self.failure().unwrap_or(Verdict::Wait),
                form => form,
            })
    }

    /// Whether it shows something that is worth asking the server's words for at once.
    pub(super) fn is_telling(&self, typed: Fields) -> bool {
        let says = !self.alerts.is_empty() && typed != Fields::NONE;
        says || self.code || self.lists || self.consent || self.new_password || self.proof
    }

    /// Whether this control of the script can be clicked.
    pub(super) fn offers(&self, control: &str) -> bool {
        self.controls.iter().any(|offered| offered == control)
    }

    /// The factor that Classic Engine's page is for, by its address.
    pub(super) fn route(&self) -> Option<String> {
        const VERIFY: &str = "/signin/verify/";
        let path = self.href.split(['?', '#']).next()?;
        let (_, factor) = path.split_once(VERIFY)?;
        Some(factor.to_lowercase().replace("%3a", ":"))
    }

    pub(super) const fn has_form(&self) -> bool {
        self.username || self.password || self.settling
    }

    /// Whether it shows what there is to do for a person, and what that is about.
    pub(super) fn is_whole(&self) -> bool {
        !self.heading.is_empty() && (self.asks || self.can_be_pressed)
    }

    /// Whether it is no page for people: data, or a plain text.
    pub(super) fn is_data(&self) -> bool {
        !self.content.is_empty() && !self.content.contains("html")
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

    fn way_past(&self, typed: Fields, means: Means) -> Option<Verdict> {
        let choose = |(key, label): (&str, &str)| Verdict::Choose(Choice::new(key, label));
        if self.enrolment && self.finishes {
            Some(Verdict::Click(SKIP_ENROLMENT.to_owned()))
        } else if self.password_choice && !typed.password {
            Some(choose(PASSWORD))
        } else if self.app_choice && means.app {
            Some(choose(APP))
        } else if self.asks_for_consent() && means.consent {
            Some(Verdict::Click(ALLOW.to_owned()))
        } else {
            None
        }
    }

    fn asks_for_consent(&self) -> bool {
        self.consent && !self.username && !self.password
    }

    /// Whether the code on this page is one of Google Authenticator: codes of other makers, and
    /// those
    /// that come by mail or phone, have the same field.
    fn asks_for_app(&self) -> bool {
        // Another heading may be of a page that sets it up, or takes it away.
        let heading = self.heading.to_lowercase();
        let is_proof = ["google", "verify", "enter"]
            .iter()
            .any(|word| heading.starts_with(word));
        is_proof && heading.ends_with("google authenticator")
    }

    fn obstacle(&self, typed: Fields, means: Means) -> Option<Verdict> {
        let kind = if self.new_password {
            StopPage::ExpiredPassword
        } else if self.enrolment {
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

    /// What is to be filled in of username and password.
    pub(super) fn form(&self, typed: Fields) -> Verdict {
        let username = self.username && !typed.username;
        let password = self.password && !typed.password;
        // With both fields shown, a typed username means that this form is under way already; one
        // that still wants the password may be another, and wants both.
        if password || (username && !self.password) {
            Verdict::Fill(Fields {
                username: self.username && (username || password),
                password,
                code: false,
            })
        } else {
            Verdict::Wait
        }
    }
}

/// Sentences of the widget's English catalogue, most telling first, and of other providers: how they
/// begin. A part of a sentence says nothing: it may be of another day, or of something else.
const REFUSALS: [(&str, Refusal); 24] = [
    ("this factor is suspended", Refusal::LockedOut),
    ("your account is locked", Refusal::LockedOut),
    ("your account has been locked", Refusal::LockedOut),
    ("account is locked", Refusal::LockedOut),
    ("user is locked out", Refusal::LockedOut),
    (
        "user is not assigned to this application",
        Refusal::NotAssigned,
    ),
    (
        "user is not assigned to the client application",
        Refusal::NotAssigned,
    ),
    (
        "you are not allowed to access this app. to request access, contact an admin",
        Refusal::NotAssigned,
    ),
    (
        "you are not allowed to access this app",
        Refusal::NotAllowed,
    ),
    ("you do not have permission", Refusal::NotAllowed),
    ("access denied", Refusal::NotAllowed),
    ("too many attempts", Refusal::RateLimited),
    ("too many requests", Refusal::RateLimited),
    (
        "you exceeded the maximum number of requests",
        Refusal::RateLimited,
    ),
    ("api call exceeded rate limit", Refusal::RateLimited),
    (
        "there is no account with the username",
        Refusal::UnknownUser,
    ),
    ("your code doesn't match", Refusal::WrongCode),
    ("your passcode doesn't match", Refusal::WrongCode),
    ("invalid passcode", Refusal::WrongCode),
    ("password is incorrect", Refusal::WrongPassword),
    ("unable to sign in", Refusal::Credentials),
    ("authentication failed", Refusal::Credentials),
    ("sign in failed", Refusal::Credentials),
    ("incorrect username or password", Refusal::Credentials),
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

/// What a known text means; none: it is not known, and may be no refusal at all.
fn refusal(text: &str, typed: Fields) -> Option<Verdict> {
    // Texts are set with one apostrophe or the other.
    let lowercase = text.to_lowercase().replace('’', "'");
    if typed.code && lowercase.contains("code can only be used once") {
        return Some(Verdict::NextCode);
    }
    if is_expired_request(text) {
        return Some(Verdict::Stopped(StopPage::RequestExpired));
    }
    let begins = |known: &str| sentences(&lowercase).any(|sentence| sentence.starts_with(known));
    let (_, kind) = REFUSALS.iter().find(|(known, _)| begins(known))?;
    Some(Verdict::Refused(kind.after(typed), text.to_owned()))
}

/// The text from each of its sentences on.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.match_indices(['.', '!', '?', '/', '\n']);
    let starts = once(0).chain(ends.map(|(at, end)| at + end.len()));
    starts.map(|at| text[at..].trim_start())
}

const fn is_refusal(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Refused(..))
}

impl Refusal {
    /// What is refused once these fields were submitted: with nothing but a username, that.
    pub(super) const fn after(self, typed: Fields) -> Self {
        match self {
            Self::WrongPassword | Self::Credentials if !typed.password => Self::UnknownUser,
            kind => kind,
        }
    }
}

#[cfg(test)]
mod tests;
