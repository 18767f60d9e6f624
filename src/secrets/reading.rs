//! The ways in which a text may be written, undone; every byte knows where it came from.

use std::ops::Range;

use super::Rule;

/// Shorter runs of letters and digits hold no secret in base64.
const SHORTEST_RUN: usize = 11;
/// Three bytes are four characters.
const GROUP: usize = 4;
/// No entity of HTML or XML that stands for one character is longer.
const LONGEST_ENTITY: usize = 10;

/// A text with one layer of writing undone.
pub(super) struct Reading {
    /// What it says.
    pub(super) bytes: Vec<u8>,
    /// Where each byte was.
    sources: Vec<(usize, usize)>,
}

impl Reading {
    fn new() -> Self {
        Self {
            bytes: Vec::new(),
            sources: Vec::new(),
        }
    }

    fn push(&mut self, byte: u8, source: (usize, usize)) {
        self.bytes.push(byte);
        self.sources.push(source);
    }

    /// Where a part of the reading is in the text.
    pub(super) fn source(&self, range: &Range<usize>) -> Range<usize> {
        let part = self.sources.get(range.clone()).unwrap_or_default();
        let start = part.first().map_or(0, |(start, _)| *start);
        start..part.last().map_or(start, |(_, end)| *end)
    }
}

/// Every reading of a text that differs from it.
pub(super) fn readings(text: &[u8], has: impl Fn(Rule) -> bool) -> Vec<Reading> {
    let mut readings = Vec::new();
    readings.extend(unescaped(text, &has));
    let base64_runs = runs(text, SHORTEST_RUN, is_base64(&has));
    for run in base64_runs {
        for offset in 0..GROUP {
            let start = run.start + offset;
            readings.push(base64(text.get(start..run.end).unwrap_or_default(), start));
        }
    }
    if has(Rule::Hexadecimal) {
        for run in runs(text, 2 * super::SHORTEST, |byte| byte.is_ascii_hexdigit()) {
            readings.push(hexadecimal(text, run.clone()));
            readings.push(hexadecimal(text, run.start + 1..run.end));
        }
    }
    if has(Rule::Broken) {
        readings.extend(spelled(text));
    }
    if has(Rule::Numbers) {
        for run in runs(text, 2 * super::SHORTEST, is_of_a_list) {
            readings.push(numbers(text, run));
        }
    }
    readings
}

/// The text with its escapes undone, those of one language or of several.
fn unescaped(text: &[u8], has: &impl Fn(Rule) -> bool) -> Option<Reading> {
    let (mut reading, mut place) = (Reading::new(), 0);
    let mut changed = false;
    while let Some(byte) = text.get(place) {
        let rest = text.get(place..).unwrap_or_default();
        let Some((character, length)) = escaped(rest, has) else {
            reading.push(*byte, (place, place + 1));
            place += 1;
            continue;
        };
        changed = true;
        for byte in character.bytes() {
            reading.push(byte, (place, place + length));
        }
        place += length;
    }
    changed.then_some(reading)
}

/// What an escape at the beginning of a text stands for.
enum Unescaped {
    Nothing,
    Byte(u8),
    Character(char),
}

impl Unescaped {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Byte(byte) => vec![*byte],
            Self::Character(character) => character.to_string().into_bytes(),
        }
    }
}

