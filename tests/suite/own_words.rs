//! Only what is known to say *not assigned* is taken for it: Okta's words, or those of the model.

use std::collections::BTreeSet;
use std::path::Path;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use okta_e2e::browser::{
    BrowserError, Evidence, Known, Landing, Refusal, StopPage, UserAgent, UserAgents, Visit,
};
use okta_e2e::model::OrgModel;
use okta_e2e::observation::Denial;
use okta_e2e::report::RecordedOutcome;
use okta_e2e::verification::Verified;
use okta_sandbox::{Fault, Sandbox};
use rstest::rstest;

use crate::support::agent::HttpAgents;
use crate::support::world::{World, file};

const WORDS: &str = "You have no ticket for this ride.";
const TRIAL: &str = "the_user_is_refused_as_not_assigned[UNASSIGNED silver]";

/// How the org turns a user away who is not assigned.
#[derive(Clone, Copy)]
enum Page {
    Refusal(Refusal),
    Unknown,
    /// The same, where the words stood on the page before already.
    AsBefore,
    OfError,
    /// That asks for a second factor, at an address.
    FactorAt(&'static str),
    /// That the user is not assigned, at an address.
    NotAssignedAt(&'static str),
}

impl Page {
    fn landing(self) -> Landing {
        let evidence = Evidence {
            text: format!("Example Inc.\n{WORDS}\nHelp"),
            said_since: WORDS.to_owned(),
            ..Evidence::default()
        };
        match self {
            Self::Refusal(kind) => Landing::Refused {
                kind,
                text: WORDS.to_owned(),
                known: Known::default(),
                evidence,
            },
            Self::Unknown => Landing::Stopped {
                kind: StopPage::Unknown,
                heading: "Sorry".to_owned(),
                known: Known::default(),
                evidence,
            },
            Self::AsBefore => Landing::Stopped {
                kind: StopPage::Unknown,
                heading: WORDS.to_owned(),
                known: Known::default(),
                evidence: Evidence {
                    said_since: "Set up your phone".to_owned(),
                    ..evidence
                },
            },
            Self::FactorAt(at) => Landing::Stopped {
                kind: StopPage::SecondFactor,
                heading: "Verify".to_owned(),
                known: Known {
                    policy: Some("the client's authentication policy"),
                    ..Known::default()
                },
                evidence: Evidence {
                    url: at.to_owned(),
                    ..evidence
                },
            },
            Self::NotAssignedAt(at) => Landing::Refused {
                kind: Refusal::NotAssigned,
                text: WORDS.to_owned(),
                known: Known::default(),
                evidence: Evidence {
                    url: at.to_owned(),
                    ..evidence
                },
            },
            Self::OfError => Landing::ErrorPage {
                heading: "Sorry".to_owned(),
                code: Some("403".to_owned()),
                description: Some(WORDS.to_owned()),
                evidence,
            },
        }
    }
}

/// Signs users in at the sandbox, and turns away one who is not assigned with this page.
struct Turning(HttpAgents, Page);

struct TurningAgent<'a>(Box<dyn UserAgent + 'a>, Page, usize, BTreeSet<String>);

impl UserAgents for Turning {
    fn description(&self) -> &'static str {
        "agents that meet a page of their own"
    }

    fn lend(&self) -> BoxFuture<'_, Result<Box<dyn UserAgent + '_>, BrowserError>> {
        async {
            let agent = self.0.lend().await?;
            let turning = TurningAgent(agent, self.1, 0, BTreeSet::new());
            Ok(Box::new(turning) as Box<dyn UserAgent + '_>)
        }
        .boxed()
    }
}

impl UserAgent for TurningAgent<'_> {
    fn authorize<'a>(
        &'a mut self,
        visit: &'a Visit<'a>,
    ) -> BoxFuture<'a, Result<Landing, BrowserError>> {
        let username = visit.credentials.map(|credentials| credentials.username);
        if username.is_some_and(|name| name.contains("unassigned")) {
            self.2 += 1;
            let landing = self.1.landing();
            return async move { Ok(landing) }.boxed();
        }
        self.0.authorize(visit)
    }

    fn passwords_submitted(&self) -> usize {
        self.0.passwords_submitted() + self.2
    }

    fn sent_elsewhere(&self) -> Option<&BTreeSet<String>> {
        Some(&self.3)
    }
}

fn model(own_words: &str) -> OrgModel {
    let model = std::fs::read_to_string(file("fixtures/org.toml")).expect("the model");
    let model = model.replacen("[client]", &format!("[client]\n{own_words}"), 1);
    OrgModel::parse(Path::new("org.toml"), &model).expect("a model")
}

async fn outcome(page: Page, own_words: &str) -> (RecordedOutcome, String) {
    let world = World::of_model(model(own_words), Sandbox::builder()).await;
    let agents = Turning(HttpAgents, page);
    result(&world.verify_with(Some(&agents)).await)
}

