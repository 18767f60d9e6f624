//! What is taken in of the performance log.

use rstest::rstest;
use serde_json::json;

use super::*;

const FRAME: &str = "F";

fn event(method: &str, params: &Value) -> String {
    json!({"message": {"method": format!("Network.{method}"), "params": params}}).to_string()
}

fn asked(id: &str, loader: &str, kind: &str, path: &str) -> String {
    let url = format!("https://example.okta.com{path}");
    event(
        "requestWillBeSent",
        &json!({"requestId": id, "loaderId": loader, "type": kind, "wallTime": 1.5,
                "request": {"url": url}}),
    )
}

fn answered(id: &str, loader: &str, kind: &str, status: u16) -> String {
    event(
        "responseReceived",
        &json!({"requestId": id, "loaderId": loader, "type": kind, "frameId": FRAME,
                "response": {"status": status}}),
    )
}

fn finished(id: &str) -> String {
    event("loadingFinished", &json!({"requestId": id}))
}

const RESET: &str = "net::ERR_CONNECTION_RESET";

fn failed(id: &str, error: &str) -> String {
    event(
        "loadingFailed",
        &json!({"requestId": id, "errorText": error}),
    )
}

fn page(loader: &str) -> Vec<String> {
    let parts = [
        asked(loader, loader, "Document", "/authorize"),
        answered(loader, loader, "Document", 200),
        finished(loader),
    ];
    parts.into()
}

fn traffic(messages: &[Vec<String>]) -> Traffic {
    let mut traffic = Traffic::default();
    for message in messages.concat() {
        traffic.take(&message, FRAME, 0.0);
    }
    traffic
}

fn last(messages: &[Vec<String>]) -> Last {
    traffic(messages).last(|_| true)
}

#[test]
fn the_last_answer_of_the_sign_in_api_is_found() {
    let messages = [
        page("L"),
        vec![
            asked("1", "L", "Fetch", "/api/v1/authn/introspect"),
            finished("1"),
        ],
        vec![
            asked("2", "L", "Fetch", "/api/v1/authn/identify"),
            answered("2", "L", "Fetch", 401),
            finished("2"),
            asked("3", "L", "Fetch", "/telemetry"),
        ],
    ];
    let Last::Answer(request) = last(&messages) else {
        panic!("{:?}", last(&messages))
    };
    assert_eq!((request.id.as_str(), request.status), ("2", 401));
    assert!((request.asked_at - 1500.0).abs() < f64::EPSILON);
    assert!(traffic(&messages).under_way().is_some());
}

#[test]
fn what_another_page_was_answered_is_nothing() {
    let before = vec![
        asked("1", "K", "Fetch", "/api/v1/authn/identify"),
        finished("1"),
    ];
    let messages = [page("K"), before, page("L")];
    assert!(matches!(last(&messages), Last::Nothing));
    assert_eq!(traffic(&messages).under_way(), None);
}

#[test]
fn an_answer_of_an_origin_that_is_not_trusted_is_not_believed() {
    let asking = vec![asked("1", "L", "XHR", "/api/v1/authn"), finished("1")];
    let traffic = traffic(&[page("L"), asking]);
    assert!(matches!(traffic.last(|_| false), Last::Nothing));
    assert!(matches!(traffic.last(|_| true), Last::Answer(_)));
}

#[test]
fn a_request_is_under_way_until_it_is_answered_or_breaks_off() {
    let asking = vec![asked("1", "L", "Fetch", "/api/v1/authn/identify")];
    assert!(matches!(
        last(&[page("L"), asking.clone()]),
        Last::Pending { .. }
    ));
    let broken = last(&[page("L"), asking, vec![failed("1", RESET)]]);
    assert!(matches!(broken, Last::Broken(reason) if reason.contains("CONNECTION_RESET")));
}

/// What comes again and again, such as news of a push, may be long under way.
#[test]
fn what_was_said_before_an_answer_that_is_to_come_is_kept() {
    let answered = |id, path| vec![asked(id, "L", "Fetch", path), finished(id)];
    let poll = vec![asked("2", "L", "Fetch", "/api/v1/authn/factors/1/verify")];
    let said = [page("L"), answered("1", "/api/v1/authn"), poll];
    let Last::Pending { request, before } = last(&said) else {
        panic!("{:?}", last(&said))
    };
    let before = before.map(|before| before.id);
    assert_eq!((request.as_str(), before.as_deref()), ("2", Some("1")));
}

