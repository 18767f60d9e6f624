//! What the authorize URL answers in place of a sign-in page is told as it came: who answered, with
//! what, and that the password is no suspect where nobody spoke against it.

use std::collections::BTreeSet;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use okta_e2e::browser::{
    BrowserError, Evidence, Known, Landing, Refusal, StopPage, UserAgent, UserAgents, Visit,
};
use okta_e2e::report::RecordedResult;
use okta_e2e::verification::Verified;
use rstest::rstest;
use url::Url;

use crate::support::agent::HttpAgents;
use crate::support::world::World;

/// What comes where a browser asks.
type Answers = fn(&Url) -> Landing;

/// Agents to whom the org answers so in the implicit flow, and as ever in the code flow.
struct Answering {
    to_implicit: Answers,
    /// Whether a password was typed before.
    has_typed: bool,
    inner: HttpAgents,
}

struct AnsweringAgent<'a> {
    to_implicit: Answers,
    has_typed: bool,
    passwords: usize,
    inner: Box<dyn UserAgent + 'a>,
}

impl UserAgents for Answering {
    fn description(&self) -> &'static str {
        "agents to whom the org answers otherwise"
    }

    fn lend(&self) -> BoxFuture<'_, Result<Box<dyn UserAgent + '_>, BrowserError>> {
        async {
            let inner = self.inner.lend().await?;
            Ok(Box::new(AnsweringAgent {
                to_implicit: self.to_implicit,
                has_typed: self.has_typed,
                passwords: 0,
                inner,
            }) as Box<dyn UserAgent + '_>)
        }
        .boxed()
    }
}

impl UserAgent for AnsweringAgent<'_> {
    fn authorize<'a>(
        &'a mut self,
        visit: &'a Visit<'a>,
    ) -> BoxFuture<'a, Result<Landing, BrowserError>> {
        let mut parameters = visit.url.query_pairs();
        if parameters.any(|(name, value)| name == "response_type" && value.contains("token")) {
            self.passwords += usize::from(self.has_typed);
            let landing = (self.to_implicit)(visit.url);
            return async { Ok(landing) }.boxed();
        }
        self.inner.authorize(visit)
    }

    fn passwords_submitted(&self) -> usize {
        self.passwords + self.inner.passwords_submitted()
    }

    fn sent_elsewhere(&self) -> Option<&BTreeSet<String>> {
        self.inner.sent_elsewhere()
    }
}

async fn verify(to_implicit: Answers) -> Verified {
    verify_typing(false, to_implicit).await
}

async fn verify_typing(has_typed: bool, to_implicit: Answers) -> Verified {
    let agents = Answering {
        to_implicit,
        has_typed,
        inner: HttpAgents,
    };
    World::new().await.verify_with(Some(&agents)).await
}

fn result<'v>(verified: &'v Verified, id: &str) -> &'v RecordedResult {
    let name = format!("step_5_authorize::{id}[SILVER silver]");
    let mut results = verified.record.results.iter();
    results.find(|result| result.name == name).expect("a trial")
}

fn reason(verified: &Verified) -> &str {
    let result = result(verified, "the_user_gets_tokens");
    result.reason.as_deref().expect("a reason")
}

fn page() -> Evidence {
    Evidence {
        url: "https://idp.example.com/authorize?state=abc".to_owned(),
        title: "Sorry".to_owned(),
        ..Evidence::default()
    }
}

fn stopped(kind: StopPage, heading: &str) -> Landing {
    Landing::Stopped {
        kind,
        heading: heading.to_owned(),
        known: Known::default(),
        evidence: page(),
    }
}

