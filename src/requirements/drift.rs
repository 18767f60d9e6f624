//! Drift: settings of found objects that differ from what the model, or Okta's default, has.
//!
//! Drift is advised: it need not break anything today. What decides who gets what has requirements
//! of its own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::context::Context;
use super::found::{Code, Found};
use super::rests_on;
use super::step::Step;
use super::trial::{Finding, Fix, Judgement, Trial};
use crate::observation::{Need, NotSeen, Seen};

/// A setting that differs.
#[derive(Debug)]
pub(super) struct Drift {
    /// Where it stands, as the Management API calls it.
    path: String,
    wanted: String,
    found: String,
    /// The rule of an access policy that it is of.
    rule: Option<String>,
    /// The names of the groups that it is about.
    groups: Vec<String>,
    /// Where it is set, if not where the trial says.
    click: Option<String>,
}

impl Drift {
    /// A setting that is known to differ.
    pub(super) fn new(
        path: impl Into<String>,
        wanted: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            wanted: wanted.into(),
            found: found.into(),
            rule: None,
            groups: Vec::new(),
            click: None,
        }
    }

    /// The same, as a setting of this rule.
    pub(super) fn of_rule(self, rule: &str) -> Self {
        Self {
            rule: Some(rule.to_owned()),
            ..self
        }
    }

    /// The same, to be set there.
    pub(super) fn at(self, click: String) -> Self {
        Self {
            click: Some(click),
            ..self
        }
    }

    /// The same, with more words of what was found.
    pub(super) fn with(self, words: &str) -> Self {
        Self {
            found: format!("{}{words}", self.found),
            ..self
        }
    }

    /// Groups that are found and not wanted.
    pub(super) fn extra_groups<'a>(
        wanted: &[&str],
        found: impl Iterator<Item = &'a str>,
    ) -> Option<Self> {
        let extra: Vec<&str> = found.filter(|name| !wanted.contains(name)).collect();
        let groups = extra.iter().map(|name| (*name).to_owned()).collect();
        let drift = Self::extra("groups", wanted, extra)?;
        Some(Self { groups, ..drift })
    }

    /// The setting, with the rule that it is of.
    fn setting(&self) -> String {
        let Some(rule) = &self.rule else {
            return self.path.clone();
        };
        let field = self.path.rsplit(": ").next().unwrap_or_default();
        rests_on::rule_setting(rule, field)
    }

    /// The setting, if it differs; one that is absent or null is at its documented default.
    pub(super) fn of(path: &str, wanted: &Value, found: Option<&Value>) -> Option<Self> {
        let found = found.filter(|found| !found.is_null() && *found != wanted)?;
        Some(Self::new(path, wanted.to_string(), found.to_string()))
    }

    /// Names that are found and not wanted.
    pub(super) fn extra<'a>(
        path: impl Into<String>,
        wanted: &[&str],
        found: impl IntoIterator<Item = &'a str>,
    ) -> Option<Self> {
        let found = found.into_iter();
        let (own, extra): (Vec<&str>, Vec<&str>) = found.partition(|name| wanted.contains(name));
        (!extra.is_empty()).then(|| {
            // Of what may stand there, what does: nobody wants the rest added, least of all to an
            // object that the model does not know.
            if own.is_empty() && !wanted.is_empty() {
                return Self::new(path, "none but the model's", format!("{extra:?}"));
            }
            Self::new(path, format!("{own:?}"), format!("{extra:?} beside them"))
        })
    }
}

/// What differs, and what the org does not say or show, so that nothing can be said of it.
#[derive(Debug, Default)]
pub(super) struct Compared {
    drift: Vec<Drift>,
    untold: Vec<String>,
    /// What is there, and is nothing that anybody here knows.
    unknown: Vec<String>,
}

impl Compared {
    /// A setting that Okta always names: where it is absent, it was not seen.
    pub(super) fn told(&mut self, path: &str, wanted: &Value, found: Option<&Value>) {
        match found {
            None => self.untold.push(path.to_owned()),
            Some(found) => self.drift.extend(Drift::of(path, wanted, Some(found))),
        }
    }

    /// With what the org does not show.
    pub(super) fn without(mut self, untold: impl IntoIterator<Item = String>) -> Self {
        self.untold.extend(untold);
        self
    }

    /// With what is there and is not judged, since nobody here knows what it does.
    pub(super) fn beside(mut self, unknown: impl IntoIterator<Item = String>) -> Self {
        self.unknown.extend(unknown);
        self
    }

    /// With more that differs.
    pub(super) fn and(mut self, drift: impl IntoIterator<Item = Drift>) -> Self {
        self.drift.extend(drift);
        self
    }

    /// A difference is one, whatever else was not seen; "the same" needs all of it.
    fn all(&self) -> Seen<&[Drift]> {
        if self.drift.is_empty() && !self.untold.is_empty() {
            let untold = self.untold.join(", ");
            return Err(NotSeen::inconclusive(format!(
                "nothing differs in what was seen, but the org does not show {untold}"
            )));
        }
        Ok(&self.drift)
    }
}

impl FromIterator<Drift> for Compared {
    fn from_iter<T: IntoIterator<Item = Drift>>(drift: T) -> Self {
        Self::default().and(drift)
    }
}

/// A trial of everything in an object that has no requirement of its own.
pub(super) fn no_drift(
    step: Step,
    code: Code,
    name: &'static str,
    see: &'static str,
    needs: impl IntoIterator<Item = Need>,
    fix: Fix,
    look: impl Fn(&Context<'_>) -> Seen<Compared> + Send + Sync + 'static,
) -> Trial {
    Trial::new(step, name, see, needs, move |context| {
        let compared = look(context)?;
        let drift = compared.all()?;
        if drift.is_empty() && !compared.unknown.is_empty() {
            let unknown = compared.unknown.join(", ");
            return Ok(Judgement::met_unusually(format!(
                "nothing differs in what this suite knows; it does not know {unknown}"
            )));
        }
        let told = |value: fn(&Drift) -> &str| {
            let lines = drift
                .iter()
                .map(|drift| format!("{}: {}", drift.path, value(drift)));
            lines.collect::<Vec<_>>().join("; ")
        };
        Ok(Judgement::when(drift.is_empty(), || Finding {
            found: Found::of(
                code,
                drift
                    .iter()
                    .map(|drift| format!("{}: {}", drift.path, drift.found)),
            ),
            expected: told(|drift| &drift.wanted),
            actual: told(|drift| &drift.found),
            fix: fix_of(drift, &fix),
        })
        .resting_on(rests_on::RULES, rules(drift))
        .resting_on(
            rests_on::GROUPS,
            drift.iter().flat_map(|drift| drift.groups.clone()),
        )
        .resting_on(rests_on::SETTINGS, drift.iter().map(Drift::setting)))
    })
    .advised()
}

/// Where all of it is set: the places of its own that some of it has, and that of the rest.
fn fix_of(drift: &[Drift], fix: &Fix) -> Fix {
    let mut clicks: Vec<&str> = drift
        .iter()
        .filter_map(|one| one.click.as_deref())
        .collect();
    if clicks.len() < drift.len() {
        clicks.push(&fix.admin_console);
    }
    Fix::new(clicks.join("; "), fix.api.clone())
}

fn rules(drift: &[Drift]) -> BTreeSet<&str> {
    drift
        .iter()
        .filter_map(|drift| drift.rule.as_deref())
        .collect()
}
