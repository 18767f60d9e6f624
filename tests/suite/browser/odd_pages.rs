//! Pages that are not what they look like, and pages whose makers had somebody with a mouse in
//! mind: each row says first where a visit ends, and then shows the page.

use std::time::Duration;

use okta_e2e::browser::{Danger, Known, Landing, StopPage};
use rstest::rstest;

use super::ends::End::{self, Named, SignedIn, Stopped, StoppedAfter, Swallowed, Untrusted};
use super::ends::{FORM, then};
use super::trust::hostile::{Hostile, Visited};

/// A page whose scripts may draw is waited for so long, and a page of any kind no longer.
const AS_LONG_AS_SCRIPTS_MAY_DRAW: Duration = Duration::from_secs(6);

const COVERS: &str = "covers its form";
const FRAME: &str = "shows a frame";
const BOTH: &str = "<input name='username'><input name='password' type='password'>";

/// A page in Okta's shapes whose form leads there.
fn widget(action: &str) -> String {
    format!(
        "<main data-se='auth-container'><form data-se='o-form' method='post' action='{action}'>\
         <h1 data-se='o-form-head'>Sign In</h1><input name='identifier' autocomplete='username'>\
         <input name='credentials.passcode' type='password' autocomplete='current-password'>\
         <button type='submit' data-se='save'>Sign in</button></form></main>"
    )
}

/// A form with these fields, and whatever comes after them.
fn form(inside: &str) -> String {
    format!("<h1>Sign in</h1><form method='post' action='{{here}}'>{inside}</form>")
}

/// A page that leads to this address of the org at once, and what is shown everywhere but there.
fn leads_to(path: &str, second: &str) -> String {
    format!("<script>location = '{path}'</script>{{second}}{second}")
}

/// What this shows at this path alone, and the form everywhere else.
fn at(path: &str, shows: &str) -> String {
    format!(
        "<body></body><template id='there'>{shows}</template>\
         <template id='form'><h1>Sign in</h1>{FORM}</template><script>\
         document.body.append(document.getElementById(location.pathname === '{path}' ? 'there' :\
         'form').content)</script>"
    )
}

