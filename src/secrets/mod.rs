//! Takes every secret of a run out of what is written, in every form in which it may come.
//!
//! A text is not searched for forms of a secret. It is *read* in every way that it may be written
//! (`reading`), a reading of a reading too, and the secret is looked for in each: so that a new
//! mixture of escapes is no new case.

mod reading;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use secrecy::{ExposeSecret as _, SecretString};

use crate::escape;

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";
/// A shorter secret is taken out only where it is a word of its own.
pub const SHORTEST: usize = 8;
/// Of a secret as long as this, every part as long as this is taken out.
pub const PART: usize = 16;

/// A part of 16 bytes holds one of these at any place, if they begin at every fifth byte.
const GRAM: usize = 12;
const STRIDE: usize = PART - GRAM + 1;
/// A reading of a reading of a reading: a header in JSON on a page.
const DEEPEST: usize = 3;
/// No message takes more of a text than this, so that no more is searched.
const MOST_READ: usize = 20_000;
/// Where a text was cut, a part of a secret may stand: every byte of it escaped twice over.
const UNSURE: usize = PART * 12;

/// A rule by which secrets are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// In capitals or in small letters.
    Case,
    /// `%40`, as URLs and forms have it.
    Percent,
    /// `+` for a blank, as forms have it.
    Form,
    /// `&quot;`, `&#34;`, `&#x22;`, as HTML and XML have it.
    Markup,
    /// `\"`, `\/`, `\u0022`, as JSON has it.
    Json,
    /// `\u{22}`, as the suite's own output and Rust have it.
    Shown,
    /// Base64 at any offset, alone or inside of something longer.
    Base64,
    /// Base64 of the alphabet for URLs.
    Base64Url,
    /// Two digits of base 16 for each byte.
    Hexadecimal,
    /// The numbers of the bytes, with commas between them, as a list of JSON has them.
    Numbers,
    /// Broken over lines, by characters without width, or by the same mark after each letter.
    Broken,
    /// A form of a form.
    Nested,
    /// In parts.
    Parts,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 13] = [
        Self::Case,
        Self::Percent,
        Self::Form,
        Self::Markup,
        Self::Json,
        Self::Shown,
        Self::Base64,
        Self::Base64Url,
        Self::Hexadecimal,
        Self::Numbers,
        Self::Broken,
        Self::Nested,
        Self::Parts,
    ];
}

/// Which rules are in force.
#[derive(Debug, Clone, Copy, Default)]
struct Rules {
    left_out: Option<Rule>,
}

impl Rules {
    fn has(self, rule: Rule) -> bool {
        self.left_out != Some(rule)
    }
}

/// Every secret and token of a run. Clones share what they know, so that a secret is known to
/// everything that prints or writes as soon as it is known at all.
#[derive(Default, Clone)]
pub struct Secrets {
    index: Arc<RwLock<Index>>,
    rules: Rules,
}

#[derive(Default)]
struct Index {
    /// Those that are found as a whole.
    wholes: HashSet<Vec<u8>>,
    /// Longer ones, which are found by their pieces.
    long: Vec<Vec<u8>>,
    /// Where a piece is: in which of them, and at which byte.
    grams: HashMap<[u8; GRAM], (usize, usize)>,
    /// Names and words that are never touched, whatever a secret is.
    protected: HashSet<Vec<u8>>,
    /// All of them, a line each.
    words: Vec<u8>,
    word_grams: HashSet<[u8; GRAM]>,
}

/// Why a secret is not taken out of everything that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// It would be found in the middle of words.
    #[error(
        "is shorter than {SHORTEST} characters: it is taken out of reports only where it is a word \
         of its own; choose a longer one"
    )]
    Short,
    /// It is what a trial or an object of the model is called.
    #[error(
        "is part of a name of the org model or of a trial, which reports must show: it is not \
         taken out of them; choose another one"
    )]
    Word,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let index = self.index();
        let known = index.wholes.len() + index.grams.len();
        write!(formatter, "Secrets({known} pieces)")
    }
}

