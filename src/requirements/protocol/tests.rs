//! What no fault of the sandbox org shows.

use std::collections::BTreeMap;

use rstest::rstest;

use super::*;
use crate::config::Facts;
use crate::observation::{Observations, Redirected};
use crate::requirements::{Remembered, Verdict};

const MODEL: &str = include_str!("../../../fixtures/org.toml");
const ROW: &str = "a_redirect_uri_at_another_host_is_refused";

fn handing_out() -> ServerAnswer {
    ServerAnswer {
        status: 200,
        redirect: None,
        error: None,
        challenge: None,
        tells: None,
        is_inactive: false,
        hands_out: Some("code"),
    }
}

fn leading_elsewhere() -> ServerAnswer {
    ServerAnswer {
        status: 302,
        redirect: Some(Redirected {
            lands: Lands::Elsewhere,
            address: "`https://elsewhere.example/`".to_owned(),
            error: None,
            part: None,
            has_state: false,
        }),
        hands_out: None,
        ..handing_out()
    }
}

#[rstest]
#[case::handing_out(handing_out(), "protocol-hands-out")]
#[case::leading_elsewhere(leading_elsewhere(), "protocol-redirects-elsewhere")]
fn what_goes_to_nobody_is_a_required_finding(#[case] seen: ServerAnswer, #[case] code: &str) {
    let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
    let facts = Facts {
        issuer: String::new(),
        org: String::new(),
        client_id: String::new(),
        redirect_uri: model.client.redirect_uri.clone(),
        audience: String::new(),
        logins: BTreeMap::new(),
    };
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
