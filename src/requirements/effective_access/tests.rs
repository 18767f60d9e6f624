//! The groups that rules exclude show what any combination of groups shows.

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::*;
use crate::config::Facts;
use crate::model::{AUTHORIZATION_CODE, AccessRule, Allowed, IMPLICIT};
use crate::observation::Observations;
use crate::requirements::Remembered;

const MODEL: &str = include_str!("../../../fixtures/org.toml");
const SILVER: &str = "silverSubscribers";
const GROUPS: [&str; 4] = [SILVER, "goldSubscribers", "one", "two"];

fn names(count: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = BTreeSet<String>> {
    let some = subsequence(GROUPS.to_vec(), count);
    some.prop_map(|names| names.into_iter().map(str::to_owned).collect())
}

/// Rules that may exclude members of the groups that other rules speak of.
fn rules() -> impl Strategy<Value = Vec<AccessRule>> {
    let excluded = prop_oneof![2 => names(0..=0), 3 => names(1..=2)];
    let rule = (names(1..=4), excluded, any::<bool>(), any::<bool>());
    let rule = rule.prop_map(|(groups, excluded_groups, gold, is_active)| AccessRule {
        name: "rule".to_owned(),
        is_active,
        groups: Allowed::Only(groups),
        excluded_groups,
        users: BTreeSet::new(),
        excluded_users: BTreeSet::new(),
        grant_types: [AUTHORIZATION_CODE, IMPLICIT].map(str::to_owned).into(),
        scopes: if gold {
            Allowed::All
        } else {
            Allowed::only(["openid", "http://myapp.com/scp/silver"])
        },
        access_token_lifetime_minutes: 60,
    });
    prop::collection::vec(rule, 1..5)
}

fn model() -> OrgModel {
    let groups = "[[group]]\nname = \"one\"\n[[group]]\nname = \"two\"\n";
    let text = format!("{MODEL}\n{groups}");
    OrgModel::parse("org.toml".as_ref(), &text).expect("the model is right")
}

/// Whether some member of the silver group, in whatever other groups, is denied what the model
/// gives to all of them.
fn is_withheld_from_anybody(context: &Context<'_>, policies: &[AccessPolicy]) -> bool {
    let openid = OpenIdConnectScopes::MustBeInRule;
    let wanted = given_to_all(context, SILVER, openid);
    let [_, others @ ..] = GROUPS;
    (0..1_usize << others.len()).any(|mask| {
        let chosen = others.iter().enumerate();
        let chosen = chosen.filter(|(index, _)| mask & (1 << index) != 0);
        let groups = chosen.map(|(_, group)| (*group).to_owned());
        let person = Person {
            login: None,
            groups: groups.chain([SILVER.to_owned()]).collect(),
        };
        wanted.iter().any(|(request, grant_type)| {
            let scopes = request.with_openid();
            context.denied(policies, &person, &scopes, grant_type, openid)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_groups_that_rules_exclude_show_what_any_combination_shows(rules in rules()) {
        let model = model();
        let policies = vec![AccessPolicy {
            name: "policy".to_owned(),
            is_active: true,
            clients: Allowed::All,
            rules,
        }];
        let facts = Facts {
            client_id: "client".to_owned(),
            ..Facts::of_model(&model)
        };
        let context = Context {
            model: &model,
            facts: &facts,
            seen: &Observations::default(),
            remembered: &Remembered::of(policies.clone()),
        };
        let found = withheld(&context, SILVER, OpenIdConnectScopes::MustBeInRule).expect("seen");
        prop_assert_eq!(!found.is_empty(), is_withheld_from_anybody(&context, &policies));
    }
}
