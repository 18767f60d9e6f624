//! What stands before the org, and what a page asks for, is the cause of itself: nothing is said to
//! be wrong that the same run has seen to be right.

use std::collections::BTreeSet;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use okta_e2e::browser::{
    BrowserError, Evidence, Known, Landing, Refusal, StopPage, UserAgent, UserAgents, Visit,
};
use okta_e2e::model::OrgModel;
use okta_e2e::observation::Cause;
use okta_e2e::report::RecordedResult;
use okta_e2e::verification::Verified;
use okta_sandbox::Sandbox;
use rstest::rstest;

use crate::support::front::{Answer, Change, Front, Request};
use crate::support::scenario::told;
use crate::support::world::{World, file};

const FIREWALL: &str = "<!doctype html><title>Access Denied</title><p>Reference 18.2</p>";

/// A verification by the documents' own answers, of which something before the org changes some.
async fn behind(change: Change) -> Verified {
    let front = Front::start().await;
    let world = World::behind(&front).await;
    front.changes(change);
    world.verify().await
}

fn result<'a>(verified: &'a Verified, name: &str) -> &'a RecordedResult {
    let mut results = verified.record.results.iter();
    let result = results.find(|result| result.name == name);
    result.unwrap_or_else(|| panic!("there is no trial {name}"))
}

const BY_CODE: &str = "step_5_authorize::the_code_flow_gives_tokens[SILVER silver]";

/// An answer of something before the org, in place of the token endpoint's.
fn in_place_of_tokens(asked: &Request, answer: &mut Answer, status: u16, body: &str) {
    if asked.is_to("/v1/token") {
        answer.status = status;
        answer.body = body.into();
    }
}

/// RFC 6749 section 5: a token endpoint answers with JSON, and with an `error` where it refuses.
#[rstest]
#[case::a_page(
    |asked: &Request, answer: &mut Answer| in_place_of_tokens(asked, answer, 403, FIREWALL),
    "403 Forbidden with the page \"Access Denied\""
)]
#[case::a_page_of_success(
    |asked: &Request, answer: &mut Answer| in_place_of_tokens(asked, answer, 200, FIREWALL),
    "200 OK with the page \"Access Denied\""
)]
#[case::json_of_a_gateway(
    |asked: &Request, answer: &mut Answer| {
        in_place_of_tokens(asked, answer, 403, "{\"message\":\"Forbidden\"}");
    },
    "`{\"message\":\"Forbidden\"}`"
)]
#[tokio::test]
async fn what_answers_in_place_of_the_token_endpoint_is_no_step(
    #[case] change: Change,
    #[case] says: &str,
) {
    let verified = behind(change).await;
    let run = &verified.record.run;
    assert_eq!(run.exit_status, 2, "{}", run.verdict);
    let result = result(&verified, BY_CODE);
    assert_eq!(result.cause, Some(Cause::Failed), "{result:#?}");
    let told = told(&verified.record, BY_CODE);
    assert!(told.contains(says), "{told}");
    assert!(told.contains("a firewall or proxy before it"), "{told}");
    assert!(!told.contains("likely"), "{told}");
}

/// What an authorization server answers itself stays a finding, and its own errors are told.
#[tokio::test]
async fn an_error_of_okta_at_the_token_endpoint_is_told() {
    let verified = behind(|asked, answer| {
        let body = "{\"errorCode\":\"E0000006\",\"errorSummary\":\"No permission\"}";
        in_place_of_tokens(asked, answer, 403, body);
    })
    .await;
    assert_eq!(verified.record.run.exit_status, 1);
    let told = told(&verified.record, BY_CODE);
    assert!(told.contains("E0000006 No permission"), "{told}");
}

const METADATA: &str = "step_3a_authorization_server::its_metadata_names_the_issuer";

/// An answer in place of the metadata.
fn in_place_of_metadata(asked: &Request, answer: &mut Answer, server: &str, body: &str) {
    if asked.target.contains("/.well-known/o") {
        answer.status = 404;
        answer.set("server", server);
        answer.body = body.into();
    }
}

/// The org has the very server, so that nothing of it is to be changed.
#[rstest]
#[case::of_a_proxy(
    |asked: &Request, answer: &mut Answer| {
        in_place_of_metadata(asked, answer, "nginx", "<title>404 Not Found</title>");
    },
    "the page \"404 Not Found\", by `nginx`"
)]
#[case::in_the_words_of_okta(
    |asked: &Request, answer: &mut Answer| {
        let body = "{\"errorCode\":\"E0000007\",\"errorSummary\":\"Not found\"}";
        in_place_of_metadata(asked, answer, "", body);
    },
    "(Not found)"
)]
#[tokio::test]
async fn metadata_that_are_held_back_are_no_other_issuer(
    #[case] change: Change,
    #[case] says: &str,
) {
    let verified = behind(change).await;
    assert_eq!(verified.record.run.exit_status, 1);
    let told = told(&verified.record, METADATA);
    assert!(told.contains(says), "{told}");
    assert!(told.contains("of this very issuer"), "{told}");
    assert!(told.contains("none in the org"), "{told}");
    assert!(!told.contains("set OKTA_OAUTH2_ISSUER"), "{told}");
}

