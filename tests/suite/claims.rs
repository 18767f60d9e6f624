//! What a model says of claims: what cannot be said is refused, and tokens say what they must in
//! every flow.

use std::path::Path;

use okta_e2e::config::Profile;
use okta_e2e::judgement::{Outcome, judge};
use okta_e2e::model::{GroupFilter, MustSee, OrgModel};
use okta_e2e::observation::Outcome as Came;
use okta_e2e::requirements::{Remembered, Trial};
use okta_sandbox::Sandbox;
use rstest::rstest;
use serde_json::{Value, json};

use crate::blind_runs::Sight;
use crate::support::scenario::Scenario;
use crate::support::world::{World, file, names};

const CLAIMS: &str = r#"
[[claim]]
name = "tier"
token = "access"
scopes = ["http://myapp.com/scp/silver"]
value = { profile = "costCenter" }

[[claim]]
name = "groups"
token = "access"
value = { groups = { contains = "SUBSCRIBERS" } }

[[claim]]
name = "groups"
token = "id"
value = { groups = { starts_with = "gold" } }

[[claim]]
name = "planet"
token = "id"
value = { fixed = "earth" }

[[claim]]
name = "told_later"
token = "id"
always = false
value = { fixed = "mars" }

[[claim]]
name = "sign_in_name"
token = "access"
scopes = ["openid"]
value = { profile = "login" }
"#;

fn document() -> String {
    std::fs::read_to_string(file("fixtures/org.toml")).expect("the model can be read")
}

fn with(claims: &str) -> Result<OrgModel, String> {
    let text = format!("{}\n{claims}", document());
    OrgModel::parse(Path::new("own.toml"), &text).map_err(|error| error.to_string())
}

/// What an expression says may be a list, a number or a truth.
#[rstest]
#[case::list("[\"a\", \"b\"]", Ok(json!(["a", "b"])))]
#[case::truth("false", Ok(json!(false)))]
#[case::number("7", Ok(json!(7)))]
#[case::none("[]", Ok(json!([])))]
#[case::blank("\" \"", Err("what `sees` has for SILVER is blank"))]
#[case::table(
    "{ a = 1 }",
    Err("must be a text, a number, `true`, `false` or a list of these")
)]
#[case::lists(
    "[[1]]",
    Err("must be a text, a number, `true`, `false` or a list of these")
)]
fn an_expression_says_a_value(#[case] sees: &str, #[case] value: Result<Value, &str>) {
    let claim = format!(
        "[[claim]]\nname = \"own\"\ntoken = \"access\"\nvalue = {{ expression = {{ text = \"x\", \
         sees = {{ SILVER = {sees}, GOLD = 1 }} }} }}"
    );
    match (with(&claim), value) {
        (Ok(model), Ok(value)) => {
            let user = model.user("SILVER").expect("the user");
            let seen = model.claims[0].must_see(user);
            assert!(
                matches!(seen, MustSee::Value(seen) if *seen == value),
                "{seen:?}"
            );
        }
        (Err(message), Err(says)) => {
            assert!(message.contains(says), "{message}");
            assert!(message.contains("line "), "{message}");
        }
        (read, wanted) => panic!("{read:?}, not {wanted:?}"),
    }
}

async fn world() -> World {
    let users = document().replace(
        "groups = [\"silverSubscribers\"]\n\n[[user]]",
        "groups = [\"silverSubscribers\"]\nprofile = { costCenter = \"7\" }\n\n[[user]]",
    );
    let text = format!("{users}\n{CLAIMS}");
    let model = OrgModel::parse(Path::new("own.toml"), &text).expect("a model");
    World::of_model(model, Sandbox::builder()).await
}