fn result(verified: &Verified) -> (RecordedOutcome, String) {
    let mut results = verified.record.results.iter();
    let found = results.find(|result| result.name.ends_with(TRIAL));
    let found = found.expect("the trial");
    (found.outcome, found.reason.clone().unwrap_or_default())
}

#[rstest]
#[case::a_refusal(Page::Refusal(Refusal::Other))]
#[case::a_policy(Page::Refusal(Refusal::NotAllowed))]
#[case::a_page(Page::Unknown)]
#[case::an_error_page(Page::OfError)]
#[tokio::test]
async fn words_of_the_model_say_that_a_user_is_not_assigned(#[case] page: Page) {
    let words = "not_assigned = [\"another thing\", \"NO TICKET for  this ride\"]";
    let (outcome, reason) = self::outcome(page, words).await;
    assert_eq!(outcome, RecordedOutcome::Met, "{reason}");
}

#[rstest]
#[case::a_refusal(Page::Refusal(Refusal::Other))]
#[case::a_policy(Page::Refusal(Refusal::NotAllowed))]
#[case::a_page(Page::Unknown)]
#[case::an_error_page(Page::OfError)]
#[tokio::test]
async fn words_that_nobody_knows_are_not_checked(#[case] page: Page) {
    let (outcome, reason) = self::outcome(page, "not_assigned = [\"another thing\"]").await;
    assert_eq!(outcome, RecordedOutcome::NotChecked, "{reason}");
}

/// A footer of every page may have them.
#[tokio::test]
async fn words_that_stood_there_before_are_no_answer() {
    let words = "not_assigned = [\"no ticket for this ride\"]";
    let (outcome, reason) = self::outcome(Page::AsBefore, words).await;
    assert_eq!(outcome, RecordedOutcome::NotChecked, "{reason}");
}

/// No policy of the client changes what the server asks for to which the org leads.
#[tokio::test]
async fn what_another_server_asks_for_is_no_policy_of_the_client() {
    let (outcome, reason) = self::outcome(Page::FactorAt("https://hub.example/login"), "").await;
    assert_eq!(outcome, RecordedOutcome::NotChecked, "{reason}");
    assert!(reason.contains("a policy of that server"), "{reason}");
    assert!(!reason.contains("the client's authentication"), "{reason}");
}

/// Another org, to which the user is led, says of an application of its own that the user is not
/// assigned to it.
#[tokio::test]
async fn what_another_server_says_is_no_refusal_of_the_client() {
    let page = Page::NotAssignedAt("https://hub.example/login");
    let (outcome, reason) = self::outcome(page, "").await;
    assert_eq!(outcome, RecordedOutcome::NotChecked, "{reason}");
    assert!(
        reason.contains("said by hub.example, not by the org"),
        "{reason}"
    );
}

/// An error text of a redirect counts where it is Okta's own, and not where it has words of it.
#[rstest]
#[case::of_okta("User is not assigned to the client application.", Denial::NotAssigned)]
#[case::of_a_device("Your device is not assigned to a managed group.", Denial::Unknown)]
#[case::of_a_policy(
    "Some of the requested scopes were denied by the policy. Denied scopes: [gold].",
    Denial::Policy
)]
#[case::of_a_gateway("Sign-on denied by the policy of the mail gateway.", Denial::Unknown)]
fn an_error_text_is_known_as_a_whole(#[case] text: &str, #[case] expected: Denial) {
    assert_eq!(Denial::of_error("access_denied", text), expected);
}

/// What is known to be something else stays that, whatever it says.
#[rstest]
#[case::credentials(Refusal::Credentials)]
#[case::locked_out(Refusal::LockedOut)]
#[tokio::test]
async fn a_refusal_that_is_known_is_none_for_want_of_an_assignment(#[case] kind: Refusal) {
    let words = "not_assigned = [\"no ticket for this ride\"]";
    let (outcome, reason) = self::outcome(Page::Refusal(kind), words).await;
    assert_eq!(outcome, RecordedOutcome::NotChecked, "{reason}");
}

/// By a redirect the words are those of its description.
#[rstest]
#[case::denied("denied", "the_user_is_denied_the_scopes[SILVER gold]")]
#[case::not_assigned("not_assigned", TRIAL)]
#[tokio::test]
async fn words_of_the_model_say_what_a_redirect_means(#[case] member: &str, #[case] trial: &str) {
    let words = format!("{member} = [\"request was denied\"]");
    let sandbox = Sandbox::builder().fault(Fault::ErrorTextOther);
    let world = World::of_model(model(&words), sandbox).await;
    let verified = world.verify().await;
    let mut results = verified.record.results.iter();
    let found = results.find(|result| result.name.ends_with(trial));
    assert_eq!(found.map(|found| found.outcome), Some(RecordedOutcome::Met));
}
