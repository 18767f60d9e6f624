//! A refusal counts with what it is compared with, and without it says why it does not.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rstest::rstest;
use secrecy::SecretString;

use super::super::trial::Fix;
use super::*;
use crate::config::Facts;
use crate::observation::{
    ApiAnswer, Cause, Data, Denial, Observations, ServiceSeen, TokenAnswer, Tokens,
};
use crate::openid::{Response, TokenError};
use crate::requirements::{Code, Remembered};

const MODEL: &str = include_str!("../../../fixtures/org.toml");
const SEPARATE: &str = include_str!("../../../fixtures/org-two-separate-tiers.toml");
const CODE_ONLY: &str = include_str!("../../../fixtures/org-code-only.toml");
const ORDERS: &str = include_str!("../../../fixtures/org-orders.toml");
const SILVER: &str = "http://myapp.com/scp/silver";
const GOLD: &str = "http://myapp.com/scp/gold";
const BY: Flow = Flow::Implicit;

/// What a run saw, with the model that it is judged by.
struct Run {
    model: OrgModel,
    seen: Observations,
}

impl Run {
    fn of(model: &str) -> Self {
        Self {
            model: OrgModel::parse("org.toml".as_ref(), model).expect("the model is right"),
            seen: Observations::default(),
        }
    }

    fn key(&self, user: &str, scopes: &[&str]) -> AuthorizationKey {
        AuthorizationKey {
            user: user.to_owned(),
            request: self.model.request_for(scopes),
            flow: BY,
            details: None,
        }
    }

    fn came_to(mut self, user: &str, scopes: &[&str], outcome: Outcome) -> Self {
        let authorization = Authorization {
            url: "https://org.example/authorize".parse().expect("a URL"),
            state: String::new(),
            nonce: String::new(),
            code_verifier: None,
            started: Timestamp::UNIX_EPOCH,
            signed_in: None,
            outcome,
            by_http: None,
        };
        let key = self.key(user, scopes);
        self.seen.authorizations.insert(key, Ok(authorization));
        self
    }

    fn answered(self, user: &str, endpoint: &str, status: u16) -> Self {
        self.answered_by(user, endpoint, ApiAnswer::of_status(status))
    }

    fn answered_by(mut self, user: &str, endpoint: &str, answer: ApiAnswer) -> Self {
        let endpoint = self.model.endpoint(endpoint).expect("an endpoint");
        let positive = readers(&self.model, endpoint, BY);
        let mut keys = positive.keys(&self.model);
        let key = keys.find(|key| key.user == user).expect("a reader");
        drop(keys);
        self.seen.calls.insert(positive.call(&key), Ok(answer));
        self
    }

    /// What a refusal that holds comes to by these controls.
    fn judged(&self, controls: &Controls) -> Result<(), NotSeen> {
        self.with_context(|context| negative(context, Judgement::met(), controls).map(drop))
    }

