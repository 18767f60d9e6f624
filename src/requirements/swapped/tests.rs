//! When test users are taken to have the credentials of one another.

use std::collections::HashMap;

use rstest::rstest;
use serde_json::json;

use super::*;
use crate::config::Facts;
use crate::model::{Flow, OrgModel};
use crate::observation::{FoundTestUser, Observations};
use crate::requirements::Remembered;

const MODEL: &str = include_str!("../../../fixtures/org.toml");
const GOLD_GROUP: &str = "goldSubscribers";
const SILVER_GROUP: &str = "silverSubscribers";

/// What a test user was given of silver and of gold, where that was decided.
type Given = [Option<bool>; 2];

const OF_SILVER: Given = [Some(true), Some(false)];
const OF_BOTH: Given = [Some(true), Some(true)];
const UNDECIDED: Given = [None, None];

struct Run {
    model: OrgModel,
    facts: Facts,
    seen: Observations,
    decided: HashMap<String, Vec<(AuthorizationKey, bool)>>,
}

impl Run {
    fn of(silver: Given, gold: Given) -> Self {
        let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
        let mut decided = HashMap::new();
        for (user, given) in [("SILVER", silver), ("GOLD", gold)] {
            let names = ["silver", "gold"];
            let names = names.map(|name| format!("http://myapp.com/scp/{name}"));
            let keys = names.iter().zip(given).filter_map(|(name, given)| {
                let request = model.request_for(&[name]);
                Some((
                    AuthorizationKey::new(user, &request, Flow::Implicit),
                    given?,
                ))
            });
            decided.insert(user.to_owned(), keys.collect());
        }
        Self {
            facts: Facts::of_model(&model),
            model,
            seen: Observations::default(),
            decided,
        }
    }

    /// The org shows the user in this group, and in one that the model does not have.
    fn found_in(mut self, user: &str, group: &str) -> Self {
        let of_name = |name: &str| {
            let group = json!({
                "id": format!("00g{name}"),
                "type": "OKTA_GROUP",
                "profile": { "name": name },
            });
            serde_json::from_value(group).expect("a group")
        };
        let found = FoundTestUser {
            user: serde_json::from_value(json!({
                "id": format!("00u{user}"),
                "status": "ACTIVE",
                "profile": { "login": format!("{user}@example.com") },
            }))
            .expect("a user"),
            groups: vec![of_name(group), of_name("staff")],
            assignment: Ok(None),
            namesake: Ok(None),
        };
        self.seen.org.users.insert(user.to_owned(), Ok(Some(found)));
        self
    }

    /// The groups of both are exchanged.
    fn in_the_groups_of_one_another(self) -> Self {
        self.found_in("SILVER", GOLD_GROUP)
            .found_in("GOLD", SILVER_GROUP)
    }

    /// The variables say this login.
    fn called(mut self, user: &str, login: &str) -> Self {
        self.facts.logins.insert(user.to_owned(), login.to_owned());
        self
    }

    fn swapped(&self, user: &str) -> Option<(String, bool)> {
        let remembered = Remembered::of_decisions(self.decided.clone());
        let context = Context {
            model: &self.model,
            facts: &self.facts,
            seen: &self.seen,
            remembered: &remembered,
        };
        let swap = context.swapped(user)?;
        Some((swap.other.clone(), swap.is_of_one_login()))
    }
}

/// Each must be what the other should be, in all that is known of it: an exchange is a guess, and
/// what one of two users lacks, or has too much, is no sign of it.
#[rstest]
#[case::nothing_is_known(Run::of(UNDECIDED, UNDECIDED), false)]
#[case::each_is_given_its_own(Run::of(OF_SILVER, OF_BOTH), false)]
#[case::each_is_given_what_is_the_others(Run::of(OF_BOTH, OF_SILVER), true)]
#[case::each_is_given_what_both_must_get(
    Run::of([Some(true), None], [Some(true), None]),
    false
)]
#[case::one_is_given_too_much(Run::of(OF_BOTH, OF_BOTH), false)]
#[case::one_is_given_too_little(Run::of(OF_SILVER, OF_SILVER), false)]
#[case::a_part_is_what_nobody_should_get(Run::of([Some(false), Some(true)], OF_SILVER), false)]
#[case::one_of_them_is_not_decided(Run::of(OF_BOTH, UNDECIDED), false)]
#[case::in_the_groups_of_one_another(
    Run::of(UNDECIDED, UNDECIDED).in_the_groups_of_one_another(),
    true
)]
#[case::in_these_groups_and_given_the_same(
    Run::of(OF_BOTH, OF_SILVER).in_the_groups_of_one_another(),
    true
)]
#[case::in_these_groups_and_given_its_own(
    Run::of(OF_SILVER, OF_BOTH).in_the_groups_of_one_another(),
    false
)]
#[case::each_in_its_own_group(
    Run::of(UNDECIDED, UNDECIDED).found_in("SILVER", SILVER_GROUP).found_in("GOLD", GOLD_GROUP),
    false
)]
#[case::both_in_one_group(
    Run::of(UNDECIDED, UNDECIDED).found_in("SILVER", GOLD_GROUP).found_in("GOLD", GOLD_GROUP),
    false
)]
fn credentials_look_exchanged(#[case] run: Run, #[case] is_exchanged: bool) {
    let other = is_exchanged.then(|| ("GOLD".to_owned(), false));
    assert_eq!(run.swapped("SILVER"), other);
}

#[rstest]
#[case::one_login("ann@example.com", "ann@example.com", true)]
#[case::one_login_in_capitals("ann@example.com", "Ann@Example.com", true)]
#[case::two_logins("ann@example.com", "ben@example.com", false)]
fn two_users_have_one_login(#[case] silver: &str, #[case] gold: &str, #[case] is_one: bool) {
    let run = Run::of(OF_SILVER, OF_BOTH);
    let run = run.called("SILVER", silver).called("GOLD", gold);
    let other = is_one.then(|| ("GOLD".to_owned(), true));
    assert_eq!(run.swapped("SILVER"), other);
}
