//! Who gets gold beside the gold subscribers, by rules and clients of every kind.

use std::collections::BTreeMap;

use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::config::Facts;
use crate::management::Named;
use crate::management::found::{FoundGroup, FoundPolicyRules};
use crate::model::OrgModel;
use crate::observation::{FoundOrg, Observations};
use crate::requirements::Remembered;
use crate::requirements::sought::OPENID;

mod clients;

const MODEL: &str = include_str!("../../../fixtures/org.toml");
const GOLD: &str = "http://myapp.com/scp/gold";
const CODE: &str = "authorization_code";
const OWN: &str = "own";
const OTHER: &str = "other";
/// A user whom a rule may name by this id, and the login.
const NAMED: &str = "00u9";
const LOGIN: &str = "an.other@example.com";

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("as Okta says it")
}

fn client(id: &str, label: &str, grants: &[&str]) -> FoundApplication {
    read(json!({
        "id": id,
        "label": label,
        "status": "ACTIVE",
        "credentials": {"oauthClient": {"client_id": id}},
        "settings": {"oauthClient": {"grant_types": grants}, "implicitAssignment": false},
    }))
}

/// An org with one rule, for the groups of the model and another one.
struct Org {
    model: String,
    /// The client ids of the services that are configured, by NAME.
    services: BTreeMap<String, String>,
    rule: Value,
    clients: Vec<&'static str>,
    found: FoundOrg,
}

impl Org {
    /// With a rule for these people by these grants.
    fn new(people: &Value, grants: &[&str]) -> Self {
        let groups = [
            ("silver", "silverSubscribers"),
            ("gold", "goldSubscribers"),
            ("others", "contractors"),
        ];
        let group = |id: &str, name: &str| -> FoundGroup {
            read(json!({"id": id, "type": "OKTA_GROUP", "profile": {"name": name}}))
        };
        let own = groups.into_iter().take(2);
        let own = own.map(|(id, name)| (name.to_owned(), Named::One(group(id, name))));
        let names = groups.map(|(id, name)| (id.to_owned(), name.to_owned()));
        Self {
            model: MODEL.to_owned(),
            services: BTreeMap::new(),
            rule: json!({
                "id": "0pr1", "name": "rule", "status": "ACTIVE", "priority": 1,
                "conditions": {
                    "people": people,
                    "grantTypes": {"include": grants},
                    "scopes": {"include": ["openid", GOLD]},
                },
            }),
            clients: vec![OWN],
            found: FoundOrg {
                groups: Ok(own.collect()),
                group_names: names.into(),
                built_in_groups: ["everyone".to_owned()].into(),
                user_names: [(NAMED.to_owned(), LOGIN.to_owned())].into(),
                client: Ok(Some(client(OWN, "Own", &[CODE, "implicit"]))),
                ..FoundOrg::default()
            },
        }
    }

    /// With a rule for the policy of another client alone.
    fn of_another(people: &Value, grants: &[&str]) -> Self {
        let mut org = Self::new(people, grants);
        org.clients = vec![OTHER];
        org.found_other(Ok(Some(client(
            OTHER,
            "Other",
            &[CODE, "client_credentials"],
        ))));
        org.assigned(&["gold"], &[], true);
        org
    }

    fn found_other(&mut self, found: Seen<Option<FoundApplication>>) {
        self.found.other_clients.insert(OTHER.to_owned(), found);
    }

