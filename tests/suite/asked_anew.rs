//! A new sign-in is asked for where a page has the user prove who it is, or begins with the name;
//! not where it offers to go on as the user whose session there is.

use std::collections::BTreeSet;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use okta_e2e::browser::{
    BrowserError, Evidence, Known, Landing, StopPage, UserAgent, UserAgents, Visit,
};
use okta_e2e::report::RecordedOutcome;
use rstest::rstest;

use crate::support::agent::HttpAgents;
use crate::support::world::World;

/// What is shown where a new sign-in is asked for.
#[derive(Clone, Copy)]
struct Shown {
    kind: StopPage,
    is_sign_in: bool,
    /// With `{user}` for the name of the user who has a session.
    text: &'static str,
}

/// Signs users in at the sandbox, and shows this page where a new sign-in is asked for.
struct Showing(HttpAgents, Shown);

/// With the name of its user.
struct ShowingAgent<'a>(Box<dyn UserAgent + 'a>, Shown, String);

impl UserAgents for Showing {
    fn description(&self) -> &'static str {
        "agents that meet another page for a new sign-in"
    }

    fn lend(&self) -> BoxFuture<'_, Result<Box<dyn UserAgent + '_>, BrowserError>> {
        async {
            let agent = self.0.lend().await?;
            Ok(Box::new(ShowingAgent(agent, self.1, String::new())) as Box<dyn UserAgent + '_>)
        }
        .boxed()
    }
}

impl UserAgent for ShowingAgent<'_> {
    fn authorize<'a>(
        &'a mut self,
        visit: &'a Visit<'a>,
    ) -> BoxFuture<'a, Result<Landing, BrowserError>> {
        if let Some(credentials) = visit.credentials {
            credentials.username.clone_into(&mut self.2);
        }
        let mut query = visit.url.query_pairs();
        if !query.any(|(name, value)| name == "max_age" && value == "0") {
            return self.0.authorize(visit);
        }
        let landing = Landing::Stopped {
            kind: self.1.kind,
            heading: "One more thing".to_owned(),
            known: Known {
                is_sign_in: self.1.is_sign_in,
                ..Known::default()
            },
            evidence: Evidence {
                text: self.1.text.replace("{user}", &self.2),
                ..Evidence::default()
            },
        };
        async move { Ok(landing) }.boxed()
    }

    fn passwords_submitted(&self) -> usize {
        self.0.passwords_submitted()
    }

    fn sent_elsewhere(&self) -> Option<&BTreeSet<String>> {
        self.0.sent_elsewhere()
    }
}

#[rstest]
#[case::a_password(StopPage::SignIn, true, "Password", RecordedOutcome::Met)]
#[case::a_factor(StopPage::SecondFactor, true, "Code", RecordedOutcome::Met)]
#[case::a_name(StopPage::SignIn, false, "User name", RecordedOutcome::Met)]
#[case::a_choice_of_accounts(
    StopPage::SignIn,
    false,
    "Continue as {user}\nAnother: user name",
    RecordedOutcome::NotChecked
)]
#[case::a_code_for_something_else(
    StopPage::SecondFactor,
    false,
    "Verify your e-mail address",
    RecordedOutcome::NotChecked
)]
#[tokio::test]
async fn a_page_asks_anew_where_it_asks_who_it_is(
    #[case] kind: StopPage,
    #[case] is_sign_in: bool,
    #[case] text: &'static str,
    #[case] expected: RecordedOutcome,
) {
    let world = World::new().await;
    let shown = Shown {
        kind,
        is_sign_in,
        text,
    };
    let agents = Showing(HttpAgents, shown);
    let verified = world.verify_with(Some(&agents)).await;
    let mut results = verified.record.results.iter();
    let found = results.find(|one| one.name.contains("asked_again_by_max_age_0"));
    let found = found.expect("the trial");
    assert_eq!(found.outcome, expected, "{found:?}");
}
