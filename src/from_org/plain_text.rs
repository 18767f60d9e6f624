//! A TOML text in which everything can be seen: what cannot, or turns its line around in an editor,
//! stands there as TOML escapes it.

use std::fmt::Write as _;

use crate::escape::is_hidden;

/// The same TOML with every hidden character of its strings escaped.
pub(super) fn with_escapes(text: &str) -> String {
    let mut rest = text;
    let mut written = String::with_capacity(text.len());
    while let Some(start) = rest.find(['"', '\'']) {
        let (before, string) = rest.split_at(start);
        written.push_str(before);
        let quote = if string.starts_with("\"\"\"") || string.starts_with("'''") {
            &string[..3]
        } else {
            &string[..1]
        };
        let end = end_of(string, quote);
        let content = &string[quote.len()..end];
        written.push_str(&rewritten(content, quote));
        rest = string.get(end + quote.len()..).unwrap_or_default();
    }
    written.push_str(rest);
    written
}

/// Where the content of a string ends.
fn end_of(string: &str, quote: &str) -> usize {
    let has_escapes = quote.starts_with('"');
    let mut at = quote.len();
    while let Some(left) = string.get(at..).filter(|left| !left.is_empty()) {
        if left.starts_with(quote) {
            return at;
        }
        let mut characters = left.chars();
        let one = characters.next();
        let escaped = characters
            .next()
            .filter(|_| has_escapes && one == Some('\\'));
        at += [one, escaped]
            .into_iter()
            .flatten()
            .map(char::len_utf8)
            .sum::<usize>();
    }
    string.len()
}

/// A string that shows what is in it: a literal one, which knows no escapes, becomes a basic one.
fn rewritten(content: &str, quote: &str) -> String {
    let is_of_lines = quote.len() > 1;
    let is_kept = |one: char| one == '\n' && is_of_lines;
    if !content.chars().any(|one| is_hidden(one) && !is_kept(one)) {
        return format!("{quote}{content}{quote}");
    }
    let is_literal = quote.starts_with('\'');
    let mut shown = String::with_capacity(content.len() + 16);
    for one in content.chars() {
        match one {
            '\\' | '"' if is_literal => shown.extend(['\\', one]),
            one if is_hidden(one) && !is_kept(one) => {
                let _ = write!(shown, "\\U{:08X}", u32::from(one));
            }
            one => shown.push(one),
        }
    }
    let quote = quote.replace('\'', "\"");
    format!("{quote}{shown}{quote}")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// What is read of it is what was written, and all of it can be seen.
    #[rstest]
    #[case::plain("silverSubscribers")]
    #[case::turned_around("a \u{202e}gold")]
    #[case::turned_around_in_quotes("tab\tand \"quote\" \u{202e}gold")]
    #[case::with_a_backslash("a\\b'c\u{200b}")]
    #[case::of_lines("first\nsecond \u{202e}'\"third")]
    #[case::of_both_quotes("'\"\u{202e}\"'")]
    fn a_string_can_be_seen_and_says_the_same(#[case] value: &str) {
        let table = toml::Table::from_iter([("name".to_owned(), value.into())]);
        let text = with_escapes(&toml::to_string(&table).expect("TOML"));
        let is_seen = |one: char| one == '\n' || !is_hidden(one);
        assert!(text.chars().all(is_seen), "{text:?}");
        assert_eq!(text.parse::<toml::Table>().expect("TOML"), table, "{text}");
    }
}
