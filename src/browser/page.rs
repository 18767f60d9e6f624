//! Judges what a page shows: what to do on it, or what it means.

use serde::Deserialize;

use self::refusals::{is_expired_request, known_refusal};
use super::answer::Choice;
use super::landing::{Danger, Refusal, StopPage};

mod refusals;

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
    /// Whether there are several forms to sign in with, of which nobody knows the right one.
    pub(super) several: bool,
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

/// What was submitted before a page came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing: whatever the page says, it says to everyone.
    Nothing,
    /// The password, on an earlier visit in the same session.
    Earlier,
    /// Something on this visit.
    Now,
}

impl Asked {
    /// Whether something was submitted that a page may be the answer to.
    pub(super) fn is_anything(self) -> bool {
        self != Self::Nothing
    }

    /// In a session that is there nobody's name or password is refused.
    fn may_be_answered_by(self, verdict: &Verdict) -> bool {
        let Verdict::Refused(kind, _) = verdict else {
            return true;
        };
        match kind {
            Refusal::NotAssigned | Refusal::NotAllowed | Refusal::RateLimited | Refusal::Other => {
                self.is_anything()
            }
            Refusal::WrongPassword
            | Refusal::Credentials
            | Refusal::WrongCode
            | Refusal::LockedOut
            | Refusal::UnknownUser => self == Self::Now,
        }
    }
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
        if self.settling && (is_taken || typed == Fields::NONE) {
            return Some(Verdict::Wait);
        }
        if !self.alerts.is_empty() && typed != Fields::NONE && !is_taken {
            return None;
        }
        Some(self.form(typed)).filter(|form| *form != Verdict::Wait)
    }

    /// What the page asks for by its form and its words, where the server's are not known.
    ///
    /// `asked`: what was submitted that this may be the answer to.
    pub(super) fn by_words(&self, typed: Fields, means: Means, asked: Asked) -> Verdict {
        let said = [&self.alerts, &self.remarks].map(|texts| texts.join(" / "));
        let refusal = said
            .iter()
            .find_map(|said| self.refusal(said, typed))
            .filter(|refusal| asked.may_be_answered_by(refusal));
        refusal
            .or_else(|| self.way_past(typed, means))
            .or_else(|| self.obstacle(typed, means))
            .unwrap_or_else(|| match self.form(typed) {
                Verdict::Wait => self.failure(typed).unwrap_or(Verdict::Wait),
                form => form,
            })
    }

    /// Whether it shows something that is worth asking the server's words for at once.
    pub(super) fn is_telling(&self, typed: Fields) -> bool {
        let says = !self.alerts.is_empty() && typed != Fields::NONE;
        let asks = self.code || self.new_password || self.proof;
        says || asks || self.lists || self.consent || self.offers(STAY_OUT)
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

    /// A page that came with an error status and shows no form: nothing will come of waiting. Too
    /// many requests are no reason to make the visit again once the password was submitted on it:
    /// it may be too many passwords.
    fn failure(&self, typed: Fields) -> Option<Verdict> {
        if self.has_form() {
            return None;
        }
        match self.status {
            429 if self.loaded && !typed.password => Some(Verdict::Refused(
                Refusal::RateLimited,
                "HTTP 429".to_owned(),
            )),
            400.. if self.loaded => Some(Verdict::Stopped(StopPage::HttpError(self.status))),
            _ => None,
        }
    }

    fn way_past(&self, typed: Fields, means: Means) -> Option<Verdict> {
        let choose = |(key, label): (&str, &str)| Verdict::Choose(Choice::new(key, label));
        if self.offers(STAY_OUT) {
            Some(Verdict::Click(STAY_OUT.to_owned()))
        } else if self.new_password && self.offers(SKIP) {
            Some(Verdict::Click(SKIP.to_owned()))
        } else if self.enrolment && self.finishes {
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

impl Page {
    /// What a known text means; none: it is not known, and may be no refusal at all.
    fn refusal(&self, text: &str, typed: Fields) -> Option<Verdict> {
        // Texts are set with one apostrophe or the other.
        let lowercase = text.to_lowercase().replace('’', "'");
        if typed.code && lowercase.contains("code can only be used once") {
            return Some(Verdict::NextCode);
        }
        if is_expired_request(text) {
            // What asks for the password again took not too long: it lost what it was sent.
            let kind = Verdict::Refused(Refusal::Other, text.to_owned());
            let is_lost = typed.password && self.has_form();
            return Some(if is_lost {
                kind
            } else {
                Verdict::Stopped(StopPage::RequestExpired)
            });
        }
        let kind = known_refusal(&lowercase)?;
        Some(Verdict::Refused(kind.after(typed), text.to_owned()))
    }
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
