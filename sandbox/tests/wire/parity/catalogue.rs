//! Okta's error catalogue in both directions: what the sandbox says is in it, and what is listed of
//! it is said.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    code: String,
    status: u16,
    error: String,
    text: String,
}

#[derive(Debug, Deserialize)]
struct Catalogue {
    error: Vec<Listed>,
}

/// What the sandbox says in other words than the catalogue, and why.
const OTHERS: [(&str, &str); 4] = [
    (
        "The request was denied.",
        "what the fault `error.text-other` says",
    ),
    (
        "The token is invalid.",
        "what the fault `revocation.refuses-unknown` says, where Okta says nothing",
    ),
    (
        "The token is of another client.",
        "what the fault `revocation.of-others-fails` says, where Okta says nothing",
    ),
    (
        "Unknown parameter.",
        "what the fault `authorize.unknown-parameters-refused` says",
    ),
];

fn catalogue() -> Vec<Listed> {
    let read: Catalogue = toml::from_str(include_str!("catalogue.toml")).unwrap();
    read.error
}

/// The texts in the sources of the OAuth endpoints that are sentences, their lines joined.
fn sentences() -> BTreeSet<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open = vec![source.join("oauth"), source.join("error.rs")];
    let mut found = BTreeSet::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).unwrap();
            open.extend(entries.map(|entry| entry.unwrap().path()));
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            found.extend(literals(&code(&text)));
        }
    }
    found.retain(|text| {
        let begins = |first: char| first.is_uppercase() || first == '\'';
        let is_sentence = text.starts_with(begins) || text.starts_with("redirect_uri is");
        let ends = text.ends_with(['.', ']', '}']) || text.contains("{}");
        is_sentence && ends && text.contains(' ') && !text.contains('<')
    });
    found
}

/// The text without comments and unit tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The string literals of a source, each with its lines joined.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some((_, after)) = rest.split_once('"') {
        let mut text = String::new();
        let mut letters = after.char_indices();
        let mut end = after.len();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    end = at + 1;
                    break;
                }
                '\\' => text.extend(letters.next().map(|(_, next)| next)),
                letter => text.push(letter),
            }
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        found.push(words.join(" "));
        rest = &after[end..];
    }
    found
}

/// Whether a text of the sources is one of the catalogue, whatever is filled in: by the sources in
/// braces, by the catalogue for `*`.
fn fits(found: &str, listed: &str) -> bool {
    let found: Vec<&str> = found
        .split('{')
        .map(|part| part.split_once('}').map_or(part, |(_, rest)| rest))
        .map(|part| part.trim_matches(END))
        .collect();
    let has_hole = listed.contains('*');
    let listed: Vec<&str> = listed
        .split('*')
        .map(|part| part.trim_matches(END))
        .filter(|part| !part.is_empty())
        .collect();
    let is_known = |part: &&str| {
        let mut listed = listed.iter();
        listed.any(|known| known.contains(part) || (has_hole && part.contains(known)))
    };
    let is_said = |part: &&str| found.iter().any(|said| said.contains(part));
    found.first().is_some_and(is_known) && listed.iter().all(is_said)
}

const END: [char; 5] = [' ', '.', '[', ']', '\''];

#[test]
fn every_text_is_one_of_the_catalogue() {
    let catalogue = catalogue();
    let is_listed = |text: &String| {
        let mut listed = catalogue.iter().map(|listed| &listed.text);
        let mut others = OTHERS.iter();
        listed.any(|listed| fits(text, listed)) || others.any(|(other, _)| text.contains(other))
    };
    let unknown: Vec<String> = sentences()
        .into_iter()
        .filter(|text| !is_listed(text))
        .collect();
    assert_eq!(unknown, Vec::<String>::new(), "not in Okta's catalogue");
}

#[test]
fn every_listed_error_is_said() {
    let said = sentences();
    let catalogue = catalogue();
    let unsaid = catalogue.iter().filter(|listed| {
        let mut said = said.iter();
        !said.any(|text| fits(text, &listed.text))
    });
    let unsaid: Vec<&str> = unsaid.map(|listed| listed.code.as_str()).collect();
    assert_eq!(unsaid, Vec::<&str>::new(), "listed, and said nowhere");
}

/// The part of the page about errors.
pub(super) fn part() -> String {
    let mut part = String::from(
        "\n## Errors of OAuth endpoints\n\nEvery text of theirs is one of Okta's error catalogue, \
         and each of these is said somewhere; a test looks in both\ndirections.\n\n| error | \
         status | internal codes |\n|---|---|---|\n",
    );
    let catalogue = catalogue();
    let errors: BTreeSet<(&str, u16)> = catalogue
        .iter()
        .map(|listed| (listed.error.as_str(), listed.status))
        .collect();
    for (error, status) in errors {
        let of = catalogue
            .iter()
            .filter(|listed| (listed.error.as_str(), listed.status) == (error, status));
        let codes: Vec<String> = of.map(|listed| format!("`{}`", listed.code)).collect();
        let _ = writeln!(part, "| `{error}` | {status} | {} |", codes.join(", "));
    }
    for (text, why) in OTHERS {
        let _ = write!(part, "\nIn other words: \"{text}\", {why}.\n");
    }
    part
}