/// A page that every user meets in place of the sign-in, or after it.
#[derive(Clone, Copy)]
enum Page {
    Refusal,
    Terms,
    OfAFirewall,
    Blank,
}

impl Page {
    fn landing(self) -> Landing {
        let stopped = |kind, heading: &str| Landing::Stopped {
            kind,
            heading: heading.to_owned(),
            known: Known::default(),
            evidence: Evidence::default(),
        };
        match self {
            Self::Refusal => Landing::Refused {
                kind: Refusal::Other,
                text: "Prove that you are a human".to_owned(),
                known: Known::default(),
                evidence: Evidence::default(),
            },
            Self::Terms => stopped(StopPage::Unknown, "Terms of Use"),
            Self::OfAFirewall => stopped(StopPage::HttpError(403), "Access Denied"),
            Self::Blank => stopped(StopPage::Unknown, ""),
        }
    }
}

struct Meeting(Page);

struct MeetingAgent(Page, BTreeSet<String>);

impl UserAgents for Meeting {
    fn description(&self) -> &'static str {
        "agents that meet one page"
    }

    fn lend(&self) -> BoxFuture<'_, Result<Box<dyn UserAgent + '_>, BrowserError>> {
        let agent = MeetingAgent(self.0, BTreeSet::new());
        async move { Ok(Box::new(agent) as Box<dyn UserAgent + '_>) }.boxed()
    }
}

impl UserAgent for MeetingAgent {
    fn authorize<'a>(
        &'a mut self,
        _visit: &'a Visit<'a>,
    ) -> BoxFuture<'a, Result<Landing, BrowserError>> {
        let landing = self.0.landing();
        async move { Ok(landing) }.boxed()
    }

    fn passwords_submitted(&self) -> usize {
        0
    }

    fn sent_elsewhere(&self) -> Option<&BTreeSet<String>> {
        Some(&self.1)
    }
}

/// No rule was asked, and what the page says is all that there is to say; where it says nothing,
/// the likely causes are told.
#[rstest]
#[case::a_refusal_in_words_of_its_own(Page::Refusal, "Prove that you are a human", false)]
#[case::terms_of_use(Page::Terms, "the page \"Terms of Use\"", false)]
#[case::a_firewall(Page::OfAFirewall, "a firewall or proxy before it", false)]
#[case::nothing_at_all(Page::Blank, "look at the screenshot", true)]
#[tokio::test]
async fn a_page_is_the_cause_of_itself(
    #[case] page: Page,
    #[case] says: &str,
    #[case] is_guessed: bool,
) {
    let world = World::new().await;
    let verified = world.verify_with(Some(&Meeting(page))).await;
    let run = &verified.record.run;
    assert_eq!(run.exit_status, 2, "{}", run.verdict);
    let told = told(
        &verified.record,
        "step_5_authorize::the_user_gets_tokens[SILVER silver]",
    );
    assert!(told.contains(says), "{told}");
    assert!(!told.contains("rule `"), "{told}");
    assert_eq!(told.contains("likely"), is_guessed, "{told}");
}

/// What the audit shows to withhold tokens is told all the same: it may be what the page means.
#[tokio::test]
async fn a_rule_that_withholds_is_told_beside_the_words_of_a_page() {
    let (_, world) = crate::support::scenario::Scenario::broken("step-3c-no-rule").await;
    let verified = world.verify_with(Some(&Meeting(Page::Refusal))).await;
    let name = "step_5_authorize::the_user_gets_tokens[SILVER silver]";
    let told = told(&verified.record, name);
    assert!(told.contains("step 3c"), "{told}");
}

/// Another provider: who gets which scope is decided there, and an API that lets a genuine token in
/// is right.
#[tokio::test]
async fn an_api_is_not_blamed_for_what_another_provider_gave() {
    let path = file("fixtures/org.toml");
    let text = std::fs::read_to_string(&path).expect("the model");
    let model = OrgModel::parse(&path, &format!("provider = \"generic\"\n{text}"));
    let model = model.expect("a model");
    let world = World::of_model(model, Sandbox::builder()).await;
    world.set_faults(Some("grant-everything"), None);
    let verified = world.verify().await;
    let denial = "step_5_authorize::the_user_is_denied_the_scopes[SILVER gold]";
    let fix = told(&verified.record, denial);
    assert!(fix.contains("which users may have which scopes"), "{fix}");
    let access = told(&verified.record, "access::silver_is_refused_moons[gold]");
    assert!(access.contains("none at the API"), "{access}");
    let causes = okta_e2e::report::causes(&verified.record.results);
    let required = causes.iter().filter(|cause| cause[0].is_required());
    assert_eq!(required.count(), 1, "{causes:#?}");
}
