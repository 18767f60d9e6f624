//! What no fault of the sandbox org shows.

use rstest::rstest;

use super::*;
use crate::config::Facts;
use crate::exchange::Care;
use crate::observation::{Observations, Redirected};
use crate::requirements::{Remembered, Verdict};

const MODEL: &str = include_str!("../../../fixtures/org.toml");
const ROW: &str = "a_redirect_uri_at_another_host_is_refused";

fn handing_out() -> ServerAnswer {
    ServerAnswer {
        brings: ["code"].into(),
        ..ServerAnswer::of_status(200)
    }
}

fn leading_elsewhere() -> ServerAnswer {
    ServerAnswer {
        redirect: Some(Redirected {
            lands: Lands::Elsewhere,
            address: "`https://elsewhere.example/`".to_owned(),
            error: None,
            part: None,
            has_state: false,
            is_bare: false,
        }),
        ..ServerAnswer::of_status(302)
    }
}

#[rstest]
#[case::handing_out(handing_out(), "protocol-hands-out")]
#[case::leading_elsewhere(leading_elsewhere(), "protocol-redirects-elsewhere")]
fn what_goes_to_nobody_is_a_required_finding(#[case] seen: ServerAnswer, #[case] code: &str) {
    let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
    let facts = Facts::of_model(&model);
    let context = Context {
        model: &model,
        facts: &facts,
        seen: &Observations::default(),
        remembered: &Remembered::default(),
    };
    let row = exchange::protocol().find(|row| row.id == ROW);
    let judgement = breach(&context, row.expect("the row"), &seen);
    let judgement = judgement.expect("it was seen").expect("a breach");
    assert_eq!(judgement.severity, Some(Severity::Required));
    match judgement.verdict {
        Verdict::Met => panic!("it is met"),
        Verdict::NotMet(finding) => assert_eq!(finding.found.codes(), code),
    }
}

/// What is true or false in words is neither, and no sign that a token was taken.
#[rstest]
#[case::text_of_false(serde_json::json!({"active": "false"}), NO_BOOLEAN)]
#[case::number(serde_json::json!({"active": 0}), NO_BOOLEAN)]
#[case::alive(serde_json::json!({"active": true}), "it is taken")]
fn what_an_answer_says_of_a_dead_token_is_looked_at(
    #[case] told: serde_json::Value,
    #[case] says: &str,
) {
    let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
    let facts = Facts::of_model(&model);
    let context = Context {
        model: &model,
        facts: &facts,
        seen: &Observations::default(),
        remembered: &Remembered::default(),
    };
    let mut rows = exchange::protocol();
    let row = rows.find(|row| row.id == "a_made_up_token_is_not_alive");
    let seen = ServerAnswer {
        tells: told.as_object().cloned(),
        ..ServerAnswer::of_status(200)
    };
    let judgement = breach(&context, row.expect("the row"), &seen);
    match judgement.expect("it was seen").expect("a breach").verdict {
        Verdict::Met => panic!("it is met"),
        Verdict::NotMet(finding) => assert_eq!(finding.actual, format!("200: {says}")),
    }
}

fn answering(status: u16, error: Option<&str>) -> ServerAnswer {
    ServerAnswer {
        error: error.map(str::to_owned),
        ..ServerAnswer::of_status(status)
    }
}

/// A page that shows what was sent as HTML, and an answer that any page may read.
fn showing(care: Care, status: u16) -> ServerAnswer {
    ServerAnswer {
        careless: vec![care],
        ..ServerAnswer::of_status(status)
    }
}

fn refusing_silently(error: &str) -> ServerAnswer {
    ServerAnswer {
        redirect: Some(Redirected {
            lands: Lands::AtRedirectUri,
            address: "the redirect URI".to_owned(),
            error: Some(error.to_owned()),
            part: Some(crate::exchange::Part::Fragment),
            has_state: true,
            is_bare: false,
        }),
        ..answering(302, None)
    }
}

const SILENT: &str = "a_silent_request_without_a_session_is_refused";
const SECOND_STATE: &str = "a_second_state_is_refused";
const ERROR_PAGE: &str = "an_error_page_shows_a_client_id_as_text";
const READERS: &str = "no_page_elsewhere_reads_an_answer_with_cookies";
const SIGNING_OUT: &str = "nobody_is_sent_elsewhere_without_an_id_token";
const NOT_ALIVE: &str = "a_made_up_token_is_not_alive";

/// RFC 7009 section 2.2.1: a server need not end every kind of token. Okta ends those of the API.
#[rstest]
#[case::of_okta("okta", "not met")]
#[case::of_another("generic", "not seen")]
fn a_token_that_cannot_be_ended_is_no_fault_of_others(
    #[case] provider: &str,
    #[case] expected: &str,
) {
    let text = format!("provider = \"{provider}\"\n{MODEL}");
    let answer = answering(400, Some("unsupported_token_type"));
    assert_eq!(
        judged(&text, "an_access_token_is_revoked", answer),
        expected
    );
}

/// What other providers answer, where documents leave it open, and what says nothing.
#[rstest]
#[case::as_okta(SILENT, refusing_silently("login_required"), "met")]
#[case::in_other_words(SILENT, refusing_silently("interaction_required"), "met")]
#[case::otherwise(SILENT, refusing_silently("server_error"), "not seen")]
#[case::unchecked(SECOND_STATE, refusing_silently("interaction_required"), "not met")]
// A script runs in whatever page it is, and without its control too.
#[case::a_script(ERROR_PAGE, showing(Care::NoMarkup, 400), "not met")]
#[case::a_script_in_another_page(ERROR_PAGE, showing(Care::NoMarkup, 500), "not met")]
#[case::a_text(ERROR_PAGE, showing(Care::NoStore, 400), "met")]
#[case::other_readers(READERS, showing(Care::NoPagesWithCookies, 400), "not met")]
#[case::asked_whether_to_sign_out(SIGNING_OUT, answering(200, None), "met")]
#[case::a_refused_secret(NOT_ALIVE, answering(401, Some("invalid_client")), "not seen")]
#[case::a_secret_refused_without_words(NOT_ALIVE, answering(401, None), "not seen")]
#[case::another_refusal(NOT_ALIVE, answering(403, None), "not met")]
fn an_answer_is_judged_by_what_the_documents_allow(
    #[case] row: &str,
    #[case] answer: ServerAnswer,
    #[case] expected: &str,
) {
    assert_eq!(judged(MODEL, row, answer), expected);
}

/// What an answer to a row comes to, where its control was answered as it should be.
fn judged(model: &str, row: &str, answer: ServerAnswer) -> &'static str {
    let model = OrgModel::parse("org.toml".as_ref(), model).expect("the model is right");
    let row = exchange::protocol().find(|known| known.id == row);
    let key = granted(&model, model.main_flow()).next();
    let call = ServerCall::of(row.expect("the row"), key.as_ref()).expect("a call");
    let mut seen = Observations::default();
    seen.server.insert(call.clone(), Ok(answer));
    let facts = Facts::of_model(&model);
    let context = Context {
        model: &model,
        facts: &facts,
        seen: &seen,
        remembered: &Remembered::default(),
    };
    match judge(&context, &call, &[], &|| Ok(())) {
        Ok(judgement) if judgement.is_met() => "met",
        Ok(_) => "not met",
        Err(_) => "not seen",
    }
}