/// What no ID token has, the userinfo endpoint tells: as the model says, or it is not met.
#[tokio::test]
async fn a_claim_that_userinfo_alone_tells_is_looked_at_there() {
    const ROW: &str = "protocol::an_access_token_fetches_the_claims_of_its_user";
    let mut world = world().await;
    world.config.profile = Profile::Standard;
    let outcome = async |world: &World| {
        let is_row = |trial: &Trial| trial.id == ROW;
        let verified = world.verify_where(&is_row).await;
        let results = verified.record.results.iter();
        let mut told = results.map(|it| (it.outcome.word(), it.actual.clone().unwrap_or_default()));
        told.next().expect("the row is asked")
    };
    let (right, _) = outcome(&world).await;
    assert_eq!(right, "met");
    let other = r#"
        [[change]]
        merge_into = "/api/v1/authorizationServers/{server}/claims/{claim:told_later}"
        body = { value = '"venus"' }
    "#;
    let broken: Scenario =
        toml::from_str(&format!("sentence = \"another planet\"\n{other}")).expect("a scenario");
    broken.make(&mut world).await;
    let (wrong, actual) = outcome(&world).await;
    assert_eq!(wrong, "not_met");
    assert_eq!(actual, "told_later = \"venus\"");
}

/// Gold has no attribute to be seen, in the model or in the org.
#[tokio::test]
async fn the_tokens_of_both_flows_say_what_they_must() {
    let verified = world().await.verify().await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    let unseen = names(&verified, "not_checked");
    let of_gold = "step_5_authorize::the_access_token_has_the_claim[GOLD silver";
    assert_eq!(unseen.len(), 3, "{unseen:#?}");
    assert!(
        unseen
            .iter()
            .all(|name| name.starts_with(of_gold) && name.contains(" tier"))
    );
    let met = names(&verified, "met");
    for name in [
        "step_5_authorize::the_access_token_has_the_claim[SILVER silver tier]",
        "step_5_authorize::the_access_token_has_the_claim[SILVER silver tier by code]",
        "step_5_authorize::the_access_token_is_without_the_claim[SILVER openid alone tier]",
        "step_5_authorize::the_id_token_is_without_the_claim[GOLD silver and gold told_later by code]",
        "step_5_authorize::the_id_token_has_the_claim[SILVER silver planet]",
        "step_5_authorize::the_access_token_is_without_the_claim_of_id_tokens[GOLD silver and gold planet]",
        "step_5_authorize::the_id_token_has_the_claim[SILVER silver groups]",
    ] {
        assert!(
            met.iter().any(|met| met == name),
            "{name} is not met: {met:#?}"
        );
    }
}

/// An attribute that the model does not give is the one that the org has.
#[tokio::test]
async fn an_attribute_of_the_org_is_what_the_user_must_see() {
    let world = world().await;
    let user = &world.access.users["GOLD"].username;
    let change = json!({ "profile": { "costCenter": "8" } });
    let url = format!("{}/api/v1/users/{user}", world.sandbox.org_url());
    let token = format!("SSWS {}", world.sandbox.api_token());
    let sent = crate::support::http()
        .post(url)
        .header("authorization", token);
    let answer = sent.json(&change).send().await.expect("an answer");
    assert!(answer.status().is_success());
    let verified = world.verify().await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    assert_eq!(names(&verified, "not_checked"), Vec::<String>::new());
}

