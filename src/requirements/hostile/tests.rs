//! What no fault of the embedded API shows alone, since it lets the token in as well.

use super::*;

const MODEL: &str = include_str!("../../../fixtures/org.toml");

fn answered(status: u16) -> HostileAnswer {
    let answer = ApiAnswer::of_status(status);
    HostileAnswer {
        reaction: Reaction::Answered,
        answer: Some(answer),
        is_as_good: false,
        echoes_token: false,
        has_forbidden: false,
        fetched: None,
        leeway_seconds: None,
        slower_by: std::time::Duration::ZERO,
        afterwards: Afterwards::Good,
    }
}

fn call(id: &str) -> ApiCall {
    let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
    let endpoint = model.endpoints.first().expect("an endpoint");
    let case = exchange::hostile().find(|case| case.id == id);
    let case = case.expect("the case");
    let key = holder(&model, case.holder, endpoint);
    ApiCall::of(case, endpoint.id(), key.as_ref()).expect("a call")
}

fn code(wrong: Option<Wrong>) -> Option<&'static str> {
    Some(wrong?.code.text())
}

#[test]
fn a_refusal_after_a_fetch_is_a_finding() {
    let fetching = call("jku_at_the_suite");
    assert_eq!(code(did_as_told(&fetching, &answered(401))), None);
    let fetched = HostileAnswer {
        fetched: Some("GET /jku".to_owned()),
        ..answered(401)
    };
    let found = code(did_as_told(&fetching, &fetched));
    assert_eq!(found, Some("hostile-fetched"));
}

#[test]
fn a_success_without_the_data_is_a_finding() {
    let cookie = call("token_in_cookie");
    assert_eq!(code(wrong_status(&cookie, &answered(401), true)), None);
    let found = code(wrong_status(&cookie, &answered(200), true));
    assert_eq!(found, Some("hostile-succeeds"));
}
