//! What comes once the password was submitted, in shapes that no page of Okta's has: whatever a
//! page says, nobody is refused by what is no answer, nothing is typed or clicked again, and a page
//! that goes on by itself is waited for.

use okta_e2e::browser::{Landing, Refusal, StopPage};
use rstest::rstest;

use super::ends::End::{self, NamedAfter, Refused, Said, SignedIn, StoppedAfter, Swallowed};
use super::ends::then;
use super::trust::hostile::Hostile;

/// A page with a form that is really sent, and what comes next.
fn and_then(above: &str, second: &str) -> String {
    format!(
        "{above}<h1>Sign in</h1>{SENDS}{{second}}{}",
        second.replace("{again}", SENDS)
    )
}

/// A form whose answer is the second page.
const SENDS: &str = "<form method='post' action='/second'><input name='username'>\
    <input name='password' type='password'><button>Sign in</button></form>";

/// What says so on every page of the org, whatever happened.
const BANNER: &str = "<div role='alert'>Access denied for contractors after six.</div>";
const BOX: &str = "<div class='alert-danger'>Your account is locked after five failures.</div>";

const REMARK: &str = "<p role='status'>Access denied? You may not be assigned to the app.</p>";

/// To the client, with tokens.
const HOME: &str = "http://client.invalid/callback#access_token=abc";

const AGAIN: &str = "asks for the password again";

