//! What is known again of what was typed.

use rstest::rstest;
use serde_json::json;

use super::*;

const PASSWORD: &str = "Correct horse 7!";

#[rstest]
#[case::in_the_first_part(10)]
#[case::across_the_end_of_a_part(STEP - 5)]
#[case::across_the_end_of_the_overlap(STEP + OVERLAP - 5)]
#[case::in_the_last_part(3 * STEP)]
fn a_secret_is_found_anywhere_in_a_long_text(#[case] place: usize) {
    let mut typed = Typed::default();
    typed.add(&SecretString::from(PASSWORD));
    let around = "ž".repeat(place / 2 + 1);
    let text = format!("{around}{PASSWORD}{}", "x".repeat(STEP));
    assert!(typed.is_in(&text));
    assert!(!typed.is_in(&text.replace(PASSWORD, "")));
    let longest = windows(&text).map(str::len).max();
    assert!(longest <= Some(STEP + OVERLAP + 3), "{longest:?}");
}

fn typed() -> Typed {
    let mut typed = Typed::default();
    typed.add(&SecretString::from(PASSWORD));
    typed
}

fn trusted() -> TrustedOrigins {
    let url = Url::parse("https://example.okta.com").expect("a URL");
    [&url].into_iter().collect()
}

fn message(method: &str, params: &Value) -> String {
    json!({"message": {"method": method, "params": params}, "webview": "x"}).to_string()
}

fn request(request: &Value) -> Vec<String> {
    vec![message(
        "Network.requestWillBeSent",
        &json!({ "request": request }),
    )]
}

#[rstest]
#[case::to_the_org(json!({"url": "https://example.okta.com/x", "postData": PASSWORD}), false)]
#[case::to_another(json!({"url": "https://evil.example/x", "postData": PASSWORD}), true)]
#[case::in_clear(json!({"url": "http://example.okta.com/x", "postData": PASSWORD}), true)]
#[case::as_a_form(
    json!({"url": "https://evil.example/", "postData": "u=a&p=Correct+horse+7%21"}),
    true
)]
#[case::in_an_address(json!({"url": "https://evil.example/?p=Correct+horse+7%21"}), true)]
#[case::in_the_fragment_of_a_frame(
    json!({"url": "https://evil.example/", "urlFragment": "#Correct%20horse%207!"}),
    true
)]
#[case::in_pieces(
    json!({"url": "https://evil.example/", "postDataEntries": [
        {"bytes": STANDARD.encode("Correct hor")}, {"bytes": STANDARD.encode("se 7!")},
    ]}),
    true
)]
#[case::in_a_header(
    json!({"url": "https://evil.example/", "headers": {"x-word": PASSWORD}}),
    true
)]
#[case::from_its_end(
    json!({"url": "https://evil.example/", "postData": "!7 esroh tcerroC"}),
    true
)]
#[case::in_an_address_of_the_org(
    json!({"url": "https://example.okta.com/x?p=Correct+horse+7%21"}),
    true
)]
#[case::the_first_half_alone(
    json!({"url": "https://evil.example/", "postData": "Correct h"}),
    false
)]
#[case::something_else(json!({"url": "https://evil.example/", "postData": "hello"}), false)]
#[case::nowhere(json!({"url": "data:text/html,Correct+horse+7%21"}), false)]
fn what_was_typed_is_seen_going_elsewhere(#[case] sent: Value, #[case] elsewhere: bool) {
    let found = typed().sent_elsewhere(&request(&sent), &trusted());
    assert_eq!(!found.is_empty(), elsewhere, "{found:?}");
}

/// What each of them tells is no secret alone.
#[rstest]
#[case::in_two(&["a=Correct+h", "b=orse+7%21"], true)]
#[case::in_three(&["a=Correct", "b=+horse", "c=+horse+7!"], true)]
#[case::in_too_many(&["Corr", "ect ", "hors", "e 7!"], false)]
#[case::without_an_end(&["a=Correct", "b=+horse"], false)]
fn a_secret_is_put_together_from_pieces(#[case] sent: &[&str], #[case] elsewhere: bool) {
    let messages = sent
        .iter()
        .flat_map(|body| request(&json!({"url": "https://evil.example/x", "postData": body})));
    let found = typed().sent_elsewhere(&messages.collect::<Vec<_>>(), &trusted());
    assert_eq!(!found.is_empty(), elsewhere, "{found:?}");
}

