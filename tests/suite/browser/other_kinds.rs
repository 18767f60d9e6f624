//! What companies put before a sign-in, or make of its form: each row says first where a visit
//! ends, and then shows the page.
//!
//! Whatever the page, the password goes to the org alone, of the user whom it is asked of, in no
//! address, and by the button that signs in.

use okta_e2e::browser::{Danger, Refusal, StopPage};
use rstest::rstest;

use super::ends::End::{self, Named, NamedAfter, NotTaken, Refused, SignedIn, Stopped, Untrusted};
use super::ends::{FORM, then};
use super::trust::hostile::Hostile;

const BOTH: &str = "<input name='username'><input name='password' type='password'>";
const ALONE: &str = "<label>Password <input name='password' type='password'></label>";
const ANOTHER: &str = "another user";
const WHOSE: &str = "whose";

/// A form with these fields, and a button that says it signs in.
fn form(inside: &str) -> String {
    format!(
        "<h1>Sign in</h1><form method='post' action='{{here}}'>{inside}<button>Sign in</button>\
         </form>"
    )
}

/// A form that asks for the name, and the page that comes after it.
fn after_the_name(next: &str) -> String {
    format!(
        "<h1>Sign in</h1><form method='post' action='/next'>\
         <input name='username' autocomplete='username'><button>Next</button></form>\
         {{second}}{next}"
    )
}

/// A page that is another one when it comes for the third time.
fn at_the_third_time(before: &str, then: &str) -> String {
    format!(
        "<body></body><template>{before}</template><template>{then}</template><script>\
         sessionStorage.n = Number(sessionStorage.n ?? 0) + 1;\
         const [first, last] = document.querySelectorAll('template');\
         document.body.append((sessionStorage.n < 3 ? first : last).content)</script>"
    )
}

