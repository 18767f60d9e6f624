//! Variables from the process and from `.env`, as a map; nothing is ever set.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{blanks, names};
use crate::text_file::{self, TextFileError};

/// The file that is read where none is named; it may be missing.
const DEFAULT_FILE: &str = ".env";

/// Variables by name; a blank one counts as not set.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    /// Those of a run's that the file has too, with another value than the process.
    overridden: Vec<String>,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_set()
            .entries(self.variables.keys())
            .finish()
    }
}

/// Why a `.env` file or the process environment cannot be used; no value is named.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// The file that was named is not there, or what is there is no text file.
    #[error(transparent)]
    File(#[from] TextFileError),
    /// Lines cannot be used.
    #[error("{}", lines(file, problems).join("\n"))]
    Lines {
        /// The file.
        file: String,
        /// Of each line, from 1: what is wrong, and what to write.
        problems: Vec<(usize, String)>,
    },
    /// Variables of the process whose values are no text.
    #[error("not UTF-8 in the process environment: {}; set them anew, or unset them", .names.join(", "))]
    NotUnicode {
        /// The variables.
        names: Vec<String>,
    },
}

impl Environment {
    /// The variables of a run: those of the process over those of the file that is named, or over
    /// those of `.env` where there is one.
    ///
    /// # Errors
    /// [`EnvironmentError`] when a file that is named is missing, or something cannot be used.
    pub fn of_run(named: Option<&Path>) -> Result<Self, EnvironmentError> {
        match named {
            Some(file) => over_process(&file.display().to_string(), &text_file::read(file)?),
            None => Self::read(Path::new(DEFAULT_FILE)),
        }
    }

    /// The variables of the process, over those of a `.env` file where there is one.
    ///
    /// # Errors
    /// [`EnvironmentError`] when the file is there and something cannot be used.
    pub fn read(file: &Path) -> Result<Self, EnvironmentError> {
        let text = match text_file::read(file) {
            Err(TextFileError::Missing(_)) => String::new(),
            read => read?,
        };
        over_process(&file.display().to_string(), &text)
    }

    /// The variables of a `.env` text alone; the name is for messages.
    ///
    /// # Errors
    /// [`EnvironmentError`] when a line cannot be used.
    pub fn parse(name: &str, text: &str) -> Result<Self, EnvironmentError> {
        let text = text_file::of_bytes(Path::new(name), text.as_bytes())?;
        Ok(Self {
            variables: parse(name, &text)?,
            overridden: Vec::new(),
        })
    }

    /// The value of a variable that is set and not blank; a password or client secret exactly as it
    /// is given, anything else without blanks at its ends.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        blanks::value(name, self.variables.get(name)?)
    }

    /// Where the org model is.
    #[must_use]
    pub fn org_model(&self) -> PathBuf {
        PathBuf::from(
            self.get("OKTA_E2E_ORG_MODEL")
                .unwrap_or("fixtures/org.toml"),
        )
    }

    /// Where reports are.
    #[must_use]
    pub fn report_dir(&self) -> PathBuf {
        PathBuf::from(self.get("OKTA_E2E_REPORT_DIR").unwrap_or("target/okta-e2e"))
    }

    /// The variables that are set and not blank.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let names = self.variables.keys().map(String::as_str);
        names.filter_map(|name| Some((name, self.get(name)?)))
    }

    /// The variables of a run that the file has too, and the process environment otherwise.
    pub(super) fn overridden(&self) -> &[String] {
        &self.overridden
    }

    /// The names of all variables, blank ones among them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let variables = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        Self {
            variables: variables.collect(),
            overridden: Vec::new(),
        }
    }
}

fn over_process(file: &str, text: &str) -> Result<Environment, EnvironmentError> {
    Ok(over(parse(file, text)?, unicode(std::env::vars_os())?))
}

/// Variables of a file, and those of the process over them.
fn over(file: BTreeMap<String, String>, process: BTreeMap<String, String>) -> Environment {
    let is_other = |(name, value): &(&String, &String)| {
        let beside = file.get(*name);
        let beside = beside.and_then(|beside| blanks::value(name, beside));
        let is_told = beside.is_some_and(|beside| blanks::value(name, value) != Some(beside));
        is_told && names::concerns_a_run(name)
    };
    let overridden = process.iter().filter(is_other);
    let overridden = overridden.map(|(name, _)| name.clone()).collect();
    let mut variables = file;
    variables.extend(process);
    Environment {
        variables,
        overridden,
    }
}