#[rstest]
#[case::the_first_time(0, true)]
#[case::a_few_times(NEWS - 1, true)]
#[case::again_and_again(NEWS, false)]
fn what_is_asked_again_and_again_is_not_waited_for(#[case] times: usize, #[case] expected: bool) {
    let ask = |number: usize| {
        asked(
            &format!("{number}"),
            "L",
            "Fetch",
            &format!("/news?{number}"),
        )
    };
    let answered = (0..times).flat_map(|number| [ask(number), finished(&format!("{number}"))]);
    let traffic = traffic(&[page("L"), answered.collect(), vec![ask(times)]]);
    assert_eq!(traffic.under_way().is_some(), expected);
}

/// A password is sent by another method than that which only reads.
#[rstest]
#[case::reads("GET", true)]
#[case::sends("POST", false)]
fn what_sends_something_is_told_from_what_reads(#[case] method: &str, #[case] reads: bool) {
    let request = json!({"requestId": "1", "loaderId": "L", "type": "Fetch", "wallTime": 1.5,
        "request": {"url": "https://example.com/", "method": method}});
    let asking = vec![event("requestWillBeSent", &request)];
    assert_eq!(traffic(&[page("L"), asking]).only_reads(), reads);
}

fn dialog(kind: &str, says: &str) -> String {
    let params = json!({"type": kind, "message": says});
    json!({"message": {"method": "Page.javascriptDialogOpening", "params": params}}).to_string()
}

#[test]
fn what_a_page_said_in_a_dialog_is_told_from_then_on_and_of_that_page_alone() {
    let mut traffic = traffic(&[page("L")]);
    traffic.take(&dialog("alert", "Hello"), FRAME, 5.0);
    traffic.take(&dialog("confirm", "Leave?"), FRAME, 8.0);
    traffic.take(&dialog("alert", " No such user "), FRAME, 9.0);
    let alerts: Vec<_> = traffic.alerts_since(7.0).collect();
    assert_eq!(alerts, ["No such user"]);
    for message in page("M") {
        traffic.take(&message, FRAME, 10.0);
    }
    assert_eq!(traffic.alerts_since(0.0).count(), 0);
    assert!(!traffic.asks_since(0.0), "another page asked");
}

#[rstest]
#[case::a_question("confirm", 8.0, true)]
#[case::for_words("prompt", 8.0, true)]
#[case::before("confirm", 9.0, false)]
#[case::told("alert", 8.0, false)]
#[case::whether_to_leave("beforeunload", 8.0, false)]
fn a_dialog_that_asks_is_told_from_others(
    #[case] kind: &str,
    #[case] then: f64,
    #[case] asks: bool,
) {
    let mut traffic = traffic(&[page("L")]);
    traffic.take(&dialog(kind, "Sure?"), FRAME, 8.0);
    assert_eq!(traffic.asks_since(then), asks);
}

/// The browser gives up a page that never comes.
#[rstest]
#[case::never(0, Some(Instead::Never))]
#[case::broken_off(200, Some(Instead::File))]
fn a_page_that_never_comes_is_told(#[case] status: u16, #[case] expected: Option<Instead>) {
    let mut next = vec![asked("M", "M", "Document", "/never")];
    if status > 0 {
        next.push(answered("M", "M", "Document", status));
    }
    next.push(failed("M", "net::ERR_ABORTED"));
    assert_eq!(traffic(&[page("L"), next]).instead_since(0.0), expected);
}

/// A frame that never comes keeps nobody waiting, and is no page.
#[rstest]
#[case::of_the_page(FRAME, true)]
#[case::of_a_frame("G", false)]
fn a_document_is_the_next_page_where_the_tab_itself_asks(
    #[case] frame: &str,
    #[case] is_under_way: bool,
) {
    let request = json!({"requestId": "M", "loaderId": "M", "type": "Document",
        "frameId": frame, "wallTime": 1.5, "request": {"url": "https://example.com/"}});
    let asking = vec![event("requestWillBeSent", &request)];
    let traffic = traffic(&[page("L"), asking]);
    assert_eq!(traffic.under_way().is_some(), is_under_way);
    assert_eq!(traffic.is_page_under_way(), is_under_way);
}