impl Secrets {
    /// These words are never taken out, whatever a secret is that is added from now on.
    pub fn protect<T: AsRef<str>>(&self, words: impl IntoIterator<Item = T>) {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        for word in words {
            let word = self.fold(word.as_ref().as_bytes());
            if !index.protected.contains(&word) {
                index.word_grams.extend(grams(&word));
                index.words.extend(&word);
                index.words.push(b'\n');
                index.protected.insert(word);
            }
        }
    }

    /// The same secrets without one of the rules, to show what it is needed for.
    #[must_use]
    pub fn without(rule: Rule) -> Self {
        Self {
            index: Arc::default(),
            rules: Rules {
                left_out: Some(rule),
            },
        }
    }

    /// Adds a secret.
    pub fn add(&self, secret: &SecretString) {
        let secret = secret.expose_secret();
        if secret.is_empty() {
            return;
        }
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        // The header says which key signed, and all tokens of that key have it.
        let own = header_end(secret);
        let variants = variants(secret, self.rules.has(Rule::Case));
        let folded = variants.iter().map(|text| self.fold(text.as_bytes()));
        for variant in folded.collect::<HashSet<_>>() {
            match variant.get(own..) {
                Some(own) if own.len() >= PART && self.rules.has(Rule::Parts) => index.split(own),
                _ => index.keep(variant),
            }
        }
    }

    /// Adds what variables of these names hold, where the names are those of secrets.
    pub fn add_variables<'a>(&self, variables: impl Iterator<Item = (&'a str, &'a str)>) {
        for (_, value) in variables.filter(|(name, _)| is_secret(name)) {
            self.add(&SecretString::from(value));
            // What shows a secret may leave out the blanks at its ends.
            self.add(&SecretString::from(value.trim()));
        }
    }

    /// The names of the variables whose secrets cannot be kept out of everything, and why.
    #[must_use]
    pub fn doubts<'a>(&self, variables: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
        let secret = variables.filter(|(name, _)| is_secret(name));
        let doubts = secret.filter_map(|(name, value)| {
            let doubt = self.doubt(&SecretString::from(value))?;
            Some(format!("{name} {doubt}"))
        });
        doubts.collect()
    }

    /// Why a secret cannot be kept out of everything that is written.
    #[must_use]
    pub fn doubt(&self, secret: &SecretString) -> Option<Doubt> {
        let text = secret.expose_secret();
        let folded = self.fold(text.as_bytes());
        if contains(&self.index().words, &folded) {
            Some(Doubt::Word)
        } else {
            (text.chars().count() < SHORTEST).then_some(Doubt::Short)
        }
    }

    /// The text without any of the secrets.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let index = self.index();
        if index.is_empty() {
            return text.to_owned();
        }
        let mut found = Vec::new();
        self.find(&index, text.as_bytes(), DEEPEST, &mut found);
        drop(index);
        if found.is_empty() {
            return text.to_owned();
        }
        found.sort_unstable_by_key(|range| range.start);
        let (mut clean, mut done) = (String::with_capacity(text.len()), 0);
        for range in found {
            let start = floor(text, range.start);
            if start > done || (start == done && !clean.ends_with(REDACTED)) {
                clean.push_str(&text[done..start]);
                clean.push_str(REDACTED);
            }
            done = done.max(ceiling(text, range.end));
        }
        clean.push_str(&text[done..]);
        clean
    }

    /// The beginning of a text of others, to be quoted: without any of the secrets, with nothing
    /// hidden in it, and with how much of it was cut off.
    #[must_use]
    pub fn quote(&self, text: &str) -> String {
        let most = escape::MOST_IN_TERMINAL;
        let Some((end, _)) = text.char_indices().nth(MOST_READ) else {
            return escape::beginning(&escape::visible(&self.redact(text)), most);
        };
        let head: String = self.head(&text[..end]).chars().take(most).collect();
        head + &escape::more(text.chars().count() - most)
    }

    /// A field of the record, of which beginning and end are kept where it is longer than that.
    #[must_use]
    pub fn field(&self, text: &str, most: usize) -> String {
        let all = text.chars().count();
        if all <= 2 * MOST_READ {
            return escape::ends(&escape::visible(&self.redact(text)), most);
        }
        let place = |character| text.char_indices().nth(character).map(|(place, _)| place);
        let (head, tail) = (place(MOST_READ), place(all - MOST_READ));
        let head = self.head(&text[..head.unwrap_or_default()]);
        let tail = self.tail(&text[tail.unwrap_or_default()..]);
        let (begins, ends) = (most - most / 4, most / 4);
        let head: String = head.chars().take(begins).collect();
        let skipped = tail.chars().count().saturating_sub(ends);
        let tail: String = tail.chars().skip(skipped).collect();
        format!("{head}{} …{tail}", escape::more(all - most))
    }

    /// The beginning of a text that was cut, without what may be the beginning of a secret.
    fn head(&self, text: &str) -> String {
        let mut shown = self.redact(text);
        shown.truncate(floor(&shown, shown.len().saturating_sub(UNSURE)));
        escape::visible(&shown)
    }

    /// The same of the end of a text.
    fn tail(&self, text: &str) -> String {
        let shown = self.redact(text);
        escape::visible(&shown[ceiling(&shown, UNSURE.min(shown.len()))..])
    }

    fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where secrets are in a text, and in its readings.
    fn find(&self, index: &Index, text: &[u8], depth: usize, found: &mut Vec<Range<usize>>) {
        let folded = self.fold(text);
        index.find(&folded, found);
        let deepest = if self.rules.has(Rule::Nested) {
            0
        } else {
            DEEPEST - 1
        };
        if depth == deepest {
            return;
        }
        for reading in reading::readings(text, |rule| self.rules.has(rule)) {
            let mut inside = Vec::new();
            self.find(index, &reading.bytes, depth - 1, &mut inside);
            found.extend(inside.into_iter().map(|range| reading.source(&range)));
        }
    }

    /// Bytes that mean the same made the same.
    fn fold(&self, text: &[u8]) -> Vec<u8> {
        let (case, form) = (self.rules.has(Rule::Case), self.rules.has(Rule::Form));
        let folded = text.iter().map(|byte| match byte {
            b'+' if form => b' ',
            byte if case => byte.to_ascii_lowercase(),
            byte => *byte,
        });
        folded.collect()
    }
}