    fn assigned(&mut self, groups: &[&str], users: &[&str], are_all: bool) {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let assigned = ClientAssignments {
            groups: owned(groups),
            direct_users: owned(users),
            unknown_users: Vec::new(),
            are_all,
        };
        let of_clients = &mut self.found.client_assignments;
        of_clients.insert(OTHER.to_owned(), Ok(assigned));
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Who gets gold beside the gold subscribers, or why that is not known.
    fn others(self) -> Result<Vec<String>, String> {
        self.others_with(GOLD)
    }

    fn others_with(self, scope: &str) -> Result<Vec<String>, String> {
        let model = OrgModel::parse("org.toml".as_ref(), &self.model);
        let model = model.expect("the model is right");
        let policy = json!({
            "id": "00p1", "name": "policy", "status": "ACTIVE", "priority": 1,
            "conditions": {"clients": {"include": self.clients}},
        });
        let policies = vec![FoundPolicyRules {
            policy: read(policy),
            rules: vec![read(self.rule)],
        }];
        let facts = Facts {
            client_id: OWN.to_owned(),
            services: self.services,
            ..Facts::of_model(&model)
        };
        let seen = Observations {
            org: FoundOrg {
                policies: Ok(policies),
                ..self.found
            },
            ..Observations::default()
        };
        let context = Context {
            model: &model,
            facts: &facts,
            seen: &seen,
            remembered: &Remembered::default(),
        };
        let paths = paths_for_others(&context, &Sought::Scope(scope.to_owned()))
            .map_err(|why| why.reason)?;
        Ok(paths.into_iter().flat_map(|path| path.whom).collect())
    }
}

fn groups(include: &[&str], exclude: &[&str]) -> Value {
    json!({"groups": {"include": include, "exclude": exclude}, "users": {"exclude": []}})
}

fn named(groups: &[&str], exclude: &[&str]) -> Value {
    json!({
        "groups": {"include": ["gold"], "exclude": groups},
        "users": {"include": [NAMED], "exclude": exclude},
    })
}

const EVERYONE_ASSIGNED: &str = "everyone assigned to the client";

#[rstest]
#[case::the_models_group(groups(&["gold"], &[]), &[])]
#[case::another_of_the_model(groups(&["gold", "silver"], &[]), &["members of `silverSubscribers`"])]
#[case::another(groups(&["gold", "others"], &[]), &["members of `contractors`"])]
#[case::another_that_is_excluded_too(groups(&["gold", "others"], &["others"]), &[])]
#[case::everyone(groups(&["EVERYONE"], &[]), &[EVERYONE_ASSIGNED])]
#[case::everyone_by_id(groups(&["gold", "everyone"], &[]), &[EVERYONE_ASSIGNED])]
#[case::everyone_but_some(
    groups(&["EVERYONE"], &["silver"]),
    &["everyone assigned to the client but members of `silverSubscribers`"]
)]
#[case::everyone_excluded(groups(&["others"], &["everyone"]), &[])]
#[case::a_user(named(&[], &[]), &["the user an.other@example.com"])]
#[case::a_user_alone(
    json!({"groups": {}, "users": {"include": [NAMED]}}),
    &["the user an.other@example.com"]
)]
#[case::a_user_who_is_excluded(named(&[], &[NAMED]), &[])]
fn a_rule_gives_it_to_whom_it_names(#[case] people: Value, #[case] whom: &[&str]) {
    let others = Org::new(&people, &[CODE]).others();
    assert_eq!(others.expect("all was seen"), whom);
}

/// Who is in a group of the model may have what the group may, by whatever the rule names them.
#[rstest]
#[case::of_the_models_group(&["goldSubscribers"], &[], &[])]
#[case::of_another_group(&["contractors"], &[], &["the user an.other@example.com"])]
#[case::of_a_group_that_is_excluded(&["contractors"], &["others"], &[])]
fn a_user_whom_a_rule_names_may_be_a_member(
    #[case] is_in: &[&str],
    #[case] excluded: &[&str],
    #[case] whom: &[&str],
) {
    let of_user = is_in.iter().map(|name| (*name).to_owned()).collect();
    let org = Org::new(&named(excluded, &[]), &[CODE]);
    let org = org.with(|org| {
        let groups = &mut org.found.user_groups;
        groups.insert(LOGIN.to_owned(), Ok(of_user));
    });
    assert_eq!(org.others().expect("all was seen"), whom);
}

#[rstest]
#[case::of_the_rule(|org: &mut Org| org.rule["status"] = "INACTIVE".into())]
#[case::of_other_scopes(|org: &mut Org| org.rule["conditions"]["scopes"]["include"] = json!(["openid"]))]
#[case::of_a_grant_that_the_client_may_not_use(|org: &mut Org| {
    org.rule["conditions"]["grantTypes"]["include"] = json!(["password", "client_credentials"]);
})]
#[case::of_a_policy_for_nobody(|org: &mut Org| org.clients.clear())]
fn a_rule_for_everyone_gives_nothing_where_it_is_not_asked(#[case] change: fn(&mut Org)) {
    let org = Org::new(&groups(&["EVERYONE"], &[]), &[CODE]).with(change);
    assert_eq!(org.others(), Ok(Vec::new()));
}

#[test]
fn any_scope_is_this_one_too() {
    let org = Org::new(&groups(&["others"], &[]), &[CODE]);
    let org = org.with(|org| org.rule["conditions"]["scopes"]["include"] = json!(["*"]));
    assert_eq!(
        org.others(),
        Ok(vec!["members of `contractors`".to_owned()])
    );
}

#[test]
fn a_client_that_acts_for_itself_gets_it_itself() {
    let org = Org::new(&groups(&["gold"], &[]), &[CODE, "client_credentials"]);
    let org = org.with(|org| {
        let grants = [CODE, "client_credentials"];
        org.found.client = Ok(Some(client(OWN, "Own", &grants)));
    });
    assert_eq!(org.others(), Ok(vec!["the client itself".to_owned()]));
}

