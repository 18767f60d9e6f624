//! Pages as others make them, of kinds that no page of Okta's is: each row says first where a
//! visit ends, and then shows the page.
//!
//! Whatever the page, the password is typed into its password field alone, and submitted once at
//! most, to the org alone.

use okta_e2e::browser::{Danger, Refusal, StopPage};
use rstest::rstest;

use super::ends::End::{
    self, Lost, Named, NotTaken, Refused, Said, SignedIn, Stopped, StoppedAfter, Untrusted,
};
use super::ends::{FORM, then};
use super::trust::hostile::Hostile;

/// Puts what is in the page into an open shadow tree.
fn in_a_shadow_tree(content: &str) -> String {
    format!(
        "<my-login></my-login><script>document.querySelector('my-login')\
         .attachShadow({{ mode: 'open' }}).innerHTML = `{content}`</script>"
    )
}

const COVERS: &str = "covers its form";

const WIDGET: &str = "<main data-se='auth-container'><form data-se='o-form' method='post' \
    action='{here}'><h1 data-se='o-form-head'>Sign In</h1>\
    <input name='identifier' autocomplete='username'>\
    <input name='credentials.passcode' type='password' autocomplete='current-password'>\
    <button type='submit' data-se='save'>Sign in</button></form></main>";

/// Fields without a form, and a script that posts them to the org.
fn scripted(button: &str) -> String {
    format!(
        "<h1>Sign in</h1><label>User name <input name='username'></label>\
         <label>Password <input name='password' type='password'></label>{button}\
         <form method='post' action='{{here}}' id='sends' hidden><input name='all'></form>\
         <script>const go = () => {{ document.forms[0].all.value = \
         [...document.querySelectorAll('input')].map((one) => one.value).join(' ');\
         document.forms[0].submit(); }}</script>"
    )
}