/// What a text says where what it is written in is undone, by every rule, and once more: the text
/// itself is none of them, nor is anything of one that is long.
#[must_use]
pub fn readings(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut layer = vec![text.as_bytes().to_vec()];
    for _ in 1..DEEPEST {
        let short = layer.iter().filter(|text| text.len() <= MOST_READ);
        let read = short.flat_map(|text| reading::readings(text, |_| true));
        layer = read.map(|reading| reading.bytes).collect();
        let texts = layer.iter().map(|text| String::from_utf8_lossy(text));
        found.extend(texts.map(std::borrow::Cow::into_owned));
    }
    found
}

impl Index {
    /// Whether nothing would be found in any text, however it is read.
    fn is_empty(&self) -> bool {
        self.wholes.is_empty() && self.grams.is_empty()
    }

    fn keep(&mut self, whole: Vec<u8>) {
        if !contains(&self.words, &whole) {
            self.wholes.insert(whole);
        }
    }

    fn split(&mut self, secret: &[u8]) {
        let known = secret.first_chunk().and_then(|gram| self.grams.get(gram));
        if known.is_some_and(|(number, _)| self.long.get(*number).is_some_and(|s| s == secret)) {
            return;
        }
        // Of what is endless, no more is known than is read of a text.
        let head = secret.len().min(MOST_READ);
        let tail = secret.len().saturating_sub(MOST_READ).max(head);
        let last = secret.len().saturating_sub(GRAM);
        let places = (0..head)
            .step_by(STRIDE)
            .chain((tail..last).step_by(STRIDE));
        for place in places.chain([last]) {
            let gram = secret.get(place..).and_then(<[u8]>::first_chunk);
            if let Some(gram) = gram.filter(|gram| !self.word_grams.contains(*gram)) {
                self.grams.entry(*gram).or_insert((self.long.len(), place));
            }
        }
        self.long.push(secret.to_vec());
    }