/// What is ours must be text; what other programs read is left out if it is none.
fn unicode(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<BTreeMap<String, String>, EnvironmentError> {
    let (mut read, mut unreadable) = (BTreeMap::new(), Vec::new());
    for (name, value) in variables {
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => drop(read.insert(name, value)),
            (Ok(name), Err(_)) if names::concerns_a_run(&name) => unreadable.push(name),
            _ => {}
        }
    }
    if unreadable.is_empty() {
        return Ok(read);
    }
    unreadable.sort();
    Err(EnvironmentError::NotUnicode { names: unreadable })
}

/// Every line by itself, so that a quote that is left open takes no other line with it.
fn parse(file: &str, text: &str) -> Result<BTreeMap<String, String>, EnvironmentError> {
    let (mut variables, mut problems) = (BTreeMap::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        let told = pair(line).and_then(|pair| told_once(pair, &variables));
        match told {
            Ok(Some((name, value))) => drop(variables.insert(name, value)),
            Ok(None) => {}
            Err(problem) => problems.push((index + 1, problem)),
        }
    }
    if problems.is_empty() {
        return Ok(variables);
    }
    let file = file.to_owned();
    Err(EnvironmentError::Lines { file, problems })
}

impl EnvironmentError {
    /// What is wrong, each problem by itself.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        match self {
            Self::Lines { file, problems } => lines(file, problems),
            Self::File(_) | Self::NotUnicode { .. } => vec![self.to_string()],
        }
    }
}

fn lines(file: &str, problems: &[(usize, String)]) -> Vec<String> {
    let lines = problems.iter();
    let lines = lines.map(|(line, problem)| format!("{file}, line {line}: {problem}"));
    lines.collect()
}

type Pair = (String, String);

/// The variable of a line; none: a blank line or a comment.
fn pair(line: &str) -> Result<Option<Pair>, String> {
    if let Some(name) = name_with_dollar(line) {
        return Err(format!(
            "{name} holds a `$` outside single quotes, which would be replaced by another \
             variable; write {name}='…' (a wrong password can lock a user)"
        ));
    }
    if let Some(name) = name_of_cut_password(line) {
        return Err(format!(
            "{name} holds ` #` outside quotes, from which on all is a comment; write {name}='…' \
             (a wrong password can lock a user)"
        ));
    }
    // dotenvy's own error repeats the line, which may hold a secret.
    let mut pairs = dotenvy::from_read_iter(line.trim().as_bytes());
    let read = pairs.next().transpose();
    let pair = read.map_err(|_| "not a line of the form NAME='value'".to_owned())?;
    match pair {
        Some((name, value)) if value.starts_with(TYPOGRAPHIC_QUOTES) => Err(format!(
            "{name} begins with a typographic quote, which would be part of the value; write \
             {name}='…' with straight ones"
        )),
        pair => Ok(pair),
    }
}

const TYPOGRAPHIC_QUOTES: [char; 5] = ['\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{201e}'];

/// Of two values nobody could say which is right; a blank line may be left from the example.
fn told_once(
    pair: Option<Pair>,
    before: &BTreeMap<String, String>,
) -> Result<Option<Pair>, String> {
    if let Some((name, value)) = &pair {
        let other = before
            .get(name)
            .and_then(|other| blanks::value(name, other));
        if other.is_some_and(|other| Some(other) != blanks::value(name, value)) {
            return Err(format!(
                "{name} is set a second time, to another value; remove one of the lines"
            ));
        }
    }
    Ok(pair)
}

fn name_and_value(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim().trim_start_matches("export ").trim();
    (!name.starts_with('#')).then(|| (name, value.trim_start()))
}

