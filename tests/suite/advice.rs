//! What a finding wants and advises is what mends it: followed to the letter, it opens nothing and
//! takes nothing from anyone who should have it.

use okta_e2e::report::RecordedResult;
use okta_sandbox::Sandbox;
use rstest::rstest;

use crate::support::front::{Answer, Front, Request};
use crate::support::scenario::{Scenario, told};
use crate::support::world::{World, names};

const DRIFT: &str = "step_3c_access_policy::the_policies_say_nothing_beyond_the_model";
const ASSIGNED: &str = "step_4c_assignment::the_user_is_assigned_as_the_model_says[UNASSIGNED]";
const NOT_ASSIGNED: &str =
    "step_5_authorize::the_user_is_refused_as_not_assigned[UNASSIGNED silver]";
const IN_SILVER: &str = "step-2-unassigned-user-in-the-silver-group";

async fn broken(name: &str) -> World {
    Scenario::broken(name).await.1
}

async fn results(world: &World, filter: &str) -> Vec<RecordedResult> {
    world.verify_filtered(filter).await.record.results
}

/// Of a policy of services, and of a rule that the model does not know, nothing of users is wanted.
#[rstest]
#[case::beside_the_service("step-3c-service-policy-names-the-user-client-too")]
#[case::in_its_place("step-3c-service-policy-names-the-user-client-instead")]
#[case::a_rule_that_opens("step-3c-open-rule-without-openid")]
#[tokio::test]
async fn nothing_of_users_is_wanted_of_what_is_not_theirs(#[case] name: &str) {
    let world = broken(name).await;
    for result in results(&world, "step_3c").await {
        let expected = result.expected.unwrap_or_default();
        assert!(
            !expected.contains("openid\""),
            "{}: {expected}",
            result.name
        );
        let of_users = "none but the model's";
        assert!(!expected.contains(of_users), "{}: {expected}", result.name);
    }
}

/// A rule for a group of the model that lacks `openid` is reported as before.
#[tokio::test]
async fn a_rule_of_the_model_lacks_openid() {
    let world = broken("step-3c-rule-without-openid").await;
    let record = world.verify_filtered("step_3c").await.record;
    assert!(
        told(&record, DRIFT).contains("without"),
        "{}",
        told(&record, DRIFT)
    );
}

/// Who is in a group of the model by mistake is taken out of it: the client stays assigned to it.
#[rstest]
#[case::by_the_audit(ASSIGNED, true)]
#[case::by_the_tokens(NOT_ASSIGNED, true)]
#[case::without_an_audit(NOT_ASSIGNED, false)]
#[tokio::test]
async fn a_user_is_taken_out_of_a_group_that_is_assigned(
    #[case] name: &str,
    #[case] is_audited: bool,
) {
    let mut world = broken(IN_SILVER).await;
    if !is_audited {
        world.access.api_token = None;
    }
    let verified = world.verify().await;
    let told = told(&verified.record, name);
    let out = if is_audited {
        "Directory > Groups > `silverSubscribers` > People > remove the user"
    } else {
        "out of every group to which the model assigns the client (`silverSubscribers`, \
         `goldSubscribers`)"
    };
    assert!(told.contains(out), "{told}");
    assert!(
        !told.contains("remove the group `silverSubscribers`"),
        "{told}"
    );
    assert!(
        !told.contains("and every group that the user is in"),
        "{told}"
    );
}

/// Of an org that is not the issuer's nothing is wrong: the variables are.
#[tokio::test]
async fn what_another_org_lacks_is_not_to_be_added_there() {
    let mut world = World::new().await;
    let other = Sandbox::builder().start().await.expect("another org");
    world.access.org_url = other.org_url().parse().expect("a URL");
    world.access.api_token = Some(other.api_token().into());
    let verified = world.verify().await;
    let active = "step_3a_authorization_server::the_authorization_server_is_active";
    assert_eq!(names(&verified, "not_met"), [active]);
    let told = told(&verified.record, active);
    for variable in [
        "set OKTA_CLIENT_ORGURL to ",
        "OKTA_CLIENT_TOKEN",
        "OKTA_OAUTH2_ISSUER",
    ] {
        assert!(told.contains(variable), "{told}");
    }
    let audited = [
        "step_1", "step_2", "step_3b", "step_3c", "step_4a", "step_4b", "step_4c",
    ];
    for result in &verified.record.results {
        if audited.iter().any(|step| result.name.starts_with(step)) {
            let reason = result.reason.as_deref().unwrap_or_default();
            assert!(
                reason.starts_with("blocked by step 3a"),
                "{}: {reason}",
                result.name
            );
        }
    }
}

