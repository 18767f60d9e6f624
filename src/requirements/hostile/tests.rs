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
        open_anyway: None,
        describes_data: false,
        echoes_token: false,
        shows_inside: None,
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

#[rstest]
#[case::refused(401, Data::Absent, false)]
#[case::another_body(200, Data::Absent, false)]
#[case::an_error(200, Data::Error, true)]
fn a_success_with_an_error_is_a_finding(
    #[case] status: u16,
    #[case] data: Data,
    #[case] is_found: bool,
) {
    let seen = with(status, data);
    let found = code(wrong_status(&call("token_in_cookie"), &seen));
    assert_eq!(found, is_found.then_some("hostile-succeeds"));
}

fn with(status: u16, data: Data) -> HostileAnswer {
    let mut seen = answered(status);
    seen.answer.as_mut().expect("an answer").data = data;
    seen
}

/// A success of the endpoint itself gives, whatever stands in it; one elsewhere, where it is known.
#[rstest]
#[case::refused("token_in_cookie", 401, Data::Absent, None)]
#[case::refused_by_the_body("token_in_cookie", 200, Data::Error, None)]
#[case::beside_a_refusal("token_in_cookie", 403, Data::Amid, Some(Code::HostileLetIn))]
#[case::something("token_in_cookie", 200, Data::Absent, Some(Code::HostileOpen))]
#[case::a_part("anonymous_range", 206, Data::Absent, Some(Code::HostileOpen))]
#[case::in_the_query(
    "anonymous_flags_in_the_query",
    200,
    Data::Absent,
    Some(Code::HostileOpen)
)]
#[case::by_an_older_version("anonymous_http_1_0", 200, Data::Absent, Some(Code::HostileOpen))]
#[case::elsewhere("anonymous_css_behind", 200, Data::Absent, None)]
#[case::of_another_site("anonymous_other_host", 200, Data::Absent, None)]
#[case::an_empty_answer_to_head("anonymous_head", 204, Data::Absent, None)]
#[case::of_a_preflight("preflight_evil", 200, Data::Absent, None)]
#[case::to_a_preflight("preflight_evil", 200, Data::Amid, Some(Code::HostileLetIn))]
#[case::to_a_good_token("cors_evil", 200, Data::Alone, None)]
fn an_answer_gives_or_not(
    #[case] id: &str,
    #[case] status: u16,
    #[case] data: Data,
    #[case] code: Option<Code>,
) {
    assert_eq!(given(&call(id), &with(status, data), true), code);
}

/// Header fields that describe the data are more than nothing; a page that holds none of it is none
/// of it, for who asks for a page.
#[rstest]
#[case::to_head("anonymous_head", 200, false, false, None, Some("hostile-succeeds"))]
#[case::of_no_content("anonymous_head", 204, false, false, None, None)]
#[case::described("anonymous_head", 200, true, false, Some(Code::HostileOpen), None)]
#[case::page("anonymous_page", 200, true, true, None, Some("hostile-succeeds"))]
#[case::no_page("anonymous_page", 200, true, false, Some(Code::HostileOpen), None)]
#[case::unasked("anonymous_json", 200, true, true, Some(Code::HostileOpen), None)]
fn what_tells_nothing_of_the_data_is_advised(
    #[case] id: &str,
    #[case] status: u16,
    #[case] describes_data: bool,
    #[case] is_page: bool,
    #[case] is_given: Option<Code>,
    #[case] is_wrong: Option<&str>,
) {
    let mut seen = with(status, Data::Absent);
    seen.describes_data = describes_data;
    seen.answer.as_mut().expect("an answer").is_page = is_page;
    let call = call(id);
    assert_eq!(given(&call, &seen, true), is_given);
    if is_given.is_none() {
        assert_eq!(code(wrong_status(&call, &seen)), is_wrong);
    }
}

/// What refuses nothing, and may be of another site or a part of what is protected, proves nothing.
#[rstest]
#[case::of_another_site("anonymous_other_host", Some("welcome"), true, false)]
#[case::where_the_query_leads("away_path_in_the_query", Some("welcome"), true, false)]
#[case::of_options("anonymous_options", Some(r#"{"GET":"a list"}"#), true, false)]
#[case::words_to_options("anonymous_options", Some("GET, HEAD"), true, true)]
#[case::nothing_to_options("anonymous_options", None, false, true)]
#[case::of_a_preflight("preflight_evil", Some("{}"), true, true)]
#[case::at_another_path("anonymous_css_behind", Some("body {}"), true, true)]
#[case::which_nobody_knows("anonymous_css_behind", Some("body {}"), false, false)]
fn a_success_elsewhere_holds_or_not(
    #[case] id: &str,
    #[case] body: Option<&str>,
    #[case] is_told: bool,
    #[case] is_met: bool,
) {
    let mut seen = with(200, Data::Absent);
    seen.answer.as_mut().expect("an answer").body = body.map(str::to_owned);
    assert_eq!(holds(&call(id), &seen, is_told).is_ok(), is_met);
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
