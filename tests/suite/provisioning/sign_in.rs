//! `--password-only-sign-in`: an app sign-in policy of the client's own, where it needs one.

use okta_e2e::model::OrgModel;
use okta_e2e::provisioning::{self, Change, Memory, Provisioned, Store, Subject};
use okta_sandbox::{DefaultSignInPolicy, Options, Sandbox, SignInPage};
use reqwest::Method;
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::lagging::LaggingOrg;
use super::org::{Org, SIGN_IN_POLICIES, model, path, text};
use super::runs::killed_after;
use crate::scripted::{Scripted, ScriptedServer};

/// What the flag adds to a plan.
const SUBJECTS: [Subject; 3] = [
    Subject::SignInPolicy,
    Subject::SignInRule,
    Subject::SignInPolicyAssignment,
];

fn wanted() -> OrgModel {
    let mut model = model("org.toml");
    model.client.password_only_sign_in = true;
    model
}

async fn two_factors() -> Org {
    Org::with(Options {
        default_sign_in_policy: DefaultSignInPolicy::AnyTwoFactors,
        ..Options::default()
    })
    .await
}

async fn provision(org: &Org, store: &mut impl Store) -> Provisioned {
    let made = provisioning::provision(&wanted(), &org.client, store, |_| {}).await;
    made.unwrap()
}

async fn adopt(org: &Org, store: &mut impl Store) -> Provisioned {
    let (model, adopt) = (wanted(), provisioning::Foreign::Adopt);
    let made = provisioning::provision_with(adopt, &model, &org.client, store, |_| {}).await;
    made.unwrap()
}

async fn teardown(org: &Org, store: &mut impl Store) -> String {
    let mut told = String::new();
    let tell = |line: &str| told = format!("{told}{line}\n");
    let done = provisioning::teardown(&org.client, store, tell).await;
    done.unwrap();
    told
}

/// The changes that the flag brings, in words.
async fn planned(org: &Org, store: &impl Store) -> Vec<String> {
    let plan = provisioning::plan(&wanted(), &org.client, store).await;
    let plan = plan.unwrap();
    let actions = plan.actions.iter();
    let ours = actions.filter(|action| SUBJECTS.contains(&action.subject));
    ours.map(ToString::to_string).collect()
}

/// The path of the policy that a client has.
async fn policy_of(org: &Org, client_id: &str) -> String {
    let app = org.get(&format!("apps/{client_id}")).await;
    let href = text(&app, "/_links/accessPolicy/href");
    format!("policies/{}", href.rsplit('/').next().unwrap())
}

/// All policies with all their rules.
async fn policies(org: &Org) -> Value {
    let mut list = org.get(SIGN_IN_POLICIES).await;
    for policy in list.as_array_mut().unwrap() {
        let rules = format!("policies/{}/rules", text(policy, "/id"));
        policy["rules"] = org.get(&rules).await;
    }
    list
}

/// A policy that somebody made by hand and gave the client, which asks for this many factors.
async fn by_hand(org: &Org, client_id: &str, factor_mode: &str) -> String {
    let policy = json!({ "type": "ACCESS_POLICY", "name": "by hand" });
    let policy = org.call(Method::POST, "policies", Some(policy)).await;
    let id = text(&policy, "/id");
    let rule = json!({
        "type": "ACCESS_POLICY", "name": "by hand", "priority": 0,
        "actions": { "appSignOn": { "access": "ALLOW", "verificationMethod": {
            "type": "ASSURANCE", "factorMode": factor_mode,
            "constraints": [{ "knowledge": { "types": ["password"] } }],
        } } },
    });
    org.call(Method::POST, &format!("policies/{id}/rules"), Some(rule))
        .await;
    let path = format!("apps/{client_id}/policies/{id}");
    org.call(Method::PUT, &path, None).await;
    format!("policies/{id}")
}

/// A client that somebody else has set up, and a store that knows nothing of it but its name.
async fn somebody_elses(org: &Org) -> (Provisioned, Memory) {
    let mut others = Memory::default();
    let made = org.provision(&mut others).await;
    let mut store = Memory::default();
    for (name, user) in &made.users {
        let variable = format!("TEST_USER_{name}_USERNAME");
        store.set(&[(&variable, &user.username)]).unwrap();
    }
    store
        .set(&[("OKTA_OAUTH2_CLIENT_ID", &made.client_id)])
        .unwrap();
    (made, store)
}