#[rstest]
#[case::of_okta(
    "name = \"scp\"\ntoken = \"access\"\nvalue = { fixed = \"x\" }",
    "`scp` is a claim that Okta's access tokens have by themselves"
)]
#[case::of_a_new_server(
    "name = \"email\"\ntoken = \"id\"\nvalue = { fixed = \"x\" }",
    "`email` is a claim that Okta's ID tokens have"
)]
#[case::no_token(
    "name = \"a\"\ntoken = \"refresh\"\nvalue = { fixed = \"x\" }",
    "unknown variant `refresh`, expected `access` or `id`"
)]
#[case::two_values(
    "name = \"a\"\ntoken = \"id\"\nvalue = { fixed = \"x\", profile = \"y\" }",
    "line"
)]
#[case::quoted(
    "name = \"a\"\ntoken = \"id\"\nvalue = { fixed = 'x\"y' }",
    "no double quote"
)]
#[case::no_scope(
    "name = \"a\"\ntoken = \"id\"\nscopes = [\"bronze\"]\nvalue = { fixed = \"x\" }",
    "no scope `bronze` in this model"
)]
#[case::never(
    "name = \"a\"\ntoken = \"access\"\nalways = false\nvalue = { fixed = \"x\" }",
    "`always = false` is for ID tokens alone"
)]
#[case::no_pattern(
    "name = \"a\"\ntoken = \"id\"\nvalue = { groups = { regex = \"(\" } }",
    "the regular expression \"(\" cannot be read here"
)]
#[case::no_attribute(
    "name = \"a\"\ntoken = \"id\"\nvalue = { profile = \"user.department\" }",
    "\"user.department\" is no attribute of a profile"
)]
#[case::left_out(
    "name = \"a\"\ntoken = \"id\"\nvalue = { expression = { text = \"user.id\", sees = { SILVER = \"x\" } } }",
    "`sees` must say what GOLD sees"
)]
#[case::stranger(
    "name = \"a\"\ntoken = \"id\"\nvalue = { expression = { text = \"user.id\", sees = { ADA = \"x\" } } }",
    "`sees` names ADA, who is no [[user]]"
)]
#[case::twice(
    "name = \"a\"\ntoken = \"id\"\nvalue = { fixed = \"x\" }\n[[claim]]\nname = \"a\"\ntoken = \"id\"\nvalue = { fixed = \"y\" }",
    "the claim `a` of ID tokens is defined twice"
)]
fn what_cannot_be_is_refused_with_its_line(#[case] claim: &str, #[case] says: &str) {
    let refused = with(&format!("[[claim]]\n{claim}\n")).expect_err("it is refused");
    assert!(refused.contains(says), "{refused}");
    assert!(refused.contains("line "), "{refused}");
}

/// Okta's documents: capitals make no difference but to a regular expression; whether one must fit
/// the whole name, they do not say.
#[rstest]
#[case::beginning(GroupFilter::StartsWith("Group1".into()), "group123", Some(true))]
#[case::not_the_beginning(GroupFilter::StartsWith("group1".into()), "MyGroup1", Some(false))]
#[case::the_same(GroupFilter::Equals("group1".into()), "Group1", Some(true))]
#[case::more_than_the_same(GroupFilter::Equals("group1".into()), "group123", Some(false))]
#[case::within(GroupFilter::Contains("group1".into()), "MyGroup123", Some(true))]
#[case::everything(GroupFilter::Regex(".*".into()), "Everyone", Some(true))]
#[case::capitals(GroupFilter::Regex("^every".into()), "Everyone", Some(false))]
#[case::a_part(GroupFilter::Regex("very".into()), "Everyone", None)]
fn a_filter_of_groups_is_read_as_okta_reads_it(
    #[case] filter: GroupFilter,
    #[case] name: &str,
    #[case] fits: Option<bool>,
) {
    assert_eq!(filter.lets_through(name), fits);
}

/// A text that looks like the one name of a list is told from it.
#[tokio::test]
async fn a_text_in_the_place_of_a_list_is_told_from_it() {
    let world = World::of("fixtures/org-orders.toml", Sandbox::builder()).await;
    let mut sight = Sight::of(&world).await;
    for seen in sight.seen.authorizations.values_mut().flatten() {
        let Came::Tokens { tokens, .. } = &mut seen.outcome else {
            continue;
        };
        if let Ok(token) = &mut tokens.access_token {
            token
                .claims
                .insert("departments".to_owned(), "sales".into());
        }
    }
    let remembered = Remembered::default();
    let judged = judge(&sight.trials, &sight.context(&remembered));
    let mut findings = judged.iter().filter_map(|judged| match &judged.outcome {
        Outcome::NotMet(finding) => Some(finding),
        _ => None,
    });
    let is_told = findings.any(|finding| {
        finding
            .expected
            .contains("departments: a list of exactly `sales`")
            && finding.actual == "no list of texts: \"sales\""
    });
    assert!(is_told);
}
