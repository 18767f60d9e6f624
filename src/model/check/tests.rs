//! Few combinations show what all show.

use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::*;
use crate::model::{AUTHORIZATION_CODE, IMPLICIT, ScopeRequest};

const GROUPS: [&str; 3] = ["a", "b", "c"];
const SCOPES: [&str; 3] = ["x", "y", "z"];

fn some_of(names: &[&'static str]) -> impl Strategy<Value = String> + use<> {
    let some = subsequence(names.to_vec(), 1..=names.len());
    some.prop_map(|names| format!("{names:?}"))
}

/// Models whose rules may miss their intent.
fn models() -> impl Strategy<Value = OrgModel> {
    let rule = (
        some_of(&[GROUPS[0], GROUPS[1], GROUPS[2], EVERYONE]),
        some_of(&[SCOPES[0], SCOPES[1], SCOPES[2]]),
        some_of(&[AUTHORIZATION_CODE, IMPLICIT]),
        any::<bool>(),
    );
    let open_to = prop::collection::vec(some_of(&GROUPS), SCOPES.len());
    let rules = prop::collection::vec(rule, 0..4);
    let assigned = some_of(&[GROUPS[0], GROUPS[1], GROUPS[2], EVERYONE]);
    (open_to, rules, assigned).prop_map(|(open_to, rules, assigned)| {
        let mut text = "title = \"generated\"\nuser = []\n".to_owned();
        for (scope, open_to) in SCOPES.iter().zip(open_to) {
            let _ = write!(
                text,
                "[[endpoint]]\npath = \"/{scope}\"\nscope = \"{scope}\"\nopen_to = {open_to}\n\
                 [[scope]]\nname = \"{scope}\"\n"
            );
        }
        for group in GROUPS {
            let _ = write!(text, "[[group]]\nname = \"{group}\"\n");
        }
        text += "[authorization_server]\nname = \"s\"\naudience = \"s\"\n";
        let rules = rules.into_iter().map(|(groups, scopes, grants, openid)| {
            let openid = if openid { "\"openid\", " } else { "" };
            format!(
                "{{name = \"r\", groups = {groups}, scopes = [{openid}{}, grant_types = {grants}, \
                 access_token_lifetime_minutes = 60}}",
                scopes.trim_start_matches('[')
            )
        });
        let rules: Vec<String> = rules.collect();
        let _ = write!(
            text,
            "[policy]\nname = \"p\"\nrule = [{}]\n",
            rules.join(", ")
        );
        let _ = write!(
            text,
            "[client]\nlabel = \"c\"\napplication_type = \"web\"\n\
             grant_types = [\"authorization_code\", \"implicit\"]\n\
             response_types = [\"code\", \"token\", \"id_token\"]\n\
             token_endpoint_auth_method = \"client_secret_basic\"\n\
             redirect_uri = \"http://localhost:8080/callback\"\nassigned_groups = {assigned}\n"
        );
        let mut model: OrgModel = toml::from_str(&text).expect("a model");
        assert_eq!(model.settle(Path::new(""), &text), Vec::<String>::new());
        model
    })
}

fn subsets<'n>(names: &[&'n str]) -> Vec<BTreeSet<&'n str>> {
    let subset = |mask: usize| {
        let chosen = names.iter().enumerate();
        let chosen = chosen.filter(|(index, _)| mask & (1 << index) != 0);
        chosen.map(|(_, name)| *name).collect()
    };
    (0..1_usize << names.len()).map(subset).collect()
}

/// What is wrong with a scope: somebody gets it who may not, or does not get it who must.
type Wrong = BTreeSet<(&'static str, &'static str)>;

/// What is wrong when everybody there can be asks for everything.
fn wrong_for_anybody(model: &OrgModel) -> Wrong {
    let policies = model.access_policies();
    let owned = |names: &BTreeSet<&str>| names.iter().map(|name| (*name).to_owned()).collect();
    let mut wrong = Wrong::new();
    for groups in subsets(&GROUPS) {
        let person = Person {
            login: None,
            groups: owned(&groups),
        };
        let gets = |asked: &BTreeSet<String>, grant: &str, openid| {
            let decision = decide(&policies, "", &person, asked, grant, openid);
            matches!(decision, Decision::Granted(..))
        };
        let grants = || model.flows().into_iter().map(Flow::grant_type);
        for (scope, endpoint) in SCOPES.into_iter().zip(&model.endpoints) {
            if endpoint.open_to_names().any(|group| groups.contains(group)) {
                let asked = ScopeRequest::of([scope]).with_openid();
                let openid = OpenIdConnectScopes::MustBeInRule;
                if !model.is_assigned(&person.groups, false)
                    || grants().any(|grant| !gets(&asked, grant, openid))
                {
                    wrong.insert((scope, "too little"));
                }
                continue;
            }
            let openid = OpenIdConnectScopes::AlwaysCovered;
            let asking = subsets(&SCOPES).into_iter();
            let mut asking = asking.filter(|asked| asked.contains(scope));
            if asking.any(|asked| grants().any(|grant| gets(&owned(&asked), grant, openid))) {
                wrong.insert((scope, "too much"));
            }
        }
    }
    wrong
}

/// What the check says is wrong.
fn told(problems: &[String]) -> Wrong {
    let mut wrong = Wrong::new();
    for scope in SCOPES {
        for what in ["too much", "too little"] {
            let named = format!("get `{scope}`");
            let says = |problem: &String| problem.starts_with(what) && problem.contains(&named);
            if problems.iter().any(says) {
                wrong.insert((scope, what));
            }
        }
    }
    wrong
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_group_and_each_scope_alone_shows_what_any_combination_shows(model in models()) {
        prop_assert_eq!(told(&intent(&model)), wrong_for_anybody(&model));
    }
}
