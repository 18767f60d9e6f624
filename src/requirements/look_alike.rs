//! Names that somebody may take for one another: by case, blanks, signs, plural, letters that look
//! alike, or one letter that was typed wrong.

use std::collections::{BTreeMap, BTreeSet};

use crate::escape;

/// So many letters are named by their numbers.
const MOST_LETTERS: usize = 3;
/// In longer texts nobody looks for single letters.
const LONGEST: usize = 20_000;
/// In shorter names one letter makes another word.
const LEAST_FOR_A_TYPO: usize = 6;

/// Letters of other alphabets by the Latin ones that they look like, and signs by letters (Unicode
/// Technical Standard 39, `confusables.txt`); capitals that look alike only as capitals among them.
const LOOK_LIKE: [(char, &str); 26] = [
    ('a', "аαΑА"),
    ('b', "ВΒ"),
    ('c', "сС"),
    ('d', "ԁ"),
    ('e', "еЕΕ"),
    ('h', "һНΗ"),
    ('j', "јЈ"),
    ('k', "КΚκ"),
    ('l', "1|iіιІΙӏ"),
    ('m', "МΜ"),
    ('n', "Ν"),
    ('o', "0оοОΟ"),
    ('p', "рРρΡ"),
    ('q', "ԛ"),
    ('s', "ѕЅ"),
    ('t', "ТΤ"),
    ('u', "υ"),
    ('v', "ν"),
    ('w', "ԝ"),
    ('x', "хХΧ"),
    ('y', "уУΥ"),
    ('z', "Ζ"),
    ('e', "éèêë"),
    ('a', "áàâä"),
    ('o', "óòôö"),
    ('u', "úùûü"),
];

/// Whether one name may be taken for the other; the same name is not.
pub(super) fn looks_like(one: &str, other: &str) -> bool {
    if one == other {
        return false;
    }
    let (one, other) = (seen(one), seen(other));
    (one == other && !one.is_empty()) || is_a_typo_of(&one, &other)
}

/// What of a name is seen: its words, in small Latin letters and in the singular.
fn seen(name: &str) -> Vec<char> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars().map(narrow) {
        let begins = !letter.is_alphanumeric() || (was_small && letter.is_uppercase());
        if begins {
            words.push(String::new());
        }
        was_small = letter.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(latin(letter).to_lowercase().map(latin));
        }
    }
    words
        .iter()
        .flat_map(|word| singular(word).chars())
        .collect()
}

/// The letter, of the full-width forms the usual one (U+FF01 to U+FF5E).
fn narrow(letter: char) -> char {
    const AWAY: u32 = 0xFEE0;
    let code = u32::from(letter);
    let is_wide = (0xFF01..=0xFF5E).contains(&code);
    let narrow = is_wide.then(|| char::from_u32(code - AWAY)).flatten();
    narrow.unwrap_or(letter)
}

fn latin(letter: char) -> char {
    let like = LOOK_LIKE.iter().find(|(_, others)| others.contains(letter));
    like.map_or(letter, |(latin, _)| *latin)
}

fn singular(word: &str) -> &str {
    let stem = word.strip_suffix('s');
    stem.filter(|stem| stem.len() > 2 && !stem.ends_with('s'))
        .unwrap_or(word)
}

/// Whether one letter more, less or another, or two exchanged, make one of the other. Numbers tell
/// names apart on purpose.
fn is_a_typo_of(one: &[char], other: &[char]) -> bool {
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[same..], &other[same..]);
    let pairs = one.iter().rev().zip(other.iter().rev());
    let behind = pairs.take_while(|(a, b)| a == b).count();
    let apart = |rest: &[char]| rest[..rest.len() - behind].to_vec();
    let (one, other) = (apart(one), apart(other));
    let is_long = same + behind + 1 >= LEAST_FOR_A_TYPO;
    let is_word = one
        .iter()
        .chain(&other)
        .all(|letter| letter.is_alphabetic());
    let is_exchanged = || matches!((&one[..], &other[..]), ([a, b], [c, d]) if a == d && b == c);
    is_long && is_word && (one.len().max(other.len()) == 1 || is_exchanged())
}

/// A name for a sentence, with the letters that are not of ASCII by their numbers: who reads the
/// name may not see them.
pub(super) fn shown(name: &str) -> String {
    let unusual: BTreeSet<char> = name.chars().filter(|letter| !letter.is_ascii()).collect();
    if unusual.is_empty() {
        return format!("`{name}`");
    }
    format!("`{name}`{}", with(&unusual))
}

/// The letters by their numbers.
fn with(letters: &BTreeSet<char>) -> String {
    let numbers = letters.iter().take(MOST_LETTERS);
    let numbers: Vec<String> = numbers.map(|letter| escape::letter(*letter)).collect();
    format!(" (with {})", numbers.join(" and "))
}

/// A text in which letters of other alphabets are named that stand in a word as if they were Latin
/// ones: two names that differ by one of them print alike.
#[must_use]
pub fn name_letters(text: &str) -> String {
    if text.is_ascii() || text.len() > LONGEST {
        return text.to_owned();
    }
    let mut places: BTreeMap<usize, BTreeSet<char>> = BTreeMap::new();
    let mut from = 0;
    while let Some((word, end)) = next_word(text, from) {
        let letters = disguised(word);
        if !letters.is_empty() {
            places.entry(behind(text, end)).or_default().extend(letters);
        }
        from = end;
    }
    let mut named = text.to_owned();
    for (place, letters) in places.into_iter().rev() {
        let is_named = named
            .get(place..)
            .is_some_and(|rest| rest.starts_with(" (with U+"));
        if !is_named {
            named.insert_str(place, &with(&letters));
        }
    }
    named
}