    fn with_context<T>(&self, judge: impl FnOnce(&Context<'_>) -> T) -> T {
        let facts = Facts::of_model(&self.model);
        judge(&Context {
            model: &self.model,
            facts: &facts,
            seen: &self.seen,
            remembered: &Remembered::default(),
        })
    }

    /// Tokens for these scopes, to anybody who may have them.
    fn tokens_for(&self, scopes: &[&str]) -> Controls {
        same_scopes_granted(&self.model, &self.key("NONE", scopes))
    }

    /// The endpoint's answer to anybody who may read it.
    fn answer_of(&self, endpoint: &str) -> Controls {
        let endpoint = self.model.endpoint(endpoint).expect("an endpoint");
        Controls::of(answers_somebody(&self.model, endpoint, BY), [])
    }
}

fn given() -> Outcome {
    Outcome::Tokens {
        response: Response::default(),
        tokens: Box::new(Tokens {
            access: SecretString::from("opaque"),
            access_token: Err(TokenError::Segments(1)),
            id: None,
            id_token: None,
            refresh: None,
            token_type: None,
            expires_in: None,
            scope: None,
            received: Timestamp::UNIX_EPOCH,
            repeated: None,
        }),
    }
}

fn denied(landed: Option<&str>) -> Outcome {
    let uri = "https://app.example/callback".parse().expect("a URL");
    let response = landed.map(|landed| Response::parse(&uri, &landed.parse().expect("a URL")));
    Outcome::Denied {
        denial: Denial::Policy,
        text: "access_denied".to_owned(),
        response,
    }
}

fn reason(judged: Result<(), NotSeen>) -> Option<String> {
    judged.err().map(|why| why.reason)
}

/// Of those who may have it, one is enough, whoever else was denied or not asked.
#[rstest]
#[case::to_the_first(&[("SILVER", true)])]
#[case::to_another(&[("SILVER", false), ("GOLD", true)])]
#[case::to_one_of_those_asked(&[("GOLD", true)])]
fn what_somebody_was_given_is_a_control(#[case] users: &[(&str, bool)]) {
    let run = users.iter().fold(Run::of(MODEL), |run, (user, is_given)| {
        let outcome = if *is_given { given() } else { denied(None) };
        run.came_to(user, &[SILVER], outcome)
    });
    let judged = run.judged(&run.tokens_for(&[SILVER]));
    assert_eq!(reason(judged), None);
}

/// What nobody was given controls nothing, and the reason names one who was asked.
#[test]
fn what_nobody_was_given_proves_nothing() {
    let run = Run::of(MODEL).came_to("GOLD", &[SILVER], denied(None));
    let why = run.judged(&run.tokens_for(&[SILVER])).expect_err("denied");
    assert!(
        why.reason
            .starts_with("it is refused, but that proves nothing: GOLD"),
        "{}",
        why.reason
    );
    let symptom = why.symptom.expect("what may explain it");
    assert!(symptom.is_denial(&[Denial::Policy]));
}

#[test]
fn nothing_that_was_looked_at_proves_nothing() {
    let run = Run::of(MODEL);
    let controls = [run.tokens_for(&[SILVER]), run.answer_of("/planets")];
    for controls in controls {
        assert!(run.judged(&controls).is_err());
        assert!(run.with_context(|context| controls.hold(context)).is_err());
    }
}

/// The authorization server gave a code; what became of it is another matter.
#[rstest]
#[case::a_code("https://app.example/callback?code=c", true)]
#[case::an_error("https://app.example/callback?error=access_denied", false)]
fn a_code_is_given_whatever_becomes_of_it(#[case] landed: &str, #[case] holds: bool) {
    let run = Run::of(MODEL).came_to("GOLD", &[GOLD], denied(Some(landed)));
    assert_eq!(run.judged(&run.tokens_for(&[GOLD])).is_ok(), holds);
}

#[rstest]
#[case::success(200, true)]
#[case::no_content(204, true)]
#[case::hints(199, false)]
#[case::redirect(300, false)]
#[case::refusal(403, false)]
fn only_a_success_is_an_answer(#[case] status: u16, #[case] holds: bool) {
    let run = Run::of(MODEL).answered("SILVER", "/planets", status);
    let judged = run.judged(&run.answer_of("/planets"));
    assert_eq!(judged.is_ok(), holds);
    if let Err(why) = judged {
        let symptom = why.symptom.expect("what may explain it");
        assert!(symptom.is_about("SILVER"));
        assert!(why.reason.contains(&format!("/planets answers {status}")));
    }
}

/// The status of success says nothing there: the reason shows what does.
fn refused_in_the_body() -> ApiAnswer {
    ApiAnswer {
        data: Data::Error,
        body: Some("{\"error\":\"unauthorized\"}".to_owned()),
        ..ApiAnswer::of_status(200)
    }
}

#[test]
fn an_error_in_the_body_is_no_answer() {
    let run = Run::of(MODEL).answered_by("SILVER", "/planets", refused_in_the_body());
    let why = run.judged(&run.answer_of("/planets")).expect_err("refused");
    let body = "/planets answers 200, the body `{\"error\":\"unauthorized\"}` to a token";
    assert!(why.reason.contains(body), "{}", why.reason);
}

/// The suite's own API reads no opaque tokens: that is no refusal of the API's.
#[test]
fn a_token_that_the_own_api_cannot_read_says_so() {
    let model = MODEL.replacen("title =", "provider = \"generic\"\ntitle =", 1);
    let run = Run::of(&model);
    let key = run.key("SILVER", &[SILVER]);
    let run = run
        .came_to("SILVER", &[SILVER], given())
        .answered("SILVER", "/planets", 401);
    let why = run.judged(&run.answer_of("/planets")).expect_err("opaque");
    assert_eq!(why.cause, Cause::NotConfigured);
    assert!(
        why.reason.contains("for its own server to read"),
        "{}",
        why.reason
    );
    let status = |status| {
        run.with_context(|context| unreadable(context, &key, &ApiAnswer::of_status(status)))
    };
    assert!(status(401).is_some());
    assert!(status(403).is_none(), "a token that was read is refused");
}

/// All of several controls must hold.
#[rstest]
#[case::both(true, true, true)]
#[case::the_first(true, false, false)]
#[case::the_second(false, true, false)]
fn one_control_that_failed_is_enough(
    #[case] silver: bool,
    #[case] gold: bool,
    #[case] holds: bool,
) {
    let outcome = |is_given: bool| if is_given { given() } else { denied(None) };
    let run = Run::of(SEPARATE)
        .came_to("SILVER", &[SILVER], outcome(silver))
        .came_to("GOLD", &[GOLD], outcome(gold));
    let controls = run.tokens_for(&[SILVER, GOLD]);
    assert_eq!(run.judged(&controls).is_ok(), holds);
    let all = run.with_context(|context| controls.hold(context));
    assert_eq!(all.is_ok(), holds);
}

/// Where somebody must have them all, that is the control; where nobody may, each alone is.
#[rstest]
#[case::somebody_has_both(MODEL, &[&[SILVER, GOLD][..]])]
#[case::nobody_has_both(SEPARATE, &[&[SILVER][..], &[GOLD]])]
fn scopes_are_given_together_or_each_alone(#[case] model: &str, #[case] wanted: &[&[&str]]) {
    let run = Run::of(model);
    let controls = run.tokens_for(&[SILVER, GOLD]);
    let wanted = wanted.iter().map(|scopes| {
        let request = run.model.request_for(scopes);
        Need::Anybodys(Positive::tokens(&request, BY))
    });
    let needs: Vec<Need> = controls.needs().collect();
    assert_eq!(needs, wanted.collect::<Vec<_>>());
}

/// Without anybody who may have it there is nothing to compare with: by the model, or at all.
#[rstest]
#[case::no_user(MODEL, Cause::NotConfigured, "no test user who may have")]
#[case::no_rule(CODE_ONLY, Cause::NotApplicable, "no rule of the org model gives")]
fn what_nobody_may_have_is_no_control(
    #[case] model: &str,
    #[case] cause: Cause,
    #[case] words: &str,
) {
    let gold = "[[user]]\nname = \"GOLD\"\ngroups = [\"goldSubscribers\"]\n";
    let run = Run::of(&model.replacen(gold, "", 1));
    let controls = run.tokens_for(&[GOLD]);
    let why = run.judged(&controls).expect_err("nobody may have it");
    assert_eq!(why.cause, cause);
    assert!(why.reason.contains(words), "{}", why.reason);
}

/// What is violated is violated, whatever it is compared with.
#[test]
fn a_breach_needs_no_control() {
    let run = Run::of(MODEL);
    let breach = Judgement::not_met(
        Code::AccessGiven,
        "a refusal",
        "it is given",
        Fix::new("click", "call"),
    );
    let controls = run.tokens_for(&[SILVER]);
    let judged = run.with_context(|context| negative(context, breach, &controls));
    assert!(!judged.expect("it counts").is_met());
}

/// An endpoint for services alone is compared with its answer to one of them.
#[rstest]
#[case::given(Some(ApiAnswer::of_status(200)), None)]
#[case::refused(
    Some(ApiAnswer::of_status(403)),
    Some("/invoices answers 403 to the service")
)]
#[case::by_the_body(Some(refused_in_the_body()), Some("answers 200, the body `{\"error\""))]
#[case::not_asked(None, Some("/invoices was not asked"))]
fn an_endpoint_of_services_answers_one_of_them(
    #[case] answer: Option<ApiAnswer>,
    #[case] says: Option<&str>,
) {
    let mut run = Run::of(ORDERS);
    let (name, endpoint) = ("BILLING", "/invoices");
    let calls = answer.map(|answer| (endpoint.to_owned(), Ok(answer)));
    let none = || NotSeen::failed("not looked at");
    let seen = ServiceSeen {
        own: Err::<TokenAnswer, _>(none()),
        others: BTreeMap::new(),
        impostor: Err(none()),
        calls: calls.into_iter().collect(),
    };
    run.seen.services.insert(name.to_owned(), Ok(seen));
    let control = Control::Service {
        name: name.to_owned(),
        endpoint: endpoint.to_owned(),
    };
    let controls = Controls::of(control, []);
    assert_eq!(
        controls.needs().next(),
        Some(Need::Service(name.to_owned()))
    );
    let why = reason(run.judged(&controls));
    assert_eq!(why.is_some(), says.is_some(), "{why:?}");
    let why = why.unwrap_or_default();
    assert!(why.contains(says.unwrap_or_default()), "{why}");
}

/// What changes something is asked by the main flow's tokens alone.
#[rstest]
#[case::read("/invoices", Flow::Implicit)]
#[case::changed("POST /orders", Flow::Code)]
fn what_changes_something_is_asked_once(#[case] endpoint: &str, #[case] wanted: Flow) {
    let run = Run::of(ORDERS);
    assert_eq!(run.model.main_flow(), Flow::Code);
    let endpoint = run.model.endpoint(endpoint).expect("an endpoint");
    assert_eq!(readers(&run.model, endpoint, Flow::Implicit).flow, wanted);
}