#[rstest]
#[tokio::test]
async fn a_client_of_a_new_org_gets_a_policy_and_no_other_is_changed() {
    let (org, mut store) = (two_factors().await, Memory::default());
    let before = policies(&org).await;
    let made = provision(&org, &mut store).await;
    let policy = policy_of(&org, &made.client_id).await;
    assert_eq!(policy, path(&store, "sign_in_policy", ""));
    let rules = org.get(&format!("{policy}/rules")).await;
    let asked = &rules[0]["actions"]["appSignOn"]["verificationMethod"];
    assert_eq!(
        (&asked["type"], &asked["factorMode"]),
        (&json!("ASSURANCE"), &json!("1FA"))
    );
    let constraints = json!([{ "knowledge": { "types": ["password"], "required": true } }]);
    assert_eq!(asked["constraints"], constraints);
    let after = policies(&org).await;
    assert_eq!(after[0], before[0]);
    let name = text(&after[1], "/name");
    assert!(
        name.contains("Solar") && name.contains(&made.client_id),
        "{name}"
    );

    assert_eq!(provision(&org, &mut store).await.changes, [""; 0]);
    assert_eq!(policies(&org).await, after);
    assert_eq!(org.plan(&store).await.warnings, [""; 0]);
    let told = teardown(&org, &mut store).await;
    assert!(told.contains("put back as it was"), "{told}");
    assert_eq!(policies(&org).await, before);
    assert!(store.journal().is_empty());
}

#[rstest]
#[tokio::test]
async fn a_plan_says_so_and_makes_nothing() {
    let (org, store) = (two_factors().await, Memory::default());
    let before = policies(&org).await;
    let planned = planned(&org, &store).await;
    assert_eq!(
        planned,
        [
            "step 4a app sign-in policy: to be made",
            "step 4a rule of the app sign-in policy: to be made",
            "step 4a app sign-in policy of the client: to be made",
        ]
    );
    assert_eq!(policies(&org).await, before);
}

#[rstest]
#[tokio::test]
async fn without_the_flag_no_policy_is_made() {
    let (org, mut store) = (two_factors().await, Memory::default());
    let before = policies(&org).await;
    org.provision(&mut store).await;
    assert_eq!(policies(&org).await, before);
    let warnings = org.plan(&store).await.warnings.join("\n");
    assert!(warnings.contains("--password-only-sign-in"), "{warnings}");
}

#[rstest]
#[tokio::test]
async fn where_a_password_is_enough_nobody_is_warned() {
    let (org, mut store) = (Org::start().await, Memory::default());
    assert_eq!(org.plan(&store).await.warnings, [""; 0]);
    org.provision(&mut store).await;
    assert_eq!(org.plan(&store).await.warnings, [""; 0]);
}

#[rstest]
#[tokio::test]
async fn a_client_that_was_found_gets_its_policy_back() {
    let org = two_factors().await;
    let (made, mut store) = somebody_elses(&org).await;
    let theirs = by_hand(&org, &made.client_id, "2FA").await;
    let before = policies(&org).await;
    let left = provision(&org, &mut store).await.left.join("\n");
    assert!(
        left.contains("step 4a app sign-in policy of the client"),
        "{left}"
    );
    assert_eq!(policies(&org).await, before);
    adopt(&org, &mut store).await;
    assert_ne!(policy_of(&org, &made.client_id).await, theirs);
    teardown(&org, &mut store).await;
    assert_eq!(policy_of(&org, &made.client_id).await, theirs);
    assert_eq!(policies(&org).await, before);
}

#[rstest]
#[tokio::test]
async fn a_policy_that_somebody_chose_since_stays() {
    let org = two_factors().await;
    let (made, mut store) = somebody_elses(&org).await;
    adopt(&org, &mut store).await;
    let theirs = by_hand(&org, &made.client_id, "2FA").await;
    let told = teardown(&org, &mut store).await;
    let gone = "app sign-in policy of the client: was gone already";
    assert!(told.contains(gone), "{told}");
    assert_eq!(policy_of(&org, &made.client_id).await, theirs);
}

#[rstest]
#[case::the_default_one(false)]
#[case::one_made_by_hand(true)]
#[tokio::test]
async fn a_policy_that_asks_for_a_password_alone_is_enough(#[case] is_by_hand: bool) {
    let org = if is_by_hand {
        two_factors().await
    } else {
        Org::start().await
    };
    let fresh = planned(&org, &Memory::default()).await;
    let (made, mut store) = somebody_elses(&org).await;
    if is_by_hand {
        by_hand(&org, &made.client_id, "1FA").await;
    } else {
        let exists = ["step 4a app sign-in policy of the client: exists"];
        assert_eq!(fresh, exists);
    }
    let before = policies(&org).await;
    assert_eq!(
        planned(&org, &store).await,
        ["step 4a app sign-in policy of the client: exists"]
    );
    provision(&org, &mut store).await;
    assert_eq!(policies(&org).await, before);
    assert!(store.journal().path(&SUBJECTS[2]).is_none());
}

/// The client is the twelfth thing that is made.
#[rstest]
#[tokio::test]
async fn a_killed_run_is_finished_by_the_next_and_taken_down_whole(
    #[values(12, 13, 14, 15, 16)] notes: usize,
) {
    let org = two_factors().await;
    let before = (policies(&org).await, org.ids().await);
    let mut store = killed_after(&org, &wanted(), notes, true).await;
    let made = provision(&org, &mut store).await;
    let policy = policy_of(&org, &made.client_id).await;
    assert_eq!(policy, path(&store, "sign_in_policy", ""));
    assert_eq!(provision(&org, &mut store).await.changes, [""; 0]);
    teardown(&org, &mut store).await;
    assert_eq!((policies(&org).await, org.ids().await), before);
}

