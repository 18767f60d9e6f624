//! What a page is, by what the server said and by what it shows: keys first, words last.

use std::time::Duration;

use self::nature::Nature;
use super::answer::{Answer, Choice};
use super::clicks::Clicks;
use super::hearing::Heard;
use super::known::{KnownPage, Then, is_error, known_of};
use super::landing::{Known, KnownBy, Refusal, StopPage};
use super::page::{ALLOW, APP, Asked, Fields, Key, Means, PASSKEY, PASSWORD, Page, Verdict};
use super::traffic::Instead;

mod nature;
mod passkey;
#[cfg(test)]
mod tests;

/// How long a page that is known by its keys must have stood still.
pub(super) const STILL_KNOWN: Duration = Duration::from_millis(250);
/// How long a page must have stood still that is known by its words alone.
const STILL_WORDS: Duration = Duration::from_millis(300);
/// How long a page must have stood still, with nothing under way, before nothing comes of waiting.
pub(super) const STILL_UNKNOWN: Duration = Duration::from_millis(900);
/// The same where scripts have come, and may draw something yet.
pub(super) const STILL_SCRIPTED: Duration = Duration::from_secs(5);
/// The same where the page says that something is still to come.
const STILL_BUSY: Duration = Duration::from_secs(15);

/// The control of the script that shows the list of other methods.
const SWITCH_METHOD: &str = "switchMethod";

/// A page, and what led to it.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each one says whether a thing is so"
)]
pub(super) struct Situation<'a> {
    pub(super) page: &'a Page,
    pub(super) typed: Fields,
    pub(super) means: Means,
    /// What was submitted that this may be the answer to.
    pub(super) asked: Asked,
    /// How often the password was submitted, on all visits.
    pub(super) submitted: usize,
    /// For how long the page and the answer have been as they are.
    pub(super) still: Duration,
    /// For how long nothing has been under way that may change the page.
    pub(super) quiet: Duration,
    /// Whether the page waits for news from its server, and so for a person.
    pub(super) asks_for_news: bool,
    /// What was said last since something was submitted, though it may be gone.
    pub(super) said: &'a [String],
    /// Whether the page is another one than that on which something was last done.
    pub(super) is_redrawn: bool,
    /// What came in place of a page since something was submitted.
    pub(super) instead: Option<Instead>,
    /// Whether the page has asked something in a dialog since then.
    pub(super) asks_in_dialog: bool,
    /// Whether the org's server names another application than the client of the request.
    pub(super) is_of_another: bool,
    /// What was clicked before.
    pub(super) clicks: &'a Clicks,
}

/// What there is to do or to tell, and why.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Understood {
    pub(super) verdict: Verdict,
    pub(super) known: Known,
}

impl Understood {
    /// A page that is gone before anything can be done on it, again and again: more is known of one
    /// that comes with an error status.
    pub(super) fn restless(status: u16) -> Self {
        let mut understood = words(Verdict::Stopped(StopPage::Unknown), KnownBy::Page);
        understood.known.is = Some("goes on to another page, or to itself, again and again");
        understood.given_up_with(status, None)
    }

    /// Whether the visit ends here.
    pub(super) const fn is_stop(&self) -> bool {
        matches!(self.verdict, Verdict::Stopped(_))
    }

    /// What the form alone says.
    pub(super) fn by_form(verdict: Verdict) -> Self {
        Self {
            verdict,
            known: Known::default(),
        }
    }
}