/// The variable of a line whose password dotenv would cut: after a blank, `#` begins a comment.
fn name_of_cut_password(line: &str) -> Option<&str> {
    let (name, value) = name_and_value(line)?;
    let is_quoted = value.starts_with(['\'', '"']);
    let mut signs = value.match_indices('#');
    let is_cut = signs.any(|(at, _)| value[..at].ends_with(char::is_whitespace));
    (is_cut && !is_quoted && names::keeps_blanks(name)).then_some(name)
}

/// The variable of a line whose `$` dotenv would replace: outside single quotes, not escaped, and
/// not in the comment after the value.
fn name_with_dollar(line: &str) -> Option<&str> {
    let (name, value) = name_and_value(line)?;
    let (mut quote, mut escaped, mut before) = (None, false, ' ');
    for character in value.chars() {
        match (quote, character) {
            _ if escaped => escaped = false,
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => escaped = true,
            (_, '$') => return Some(name),
            (None, '\'' | '"') => quote = Some(character),
            (None, '#') if before.is_whitespace() => return None,
            _ => {}
        }
        before = character;
    }
    None
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use rstest::rstest;

    use super::*;

    /// All problems are reported together.
    #[test]
    fn every_line_that_cannot_be_used_is_told() {
        let text = "A='1'\nB='1'\nA='2'\nC=$x\nB='2'\n";
        let said = parse(".env", text).expect_err("three lines").to_string();
        let said: Vec<&str> = said.lines().collect();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(
            said[0].starts_with(".env, line 3: A is set a second time"),
            "{said:?}"
        );
        assert!(
            said[1].starts_with(".env, line 4: C holds a `$`"),
            "{said:?}"
        );
        assert!(
            said[2].starts_with(".env, line 5: B is set a second time"),
            "{said:?}"
        );
    }

    /// To change the file alone would change nothing.
    #[test]
    fn what_the_process_has_otherwise_than_the_file_is_known() {
        let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            let pairs = pairs.iter();
            let pairs = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            pairs.collect()
        };
        let file = map(&[
            ("OKTA_OAUTH2_CLIENT_ID", "a"),
            ("OKTA_CLIENT_TOKEN", "a"),
            ("OKTA_OAUTH2_AUDIENCE", "a"),
            ("RESOURCE_SERVER_URL", ""),
            ("PATH", "a"),
        ]);
        let process = map(&[
            ("OKTA_OAUTH2_CLIENT_ID", "b"),
            ("OKTA_CLIENT_TOKEN", ""),
            ("OKTA_OAUTH2_AUDIENCE", "a "),
            ("RESOURCE_SERVER_URL", "b"),
            ("PATH", "b"),
        ]);
        let environment = over(file, process);
        let known = ["OKTA_CLIENT_TOKEN", "OKTA_OAUTH2_CLIENT_ID"];
        assert_eq!(environment.overridden(), known);
        assert_eq!(environment.get("OKTA_OAUTH2_CLIENT_ID"), Some("b"));
    }

    #[rstest]
    #[case::cut("TEST_USER_A_PASSWORD=abc #def", true)]
    #[case::exported("export TEST_USER_A_PASSWORD = abc #def", true)]
    #[case::one_word("TEST_USER_A_PASSWORD=abc#def", false)]
    #[case::quoted("TEST_USER_A_PASSWORD='abc #def' # mine", false)]
    #[case::blank("TEST_USER_A_PASSWORD= # none yet", false)]
    #[case::no_password("OKTA_CLIENT_TOKEN=abc # mine", false)]
    #[case::a_comment("# TEST_USER_A_PASSWORD=abc #def", false)]
    fn a_password_is_not_cut_short(#[case] line: &str, #[case] is_cut: bool) {
        assert_eq!(pair(line).is_err(), is_cut);
    }

    #[test]
    fn a_variable_of_ours_that_is_no_text_is_not_passed_over() {
        let no_text = || OsString::from_vec(vec![b's', 0xff]);
        let pairs = ["OKTA_CLIENT_TOKEN", "TEST_USER_A_PASWORD", "HOME"];
        let told = pairs.map(|name| (OsString::from(name), no_text()));
        let said = unicode(told.into_iter()).expect_err("no text").to_string();
        assert!(
            said.contains("OKTA_CLIENT_TOKEN, TEST_USER_A_PASWORD"),
            "{said}"
        );
        assert!(!said.contains("HOME"), "{said}");
    }
}