// What looks like the org and is not.
#[rstest]
#[case::okta_in_another_port(
    Untrusted(Danger::Page),
    "<script>location = '{elsewhere}/login'.replace('localhost', '127.0.0.1')</script>".to_owned()
)]
#[case::the_org_by_another_name(
    Untrusted(Danger::Page),
    "<script>location = '{org}/form'.replace('127.0.0.1', 'localhost')</script>{second}\
     <h1>Sign in</h1>{form}"
        .to_owned()
)]
#[case::the_org_before_an_at_sign(
    Untrusted(Danger::Page),
    "<script>location = '{elsewhere}/login'.replace('://', '://127.0.0.1:80@')</script>".to_owned()
)]
#[case::okta_that_leads_elsewhere(Untrusted(Danger::Form), widget("{elsewhere}/login"))]
#[case::okta_that_writes_a_mail(Untrusted(Danger::Form), widget("mailto:it@example.com"))]
#[case::okta_beside_a_base_of_another_window(
    Untrusted(Danger::Window),
    format!("<base target='_blank'>{}", widget("{here}"))
)]
#[case::a_base_of_another_window(
    Untrusted(Danger::Window),
    format!("<base target='_blank'><h1>Sign in</h1>{FORM}")
)]
#[case::a_button_of_another_window(
    Untrusted(Danger::Window),
    form(&format!("{BOTH}<button formtarget='_blank'>Sign in</button>"))
)]
#[case::a_button_that_puts_it_into_the_address(
    Untrusted(Danger::Address),
    form(&format!("{BOTH}<button formmethod='get'>Sign in</button>"))
)]
#[case::the_name_here_and_the_password_elsewhere(
    Untrusted(Danger::Page),
    "<h1>Sign in</h1><form method='post' action='/to?{elsewhere}/login'>\
     <input name='username' autocomplete='username'><button>Next</button></form>".to_owned()
)]
#[case::a_frame_of_another_over_the_form(
    Named(StopPage::Unknown, COVERS),
    format!(
        "<h1>Sign in</h1>{FORM}<iframe src='{{elsewhere}}/login' \
         style='position:fixed;inset:0;width:100%;height:100%'></iframe>"
    )
)]
#[case::a_link_that_nobody_sees_over_the_form(
    Named(StopPage::Unknown, COVERS),
    format!(
        "<h1>Sign in</h1>{FORM}<a href='/clicked' style='position:fixed;inset:0;opacity:0'>x</a>"
    )
)]
#[case::a_page_made_by_a_script(
    Untrusted(Danger::Page),
    "<script>location = URL.createObjectURL(new Blob([`<h1>Sign in</h1>{form}`], \
     { type: 'text/html' }))</script>".to_owned()
)]
#[case::a_set_of_frames(
    Named(StopPage::Unknown, FRAME),
    "<frameset cols='*'><frame src='/form'></frameset>{second}<h1>Sign in</h1>{form}".to_owned()
)]
#[case::in_an_object(
    Named(StopPage::Unknown, FRAME),
    "<h1>Welcome</h1><object data='/form' type='text/html' width='400' height='300'></object>\
     {second}<h1>Sign in</h1>{form}".to_owned()
)]
// Where it is for somebody else, or for something else.
#[case::a_user_of_a_list(
    Stopped(StopPage::Unknown),
    form(
        "<select name='who'><option>bob@example.com<option>carol@example.com</select>\
         <label>Password <input name='password' type='password'></label><button>Sign in</button>"
    )
)]
#[case::a_user_of_buttons(
    Stopped(StopPage::Unknown),
    form(
        "<label><input type='radio' name='who' value='bob' checked> Bob</label>\
         <label><input type='radio' name='who' value='carol'> Carol</label>\
         <label>Password <input name='password' type='password'></label><button>Sign in</button>"
    )
)]
#[case::a_letter_below_other_ways(
    Stopped(StopPage::Unknown),
    "<h1>Sign in</h1><a href='/clicked'>With your company</a><form method='post' action='/clicked'>\
     <h2>News by mail</h2><input type='email' name='mail'><button>Submit</button></form>".to_owned()
)]
#[case::two_buttons_that_nobody_can_tell(
    Stopped(StopPage::Unknown),
    "<h1>Anmelden</h1><form method='post' action='{here}'>\
     <input name='username' autocomplete='username'>\
     <input name='password' type='password' autocomplete='current-password'>\
     <button formaction='/clicked'>Passwort vergessen</button><button>Hinein</button></form>"
        .to_owned()
)]
// Whatever stands in the way for a while.
#[case::a_check_of_the_browser_that_ends(
    SignedIn,
    leads_to("/check", &at("/check", "<h1>Checking your browser</h1>\
     <p>This takes a few seconds.</p><script>setTimeout(() => { location = '/form' }, 2500)\
     </script>"))
)]
#[case::a_check_of_the_browser_that_does_not(
    Stopped(StopPage::HttpError(403)),
    leads_to(
        "/forbidden",
        "<h1>Access denied</h1><p>Reference #18.2f</p><script>let n = 1</script>"
    )
)]
#[case::a_check_of_the_browser_that_begins_anew(
    Named(StopPage::Unknown, "checks browsers"),
    leads_to(
        "/check",
        "<h1>Just a moment</h1><script>setTimeout(() => location.reload(), 100)</script>"
    )
)]
#[case::a_check_of_the_browser_with_a_captcha(
    Named(StopPage::Captcha, "captcha"),
    leads_to(
        "/forbidden",
        "<h1>One more step</h1><div class='cf-turnstile' data-sitekey='0x4'>\
     I am a person</div><script>let n = 1</script>"
    )
)]
#[case::closed_for_a_moment(
    SignedIn,
    leads_to("/forbidden", &at("/forbidden", "<h1>Busy</h1><script>document.head.innerHTML =\
     '<meta http-equiv=refresh content=\"2; url=/form\">'</script>"))
)]
#[case::a_form_that_fades_in(
    SignedIn,
    format!(
        "<style>@keyframes in {{ from {{ opacity: 0 }} }} form {{ animation: in 1s 1.5s both }}\
         </style><h1>Sign in</h1>{FORM}"
    )
)]
#[case::a_curtain_that_goes(
    SignedIn,
    format!(
        "<h1>Sign in</h1>{FORM}<div id='curtain' style='position:fixed;inset:0;background:#fff'>\
         </div><script>setTimeout(() => curtain.remove(), 2500)</script>"
    )
)]
#[case::nothing_can_be_pressed_for_a_while(
    SignedIn,
    format!(
        "<h1>Sign in</h1><div inert>{FORM}</div><script>setTimeout(() => {{ \
         document.querySelector('div').inert = false }}, 2500)</script>"
    )
)]
#[case::fields_that_are_closed_for_a_while(
    SignedIn,
    format!(
        "<h1>Sign in</h1><form method='post' action='{{here}}'><fieldset disabled>{BOTH}\
         <button>Sign in</button></fieldset></form><script>setTimeout(() => {{ \
         document.querySelector('fieldset').disabled = false }}, 2500)</script>"
    )
)]
#[case::a_form_that_slides_in(
    SignedIn,
    format!(
        "<style>body {{ overflow: hidden }} form {{ transition: translate 1s; translate: 200vw }}\
         </style><h1>Sign in</h1>{FORM}<script>setTimeout(() => {{ \
         document.forms[0].style.translate = 0 }}, 800)</script>"
    )
)]
// Whatever needs a person's keys.
#[case::a_button_that_waits_for_keys(
    SignedIn,
    format!(
        "{}<script>const [one] = document.forms; const [, , button] = one.elements;\
         button.disabled = true; one.onkeyup = () => {{ button.disabled = !one.password.value }}\
         </script>",
        form(&format!("{BOTH}<button>Sign in</button>"))
    )
)]
#[case::a_button_that_waits_for_a_change(
    SignedIn,
    format!(
        "{}<script>const [one] = document.forms; const [, , button] = one.elements;\
         button.disabled = true; let n = 0; one.onchange = () => {{ button.disabled = ++n < 2 }}\
         </script>",
        form(&format!("{BOTH}<button>Sign in</button>"))
    )
)]
#[case::a_name_in_capitals(
    SignedIn,
    format!(
        "{}<script>const [one] = document.forms; one.username.oninput = () => {{ \
         one.username.value = one.username.value.toUpperCase() }}</script>",
        form(&format!("{BOTH}<button>Sign in</button>"))
    )
)]
// Whatever the page asks of the browser.
#[case::no_scripts_by_policy(
    SignedIn,
    format!(
        "<meta http-equiv='content-security-policy' content=\"default-src 'none'; form-action \
         *; require-trusted-types-for 'script'\"><h1>Sign in</h1>{FORM}"
    )
)]
#[case::no_forms_by_policy(
    Swallowed,
    format!(
        "<meta http-equiv='content-security-policy' content=\"form-action 'none'\">\
         <h1>Sign in</h1>{FORM}"
    )
)]
#[case::the_widget_kept_out_by_policy(
    Named(StopPage::Blank, "shows nothing"),
    "<meta http-equiv='content-security-policy' content=\"script-src 'none'\">\
     <main id='okta-login-container'></main><script src='/okta-sign-in.js'></script>".to_owned()
)]
#[case::a_name_that_is_prompted_for(
    SignedIn,
    format!("<h1>Sign in</h1>{FORM}<script>prompt('Your name?'); confirm('Go on?')</script>")
)]
#[case::leave_to_notify(
    SignedIn,
    format!(
        "<h1>Sign in</h1>{FORM}<script>Notification.requestPermission();\
         navigator.geolocation.getCurrentPosition(() => 0); navigator.credentials.get({{ \
         mediation: 'conditional', publicKey: {{ challenge: new Uint8Array(9) }} }})</script>"
    )
)]
#[case::back_by_a_form_of_another(
    SignedIn,
    "<script>location = '{elsewhere}/assert'</script>{second}<h1>Sign in</h1>{form}".to_owned()
)]
// What comes after it.
#[case::capitals_are_on(
    SignedIn,
    format!(
        "<h1>Sign in</h1>{FORM}<script>document.forms[0].password.oninput = () => document.body\
         .insertAdjacentHTML('beforeend', '<p role=alert>Access denied? Caps lock is on</p>')\
         </script>"
    )
)]
#[tokio::test]
async fn a_visit_ends_where_it_should(#[case] end: End, #[case] page: String) {
    let org = Hostile::beside(&page, BACK).await;
    let visited = org.sign_in_patiently().await;
    end.check(&org, &visited);
    assert!(stood(&visited) <= AS_LONG_AS_SCRIPTS_MAY_DRAW);
}

