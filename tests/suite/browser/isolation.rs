//! One user's browser holds nothing of another's, and keeps its own.

use std::time::Duration;

use okta_e2e::browser::{Browsers, Landing, UserBrowser};
use rstest::rstest;

use super::org::{Org, PASSWORD};

/// What the browser held when it came: the cookie sent, then the local and the session storage seen.
async fn held(org: &Org, user: &mut UserBrowser<'_>) -> (String, String) {
    let landing = org.sign_in(user, "state", PASSWORD).await;
    let Landing::Stopped {
        heading, evidence, ..
    } = landing
    else {
        panic!("{landing:?}")
    };
    (evidence.title, heading)
}

async fn impatient_browsers(org: &Org, sessions: usize) -> Browsers {
    let mut config = org.config();
    config.step_timeout = Duration::from_millis(500);
    config.sessions = sessions;
    Browsers::start(config).await.unwrap()
}

#[tokio::test]
async fn the_next_user_finds_no_cookie_and_no_storage() {
    let org = Org::start().await;
    let browsers = impatient_browsers(&org, 1).await;
    let nothing = ("cookie sent: false".to_owned(), "[null,null]".to_owned());
    let everything = (
        "cookie sent: true".to_owned(),
        "[\"left\",\"left\"]".to_owned(),
    );
    for _ in 0..3 {
        let mut user = browsers.user().await.unwrap();
        assert_eq!(held(&org, &mut user).await, nothing);
        assert_eq!(
            held(&org, &mut user).await,
            everything,
            "a user keeps what is theirs"
        );
    }
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
