//! What others wrote is data: texts of an org, a page, an API or a file, made fit to be shown.
//!
//! One function for each place where a text is shown. All of them show what cannot be seen, or
//! would change how its surroundings are read, as `\u{1b}`; a line break is among it, so that a
//! line of theirs can never begin a line of ours.

use std::fmt::Write as _;

/// So many characters of a text of others are shown in a terminal.
pub const MOST_IN_TERMINAL: usize = 300;
/// So many characters of a field are kept in the record.
pub const MOST_IN_RECORD: usize = 2_000;
/// So many things of a list of others are named.
pub const MOST_LISTED: usize = 20;

/// So many things are joined to one sentence.
pub const MOST_JOINED: usize = 6;

/// The text on one line of a terminal or a log.
#[must_use]
pub fn terminal(text: &str) -> String {
    // Runners of jobs take commands from a log: GitHub `::error`, and anywhere `##[`, `##vso[`.
    let line = visible(text);
    let line = if line.contains("##") {
        without_commands(&line)
    } else {
        line
    };
    let start = line.len() - line.trim_start().len();
    match line.get(start..) {
        Some(rest) if rest.starts_with("::") => {
            format!("{}\\u{{3a}}{}", &line[..start], &rest[1..])
        }
        _ => line,
    }
}

/// The text as content or attribute of an HTML element.
#[must_use]
pub fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in visible(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The text as a code span of Markdown, in a cell of a table too: nothing in it is a link, a
/// mention or a command.
#[must_use]
pub fn markdown(text: &str) -> String {
    let text = terminal(text).replace('|', "\\|");
    let runs = text.split(|character| character != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0) + 1);
    format!("{fence} {text} {fence}")
}

/// The text as a value of JUnit: valid in XML 1.0, whose writer escapes the markup itself.
#[must_use]
pub fn junit(text: &str) -> String {
    terminal(text)
}

/// The text with everything that cannot be seen shown as `\u{1b}`.
#[must_use]
pub fn visible(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain || !text.chars().any(is_hidden) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) {
            let _infallible = write!(shown, "\\u{{{:x}}}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// So much of a text as a field of the record holds, and how much was cut off.
#[must_use]
pub fn excerpt(text: &str) -> String {
    beginning(text, MOST_IN_RECORD)
}

/// The beginning of a text, and how much of it was cut off.
#[must_use]
pub fn beginning(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => {
            let cut = more(text[end..].chars().count());
            format!("{}{cut}", &text[..end])
        }
    }
}

/// Beginning and end of a text, and how much was cut out between them: what to do about it stands
/// at the end of a message.
#[must_use]
pub fn ends(text: &str, most: usize) -> String {
    let all = text.chars().count();
    if all <= most {
        return text.to_owned();
    }
    let tail = most / 4;
    let place = |character: usize| {
        let mut places = text.char_indices().map(|(place, _)| place);
        places.nth(character).unwrap_or(text.len())
    };
    let (head, tail) = (&text[..place(most - tail)], &text[place(all - tail)..]);
    format!("{head}{} …{tail}", more(all - most))
}

/// How much of a text was cut off; nothing if nothing was.
#[must_use]
pub fn more(characters: usize) -> String {
    match characters {
        0 => String::new(),
        number => format!("… ({} characters more)", grouped(number)),
    }
}

/// What others list, separated by commas: the first ones, and how many more there are.
pub fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let mut items = items.into_iter();
    let mut named = Vec::new();
    for item in items.by_ref().take(MOST_LISTED) {
        named.push(beginning(item.as_ref(), MOST_IN_TERMINAL));
    }
    match items.count() {
        0 => named.join(", "),
        more => format!("{} and {} more", named.join(", "), grouped(more)),
    }
}

/// The same of things that are joined to one sentence, of which fewer can be read.
#[must_use]
pub fn joined<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let mut items = items.into_iter();
    let named: Vec<T> = items.by_ref().take(MOST_JOINED).collect();
    let named: Vec<&str> = named.iter().map(AsRef::as_ref).collect();
    match items.count() {
        0 => named.join(" and "),
        more => format!("{} and {} more", named.join(", "), grouped(more)),
    }
}

/// A letter by its number, and by its alphabet where that is one of which letters look like Latin
/// ones: who reads the letter itself may not see which it is.
#[must_use]
pub fn letter(letter: char) -> String {
    let code = u32::from(letter);
    let alphabet = match code {
        0x0370..=0x03FF => ", a Greek letter",
        0x0400..=0x052F => ", a Cyrillic letter",
        _ => "",
    };
    format!("U+{code:04X}{alphabet}")
}

/// The first letter of a name that is not ASCII, for the end of a sentence about the name.
#[must_use]
pub fn unusual(name: &str) -> String {
    let unusual = name.chars().find(|letter| !letter.is_ascii());
    unusual.map_or_else(String::new, |found| {
        format!(": `{found}` is {}", letter(found))
    })
}