/// The escape at the beginning of a text, and how long it is.
fn escaped(text: &[u8], has: &impl Fn(Rule) -> bool) -> Option<(Unescaped, usize)> {
    match text.first()? {
        b'%' if has(Rule::Percent) => {
            let byte = u8::try_from(number(text.get(1..3)?, 16)?).ok()?;
            Some((Unescaped::Byte(byte), 3))
        }
        b'&' if has(Rule::Markup) => entity(text),
        b'\\' => backslash(text, has),
        b'\r' | b'\n' | 0xc2 | 0xe2 | 0xef if has(Rule::Broken) => {
            invisible(text).map(|length| (Unescaped::Nothing, length))
        }
        _ => None,
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok()?;
    let plain = !digits.is_empty() && !digits.starts_with(['+', '-']);
    plain
        .then(|| u32::from_str_radix(digits, radix).ok())
        .flatten()
}

/// `&quot;`, `&#34;` or `&#x22;`.
fn entity(text: &[u8]) -> Option<(Unescaped, usize)> {
    let near = text.get(..text.len().min(LONGEST_ENTITY))?;
    let end = near.iter().position(|byte| *byte == b';')?;
    let character = match near.get(1..end)? {
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(number(digits, 16)?)?,
        [b'#', digits @ ..] => char::from_u32(number(digits, 10)?)?,
        name => named(name)?,
    };
    Some((Unescaped::Character(character), end + 1))
}

/// The entities that escapers write, and that stand for a character of a keyboard.
fn named(name: &[u8]) -> Option<char> {
    let names: [(&[u8], char); 38] = [
        (b"amp", '&'),
        (b"lt", '<'),
        (b"gt", '>'),
        (b"quot", '"'),
        (b"apos", '\''),
        (b"nbsp", ' '),
        (b"excl", '!'),
        (b"num", '#'),
        (b"dollar", '$'),
        (b"percnt", '%'),
        (b"lpar", '('),
        (b"rpar", ')'),
        (b"ast", '*'),
        (b"plus", '+'),
        (b"comma", ','),
        (b"period", '.'),
        (b"sol", '/'),
        (b"colon", ':'),
        (b"semi", ';'),
        (b"equals", '='),
        (b"quest", '?'),
        (b"commat", '@'),
        (b"lsqb", '['),
        (b"lbrack", '['),
        (b"bsol", '\\'),
        (b"rsqb", ']'),
        (b"rbrack", ']'),
        (b"Hat", '^'),
        (b"lowbar", '_'),
        (b"grave", '`'),
        (b"lcub", '{'),
        (b"lbrace", '{'),
        (b"verbar", '|'),
        (b"vert", '|'),
        (b"rcub", '}'),
        (b"rbrace", '}'),
        (b"AMP", '&'),
        (b"QUOT", '"'),
    ];
    names
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, character)| *character)
}

/// An escape of JSON and its kin, or of the suite's own output.
fn backslash(text: &[u8], has: &impl Fn(Rule) -> bool) -> Option<(Unescaped, usize)> {
    let (json, shown) = (has(Rule::Json), has(Rule::Shown));
    let character = |character| Some((Unescaped::Character(character), 2));
    match text.get(1)? {
        b'u' if text.get(2) == Some(&b'{') => {
            let near = text.get(3..text.len().min(10))?;
            let digits = near.iter().position(|byte| *byte == b'}')?;
            let character = char::from_u32(number(near.get(..digits)?, 16)?)?;
            shown.then_some((Unescaped::Character(character), digits + 4))
        }
        _ if !json => None,
        b'u' => utf16(text),
        b'x' => {
            let byte = u8::try_from(number(text.get(2..4)?, 16)?).ok()?;
            Some((Unescaped::Byte(byte), 4))
        }
        b'n' | b'r' => Some((Unescaped::Nothing, 2)),
        b't' => character('\t'),
        byte if byte.is_ascii_punctuation() => character(char::from(*byte)),
        _ => None,
    }
}

/// `\u00e4`, or the two halves of a character beyond the first plane.
fn utf16(text: &[u8]) -> Option<(Unescaped, usize)> {
    let unit = |place: usize| -> Option<u16> {
        let is_unit = text.get(place..place + 2) == Some(b"\\u");
        let digits = is_unit.then(|| text.get(place + 2..place + 6)).flatten()?;
        u16::try_from(number(digits, 16)?).ok()
    };
    let first = unit(0)?;
    let units = [Some(first), unit(6)];
    let mut characters = char::decode_utf16(units.into_iter().flatten());
    let character = characters.next()?.ok()?;
    Some((Unescaped::Character(character), 6 * character.len_utf16()))
}

/// How long a line break or a character without width at the beginning of a text is.
fn invisible(text: &[u8]) -> Option<usize> {
    match text {
        [b'\r' | b'\n', ..] => Some(1),
        [0xc2, 0xad, ..] => Some(2),
        [0xe2, 0x80, 0x8b..=0x8f | 0xa8..=0xae, ..]
        | [0xe2, 0x81, 0xa0..=0xaf, ..]
        | [0xef, 0xbb, 0xbf, ..] => Some(3),
        _ => None,
    }
}

