//! Groups of the model that have the names of one another.

use std::collections::{BTreeMap, BTreeSet};

use super::context::Context;
use super::rests_on::members_of;
use super::trial::Fix;
use crate::model::{AccessPolicy, Allowed, Rule};

/// Which groups seem to have exchanged their names: by the name of each, whose it has.
pub(super) type Exchanged = BTreeMap<String, String>;

impl Context<'_> {
    /// What is said of groups that have the names of one another, if any have.
    pub(super) fn exchanged_names(&self) -> Option<NamesExchanged> {
        let exchanged = self.names_exchanged(|| self.find_exchanged_names());
        (!exchanged.is_empty()).then(|| NamesExchanged(exchanged.clone()))
    }

    /// Groups that have all test users of another one and no others, and to which the rules give
    /// what the model gives that other one. Only both together tell exchanged names from exchanged
    /// members and from exchanged rules.
    fn find_exchanged_names(&self) -> Exchanged {
        let (found, wanted) = (self.members(false), self.members(true));
        if found == wanted {
            return Exchanged::new();
        }
        let mut exchanged = Exchanged::new();
        for (name, members) in &found {
            if wanted.get(name) == Some(members) {
                continue;
            }
            let others = wanted
                .iter()
                .filter(|(other, own)| *other != name && *own == members);
            let mut others = others.filter(|(other, _)| self.has_the_scopes_of(name, other));
            let (Some((other, _)), None) = (others.next(), others.next()) else {
                return Exchanged::new();
            };
            exchanged.insert(name.clone(), other.clone());
        }
        let names: BTreeSet<&String> = exchanged.keys().collect();
        let taken: BTreeSet<&String> = exchanged.values().collect();
        if names == taken {
            exchanged
        } else {
            Exchanged::new()
        }
    }

    /// The test users in each group of the model that has some: as found, or as the model has them.
    fn members(&self, as_wanted: bool) -> BTreeMap<String, BTreeSet<String>> {
        let mut members: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for user in &self.model.users {
            if !matches!(self.seen.org.user(user.name()), Ok(Some(_))) {
                continue;
            }
            let groups: BTreeSet<String> = if as_wanted {
                user.group_names().map(str::to_owned).collect()
            } else {
                self.person(user.name()).groups
            };
            let of_the_model = groups.into_iter().filter(|name| {
                let mut own = self.model.groups.iter();
                own.any(|own| own.name == *name)
            });
            for name in of_the_model {
                members
                    .entry(name)
                    .or_default()
                    .insert(user.name().to_owned());
            }
        }
        members
    }

    /// Whether the found rules give a group what the model gives another one, and not what it gives
    /// the group itself.
    fn has_the_scopes_of(&self, group: &str, other: &str) -> bool {
        let of_model = |group: &str| -> BTreeSet<&str> {
            let rules = self.model.policy.rules.iter();
            let own = rules.filter(|rule| rule.group_names().any(|name| name == group));
            own.flat_map(Rule::scope_names).collect()
        };
        let policies = self.all_policies().unwrap_or_default();
        let own = policies
            .iter()
            .filter(|policy| policy.is_active && policy.clients.contains(&self.facts.client_id));
        let rules = own.flat_map(AccessPolicy::active_rules);
        let own = rules
            .filter(|rule| matches!(&rule.groups, Allowed::Only(names) if names.contains(group)));
        let mut found = BTreeSet::new();
        for rule in own {
            let Allowed::Only(scopes) = &rule.scopes else {
                return false;
            };
            found.extend(scopes.iter().map(String::as_str));
        }
        found == of_model(other) && found != of_model(group)
    }
}

/// What is said of groups with the names of one another, and what to do.
pub(super) struct NamesExchanged(Exchanged);

impl NamesExchanged {
    /// Whether a group is one of them.
    pub(super) fn has(&self, group: &str) -> bool {
        self.0.contains_key(group)
    }

    /// Whether all of these are members of one of them, in the words of a path.
    pub(super) fn are_members(&self, whom: &[String]) -> bool {
        let mut whom = whom.iter();
        whom.all(|whom| self.0.keys().any(|name| members_of(name) == *whom))
    }