#[rstest]
#[case::in_a_shadow_tree(SignedIn, in_a_shadow_tree(&format!("<h1>Sign in</h1>{FORM}")))]
#[case::okta_in_a_shadow_tree(SignedIn, in_a_shadow_tree(WIDGET))]
#[case::in_a_frame(Stopped(StopPage::Unknown), format!(
    "<h1>Welcome</h1><iframe srcdoc=\"{}\"></iframe>", FORM
))]
#[case::beside_a_letter_and_a_password_of_a_team(SignedIn, format!(
    "<form method='post' action='/letter'><input type='email' name='letter'>\
     <button>Subscribe</button></form><h1>Sign in</h1>{FORM}\
     <form method='post' action='/team'><label>Team password \
     <input type='password' name='team'></label><button>Join the team</button></form>"
))]
#[case::to_be_remembered(SignedIn, FORM.replace("{form}",
    "<h1>Sign in</h1><form method='post' action='{here}'><input name='username'>\
     <input name='password' type='password'><label><input type='checkbox' name='stay'> Remember \
     me</label><button>Sign in</button></form>"
))]
#[case::a_step_between(
    StoppedAfter(StopPage::Unknown),
    then(
        FORM,
        "document.body.innerHTML = '<h1>One more thing</h1><label><input type=checkbox> Remember \
     me</label><button onclick=\"navigator.sendBeacon(`/clicked`)\">Continue</button>';"
    )
)]
#[case::on_to_the_app(
    StoppedAfter(StopPage::Unknown),
    then(
        FORM,
        "document.body.innerHTML = '<h1>You are signed in</h1>\
     <button onclick=\"navigator.sendBeacon(`/clicked`)\">Continue to app</button>';"
    )
)]
#[case::drawn_anew_while_typed_into(SignedIn, format!(
    "<h1>Sign in</h1><div id='place'>{FORM}</div><script>addEventListener('input', () => \
     setTimeout(() => {{ place.innerHTML = place.innerHTML; }}), {{ once: true }})</script>"
))]
#[case::drawn_anew_all_the_time(Stopped(StopPage::Unknown), format!(
    "<h1>Sign in</h1><div id='place'>{FORM}</div><script>setInterval(() => \
     {{ place.innerHTML = place.innerHTML; }}, 100)</script>"
))]
#[case::loaded_anew_all_the_time(Stopped(StopPage::Unknown), format!(
    "<h1>Sign in</h1>{FORM}<script>setTimeout(() => location.reload(), 100)</script>"
))]
#[case::the_focus_goes_on(SignedIn, format!(
    "<h1>Sign in</h1>{FORM}<script>addEventListener('input', ({{ target }}) => {{\
     if (target.name === 'username') document.forms[0].password.focus(); }})</script>"
))]
#[case::the_focus_goes_away(NotTaken, format!(
    "<input name='search' type='search'><h1>Sign in</h1>{FORM}<script>\
     addEventListener('focusin', ({{ target }}) => {{ if (target.name === 'password') \
     document.querySelector('[name=search]').focus(); }})</script>"
))]
#[case::a_user_name_in_dots(Stopped(StopPage::Unknown),
    "<h1>Sign in</h1><form method='post' action='{here}'><label>User name <input type='password' \
     name='username' autocomplete='username'></label><button>Next</button></form>".to_owned()
)]
#[case::six_boxes(StoppedAfter(StopPage::SecondFactor), then(FORM, &format!(
    "document.body.innerHTML = `<h1>Check your phone</h1><form>{}<button>Verify</button></form>`;",
    "<input name='digit' maxlength='1' inputmode='numeric' autocomplete='one-time-code'>".repeat(6)
)))]
#[case::a_code_beside_the_password(Stopped(StopPage::SecondFactor),
    "<h1>Sign in</h1><form method='post' action='{here}'><input name='username'>\
     <input name='password' type='password'><input name='digits' autocomplete='one-time-code'>\
     <button>Sign in</button></form>".to_owned()
)]
#[case::a_company_beside_the_password(Stopped(StopPage::Unknown),
    "<h1>Sign in</h1><form method='post' action='{here}'><input name='username' \
     autocomplete='username'><input name='password' type='password'>\
     <label>Company <input name='company' required></label>\
     <button>Sign in</button></form>".to_owned()
)]
#[case::a_banner_over_the_button(SignedIn, format!(
    "<h1>Sign in</h1>{FORM}<div style='position:fixed;inset:150px 0 0 0;background:#fff'>\
     We use cookies <button type='button'>Fine</button></div>\
     <style>button {{ position: absolute; top: 200px }}</style>"
))]
#[case::a_banner_over_everything(Named(StopPage::Unknown, COVERS), format!(
    "<h1>Sign in</h1>{FORM}<div style='position:fixed;inset:0;background:#fffc'>We use cookies \
     <button type='button'>Fine</button></div>"
))]
#[case::a_dialog_over_the_form(Named(StopPage::Unknown, COVERS), format!(
    "<h1>Sign in</h1>{FORM}<dialog>What is new<button type='button'>Close</button></dialog>\
     <script>document.querySelector('dialog').showModal()</script>"
))]
#[case::in_a_dialog(SignedIn, format!(
    "<h1>Welcome</h1><dialog><h2>Sign in</h2>{FORM}</dialog>\
     <script>document.querySelector('dialog').showModal()</script>"
))]
#[case::by_a_picture(SignedIn,
    "<form method='post' action='{here}'><h1>Welcome</h1><input name='username'>\
     <input name='password' type='password'><input type='image' alt='Sign in' src='/x.png'>\
     </form>".to_owned()
)]
#[case::by_a_role(SignedIn, scripted("<div role='button' onclick='go()'>Sign in</div>"))]
#[case::by_a_plain_button(
    SignedIn,
    scripted("<button type='button' onclick='go()'>Sign in</button>")
)]
#[case::in_clear(Untrusted(Danger::Form), format!(
    "<h1>Sign in</h1>{}", FORM.replace("{form}", "<form method='post' \
     action='http://login.example.com/'><input name='username'><input name='password' \
     type='password'><button>Sign in</button></form>")
))]
#[case::from_right_to_left(SignedIn,
    "<html dir='rtl' lang='he'><h1>כניסה</h1><form method='post' action='{here}'>\
     <input name='username' autocomplete='username'>\
     <input name='password' type='password' autocomplete='current-password'>\
     <button>המשך</button></form>".to_owned()
)]
#[case::refused_for_a_moment(
    Refused(Refusal::Credentials),
    then(
        FORM,
        "const toast = document.createElement('div'); toast.role = 'alert';\
     toast.textContent = 'Incorrect username or password.'; document.body.append(toast);\
     setTimeout(() => toast.remove(), 2000);"
    )
)]
#[case::refused_for_a_moment_in_other_words(
    Refused(Refusal::Other),
    then(
        FORM,
        "document.querySelector('h1').remove();\
     const toast = document.createElement('div'); toast.role = 'alert';\
     toast.textContent = 'Das hat nicht geklappt.'; document.body.append(toast);\
     setTimeout(() => toast.remove(), 700);"
    )
)]
#[case::refused_by_a_script(
    Said(Refusal::Other, "No such user"),
    then(FORM, "alert('No such user');")
)]
#[case::refused_by_a_script_in_known_words(
    Said(Refusal::LockedOut, "account is locked"),
    then(FORM, "setTimeout(() => alert('Your account is locked.'), 300);")
)]
#[case::a_greeting_is_no_refusal(
    StoppedAfter(StopPage::Unknown),
    format!(
        "<script>setTimeout(() => alert('Your account is locked. Not!'), 100)</script>{}",
        then(FORM, "")
    )
)]
#[case::a_question_is_no_refusal(
    StoppedAfter(StopPage::Unknown),
    then(FORM, "confirm('Access denied?');")
)]
#[case::disabled_until_it_is_filled_in(SignedIn, format!(
    "<h1>Sign in</h1>{FORM}<script>const [button] = document.forms[0].querySelectorAll('button');\
     button.disabled = true; addEventListener('input', () => {{ button.disabled =\
     [...document.querySelectorAll('input')].some((one) => !one.value) }})</script>"
))]
#[case::disabled_while_it_is_checked(SignedIn, format!(
    "<h1>Sign in</h1>{FORM}<script>const [button] = document.forms[0].querySelectorAll('button');\
     button.disabled = true; addEventListener('input', ({{ target }}) => {{ if (target.name === \
     'password') setTimeout(() => {{ button.disabled = false }}, 500) }})</script>"
))]
#[case::disabled_for_good(NotTaken, format!(
    "<h1>Sign in</h1>{}", FORM.replace("{form}", "<form method='post' action='{here}'>\
     <input name='username'><input name='password' type='password'>\
     <button disabled>Sign in</button></form>")
))]
#[case::by_an_icon(SignedIn,
    "<form method='post' action='{here}'><h1>Welcome</h1><input name='username'>\
     <input name='password' type='password'><button aria-label='Sign in'>\
     <svg width='9' height='9'></svg></button></form>".to_owned()
)]
#[case::another_way_is_offered_first(SignedIn,
    "<form method='post' action='{here}'><h1>Sign in</h1>\
     <button formaction='/clicked'>Continue with another</button><input name='username'>\
     <input name='password' type='password'><button>Sign in</button></form>".to_owned()
)]
#[case::another_way_is_offered_first_in_another_language(SignedIn,
    "<form method='post' action='{here}'><h1>Anmelden</h1>\
     <button formaction='/clicked'>Mit einem anderen Konto</button><input name='username' \
     autocomplete='username'><input name='password' type='password' \
     autocomplete='current-password'><button>Anmelden</button></form>".to_owned()
)]
#[case::three_fields_that_nothing_names(Stopped(StopPage::Unknown),
    "<form method='post' action='{here}'><h1>Sign in</h1><input name='a'><input name='b'>\
     <label>Password <input name='password' type='password'></label><button>Sign in</button>\
     </form>".to_owned()
)]
#[case::three_fields_of_which_one_is_named(SignedIn,
    "<form method='post' action='{here}'><h1>Sign in</h1><label>Company <input name='company'>\
     </label><label>User name: <input name='who'></label>\
     <label>Password <input name='password' type='password'></label><button>Sign in</button>\
     </form>".to_owned()
)]
#[case::the_password_comes_beside_the_name(SignedIn,
    "<form method='post' action='{here}'><h1>Sign in</h1><input name='username'>\
     <input name='password' type='password' style='display:none'><button>Next</button></form>\
     <script>const [form] = document.forms; const { style } = form.password;\
     form.username.oninput = () => { style.display = 'none'; };\
     form.onsubmit = (event) => { if (style.display === 'none') event.preventDefault();\
     style.display = ''; };</script>".to_owned()
)]
#[case::no_button_at_all(Stopped(StopPage::Unknown),
    "<form method='post' action='{here}'><h1>Sign in</h1><input name='username'>\
     <input name='password' type='password'></form>".to_owned()
)]
#[case::terms_that_are_required(Stopped(StopPage::Unknown),
    "<form method='post' action='{here}'><h1>Sign in</h1><input name='username'>\
     <input name='password' type='password'><label><input type='checkbox' required> I accept the \
     terms</label><button>Sign in</button></form>".to_owned()
)]
#[case::a_heading_by_role(SignedIn,
    "<div role='heading'>Sign in</div><form method='post' action='{here}'><input name='username'>\
     <input name='password' type='password'><button>Continue</button></form>".to_owned()
)]
#[case::on_its_way_in_a_while(
    SignedIn,
    then(
        FORM,
        "document.body.innerHTML = '<h1>You are signed in</h1><p>One moment, please.</p>';\
     document.head.innerHTML = '<meta http-equiv=refresh \
     content=\"2;url=http://client.invalid/callback#access_token=abc\">';"
    )
)]
#[case::answered_with_nothing(
    StoppedAfter(StopPage::Unknown),
    then(FORM, "setTimeout(() => { location = '/nothing' }, 0);")
)]
#[case::led_to_where_nobody_is(
    Lost,
    then(FORM, "setTimeout(() => { location = 'http://nobody.invalid/' }, 0);")
)]
#[case::beside_a_frame_that_never_comes(SignedIn, format!(
    "<iframe src='{{elsewhere}}/never'></iframe><h1>Sign in</h1>{FORM}"
))]
#[case::in_a_frame_of_another_origin(Stopped(StopPage::Unknown),
    "<h1>Welcome</h1><iframe src='{elsewhere}/login'></iframe>\
     <iframe src='{elsewhere}/never'></iframe>".to_owned()
)]
#[case::an_alert_before_the_form(SignedIn, format!(
    "<h1>Sign in</h1>{FORM}<script>setTimeout(() => alert('Hello'), 100)</script>"
))]
#[case::another_title(SignedIn, format!("<title>Access denied</title><h1>Sign in</h1>{FORM}"))]
#[case::loading_by_a_role(SignedIn, format!(
    "<h1>Welcome</h1><div role='progressbar' style='height:9px;width:99px'></div>\
     <template><h2>Sign in</h2>{FORM}</template><script>setTimeout(() => \
     document.body.replaceChildren(document.querySelector('template').content), 2500)</script>"
))]
#[case::loading_by_what_turns(SignedIn, format!(
    "<h1>Welcome</h1><style>@keyframes turn {{ to {{ rotate: 1turn }} }} .turns {{ width: 9px; \
     height: 9px; animation: turn 1s infinite }}</style><div class='turns'></div>\
     <template><h2>Sign in</h2>{FORM}</template><script>setTimeout(() => \
     document.body.replaceChildren(document.querySelector('template').content), 2500)</script>"
))]
#[case::asks_whether_to_leave(SignedIn, format!(
    "<h1>Sign in</h1>{FORM}<script>addEventListener('beforeunload', (event) => \
     {{ event.preventDefault(); event.returnValue = 'Stay?'; }})</script>"
))]
#[tokio::test]
async fn a_visit_ends_where_it_should(#[case] end: End, #[case] page: String) {
    let org = Hostile::showing(&page).await;
    let visited = org.sign_in().await;
    end.check(&org, &visited);
}

#[rstest]
#[case::a_page_that_asks_by_http("/by-http", "HttpError(401)")]
#[case::a_file("/file", "it answers with a file")]
#[case::no_content("/nothing", "it answers with no content")]
#[case::a_circle("/circle", "ERR_TOO_MANY_REDIRECTS")]
#[tokio::test]
async fn what_is_no_page_is_named(#[case] path: &str, #[case] named: &str) {
    let org = Hostile::showing("").await;
    let visited = org.visit_patiently(&org.at(path)).await;
    let end = match &visited.landing {
        Ok(landing) => format!("{landing:?}"),
        Err(error) => error.to_string(),
    };
    assert!(end.contains(named), "{end}");
    visited.check_end();
    assert_eq!(visited.passwords_submitted, 0);
}