#[rstest]
#[tokio::test]
async fn what_was_made_and_not_noted_is_found_rather_than_made_twice(
    #[values(12, 13, 14, 15)] notes: usize,
) {
    let org = two_factors().await;
    let mut store = killed_after(&org, &wanted(), notes, false).await;
    let made = provision(&org, &mut store).await;
    let list = policies(&org).await;
    assert_eq!(list.as_array().unwrap().len(), 2, "{list}");
    assert_eq!(list[1]["rules"].as_array().unwrap().len(), 2, "{list}");
    let own = format!("policies/{}", text(&list[1], "/id"));
    assert_eq!(policy_of(&org, &made.client_id).await, own);
    assert_eq!(provision(&org, &mut store).await.changes, [""; 0]);
}

#[rstest]
#[tokio::test]
async fn what_the_client_had_is_noted_before_it_is_replaced() {
    let org = two_factors().await;
    let before = policies(&org).await;
    let mut store = killed_after(&org, &wanted(), 15, false).await;
    let made = provision(&org, &mut store).await;
    assert!(
        made.changes
            .iter()
            .any(|change| change.contains("in the place of"))
    );
    teardown(&org, &mut store).await;
    assert_eq!(policies(&org).await, before);
}

#[rstest]
#[case::two_factors(Some("/actions/appSignOn/verificationMethod/factorMode"), json!("2FA"), "factorMode")]
#[case::nobody(Some("/actions/appSignOn/access"), json!("DENY"), "access")]
#[case::deactivated(None, json!(null), "INACTIVE")]
#[tokio::test]
async fn a_rule_of_ours_that_was_changed_is_mended(
    #[case] pointer: Option<&str>,
    #[case] value: Value,
    #[case] words: &str,
) {
    let (org, mut store) = (two_factors().await, Memory::default());
    provision(&org, &mut store).await;
    let rule = path(&store, "sign_in_rule", "");
    if let Some(pointer) = pointer {
        let change = |found: &mut Value| *found.pointer_mut(pointer).unwrap() = value;
        org.change(&rule, change).await;
    } else {
        let step = format!("{rule}/lifecycle/deactivate");
        org.call(Method::POST, &step, None).await;
    }
    let changes = provision(&org, &mut store).await.changes.join("\n");
    assert!(changes.contains(words), "{changes}");
    assert_eq!(provision(&org, &mut store).await.changes, [""; 0]);
}

#[rstest]
#[tokio::test]
async fn lists_that_lag_behind_make_nothing_twice() {
    let (org, mut store) = (two_factors().await, Memory::default());
    provision(&org, &mut store).await;
    let lagging = LaggingOrg::before(&org).await;
    let plan = provisioning::plan(&wanted(), &lagging.client, &store).await;
    for action in plan.unwrap().actions {
        if SUBJECTS.contains(&action.subject) {
            assert_eq!(action.change, Change::Nothing, "{action}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn classic_engine_is_set_up_without_and_told_of() {
    let widget = TempDir::new().unwrap();
    for file in ["js/okta-sign-in.classic.min.js", "css/okta-sign-in.min.css"] {
        let file = widget.path().join("dist").join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "").unwrap();
    }
    let sandbox = Sandbox::builder().sign_in_page(SignInPage::Classic);
    let org = Org::of(sandbox.widget(widget.path().to_owned())).await;
    let mut store = Memory::default();
    let mut told = String::new();
    let tell = |line: &str| told = format!("{told}{line}\n");
    let made = provisioning::provision(&wanted(), &org.client, &mut store, tell).await;
    assert_eq!(made.unwrap().users.len(), 4);
    assert!(
        told.contains("warning: --password-only-sign-in does not apply"),
        "{told}"
    );
    assert!(!told.contains("two factors"), "{told}");
    let noted = |subject| store.journal().path(subject).is_some();
    assert!(!SUBJECTS.iter().any(noted));
}

#[rstest]
#[tokio::test]
async fn an_administrator_who_may_not_is_told_of_the_flag() {
    let mut answers = vec![Scripted::new(200, r#"{"id":"00o1","pipeline":"idx"}"#)];
    // The server, two groups and the client.
    answers.extend(std::iter::repeat_n(Scripted::new(200, "[]"), 4));
    let words = "You do not have permission to perform the requested action";
    answers.push(Scripted::okta_error(403, "E0000006", words));
    let server = ScriptedServer::start(answers).await;
    let url = Url::parse(server.base()).unwrap();
    let client = okta_e2e::management::ManagementClient::new(url, SecretString::from("token"));
    let (client, mut store) = (client.unwrap(), Memory::default());
    let made = provisioning::provision(&wanted(), &client, &mut store, |_| {}).await;
    let message = made.unwrap_err().to_string();
    assert!(message.contains("GET /api/v1/policies"), "{message}");
    assert!(message.contains("Read-Only Administrator"), "{message}");
    assert!(
        message.contains("run without --password-only-sign-in"),
        "{message}"
    );
    assert_eq!(server.asked().len(), 6);
}
