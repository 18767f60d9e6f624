//! What no fault of the embedded API shows alone, since it lets the token in as well.

use rstest::rstest;

use super::*;
use crate::observation::Data;

const MODEL: &str = include_str!("../../../fixtures/org.toml");

fn answered(status: u16) -> HostileAnswer {
    let answer = ApiAnswer::of_status(status);
    HostileAnswer {
        reaction: Reaction::Answered,
        answer: Some(answer),
        is_as_good: false,
        is_of_another: false,
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

/// Where the model does not say what the endpoint answers, another success may be its data: only an
/// error in the body is certainly none.
#[rstest]
#[case::refused(401, Data::Absent, true, false)]
#[case::another_body(200, Data::Absent, true, true)]
#[case::an_error(200, Data::Error, true, true)]
#[case::of_an_unknown_answer(200, Data::Absent, false, false)]
#[case::an_error_for_an_unknown_answer(200, Data::Error, false, true)]
fn a_success_without_the_data_is_a_finding(
    #[case] status: u16,
    #[case] data: Data,
    #[case] is_told: bool,
    #[case] is_found: bool,
) {
    let mut seen = answered(status);
    seen.answer.as_mut().expect("an answer").data = data;
    let found = code(wrong_status(&call("token_in_cookie"), &seen, is_told));
    assert_eq!(found, is_found.then_some("hostile-succeeds"));
}

fn late() -> Trouble {
    Trouble::Late("no answer".to_owned())
}

fn gone() -> Trouble {
    Trouble::Gone("connection refused".to_owned())
}

/// A busy machine is late as well: only one that answers nothing at all is taken away.
#[rstest]
#[case::late(Afterwards::Recovered(late()), false)]
#[case::back(Afterwards::Recovered(gone()), true)]
#[case::silent(Afterwards::Stayed(late()), true)]
#[case::dead(Afterwards::Stayed(gone()), true)]
#[case::blocked(Afterwards::Stayed(Trouble::Refused(403)), false)]
fn to_be_late_is_not_to_be_dead(#[case] afterwards: Afterwards, #[case] is_dead: bool) {
    let seen = HostileAnswer {
        afterwards,
        ..answered(401)
    };
    let finds = is_dead.then_some("hostile-took-the-api");
    assert_eq!(code(died(&call("two_segments"), &seen)), finds);
}

#[test]
fn a_late_answer_to_a_good_token_is_told() {
    let late = || HostileAnswer {
        afterwards: Afterwards::Recovered(Trouble::Late("no answer within 10 s".to_owned())),
        ..answered(401)
    };
    let holds = holds(&call("two_segments"), &late(), true).expect("it was looked at");
    assert!(format!("{holds:?}").contains("answered late"), "{holds:?}");
    let silent = HostileAnswer {
        reaction: Reaction::Silent(10),
        ..late()
    };
    let hung = hung(&call("two_segments"), &silent).expect("it is found");
    assert!(hung.what.contains("a late one"), "{}", hung.what);
    assert_eq!(hung.weight, Some(Severity::Advised));
}

/// RFC 9112 section 2.2: a line that ends with a line feed alone may be taken for one that goes on.
#[rstest]
#[case::may_go_on("anonymous_line_feeds_alone", None)]
#[case::is_whole("anonymous_without_host", Some("hostile-unanswered"))]
fn a_request_that_may_go_on_may_be_waited_for(#[case] id: &str, #[case] finds: Option<&str>) {
    let silent = HostileAnswer {
        reaction: Reaction::Silent(10),
        answer: None,
        ..answered(0)
    };
    assert_eq!(code(hung(&call(id), &silent)), finds);
    let holds = holds(&call(id), &silent, true).expect("it was looked at");
    assert!(format!("{holds:?}").contains("waits for more"), "{holds:?}");
}
