//! Models that somebody got wrong in any way at all: never a panic, and always a place.

use std::path::Path;

use okta_e2e::model::OrgModel;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::support::world::file;

/// Models with everything that one can say.
const MODELS: [&str; 5] = [
    "fixtures/org.toml",
    "fixtures/org-orders.toml",
    "fixtures/org-code-only.toml",
    "tests/suite/companies/customers.toml",
    "tests/suite/companies/records.toml",
];

/// What stands in the place of a value.
const VALUES: [&str; 22] = [
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"a\\nb\"",
    "\"\\u202E\"",
    "\"{}\"",
    "\"%zz\"",
    "\"://\"",
    "\"[\"",
    "-1",
    "0",
    "99999999999999999999999999",
    "9223372036854775807",
    "1e400",
    "nan",
    "true",
    "2026-02-30",
    "2026-02-28T00:00:00Z",
    "[]",
    "[[[]], {}]",
    "{}",
    "{ all = [], any = { a = [1, \"b\"] } }",
];

/// What stands anywhere in the text.
const LETTERS: [char; 9] = ['\u{0}', '\u{7f}', '\u{202e}', '"', '[', '=', '#', '\n', 'é'];

/// A change to a text; places are of its lines that say something, or of its letters.
#[derive(Debug, Clone)]
enum Change {
    Drop(Index),
    Double(Index),
    Put(Index, &'static str),
    Rename(Index),
    Cut(Index),
    Insert(Index, char),
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<Index>().prop_map(Change::Drop),
        any::<Index>().prop_map(Change::Double),
        (any::<Index>(), select(&VALUES[..])).prop_map(|(at, value)| Change::Put(at, value)),
        any::<Index>().prop_map(Change::Rename),
        any::<Index>().prop_map(Change::Cut),
        (any::<Index>(), select(&LETTERS[..])).prop_map(|(at, letter)| Change::Insert(at, letter)),
    ]
}

impl Change {
    fn to(&self, text: &str) -> String {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let says = |line: &String| !line.is_empty() && !line.starts_with('#');
        let places = lines.iter().enumerate().filter(|(_, line)| says(line));
        let places: Vec<usize> = places.map(|(at, _)| at).collect();
        if places.is_empty() {
            return text.to_owned();
        }
        let line = |at: &Index| places[at.index(places.len())];
        match self {
            Self::Drop(at) => drop(lines.remove(line(at))),
            Self::Double(at) => lines.insert(line(at), lines[line(at)].clone()),
            Self::Put(at, value) => {
                let line = &mut lines[line(at)];
                let key = line.split('=').next().unwrap_or_default().to_owned();
                *line = format!("{key}= {value}");
            }
            Self::Rename(at) => lines[line(at)].insert(0, '_'),
            Self::Cut(at) => {
                let end = at.index(text.chars().count());
                return text.chars().take(end).collect();
            }
            Self::Insert(at, letter) => {
                let mut letters: Vec<char> = text.chars().collect();
                letters.insert(at.index(letters.len()), *letter);
                return letters.into_iter().collect();
            }
        }
        lines.join("\n")
    }
}

/// Whether a line says where: in the text, or by whom and which rule it is about.
fn has_place(line: &str) -> bool {
    let is_of_rules = ["too much: ", "too little: "];
    line.contains("line ") || is_of_rules.iter().any(|about| line.contains(about))
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: 2000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_changed_model_is_read_or_refused_with_a_place(
        model in select(&MODELS[..]),
        changes in prop::collection::vec(changes(), 1..4),
    ) {
        let text = std::fs::read_to_string(file(model)).expect("the model can be read");
        let text = changes.iter().fold(text, |text, change| {
            if text.trim().is_empty() { text } else { change.to(&text) }
        });
        if let Err(error) = OrgModel::parse(Path::new("changed.toml"), &text) {
            let lines = error.lines();
            prop_assert!(!lines.is_empty());
            let first = &lines[0];
            prop_assert!(first.starts_with("changed.toml: "), "{first}");
            prop_assert!(has_place(first), "no place: {first}");
        }
    }
}
