//! Pages of makes that are about in companies: what is drawn, named or sent in another way than a
//! form of the textbook, and what must not be done on them all the same.

use okta_e2e::browser::{Landing, Refusal, StopPage};
use rstest::rstest;

use super::ends::End::{self, Named, NamedAfter, Said, SignedIn, Stopped, StoppedAfter};
use super::trust::hostile::Hostile;

const DOUBTFUL: &str = "not known to be one to sign in with";
const SEVERAL: &str = "several forms to sign in with";
const CODE: &str = "has a field for a code";
const STAYS: &str = "stays as it is";
const BOTH: &str = "<input name='username'><input name='password' type='password'>";
const MARKED: &str = "<label>User name <input name='username' autocomplete='username'></label>\
    <label>Password <input name='password' type='password' autocomplete='current-password'></label>";
const HOME: &str = "http://client.invalid/callback#access_token=abc";

/// A form with these fields and this button.
fn form(fields: &str, button: &str) -> String {
    format!("<form method='post' action='{{here}}'>{fields}<button>{button}</button></form>")
}

/// The same for something that must not be sent.
fn other(fields: &str, button: &str) -> String {
    format!("<form method='post' action='/clicked'>{fields}<button>{button}</button></form>")
}

/// What is shown above a form with the names of the standard, whose button only goes on.
fn under(above: &str) -> String {
    format!("<title>Acme</title>{above}{}", form(MARKED, "Continue"))
}

/// A field under a name that is drawn over it, and gives it the focus.
fn floating(field: &str, name: &str) -> String {
    format!(
        "<div style='position:relative;width:300px;height:50px'><input {field} \
         style='width:100%;height:100%'><span onclick='this.previousSibling.focus()' \
         style='position:absolute;inset:0;padding:9px'>{name}</span></div>"
    )
}

/// So many fields that nobody sees.
fn unseen_fields() -> String {
    "<input name='state' style='display:none'>".repeat(250)
}

/// A page whose script does this once something was put into the password.
fn once_filled(does: &str) -> String {
    format!(
        "<h1>Sign in</h1>{}<script>const [one] = document.forms; const send = () => {{\
         const body = new URLSearchParams(new FormData(one));\
         fetch('/answer', {{ method: 'POST', body, redirect: 'manual' }}); {does} }};\
         one.onsubmit = (event) => {{ event.preventDefault(); send(); }};\
         one.password.oninput = send;</script>",
        form(BOTH, "Sign in")
    )
}

/// A form that is sent by a script, and what the page does then.
fn and(does: &str) -> String {
    once_filled(does).replace("one.password.oninput = send;", "")
}