#[rstest]
#[case::a_banner_that_was_there_before(
    NamedAfter(StopPage::Unknown, AGAIN),
    and_then(BANNER, &format!("{BANNER}<h1>Sign in</h1>{{again}}"))
)]
#[case::a_box_that_was_there_before(
    NamedAfter(StopPage::Unknown, AGAIN),
    and_then(BOX, &format!("{BOX}<h1>Sign in</h1>{{again}}"))
)]
#[case::a_banner_that_is_new(
    Said(Refusal::NotAllowed, "after six"),
    and_then("", &format!("{BANNER}<h1>Sign in</h1>{{again}}"))
)]
#[case::a_refusal_of_a_class(
    Refused(Refusal::Credentials),
    and_then(
        "",
        "<h1>Sign in</h1><p class='error'>Incorrect username or password.</p>{again}"
    )
)]
#[case::a_refusal_that_is_read_out(Refused(Refusal::Credentials), format!(
    "<div id='told' aria-live='assertive'></div>{}",
    then("{form}", "told.textContent = 'Incorrect username or password.';")
))]
#[case::a_refusal_in_a_dialog(
    Refused(Refusal::Credentials),
    then(
        "{form}",
        "document.body.insertAdjacentHTML('beforeend', '<div role=alertdialog>\
     <p>Incorrect username or password.</p><button>Close</button></div>');"
    )
)]
#[case::a_refusal_in_passing(
    Refused(Refusal::Credentials),
    then(
        "{form}<output></output>",
        "const [toast] = document.querySelectorAll('output'); toast.role = 'status';\
     toast.textContent = 'Incorrect username or password.';"
    )
)]
#[case::a_remark_in_passing(
    NamedAfter(StopPage::Unknown, AGAIN),
    then(
        "{form}<output role='status'></output>",
        "document.querySelector('output').textContent = 'We sent an email.'"
    )
)]
#[case::a_remark_that_was_there_before(NamedAfter(StopPage::Unknown, AGAIN), and_then(REMARK,
    &format!("{REMARK}<h1>Sign in</h1>{{again}}")
))]
#[case::a_field_that_is_wrong(
    Refused(Refusal::WrongPassword),
    then(
        "{form}<p id='what'></p>",
        "what.textContent = 'Password is incorrect'; const field = document.forms[0].password;\
     field.setAttribute('aria-invalid', 'true'); field.setAttribute('aria-describedby', 'what');"
    )
)]
#[case::a_refusal_in_words_of_its_own(
    Said(Refusal::Other, "Das war nichts"),
    and_then("", "<h1>Anmelden</h1><p class='error'>Das war nichts.</p>{again}")
)]
#[case::a_refusal_behind_a_page_that_goes_on(
    Refused(Refusal::Credentials),
    and_then(
        "",
        "<script>if (!location.search) document.write(\
     '<meta http-equiv=refresh content=\"1;url=/second?error\"><p>One moment</p>');\
     else document.write('<h1>Sign in</h1><p class=error>Incorrect username or password.</p>')\
     </script>"
    )
)]
#[case::the_form_once_more(
    NamedAfter(StopPage::Unknown, AGAIN),
    and_then("", "<h1>Sign in</h1>{again}")
)]
#[case::the_form_at_an_address_with_an_error(
    NamedAfter(StopPage::Unknown, AGAIN),
    and_then(
        "",
        "<script>if (!location.search) location = '/second?error=access_denied'</script>\
     <h1>Sign in</h1>{again}"
    )
)]
#[case::a_password_to_go_on(
    NamedAfter(StopPage::Unknown, AGAIN),
    and_then(
        "",
        "<h1>Confirm your password to continue</h1><form method='post' action='/second'>\
     <label>Password <input name='password' type='password'></label><button>Continue</button>\
     </form>"
    )
)]
#[case::a_word_of_refusal_on_a_page_that_goes_on(SignedIn, and_then("", &format!(
    "<meta http-equiv='refresh' content='2;url={HOME}'><h1>Welcome</h1>\
     <div role='alert'>Access denied? Call extension 4711.</div>"
)))]
#[case::on_by_a_script_in_a_while(SignedIn, and_then("", &format!(
    "<h1>You are signed in</h1><p>One moment, please.</p>\
     <script>setTimeout(() => {{ location = '{HOME}' }}, 2500)</script>"
)))]
#[case::on_by_a_header_in_a_while(
    SignedIn,
    and_then("", &format!("<script>location = '/refresh?{HOME}'.replace('#', '%23')</script>"))
)]
#[case::a_waiting_room(SignedIn, and_then("", &format!(
    "<h1>You are in line</h1><script>const n = Number(sessionStorage.n ?? 0);\
     sessionStorage.n = n + 1; setTimeout(() => {{ if (n < 3) location.reload();\
     else location = '{HOME}' }}, 1000)</script>"
).replace("location.reload()", "location = '/line?' + n")))]
#[case::data(
    NamedAfter(StopPage::Unknown, "no page for people"),
    and_then("", "<script>location = '/data'</script>")
)]
#[case::a_text(
    NamedAfter(StopPage::Unknown, "no page for people"),
    and_then("", "<script>location = '/text'</script>")
)]
#[case::a_file(
    StoppedAfter(StopPage::Unknown),
    and_then("", "<h1>Your file</h1><script>location = '/file'</script>")
)]
#[case::a_page_that_asks_by_http(
    StoppedAfter(StopPage::HttpError(401)),
    and_then("", "<script>location = '/by-http'</script>")
)]
#[case::maintenance(
    StoppedAfter(StopPage::HttpError(503)),
    and_then("", "<script>location = '/closed'</script>")
)]
#[case::consent(
    StoppedAfter(StopPage::Unknown),
    and_then(
        "",
        "<h1>Acme would like to see your moons</h1><form method='post' action='/clicked'>\
     <button name='a' value='no'>Deny</button><button name='a' value='yes'>Allow</button></form>"
    )
)]
#[case::terms(
    StoppedAfter(StopPage::Unknown),
    and_then(
        "",
        "<h1>Terms of use</h1><form method='post' action='/clicked'><label>\
     <input type='checkbox'> I accept</label><button>Continue</button></form>"
    )
)]
#[case::a_link_that_was_sent(
    StoppedAfter(StopPage::Unknown),
    and_then(
        "",
        "<h1>Check your mail</h1><p>We sent a link to a***@example.com.</p>\
     <form method='post' action='/clicked'><button>Send again</button></form>"
    )
)]
#[case::another_window(
    StoppedAfter(StopPage::Unknown),
    then(
        "{form}",
        "open('/second?window'); document.body.innerHTML = '<h1>Go on in the other window</h1>\
     <button onclick=\"navigator.sendBeacon(`/clicked`)\">I am done</button>';"
    )
)]
#[case::a_change_of_password(
    StoppedAfter(StopPage::Unknown),
    and_then(
        "",
        "<h1>Change your password</h1><form method='post' action='/second'>\
     <label>Current password <input name='old' type='password'></label>\
     <label>New password <input name='new' type='password'></label>\
     <label>Once more <input name='more' type='password'></label>\
     <button>Continue</button></form>"
    )
)]
#[case::a_step_that_sends_events(
    StoppedAfter(StopPage::Unknown),
    and_then(
        "",
        "<h1>One more thing</h1><button>Go on</button><script>new EventSource('/stream')</script>"
    )
)]
#[case::a_step_that_never_stops_asking(
    StoppedAfter(StopPage::Unknown),
    and_then(
        "",
        "<h1>One more thing</h1><button>Go on</button><script>fetch('/never')</script>"
    )
)]
#[case::a_warning_above_the_password(
    SignedIn,
    "<h1>Sign in</h1><form method='post' action='/next'><input name='username' \
     autocomplete='username'><button>Next</button></form>{second}<h1>Sign in</h1>\
     <p role='alert'>Unable to sign in with a passkey. Enter your password instead.</p>\
     <form method='post' action='{here}'><input type='hidden' autocomplete='username' \
     name='username'><label>Password <input name='password' type='password'></label>\
     <button>Sign in</button></form>".to_owned()
)]
#[case::a_page_in_between(SignedIn, then("{form}", &format!(
    "document.body.innerHTML = '<h1>On the way</h1><p>If nothing happens, press it.</p>\
     <button>Go on</button>'; setTimeout(() => {{ location = '{HOME}' }}, 2500);"
)))]
#[case::a_success_that_is_told(SignedIn, then("{form}", &format!(
    "document.body.innerHTML = '<h1>Example</h1><p role=alert>Signed in. On the way.</p>';\
     setTimeout(() => {{ location = '{HOME}' }}, 2500);"
)))]
#[case::a_tip_of_being_locked_out(
    StoppedAfter(StopPage::Unknown),
    and_then(
        "",
        "<h1>Example</h1><p role='status'>Never get locked out of your account again.</p>\
     <button>Add an address</button>"
    )
)]
#[case::an_answer_that_comes_late(SignedIn, then("{form}", &format!(
    "fetch('/late?/there').then(() => {{ location = '{HOME}' }});"
)))]
#[case::a_wall_that_takes_the_click(Swallowed,
    "<script>addEventListener('click', (event) => { event.preventDefault();\
     event.stopImmediatePropagation(); }, true)</script><h1>Sign in</h1>{form}".to_owned()
)]
#[tokio::test]
async fn a_visit_ends_where_it_should(#[case] end: End, #[case] page: String) {
    let org = Hostile::showing(&page).await;
    let visited = org.sign_in_patiently().await;
    end.check(&org, &visited);
    if matches!(visited.landing, Ok(Landing::Stopped { .. })) {
        visited.check_end();
    }
}
