//! Sign-in pages in the shapes that other providers give them, without their words: a user who is
//! sent there signs in where the run trusts the provider, and types nothing where it does not.

use okta_e2e::browser::{Danger, Landing, StopPage};
use rstest::rstest;

use super::trust::hostile::{Hostile, PASSWORD, USERNAME};

/// The org sends everybody to the provider.
const ROUTED: &str = "<script>location = '{elsewhere}/login'</script>";

/// Draws the next part of a page in the place of the last when its form is sent.
fn then(first: &str, next: &str) -> String {
    format!(
        "{first}<template>{next}</template><script>\
         const go = () => document.body.replaceChildren(\
         document.querySelector('template').content);\
         document.forms[0].onsubmit = (event) => {{ event.preventDefault(); go(); }}</script>"
    )
}

/// A page with its heading by role, a submit of type input, and a name that stands by in the form
/// for the password, out of sight.
fn two_steps_with_a_name_out_of_sight() -> String {
    then(
        "<title>Sign in to your account</title><form method='post'>\
         <div role='heading' aria-level='1'>Sign in</div>\
         <input type='email' name='loginfmt' aria-label='Your name'>\
         <input type='password' name='passwd' tabindex='-1' aria-hidden='true' \
         style='position:fixed;left:-9999px'><input type='submit' value='Next'></form>",
        "<form method='post' action='/answer'><div role='heading' aria-level='1'>Enter password\
         </div><div role='alert'></div><input type='text' name='loginfmt' autocomplete='username' \
         value='alice@example.com' aria-hidden='true' style='position:fixed;left:-9999px'>\
         <input type='password' name='passwd' aria-label='Enter the password for alice'>\
         <input type='submit' value='Sign in'></form>",
    )
}

/// Buttons that are of no form, and submit by a script.
fn two_steps_with_buttons_outside() -> String {
    "<title>Sign in</title><form method='post' action='/answer' novalidate><h1>Sign in</h1>\
     <div id='fields'><input type='email' name='identifier' autocomplete='username'></div></form>\
     <button type='button'>Forgot email?</button><button type='button' onclick='go()'>Next</button>\
     <script>let go = () => { fields.innerHTML = `<input type='email' name='identifier' \
     value='alice@example.com' style='display:none'><input type='password' name='Passwd' \
     autocomplete='current-password' aria-label='Enter your password'>`;\
     go = () => document.forms[0].submit(); }</script>"
        .to_owned()
}

/// What submits is no button but by its role, and what is wrong has a place that is empty.
const SUBMITS_BY_ROLE: &str = "<title>Sign In</title><form method='post' action='/answer' \
    novalidate autocomplete='off'><span id='errorText' role='alert'></span>\
    <input name='UserName' type='email' autocomplete='off'>\
    <input name='Password' type='password' autocomplete='off'>\
    <span role='button' tabindex='4' onclick='document.forms[0].submit()'>Sign in</span></form>";

/// What submits is a link that leads nowhere, and the first of its kind cancels.
const SUBMITS_BY_A_LINK: &str = "<title>Sign On</title><div>Sign On</div>\
    <form method='post' action='/answer' autocomplete='off'>\
    <input type='text' name='pf.username'><input type='password' name='pf.pass'>\
    <input type='hidden' name='pf.ok'><input type='hidden' name='pf.cancel'>\
    <a onclick=\"navigator.sendBeacon('/clicked')\">Cancel</a>\
    <a onclick='document.forms[0].submit()' title='Sign On'>Sign On</a></form>";

const ONE_FORM: &str = "<title>Sign in to the realm</title><h1>Sign in to your account</h1>\
    <form onsubmit='login.disabled = true; return true;' action='/answer' method='post'>\
    <label for='u'>Username or email</label><input id='u' name='username' autocomplete='username'>\
    <label for='p'>Password</label><input id='p' name='password' type='password' \
    autocomplete='current-password'><button type='button' aria-label='Show password'></button>\
    <label><input type='checkbox' name='rememberMe'> Remember me</label>\
    <input type='hidden' name='credentialId'><input name='login' type='submit' value='Sign In'>\
    </form>";