#[tokio::test]
async fn a_refused_request_is_told_by_whom_and_the_other_flow_is_tried() {
    let verified = verify(|_| {
        stopped(
            StopPage::HttpError(400),
            "unsupported response_type requested",
        )
    })
    .await;
    let told = reason(&verified);
    let parts = [
        "Sorry at https://idp.example.com/authorize)",
        "answers 400 to the authorize URL",
        "says \"unsupported response_type requested\"",
        "OKTA_OAUTH2_ISSUER",
    ];
    for part in parts {
        assert!(told.contains(part), "no `{part}` in: {told}");
    }
    assert!(!told.contains("not tried again"), "{told}");
    assert!(result(&verified, "the_code_flow_gives_tokens").is_met());
}

#[tokio::test]
async fn an_org_that_fails_is_asked_by_no_other_request() {
    let verified = verify(|_| stopped(StopPage::HttpError(500), "")).await;
    assert!(reason(&verified).contains("not tried again"));
    assert!(!result(&verified, "the_code_flow_gives_tokens").is_met());
}

#[rstest]
#[case::enrolment(|_: &Url| stopped(StopPage::Enrolment, "Set up security methods"))]
#[case::second_factor(|_: &Url| stopped(StopPage::SecondFactor, "Verify it's you"))]
#[case::expired_password(|_: &Url| stopped(StopPage::ExpiredPassword, "Your password has expired"))]
#[case::a_policy(|_: &Url| refused(Refusal::Other, "Your device does not meet the requirements"))]
#[tokio::test]
async fn a_password_that_nobody_spoke_against_is_no_suspect(#[case] landing: Answers) {
    let verified = verify(landing).await;
    let results = verified.record.results.iter();
    let reasons = results.filter_map(|result| result.reason.as_ref());
    let suspects: Vec<&String> = reasons
        .filter(|reason| {
            reason.contains("_PASSWORD") || reason.contains("another login or password")
        })
        .collect();
    assert_eq!(suspects, Vec::<&String>::new());
}

fn refused(kind: Refusal, text: &str) -> Landing {
    Landing::Refused {
        kind,
        text: text.to_owned(),
        known: Known::default(),
        evidence: page(),
    }
}

/// A heading with a text below it, as Okta's device assurance has it.
#[tokio::test]
async fn the_lines_of_a_refusal_are_told_one_behind_the_other() {
    let verified = verify(|_| {
        let text = "Your device does not meet the requirements\n Update it\n";
        refused(Refusal::Other, text)
    })
    .await;
    let results = verified.record.results.iter();
    let told = results.filter_map(|result| result.reason.as_ref().or(result.actual.as_ref()));
    let of_it: Vec<&String> = told.filter(|told| told.contains("Update it")).collect();
    assert!(!of_it.is_empty());
    for told in of_it {
        assert!(told.contains("requirements / Update it"), "{told}");
    }
}

/// The endpoint's own page, which has no heading: the user has signed in, and the request is wrong.
#[tokio::test]
async fn a_request_that_is_refused_once_the_user_has_signed_in_is_no_matter_of_the_password() {
    let verified = verify_typing(true, |asked| Landing::Stopped {
        kind: StopPage::HttpError(400),
        heading: "Authorization interface".to_owned(),
        known: Known::default(),
        evidence: Evidence {
            url: asked.to_string(),
            title: "Authorization interface".to_owned(),
            text: "Bad request\n\n  The scope is wrong\n".to_owned(),
            ..Evidence::default()
        },
    })
    .await;
    let told = reason(&verified);
    assert!(
        told.contains("answers 400 to the authorize URL once SILVER has signed in"),
        "{told}"
    );
    assert!(
        told.contains("says \"Bad request / The scope is wrong\""),
        "{told}"
    );
    assert!(!told.contains("PASSWORD"), "{told}");
}

/// Whoever stands before the form may well speak of what was sent with it.
#[tokio::test]
async fn a_refusal_of_the_form_may_be_a_matter_of_the_password() {
    let verified = verify_typing(true, |_| stopped(StopPage::HttpError(403), "Forbidden")).await;
    let told = reason(&verified);
    assert!(
        told.contains("403 came after the password of SILVER"),
        "{told}"
    );
}
