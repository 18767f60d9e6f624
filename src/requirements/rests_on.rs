//! What a finding rests on beside its subject: objects and values that another finding may be about
//! too. By it the report puts findings of one cause together, and fills the ids into a fix.
//!
//! Kept as observed values under these names, which no claim of a token has.

use std::collections::BTreeSet;

use super::context::Context;
use super::deciding::CONDITIONS;
use super::swapped::Swap;
use super::trial::Judgement;
use crate::model::{Allowed, Decision, OpenIdConnectScopes, Person, decide};
use crate::observation::AuthorizationKey;

/// Rules of access policies, as [`rule_words`] has them.
pub(crate) const RULES: &str = "rests on rules";
/// Names of groups.
pub(crate) const GROUPS: &str = "rests on groups";
/// Who is given what they must not have, in the words of a path.
pub(crate) const RECEIVERS: &str = "rests on receivers";
/// Names of access policies.
pub(crate) const POLICIES: &str = "rests on policies";
/// Two test users who seem to have exchanged their credentials.
pub(crate) const EXCHANGED: &str = "rests on exchanged credentials";
/// Groups that have the names of one another.
pub(crate) const NAMES: &str = "rests on exchanged names";
/// The id of the client that seems to be meant.
pub(crate) const CLIENT: &str = "rests on another client";
/// How long a rule lets tokens live.
pub(crate) const LIFETIMES: &str = "rests on lifetimes";
/// Audiences of the authorization server.
pub(crate) const AUDIENCES: &str = "rests on audiences";
/// Issuers that the org or its metadata name instead.
pub(crate) const ISSUERS: &str = "rests on issuers";
/// Settings, as the Management API calls them; of a rule, as [`rule_setting`] has them.
pub(crate) const SETTINGS: &str = "rests on settings";
/// Attributes of a user's profile.
pub(crate) const ATTRIBUTES: &str = "rests on attributes";
/// What a user's assignment is by: `GROUP`, `USER`, or nothing at all.
pub(crate) const ASSIGNMENT: &str = "rests on an assignment";
/// Where a sign-in page sent what was typed.
pub(crate) const HOSTS: &str = "rests on hosts";
/// The status of a user.
pub(crate) const STATUS: &str = "rests on a status";
/// The scopes by which a token opens an endpoint.
pub(crate) const SCOPES: &str = "rests on scopes";

/// Whether an observed value is one of these.
pub(crate) fn is_one(name: &str) -> bool {
    name.starts_with("rests on ")
}

/// A rule, in words that tell it from one of the same name in another policy.
pub(crate) fn rule_words(policy: &str, rule: &str) -> String {
    format!("rule `{rule}` of policy `{policy}`")
}

/// So many rules are named where to fix them; the finding names the rest.
const MOST_RULES: usize = 3;

/// Where rules are in the Admin Console, for the middle of a path; of none, where any rule is.
pub(crate) fn place_of_rules<'r>(rules: impl IntoIterator<Item = &'r str>) -> String {
    let rules: BTreeSet<&str> = rules.into_iter().collect();
    let named: Vec<&str> = rules.iter().take(MOST_RULES).copied().collect();
    match rules.len() {
        0 => "the policy > the rule".to_owned(),
        all if all > MOST_RULES => {
            format!("{} and {} more", named.join(", "), all - MOST_RULES)
        }
        _ => named.join(" and "),
    }
}

/// The members of a group, as those to whom a rule gives something.
pub(crate) fn members_of(group: &str) -> String {
    format!("members of `{group}`")
}

/// A setting of a rule.
pub(crate) fn rule_setting(rule: &str, field: &str) -> String {
    format!("{field} of {rule}")
}

/// How long a rule lets tokens live, in seconds.
pub(crate) fn lifetime_words(rule: &str, seconds: i64) -> String {
    format!("{seconds} s by {rule}")
}

impl Judgement {
    /// Of a request that is given and should not be: with what the audit computes to give it.
    pub(super) fn resting_on_what_gives(
        self,
        context: &Context<'_>,
        key: &AuthorizationKey,
    ) -> Self {
        let given = context.given_by(key);
        let rule = given.as_ref().map(|given| given.rule.as_str());
        let groups = given.iter().flat_map(|given| &given.groups);
        let conditions = context.too_wide(rule);
        self.resting_on(EXCHANGED, context.exchanged(&key.user))
            .resting_on(RULES, rule)
            .resting_on(CONDITIONS, conditions)
            .resting_on(GROUPS, groups)
    }
}

/// By what the audited set-up gives a request to its user.
pub(super) struct GivenBy {
    /// The first rule that matches, and its policy.
    pub(super) rule: String,
    /// The groups of the user that the rule names.
    pub(super) groups: Vec<String>,
}

impl Context<'_> {
    /// By what the audit computes that a request is given; none, where it computes a refusal or
    /// could not look.
    pub(super) fn given_by(&self, key: &AuthorizationKey) -> Option<GivenBy> {
        self.given_to(&self.person(&key.user), key)
    }

    /// The groups that the user is in and should not be, where a request is given by them alone.
    pub(super) fn given_by_wrong_groups(&self, key: &AuthorizationKey) -> Vec<String> {
        let wanted = self.wanted_person(&key.user);
        if self.given_to(&wanted, key).is_some() {
            return Vec::new();
        }
        let groups = self
            .given_by(key)
            .into_iter()
            .flat_map(|given| given.groups);
        groups
            .filter(|group| !wanted.groups.contains(group))
            .collect()
    }

    fn given_to(&self, person: &Person, key: &AuthorizationKey) -> Option<GivenBy> {
        let policies = self.all_policies().ok()?;
        if !self.is_assigned(&key.user).ok()? {
            return None;
        }
        let scopes = key.scopes();
        let (client, grant) = (&self.facts.client_id, key.flow.grant_type());
        let openid = OpenIdConnectScopes::AlwaysCovered;
        match decide(policies, client, person, &scopes, grant, openid) {
            Decision::Denied => None,
            Decision::Granted(policy, rule) => {
                let named: BTreeSet<String> = match &rule.groups {
                    Allowed::All => BTreeSet::new(),
                    Allowed::Only(names) => person.groups.intersection(names).cloned().collect(),
                };
                Some(GivenBy {
                    rule: rule_words(&policy.name, &rule.name),
                    groups: named.into_iter().collect(),
                })
            }
        }
    }

    /// This test user and the one with whom it seems to have exchanged credentials, in words.
    pub(super) fn exchanged(&self, user: &str) -> Option<String> {
        self.swapped(user).as_ref().map(Swap::pair)
    }
}