/// The value of a button is sent and not shown; others sign in otherwise, in forms of their own.
fn two_steps_beside_other_ways() -> String {
    let others = "<form method='post' action='/clicked'><input type='hidden' name='connection'>\
        <button type='submit'>Continue with another</button></form>";
    then(
        &format!(
            "<title>Log in | Tenant</title><form method='post'><h1>Welcome</h1>\
             <input name='username' type='text' inputmode='email' autocomplete='username'>\
             <button type='submit' name='action' value='default'>Continue</button></form>{others}"
        ),
        &format!(
            "<form method='post' action='/answer'><h1>Enter Your Password</h1>\
             <input name='username' type='text' autocomplete='username' readonly \
             value='alice@example.com'><input name='password' type='password' \
             autocomplete='current-password'><button type='button' aria-label='Show'></button>\
             <button type='submit' name='action' value='default'>Continue</button></form>{others}"
        ),
    )
}

#[rstest]
#[case::a_name_out_of_sight(two_steps_with_a_name_out_of_sight(), "passwd")]
#[case::buttons_outside(two_steps_with_buttons_outside(), "Passwd")]
#[case::a_button_by_role(SUBMITS_BY_ROLE.to_owned(), "Password")]
#[case::a_link_for_a_button(SUBMITS_BY_A_LINK.to_owned(), "pf.pass")]
#[case::one_form(ONE_FORM.to_owned(), "password")]
#[case::other_ways_beside(two_steps_beside_other_ways(), "password")]
#[tokio::test]
async fn a_provider_gets_the_password_where_the_run_trusts_it(
    #[case] page: String,
    #[case] field: &str,
) {
    let org = Hostile::beside(ROUTED, &page).await;
    let visited = org.sign_in_trusting_both().await;
    let is_signed_in = matches!(
        visited.landing,
        Ok(Landing::Redirected {
            signed_in: true,
            ..
        })
    );
    assert!(is_signed_in, "{:?}", visited.landing);
    assert_eq!(visited.passwords_submitted, 1);
    let answers = org.at_other("POST /answer");
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(
        answers[0].contains(&format!("{field}={PASSWORD}")),
        "{answers:?}"
    );
    assert_eq!(org.at_other("POST /clicked"), Vec::<String>::new());
    let typed = org.at_other("POST /typed");
    let wrong = typed.iter().filter(|line| {
        let is_password = line.starts_with(&format!("POST /typed {field}="));
        line.contains(PASSWORD) && !is_password || line.contains(USERNAME) && is_password
    });
    assert_eq!(wrong.count(), 0, "{typed:?}");
}

/// What takes a user's word for who they are, with nothing to type.
const ACCOUNTS: &str = "<title>Sign in</title><div role='heading'>Pick an account</div>\
    <div role='button' tabindex='0' onclick=\"navigator.sendBeacon('/clicked')\">alice</div>\
    <div role='button' tabindex='0'>Use another account</div><script>let n = 0</script>";

