//! Lists of the Management API, page by page, and where an id or a next page leads.

use okta_e2e::management::{ManagementClient, ManagementError};
use rstest::rstest;
use serde_json::json;

use super::{client, exhausted, group};
use crate::scripted::{Scripted, ScriptedServer};

/// `q` gives 300 groups that begin so and no pages.
#[tokio::test]
async fn a_group_behind_three_hundred_that_begin_alike_is_searched_for() {
    let alike: Vec<String> = (0..300)
        .map(|n| group(&format!("00g{n}"), &format!("gold{n}")))
        .collect();
    let server = ScriptedServer::start([
        Scripted::new(200, format!("[{}]", alike.join(","))),
        Scripted::new(200, format!("[{}]", group("00g9999", r#"gold\"s"#))),
    ])
    .await;
    let found = client(server.base())
        .group_by_name("gold\"s")
        .await
        .unwrap();
    assert_eq!(found.one().unwrap().id, "00g9999");
    let asked = &server.asked()[1].path_and_query;
    assert_eq!(
        asked,
        "/api/v1/groups?search=profile.name+eq+%22gold%5C%22s%22&limit=200"
    );
}

#[rstest]
#[tokio::test]
async fn a_list_is_followed_to_its_last_page_even_when_that_is_empty() {
    let next = r#"<{base}/api/v1/groups?after=x&limit=1>; rel="next""#;
    let page = |body: String| {
        Scripted::new(200, body)
            .header("link", r#"<{base}/api/v1/groups>; rel="self""#)
            .header("link", next)
    };
    let server = ScriptedServer::start([
        page(format!("[{}]", group("00g1", "one"))),
        page(format!("[{}]", group("00g2", "two"))),
        Scripted::new(200, "[]"),
    ])
    .await;
    let found = client(server.base()).group_by_name("two").await.unwrap();
    assert_eq!(found.one().unwrap().id, "00g2");
    let paths: Vec<String> = server
        .asked()
        .into_iter()
        .map(|asked| asked.path_and_query)
        .collect();
    assert_eq!(paths[1..], ["/api/v1/groups?after=x&limit=1"; 2]);
}

/// Whatever stands between may give a part of a list: what is not in it is not missing.
#[rstest]
#[case::a_part(206)]
#[case::of_another(203)]
#[tokio::test]
async fn a_list_that_may_not_be_whole_is_none(#[case] status: u16) {
    let page = Scripted::new(status, format!("[{}]", group("00g1", "silver")));
    let server = ScriptedServer::start([page]).await;
    let found = client(server.base()).group_by_name("gold").await;
    let error = found.expect_err("nobody knows what is missing").to_string();
    assert!(
        error.contains(&format!("it came with status {status}")),
        "{error}"
    );
}

/// Pages that shift while they are read show an object twice, which is one.
#[tokio::test]
async fn an_object_that_comes_twice_is_one() {
    let origin =
        |id: &str| json!({ "id": id, "name": id, "origin": id, "status": "ACTIVE", "scopes": [] });
    let first = Scripted::new(200, json!([origin("tos1"), origin("tos2")]).to_string());
    let first = first.header(
        "link",
        r#"<{base}/api/v1/trustedOrigins?after=2>; rel="next""#,
    );
    let second = Scripted::new(200, json!([origin("tos2"), origin("tos3")]).to_string());
    let server = ScriptedServer::start([first, second]).await;
    let found = client(server.base()).trusted_origins().await.unwrap();
    let names: Vec<&str> = found.iter().map(|origin| origin.name.as_str()).collect();
    assert_eq!(names, ["tos1", "tos2", "tos3"]);
}

/// A list that leads on to itself is not one that is too long.
#[tokio::test]
async fn a_list_that_leads_to_itself_ends() {
    let page = Scripted::new(200, format!("[{}]", group("00g1", "silver")));
    let page = page.header("link", r#"<{base}/api/v1/groups?after=x>; rel="next""#);
    let server = ScriptedServer::start([page]).await;
    let found = client(server.base()).group_by_name("gold").await;
    let error = found.expect_err("it never ends").to_string();
    assert!(error.contains("lead to one another without end"), "{error}");
    assert!(server.asked().len() < 12);
}

/// Two pages, and what comes instead of the second at first.
async fn second_page_after(trouble: &[Scripted]) -> (ScriptedServer, ManagementClient) {
    let first = Scripted::new(200, format!("[{}]", group("00g1", "silver")));
    let first = first.header("link", r#"<{base}/api/v1/groups?after=00g1>; rel="next""#);
    let second = Scripted::new(200, format!("[{}]", group("00g2", "gold")));
    let answers = [&[first], trouble, &[second]].concat();
    let server = ScriptedServer::start(answers).await;
    let client = client(server.base());
    (server, client)
}

/// What is not on the first page is not missing.
#[rstest]
#[case::fails_in_passing(&[Scripted::okta_error(500, "E0000009", "Internal Server Error")])]
#[case::too_fast(&[exhausted(429, "{}", 1)])]
#[tokio::test]
async fn a_page_that_fails_in_passing_is_asked_for_again(#[case] trouble: &[Scripted]) {
    let (server, client) = second_page_after(trouble).await;
    let found = client.group_by_name("gold").await.unwrap();
    assert_eq!(found.one().unwrap().id, "00g2");
    let asked = server.asked().into_iter().map(|asked| asked.path_and_query);
    let second = asked.filter(|path| path.ends_with("after=00g1")).count();
    assert_eq!(second, 2);
}

#[rstest]
#[case::fails(&[Scripted::okta_error(500, "E0000008", "no")])]
#[case::is_refused(&[Scripted::okta_error(403, "E0000006", "no")])]
#[case::is_gone(&[Scripted::okta_error(404, "E0000007", "Not found")])]
#[case::is_no_list(&[Scripted::new(200, "{}")])]
#[tokio::test]
async fn a_list_that_breaks_off_is_not_taken_for_all_of_it(#[case] trouble: &[Scripted]) {
    let (_server, client) = second_page_after(trouble).await;
    assert!(client.group_by_name("gold").await.is_err());
}

/// A list that grows while it is read.
#[tokio::test]
async fn a_group_on_two_pages_is_one_group() {
    let page = Scripted::new(200, format!("[{}]", group("00g1", "silver")));
    let next = r#"<{base}/api/v1/groups>; rel="self",<{base}/api/v1/groups?after=x>;rel=next"#;
    let server = ScriptedServer::start([page.clone().header("link", next), page]).await;
    let found = client(server.base()).group_by_name("silver").await.unwrap();
    assert_eq!(found.one().unwrap().id, "00g1");
    assert_eq!(server.asked().len(), 2);
}

#[rstest]
#[tokio::test]
async fn a_list_without_end_is_given_up() {
    let endless = Scripted::new(200, "[]").header("link", r#"<{base}/more>; rel="next""#);
    let server = ScriptedServer::start([endless]).await;
    let error = client(server.base()).trusted_origins().await.unwrap_err();
    assert!(
        matches!(error, ManagementError::TooLong { .. }),
        "{error:?}"
    );
    assert_eq!(server.asked().len(), 50);
}

#[rstest]
#[tokio::test]
async fn the_token_does_not_follow_a_next_page_elsewhere() {
    let elsewhere = ScriptedServer::start([Scripted::new(200, "[]")]).await;
    let link = format!(r#"<{}/api/v1/groups>; rel="next""#, elsewhere.base());
    let server = ScriptedServer::start([Scripted::new(200, "[]").header("link", link)]).await;
    let error = client(server.base()).trusted_origins().await.unwrap_err();
    assert!(
        matches!(error, ManagementError::NotAnOrg { .. }),
        "{error:?}"
    );
    assert!(elsewhere.asked().is_empty());
}

/// The address of the next page would be sent as credentials of its own.
#[tokio::test]
async fn a_next_page_with_a_user_in_its_address_is_not_followed() {
    let link = r#"<http://user:pass@{host}/api/v1/groups>; rel="next""#;
    let server = ScriptedServer::start([Scripted::new(200, "[]").header("link", link)]).await;
    let error = client(server.base()).trusted_origins().await.unwrap_err();
    assert!(
        matches!(error, ManagementError::NotAnOrg { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_id_of_the_org_leads_nowhere_else() {
    let server = ScriptedServer::start([Scripted::new(200, "[]")]).await;
    let client = client(server.base());
    let hostile = "00u1/../../users/00u2/lifecycle/deactivate";
    client.user_groups(hostile).await.unwrap();
    let asked = &server.asked()[0].path_and_query;
    assert_eq!(
        asked,
        "/api/v1/users/00u1%2F..%2F..%2Fusers%2F00u2%2Flifecycle%2Fdeactivate/groups"
    );
    let error = client.user_groups("..").await.unwrap_err();
    assert!(
        matches!(error, ManagementError::Segment { .. }),
        "{error:?}"
    );
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn pages_without_end_are_given_up_by_their_size() {
    let name = "x".repeat(4_000_000);
    let origin = json!({
        "id": "x", "name": "x", "origin": name, "status": "ACTIVE", "scopes": [],
    });
    let endless = Scripted::new(200, json!([origin]).to_string());
    let endless = endless.header("link", r#"<{base}/more>; rel="next""#);
    let server = ScriptedServer::start([endless]).await;
    let error = client(server.base()).trusted_origins().await.unwrap_err();
    assert!(
        matches!(error, ManagementError::TooLong { .. }),
        "{error:?}"
    );
    assert!(server.asked().len() < 10);
}
