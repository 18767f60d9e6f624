//! A password of which no answer came is typed once more at most, and every one that was submitted
//! is counted.

use std::collections::BTreeSet;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use okta_e2e::browser::{
    BrowserError, Evidence, Known, Landing, Refusal, StopPage, UserAgent, UserAgents, Visit,
};
use rstest::rstest;

use crate::support::world::{World, names};

/// What comes after the password, every time.
#[derive(Clone, Copy)]
enum Answer {
    ServerError,
    Forbidden,
    OfError,
    Consent,
    TooFast,
    Silence,
    DeadBrowser,
    UnknownPage,
    APolicy,
    NotAssigned,
}

/// Agents that submit a password on every visit.
struct Submitting(Answer, BTreeSet<String>);

impl Submitting {
    const fn answered(answer: Answer) -> Self {
        Self(answer, BTreeSet::new())
    }
}

struct SubmittingAgent {
    answer: Answer,
    submitted: usize,
    elsewhere: BTreeSet<String>,
}

impl UserAgents for Submitting {
    fn description(&self) -> &'static str {
        "agents that get no further than the password"
    }

    fn lend(&self) -> BoxFuture<'_, Result<Box<dyn UserAgent + '_>, BrowserError>> {
        let agent = SubmittingAgent {
            answer: self.0,
            submitted: 0,
            elsewhere: self.1.clone(),
        };
        async { Ok(Box::new(agent) as Box<dyn UserAgent + '_>) }.boxed()
    }
}

impl UserAgent for SubmittingAgent {
    fn authorize<'a>(
        &'a mut self,
        visit: &'a Visit<'a>,
    ) -> BoxFuture<'a, Result<Landing, BrowserError>> {
        if visit.credentials.is_none() {
            return async { Ok(stopped(StopPage::SignIn)) }.boxed();
        }
        self.submitted += 1;
        let answer = self.answer;
        async move { answer.landing() }.boxed()
    }

    fn passwords_submitted(&self) -> usize {
        self.submitted
    }

    fn sent_elsewhere(&self) -> Option<&BTreeSet<String>> {
        Some(&self.elsewhere)
    }
}

fn stopped(kind: StopPage) -> Landing {
    Landing::Stopped {
        known: Known::default(),
        kind,
        heading: String::new(),
        evidence: Evidence::default(),
    }
}

impl Answer {
    fn landing(self) -> Result<Landing, BrowserError> {
        let refused = |kind, text: &str| Landing::Refused {
            known: Known::default(),
            kind,
            text: text.to_owned(),
            evidence: Evidence::default(),
        };
        match self {
            Self::ServerError => Ok(stopped(StopPage::HttpError(500))),
            Self::Forbidden => Ok(stopped(StopPage::HttpError(403))),
            Self::OfError => Ok(Landing::ErrorPage {
                heading: "Sorry".to_owned(),
                code: None,
                description: None,
                evidence: Evidence::default(),
            }),
            Self::Consent => Ok(stopped(StopPage::Consent)),
            Self::TooFast => Ok(refused(Refusal::RateLimited, "HTTP 429")),
            Self::Silence => Err(BrowserError::Unreachable {
                url: "the org".to_owned(),
                reason: "it sent nothing".to_owned(),
            }),
            Self::DeadBrowser => Err(BrowserError::Died {
                doing: "signing in",
                reason: "it was ended by the test".to_owned(),
            }),
            Self::UnknownPage => Ok(stopped(StopPage::Unknown)),
            Self::APolicy => {
                let text = "Your device does not meet the security requirements";
                Ok(refused(Refusal::NotAllowed, text))
            }
            Self::NotAssigned => {
                let text = "User is not assigned to this application.";
                Ok(refused(Refusal::NotAssigned, text))
            }
        }
    }
}

#[rstest]
#[case::server_error(Answer::ServerError, 2)]
#[case::a_firewall(Answer::Forbidden, 1)]
#[case::an_error_page(Answer::OfError, 1)]
#[case::a_page_behind_the_sign_in(Answer::Consent, 1)]
#[case::too_fast(Answer::TooFast, 2)]
#[case::no_answer(Answer::Silence, 2)]
#[case::dead_browser(Answer::DeadBrowser, 2)]
#[case::a_page_that_answers(Answer::UnknownPage, 1)]
#[case::a_policy_that_turns_away(Answer::APolicy, 1)]
#[case::a_page_that_says_who_is_not_assigned(Answer::NotAssigned, 1)]
#[tokio::test]
async fn a_password_is_typed_once_more_at_most(#[case] answer: Answer, #[case] times: usize) {
    let world = World::new().await;
    let agents = Submitting::answered(answer);
    let verified = world.verify_with(Some(&agents)).await;
    let users = world.access.users.len();
    assert_eq!(verified.record.run.sign_ins, users * times);
}

/// What else would be typed a second time is typed once where the page was seen to tell it to
/// others, and nobody else types into it.
#[tokio::test]
async fn nothing_more_is_typed_into_a_page_that_sends_it_elsewhere() {
    let world = World::new().await;
    let told = BTreeSet::from(["https://elsewhere.example".to_owned()]);
    let verified = world
        .verify_with(Some(&Submitting(Answer::Silence, told)))
        .await;
    assert_eq!(verified.record.run.sign_ins, 1);
    let results = verified.record.results.iter();
    let mut reasons = results.filter_map(|result| result.reason.as_deref());
    let why = "sends what is typed into it to https://elsewhere.example";
    assert!(reasons.any(|reason| reason.contains(why)));
}

/// What a policy says is said of the client: a step that fails, and of no password.
#[tokio::test]
async fn a_policy_that_turns_users_away_is_found_by_the_first_request() {
    let world = World::new().await;
    let agents = Submitting::answered(Answer::APolicy);
    let verified = world.verify_with(Some(&agents)).await;
    let unmet = names(&verified, "not_met");
    let first = "step_5_authorize::the_user_gets_tokens[SILVER openid alone]";
    assert!(unmet.iter().any(|name| name == first), "{unmet:?}");
    let reasons = verified.record.results.iter();
    let mut reasons = reasons.filter_map(|result| result.reason.as_deref());
    let suspect = reasons.find(|reason| reason.contains("_PASSWORD"));
    assert_eq!(suspect, None);
}

/// It is said of the client, whatever the scopes: every request of the user is answered by it, and
/// whoever is assigned and hears it is so too.
#[tokio::test]
async fn who_is_not_assigned_is_so_for_every_request() {
    let world = World::new().await;
    let agents = Submitting::answered(Answer::NotAssigned);
    let verified = world.verify_with(Some(&agents)).await;
    let of = |outcome: &str, user: &str| {
        let names = names(&verified, outcome).into_iter();
        let is_of =
            |name: &String| name.starts_with("step_5") && name.contains(&format!("[{user} "));
        names.filter(is_of).count()
    };
    assert!(of("not_met", "SILVER") > 1);
    assert_eq!(of("not_met", "UNASSIGNED"), 0);
    // Whoever else is not assigned is the reason why nothing can be said of it here.
    let asked = of("met", "UNASSIGNED") + of("not_checked", "UNASSIGNED");
    assert!(asked >= 4, "{asked}");
    let results = verified.record.results.iter();
    let mut reasons = results.filter_map(|result| result.reason.as_deref());
    let suspect = reasons.find(|reason| reason.contains("_PASSWORD"));
    assert_eq!(suspect, None);
}
