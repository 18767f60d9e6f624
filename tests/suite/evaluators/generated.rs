//! Orgs as they may be: policies and rules of every kind, memberships, assignments.

use proptest::prelude::*;
use proptest::sample::subsequence;
use serde::Serialize;

use super::question::{Asked, GOLD, OPENID, SILVER, USERS};

/// Groups that people are in.
pub(super) const GROUPS: [&str; 3] = ["silverSubscribers", "goldSubscribers", "others"];
/// A group that rules name and that is deleted afterwards.
pub(super) const GONE: &str = "gone";
/// Everybody, by the word of the rules.
pub(super) const EVERYONE_WORD: &str = "EVERYONE";
/// Everybody, by the group that Okta made.
pub(super) const EVERYONE_GROUP: &str = "Everyone";
pub(super) const THE_CLIENT: &str = "the client";
pub(super) const ANOTHER_CLIENT: &str = "another client";
const ALL_CLIENTS: &str = "ALL_CLIENTS";
/// Grant types of rules: those that browsers use, and some of those that others do.
pub(super) const GRANT_TYPES: [&str; 5] = [
    "authorization_code",
    "implicit",
    "client_credentials",
    "password",
    "urn:ietf:params:oauth:grant-type:device_code",
];
/// The shortest lifetime that Okta allows is five minutes; every rule has one of its own.
const SHORTEST_MINUTES: usize = 5;

type Names = Vec<&'static str>;

/// An org, by names.
#[derive(Debug, Clone, Serialize)]
pub(super) struct GeneratedOrg {
    pub(super) server_is_inactive: bool,
    pub(super) client_is_inactive: bool,
    /// Groups and users that the client is assigned to.
    pub(super) assigned: Names,
    /// The groups of each user.
    pub(super) groups_of_users: Vec<Names>,
    /// What is asked over HTTP.
    pub(super) asked: Vec<Asked>,
    pub(super) policies: Vec<GeneratedPolicy>,
}

/// A policy.
#[derive(Debug, Clone, Serialize)]
pub(super) struct GeneratedPolicy {
    pub(super) is_active: bool,
    pub(super) priority: u32,
    pub(super) clients: Names,
    pub(super) rules: Vec<GeneratedRule>,
}

/// A rule.
#[derive(Debug, Clone, Serialize)]
pub(super) struct GeneratedRule {
    pub(super) is_active: bool,
    pub(super) priority: u32,
    pub(super) groups: Names,
    pub(super) excluded_groups: Names,
    pub(super) users: Names,
    pub(super) excluded_users: Names,
    pub(super) grant_types: Names,
    pub(super) scopes: Names,
    pub(super) minutes: usize,
}

impl GeneratedOrg {
    pub(super) fn as_toml(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_else(|_| format!("{self:#?}"))
    }

    /// Gives every rule a lifetime of its own, by which it is known again.
    fn with_lifetimes(mut self) -> Self {
        let rules = self
            .policies
            .iter_mut()
            .flat_map(|policy| &mut policy.rules);
        for (minutes, rule) in (SHORTEST_MINUTES..).zip(rules) {
            rule.minutes = minutes;
        }
        self
    }
}

/// Any org.
pub(super) fn orgs() -> impl Strategy<Value = GeneratedOrg> {
    let assignable: Names = [EVERYONE_GROUP]
        .into_iter()
        .chain(GROUPS)
        .chain(USERS)
        .collect();
    let groups_of_users = prop::collection::vec(some_of(&GROUPS, 0..=3), USERS.len());
    (
        seldom(),
        seldom(),
        some_of(&assignable, 1..=4),
        groups_of_users,
        prop::collection::vec(asked(), 3),
        prop::collection::vec(policy(), 0..4),
    )
        .prop_map(
            |(
                server_is_inactive,
                client_is_inactive,
                assigned,
                groups_of_users,
                asked,
                policies,
            )| {
                GeneratedOrg {
                    server_is_inactive,
                    client_is_inactive,
                    assigned,
                    groups_of_users,
                    asked,
                    policies,
                }
                .with_lifetimes()
            },
        )
}

fn asked() -> impl Strategy<Value = Asked> {
    let numbers = (0..Asked::USERS, 0..Asked::REQUESTS, any::<bool>());
    numbers.prop_map(|(user, request, by_code)| Asked {
        user,
        request,
        by_code,
    })
}

fn policy() -> impl Strategy<Value = GeneratedPolicy> {
    let clients = [THE_CLIENT, ALL_CLIENTS, ANOTHER_CLIENT];
    let clients = prop_oneof![
        3 => Just(vec![THE_CLIENT]),
        1 => some_of(&clients, 1..=2),
    ];
    let rules = prop::collection::vec(rule(), 0..4);
    (mostly(), 1_u32..4, clients, rules).prop_map(|(is_active, priority, clients, rules)| {
        GeneratedPolicy {
            is_active,
            priority,
            clients,
            rules,
        }
    })
}

fn rule() -> impl Strategy<Value = GeneratedRule> {
    let named: Names = GROUPS.into_iter().chain([GONE]).collect();
    let groups = prop_oneof![
        3 => some_of(&named, 1..=3),
        1 => Just(vec![EVERYONE_WORD]),
        1 => Just(vec![EVERYONE_GROUP]),
        1 => Just(Vec::new()),
    ];
    let excluded: Names = named.iter().copied().chain([EVERYONE_GROUP]).collect();
    let scopes = prop_oneof![
        4 => some_of(&[OPENID, "profile", SILVER, GOLD], 1..=4),
        1 => Just(vec!["*"]),
    ];
    let people = (
        groups,
        rarely(some_of(&excluded, 1..=2)),
        rarely(some_of(&USERS, 1..=2)),
        rarely(some_of(&USERS, 1..=2)),
    );
    (
        mostly(),
        1_u32..4,
        people,
        some_of(&GRANT_TYPES, 1..=4),
        scopes,
    )
        .prop_map(|(is_active, priority, people, grant_types, scopes)| {
            let (groups, excluded_groups, mut users, excluded_users) = people;
            // Okta takes no rule that speaks of nobody.
            if groups.is_empty() && users.is_empty() {
                users.push("SILVER");
            }
            GeneratedRule {
                is_active,
                priority,
                groups,
                excluded_groups,
                users,
                excluded_users,
                grant_types,
                scopes,
                minutes: SHORTEST_MINUTES,
            }
        })
}

/// False, but for one time in eight.
fn seldom() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.125)
}

/// True, but for one time in eight.
fn mostly() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.875)
}

/// Nothing, but for one time in four.
fn rarely(names: impl Strategy<Value = Names> + 'static) -> impl Strategy<Value = Names> {
    prop_oneof![3 => Just(Vec::new()), 1 => names]
}

fn some_of(
    names: &[&'static str],
    count: std::ops::RangeInclusive<usize>,
) -> impl Strategy<Value = Names> + use<> {
    subsequence(names.to_vec(), count)
}
