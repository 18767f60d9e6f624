//! What is worth knowing of an environment, and no problem.

use super::names::{self, ISSUER, Meaning, Slip};
use super::reader::Reader;
use super::{blanks, mixed_up};

/// Whether a name that no run reads may have been meant to name an org, and is not blank.
pub(super) fn is_of_an_org((slip, is_set): &(Slip, bool)) -> bool {
    *is_set && slip.names_an_org
}

impl Reader<'_> {
    /// Names that may have been meant to be those of a variable, and whether they are not blank.
    pub(super) fn slips(&self) -> Vec<(Slip, bool)> {
        let names = self.environment.names();
        let slips = names.filter_map(|name| match names::meaning(name) {
            Meaning::Slip(slip) => Some((slip, self.environment.get(name).is_some())),
            _ => None,
        });
        slips.collect()
    }

    pub(super) fn notes(&self) -> Vec<String> {
        let is_unset = self.environment.get(ISSUER).is_none();
        let slips = self.slips().into_iter();
        // What is a problem is no note beside it.
        let slips = slips.filter(|slip| !(is_unset && is_of_an_org(slip)));
        let slips = slips.map(|(slip, _)| {
            format!(
                "no run reads {}; the nearest variable is {}",
                slip.name, slip.nearest
            )
        });
        let others: Vec<String> = self
            .environment
            .names()
            .filter_map(|name| match names::meaning(name) {
                Meaning::OtherOktaTool(name) => Some(name),
                _ => None,
            })
            .collect();
        let others = (!others.is_empty()).then(|| {
            format!(
                "set for other tools, perhaps, and read by no run: {}",
                others.join(", ")
            )
        });
        let overridden = self.environment.overridden();
        let overridden = (!overridden.is_empty()).then(|| {
            format!(
                "taken from the process environment, while the file says otherwise: {}",
                overridden.join(", ")
            )
        });
        let notes = slips.chain(others).chain(overridden);
        let notes = notes.chain(self.not_yet());
        let of_values = blanks::notes(self.environment).chain(mixed_up::notes(self.environment));
        notes.chain(of_values).collect()
    }

    fn not_yet(&self) -> Option<String> {
        let set = names::NOT_YET.into_iter();
        let set: Vec<&str> = set
            .filter(|name| self.environment.get(name).is_some())
            .collect();
        (!set.is_empty()).then(|| {
            format!(
                "not used yet: {}; OKTA_CLIENT_TOKEN turns on the audit of steps 1 to 4",
                set.join(", ")
            )
        })
    }
}