const OF_OTHER: &str = "everyone assigned to the client `Other`";

/// By a rule for everyone, another client gives it to whom it is assigned to.
#[rstest]
#[case::the_models_group(&["gold"], &[], false, &[])]
#[case::another_group(&["gold", "others"], &[], false, &[OF_OTHER])]
#[case::nobody(&[], &[], false, &[])]
#[case::nobody_and_it_asks_for_none(&[], &[], true, &[OF_OTHER])]
#[case::a_user(&["gold"], &["00u1"], false, &[OF_OTHER])]
#[case::anybody(&["gold"], &[], true, &[OF_OTHER])]
fn another_client_gives_it_to_those_who_are_assigned(
    #[case] to: &[&str],
    #[case] users: &[&str],
    #[case] is_open: bool,
    #[case] whom: &[&str],
) {
    let org = Org::of_another(&groups(&["EVERYONE"], &[]), &[CODE]).with(|org| {
        org.assigned(to, users, true);
        let mut other = client(OTHER, "Other", &[CODE]);
        other.settings.implicit_assignment = Some(is_open);
        org.found_other(Ok(Some(other)));
    });
    assert_eq!(org.others().expect("all was seen"), whom);
}

#[rstest]
#[case::itself(groups(&["gold"], &[]), "client_credentials", &["the client `Other` itself"])]
#[case::for_members_alone(groups(&["gold"], &[]), CODE, &[])]
#[case::for_others(groups(&["others"], &[]), CODE, &["members of `contractors`"])]
fn another_client_gives_it_by_its_own_grants(
    #[case] people: Value,
    #[case] grant: &str,
    #[case] whom: &[&str],
) {
    let others = Org::of_another(&people, &[grant]).others();
    assert_eq!(others.expect("all was seen"), whom);
}

#[test]
fn a_client_that_is_not_active_gives_nobody_anything() {
    let org = Org::of_another(&groups(&["EVERYONE"], &[]), &[CODE, "client_credentials"]);
    let org = org.with(|org| {
        let mut other = client(OTHER, "Other", &[CODE, "client_credentials"]);
        other.status = "INACTIVE".into();
        org.found_other(Ok(Some(other)));
        org.assigned(&[], &[], true);
    });
    assert_eq!(org.others(), Ok(Vec::new()));
}

/// Nobody knows whether it obtains anything.
#[rstest]
#[case::unknown("PENDING", "the client `Other` is PENDING")]
#[case::not_shown("", "does not show the status of the client `Other`")]
fn a_client_of_an_unknown_status_is_not_taken_for_an_inactive_one(
    #[case] status: &str,
    #[case] words: &str,
) {
    let org = Org::of_another(&groups(&["EVERYONE"], &[]), &["client_credentials"]);
    let org = org.with(|org| {
        let mut other = client(OTHER, "Other", &["client_credentials"]);
        other.status = status.into();
        org.found_other(Ok(Some(other)));
    });
    let why = org.others().expect_err("nobody knows");
    assert!(why.contains(words), "{why}");
}

/// A rule of a word that nobody knows gives something, or does not.
#[rstest]
#[case::unknown(json!("PENDING"), "rule `rule` is PENDING")]
#[case::not_shown(Value::Null, "does not show the status of rule `rule`")]
fn a_rule_of_an_unknown_status_is_not_taken_for_an_inactive_one(
    #[case] status: Value,
    #[case] words: &str,
) {
    let org = Org::new(&groups(&["EVERYONE"], &[]), &[CODE]);
    let org = org.with(|org| org.rule["status"] = status);
    let why = org.others().expect_err("nobody knows");
    assert!(why.contains(words), "{why}");
}

/// A grant type of which nobody here has heard gives what any other gives.
#[test]
fn a_grant_type_that_is_new_gives_what_any_other_gives() {
    const NEW: &str = "urn:example:params:oauth:grant-type:new";
    let org = Org::of_another(&groups(&["others"], &[]), &[NEW]);
    let org = org.with(|org| org.found_other(Ok(Some(client(OTHER, "Other", &[NEW])))));
    assert_eq!(
        org.others(),
        Ok(vec!["members of `contractors`".to_owned()])
    );
}

#[test]
fn clients_of_one_label_are_told_apart_by_their_ids() {
    let org = Org::of_another(&groups(&["gold"], &[]), &["client_credentials"]);
    let org = org.with(|org| {
        org.found.client = Ok(Some(client(OWN, "Other", &[CODE])));
    });
    let whom = "the client `Other` (other) itself".to_owned();
    assert_eq!(org.others(), Ok(vec![whom]));
}

