//! The table: every page of a sign-in, on every sign-in page, in other languages and surroundings.
//!
//! What must come of a visit is derived from what the server says by keys (`expected.rs`), never
//! from a text; what must not happen on the way is the same for all of them (`visit.rs`). A third
//! of it is visited; all of it with `OKTA_E2E_ALL_PAGES=1`.

mod conduct;
mod expected;
mod visit;

use std::time::Duration;

use okta_sandbox::{Facts, Language, Look, Options, SignInPage, scenarios};
use rstest::rstest;

use self::expected::Engine;
use self::visit::{Stage, Visited};
use super::place;
use crate::support::world::World;

/// The variable that asks for the whole table.
const ALL: &str = "OKTA_E2E_ALL_PAGES";

/// A page is named within a second of standing still; it is drawn first, and there are other tests
/// on this machine.
const LONGEST_MEDIAN: Duration = Duration::from_secs(5);

/// One in so many rows is visited otherwise.
const SAMPLE: usize = 3;

macro_rules! on_pages {
    ($($(#[$only:meta])* $page:ident: $variant:ident,)+) => {$(
        #[rstest]
        #[case::in_english(0, Language::English, Look::Plain)]
        #[case::in_german(1, Language::German, Look::Plain)]
        #[case::in_japanese(2, Language::Japanese, Look::Plain)]
        #[case::in_portuguese(0, Language::Portuguese, Look::Plain)]
        #[case::from_right_to_left(1, Language::Arabic, Look::Plain)]
        #[case::in_words_of_its_own(2, Language::English, Look::OwnWords)]
        #[case::in_other_surroundings(0, Language::German, Look::Surrounded)]
        $(#[$only])*
        fn $page(#[case] third: usize, #[case] language: Language, #[case] look: Look) {
            place::run(every_page(SignInPage::$variant, third, language, look));
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
#[case::first_third(0)]
#[case::second_third(1)]
#[case::last_third(2)]
fn builtin(#[case] third: usize) {
    place::run(every_page(
        SignInPage::Builtin,
        third,
        Language::English,
        Look::Plain,
    ));
}

async fn every_page(page: SignInPage, third: usize, language: Language, look: Look) {
    let options = Options {
        language,
        look,
        watches_sign_in: true,
        ..Options::default()
    };
    let world = World::of("fixtures/org.toml", place::builder(page, options)).await;
    let stage = Stage {
        world: &world,
        page,
        name: format!("{}-{look:?}", language.code()),
    };
    let mut visits = Vec::new();
    for row in rows(page, third) {
        visits.push(visit::visit(&stage, &row).await);
    }
    let median = report(page, &stage.name, &visits);
    assert!(median <= LONGEST_MEDIAN, "{median:?}");
    let wrong: Vec<&String> = visits.iter().flat_map(|visited| &visited.wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The rows that the page has, or the third of them whose turn it is.
fn rows(page: SignInPage, third: usize) -> Vec<Facts> {
    let is_all = std::env::var_os(ALL).is_some();
    let engine = Engine::of(page);
    let rows = scenarios().into_iter();
    let rows = rows.filter(|row| !engine.answers(row).is_empty() && can_show(page, row));
    let rows = rows.enumerate();
    let rows = rows.filter(|(place, _)| is_all && third == 0 || place % SAMPLE == third);
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