// What a form is for, wherever that is said.
#[rstest]
#[case::in_large_letters(
    Named(StopPage::Unknown, DOUBTFUL),
    under("<p style='font-size:40px'>Delete your account</p>")
)]
#[case::in_a_heading_of_a_part(
    Named(StopPage::Unknown, DOUBTFUL),
    under("<h4>Unsubscribe and close your account</h4>")
)]
#[case::below_a_greeting(
    Named(StopPage::Unknown, DOUBTFUL),
    under("<h1>Welcome</h1><h3>Create your account</h3>")
)]
#[case::a_line_that_leads_to_the_fields(
    SignedIn,
    under("<h2>Login</h2><h5>Please enter your login and password!</h5>")
)]
#[case::the_name_of_the_company_in_large_letters(
    SignedIn,
    under("<div style='font-size:40px'>ACME Portal</div>").replace(">Acme<", ">Sign in<")
)]
#[case::fields_that_headings_name(SignedIn, format!(
    "<h1>Sign in</h1>{}",
    form(&MARKED.replace("<label>", "<h5>").replace("</label>", "</h5>"), "Continue")
))]
#[case::two_of_them(Named(StopPage::Unknown, SEVERAL), format!(
    "<h1>Sign in</h1><h2>Customers</h2>{}<h2>Employees</h2>{}",
    form(MARKED, "Sign in"),
    other(MARKED, "Sign in")
))]
#[case::beside_a_letter_that_has_the_same_word(SignedIn, format!(
    "<h1>Inloggen</h1>{}<h2>Nieuwsbrief</h2>{}",
    form(MARKED, "Inloggen"),
    other("<label>E-mail <input type='email' name='email'></label>", "Aanmelden")
))]
// How it is drawn.
#[case::a_name_over_each_field(SignedIn, format!("<h1>Sign in</h1>{}", form(&format!(
    "{}{}",
    floating("name='username' aria-label='Username'", "Username"),
    floating("name='password' type='password' aria-label='Password'", "Password")
), "Sign in")))]
#[case::a_blank_between_two_letters(SignedIn, format!(
    "<meta charset='utf-8'><h1>欢迎</h1>{}",
    form(
        "<label>用户名 <input name='username'></label>\
         <label>密　码 <input name='password' type='password'></label>",
        "<span>登 录</span>"
    )
))]
#[case::a_hyphen_that_does_not_break(SignedIn, format!(
    "<meta charset='utf-8'><h1>Hello</h1>{}",
    form(MARKED, "Log\u{2011}in")
))]
#[case::behind_many_fields_that_nobody_sees(SignedIn, format!(
    "<h1>Sign in</h1>{}{}",
    other(&unseen_fields(), "x").replace("<button>", "<button hidden>"),
    form(BOTH, "Sign in")
))]
#[case::another_password_behind_these(Stopped(StopPage::Unknown), format!(
    "<h1>Sign in or join</h1>{}",
    form(&format!("{BOTH}{}<input type='password' name='more'>", unseen_fields()), "Continue")
))]
#[case::a_text_in_the_place_of_the_password(Stopped(StopPage::Unknown), format!(
    "<h1>Sign in</h1>{}",
    form(
        "<input name='username' autocomplete='username'><input name='fake' value='Password' \
         onfocus='this.hidden = true; password.hidden = false; password.focus()'>\
         <input id='password' name='password' type='password' hidden>",
        "Sign in"
    )
))]
#[case::a_code_beside_the_password(Named(StopPage::SecondFactor, CODE), format!(
    "<h1>Sign in</h1>{}",
    form(&format!("{MARKED}<input name='otp' autocomplete='one-time-code'>"), "Sign in")
))]
// What a page sends by itself, or not at all.
#[case::sent_by_a_script_once_it_is_filled_in(
    SignedIn,
    once_filled(&format!("setTimeout(() => {{ location = '{HOME}' }}, 300);"))
)]
#[case::sent_by_a_script_and_refused(
    Said(Refusal::Credentials, "Incorrect"),
    once_filled(
        "one.insertAdjacentHTML('beforebegin', \
     '<p role=alert>Incorrect username or password.</p>');"
    )
)]
#[case::sent_again_by_a_script(SignedIn, format!(
    "<h1>Sign in</h1>{}<script>const [one] = document.forms; let count = 0; one.onsubmit = () => {{\
     count += 1; if (count < 3) setTimeout(() => one.requestSubmit()); }}</script>",
    form(BOTH, "Sign in")
))]
#[case::drawn_anew_in_another_language(SignedIn, format!(
    "<h1>Sign in</h1>{}<script>document.forms[0].username.onchange = () => {{ \
     location = '/ja' }}</script>{{second}}<meta charset='utf-8'><h1>ログイン</h1>{}",
    form(MARKED, "Sign in"),
    form(&MARKED.replace("name='username'", "name='username' value='alice@example.com'"), "ログイン")
))]
#[case::a_word_that_it_goes_on(SignedIn, and(&format!(
    "one.insertAdjacentHTML('beforebegin', '<p role=alert>Anmeldung läuft …</p>');\
     setTimeout(() => {{ location = '{HOME}' }}, 2500);"
)))]
#[case::emptied_without_a_word(
    NamedAfter(StopPage::Unknown, STAYS),
    and("one.password.value = ''; one.password.style.border = '2px solid red';")
)]
#[case::a_session_that_is_lost(
    Said(Refusal::Other, "has expired"),
    and(
        "one.insertAdjacentHTML('beforebegin', \
     '<p role=alert>Your session has expired. Sign in again.</p>');"
    )
)]
#[case::too_many_passwords(
    StoppedAfter(StopPage::HttpError(429)),
    format!(
        "{}{{second}}<h1>Slow down</h1><p>Too many failed attempts of this user.</p>",
        and("location = '/as?status=429';")
    )
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
