//! What is said of pages that nothing is known of.

use super::super::landing::StopPage;

/// What is said of a page beside its kind, and what to change.
pub(super) struct Nature {
    pub(super) stop: Option<StopPage>,
    pub(super) is: &'static str,
    pub(super) change: Option<&'static str>,
}

impl Nature {
    const fn of(is: &'static str, change: Option<&'static str>) -> Self {
        Self {
            stop: None,
            is,
            change,
        }
    }

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
