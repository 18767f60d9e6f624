//! The table: every page of a sign-in, on every sign-in page, in other languages and surroundings.
//!
//! What must come of a visit is derived from what the server says by keys (`expected.rs`), never
//! from a text; what must not happen on the way is the same for all of them (`visit.rs`). Every
//! page is visited on each sign-in page in a third of the languages and surroundings, which take turns;
//! in all of them with `OKTA_E2E_ALL_PAGES=1`.

mod conduct;
mod expected;
mod page;
mod visit;

use std::time::Duration;

use okta_sandbox::{Facts, Language, Look, Options, SignInPage, scenarios};
use rstest::rstest;

use self::expected::Engine;
use self::visit::{Stage, Visited};
use super::place;

/// The variable that asks for the whole table.
const ALL: &str = "OKTA_E2E_ALL_PAGES";

/// A page is named within a second of standing still; it is drawn first, and there are other tests
/// on this machine.
const LONGEST_MEDIAN: Duration = Duration::from_secs(5);

macro_rules! on_pages {
    ($($(#[$only:meta])* $page:ident: $variant:ident,)+) => {$(
        #[rstest]
        #[case::in_english(Turn(0), Language::English, Look::Plain)]
        #[case::in_german(Turn(1), Language::German, Look::Plain)]
        #[case::in_japanese(Turn(2), Language::Japanese, Look::Plain)]
        #[case::in_portuguese(Turn(3), Language::Portuguese, Look::Plain)]
        #[case::from_right_to_left(Turn(4), Language::Arabic, Look::Plain)]
        #[case::in_words_of_its_own(Turn(5), Language::English, Look::OwnWords)]
        #[case::in_other_surroundings(Turn(6), Language::German, Look::Surrounded)]
        #[case::in_the_language_of_the_browser(Turn(7), Language::OfTheBrowser, Look::Plain)]
        $(#[$only])*
        fn $page(#[case] turn: Turn, #[case] language: Language, #[case] look: Look) {
            place::run(every_page(SignInPage::$variant, turn, language, look));
        }
    )+};
}

on_pages! {
    #[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
    classic: Classic,
    #[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
    generation_2: Gen2,
    #[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
    generation_3: Gen3,
}

/// The builtin page has words in English alone.
#[rstest]
fn builtin() {
    place::run(every_page(
        SignInPage::Builtin,
        Turn::ALL,
        Language::English,
        Look::Plain,
    ));
}

/// Which of the rows are visited in a language: one in [`Turn::COUNT`].
#[derive(Clone, Copy, Debug)]
struct Turn(usize);

impl Turn {
    const COUNT: usize = 3;
    /// Every row.
    const ALL: Self = Self(usize::MAX);

    /// Whether the row at this place is visited on this page: a page begins with another language
    /// than the one before it.
    fn is_of(self, place: usize, page: SignInPage) -> bool {
        let is_all = self.0 == usize::MAX || std::env::var_os(ALL).is_some();
        is_all || (place + page as usize + self.0).is_multiple_of(Self::COUNT)
    }
}

async fn every_page(page: SignInPage, turn: Turn, language: Language, look: Look) {
    let options = Options {
        language,
        look,
        watches_sign_in: true,
        ..Options::default()
    };
    let world = place::world(page, options).await;
    let (browsers, code) = if language == Language::OfTheBrowser {
        (place::german_browsers().await, "de-browser")
    } else {
        (place::browsers().await, language.code())
    };
    let stage = Stage {
        world: &world,
        browsers,
        page,
        name: format!("{code}-{look:?}"),
    };
    let mut visits = Vec::new();
    for row in rows(page, turn) {
        visits.push(visit::visit(&stage, &row).await);
    }
    let median = report(page, &stage.name, &visits);
    assert!(median <= LONGEST_MEDIAN, "{median:?}");
    let wrong: Vec<&String> = visits.iter().flat_map(|visited| &visited.wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The rows that the page has, and whose turn it is.
fn rows(page: SignInPage, turn: Turn) -> Vec<Facts> {
    let engine = Engine::of(page);
    let rows = scenarios().into_iter();
    let rows = rows.filter(|row| !engine.answers(row).is_empty() && can_show(page, row));
    let rows = rows.enumerate();
    let rows = rows.filter(|(place, _)| turn.is_of(*place, page));
    rows.map(|(_, row)| row).collect()
}

/// The builtin page has no captcha to show.
fn can_show(page: SignInPage, row: &Facts) -> bool {
    let mut answers = row.identity.iter();
    page != SignInPage::Builtin || !answers.any(|answer| answer.members.contains(&"captcha"))
}

/// How many visits there were, and how long after the last answer each was at its end; the median.
fn report(page: SignInPage, name: &str, visits: &[Visited]) -> Duration {
    let mut times: Vec<Duration> = visits.iter().map(|visited| visited.named_after).collect();
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let longest = times.last().copied().unwrap_or_default();
    println!(
        "{page:?} {name}: {} visits, named {median:.2?} after the last answer, {longest:.2?} at most",
        visits.len()
    );
    median
}
