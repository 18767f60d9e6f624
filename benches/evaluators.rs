//! How long the decision of Okta takes for every member of a large org: 10,000 people's groups, 200
//! rules and 50 scopes, each scope asked for by each person. `scripts/benchmark evaluators` runs
//! it.
//!
//! That the decision is the sandbox's is what `tests/suite/evaluators` compares.

use std::collections::BTreeSet;
use std::time::Instant;

use okta_e2e::model::{
    AccessPolicy, AccessRule, Allowed, Decision, OpenIdConnectScopes, Person, decide,
};

const PEOPLE: usize = 10_000;
const GROUPS: usize = 400;
const GROUPS_OF_EACH: usize = 5;
const POLICIES: usize = 10;
const RULES_OF_EACH: usize = 20;
const SCOPES: usize = 50;
const CLIENT: &str = "client";
/// So many times, of which the fastest counts.
const RUNS: usize = 5;

fn main() {
    let (policies, people, requests) = (policies(), people(), requests());
    let mut fastest = f64::INFINITY;
    let mut granted = 0;
    for _ in 0..RUNS {
        let start = Instant::now();
        granted = people
            .iter()
            .map(|person| granted_to(&policies, person, &requests))
            .sum();
        fastest = fastest.min(start.elapsed().as_secs_f64());
    }
    println!(
        "{PEOPLE} people's groups x {} rules x {SCOPES} scopes: {granted} granted, {fastest:.2} s",
        POLICIES * RULES_OF_EACH
    );
}

/// How many of the requests the policies grant one person.
fn granted_to(policies: &[AccessPolicy], person: &Person, requests: &[BTreeSet<String>]) -> usize {
    let own = AccessPolicy::speaking_of(policies, person);
    let openid = OpenIdConnectScopes::MustBeInRule;
    let granted = requests.iter().filter(|scopes| {
        let decision = decide(&own, CLIENT, person, scopes, "authorization_code", openid);
        matches!(decision, Decision::Granted(..))
    });
    granted.count()
}

fn scope(index: usize) -> String {
    format!("http://myapp.com/scp/{}", index % SCOPES)
}

fn group(index: usize) -> String {
    format!("group {}", index % GROUPS)
}

/// Each scope beside `openid`.
fn requests() -> Vec<BTreeSet<String>> {
    let request = |index| BTreeSet::from(["openid".to_owned(), scope(index)]);
    (0..SCOPES).map(request).collect()
}

/// Everybody in some groups, which overlap.
fn people() -> Vec<Person> {
    let person = |number: usize| Person {
        login: Some(format!("user{number}@example.com")),
        groups: (0..GROUPS_OF_EACH)
            .map(|index| group(number * 7 + index * 31))
            .collect(),
    };
    (0..PEOPLE).map(person).collect()
}

fn policies() -> Vec<AccessPolicy> {
    let policy = |number: usize| AccessPolicy {
        name: format!("policy {number}"),
        is_active: true,
        clients: Allowed::only([CLIENT]),
        rules: (0..RULES_OF_EACH)
            .map(|index| rule(number * RULES_OF_EACH + index))
            .collect(),
    };
    (0..POLICIES).map(policy).collect()
}

/// A rule for some groups and scopes; one in ten excludes another group, one in ten is for all.
fn rule(number: usize) -> AccessRule {
    let groups: BTreeSet<String> = (0..3).map(|index| group(number * 2 + index)).collect();
    let scopes = (0..5).map(|index| scope(number * 3 + index));
    AccessRule {
        name: format!("rule {number}"),
        is_active: true,
        groups: if number.is_multiple_of(10) {
            Allowed::All
        } else {
            Allowed::Only(groups)
        },
        excluded_groups: (number % 10 == 5)
            .then(|| group(number * 5))
            .into_iter()
            .collect(),
        users: BTreeSet::new(),
        excluded_users: BTreeSet::new(),
        grant_types: ["authorization_code", "implicit"].map(str::to_owned).into(),
        scopes: Allowed::Only(scopes.chain(["openid".to_owned()]).collect()),
        access_token_lifetime_minutes: 60,
    }
}