/// The next word of a text from a place on, and where it ends.
fn next_word(text: &str, from: usize) -> Option<(&str, usize)> {
    let rest = text.get(from..)?;
    let start = rest.find(char::is_alphanumeric)?;
    let word = rest.get(start..)?;
    let length = word.find(|letter: char| !letter.is_alphanumeric());
    let word = word.get(..length.unwrap_or(word.len()))?;
    Some((word, from + start + word.len()))
}

/// The letters of a word that are not Latin and look so, where all that look like none are missing.
fn disguised(word: &str) -> Vec<char> {
    let is_foreign =
        |letter: &char| matches!(u32::from(*letter), 0x0370..=0x052F | 0xFF01..=0xFF5E);
    let looks_latin = |letter: char| latin(narrow(letter)).is_ascii();
    if !word.chars().all(looks_latin) {
        return Vec::new();
    }
    word.chars().filter(is_foreign).collect()
}

/// Where something can be said of what ends at a place: behind the quotes that it stands in.
fn behind(text: &str, place: usize) -> usize {
    let (before, rest) = text.split_at(place);
    let quotes = ['`', '"'].into_iter();
    let mut open = quotes.filter(|quote| before.matches(*quote).count() % 2 == 1);
    let end = open.find_map(|quote| rest.find(quote));
    end.map_or(place, |end| place + end + 1)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::case("silverSubscribers", "SilverSubscribers", true)]
    #[case::small_letters("silverSubscribers", "silversubscribers", true)]
    #[case::blanks("silverSubscribers", "silver subscribers", true)]
    #[case::a_blank_behind("silverSubscribers", "silverSubscribers ", true)]
    #[case::a_blank_of_no_width("silverSubscribers", "silver\u{200B}Subscribers", true)]
    #[case::hyphen("silverSubscribers", "silver-subscribers", true)]
    #[case::underscore("silver_subscribers", "silver-subscribers", true)]
    #[case::plural("silverSubscribers", "silverSubscriber", true)]
    #[case::plural_within("sales-team", "sale-teams", true)]
    #[case::cyrillic("goldSubscribers", "g\u{43E}ldSubscribers", true)]
    #[case::greek_capital("Team Beta", "\u{3A4}eam \u{392}eta", true)]
    #[case::full_width("gold", "\u{FF47}old", true)]
    #[case::capital_i_for_l("gold", "goId", true)]
    #[case::zero_for_o("gold", "g0ld", true)]
    #[case::accent("caf\u{E9}", "cafe", true)]
    #[case::one_letter_less("silverSubscribers", "silverSubcribers", true)]
    #[case::one_letter_more("silverSubscribers", "silverrSubscribers", true)]
    #[case::another_letter("silverSubscribers", "silverSubscrybers", true)]
    #[case::two_exchanged("silverSubscribers", "sliverSubscribers", true)]
    #[case::the_same("gold", "gold", false)]
    #[case::another("silverSubscribers", "goldSubscribers", false)]
    #[case::more_words("silverSubscribers", "silverSubscribers-test", false)]
    #[case::number("region1", "region2", false)]
    #[case::short("gold", "bold", false)]
    #[case::shorter("gold", "old", false)]
    #[case::signs_alone("--", "__", false)]
    #[case::empty("", "a", false)]
    fn names_that_somebody_may_take_for_one_another(
        #[case] one: &str,
        #[case] other: &str,
        #[case] alike: bool,
    ) {
        assert_eq!(looks_like(one, other), alike);
        assert_eq!(looks_like(other, one), alike);
    }

    #[test]
    fn a_letter_that_cannot_be_told_apart_is_named_by_its_number() {
        let cyrillic = "`g\u{43E}ld` (with U+043E, a Cyrillic letter)";
        assert_eq!(shown("g\u{43E}ld"), cyrillic);
        assert_eq!(name_letters(cyrillic), cyrillic);
        assert_eq!(shown("gold "), "`gold `");
    }

    #[rstest]
    #[case::in_a_scope(
        "rule `a` gives http://myapp.com/scp/g\u{43E}ld too",
        "rule `a` gives http://myapp.com/scp/g\u{43E}ld (with U+043E, a Cyrillic letter) too"
    )]
    #[case::in_quotes(
        "[\"http://myapp.com/scp/g\u{43E}ld\"]",
        "[\"http://myapp.com/scp/g\u{43E}ld\" (with U+043E, a Cyrillic letter)]"
    )]
    #[case::in_a_name_of_two_words(
        "`g\u{43E}ld te\u{430}m` is there",
        "`g\u{43E}ld te\u{430}m` (with U+0430, a Cyrillic letter and U+043E, a Cyrillic letter) \
         is there"
    )]
    #[case::a_word_of_another_language(
        "`\u{433}\u{440}\u{443}\u{43F}\u{43F}\u{430}`",
        "`\u{433}\u{440}\u{443}\u{43F}\u{43F}\u{430}`"
    )]
    #[case::accents("`caf\u{E9}`", "`caf\u{E9}`")]
    #[case::ascii("`gold`", "`gold`")]
    fn a_letter_that_looks_like_another_is_named(#[case] text: &str, #[case] named: &str) {
        assert_eq!(name_letters(text), named);
    }
}
