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
    /// What can be said of such a page: the first that fits.
    pub(super) fn nature(&self) -> Option<&'static Nature> {
        let page = self.page;
        let asks = page.password || page.doubtful;
        let asks_again = asks && self.typed.password && self.is_redrawn;
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
            (asks_again, &Nature::ASKS_AGAIN),
            (page.framed && !page.has_form(), &Nature::FRAMED),
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
