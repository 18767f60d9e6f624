//! What is said of pages that nothing is known of.

use super::super::landing::{Known, StopPage};
use super::super::page::Verdict;
use super::super::traffic::Instead;
use super::{Situation, Understood};

/// What is said of a page beside its kind, and what to change.
pub(super) struct Nature {
    pub(super) stop: Option<StopPage>,
    pub(super) is: &'static str,
    pub(super) change: Option<&'static str>,
}

impl Understood {
    /// What is to be said of a page that was given up: with which status it came, or what was under
    /// way that it needs before it shows anything.
    pub(in super::super) fn given_up_with(self, status: u16, waits_for: Option<String>) -> Self {
        let stops = [StopPage::Unknown, StopPage::Blank].map(Verdict::Stopped);
        if !stops.contains(&self.verdict) {
            return self;
        }
        let (nature, key) = match waits_for {
            _ if status >= 400 => (Nature::CHECKS_BROWSERS, format!("http:{status}")),
            Some(request) => (Nature::WAITS, format!("no answer: {request}")),
            None => return self,
        };
        let known = Known {
            keys: vec![key],
            ..nature.known(StopPage::Unknown)
        };
        Self { known, ..self }
    }
}

impl Situation<'_> {
    /// Adds what is to be said of a page that is known by its words alone.
    pub(super) fn by_words_alone(&self, understood: Understood) -> Understood {
        let nature = match understood.verdict {
            Verdict::Stopped(StopPage::SecondFactor) if !self.page.is_oktas => {
                Nature::ASKS_FOR_A_CODE
            }
            Verdict::Stopped(StopPage::HttpError(_)) if self.typed.password => {
                if self.submitted > 1 {
                    Nature::FAILED_AGAIN
                } else {
                    Nature::FAILED
                }
            }
            _ => return understood,
        };
        let known = Known {
            is: Some(nature.is),
            policy: None,
            change: nature.change.or(understood.known.change),
            ..understood.known
        };
        Understood {
            known,
            ..understood
        }
    }

    /// What can be said of such a page: the first that fits.
    pub(super) fn nature(&self) -> Option<&'static Nature> {
        let page = self.page;
        let asks = page.password || page.doubtful;
        let still_asks = asks && self.typed.password;
        let leads_nowhere = match self.instead {
            Some(Instead::Never) => true,
            Some(Instead::Nothing | Instead::File) => page.acted_at <= 0.0,
            None => false,
        };
        let natures = [
            (leads_nowhere, &Nature::LEADS_NOWHERE),
            (page.is_data(), &Nature::DATA),
            (page.blank, &Nature::BLANK),
            (page.captcha, &Nature::CAPTCHA),
            (page.covered, &Nature::COVERED),
            (self.instead == Some(Instead::Nothing), &Nature::NO_CONTENT),
            (self.instead == Some(Instead::File), &Nature::FILE),
            (self.asks_in_dialog, &Nature::ASKS_IN_A_DIALOG),
            (still_asks && self.is_redrawn, &Nature::ASKS_AGAIN),
            (still_asks, &Nature::STILL_ASKS),
            (page.framed && !page.has_form(), &Nature::FRAMED),
            (page.several, &Nature::SEVERAL),
            (page.doubtful, &Nature::DOUBTFUL),
        ];
        let fitting = natures.into_iter().find(|(fits, _)| *fits);
        fitting.map(|(_, nature)| nature)
    }
}

impl Nature {
    const fn of(is: &'static str, change: Option<&'static str>) -> Self {
        Self {
            stop: None,
            is,
            change,
        }
    }

    /// What is known of a page of this kind by that.
    pub(super) fn known(&self, kind: StopPage) -> Known {
        let known = super::of_kind(kind);
        Known {
            is: Some(self.is),
            change: self.change.or(known.change),
            ..known
        }
    }

    pub(super) const OF_A_STRANGER: Self = Self::of(
        "asked the org what comes next, and something else answered in its place, such as a \
         firewall or proxy before it",
        Some("let the requests of the sign-in page through to the org"),
    );
    pub(super) const CHECKS_BROWSERS: Self = Self::of(
        "came with an error status from something before the org, which checks browsers",
        Some("let the address of this machine through what stands before the org"),
    );
    pub(super) const WAITS: Self = Self::of(
        "waits for an answer of the org that does not come",
        Some(
            "see why that takes so long (the org's status page, a proxy before it), and run it \
             again",
        ),
    );
    pub(super) const BLANK: Self = Self {
        stop: Some(StopPage::Blank),
        ..Self::of("shows nothing: its scripts did not run", None)
    };
    pub(super) const CAPTCHA: Self = Self {
        stop: Some(StopPage::Captcha),
        ..Self::of("has a captcha that is to be solved", None)
    };
    pub(super) const DATA: Self = Self::of(
        "is no page for people: the server answered with data or a plain text",
        None,
    );
    pub(super) const COVERED: Self = Self::of(
        "covers its form with something else",
        Some("let nothing cover the form for automated sign-in, such as a cookie banner"),
    );
    pub(super) const ASKS_AGAIN: Self = Self::of(
        "asks for the password again after it was submitted",
        Some(
            "sign in once as {user} by hand to see what is wrong, and whether \
             TEST_USER_{user}_PASSWORD is right; nothing is typed twice, so that nobody is locked",
        ),
    );
    pub(super) const STILL_ASKS: Self = Self {
        is: "stays as it is after the password was submitted, and says nothing of that",
        ..Self::ASKS_AGAIN
    };
    /// In the place of what is known of such pages of Okta's.
    const ASKS_FOR_A_CODE: Self = Self::of(
        "has a field for a code, and is no page of Okta's that is known",
        Some(
            "see the screenshot in the report: let the page ask {user} for nothing but name and \
             password, or sign in by Okta's widget; a code is typed where the heading says \
             \"Enter … Google Authenticator\", the field is alone in its form, and \
             TEST_USER_{user}_TOTP_SECRET is set",
        ),
    );
    const FAILED: Self = Self::of(
        "came after the password was submitted, and nobody knows whether that was taken",
        None,
    );
    const FAILED_AGAIN: Self = Self::of(
        "came after the password was submitted again, since the first had no answer either; \
         nobody knows whether they were taken",
        None,
    );
    pub(super) const SEVERAL: Self = Self::of(
        "has several forms to sign in with, so that nothing is typed into any of them",
        Some("let the page show one form to sign in with, and no other for name or password"),
    );
    pub(super) const FRAMED: Self = Self::of(
        "shows a frame and no form to sign in with of its own, and nothing is typed into frames",
        None,
    );
    pub(super) const DOUBTFUL: Self = Self::of(
        "has a field for a password in a form that is not known to be one to sign in with, so that \
         nothing is typed into it",
        Some(
            "give its fields the names of the standard (`autocomplete` with `username` and \
             `current-password`), and its button a word for signing in",
        ),
    );
    pub(super) const NO_CONTENT: Self = Self::of(
        "answers what was submitted with no content, so that the form stays",
        None,
    );
    pub(super) const FILE: Self =
        Self::of("answers what was submitted with a file and no page", None);
    pub(super) const LEADS_NOWHERE: Self = Self::of(
        "leads to no page: what it led to is no content, a file, or does not come at all",
        None,
    );
    pub(super) const ASKS_IN_A_DIALOG: Self = Self::of(
        "asks something in a dialog of the browser, to which no is said always",
        None,
    );
}
