//! What is there and meant: findings that the model accepts, until a day.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;
use strsim::osa_distance;
use toml::Spanned;
use toml::value::Datetime;

use super::places::line_at;
use super::{OrgModel, Scope};
use crate::code::{Acceptance, Code, given};

/// A finding that is accepted: shown, and no failure.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// The code of the finding.
    #[cfg_attr(test, schemars(with = "super::schema::FindingCode"))]
    pub finding: Spanned<String>,
    /// What it is about, as the report says it; none: the whole requirement.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub subject: Option<Spanned<String>>,
    /// Of a breach, the scope that somebody gets.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub scope: Option<Spanned<String>>,
    /// Of a breach, who gets it, as the report says it.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub whom: Option<Spanned<String>>,
    /// Why.
    #[cfg_attr(test, schemars(with = "String"))]
    pub reason: Spanned<String>,
    /// Who answers for it.
    #[cfg_attr(test, schemars(with = "String"))]
    pub owner: Spanned<String>,
    /// The last day on which it is accepted, in UTC.
    #[cfg_attr(test, schemars(with = "String"))]
    pub until: Spanned<Datetime>,
}

impl Accepted {
    /// The code; none where there is no such code, which no model that was read has.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        Code::of(self.finding.get_ref())
    }

    /// What it is about: the subject, or scope and who gets it; empty: the whole requirement.
    #[must_use]
    pub fn about(&self) -> String {
        match (&self.scope, &self.whom) {
            (Some(scope), Some(whom)) => given(scope.get_ref(), whom.get_ref()),
            _ => self
                .subject
                .as_ref()
                .map_or("", |it| it.get_ref())
                .to_owned(),
        }
    }

    /// The last day on which it is accepted.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        let until = self.until.get_ref();
        let is_day = until.time.is_none() && until.offset.is_none();
        let date = until.date.filter(|_| is_day)?;
        let (year, month) = (date.year.try_into().ok()?, date.month.try_into().ok()?);
        Date::new(year, month, date.day.try_into().ok()?).ok()
    }

    /// For sentences and names: the code, and what it is about.
    #[must_use]
    pub fn words(&self) -> String {
        let (finding, about) = (self.finding.get_ref(), self.about());
        let blank = if about.is_empty() { "" } else { " " };
        format!("{finding}{blank}{about}")
    }
}

/// What is wrong with what a model accepts, each with its line.
pub(super) fn problems(model: &OrgModel, text: &str) -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut problems = Vec::new();
    for entry in &model.accepted {
        let twice = !known.insert(entry.words());
        let twice = twice.then(|| {
            (
                entry.finding.span().start,
                "it is accepted twice".to_owned(),
            )
        });
        let found = of_entry(model, entry).into_iter().chain(twice);
        problems.extend(found.map(|(place, what)| {
            let line = line_at(text, place);
            format!(
                "line {line}: accepted `{}`: {what}",
                entry.finding.get_ref()
            )
        }));
    }
    problems
}

/// A place in the text, and what is wrong there.
type Problem = (usize, String);

fn of_entry(model: &OrgModel, entry: &Accepted) -> Vec<Problem> {
    let Some(code) = entry.code() else {
        return vec![(entry.finding.span().start, unknown(entry.finding.get_ref()))];
    };
    let mut problems = match code.acceptance() {
        Acceptance::BySubject => by_subject(entry),
        Acceptance::ByScopeAndWhom => by_scope_and_whom(model, entry),
        Acceptance::Never => {
            let never = "it cannot be accepted: somebody gets more than the model gives, and no \
                         scope and name say what and who; fix it";
            vec![(entry.finding.span().start, never.to_owned())]
        }
    };
    for (name, text) in [("reason", &entry.reason), ("owner", &entry.owner)] {
        if text.get_ref().trim().is_empty() {
            problems.push((text.span().start, format!("`{name}` must say something")));
        }
    }
    if entry.last_day().is_none() {
        let day =
            "`until` must be a day, as `until = 2027-01-31`: the last on which it is accepted";
        problems.push((entry.until.span().start, day.to_owned()));
    }
    problems
}

fn unknown(text: &str) -> String {
    let codes = Code::ALL.iter().map(|code| code.text());
    let nearest = codes.min_by_key(|code| osa_distance(code, text));
    format!(
        "there is no such finding code; the nearest is `{}`, docs/findings.md has all, and the \
         record of a run has those it found in `observed.finding`",
        nearest.unwrap_or_default()
    )
}

fn by_subject(entry: &Accepted) -> Vec<Problem> {
    let given = [("scope", &entry.scope), ("whom", &entry.whom)];
    let given = given
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let needless = |(name, value): (&str, &Spanned<String>)| {
        let what = format!("`{name}` is for breaches alone: this one is named by `subject`");
        (value.span().start, what)
    };
    given.map(needless).collect()
}

/// Anyone who accepts that somebody gets more says what, and who.
fn by_scope_and_whom(model: &OrgModel, entry: &Accepted) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(subject) = &entry.subject {
        let needless = "somebody gets more than the model gives: name `scope` and `whom`, and no \
                        `subject`";
        problems.push((subject.span().start, needless.to_owned()));
    }
    let at = entry.finding.span().start;
    for (name, value) in [("scope", &entry.scope), ("whom", &entry.whom)] {
        let is_there = value
            .as_ref()
            .is_some_and(|value| !value.get_ref().trim().is_empty());
        if !is_there {
            let missing = format!(
                "somebody gets more than the model gives: `{name}` must say {}",
                if name == "scope" {
                    "which scope"
                } else {
                    "who gets it, as the report does"
                }
            );
            problems.push((at, missing));
        }
    }
    if let Some(scope) = &entry.scope {
        let mut names: Vec<&str> = model.scopes.iter().map(Scope::name).collect();
        names.push("openid");
        if !names.contains(&scope.get_ref().as_str()) {
            let allowed = format!("`scope` must be one of {names:?}");
            problems.push((scope.span().start, allowed));
        }
    }
    problems
}

#[cfg(test)]
mod tests;