#[rstest]
#[case::in_its_address(json!({"url": "https://evil.example/#Correct%20horse%207!"}), true)]
#[case::as_its_name(json!({"url": "https://evil.example/", "windowName": PASSWORD}), true)]
#[case::of_the_org(json!({"url": "https://example.okta.com/", "windowName": PASSWORD}), false)]
fn what_another_window_is_given_is_seen(#[case] opened: Value, #[case] elsewhere: bool) {
    let messages = [message("Page.windowOpen", &opened)];
    let found = typed().sent_elsewhere(&messages, &trusted());
    assert_eq!(!found.is_empty(), elsewhere, "{found:?}");
}

/// What was sent to another host once a secret was typed, and what it was asked for before.
#[rstest]
#[case::something("POST", "https://stats.example/x", 5.0, Some("https://stats.example"))]
#[case::in_an_address(
    "GET",
    "https://stats.example/?x=1",
    5.0,
    Some("https://stats.example")
)]
#[case::a_new_host("GET", "https://new.example/a.png", 5.0, Some("https://new.example"))]
#[case::a_part_of_the_page("GET", "https://stats.example/a.png", 5.0, None)]
#[case::before("POST", "https://stats.example/x", 2.0, None)]
#[case::to_the_org("POST", "https://example.okta.com/x", 5.0, None)]
#[case::the_answer("GET", "https://app.example/callback?code=1", 5.0, None)]
fn what_cannot_be_read_is_told(
    #[case] method: &str,
    #[case] url: &str,
    #[case] at: f64,
    #[case] expected: Option<&str>,
) {
    let asking = |method: &str, url: &str, at: f64| {
        let request = json!({"method": method, "url": url});
        message(
            "Network.requestWillBeSent",
            &json!({"wallTime": at, "request": request}),
        )
    };
    let messages = [
        asking("GET", "https://stats.example/a.js", 1.0),
        asking(method, url, at),
    ];
    let redirect_uri = Url::parse("https://app.example/callback").expect("a URL");
    let found = Typed::unread(&messages, &trusted(), &redirect_uri, 4000.0);
    assert_eq!(found.first().map(String::as_str), expected);
}

#[test]
fn a_worker_is_told_by_its_script() {
    let begun = |document: &str| {
        let url = "blob:https://example.okta.com/7";
        let params = json!({"type": "Script", "documentURL": document, "wallTime": 1.0,
            "request": {"url": url, "method": "GET"}});
        let messages = [message("Network.requestWillBeSent", &params)];
        let redirect_uri = Url::parse("https://app.example/callback").expect("a URL");
        Typed::unread(&messages, &trusted(), &redirect_uri, 4000.0)
    };
    let found = Vec::from_iter(begun("blob:https://example.okta.com/7"));
    assert_eq!(found, ["a worker of https://example.okta.com"]);
    assert!(
        begun("https://example.okta.com/").is_empty(),
        "a script of the page"
    );
}

#[test]
fn what_a_socket_sends_is_told_by_where_it_leads() {
    let made = json!({"requestId": "7", "url": "wss://evil.example/socket"});
    let frame = json!({"requestId": "7", "response": {"payloadData": PASSWORD}});
    let messages = [
        message("Network.webSocketCreated", &made),
        message("Network.webSocketFrameSent", &frame),
    ];
    let found = typed().sent_elsewhere(&messages, &trusted());
    assert_eq!(Vec::from_iter(found), ["https://evil.example"]);
}

#[test]
fn texts_that_hold_a_secret_are_replaced_by_number() {
    let texts = ["Hello", "it is Correct horse 7!", ""].map(str::to_owned);
    let masks = typed().masks(&texts).expect("nothing is left");
    assert_eq!(masks.len(), 1);
    assert_eq!(masks[0].0, 1);
    assert!(!masks[0].1.contains("horse"), "{masks:?}");
}

#[test]
fn a_secret_spread_over_texts_cannot_be_masked() {
    let texts = ["Correct ho", "rse 7!"].map(str::to_owned);
    assert_eq!(typed().masks(&texts), None);
}
