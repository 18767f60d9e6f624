//! One user's browser holds nothing of another's, and keeps its own.

use std::time::Duration;

use okta_e2e::browser::{Browsers, Landing};
use rstest::rstest;

use super::org::{Org, PASSWORD, use_browser};
use super::remote::Driver;
use super::traces::{Traces, WIPEABLE};

const NOTHING: [&str; 0] = [];

/// Three users in turn, each of whom must find the browser as new, and then what they left.
async fn three_users(traces: &Traces, browsers: &Browsers, options: &str, left: &[&str]) {
    for _ in 0..3 {
        let mut user = browsers.user().await.unwrap();
        assert_eq!(traces.found(&mut user, options).await, NOTHING);
        let found = traces.found(&mut user, options).await;
        let kept = |trace: &&&str| found.iter().any(|name| name == **trace);
        assert!(
            left.iter().filter(kept).count() == left.len(),
            "a user keeps what is theirs: {found:?}"
        );
    }
}

#[rstest]
#[case::headless_shell("chromium-headless-shell")]
#[case::full_chromium("chromium")]
#[tokio::test]
async fn a_kept_browser_holds_nothing_for_the_next_user(#[case] program: &str) {
    let traces = Traces::start().await;
    let mut config = traces.config();
    use_browser(&mut config, program);
    let browsers = Browsers::start(config).await.unwrap();
    three_users(&traces, &browsers, "", &WIPEABLE).await;
    assert_eq!(browsers.opened(), 1, "the browser is kept");
}

#[rstest]
#[case::headless_shell("chromium-headless-shell")]
#[case::full_chromium("chromium")]
#[tokio::test]
async fn a_browser_that_signed_in_by_http_is_replaced(#[case] program: &str) {
    let traces = Traces::start().await;
    let mut config = traces.config();
    use_browser(&mut config, program);
    let browsers = Browsers::start(config).await.unwrap();
    three_users(&traces, &browsers, "http_auth", &["http_auth"]).await;
    assert_eq!(browsers.opened(), 3, "one for every user");
}

#[tokio::test]
async fn a_browser_that_cannot_be_wiped_is_new_for_every_user() {
    let traces = Traces::start().await;
    let driver = Driver::start().await;
    let mut config = traces.config();
    config.webdriver_url = Some(driver.without_devtools().await);
    let browsers = Browsers::start(config).await.unwrap();
    let left: Vec<&str> = WIPEABLE.into_iter().chain(["http_auth"]).collect();
    three_users(&traces, &browsers, "http_auth", &left).await;
    assert_eq!(browsers.opened(), 3);
    browsers.close().await;
}

#[tokio::test]
async fn a_browser_whose_page_opened_a_tab_is_replaced() {
    let traces = Traces::start().await;
    let browsers = traces.browsers().await;
    let mut user = browsers.user().await.unwrap();
    traces.found(&mut user, "popup").await;
    drop(user);
    let mut user = browsers.user().await.unwrap();
    assert_eq!(traces.found(&mut user, "").await, NOTHING);
    assert_eq!(browsers.opened(), 2);
}

#[rstest]
#[case::two(2)]
#[case::four(4)]
#[tokio::test]
async fn users_sign_in_at_the_same_time(#[case] sessions: usize) {
    let org = Org::start().await;
    let mut config = org.config();
    config.sessions = sessions;
    let browsers = Browsers::start(config).await.unwrap();
    let visits = (0..2 * sessions).map(async |_| {
        let mut user = browsers.user().await.unwrap();
        org.sign_in(&mut user, "gen3", PASSWORD).await
    });
    let landings = futures_util::future::join_all(visits).await;
    assert_eq!(landings.len(), 2 * sessions);
    for landing in landings {
        assert!(
            matches!(
                landing,
                Landing::Redirected {
                    signed_in: true,
                    ..
                }
            ),
            "{landing:?}"
        );
    }
}

#[tokio::test]
async fn a_visit_given_up_half_way_does_not_harm_the_next_user() {
    let org = Org::start().await;
    let browsers = org.browsers().await;
    let mut user = browsers.user().await.unwrap();
    let visit = org.sign_in(&mut user, "hang", PASSWORD);
    assert!(
        tokio::time::timeout(Duration::from_millis(300), visit)
            .await
            .is_err()
    );
    drop(user);
    let landing = org
        .sign_in(&mut browsers.user().await.unwrap(), "gen2", PASSWORD)
        .await;
    assert!(matches!(landing, Landing::Redirected { .. }), "{landing:?}");
}
