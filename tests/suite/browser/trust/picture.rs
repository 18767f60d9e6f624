//! Pictures show nothing that was typed; where that cannot be had there is none, and it is said.

use okta_e2e::browser::{Evidence, Landing};
use rstest::rstest;

use super::hostile::{Hostile, PASSWORD};

/// A form that stays, and does this with the password when it is submitted.
fn showing(what: &str) -> String {
    format!(
        "<h1>Sign in</h1>{{form}}<p id='place'></p><script>\
         document.addEventListener('submit', (event) => {{ event.preventDefault();\
         const word = document.querySelector('[type=password]').value;\
         const place = document.querySelector('#place');\
         document.forms[0].remove(); {what} }})</script>"
    )
}

async fn evidence(what: &str) -> Evidence {
    let org = Hostile::showing(&showing(what)).await;
    let visited = org.sign_in().await;
    match visited.landing.expect("an end") {
        Landing::Stopped { evidence, .. } | Landing::Refused { evidence, .. } => evidence,
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case::nowhere("place.textContent = 'no';")]
#[case::in_a_text("place.textContent = 'it is ' + word;")]
#[case::in_an_address("place.textContent = location.href + '?p=' + encodeURIComponent(word);")]
#[case::in_a_field("place.innerHTML = '<input>'; place.firstChild.value = word;")]
#[case::as_a_placeholder("place.innerHTML = '<input>'; place.firstChild.placeholder = word;")]
#[case::in_a_text_area("place.innerHTML = '<textarea></textarea>'; place.firstChild.value = word;")]
#[case::in_a_shadow_tree("place.attachShadow({ mode: 'open' }).innerHTML = '<b>' + word + '</b>';")]
#[case::in_a_frame("place.innerHTML = '<iframe srcdoc=\"<p>' + word + '</p>\"></iframe>';")]
#[case::out_of_sight("place.innerHTML = '<div style=\"height:3000px\"></div>' + word;")]
#[tokio::test]
async fn what_was_typed_is_replaced_before_a_picture_is_taken(#[case] what: &str) {
    let evidence = evidence(what).await;
    assert_eq!(evidence.left_out, None);
    assert!(evidence.screenshot_png.is_some(), "{evidence:?}");
    assert!(!evidence.text.contains(PASSWORD), "{evidence:?}");
}

#[rstest]
#[case::letter_by_letter(
    "place.innerHTML = [...word].map((letter) => `<b>${letter}</b>`).join('');"
)]
#[case::by_a_style(
    "document.head.innerHTML += `<style>#place::before { content: '${word}' }</style>`;"
)]
#[case::in_a_closed_shadow_tree(
    "place.attachShadow({ mode: 'closed' }).innerHTML = '<b>' + word + '</b>';"
)]
#[case::again_and_again(
    "new MutationObserver(() => { if (place.textContent !== word) place.textContent = word; })\
     .observe(place, { subtree: true, childList: true, characterData: true });\
     place.textContent = word;"
)]
#[case::among_too_much("place.textContent = word + ' and so on'.repeat(20000);")]
#[tokio::test]
async fn no_picture_is_taken_of_what_cannot_be_replaced(#[case] what: &str) {
    let evidence = evidence(what).await;
    assert_eq!(evidence.screenshot_png, None);
    assert!(evidence.left_out.is_some(), "{evidence:?}");
}