/// A number with its thousands apart.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Commands in brackets count wherever they are in a line of a log.
fn without_commands(text: &str) -> String {
    let mut parts = text.split("##");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let name = part.trim_start_matches(|character: char| character.is_ascii_alphabetic());
        let is_command = name.starts_with('[');
        clean.push_str(if is_command { "\\u{23}#" } else { "##" });
        clean.push_str(part);
    }
    clean
}

/// Whether a character cannot be seen as itself: controls and line breaks, what changes the
/// direction of a text, what has no width, and what no XML may hold.
pub(crate) fn is_hidden(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{ffa0}' | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
        || u32::from(character) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::colour("\x1b[31mred", "\\u{1b}[31mred")]
    #[case::eight_bit_control("\u{9b}31m", "\\u{9b}31m")]
    #[case::line_feed("a\nb", "a\\u{a}b")]
    #[case::carriage_return("a\rb", "a\\u{d}b")]
    #[case::next_line("a\u{85}b", "a\\u{85}b")]
    #[case::line_separator("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}")]
    #[case::right_to_left("\u{202e}gnp.exe\u{202c}", "\\u{202e}gnp.exe\\u{202c}")]
    #[case::isolate("\u{2066}a\u{2069}", "\\u{2066}a\\u{2069}")]
    #[case::marks("\u{200e}\u{200f}\u{61c}", "\\u{200e}\\u{200f}\\u{61c}")]
    #[case::no_width("pass\u{200b}word", "pass\\u{200b}word")]
    #[case::tags("\u{e0041}", "\\u{e0041}")]
    #[case::no_character("\u{ffff}\u{1fffe}", "\\u{ffff}\\u{1fffe}")]
    #[case::workflow_command("::error::x", "\\u{3a}:error::x")]
    #[case::workflow_command_after_blanks(
        "  ::set-output name=a::b",
        "  \\u{3a}:set-output name=a::b"
    )]
    #[case::azure("x ##vso[task.setvariable]y", "x \\u{23}#vso[task.setvariable]y")]
    #[case::team_city("##teamcity[x]", "\\u{23}#teamcity[x]")]
    #[case::old_workflow_command("a ##[error]b", "a \\u{23}#[error]b")]
    #[case::names_of_trials("access::silver ## heading", "access::silver ## heading")]
    #[case::words("žluťoučký кот 猫 😀", "žluťoučký кот 猫 😀")]
    fn a_terminal_shows_what_cannot_be_seen(#[case] theirs: &str, #[case] shown: &str) {
        assert_eq!(terminal(theirs), shown);
        assert_eq!(terminal(shown), shown, "once is enough");
    }

    #[test]
    fn html_gets_no_markup() {
        let shown = html("</script><img src=x onerror=\"a('b')\">&amp;\u{202e}");
        let wanted = "&lt;/script&gt;&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;amp;\
                      \\u{202e}";
        assert_eq!(shown, wanted);
    }

    #[rstest]
    #[case::link("[a](http://evil.example)", "` [a](http://evil.example) `")]
    #[case::mention("@team\n# heading", "` @team\\u{a}# heading `")]
    #[case::fence("a ``` b", "```` a ``` b ````")]
    #[case::cell("a | b", "` a \\| b `")]
    fn markdown_is_a_span_of_code(#[case] theirs: &str, #[case] shown: &str) {
        assert_eq!(markdown(theirs), shown);
    }

    #[test]
    fn what_is_cut_is_counted() {
        let text = "A".repeat(2_000_000);
        assert_eq!(beginning(&text, 3), "AAA… (1,999,997 characters more)");
        assert_eq!(beginning("žlu", 3), "žlu");
        let text = format!("begin{}end", "x".repeat(1_234));
        assert_eq!(ends(&text, 12), "beginxxxx… (1,230 characters more) …end");
        assert_eq!(ends("short", 12), "short");
    }

    #[test]
    fn a_long_list_is_counted() {
        assert_eq!(list(["a", "b"]), "a, b");
        let long = list((0..20_000).map(|number| format!("p{number}")));
        assert!(long.starts_with("p0, p1, "), "{long}");
        assert!(long.ends_with("p19 and 19,980 more"), "{long}");
    }

    #[rstest]
    #[case::few(2, "members of `a1` and members of `a2`")]
    #[case::as_many_as_are_named(
        6,
        "members of `a1` and members of `a2` and members of `a3` and members of `a4` and members \
         of `a5` and members of `a6`"
    )]
    #[case::more(
        2006,
        "members of `a1`, members of `a2`, members of `a3`, members of `a4`, members of `a5`, \
         members of `a6` and 2,000 more"
    )]
    fn a_long_list_in_a_sentence_ends_with_a_count(#[case] count: usize, #[case] said: &str) {
        let groups = (1..=count).map(|number| format!("members of `a{number}`"));
        assert_eq!(joined(groups), said);
    }
}
