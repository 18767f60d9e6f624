//! The rows, and which of them a user meets.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::state::AppState;

/// The rows by subject: what each is about stands at its head.
const ROWS: [&str; 6] = [
    include_str!("rows/start.toml"),
    include_str!("rows/factors.toml"),
    include_str!("rows/enrolment.toml"),
    include_str!("rows/passwords.toml"),
    include_str!("rows/ends.toml"),
    include_str!("rows/classic.toml"),
];

static SCENARIOS: LazyLock<Result<Vec<Scenario>, String>> = LazyLock::new(|| {
    let mut scenarios = Vec::new();
    for text in ROWS {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        scenarios.extend(file.scenario);
    }
    Ok(scenarios)
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: Vec<Scenario>,
}

/// When a sign-in comes to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum When {
    /// Before anything was asked.
    Start,
    /// When the user has been named.
    Username,
    /// After the right password.
    Password,
}

/// Which of the two sign-in APIs answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Identity,
    Classic,
}

/// There is no scenario of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no scenario `{0}`")]
pub struct UnknownScenario(pub String);

/// One row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    /// How the answers' shape is known.
    pub(super) source: String,
    pub(crate) after: When,
    /// The script of the page is not there, so that it stays blank.
    #[serde(default)]
    pub(super) is_blank: bool,
    /// What Identity Engine answers, one page after the other.
    #[serde(default)]
    pub(super) identity: Vec<Answer>,
    /// What Classic Engine answers.
    #[serde(default)]
    pub(super) classic: Vec<Authn>,
}

/// An answer of Identity Engine.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    #[serde(default = "ok")]
    pub(super) status: u16,
    /// The forms it offers, by name.
    #[serde(default)]
    pub(super) remediation: Vec<Remediation>,
    /// The authenticator it is about.
    pub(super) authenticator: Option<Current>,
    /// The keys of the authenticators that can be chosen.
    #[serde(default)]
    pub(super) choices: Vec<String>,
    #[serde(default)]
    pub(super) messages: Vec<Saying>,
    /// What else it has.
    #[serde(default)]
    pub(super) with: Map<String, Value>,
    /// The whole body, where that is of another shape.
    pub(super) body: Option<Value>,
    /// The calls that lead on: a path, and behind a blank the key that must be chosen there.
    #[serde(default)]
    pub(super) leads: Vec<String>,
}

impl Answer {
    /// The HTTP status it comes with.
    pub(crate) fn status(&self) -> u16 {
        self.status
    }
}

/// A form, with what it has otherwise than `forms.toml` says.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Remediation {
    Plain(String),
    Changed {
        name: String,
        path: Option<String>,
        fields: Option<Vec<Value>>,
        #[serde(default)]
        with: Map<String, Value>,
    },
}

impl Remediation {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Plain(name) | Self::Changed { name, .. } => name,
        }
    }
}

/// The authenticator that an answer is about, with what it has otherwise than
/// `authenticators.toml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Current {
    pub(super) key: String,
    /// Where it stands in the answer; `currentAuthenticatorEnrollment` if not said.
    pub(super) place: Option<String>,
    pub(super) methods: Option<Vec<String>>,
    pub(super) answer: Option<Vec<Value>>,
    /// Forms of its own, by the name they have in it.
    #[serde(default)]
    pub(super) forms: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) with: Map<String, Value>,
}

/// What an answer says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saying {
    pub(super) key: String,
    pub(super) text: String,
    #[serde(default = "error")]
    pub(super) class: String,
    #[serde(default)]
    pub(super) params: Vec<Value>,
    #[serde(default)]
    pub(super) links: Vec<Value>,
}

/// An answer of Classic Engine.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Authn {
    pub(super) status: Option<String>,
    /// The factors it is about, by their names in `factors.toml`.
    #[serde(default)]
    pub(super) factors: Vec<String>,
    #[serde(default)]
    pub(super) with: Map<String, Value>,
    #[serde(default)]
    pub(super) embedded: Map<String, Value>,
    /// Links by relation: the path below `/api/v1/`, and behind a blank the link's own name; or the
    /// whole link.
    #[serde(default)]
    pub(super) links: Map<String, Value>,
    /// The refusal that it is.
    pub(crate) error: Option<AuthnError>,
    #[serde(default)]
    pub(super) leads: Vec<String>,
}

/// A refusal of Classic Engine.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthnError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) summary: String,
}

fn ok() -> u16 {
    200
}

fn error() -> String {
    "ERROR".to_owned()
}

impl Scenario {
    /// How many answers the engine has for it.
    pub(crate) fn len(&self, engine: Engine) -> usize {
        match engine {
            Engine::Identity => self.identity.len(),
            Engine::Classic => self.classic.len(),
        }
    }

    /// The answer of Identity Engine at this step.
    pub(crate) fn identity_at(&self, step: usize) -> Option<&Answer> {
        self.identity.get(step)
    }

    /// The answer of Classic Engine at this step.
    pub(crate) fn classic_at(&self, step: usize) -> Option<&Authn> {
        self.classic.get(step)
    }

    /// Whether a call to this path, with this key chosen, leads on from one of its answers.
    pub(crate) fn leads(&self, engine: Engine, step: usize, path: &str, chosen: &str) -> bool {
        let leads = match engine {
            Engine::Identity => self.identity.get(step).map(|answer| &answer.leads),
            Engine::Classic => self.classic.get(step).map(|answer| &answer.leads),
        };
        let mut leads = leads.into_iter().flatten();
        leads.any(|lead| match lead.split_once(' ') {
            Some((to, key)) => to == path && key == chosen,
            None => lead == path,
        })
    }
}

/// Every row.
pub(super) fn all() -> &'static [Scenario] {
    SCENARIOS.as_deref().unwrap_or_default()
}

/// The row of this name.
pub(crate) fn find(name: &str) -> Option<&'static Scenario> {
    all().iter().find(|scenario| scenario.name == name)
}

/// The next scenario that a user of this login comes to at this point, which is none of those
/// `played` already.
pub(crate) fn next_of(
    state: &AppState,
    engine: Engine,
    login: &str,
    at: &[When],
    played: &[String],
) -> Option<&'static Scenario> {
    let runtime = state.runtime();
    let own = runtime.scenarios.get(&login.to_lowercase());
    let everybody = runtime.scenarios.get("");
    let named = own.into_iter().chain(everybody).flatten();
    let scenarios = named.filter(|name| !played.contains(name));
    let mut found = scenarios.filter_map(|name| find(name));
    found.find(|scenario| at.contains(&scenario.after) && scenario.len(engine) > 0)
}

/// Whether the page that everybody begins at stays blank.
pub(crate) fn starts_blank(state: &AppState) -> bool {
    let runtime = state.runtime();
    let everybody = runtime.scenarios.get("");
    let mut scenarios = everybody
        .into_iter()
        .flatten()
        .filter_map(|name| find(name));
    scenarios.any(|scenario| scenario.is_blank)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_row_can_be_read_and_has_a_name_and_a_source_of_its_own() {
        assert_eq!(SCENARIOS.as_ref().err(), None);
        let names: BTreeSet<&str> = all().iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names.len(), all().len());
        let known = ["recorded: ", "mocked: ", "documented: ", "widget: "];
        for row in all() {
            let is_sourced = known.iter().any(|how| row.source.starts_with(how));
            assert!(is_sourced, "{}: {}", row.name, row.source);
        }
    }
}
