//! The one place that prints: whatever goes to a terminal or a log goes through it, without
//! secrets, with nothing hidden in it, a line at a time. Nobody has to read it: a stream that is
//! closed or full keeps no run from its end.

use std::borrow::Borrow;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write};
use std::ops::Deref;

use anstyle::{AnsiColor, Style};
use console::Term;

use crate::escape;
use crate::secrets::Secrets;

/// A line about what others did has at most so many characters: its beginning and its end.
const MOST_IN_LINE: usize = 2 * escape::MOST_IN_TERMINAL;

/// Many lines are written in parts of so many bytes.
const MOST_AT_ONCE: usize = 1 << 16;

/// How a line of the result is meant, for where there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// As any other.
    #[default]
    Plain,
    /// All is as it must be.
    Good,
    /// Something is not.
    Bad,
    /// Something is not known, or could be better.
    Doubtful,
}

impl Tone {
    const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Good => AnsiColor::Green.on_default().bold(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Doubtful => AnsiColor::Yellow.on_default(),
        }
    }
}

/// A line of the result.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// How it is meant; the text says the same.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

impl Line {
    /// A line that is meant so.
    #[must_use]
    pub const fn new(tone: Tone, text: String) -> Self {
        Self { tone, text }
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::new(Tone::Plain, text)
    }
}

impl Deref for Line {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self)
    }
}

impl Borrow<str> for Line {
    fn borrow(&self) -> &str {
        self
    }
}

/// Whether a person looks who wants colours, by <https://no-color.org> and
/// <https://bixense.com/clicolors/>.
#[must_use]
pub fn has_colours() -> bool {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    wants_colours(variable, std::io::stdout().is_terminal())
}

/// Colours are wanted on a terminal that has them, unless a variable says otherwise.
fn wants_colours(variable: impl Fn(&str) -> Option<OsString>, is_terminal: bool) -> bool {
    let is = |name: &str, value: &str| variable(name).is_some_and(|set| set == value);
    if variable("NO_COLOR").is_some() {
        return false;
    }
    if variable("CLICOLOR_FORCE").is_some() && !is("CLICOLOR_FORCE", "0") {
        return true;
    }
    is_terminal && !is("CLICOLOR", "0") && !is("TERM", "dumb")
}

/// How many columns the terminal on standard output has; nothing where it is none.
#[must_use]
pub fn columns() -> Option<usize> {
    let (_, columns) = Term::stdout().size_checked()?;
    Some(usize::from(columns))
}

/// Prints, without the secrets that are known by then.
#[derive(Debug, Clone, Default)]
pub struct Console {
    secrets: Secrets,
}

impl Console {
    /// Prints without these secrets, and those that their clones learn later.
    #[must_use]
    pub const fn new(secrets: Secrets) -> Self {
        Self { secrets }
    }

    /// What must not be printed.
    #[must_use]
    pub const fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// A line of the result, on standard output.
    pub fn say(&self, line: &str) {
        print(std::io::stdout().lock(), &self.short(line));
    }

    /// A line of the result that is not cut, however long it is: an address, a row of a table.
    pub fn say_whole(&self, line: &str) {
        print(std::io::stdout().lock(), &self.line(line));
    }

    /// Lines of the result, every one of ours.
    pub fn say_all<T: AsRef<str>>(&self, lines: impl IntoIterator<Item = T>) {
        let mut text = String::new();
        for line in lines {
            text.push_str(&self.line(line.as_ref()));
            text.push('\n');
            if text.len() >= MOST_AT_ONCE {
                write(std::io::stdout().lock(), text.as_bytes());
                text.clear();
            }
        }
        write(std::io::stdout().lock(), text.as_bytes());
    }

    /// Lines of the result, in colours or without.
    pub fn say_lines(&self, lines: &[Line], in_colours: bool) {
        let mut text = String::new();
        for line in lines {
            text.push_str(&self.painted(line, in_colours));
            text.push('\n');
        }
        write(std::io::stdout().lock(), text.as_bytes());
    }

    fn painted(&self, line: &Line, in_colours: bool) -> String {
        let text = self.line(line);
        if !in_colours || text.is_empty() {
            return text;
        }
        let style = line.tone.style();
        format!("{style}{text}{style:#}")
    }

    /// A line about the run, on standard error.
    pub fn tell(&self, line: &str) {
        print(std::io::stderr().lock(), &self.short(line));
    }

    /// Why something was not done, on standard error: a line, and what belongs to it below.
    pub fn complain<T: AsRef<str>>(&self, message: &str, more: impl IntoIterator<Item = T>) {
        self.tell(message);
        for line in more {
            self.tell(&format!("  {}", line.as_ref()));
        }
    }

