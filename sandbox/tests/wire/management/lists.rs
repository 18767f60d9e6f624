//! Lists: what they let through, and how they go on.

use rstest::rstest;
use serde_json::json;

use super::api::Api;

async fn three_groups() -> Api {
    let api = Api::start().await;
    for name in ["silver", "gold", "Silver plus"] {
        api.group(name).await;
    }
    api
}

#[rstest]
#[case::prefix("q=SIL", &["silver", "Silver plus"])]
#[case::no_match("q=ilver", &[])]
#[case::filter(r#"filter=type eq "BUILT_IN""#, &["Everyone"])]
#[case::search(r#"search=profile.name eq "gold""#, &["gold"])]
#[tokio::test]
async fn a_list_is_narrowed(#[case] query: &str, #[case] names: &[&str]) {
    let api = three_groups().await;
    let found = api.get(&format!("groups?{query}")).await;
    assert_eq!(found.status, 200);
    assert_eq!(found.each("/profile/name"), names);
}

#[tokio::test]
async fn a_search_that_makes_no_sense_is_refused() {
    let api = Api::start().await;
    for path in ["groups?search=name", "users?filter=status is ACTIVE"] {
        assert_eq!(api.get(path).await.refusal(), (400, "E0000031"));
    }
}

#[tokio::test]
async fn pages_lead_to_each_other_until_the_last() {
    let api = three_groups().await;
    let first = api.get("groups?limit=3").await;
    assert_eq!(first.body.as_array().unwrap().len(), 3);
    let origin = api.sandbox.org_url();
    let cursor = first.each("/id")[2];
    let links = [
        format!("<{origin}/api/v1/groups?limit=3>; rel=\"self\""),
        format!("<{origin}/api/v1/groups?after={cursor}&limit=3>; rel=\"next\""),
    ];
    assert_eq!(first.links(), links);
    let last = api.get(first.next().unwrap()).await;
    assert_eq!(last.each("/profile/name"), ["Silver plus"]);
    assert_eq!(last.next(), None);
}

#[rstest]
#[case::groups("groups", 10_000)]
#[case::users("users", 200)]
#[case::servers("authorizationServers", 200)]
#[case::applications("apps", 20)]
#[case::origins("trustedOrigins", 20)]
#[tokio::test]
async fn a_list_says_its_own_limit(#[case] path: &str, #[case] limit: usize) {
    let api = Api::start().await;
    let origin = api.sandbox.org_url();
    let link = format!("<{origin}/api/v1/{path}?limit={limit}>; rel=\"self\"");
    assert_eq!(api.get(path).await.links(), [link]);
}

#[tokio::test]
async fn what_is_searched_stays_in_the_links() {
    let api = Api::start().await;
    for name in ["a", "b"] {
        api.user(name).await;
    }
    let path = r#"users?limit=1&search=profile.lastName eq "Tester""#;
    let first = api.get(path).await;
    let next = first.next().unwrap();
    assert!(next.ends_with("&limit=1&search=profile.lastName+eq+%22Tester%22"));
    assert_eq!(api.get(next).await.each("/profile/firstName"), ["b"]);
}

#[tokio::test]
async fn groups_found_by_name_have_no_links() {
    let api = three_groups().await;
    assert_eq!(api.get("groups?q=s&limit=1").await.links(), [""; 0]);
}

#[tokio::test]
async fn a_cursor_that_was_never_given_is_refused() {
    let api = Api::start().await;
    let refused = api.get("apps?after=00u1testcursorvalue&limit=1").await;
    assert_eq!(refused.refusal(), (400, "E0000029"));
    assert_eq!(refused.body["errorSummary"], "Invalid paging request.");
    let cause = json!([{"errorSummary": "Invalid cursor."}]);
    assert_eq!(refused.body["errorCauses"], cause);
}

/// As recorded by okta/okta-sdk-python, `test_list_applications_with_query_parameters`.
#[rstest]
#[case::recorded("user/id,group/id")]
#[case::no_user("user/")]
#[case::no_kind("00u1")]
#[tokio::test]
async fn an_expand_that_cannot_be_read_is_refused(#[case] expand: &str) {
    let api = Api::start().await;
    let application = api.application().await;
    for path in ["apps".to_owned(), format!("apps/{application}")] {
        let refused = api.get(&format!("{path}?limit=10&expand={expand}")).await;
        assert_eq!(refused.refusal(), (400, "E0000001"));
        let summary = "Api validation failed: RequestParams";
        assert_eq!(refused.body["errorSummary"], summary);
        let causes = json!([{"errorSummary": "Expand query is malformed."}]);
        assert_eq!(refused.body["errorCauses"], causes);
    }
}

/// okta/okta-management-openapi-spec, `expand` of `listApplications`: `expand=user/{userId}`
/// returns the application user in `_embedded`.
#[tokio::test]
async fn an_application_is_shown_with_the_assignment_of_a_user() {
    let api = Api::start().await;
    let (application, user) = (api.application().await, api.user("silver").await);
    let path = format!("apps/{application}");
    let shown = api.get(&format!("{path}?expand=user/{user}")).await;
    assert_eq!(shown.body.get("_embedded"), None);
    let made = api
        .post(&format!("{path}/users"), &json!({"id": user}))
        .await;
    let shown = api.get(&format!("apps?expand=user/{user}")).await;
    assert_eq!(shown.body[0].pointer("/_embedded/user"), Some(&made.body));
}