/// It is drawn as soon as its form is submitted, and nothing comes of waiting.
#[rstest]
#[case::that_do_not_come("fetch('/never');")]
#[case::again_and_again("setInterval(() => fetch('/news'), 150);")]
#[tokio::test]
async fn a_page_that_asks_for_news_is_named_in_a_second(#[case] asks: &str) {
    let page = then(
        FORM,
        &format!(
            "{asks} document.body.innerHTML = '<h1>Approve it on your phone</h1>\
             <button>Cancel</button>';"
        ),
    );
    let org = Hostile::showing(&page).await;
    let visited = org.sign_in_patiently().await;
    StoppedAfter(StopPage::Unknown).check(&org, &visited);
    assert!(
        stood(&visited) <= Duration::from_secs(1),
        "{:?}",
        stood(&visited)
    );
}

/// For how long a page stood still before it was named, by the looks that were taken at it: what
/// else this machine does makes them fewer.
fn stood(visited: &Visited) -> Duration {
    match &visited.landing {
        Ok(Landing::Stopped { known, .. } | Landing::Refused { known, .. }) => {
            Known::LOOK * known.looks
        }
        _ => Duration::ZERO,
    }
}

/// A page of another provider, which posts its answer back at once where it is asked to.
const BACK: &str = "<body></body><template><form method='post' action='{org}/form'>\
    <input name='username'><input type='password' name='password'><button>Sign in</button></form>\
    </template><template><form method='post' action='{org}/form'>\
    <input type='hidden' name='SAMLResponse' value='x'><noscript><button>Continue</button>\
    </noscript></form></template><script>const isBack = location.pathname === '/assert';\
    document.body.append(document.querySelectorAll('template')[isBack ? 1 : 0].content);\
    if (isBack) document.forms[0].submit()</script>";
