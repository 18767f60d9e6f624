//! What is understood of a page that asks for a passkey.

use super::{STILL_KNOWN, STILL_SCRIPTED, Situation, Understood};
use crate::browser::answer::Answer;
use crate::browser::known::{KnownPage, Then};
use crate::browser::landing::StopPage;
use crate::browser::page::{Key, Verdict};

/// What to change where the browser holds the passkey and the page goes no further.
const UNUSED: &str = "the browser holds the passkey of TEST_USER_{user}_PASSKEY, and did \
    not use it for this page: enroll that file for {user} (`okta-e2e passkey --help`), and see the \
    screenshot in the report";
/// What to change where the browser cannot hold it.
const REFUSED: &str = "this browser's driver has no virtual authenticators, so the passkey \
    of TEST_USER_{user}_PASSKEY could not be used: leave WEBDRIVER_URL blank, and Chromium is \
    started, which has them";

impl Situation<'_> {
    /// Okta's pages ask the browser for a passkey by themselves as soon as they are drawn.
    pub(super) fn passkey(&self, stop: StopPage, answer: &Answer) -> Option<Verdict> {
        if self.means.passkey != Key::Held {
            return self.choose(stop, answer);
        }
        let wait = if self.page.alerts.is_empty() {
            STILL_SCRIPTED
        } else {
            STILL_KNOWN
        };
        self.has_stood(wait).then_some(Verdict::Stopped(stop))
    }

    /// Says why a passkey that there is did not help.
    pub(super) fn about_passkey(
        &self,
        page: Option<&'static KnownPage>,
        mut understood: Understood,
    ) -> Understood {
        let asks = page.is_some_and(|page| page.then == Some(Then::Passkey));
        let change = match self.means.passkey {
            Key::Held => UNUSED,
            Key::Refused => REFUSED,
            Key::None => return understood,
        };
        if asks {
            understood.known.change = Some(change);
        }
        understood
    }

    /// A page that nothing is known of, where the browser cannot hold the user's passkey and what
    /// the server says is not seen: it may be the one that asks for it.
    pub(super) fn without_passkey(&self, mut understood: Understood) -> Understood {
        if self.means.passkey == Key::Refused && self.asked.is_anything() && !self.page.has_form() {
            understood.verdict = Verdict::Stopped(StopPage::SecondFactor);
            understood.known.change = Some(REFUSED);
        }
        understood
    }
}