/// A client that was deleted, or that the API token may not see.
#[rstest]
#[case::for_members_alone(groups(&["gold"], &[]), CODE, true)]
#[case::itself(groups(&["gold"], &[]), "client_credentials", false)]
#[case::for_others(groups(&["others"], &[]), CODE, false)]
#[case::for_everyone(groups(&["EVERYONE"], &[]), CODE, false)]
fn a_client_that_is_not_shown_matters_where_its_rule_gives_others_something(
    #[case] people: Value,
    #[case] grant: &str,
    #[case] is_known: bool,
) {
    for found in [Ok(None), Err(NotSeen::failed("the org does not answer"))] {
        let org = Org::of_another(&people.clone(), &[grant]).with(|org| org.found_other(found));
        let others = org.others();
        assert_eq!(others.is_ok(), is_known, "{others:?}");
        assert_eq!(others.unwrap_or_default(), Vec::<String>::new());
    }
}

/// What is not known takes nothing away from what is, and nothing is met by it.
#[rstest]
#[case::groups_of_the_rule(|org: &mut Org| org.rule["conditions"]["people"] = Value::Null,
    "conditions.people.groups of rule `rule`")]
#[case::grants_of_the_rule(|org: &mut Org| org.rule["conditions"]["grantTypes"] = Value::Null,
    "conditions.grantTypes of rule `rule`")]
#[case::scopes_of_the_rule(|org: &mut Org| org.rule["conditions"]["scopes"] = Value::Null,
    "conditions.scopes of rule `rule`")]
#[case::whom_the_rule_includes(
    |org: &mut Org| org.rule["conditions"]["people"]["groups"]["include"] = Value::Null,
    "conditions.people.groups of rule `rule`"
)]
#[case::which_grants_the_rule_includes(
    |org: &mut Org| org.rule["conditions"]["grantTypes"]["include"] = Value::Null,
    "conditions.grantTypes of rule `rule`"
)]
#[case::which_scopes_the_rule_includes(
    |org: &mut Org| org.rule["conditions"]["scopes"] = json!({}),
    "conditions.scopes of rule `rule`"
)]
#[case::grants_of_the_client(|org: &mut Org| {
    org.found_other(Ok(Some(read(json!({"id": OTHER, "label": "Other", "status": "ACTIVE"})))));
}, "settings.oauthClient.grant_types of the client `Other`")]
#[case::whether_it_needs_assignment(|org: &mut Org| {
    let mut other = client(OTHER, "Other", &[CODE]);
    other.settings.implicit_assignment = None;
    org.found_other(Ok(Some(other)));
}, "settings.implicitAssignment")]
#[case::who_is_assigned(|org: &mut Org| {
    let failed = Err(NotSeen::failed("the org does not answer"));
    org.found.client_assignments.insert(OTHER.to_owned(), failed);
}, "the org does not answer")]
#[case::more_users_than_are_looked_at(|org: &mut Org| org.assigned(&["gold"], &[], false),
    "more users than are looked at")]
#[case::how_a_user_is_assigned(|org: &mut Org| {
    org.assigned(&["gold"], &[], true);
    let assigned = org.found.client_assignments.get_mut(OTHER).expect("it is there");
    assigned.as_mut().expect("it was seen").unknown_users.push("00u1".to_owned());
}, "does not say whether the client `Other` is assigned to the user 00u1")]
#[case::an_assigned_group(|org: &mut Org| {
    org.found.gone_groups.insert("hidden".to_owned());
    org.assigned(&["gold", "hidden"], &[], true);
}, "assigned to the group hidden")]
#[case::a_group_that_could_not_be_looked_at(|org: &mut Org| {
    let failed = NotSeen::failed("the org does not answer");
    org.found.unknown_groups.insert("hidden".to_owned(), failed);
}, "the org does not answer")]
fn what_is_not_shown_is_said(#[case] hide: fn(&mut Org), #[case] why: &str) {
    let org = Org::of_another(&groups(&["EVERYONE"], &[]), &[CODE]).with(hide);
    let said = org.others().expect_err("something is hidden");
    assert!(said.contains(why), "{said}");
}

#[test]
fn a_user_whose_groups_could_not_be_looked_at_is_not_known() {
    let org = Org::new(&named(&[], &[]), &[CODE]).with(|org| {
        let failed = Err(NotSeen::failed("the org does not answer"));
        org.found.user_groups.insert(LOGIN.to_owned(), failed);
    });
    assert_eq!(org.others(), Err("the org does not answer".to_owned()));
}

#[test]
fn what_is_known_is_told_whatever_is_hidden() {
    let org = Org::of_another(&groups(&["others"], &[]), &[CODE]).with(|org| {
        org.clients.push(OWN);
        org.found_other(Ok(None));
    });
    let members = "members of `contractors`".to_owned();
    assert_eq!(org.others(), Ok(vec![members]));
}