impl Situation<'_> {
    /// Decides; nothing: look again.
    pub(super) fn understand(&self, heard: &Heard) -> Option<Understood> {
        match heard {
            Heard::Deaf => self
                .by_words(KnownBy::WordsAlone)
                .or_else(|| self.unheard()),
            Heard::Nothing {
                under_way,
                missing_script,
            } => self
                .by_words(KnownBy::Page)
                .or_else(|| self.at_rest(*under_way, missing_script.as_deref())),
            Heard::Pending => None,
            Heard::Broken(reason) => self.broken(reason),
            Heard::Answer {
                answer,
                is_fresh,
                under_way,
                ..
            } if *is_fresh => self.by_answer(answer, *under_way),
            Heard::Answer {
                answer, under_way, ..
            } => self.unanswered(answer, *under_way),
        }
    }

    /// What the page is, once it has been waited for as long as it may.
    pub(super) fn given_up(&self, heard: &Heard) -> Understood {
        let is_end =
            |one: &Understood| matches!(one.verdict, Verdict::Stopped(_) | Verdict::Refused(..));
        let understood = self.understand(heard).filter(is_end);
        understood.unwrap_or_else(|| match heard {
            Heard::Answer { answer, .. } => {
                let page = KnownPage::of(&answer.keys);
                let kind = page.and_then(|page| page.stop);
                stop(kind.unwrap_or(StopPage::Unknown), page, answer)
            }
            _ => words(self.unknown(), by(heard)),
        })
    }

    fn has_stood(&self, time: Duration) -> bool {
        self.still >= time
    }

    /// The same, and it has had the time to draw what it was answered last.
    fn has_rested(&self, time: Duration) -> bool {
        self.has_stood(time) && self.quiet >= STILL_KNOWN
    }

    fn by_words(&self, by: KnownBy) -> Option<Understood> {
        let verdict = self.page.by_words(self.typed, self.means, self.asked);
        let is_sure = match &verdict {
            Verdict::Wait => false,
            // What checks a browser, or has it wait in line, comes with an error status as well.
            Verdict::Stopped(StopPage::HttpError(_)) if self.page.captcha => false,
            Verdict::Stopped(StopPage::HttpError(_)) if self.page.busy => {
                self.has_stood(STILL_BUSY)
            }
            Verdict::Stopped(_) => self.has_stood(STILL_WORDS),
            // A page that goes on by itself has not said its last.
            Verdict::Refused(..) => !self.page.goes_on,
            _ => true,
        };
        is_sure.then(|| self.by_words_alone(words(verdict, by)))
    }

    /// Nothing is under way, and nothing is known of the page.
    fn at_rest(&self, under_way: bool, missing_script: Option<&str>) -> Option<Understood> {
        // One with nothing to type for a person may go on by a script that takes its time, one with
        // a captcha may have it solve itself, and one that has closed its form may open it.
        let page = self.page;
        let is_whole = page.is_whole() && !page.blank || self.instead.is_some();
        let is_passing = !page.asks && !self.asks_for_news && self.instead.is_none();
        // What nobody knows, beside the form that was sent by a script, may be that it goes on.
        let answers = page.acted_at > 0.0 && page.has_form() && !page.alerts.is_empty();
        let is_open = is_passing || answers || page.captcha || page.closed_for_now;
        let may_change = !is_whole || is_open;
        let can_draw = page.scripted && missing_script.is_none() && may_change;
        let wait = if page.busy && missing_script.is_none() {
            STILL_BUSY
        } else if can_draw {
            STILL_SCRIPTED
        } else {
            STILL_UNKNOWN
        };
        if under_way || !page.loaded || !self.has_rested(wait) {
            return None;
        }
        let mut understood = self.nothing_known(KnownBy::Page);
        let missing = missing_script.map(|script| format!("script not loaded: {script}"));
        understood.known.keys.extend(missing);
        Some(understood)
    }

    /// What is under way cannot be seen: a page that has come since something was submitted, and
    /// that no words are known of, is waited for as long as one whose scripts may draw.
    fn unheard(&self) -> Option<Understood> {
        let is_drawn = self.page.blank || !self.page.heading.is_empty();
        let is_there = self.is_redrawn && self.page.loaded && is_drawn;
        let is_still = is_there && self.has_stood(STILL_SCRIPTED);
        is_still.then(|| self.without_passkey(self.nothing_known(KnownBy::WordsAlone)))
    }

    /// What a page is that tells nothing by which it is known.
    fn nothing_known(&self, by: KnownBy) -> Understood {
        let Some(nature) = self.nature() else {
            return words(self.unknown(), by);
        };
        let verdict = nature.stop.map_or_else(|| self.unknown(), Verdict::Stopped);
        let mut understood = words(verdict, by);
        understood.known.is = Some(nature.is);
        understood.known.change = nature.change.or(understood.known.change);
        understood
    }

    /// A page of no known kind: a refusal in words of its own, if it says something after what was
    /// submitted.
    fn unknown(&self) -> Verdict {
        // What was said for a moment above the form that still stands is said of it.
        let said = match self.page.alerts.as_slice() {
            [] if self.page.has_form() => self.said,
            said => said,
        };
        if said.iter().any(|said| names_captcha(said)) {
            Verdict::Stopped(StopPage::Captcha)
        } else if self.asked.is_anything() && !said.is_empty() {
            Verdict::Refused(Refusal::Other, said.join(" / "))
        } else {
            Verdict::Stopped(StopPage::Unknown)
        }
    }

    /// The widget says that there is no connection, in words of its own.
    fn broken(&self, reason: &str) -> Option<Understood> {
        self.has_stood(STILL_WORDS).then(|| {
            let mut understood = words(Verdict::Stopped(StopPage::Unavailable), KnownBy::Keys);
            let known = &mut understood.known;
            known.is = Some("could not ask the org what comes next: the request broke off");
            known.keys.push(reason.to_owned());
            understood
        })
    }

    /// Something was submitted or clicked, and the page has asked the server nothing since.
    fn unanswered(&self, answer: &Answer, under_way: bool) -> Option<Understood> {
        if under_way || !self.has_rested(STILL_UNKNOWN) {
            return None;
        }
        if answer.keys.iter().any(|key| key == "has:captcha") {
            return Some(stop(StopPage::Captcha, None, answer));
        }
        let mut understood = words(self.unknown(), KnownBy::Keys);
        understood.known.keys = answer.shown();
        Some(understood)
    }

    fn by_answer(&self, answer: &Answer, under_way: bool) -> Option<Understood> {
        let mut keys = answer.keys.clone();
        keys.extend(self.page.route().map(|route| format!("route:{route}")));
        let page = KnownPage::of(&keys);
        let verdict = match page {
            Some(page) => self.by_page(page, answer, under_way)?,
            None if under_way => return None,
            None => self.unknown_key(answer)?,
        };
        Some(match verdict {
            Verdict::Stopped(kind) => {
                self.about_cover(page, self.about_passkey(page, stop(kind, page, answer)))
            }
            verdict => Understood {
                verdict,
                known: Known {
                    is: page.map(|page| page.is.as_str()),
                    keys: answer.shown(),
                    by: KnownBy::Keys,
                    ..Known::default()
                },
            },
        })
    }

    /// A form that would be filled in, if nothing covered it.
    fn about_cover(&self, page: Option<&KnownPage>, understood: Understood) -> Understood {
        let fills = |then: &Then| matches!(then, Then::Form | Then::Code);
        let is_filled = page.and_then(|page| page.then.as_ref()).is_some_and(fills);
        if !is_filled || !self.page.covered {
            return understood;
        }
        let known = Known {
            is: Some(Nature::COVERED.is),
            change: Nature::COVERED.change,
            ..understood.known
        };
        Understood {
            known,
            ..understood
        }
    }

    /// An answer with a key that nobody knows: never more than "not checked".
    fn unknown_key(&self, answer: &Answer) -> Option<Verdict> {
        let tells_error = answer.keys.iter().any(|key| is_error(key));
        let form = self.page.form(self.typed);
        // An error in answer to what was submitted may be of what comes of typing more.
        if matches!(form, Verdict::Fill(_)) && !(tells_error && self.asked.is_anything()) {
            return Some(form);
        }
        if !self.has_stood(if tells_error {
            STILL_KNOWN
        } else {
            STILL_UNKNOWN
        }) {
            return None;
        }
        let said = self.said(answer);
        let mut errors = answer.keys.iter().filter(|key| is_error(key));
        Some(
            if errors.any(|key| names_captcha(key)) || names_captcha(&said) {
                Verdict::Stopped(StopPage::Captcha)
            } else if self.asked.is_anything() && tells_error {
                Verdict::Refused(Refusal::Other, said)
            } else {
                Verdict::Stopped(StopPage::Unknown)
            },
        )
    }

    /// What the page says: its own words, else the server's.
    fn said(&self, answer: &Answer) -> String {
        let texts = if self.page.alerts.is_empty() {
            &answer.texts
        } else {
            &self.page.alerts
        };
        texts.join(" / ")
    }

    fn by_page(&self, page: &KnownPage, answer: &Answer, under_way: bool) -> Option<Verdict> {
        if let Some(refusal) = page.refused {
            return self.refused(refusal, answer);
        }
        let stop = page.stop.unwrap_or(StopPage::Unknown);
        match &page.then {
            Some(Then::Form) => self.form(stop, under_way),
            Some(Then::Code) => self.code(stop),
            Some(Then::Passkey) => self.passkey(stop, answer),
            Some(Then::NextCode) => Some(Verdict::NextCode),
            Some(Then::Choose) => self.choose(stop, answer),
            Some(Then::Wait) => None,
            Some(Then::Consent) if self.means.consent => self.pass(ALLOW, stop, answer),
            Some(Then::Consent) | None => self.stopped(stop),
            Some(Then::Pass(control)) => self.pass(control, stop, answer),
        }
    }

    /// What was said before anything was submitted refuses nobody: the org lets nobody in. That it
    /// was asked too fast is said of no user, whenever it is.
    fn refused(&self, refusal: Refusal, answer: &Answer) -> Option<Verdict> {
        let is_shown = !self.page.alerts.is_empty() || self.has_stood(STILL_KNOWN);
        is_shown.then(|| {
            if refusal == Refusal::NotAssigned && self.is_of_another {
                let said = format!("{} (said of another application)", self.said(answer));
                Verdict::Refused(Refusal::Other, said)
            } else if self.asked.is_anything() || refusal == Refusal::RateLimited {
                Verdict::Refused(refusal.after(self.typed), self.said(answer))
            } else {
                Verdict::Stopped(StopPage::Closed)
            }
        })
    }

    /// A page that is known to stop at, once it is the one that is shown.
    fn stopped(&self, kind: StopPage) -> Option<Verdict> {
        let wait = if self.is_redrawn {
            STILL_KNOWN
        } else {
            STILL_UNKNOWN
        };
        self.has_stood(wait).then_some(Verdict::Stopped(kind))
    }

    /// A control, a field or a way on that is still to be drawn or opened, or is not there at all.
    fn missing(&self, kind: StopPage) -> Option<Verdict> {
        let may_open = self.page.closed_for_now || self.page.covered;
        let wait = if may_open {
            STILL_SCRIPTED
        } else {
            STILL_UNKNOWN
        };
        self.has_stood(wait).then_some(Verdict::Stopped(kind))
    }

    fn form(&self, stop: StopPage, under_way: bool) -> Option<Verdict> {
        match self.page.form(self.typed) {
            Verdict::Wait if under_way => None,
            Verdict::Wait => self.missing(stop),
            form => Some(form),
        }
    }

    fn code(&self, stop: StopPage) -> Option<Verdict> {
        if !self.means.app {
            return self.stopped(stop);
        }
        if self.page.code && !self.typed.code {
            return Some(Verdict::Fill(Fields::CODE));
        }
        self.missing(stop)
    }

    /// A control that leads to the same page again leads nowhere.
    fn pass(&self, control: &str, stop: StopPage, answer: &Answer) -> Option<Verdict> {
        if self.is_in_vain(control, answer) {
            return self.stopped(stop);
        }
        if self.page.offers(control) {
            return Some(Verdict::Click(control.to_owned()));
        }
        self.missing(stop)
    }

    fn is_in_vain(&self, control: &str, answer: &Answer) -> bool {
        self.clicks.was_in_vain(control, &answer.keys, &answer.id)
    }

    fn choose(&self, stop: StopPage, answer: &Answer) -> Option<Verdict> {
        let offered = |(key, _): (&str, &str)| answer.choice(key);
        let password = offered(PASSWORD).filter(|_| !self.typed.password);
        let has_key = self.means.passkey == Key::Held && !self.clicks.chose(PASSKEY);
        let passkey = || answer.choice(PASSKEY).filter(|_| has_key);
        let app = || offered(APP).filter(|_| self.means.app && !self.typed.code);
        let means = password.or_else(passkey).or_else(app);
        let Some(choice) = means.filter(|choice| !self.is_in_vain(&choice.key, answer)) else {
            return self.stopped(stop);
        };
        if self.page.lists {
            return Some(Verdict::Choose(Choice::clone(choice)));
        }
        self.pass(SWITCH_METHOD, stop, answer)
    }
}

