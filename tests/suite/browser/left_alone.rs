//! Pages on which something must be left alone, of kinds that no page of Okta's is: what is typed
//! goes into the fields for it and nowhere else, and nothing is clicked that sends or accepts.

use okta_e2e::browser::{Danger, Landing, StopPage};
use rstest::rstest;

use super::ends::End::{self, Named, NotTaken, SignedIn, Stopped, Untrusted};
use super::trust::hostile::{Hostile, PASSWORD};

/// A form with these fields, and a button that says it signs in.
fn form(fields: &str) -> String {
    format!(
        "<h1>Sign in</h1><form method='post' action='{{here}}'>{fields}<button>Sign in</button>\
         </form>"
    )
}

const BOTH: &str = "<input name='username'><input name='password' type='password'>";

/// A password is asked for alone, of somebody whom the page shows.
fn verify(user: &str) -> String {
    format!(
        "<div><h1>Verify it's you</h1><p>{user}</p><form method='post' action='{{here}}'>\
         <label>Password <input name='password' type='password'></label><button>Next</button>\
         </form></div><p>Help: <a href='mailto:help@example.com'>help@example.com</a></p>"
    )
}

/// A captcha, and the answer that stands in it.
fn captcha(answer: &str) -> String {
    format!(
        "{BOTH}<div class='g-recaptcha' data-sitekey='6L'>I am no robot\
         <textarea name='g-recaptcha-response' style='display:none'>{answer}</textarea></div>"
    )
}