#[rstest]
#[case::a_name_out_of_sight(two_steps_with_a_name_out_of_sight())]
#[case::buttons_outside(two_steps_with_buttons_outside())]
#[case::a_button_by_role(SUBMITS_BY_ROLE.to_owned())]
#[case::a_link_for_a_button(SUBMITS_BY_A_LINK.to_owned())]
#[case::one_form(ONE_FORM.to_owned())]
#[case::other_ways_beside(two_steps_beside_other_ways())]
#[case::accounts_to_choose_from(ACCOUNTS.to_owned())]
#[case::accounts_of_a_page_that_never_stops_asking(
    format!("{ACCOUNTS}<script>fetch('/never')</script>")
)]
#[case::a_notice(
    "<h1>We are sorry</h1><p>This service is closed.</p><script>let n = 0</script>".to_owned()
)]
#[tokio::test]
async fn a_provider_gets_nothing_where_the_run_does_not_trust_it(#[case] page: String) {
    let org = Hostile::beside(ROUTED, &page).await;
    let visited = org.sign_in_patiently().await;
    match &visited.landing {
        Ok(Landing::Untrusted { danger, origin, .. }) => {
            assert_eq!((*danger, origin), (Danger::Page, &org.elsewhere));
        }
        other => panic!("{other:?}"),
    }
    visited.check_end();
    assert_eq!(org.at_other("POST"), Vec::<String>::new());
    assert_eq!(visited.passwords_submitted, 0);
}

/// What is trusted by https is another origin in clear.
#[tokio::test]
async fn a_provider_that_is_trusted_by_https_gets_nothing_in_clear() {
    let org = Hostile::beside(ROUTED, ONE_FORM).await;
    let secure = org.elsewhere.replace("http:", "https:");
    let visited = org.sign_in_trusting(&secure).await;
    let is_untrusted = matches!(
        &visited.landing,
        Ok(Landing::Untrusted { danger: Danger::Page, origin, .. }) if *origin == org.elsewhere
    );
    assert!(is_untrusted, "{:?}", visited.landing);
    assert_eq!(org.at_other("POST"), Vec::<String>::new());
}

/// A slow network: each answer takes longer than a page that stands still is waited for.
#[tokio::test]
async fn a_slow_answer_is_waited_for() {
    let page = "<h1>Sign in</h1><form method='post' action='/late?{elsewhere}/login'>\
        <input name='username' autocomplete='username'><button>Next</button></form>";
    let second = "<h1>Sign in</h1><form method='post' \
        action='/late?http://client.invalid/callback%23access_token=abc'>\
        <label>Password <input name='password' type='password'></label><button>Sign in</button>\
        </form>";
    let org = Hostile::beside(page, second).await;
    let visited = org.sign_in_trusting_both().await;
    assert!(
        matches!(visited.landing, Ok(Landing::Redirected { .. })),
        "{:?}",
        visited.landing
    );
    assert_eq!(org.at_other("POST /late").len(), 1);
}

/// Where nothing is to be typed, and the page goes on by itself in a while.
#[rstest]
#[case::by_a_form_that_sends_itself(
    "<form action='{org}/to'><button>Continue</button></form><script>\
     setTimeout(() => { location = '{org}/signs-in' }, 600)</script>"
)]
#[case::by_a_notice(
    "<meta http-equiv='refresh' content='2; url={org}/signs-in'><h1>One moment</h1>\
     <button>Continue now</button>"
)]
#[tokio::test]
async fn a_page_that_leads_on_is_waited_for_wherever_it_is(#[case] between: &str) {
    let page = "<script>if (location.pathname === '/authorize') \
        location = '{elsewhere}/login'</script><h1>Sign in</h1>{form}";
    let org = Hostile::beside(page, between).await;
    let visited = org.sign_in_patiently().await;
    let is_signed_in = matches!(visited.landing, Ok(Landing::Redirected { .. }));
    assert!(is_signed_in, "{:?}", visited.landing);
    assert_eq!(org.at_other("POST"), Vec::<String>::new());
}

/// The org asks for the name and sends the user on.
const NAME_FIRST: &str = "<h1>Sign in</h1><form method='post' action='/to?{elsewhere}/login'>\
    <input name='username' autocomplete='username'><button>Next</button></form>";