    /// All of them, in words to compare.
    pub(super) fn names(&self) -> String {
        let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        names.join(" and ")
    }

    /// In a sentence that follows what was seen.
    pub(super) fn words(&self) -> String {
        let each = self.0.iter();
        let each = each.map(|(name, other)| {
            format!("`{name}` has the test users and the scopes of `{other}`")
        });
        let each: Vec<String> = each.collect();
        format!("; {}: their names look exchanged", each.join(" and "))
    }

    /// The names to change.
    pub(super) fn fix(&self, context: &Context<'_>) -> Fix {
        let each = self
            .0
            .iter()
            .map(|(name, other)| format!("{name} > Edit: name it `{other}`"));
        let calls = self.0.iter().map(|(name, other)| {
            let group = context.seen.org.group(name).ok().flatten();
            let id = group.map_or(name, |group| &group.id);
            format!("PUT /api/v1/groups/{id} {{\"profile\":{{\"name\":\"{other}\"}}}}")
        });
        Fix::new(
            format!(
                "Directory > Groups > {}; one of them by a name of its own first, since no two may \
                 have the same",
                each.collect::<Vec<_>>().join(", and ")
            ),
            calls.collect::<Vec<_>>().join("; "),
        )
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use crate::config::Facts;
    use crate::model::{Allowed, OrgModel};
    use crate::observation::{FoundOrg, FoundTestUser, Observations};
    use crate::requirements::{Context, Remembered};

    const MODEL: &str = include_str!("../../fixtures/org.toml");
    const SILVER: &str = "silverSubscribers";
    const GOLD: &str = "goldSubscribers";

    fn in_group(name: &str, group: &str) -> FoundTestUser {
        let user = json!({"id": name, "status": "ACTIVE", "profile": {"login": name}});
        let groups = json!([{"id": group, "type": "OKTA_GROUP", "profile": {"name": group}}]);
        FoundTestUser {
            user: serde_json::from_value(user).expect("a user"),
            groups: serde_json::from_value(groups).expect("groups"),
            assignment: Ok(None),
            namesake: Ok(None),
        }
    }

    /// What a run without any sign-in says of the names, where the silver user is in the one group,
    /// the gold user in the other, and the silver rule is for the third.
    #[rstest]
    #[case::as_the_model_has_it(SILVER, GOLD, SILVER, None)]
    #[case::names(GOLD, SILVER, GOLD, Some("goldSubscribers and silverSubscribers"))]
    #[case::members_alone(GOLD, SILVER, SILVER, None)]
    #[case::rules_alone(SILVER, GOLD, GOLD, None)]
    #[case::both_users_in_one_group(GOLD, GOLD, GOLD, None)]
    fn names_are_exchanged_where_members_and_rules_are(
        #[case] silver: &str,
        #[case] gold: &str,
        #[case] silver_rule: &str,
        #[case] wanted: Option<&str>,
    ) {
        let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
        let facts = Facts::of_model(&model);
        let mut policies = model.access_policies();
        for policy in &mut policies {
            policy.clients = Allowed::All;
            for rule in &mut policy.rules {
                let is_exchanged = silver_rule == GOLD;
                let is_for_silver = rule.name.contains("silver") != is_exchanged;
                rule.groups = Allowed::only([if is_for_silver { SILVER } else { GOLD }]);
            }
        }
        let users = [("SILVER", silver), ("GOLD", gold)];
        let users = users.map(|(name, group)| (name.to_owned(), Ok(Some(in_group(name, group)))));
        let seen = Observations {
            org: FoundOrg {
                users: users.into(),
                ..FoundOrg::default()
            },
            ..Observations::default()
        };
        let context = Context {
            model: &model,
            facts: &facts,
            seen: &seen,
            remembered: &Remembered::of(policies),
        };
        let found = context.exchanged_names().map(|names| names.names());
        assert_eq!(found.as_deref(), wanted);
        let credentials = context.swapped("SILVER").is_some();
        assert_eq!(
            credentials,
            silver == GOLD && gold == SILVER && wanted.is_none()
        );
    }
}