/// Whether a key or a text names a captcha: every language calls it so.
fn names_captcha(text: &str) -> bool {
    text.to_ascii_lowercase().contains("captcha")
}

/// What is known of every page of a kind, and what such a page does where that is all.
fn of_kind(kind: StopPage) -> Known {
    let is = (kind == StopPage::Captcha).then_some("wants a captcha to be solved");
    Known {
        is,
        ..known_of(kind)
    }
}

/// A page to stop at, by what the server said.
fn stop(kind: StopPage, page: Option<&'static KnownPage>, answer: &Answer) -> Understood {
    let known = match page {
        Some(page) => page.known(kind),
        None if answer.is_of_a_stranger() => Nature::OF_A_STRANGER.known(kind),
        None => of_kind(kind),
    };
    Understood {
        verdict: Verdict::Stopped(kind),
        known: Known {
            keys: answer.shown(),
            by: KnownBy::Keys,
            ..known
        },
    }
}

const fn by(heard: &Heard) -> KnownBy {
    match heard {
        Heard::Deaf => KnownBy::WordsAlone,
        _ => KnownBy::Page,
    }
}

/// What is known of a page by what it shows.
fn words(verdict: Verdict, by: KnownBy) -> Understood {
    let known = match &verdict {
        Verdict::Stopped(kind) => of_kind(*kind),
        _ => Known::default(),
    };
    Understood {
        verdict,
        known: Known { by, ..known },
    }
}