// Where it would be seen, or go elsewhere.
#[rstest]
#[case::a_form_without_a_method(
    Untrusted(Danger::Address),
    form(BOTH).replace("method='post'", "")
)]
#[case::an_address_made_by_a_script(
    Untrusted(Danger::Address),
    format!(
        "{}<script>document.forms[0].onsubmit = (event) => {{ event.preventDefault();\
         location = '/x?' + new URLSearchParams(new FormData(event.target)) }}</script>",
        form(BOTH)
    )
)]
#[case::another_action_as_it_is_sent(
    Untrusted(Danger::Form),
    format!(
        "{}<script>document.forms[0].onsubmit = ({{ target }}) => {{ \
         target.action = '{{elsewhere}}/login' }}</script>",
        form(BOTH)
    )
)]
// Whose password is asked for.
#[case::a_password_of_the_whole_site(
    Named(StopPage::Unknown, WHOSE),
    format!(
        "<h1>This site is protected</h1><form method='post' action='{{here}}'>{ALONE}\
         <button>Continue</button></form>"
    )
)]
#[case::a_name_that_nobody_can_see(
    Named(StopPage::Unknown, WHOSE),
    format!(
        "{}<script>document.querySelector('x-name').attachShadow({{ mode: 'closed' }}).innerHTML\
         = '<label>User name <input name=username></label>'</script>",
        form(&format!("<x-name></x-name>{ALONE}"))
    )
)]
#[case::a_name_in_a_text_of_many_lines(
    Stopped(StopPage::Unknown),
    form(&format!("<label>User name <textarea name='username'></textarea></label>{ALONE}"))
)]
#[case::a_hidden_name_of_another(
    Named(StopPage::AnotherForm, ANOTHER),
    form(&format!("<input type='hidden' name='username' value='bob@example.com'>{ALONE}"))
)]
#[case::another_name_after_the_name(
    Named(StopPage::AnotherForm, ANOTHER),
    after_the_name(&form(&format!(
        "<input name='username' value='bob@example.com' readonly>{ALONE}"
    )))
)]
#[case::a_company_after_the_name(
    Stopped(StopPage::Unknown),
    after_the_name(&form(&format!("<label>Company <input name='company'></label>{ALONE}")))
)]
#[case::a_password_that_something_else_names(
    SignedIn,
    after_the_name(&form(
        "<p id='called'>Password</p><input type='password' name='password' \
         aria-labelledby='called'>"
    ))
)]
// What is no password.
#[case::a_pin_in_a_table(
    Stopped(StopPage::Unknown),
    form(
        "<table><tr><td>User name</td><td><input name='username'></td></tr>\
         <tr><td>PIN</td><td><input type='password' name='secret'></td></tr></table>"
    )
)]
#[case::an_answer_in_dots(
    Stopped(StopPage::Unknown),
    form(
        "<input name='username'><label>Mother\u{2019}s maiden name \
         <input type='password' name='secret'></label>"
    )
)]
// Which button is the one.
#[case::a_button_of_a_language(
    SignedIn,
    form(&format!(
        "<select name='language'><option value='en'>English</select>\
         <button formaction='/clicked'>Go</button>{BOTH}"
    ))
)]
#[case::a_button_of_cookies(
    SignedIn,
    "<h1>Anmelden</h1><form method='post' action='{here}'><p>Cookies</p>\
     <button formaction='/clicked'>OK</button><input name='username' autocomplete='username'>\
     <input name='password' type='password' autocomplete='current-password'>\
     <button>Anmelden</button></form>".to_owned()
)]
#[case::a_button_that_is_folded_away(
    SignedIn,
    format!(
        "<h1>Sign in</h1><form method='post' action='{{here}}'><div id='one'>\
         <input name='username'><button type='button' id='next'>Next</button></div>\
         <div id='two' style='height:0;overflow:hidden'>{ALONE}<button>Sign in</button></div>\
         </form>\
         <script>next.onclick = () => {{ one.style.display = 'none';\
         two.style.height = 'auto' }}</script>"
    )
)]
// What a form is not sent without, or does not take.
#[case::terms_outside_of_the_form(
    Stopped(StopPage::Unknown),
    format!(
        "{}<label><input type='checkbox' required form='it'> I accept</label>",
        form(BOTH).replace("<form", "<form id='it'")
    )
)]
#[case::a_company_that_is_not_chosen(
    Stopped(StopPage::Unknown),
    form(&format!(
        "<select name='realm'><option value=''>Your company<option>Example</select>{BOTH}"
    ))
)]
#[case::names_of_a_pattern(
    NotTaken,
    form("<input name='username' pattern='[a-z]+'><input name='password' type='password'>")
)]
// How it is drawn.
#[case::blanks_that_do_not_break(
    SignedIn,
    form(BOTH).replace("Sign in", "Sign\u{a0}in")
)]
#[case::behind_a_bar_at_the_edge(
    SignedIn,
    format!(
        "<div style='height:110vh'>Hello</div><h1>Sign in</h1>{FORM}<div style='height:60vh'></div>\
         <div style='position:fixed;inset:auto 0 0;height:20vh;background:#eee'>We use cookies \
         <button type='button'>Fine</button></div>"
    )
)]
#[case::in_a_box_that_scrolls(
    SignedIn,
    format!(
        "<div style='height:120px;overflow:auto'><h1>Sign in</h1><p style='height:200px'>\
         Please read.</p>{FORM}</div>"
    )
)]
#[case::on_a_wide_screen_alone(
    SignedIn,
    format!(
        "<style>@media (max-width: 1000px) {{ form {{ display: none }} }}</style>\
         <h1>Sign in</h1>{FORM}"
    )
)]
#[case::beside_one_that_is_filtered_away(
    SignedIn,
    format!(
        "<form method='post' action='{{elsewhere}}/login' style='filter:opacity(0)'>{BOTH}\
         <button>Sign in</button></form><h1>Sign in</h1>{FORM}"
    )
)]
// What comes before it and after it.
#[case::a_line_to_wait_in(
    SignedIn,
    at_the_third_time(
        "<meta http-equiv='refresh' content='2'><h1>You are in line</h1>",
        &format!("<h1>Sign in</h1>{FORM}")
    )
)]
#[case::pages_in_a_circle(
    Named(StopPage::Unknown, "again and again"),
    "<h1>One moment</h1><script>setTimeout(() => { location = '/x' + Math.random() }, 100)\
     </script>".to_owned()
)]
#[case::answered_with_no_content(
    NamedAfter(StopPage::Unknown, "no content"),
    form(BOTH).replace(
        "action='{here}'",
        "action='/nothing' onsubmit=\"navigator.sendBeacon('/answer', \
         new URLSearchParams(new FormData(this)))\""
    )
)]
#[case::refused_in_words_with_what_nobody_sees(
    Refused(Refusal::LockedOut),
    then(
        FORM,
        "document.body.insertAdjacentHTML('beforeend',\
         '<p role=alert>Your account\u{a0}is lo\u{200b}cked.</p>');"
    )
)]
#[case::an_alert_that_it_went_well(
    SignedIn,
    then(
        FORM,
        "document.body.insertAdjacentHTML('beforeend',\
         '<p role=alert class=alert-success>Welcome back!</p>');\
         setTimeout(() => { location = 'http://client.invalid/callback#access_token=abc' }, 2000);"
    )
)]
#[tokio::test]
async fn a_visit_ends_where_it_should(#[case] end: End, #[case] page: String) {
    let org = Hostile::showing(&page).await;
    let visited = org.sign_in_patiently().await;
    end.check(&org, &visited);
}