#[rstest]
#[case::that_asks_for_both("<h1>Sign in</h1>{form}".to_owned())]
#[case::that_asks_for_the_name_again(then(
    "<h1>Sign in</h1><form><input name='username' autocomplete='username'>\
     <button>Next</button></form>",
    "<form method='post' action='/answer'><h1>Sign in</h1>\
     <label>Password <input name='password' type='password'></label><button>Sign in</button>\
     </form>"
))]
#[case::that_has_the_name(
    "<form method='post' action='/answer'><h1>Sign in</h1>\
     <input name='username' readonly value='EXAMPLE\\alice'><label>Password \
     <input name='password' type='password'></label><button>Sign in</button></form>".to_owned()
)]
#[tokio::test]
async fn the_second_step_may_be_at_another_trusted_origin(#[case] second: String) {
    let org = Hostile::beside(NAME_FIRST, &second).await;
    let visited = org.sign_in_trusting_both().await;
    assert!(
        matches!(visited.landing, Ok(Landing::Redirected { .. })),
        "{:?}",
        visited.landing
    );
    let answers = org.at_other("POST /answer");
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(!answers[0].contains("username=&"), "{answers:?}");
    // At one that is not trusted the same gets nothing.
    let org = Hostile::beside(NAME_FIRST, &second).await;
    let visited = org.sign_in_patiently().await;
    assert!(
        matches!(visited.landing, Ok(Landing::Untrusted { .. })),
        "{:?}",
        visited.landing
    );
    assert_eq!(org.at_other("POST"), Vec::<String>::new());
    assert_eq!(visited.passwords_submitted, 0);
}

/// A page that asks for a password alone, and shows whose.
fn that_knows(user: &str, is_okta: bool) -> String {
    if is_okta {
        format!(
            "<main data-se='auth-container'><form data-se='o-form' method='post' action='{{here}}'>\
             <h1 data-se='o-form-head'>Verify with your password</h1>\
             <span data-se='identifier'>{user}</span>\
             <input name='credentials.passcode' type='password' autocomplete='current-password'>\
             <button type='submit' data-se='save'>Verify</button></form></main>"
        )
    } else {
        format!(
            "<form method='post' action='{{here}}'><h1>Sign in</h1>\
             <input name='username' readonly autocomplete='username' value='{user}'>\
             <label>Password <input name='password' type='password'></label>\
             <button>Sign in</button></form>"
        )
    }
}

/// A name that is masked tells nothing; that Okta asks for the password alone, it does of the user
/// who is signing in.
#[rstest]
#[case::okta(true)]
#[case::another(false)]
#[tokio::test]
async fn a_masked_name_is_no_reason_to_type_a_password(#[case] is_okta: bool) {
    let org = Hostile::showing(&that_knows("b•••@example.com", is_okta)).await;
    let visited = org.sign_in().await;
    assert_eq!(visited.passwords_submitted, usize::from(is_okta));
    assert_eq!(org.answers().len(), usize::from(is_okta));
}

/// A password that a page asks somebody else for is nobody's to try.
#[rstest]
#[case::of_another("bob@example.com", false)]
#[case::of_this_user("alice@example.com", true)]
#[case::of_this_user_in_short("ALICE", true)]
#[case::of_this_user_with_a_domain("EXAMPLE\\alice", true)]
#[tokio::test]
async fn a_page_that_knows_a_user_gets_the_password_of_no_other(
    #[case] user: &str,
    #[case] signs_in: bool,
    #[values(false, true)] is_okta: bool,
) {
    let page = that_knows(user, is_okta);
    let org = Hostile::showing(&page).await;
    let visited = org.sign_in().await;
    assert_eq!(visited.passwords_submitted, usize::from(signs_in));
    match &visited.landing {
        Ok(Landing::Redirected { .. }) if signs_in => {}
        Ok(Landing::Stopped { kind, known, .. }) if !signs_in => {
            assert_eq!(*kind, StopPage::AnotherForm);
            assert!(
                known.is.is_some_and(|is| is.contains("another user")),
                "{known:?}"
            );
            assert_eq!(org.typed(), Vec::<String>::new());
        }
        other => panic!("{other:?}"),
    }
}
