//! Whose positives a part of a run looks at, for what is refused to its own users.

use std::collections::{BTreeSet, HashSet};

use crate::model::OrgModel;
use crate::observation::{AuthorizationKey, Need, Positive};
use crate::requirements::{Topic, Trial};

/// So many users' positives are looked at for one negative whose own are in another partition.
const MOST_CONTROL_USERS: usize = 3;

/// What was chosen to be looked at of others.
pub(super) struct Controls<'a> {
    model: &'a OrgModel,
    is_configured: &'a dyn Fn(&str) -> bool,
    done: HashSet<&'a Positive>,
    keys: HashSet<AuthorizationKey>,
    pub(super) needs: HashSet<Need>,
}

impl<'a> Controls<'a> {
    pub(super) fn new(model: &'a OrgModel, is_configured: &'a dyn Fn(&str) -> bool) -> Self {
        Self {
            model,
            is_configured,
            done: HashSet::new(),
            keys: HashSet::new(),
            needs: HashSet::new(),
        }
    }

    /// Chooses the first configured users for each positive that the trial is compared with; and
    /// the very first user, whose failure is told where all fail.
    pub(super) fn choose(&mut self, trial: &'a Trial) {
        for need in &trial.needs {
            if let Need::Anybodys(positive) = need
                && self.done.insert(positive)
            {
                let keys = || positive.keys(self.model);
                let configured = keys().filter(|key| (self.is_configured)(&key.user));
                let chosen = configured.take(MOST_CONTROL_USERS).chain(keys().take(1));
                for key in chosen {
                    self.needs.insert(positive.need(key.clone()));
                    self.keys.insert(key);
                }
            }
        }
    }

    /// The configured users of whom something was chosen.
    pub(super) fn users(&self) -> BTreeSet<String> {
        let users = self.keys.iter().map(|key| &key.user);
        let configured = users.filter(|user| (self.is_configured)(user));
        configured.cloned().collect()
    }

    /// Whether a trial about one of these users may be to blame where what was chosen fails.
    pub(super) fn may_be_blamed(&self, trial: &Trial) -> bool {
        match trial.topic() {
            None => false,
            Some(Topic::Authorization(key)) => self.keys.contains(key),
            Some(_) => true,
        }
    }
}
