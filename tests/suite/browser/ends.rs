//! Where a visit to a page of any make ends, and what must not happen on the way.

use okta_e2e::browser::{BrowserError, Danger, Landing, Refusal, StopPage};

use super::trust::hostile::{Hostile, PASSWORD, USERNAME, Visited};

/// Where a visit ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    SignedIn,
    /// Nothing was typed.
    Stopped(StopPage),
    /// The password was submitted before.
    StoppedAfter(StopPage),
    /// Nothing was typed, and what is said of the page has these words.
    Named(StopPage, &'static str),
    /// The same after the password was submitted.
    NamedAfter(StopPage, &'static str),
    Refused(Refusal),
    /// The same, by a text that has these words.
    Said(Refusal, &'static str),
    Untrusted(Danger),
    /// Nothing was submitted, since the fields did not take it.
    NotTaken,
    /// The password was submitted, and nothing came of that: the page kept the form to itself.
    Swallowed,
    /// The password was submitted, and the answer led where nobody is.
    Lost,
}

/// A part of a page that stands in for the form of the org.
pub(super) const FORM: &str = "{form}";

/// What a page shows after its form was submitted; nothing is posted but to be counted.
pub(super) fn then(form: &str, after: &str) -> String {
    format!(
        "<h1>Sign in</h1>{form}<script>document.forms[0].onsubmit = (event) => {{\
         event.preventDefault();\
         navigator.sendBeacon('/answer', new URLSearchParams(new FormData(event.target)));\
         {after} }}</script>"
    )
}

impl End {
    /// Whether the password went to the org before, and how often the form did.
    const fn is_after_the_password(self) -> bool {
        !matches!(
            self,
            Self::Stopped(_) | Self::Named(..) | Self::Untrusted(_) | Self::NotTaken
        )
    }

    /// Fails where the visit ended elsewhere, or something happened on the way that must not: the
    /// password in another field or at another origin, or more than once, or anything clicked.
    pub(super) fn check(self, org: &Hostile, visited: &Visited) {
        let landing = &visited.landing;
        assert!(self.is_at(landing), "{landing:?} {:?}", org.typed());
        let submitted = usize::from(self.is_after_the_password());
        assert_eq!(visited.passwords_submitted, submitted);
        let is_sent = submitted == 1 && !matches!(self, Self::Swallowed);
        assert_eq!(
            org.answers().len(),
            usize::from(is_sent),
            "{:?}",
            org.typed()
        );
        assert_eq!(wrongly_typed(&org.typed()), Vec::<String>::new());
        assert_eq!(org.leaked(), Vec::<String>::new());
        let elsewhere = &visited.sent_elsewhere;
        assert!(elsewhere.is_empty(), "{elsewhere:?}");
        assert!(!org.was_clicked());
    }

    fn is_at(self, landing: &Result<Landing, BrowserError>) -> bool {
        match (self, landing) {
            (Self::SignedIn, Ok(Landing::Redirected { signed_in, .. })) => *signed_in,
            (Self::Stopped(page) | Self::StoppedAfter(page), Ok(Landing::Stopped { kind, .. })) => {
                page == *kind
            }
            (
                Self::Named(page, words) | Self::NamedAfter(page, words),
                Ok(Landing::Stopped { kind, known, .. }),
            ) => page == *kind && known.is.is_some_and(|is| is.contains(words)),
            (Self::Swallowed, Ok(Landing::Stopped { kind, .. })) => *kind == StopPage::Unknown,
            (Self::Refused(refusal), Ok(Landing::Refused { kind, .. })) => refusal == *kind,
            (Self::Said(refusal, words), Ok(Landing::Refused { kind, text, .. })) => {
                refusal == *kind && text.contains(words)
            }
            (Self::Untrusted(what), Ok(Landing::Untrusted { danger, .. })) => what == *danger,
            (Self::NotTaken, Err(BrowserError::Typing { .. })) => true,
            (Self::Lost, Err(BrowserError::Unreachable { url, .. })) => {
                url.contains("nobody.invalid")
            }
            _ => false,
        }
    }
}

/// What was put into a field that is not for it, by what the page tells of its fields.
fn wrongly_typed(typed: &[String]) -> Vec<String> {
    let into = |line: &str, fields: &[&str]| {
        fields
            .iter()
            .any(|field| line.contains(&format!("/typed {field}=")))
    };
    let is_wrong = |line: &&String| {
        let is_told = line.starts_with("POST /typed");
        is_told
            && (line.contains(PASSWORD)
                && !into(line, &["password", "credentials.passcode", "undefined"])
                || line.contains(USERNAME)
                    && !into(line, &["username", "identifier", "who", "undefined"]))
    };
    typed.iter().filter(is_wrong).cloned().collect()
}
