//! What comes before the first step: what is refused, and what an earlier run has left open.

use super::execute::{CLIENT_ID, Execution, ISSUER, variables};
use super::plan::{Change, Plan};
use super::store::Store;
use super::subject::Subject;
use super::{Foreign, ProvisionError};

impl<S: Store, P: FnMut(&str)> Execution<'_, S, P> {
    /// What is refused before anything is made: values that cannot be kept, and values of another
    /// org that would be lost.
    pub(super) fn check(&self, plan: &Plan) -> Result<(), ProvisionError> {
        let to_be_made = plan
            .changes()
            .filter(|action| action.change == Change::Create);
        for action in to_be_made {
            let Subject::User { name } = &action.subject else {
                continue;
            };
            let (username, password) = variables(name);
            for variable in [username, password] {
                let value = self.store.variable(&variable).unwrap_or_default();
                let kept = self.store.check(&[(&variable, &value)]);
                kept.map_err(ProvisionError::Unusable)?;
            }
        }
        let names = self.occupied();
        if names.is_empty() || self.foreign == Foreign::Adopt {
            return Ok(());
        }
        Err(ProvisionError::Occupied { names })
    }

    /// The variables that name something that this org does not have and no run has written.
    fn occupied(&self) -> Vec<String> {
        let is_named = |(variable, subject): &(&str, Subject)| {
            let value = self.store.variable(variable).unwrap_or_default();
            let name = value.rsplit('/').next().unwrap_or_default();
            !matches!(value.as_str(), "" | "sandbox")
                && name != self.found.id(subject)
                && self.found.text(subject, "/issuer") != Some(&value)
                && !self.store.journal().has_written(variable, &value)
        };
        let named = [(ISSUER, Subject::Server), (CLIENT_ID, Subject::Client)];
        let occupied = named.iter().filter(|pair| is_named(pair));
        occupied.map(|(name, _)| (*name).to_owned()).collect()
    }

    /// Notes what an earlier run has made without getting to know.
    pub(super) fn take_over(&mut self) -> Result<(), ProvisionError> {
        for subject in std::mem::take(&mut self.found.recovered) {
            let path = self.found.path(&subject).unwrap_or_default().to_owned();
            self.note_made(&subject, path)?;
            (self.progress)(&format!(
                "{subject}: found as an earlier run has sent it, whose answer was lost"
            ));
        }
        Ok(())
    }

    /// Says which variables were written once and are blank now, and sets what the org tells; what
    /// it keeps to itself is made anew as part of the plan.
    pub(super) fn restore(&mut self) -> Result<(), ProvisionError> {
        let journal = self.store.journal().written();
        let blank = journal.filter(|name| self.store.variable(name).is_none());
        let blank: Vec<&str> = blank.collect();
        if !blank.is_empty() {
            let words = format!(
                "warning: an earlier run has written {}, which are blank now: they are restored, \
                 and passwords set anew",
                blank.join(", ")
            );
            (self.progress)(&words);
        }
        for user in &self.model.users {
            let subject = Subject::user(user.name());
            let (username, _) = variables(user.name());
            if !self.found.is_own(&subject) || self.store.variable(&username).is_some() {
                continue;
            }
            if let Some(login) = self.found.text(&subject, "/profile/login") {
                self.store.set(&[(&username, login)])?;
            }
        }
        Ok(())
    }
}