#[rstest]
#[case::in_a_closed_tree(Stopped(StopPage::Unknown),
    "<h1>Sign in</h1><my-login></my-login><script>document.querySelector('my-login')\
     .attachShadow({ mode: 'closed' }).innerHTML = `{form}`</script>".to_owned()
)]
#[case::in_a_frame_of_the_org(Named(StopPage::Unknown, "shows a frame"),
    "<h1>Welcome</h1><iframe src='/form' width='400' height='300'></iframe>\
     {second}<h1>Sign in</h1>{form}".to_owned()
)]
#[case::behind_a_click(Stopped(StopPage::Unknown),
    "<h1>Sign in</h1><div id='place'><button onclick='navigator.sendBeacon(`/clicked`)'>\
     Use a password</button><button>Use a passkey</button></div>".to_owned()
)]
#[case::a_change_of_password(Stopped(StopPage::Unknown),
    "<h1>Sign in with a new password</h1><form method='post' action='{here}'>\
     <label>Old password <input name='old' type='password'></label>\
     <label>Password <input name='new' type='password'></label><button>Sign in</button>\
     </form>".to_owned()
)]
#[case::fixed_until_they_have_the_focus(
    SignedIn,
    form(
        "<input name='username' readonly onfocus='this.readOnly = false'>\
     <input name='password' type='password' readonly onfocus='this.readOnly = false'>"
    )
)]
#[case::disabled_until_the_name_is_there(SignedIn, format!(
    "{}<script>const [{{ username, password }}] = document.forms;\
     username.oninput = () => {{ password.disabled = false }}</script>",
    form("<input name='username'><input name='password' type='password' disabled>")
))]
#[case::a_pin_in_dots(
    Stopped(StopPage::Unknown),
    form("<input name='username'><label>PIN <input name='secret' type='password'></label>")
)]
#[case::a_security_code_in_dots(
    Stopped(StopPage::Unknown),
    form(
        "<input name='username'><input name='secret' type='password' placeholder='Security code'>"
    )
)]
#[case::behind_an_arrow(Stopped(StopPage::Unknown),
    "<h1>Sign in</h1><details><summary>With a password</summary>{form}</details>\
     <button onclick='navigator.sendBeacon(`/clicked`)'>With a passkey</button>".to_owned()
)]
#[case::prefilled(
    SignedIn,
    form(
        "<input name='username' value='bob'><input name='password' type='password' value='hunter2'>"
    )
)]
#[case::a_code_in_dots(
    Stopped(StopPage::SecondFactor),
    form(
        "<input name='username'><label>Password <input name='pin' type='password' \
     autocomplete='one-time-code'></label>"
    )
)]
#[case::a_code_in_dots_alone(
    Stopped(StopPage::SecondFactor),
    form(
        "<label>Password <input name='pin' type='password' autocomplete='one-time-code'></label>"
    )
)]
#[case::traps_out_of_sight(SignedIn, format!(
    "<form style='display:none' action='/clicked' method='post'>{BOTH}<button>Sign in</button>\
     </form>{}",
    form("<input name='website' tabindex='-1' style='position:absolute;left:-9999px'>\
          <input name='username'><input name='password' type='password'>\
          <input name='password2' type='password' style='display:none'>")
))]
#[case::a_password_that_is_shown(
    Stopped(StopPage::Unknown),
    form("<input name='username'><input name='password' style='-webkit-text-security: disc'>")
)]
#[case::a_password_that_is_shown_by_its_label(
    Stopped(StopPage::Unknown),
    form("<input name='username'><label>Your password: <input name='secret'></label>")
)]
#[case::a_field_that_is_too_short(
    NotTaken,
    form("<input name='username'><input name='password' type='password' maxlength='8'>")
)]
#[case::sent_by_itself(SignedIn, format!(
    "{}<script>const [one] = document.forms; one.password.oninput = () => one.submit()</script>",
    form(BOTH)
))]
#[case::a_list_over_the_password(SignedIn, format!(
    "<style>input {{ display: block }} ul {{ position: absolute; background: #fff; margin: 0;\
     height: 200px; width: 300px; display: none }} input:focus + ul {{ display: block }}</style>{}",
    form("<input name='username'><ul><li>alice</ul><input name='password' type='password'>")
))]
#[case::a_list_that_stays_over_the_password(Named(StopPage::Unknown, "covers its form"), format!(
    "<style>input {{ display: block }} ul {{ position: absolute; background: #fff; margin: 0;\
     height: 200px; width: 300px; display: none }}</style>{}\
     <script>document.forms[0].username.oninput = () => {{ \
     document.querySelector('ul').style.display = 'block' }}</script>",
    form("<input name='username'><ul><li>alice</ul><input name='password' type='password'>")
))]
#[case::a_password_that_goes_out_of_sight(NotTaken, format!(
    "{}<script>const {{ password, username }} = document.forms[0]; password.oninput = () => {{ \
     password.style.display = 'none'; username.value = '' }}</script>", form(BOTH)
))]
#[case::a_passkey_may_be_filled_in(
    SignedIn,
    form(
        "<input name='username' autocomplete='username webauthn'>\
     <input name='password' type='password' autocomplete='current-password webauthn'>"
    )
)]
#[case::a_captcha(Named(StopPage::Captcha, "captcha"), form(&captcha("")))]
#[case::a_captcha_that_solves_itself(SignedIn, format!(
    "{}<script>setTimeout(() => {{ document.querySelector('textarea').value = 'ok' }}, 1500)\
     </script>", form(&captcha(""))
))]
#[case::a_captcha_nobody_sees(SignedIn, form(&format!(
    "{BOTH}<div class='g-recaptcha' data-sitekey='6L' data-size='invisible'></div>"
)))]
#[case::the_session_of_another(Stopped(StopPage::Unknown),
    "<h1>Welcome back</h1><p>You are signed in as bob@example.com</p>\
     <button onclick='navigator.sendBeacon(`/clicked`)'>Continue as bob</button>\
     <a href='/clicked'>Not you?</a>".to_owned()
)]
#[case::accounts_to_choose_from(Stopped(StopPage::Unknown),
    "<h1>Choose an account</h1><div role='button' onclick='navigator.sendBeacon(`/clicked`)'>\
     alice@example.com</div><div role='button'>Use another account</div>".to_owned()
)]
#[case::somebody_else_by_an_address(
    Named(StopPage::AnotherForm, "another user"),
    verify("bob@example.com")
)]
#[case::this_user_by_an_address(SignedIn, verify("alice@example.com"))]
#[case::nobody_by_an_address(Named(StopPage::Unknown, "whose"), verify("You"))]
#[case::a_link_is_all_there_is(Stopped(StopPage::Unknown),
    "<h1>Sign in</h1><form method='post' action='/clicked'><input name='username'>\
     <button>Email me a sign-in link</button></form>".to_owned()
)]
#[case::a_link_is_offered_first(SignedIn,
    "<h1>Anmelden</h1><form method='post' action='{here}'>\
     <input name='username' autocomplete='username'>\
     <input name='password' type='password' autocomplete='current-password'>\
     <button formaction='/clicked'>E-Mail mit Link</button><button>Los</button></form>".to_owned()
)]
#[case::a_choice_that_is_made(SignedIn, form(&format!(
    "{BOTH}<label><input type='radio' name='where' value='1' required checked> Private</label>\
     <label><input type='radio' name='where' value='2' required> Public</label>"
)))]
#[case::a_choice_that_is_to_be_made(Stopped(StopPage::Unknown), form(&format!(
    "{BOTH}<label><input type='radio' name='where' value='1' required> Private</label>\
     <label><input type='radio' name='where' value='2' required> Public</label>"
)))]
#[case::a_domain_that_is_chosen(SignedIn, form(&format!(
    "{BOTH}<select name='domain' required><option>EXAMPLE</select>"
)))]
#[case::an_empty_place_in_other_surroundings(Named(StopPage::Blank, "shows nothing"),
    "<h1>Set up your day</h1><form><input type='search'><button>Search</button></form>\
     <main data-se='auth-container'><div></div></main><script src='/closed'></script>".to_owned()
)]
#[case::a_place_that_is_filled_late(SignedIn, format!(
    "<h1>Set up your day</h1><form><input type='search'><button>Search</button></form>\
     <main id='okta-login-container'></main><template>{WIDGET}</template><script>\
     setTimeout(() => document.querySelector('main').append(\
     document.querySelector('template').content), 2500)</script>"
))]
#[case::a_notice(Stopped(StopPage::Unknown),
    "<h1>We are back soon</h1><p>Come again.</p><script>let n = 0</script>".to_owned()
)]
#[case::data(
    Named(StopPage::Unknown, "no page for people"),
    "<script>location = '/data'</script>".to_owned()
)]
#[case::a_page_of_okta_elsewhere(
    Untrusted(Danger::Page),
    "<script>location = '{elsewhere}/login'</script>".to_owned()
)]
#[case::a_chain_of_origins(SignedIn,
    "<script>location = '{third}/to?{elsewhere}/to?{org}/form'</script>{second}<h1>Sign in</h1>\
     {form}".to_owned()
)]
#[case::through_a_worker(SignedIn,
    "<h1>One moment</h1><script>navigator.serviceWorker.register('/worker').then(() =>\
     navigator.serviceWorker.ready).then(() => { location = '/form' })</script>\
     {second}<h1>Sign in</h1>{form}".to_owned()
)]
#[case::parts_that_never_come(SignedIn, format!(
    "<img src='/never'><script>fetch('/never')</script>{}", form(BOTH)
))]
#[case::a_form_that_comes_late(SignedIn,
    "<h1>Sign in</h1><p>One moment</p><script>fetch('/late?/there').then(() => {\
     location = '/form' })</script>{second}<h1>Sign in</h1>{form}".to_owned()
)]
#[case::a_picture_that_asks_by_http(SignedIn, format!("<img src='/by-http'>{}", form(BOTH)))]
#[case::a_form_that_came_with_an_error(
    SignedIn,
    format!("<script>location = '/forbidden'</script>{{second}}{}", form(BOTH))
)]
#[tokio::test]
async fn a_visit_ends_where_it_should(#[case] end: End, #[case] page: String) {
    let org = Hostile::beside(&page, WIDGET).await;
    let visited = org.sign_in_patiently().await;
    end.check(&org, &visited);
    if matches!(visited.landing, Ok(Landing::Stopped { .. })) {
        visited.check_end();
    }
    if matches!(end, SignedIn) {
        let answer = &org.answers()[0];
        let holds_it = ["password", "passcode"].map(|name| format!("{name}={PASSWORD}"));
        let is_there = holds_it.iter().any(|part| answer.contains(part));
        assert!(is_there, "{answer}");
        assert!(
            !answer.contains("bob") && !answer.contains("website=a"),
            "{answer}"
        );
    }
}

/// A page in Okta's shapes, whoever shows it.
const WIDGET: &str = "<main data-se='auth-container'><form data-se='o-form' method='post' \
    action='/answer'><h1 data-se='o-form-head'>Sign In</h1>\
    <input name='identifier' autocomplete='username'>\
    <input name='credentials.passcode' type='password' autocomplete='current-password'>\
    <button type='submit' data-se='save'>Sign in</button></form></main>";

/// Dialogs without end keep nobody from ending, and nothing from being typed where it belongs.
#[tokio::test]
async fn dialogs_without_end_end() {
    let page = format!(
        "{}<script>setInterval(() => alert('!'), 200)</script>",
        form(BOTH)
    );
    let org = Hostile::showing(&page).await;
    let visited = org.sign_in().await;
    assert!(visited.passwords_submitted <= 1);
    assert!(org.answers().len() <= 1, "{:?}", org.answers());
    assert_eq!(org.leaked(), Vec::<String>::new());
}
