//! Two test users of whom one has the credentials of the other: each has the other's, or both have
//! one login.

use std::collections::BTreeSet;

use super::context::Context;
use super::trial::Fix;
use crate::model::{Expected, TestUser};
use crate::observation::AuthorizationKey;

/// What is said of two test users who are not told apart as they should be, and what to do.
pub(super) struct Swap {
    one: String,
    other: String,
    how: How,
}

/// How the credentials of two test users came to be of other people.
enum How {
    /// Each has those of the other.
    Exchanged,
    /// Both have one login.
    OneLogin,
}

impl Swap {
    /// In a sentence that follows what was seen.
    pub(super) fn words(&self) -> String {
        let (one, other) = (&self.one, &self.other);
        match self.how {
            How::Exchanged => format!(
                "; {one} is what {other} should be, and {other} what {one} should be: \
                 TEST_USER_{one}_USERNAME and _PASSWORD look exchanged with those of {other}"
            ),
            How::OneLogin => format!(
                "; TEST_USER_{one}_USERNAME and TEST_USER_{other}_USERNAME hold one and the same \
                 login, and the model has them for two users who must not get the same"
            ),
        }
    }

    /// Whether both have one login, which is known and no guess.
    pub(super) fn is_of_one_login(&self) -> bool {
        matches!(self.how, How::OneLogin)
    }

    /// In a sentence of its own.
    pub(super) fn cause(&self) -> String {
        self.words().trim_start_matches("; ").to_owned()
    }

    /// Both of them, the same whichever is asked for.
    pub(super) fn pair(&self) -> String {
        let mut pair = [self.one.as_str(), &self.other];
        pair.sort_unstable();
        pair.join(" and ")
    }

    /// The variables to change.
    pub(super) fn fix(&self) -> Fix {
        let (one, other) = (&self.one, &self.other);
        let change = match self.how {
            How::Exchanged => format!(
                "exchange TEST_USER_{one}_USERNAME with TEST_USER_{other}_USERNAME, and \
                 TEST_USER_{one}_PASSWORD with TEST_USER_{other}_PASSWORD"
            ),
            // Whichever of the two is asked for, the fix is one.
            How::OneLogin => format!(
                "set TEST_USER_<NAME>_USERNAME and TEST_USER_<NAME>_PASSWORD of one of {} to those \
                 of a user of its own",
                self.pair()
            ),
        };
        Fix::new(
            format!("none in the org: {change}"),
            "GET /api/v1/users/{login}/groups shows in which groups a login is",
        )
    }
}

impl Context<'_> {
    /// That a user is active, and its login where the org found it by another word: by the login's
    /// beginning, or by an address.
    pub(super) fn active(&self, user: &str) -> String {
        let pair = self.facts.logins.get(user).zip(self.login(user));
        let other = pair.filter(|(told, login)| told.to_lowercase() != login.to_lowercase());
        let active = format!("the audit shows {user} active");
        other.map_or(active, |(told, login)| {
            format!(
                "the audit shows {user} active with the login {login}, and \
                 TEST_USER_{user}_USERNAME is {told}: where the org takes logins alone, set it to \
                 the login"
            )
        })
    }

    /// The test user whose credentials this one has, or seems to have.
    pub(super) fn swapped(&self, user: &str) -> Option<Swap> {
        let other = self.swapped_with(user, || {
            if let Some(other) = self.of_the_same_login(user) {
                return Some(other.to_owned());
            }
            let own = self.model.user(user)?;
            // Of two who must get the same, neither stands in the other's place; and who is in the
            // place of one is in that of all who must get what that one must.
            let other = self.model.other_kinds(own).find_map(|mut kind| {
                let first = kind.clone().next()?;
                self.is_in_place_of(own, first)
                    .then(|| kind.find(|other| self.is_in_place_of(other, own)))?
            })?;
            Some(other.name().to_owned())
        })?;
        let how = if self.have_one_login(user, &other) {
            How::OneLogin
        } else {
            How::Exchanged
        };
        Some(Swap {
            one: user.to_owned(),
            other,
            how,
        })
    }

    /// Another test user with the login of this one, who must not get the same: of two who must, it
    /// makes no difference.
    fn of_the_same_login(&self, user: &str) -> Option<&str> {
        let mut others = self.model.other_kinds(self.model.user(user)?).flatten();
        let found = others.find(|other| self.have_one_login(user, other.name()));
        found.map(TestUser::name)
    }

    fn have_one_login(&self, one: &str, other: &str) -> bool {
        let login = |name: &str| self.login(name).map(|login| login.to_lowercase());
        let own = login(one);
        own.is_some() && own == login(other)
    }

    /// Whether a test user is what another one should be, and not what it should be itself: by its
    /// groups, where they are known and it was not given just what is its own, else by what it was
    /// given. Groups whose names were exchanged exchange nobody's credentials.
    fn is_in_place_of(&self, user: &TestUser, other: &TestUser) -> bool {
        let wanted = |user: &TestUser| -> BTreeSet<String> {
            user.group_names().map(str::to_owned).collect()
        };
        match self.seen.org.user(user.name()) {
            Ok(Some(_)) => {
                let mut found = self.person(user.name()).groups;
                found.retain(|name| self.model.groups.iter().any(|group| group.name == *name));
                wanted(user) != wanted(other)
                    && found == wanted(other)
                    && self.exchanged_names().is_none()
                    && !self.gets_what_is_its_own(user)
            }
            _ => self.gets_what_is_meant_for(user, other),
        }
    }

    /// Whether requests of a test user were decided, each as the model has it.
    fn gets_what_is_its_own(&self, user: &TestUser) -> bool {
        let decided = self.decided(user.name());
        let mut given = decided.iter();
        !decided.is_empty() && given.all(|(key, given)| self.is_meant(user, key) == *given)
    }

    /// Whether the model gives a test user this.
    pub(super) fn is_meant(&self, user: &TestUser, key: &AuthorizationKey) -> bool {
        let grant = key.flow.grant_type();
        let expected = self.model.expected(user, &key.request, grant);
        matches!(expected, Expected::Granted { .. })
    }

    fn gets_what_is_meant_for(&self, user: &TestUser, other: &TestUser) -> bool {
        let decided = self.decided(user.name());
        let differs = decided
            .iter()
            .any(|(key, given)| self.is_meant(user, key) != *given);
        differs
            && decided
                .iter()
                .all(|(key, given)| self.is_meant(other, key) == *given)
    }

    /// The test user with this login, whatever its case.
    pub(super) fn test_user_called(&self, login: &str) -> Option<&str> {
        let wanted = login.to_lowercase();
        let is_called = |user: &&TestUser| {
            let login = self.login(user.name());
            login.is_some_and(|login| login.to_lowercase() == wanted)
        };
        self.model.users.iter().find(is_called).map(TestUser::name)
    }
}

#[cfg(test)]
mod tests;