/// The org behind a server that shows every assignment as suspended, and lets nobody in for that.
fn suspend(request: &Request, answer: &mut Answer) {
    if request.target.starts_with("/api/v1/apps/") && request.target.contains("/users/") {
        answer.rewrite_json(|assignment| assignment["status"] = "SUSPENDED".into());
    }
    answer.redirect(|to| {
        let (place, _) = to.split_once(['#', '?']).unwrap_or((to, ""));
        let state = request.parameter("state").unwrap_or_default();
        let denied = "error=access_denied&error_description=User+is+not+assigned+to+the+client";
        format!("{place}#{denied}&state={state}")
    });
}

/// Who is assigned, by an assignment that does not take part, is not to be assigned.
#[rstest]
#[case::by_the_audit(
    "step_4c_assignment::the_user_is_assigned_as_the_model_says[GOLD]",
    "SUSPENDED: remove it and assign the user"
)]
#[case::by_the_denial(
    "step_5_authorize::the_user_gets_tokens[GOLD gold]",
    "cause: the assignment of GOLD to the client is SUSPENDED"
)]
#[tokio::test]
async fn an_assignment_that_sleeps_is_what_is_to_be_changed(
    #[case] name: &str,
    #[case] says: &str,
) {
    let front = Front::start().await;
    let world = World::behind(&front).await;
    front.changes(suspend);
    let verified = world.verify().await;
    let told = told(&verified.record, name);
    assert!(told.contains(says), "{told}");
    assert!(!told.contains("Assign to People"), "{told}");
    assert!(!told.contains("not directly"), "{told}");
}

/// What cannot be read is one finding for each token, and nothing else is wrong with it.
#[tokio::test]
async fn a_token_that_cannot_be_read_is_one_finding() {
    let world = World::new().await;
    world.set_faults(Some("opaque-access-token"), None);
    let verified = world
        .verify_filtered("step_5_authorize::the_access_token")
        .await;
    let signature = "step_5_authorize::the_access_token_is_signed_by_a_published_key";
    for name in names(&verified, "not_met") {
        assert!(name.starts_with(signature), "{name}");
    }
    let user = format!("{signature}[SILVER]");
    assert!(names(&verified, "not_met").contains(&user));
    let audience = "step_5_authorize::the_access_token_is_for_the_audience[SILVER]";
    assert!(told(&verified.record, audience).starts_with("blocked by step 5"));
}

/// Who is in no group of the model may be another person than is meant: the variable says so first.
#[tokio::test]
async fn a_user_who_is_in_no_group_may_be_another_person() {
    let world = broken("step-2-user-not-in-its-group").await;
    let name = "step_2_users::the_user_is_in_its_groups[SILVER]";
    let record = world.verify_filtered("step_2").await.record;
    let told = told(&record, name);
    assert!(
        told.contains("is who should be in it; if that is another person"),
        "{told}"
    );
    assert!(
        told.contains("set TEST_USER_SILVER_USERNAME and _PASSWORD"),
        "{told}"
    );
}

/// What is granted to nobody but members says who is one, whatever the org shows of its groups.
#[tokio::test]
async fn a_member_whose_groups_are_not_shown_is_none_of_whom_the_audit_knows() {
    let front = Front::start().await;
    let world = World::behind(&front).await;
    front.changes(|request, answer| {
        if request.target.starts_with("/api/v1/users/") && request.is_to("/groups") {
            answer.rewrite_json(|groups| {
                let groups = groups.as_array_mut().expect("a list");
                groups.retain(|group| group["profile"]["name"] == "Everyone");
            });
        }
    });
    let verified = world.verify().await;
    assert_eq!(names(&verified, "not_met"), [""; 0]);
    let computed = "step_5_authorize::the_org_does_what_the_audit_computes[SILVER]";
    let told = told(&verified.record, computed);
    assert!(
        told.contains("membership of SILVER in `silverSubscribers`"),
        "{told}"
    );
}
