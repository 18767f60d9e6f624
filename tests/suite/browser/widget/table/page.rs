//! `docs/sign-in-pages.md`: what comes of each page of a sign-in, by the table that the visits are
//! judged by.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use okta_sandbox::{Facts, FactsOfAnswer, scenarios};

use super::expected::{self, Ends, Engine};
use crate::support::world::file;

const PLACE: &str = "docs/sign-in-pages.md";

/// What it begins with, and what it ends with: what no row shows.
const HEAD: &str = include_str!("head.md");
const NOT_PRODUCED: &str = include_str!("not_produced.md");

#[test]
fn the_page_of_sign_in_pages_is_current() {
    let (page, path) = (page(), file(PLACE));
    if std::env::var_os("OKTA_E2E_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("the page is written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "{PLACE} is not current: `OKTA_E2E_WRITE_DOCS=1 scripts/test the_page_of` writes it anew"
    );
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    let engines = [
        (Engine::Identity, "Identity Engine"),
        (Engine::Classic, "Classic Engine"),
    ];
    for (engine, name) in engines {
        let rows: Vec<Facts> = scenarios();
        let rows: Vec<&Facts> = rows
            .iter()
            .filter(|row| !engine.answers(row).is_empty())
            .collect();
        let passed = rows
            .iter()
            .filter(|row| expected::stop(row, engine).is_none());
        let _written = write!(
            page,
            "\n## {name}: {} pages, {} of them passed\n\n\
             | page | outcome | known by | never sent | shape |\n|---|---|---|---|---|\n",
            rows.len(),
            passed.count()
        );
        page.extend(rows.iter().map(|row| line(row, engine)));
    }
    page.push_str(&by_key_alone());
    page.push_str(NOT_PRODUCED);
    page
}

fn line(row: &Facts, engine: Engine) -> String {
    let stop = expected::stop(row, engine);
    let outcome = stop.map_or_else(|| "passed".to_owned(), |(_, ends)| outcome(ends));
    // What leads past a page is all that is sent of it.
    let told = stop
        .map(|(answer, _)| answer)
        .or(engine.answers(row).first());
    let keys = told.map(|answer| keys(answer, engine)).unwrap_or_default();
    let unsent = stop.filter(|_| engine == Engine::Identity);
    let unsent = unsent.map(|(answer, _)| code(answer.names.iter().copied()));
    format!(
        "| {} | {outcome} | {} | {} | {} |\n",
        row.name,
        code(keys.iter().map(String::as_str)),
        unsent.unwrap_or_default(),
        row.source
    )
}

/// `stopped: SecondFactor` as people say it.
fn outcome(ends: Ends) -> String {
    let words = ends.iter().map(|end| {
        let (how, what) = end.split_once(": ").unwrap_or_default();
        let mut words = String::new();
        for letter in what.chars() {
            if letter.is_uppercase() && !words.is_empty() {
                words.push(' ');
            }
            words.extend(letter.to_lowercase());
        }
        match how {
            "refused" => format!("refused: {words}"),
            "untrusted" => "named: page of another origin".to_owned(),
            _ => format!("named: {words}"),
        }
    });
    words.collect::<Vec<_>>().join(" or ")
}

/// The keys of an answer by which the page is known.
fn keys(answer: &FactsOfAnswer, engine: Engine) -> Vec<String> {
    let first = answer.names.first().map(|name| match engine {
        Engine::Identity => format!("remediation:{name}"),
        Engine::Classic if answer.status >= 400 => format!("error:{name}"),
        Engine::Classic => format!("status:{name}"),
    });
    let key = answer.key.map(|key| format!("authenticator:{key}"));
    let messages = answer.messages.iter();
    let messages = messages.map(|key| format!("message:{}", key.trim_start_matches("errors.")));
    let status = (answer.status >= 400).then(|| format!("http:{}", answer.status));
    let all = first.into_iter().chain(key).chain(messages).chain(status);
    all.collect()
}

/// The forms of the table of keys that no row has.
fn by_key_alone() -> String {
    let table = std::fs::read_to_string(file("src/browser/known.toml")).expect("the table");
    let parts = table
        .split('"')
        .filter_map(|part| part.strip_prefix("remediation:"));
    let known: BTreeSet<&str> = parts.filter(|name| !name.ends_with('*')).collect();
    let rows = scenarios();
    let answers = rows.iter().flat_map(|row| &row.identity);
    let shown: BTreeSet<&str> = answers
        .flat_map(|answer| answer.names.iter().copied())
        .collect();
    let alone = known.difference(&shown).copied();
    format!(
        "\n## Known by their key alone\n\nForms that the widget's code knows and no row of the \
         sandbox shows, for want of an answer of\nOkta's with them: {}.\nThey are named on pages \
         that are drawn for it (`tests/suite/browser/keys/`), or by the unit tests of the\ntable.\n",
        code(alone)
    )
}

fn code<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let quoted = names.map(|name| format!("`{name}`"));
    quoted.collect::<Vec<_>>().join(", ")
}
