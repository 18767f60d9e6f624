//! What a finding is of, by its codes.

use std::collections::{BTreeMap, BTreeSet};

use super::subject::Subject;
pub(super) use crate::code::given;
pub use crate::code::{Acceptance, Code};

/// What a finding is of: one or more codes, and of each what it is about, where that is less than
/// the subject of the trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found(BTreeMap<Code, BTreeSet<String>>);

impl Found {
    /// Of one code, about these.
    #[must_use]
    pub fn of(code: Code, about: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self([(code, about.into_iter().map(Into::into).collect())].into())
    }

    /// Whether it is of this code.
    #[must_use]
    pub fn has(&self, code: Code) -> bool {
        self.0.contains_key(&code)
    }

    /// The codes, in the document's order, separated by blanks.
    #[must_use]
    pub fn codes(&self) -> String {
        let codes: Vec<&str> = self.0.keys().map(|code| code.text()).collect();
        codes.join(" ")
    }

    /// Each code with what it is about: a part of the trial's subject, where it has parts. Where a
    /// trial has no subject and the finding no parts, the text is empty.
    #[must_use]
    pub fn parts(&self, subject: Option<&Subject>) -> Vec<(Code, String)> {
        let whole = subject.map_or("", Subject::label);
        let name = |part: &String| match subject {
            Some(_) => format!("{whole}: {part}"),
            None => part.clone(),
        };
        let mut parts = Vec::new();
        for (code, about) in &self.0 {
            let whole = about.is_empty().then(|| whole.to_owned());
            // Scope and whoever gets it say it all, whichever trial found it.
            let is_given = code.acceptance() == Acceptance::ByScopeAndWhom;
            let name = |part: &String| if is_given { part.clone() } else { name(part) };
            let names = whole.into_iter().chain(about.iter().map(name));
            parts.extend(names.map(|name| (*code, name)));
        }
        parts
    }

    /// What it is about, where it is about anything less than the whole requirement.
    pub fn about(&self, subject: Option<&Subject>) -> impl Iterator<Item = String> + use<> {
        let parts = self.parts(subject).into_iter().map(|(_, about)| about);
        parts.filter(|about| !about.is_empty())
    }
}

impl From<Code> for Found {
    fn from(code: Code) -> Self {
        Self([(code, BTreeSet::new())].into())
    }
}

impl FromIterator<(Code, String)> for Found {
    fn from_iter<T: IntoIterator<Item = (Code, String)>>(found: T) -> Self {
        let mut parts: BTreeMap<Code, BTreeSet<String>> = BTreeMap::new();
        for (code, about) in found {
            parts.entry(code).or_default().insert(about);
        }
        Self(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong as a whole, without a subject, is about nothing that has a name.
    #[test]
    fn a_finding_is_about_what_has_a_name() {
        let whole = Found::from(Code::GroupMissing);
        assert_eq!(whole.parts(None), [(Code::GroupMissing, String::new())]);
        assert_eq!(whole.about(None).next(), None);
        let of = Subject::group("gold");
        let about: Vec<String> = whole.about(Some(&of)).collect();
        assert_eq!(about, ["gold"]);
        let part = Found::of(Code::GroupMissing, ["a part"]);
        let about: Vec<String> = part.about(Some(&of)).collect();
        assert_eq!(about, ["gold: a part"]);
        assert_eq!(part.about(None).collect::<Vec<_>>(), ["a part"]);
    }
}