    /// What was made of lines of this console by somebody else, as it is.
    pub fn pass_on(&self, text: &[u8]) {
        write(std::io::stdout().lock(), text);
    }

    /// A note on the page of a GitHub Actions job: an error, or a warning where that is not one.
    ///
    /// The form and its escapes are those of GitHub's "Workflow commands" page.
    pub fn annotate(&self, is_error: bool, title: &str, text: &str) {
        let annotation = self.annotation(is_error, title, text);
        print(std::io::stdout().lock(), &annotation);
    }

    fn annotation(&self, is_error: bool, title: &str, text: &str) -> String {
        let level = if is_error { "error" } else { "warning" };
        let plain = |text: &str| self.short(text).replace('%', "%25");
        let title = plain(title).replace(':', "%3A").replace(',', "%2C");
        format!("::{level} title={title}::{}", plain(text))
    }

    /// A text on one line, without secrets and with nothing hidden in it.
    #[must_use]
    pub fn line(&self, text: &str) -> String {
        escape::terminal(&self.secrets.redact(text))
    }

    /// The same, cut in its middle where it is long.
    #[must_use]
    pub fn short(&self, text: &str) -> String {
        escape::terminal(&self.secrets.field(text, MOST_IN_LINE))
    }

    /// From now on a panic of this process is a line of this console: what a panic says may hold
    /// anything.
    pub fn report_panics(&self) {
        let console = self.clone();
        std::panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map(ToString::to_string);
            let words = panic.payload().downcast_ref::<String>().map(String::as_str);
            let words = words.or_else(|| panic.payload().downcast_ref::<&str>().copied());
            let words = words.unwrap_or("no words");
            let place = place.unwrap_or_default();
            console.tell(&format!(
                "okta-e2e has a defect, please report it ({place}): {words}"
            ));
        }));
    }
}

fn print(stream: impl Write, line: &str) {
    write(stream, format!("{line}\n").as_bytes());
}

/// Anyone who reads may have seen enough and gone, or have no room left: that is no matter of the
/// run.
fn write(mut stream: impl Write, text: &[u8]) {
    let written = stream.write_all(text).and_then(|()| stream.flush());
    written.unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    #[test]
    fn a_line_of_theirs_begins_no_line_of_ours() {
        let console = Console::default();
        assert_eq!(console.line("x\n::error::y"), "x\\u{a}::error::y");
        assert_eq!(console.line("::error::y"), "\\u{3a}:error::y");
    }

    #[test]
    fn colours_are_where_they_are_wanted() {
        let wants = |set: &[(&str, &str)], is_terminal| {
            let variable = |name: &str| {
                let set = set.iter().find(|(other, _)| *other == name);
                set.map(|(_, value)| OsString::from(value))
            };
            wants_colours(variable, is_terminal)
        };
        assert!(wants(&[("TERM", "xterm"), ("CLICOLOR", "1")], true));
        assert!(!wants(&[], false));
        assert!(!wants(&[("TERM", "dumb")], true));
        assert!(!wants(&[("CLICOLOR", "0")], true));
        assert!(wants(&[("CLICOLOR_FORCE", "1")], false));
        assert!(!wants(&[("CLICOLOR_FORCE", "0")], false));
        let both = [("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")];
        assert!(!wants(&both, true));
    }

    #[test]
    fn colours_are_ours_alone_and_say_nothing_more() {
        let console = Console::default();
        let line = Line::new(Tone::Bad, "NOT MET\u{1b}[2J".to_owned());
        let bare = "NOT MET\\u{1b}[2J";
        assert_eq!(console.painted(&line, false), bare);
        let painted = console.painted(&line, true);
        let inside = painted.strip_prefix("\u{1b}[1m\u{1b}[31m");
        let inside = inside.and_then(|rest| rest.strip_suffix("\u{1b}[0m"));
        assert_eq!(inside, Some(bare), "{painted:?}");
        let plain = Line::from("target".to_owned());
        assert_eq!(console.painted(&plain, true), "target");
    }

    #[test]
    fn a_note_of_a_job_is_one_command_whatever_is_in_it() {
        let console = Console::default();
        let note = console.annotation(true, "a: b, file=x::y", "50%\n::warning::z");
        let wanted = "::error title=a%3A b%2C file=x%3A%3Ay::50%25\\u{a}::warning::z";
        assert_eq!(note, wanted);
    }

    #[test]
    fn a_long_line_keeps_what_to_do_at_its_end() {
        let console = Console::default();
        console.secrets().add(&SecretString::from("Kept-9876"));
        let line = console.short(&format!(
            "says {}Kept-9876: run it again",
            "x".repeat(9_000)
        ));
        assert!(line.ends_with("[redacted]: run it again"), "{line}");
        assert!(line.chars().count() < 700, "{line}");
    }
}