#[test]
fn what_came_in_place_of_a_page_is_told() {
    let asked = asked("L", "L", "Document", "/authorize");
    let broken = traffic(&[vec![asked.clone(), failed("L", RESET), finished("L")]]);
    let reason = broken.page_failure();
    assert_eq!(reason.as_deref(), Some("net::ERR_CONNECTION_RESET"));
    assert_eq!(broken.instead_of_page(), None, "nothing was answered");
    let aborted = failed("L", "net::ERR_ABORTED");
    let came = |status| vec![answered("L", "L", "Document", status), aborted.clone()];
    let instead = |status| traffic(&[vec![asked.clone()], came(status)]).instead_of_page();
    assert_eq!(instead(200), Some(Instead::File));
    assert_eq!(instead(204), Some(Instead::Nothing));
    assert_eq!(traffic(&[page("L")]).instead_of_page(), None);
    assert_eq!(traffic(&[page("L")]).page_failure(), None);
}

#[test]
fn an_app_that_the_browser_was_sent_to_is_told_once() {
    let url = "com.example.app:/callback?state=s";
    let sent = event(
        "requestWillBeSent",
        &json!({"requestId": "L", "loaderId": "L", "type": "Document", "wallTime": 1.5,
                "frameId": FRAME, "request": {"url": url, "urlFragment": "#a=b"}}),
    );
    let arrivals = |awaited: &str| {
        let mut traffic = Traffic::default();
        traffic.await_page(&Url::parse(awaited).expect("a URL"));
        for message in [page("K"), vec![sent.clone()]].concat() {
            traffic.take(&message, FRAME, 0.0);
        }
        [traffic.take_arrival(), traffic.take_arrival()]
    };
    let [found, again] = arrivals("com.example.app:/callback");
    assert_eq!(found.map(String::from), Some(format!("{url}#a=b")));
    assert_eq!(again, None);
    assert_eq!(arrivals("app:/callback"), [None, None]);
}

/// The page at the redirect URI may redirect, or lead on by a script.
#[test]
fn the_answer_is_kept_where_the_page_that_it_came_to_leads_on() {
    let at = |path: &str, fragment: &str| {
        let url = format!("https://example.okta.com{path}");
        let request = json!({"requestId": "L", "loaderId": "L", "type": "Document",
            "frameId": FRAME, "wallTime": 1.5,
            "request": {"url": url, "urlFragment": fragment}});
        event("requestWillBeSent", &request)
    };
    let mut traffic = Traffic::default();
    let awaited = "https://example.okta.com/callback";
    traffic.await_page(&Url::parse(awaited).expect("a URL"));
    for message in [
        at("/callback", "#a=b"),
        at("/callback", ""),
        at("/home", ""),
    ] {
        traffic.take(&message, FRAME, 0.0);
    }
    let found = traffic.take_arrival().map(String::from);
    assert_eq!(found, Some(format!("{awaited}#a=b")));
}

/// In place of a page after something was submitted.
#[rstest]
#[case::before(2000.0, None)]
#[case::since(1000.0, Some(Instead::Nothing))]
#[case::nothing_was_submitted(0.0, Some(Instead::Nothing))]
fn what_came_in_place_of_the_next_page_is_told(
    #[case] acted_at: f64,
    #[case] expected: Option<Instead>,
) {
    let next = vec![
        asked("M", "M", "Document", "/answer"),
        answered("M", "M", "Document", 204),
    ];
    assert_eq!(
        traffic(&[page("L"), next]).instead_since(acted_at),
        expected
    );
}

#[test]
fn a_page_that_came_with_the_order_to_go_on_is_told() {
    let answered = |headers: &Value| {
        let came = json!({"requestId": "L", "loaderId": "L", "type": "Document",
            "frameId": FRAME, "response": {"status": 200, "headers": headers}});
        vec![event("responseReceived", &came)]
    };
    let goes_on = |headers: &Value| traffic(&[answered(headers)]).goes_on();
    assert!(goes_on(&json!({"refresh": "2; url=/next"})));
    assert!(
        goes_on(&json!({"CF-Mitigated": "challenge"})),
        "a check of the browser"
    );
    assert!(goes_on(&json!({"Refresh": "2"})), "to itself");
    assert!(!goes_on(&json!({"Refresh": "300"})), "in a long while");
    assert!(!goes_on(&json!({"location": "/next?url=1"})));
    let both = [answered(&json!({"Refresh": "2; url=/next"})), page("M")];
    assert!(!traffic(&both).goes_on(), "another page");
}

#[test]
fn a_script_that_did_not_come_is_named() {
    let script = vec![asked("1", "L", "Script", "/siw.js?v=1"), failed("1", RESET)];
    let missing = traffic(&[page("L"), script]).missing_script();
    assert_eq!(missing.as_deref(), Some("example.okta.com/siw.js"));
}
