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
