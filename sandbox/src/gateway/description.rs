//! What `gateway.toml` says of a gateway.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::GatewayError;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    pub(super) title: String,
    /// The command that installs it.
    pub(super) install: String,
    /// The name of its program.
    pub(super) program: String,
    /// What the program needs beside itself: in a folder of what is installed, or a whole path.
    #[serde(default)]
    pub(super) needs: Vec<PathBuf>,
    pub(super) arguments: Vec<String>,
    /// The files of its configuration.
    files: Vec<String>,
    /// What anyone who verifies it finds where nothing is missing.
    #[serde(default)]
    finds: Finds,
    #[serde(default)]
    pub(super) weaknesses: BTreeMap<String, Weakness>,
}

/// What anyone who verifies a gateway finds, by the beginnings of the names of its requirements.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Finds {
    /// What is not met, and cited first; none: all that is required is met.
    pub red: Option<String>,
    /// Whatever else is required and not met has one of these in its name.
    pub only: Vec<String>,
    /// What is merely advised, and not met.
    pub advised: Vec<String>,
    /// Whether some requests may be left without an answer, so that not everything can be looked
    /// at.
    pub unanswered: bool,
}

/// What of the configuration is missing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Weakness {
    /// Every line that has this text goes.
    line: String,
    /// What stands there in its place.
    instead: Option<String>,
    /// What else goes, where one line is not enough.
    #[serde(default)]
    also: Vec<Line>,
    /// What anyone who verifies it finds then.
    finds: Finds,
}

/// A line that goes, and what stands in its place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    line: String,
    instead: Option<String>,
}

impl Description {
    /// The files of the configuration, by name: as they are, or with a weakness.
    pub(super) fn files(
        &self,
        folder: &Path,
        weakness: Option<&str>,
    ) -> Result<Vec<(&str, String)>, GatewayError> {
        let weakness = weakness.map(|name| Ok::<_, GatewayError>((name, self.weakness(name)?)));
        let weakness = weakness.transpose()?;
        let mut is_weaker = weakness.is_none();
        let mut files = Vec::new();
        for name in &self.files {
            let file = folder.join(name);
            let text = std::fs::read_to_string(&file).map_err(|error| GatewayError::File {
                file,
                reason: error.to_string(),
            })?;
            let weaker = weakness.map_or_else(|| text.clone(), |(_, weak)| weak.of(&text));
            is_weaker |= weaker != text;
            files.push((name.as_str(), weaker));
        }
        match weakness {
            Some((name, weakness)) if !is_weaker => Err(GatewayError::NoLine {
                name: name.to_owned(),
                line: weakness.line.clone(),
                file: folder.to_owned(),
            }),
            _ => Ok(files),
        }
    }

    /// What is found of it as it should be, or with a weakness.
    pub(super) fn finds(&self, weakness: Option<&str>) -> Result<&Finds, GatewayError> {
        weakness.map_or(Ok(&self.finds), |name| Ok(&self.weakness(name)?.finds))
    }

    fn weakness(&self, name: &str) -> Result<&Weakness, GatewayError> {
        let known = self.weaknesses.keys().map(String::as_str);
        self.weaknesses
            .get(name)
            .ok_or_else(|| GatewayError::Unknown {
                name: name.to_owned(),
                known: known.collect::<Vec<_>>().join(", "),
            })
    }
}

impl Weakness {
    /// A text without the lines that are missing.
    fn of(&self, text: &str) -> String {
        let also = self.also.iter();
        let also = also.map(|other| (other.line.as_str(), other.instead.as_deref()));
        let first = (self.line.as_str(), self.instead.as_deref());
        let gone: Vec<_> = std::iter::once(first).chain(also).collect();
        let mut weaker = String::new();
        for line in text.lines() {
            let mut gone = gone.iter().filter(|(part, _)| line.contains(part));
            let line = gone.next().map_or(Some(line), |(_, instead)| *instead);
            if let Some(line) = line {
                weaker.push_str(line);
                weaker.push('\n');
            }
        }
        weaker
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weakness_takes_away_its_lines_and_no_other() {
        let weakness = |instead: Option<&str>| Weakness {
            line: "iss".to_owned(),
            instead: instead.map(str::to_owned),
            also: vec![Line {
                line: "aud".to_owned(),
                instead: instead.map(str::to_owned),
            }],
            finds: Finds::default(),
        };
        let text = "alg RS256\nrequire iss a\naud b\n";
        assert_eq!(weakness(None).of(text), "alg RS256\n");
        assert_eq!(weakness(Some("x")).of(text), "alg RS256\nx\nx\n");
    }
}
