//! A group of the model that the org seems to have under another name.

use std::collections::BTreeSet;

use super::context::Context;
use super::look_alike::looks_like;
use crate::management::Named;
use crate::management::found::{BUILT_IN, FoundGroup};
use crate::model::EVERYONE;

/// So many groups are named that look like a missing one.
const MOST_ALIKE: usize = 3;

impl Context<'_> {
    /// The group that has the test users of a missing one and no other test user: what is in its
    /// place, most likely renamed. None where several are, or where no test user tells them apart.
    pub(super) fn renamed(&self, missing: &str) -> Option<String> {
        let groups = self.seen.org.groups.as_ref().ok()?;
        matches!(groups.get(missing), Some(Named::Nothing)).then_some(())?;
        let users = self.model.users.iter();
        let seen = users.filter(|user| matches!(self.seen.org.user(user.name()), Ok(Some(_))));
        let (own, others): (Vec<_>, Vec<_>) =
            seen.partition(|user| self.is_member(user.name(), missing));
        let groups_of = |name: &str| -> BTreeSet<String> {
            let groups = self.person(name).groups.into_iter();
            groups.filter(|name| self.is_of_no_model(name)).collect()
        };
        let mut own = own.into_iter().map(|user| groups_of(user.name()));
        let mut candidates = own.next().filter(|_| !others.is_empty())?;
        for groups in own {
            candidates.retain(|name| groups.contains(name));
        }
        for user in others {
            let groups = groups_of(user.name());
            candidates.retain(|name| !groups.contains(name));
        }
        let mut candidates = candidates.into_iter();
        let only = candidates.next();
        only.filter(|_| candidates.next().is_none())
    }

    /// The groups whose names may be taken for that of a missing one, Okta's own and the model's
    /// apart.
    pub(super) fn called_alike(&self, missing: &str) -> Vec<&FoundGroup> {
        let groups = self.seen.org.some_groups.iter();
        let others = groups
            .filter(|group| group.kind != BUILT_IN && self.is_of_no_model(&group.profile.name));
        others
            .filter(|group| looks_like(missing, &group.profile.name))
            .take(MOST_ALIKE)
            .collect()
    }

    fn is_of_no_model(&self, group: &str) -> bool {
        let mut own = self.model.groups.iter();
        group != EVERYONE && own.all(|own| own.name != group)
    }
}