    /// A piece that was found, with what is on both sides of it of the same secret: as far as to
    /// where the next piece would begin.
    fn whole(&self, folded: &[u8], start: usize, of: (usize, usize)) -> Range<usize> {
        let secret = self.long.get(of.0).map(Vec::as_slice).unwrap_or_default();
        let (before, after) = (&secret[..of.1], &secret[of.1 + GRAM..]);
        let end = start + GRAM;
        let same = |(one, other): &(&u8, &u8)| one == other;
        let pairs = folded[..start].iter().rev().zip(before.iter().rev());
        let left = pairs.take(STRIDE).take_while(same).count();
        let pairs = folded[end..].iter().zip(after);
        let right = pairs.take(STRIDE).take_while(same).count();
        start - left..end + right
    }

    fn find(&self, folded: &[u8], found: &mut Vec<Range<usize>>) {
        if !self.grams.is_empty() {
            for (start, gram) in folded.windows(GRAM).enumerate() {
                let known = <&[u8; GRAM]>::try_from(gram).ok();
                if let Some(of) = known.and_then(|gram| self.grams.get(gram)) {
                    found.push(self.whole(folded, start, *of));
                }
            }
        }
        for whole in &self.wholes {
            for start in places(folded, whole) {
                let range = start..start + whole.len();
                if whole.len() >= SHORTEST || is_word(folded, &range) {
                    found.push(range);
                }
            }
        }
    }
}

/// Whether a variable of this name holds a secret.
fn is_secret(name: &str) -> bool {
    let ours = ["OKTA_", "TEST_USER_"]
        .iter()
        .any(|start| name.starts_with(start));
    let kinds = ["_PASSWORD", "_SECRET", "_TOKEN", "_PRIVATEKEY"];
    let of_service = name.starts_with("SERVICE_") && name.ends_with("_CLIENT_SECRET");
    of_service || (ours && kinds.iter().any(|kind| name.ends_with(kind)))
}

/// A secret as other programs spell it: other scripts have capitals too, and the secret of an
/// authenticator app is shown in groups.
fn variants(secret: &str, of_case: bool) -> HashSet<String> {
    let together: String = secret.split_whitespace().collect();
    let mut variants = HashSet::from([secret.to_owned()]);
    if together.len() >= SHORTEST {
        variants.insert(together);
    }
    if of_case {
        variants.extend([secret.to_lowercase(), secret.to_uppercase()]);
    }
    variants
}

/// Where a text begins in another.
fn places<'a>(text: &'a [u8], part: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let windows = text.windows(part.len().max(1)).enumerate();
    windows.filter_map(move |(start, window)| (window == part).then_some(start))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    places(text, part).next().is_some()
}

fn is_word(text: &[u8], range: &Range<usize>) -> bool {
    let is_letter = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b > 127);
    let before = range.start.checked_sub(1).and_then(|place| text.get(place));
    !is_letter(before) && !is_letter(text.get(range.end))
}

fn grams(text: &[u8]) -> impl Iterator<Item = [u8; GRAM]> {
    let windows = text.windows(GRAM);
    windows.filter_map(|window| window.try_into().ok())
}

/// Where a token's own part begins: behind the header of a JSON Web Token, which begins with `{"`.
fn header_end(secret: &str) -> usize {
    match secret.split_once('.') {
        Some((header, rest)) if header.starts_with("eyJ") && rest.contains('.') => header.len() + 1,
        _ => 0,
    }
}

fn floor(text: &str, place: usize) -> usize {
    let places = 0..=place.min(text.len());
    places
        .rev()
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(0)
}

fn ceiling(text: &str, place: usize) -> usize {
    let mut places = place..text.len();
    places
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests;