/// Which bytes may be of base64.
fn is_base64(has: &impl Fn(Rule) -> bool) -> impl Fn(u8) -> bool {
    let (standard, url) = (has(Rule::Base64), has(Rule::Base64Url));
    move |byte| match byte {
        b'+' | b'/' => standard,
        b'-' | b'_' => url,
        byte => (standard || url) && value(byte).is_some(),
    }
}

fn is_of_a_list(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b',' || byte == b' '
}

/// Stretches of such bytes, the shortest of which are passed over.
fn runs(text: &[u8], shortest: usize, is_in: impl Fn(u8) -> bool) -> Vec<Range<usize>> {
    let (mut runs, mut start) = (Vec::new(), 0);
    for end in 0..=text.len() {
        if text.get(end).is_some_and(|byte| is_in(*byte)) {
            continue;
        }
        if end - start >= shortest {
            runs.push(start..end);
        }
        start = end + 1;
    }
    runs
}

/// What stands letter by letter with the same mark or blank after each, without these.
fn spelled(text: &[u8]) -> Vec<Reading> {
    let text = std::str::from_utf8(text).unwrap_or_default();
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let mark_at = |place: usize| characters.get(place).map(|(_, mark)| *mark);
    let (mut found, mut start) = (Vec::new(), 0);
    while let Some(mark) = mark_at(start + 1) {
        let is_same = |at: &usize| !mark.is_alphanumeric() && mark_at(*at) == Some(mark);
        let count = (start + 1..).step_by(2).take_while(is_same).count();
        if count < super::SHORTEST - 1 {
            start += 1;
            continue;
        }
        let mut reading = Reading::new();
        let letters = characters.iter().skip(start).step_by(2).take(count + 1);
        for (place, letter) in letters {
            for byte in letter.to_string().into_bytes() {
                reading.push(byte, (*place, place + letter.len_utf8()));
            }
        }
        found.push(reading);
        start += 2 * count;
    }
    found
}

/// What a run says if two digits are a byte.
fn hexadecimal(text: &[u8], run: Range<usize>) -> Reading {
    let mut reading = Reading::new();
    let run_bytes = text.get(run.clone()).unwrap_or_default();
    for (start, digits) in (run.start..).step_by(2).zip(run_bytes.chunks_exact(2)) {
        let byte = number(digits, 16).and_then(|byte| u8::try_from(byte).ok());
        reading.push(byte.unwrap_or_default(), (start, start + 2));
    }
    reading
}

/// What a run says if it is a list of the numbers of bytes, or of characters.
fn numbers(text: &[u8], run: Range<usize>) -> Reading {
    let mut reading = Reading::new();
    let mut start = run.start;
    for item in text
        .get(run)
        .unwrap_or_default()
        .split(|byte| *byte == b',')
    {
        let next = start + item.len() + 1;
        start += item.len() - item.trim_ascii_start().len();
        let digits = item.trim_ascii();
        let end = start + digits.len();
        let code = number(digits, 10).unwrap_or_default();
        let character = char::from_u32(code).map(Unescaped::Character);
        let code = u8::try_from(code).map_or(character, |byte| Some(Unescaped::Byte(byte)));
        for byte in code.map(|code| code.bytes()).unwrap_or_default() {
            reading.push(byte, (start, end));
        }
        start = next;
    }
    reading
}

fn value(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// What a run says if it is base64 that begins here; `place` is where that is.
fn base64(run: &[u8], place: usize) -> Reading {
    let mut reading = Reading::new();
    for (number, group) in run.chunks(GROUP).enumerate() {
        let values = group.iter().filter_map(|byte| value(*byte));
        let bits = values.fold(0, |bits, value| bits << 6 | value) << (6 * (GROUP - group.len()));
        let [_, bytes @ ..] = bits.to_be_bytes();
        let start = place + number * GROUP;
        for (index, byte) in bytes
            .into_iter()
            .enumerate()
            .take(group.len().saturating_sub(1))
        {
            reading.push(byte, (start + index, start + index + 2));
        }
    }
    reading
}
