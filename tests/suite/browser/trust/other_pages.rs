//! Pages that ask for something else than a sign-in get nothing, whatever their fields are called.

use okta_e2e::browser::{Landing, StopPage};
use rstest::rstest;

use super::hostile::Hostile;

/// A page of the widget's third generation.
fn gen3(heading: &str, fields: &str) -> String {
    format!(
        "<div id='okta-login-container'><main data-se='auth-container main-container'>\
         <form data-se='o-form' method='post' action='{{here}}'><h1 data-se='o-form-head'>{heading}</h1>\
         {fields}<button type='submit' data-se='save'>Verify</button>\
         <button type='button' data-se='cancel' role='link'>Back to sign in</button>\
         </form></main></div>"
    )
}

/// A page of the second.
fn gen2(view: &str, heading: &str, fields: &str) -> String {
    format!(
        "<main id='okta-sign-in' class='auth-container main-container' data-se='auth-container'>\
         <div class='siw-main-view {view}'><form data-se='o-form' method='post' action='{{here}}'>\
         <h2 data-se='o-form-head'>{heading}</h2>{fields}\
         <input type='submit' data-type='save' value='Verify'></form></div></main>"
    )
}

/// A page of Classic Engine.
fn classic(view: &str, fields: &str) -> String {
    format!(
        "<main id='okta-sign-in' data-se='auth-container'><div class='{view}'>\
         <form data-se='o-form' method='post' action='{{here}}'>{fields}\
         <input type='submit' data-type='save' value='Verify'></form></div></main>"
    )
}

/// What the third generation makes of every secret that is not to be seen, the password among them.
const PASSCODE: &str = "<input name='credentials.passcode' type='password' \
    autocomplete='current-password'>";

#[rstest]
#[case::a_yubikey(gen3("Verify with YubiKey", PASSCODE))]
#[case::a_temporary_access_code(gen3("Verify with a temporary access code", PASSCODE))]
#[case::a_pin(gen3("Enter your PIN", PASSCODE))]
#[case::a_one_time_password(gen3("Enter your one-time password", PASSCODE))]
#[case::a_security_question(gen3(
    "Verify with your Security Question",
    "<input name='credentials.answer' type='password' autocomplete='off'>"
))]
#[case::a_yubikey_of_generation_2(gen2(
    "challenge-authenticator--yubikey_token mfa-verify",
    "Verify with YubiKey",
    PASSCODE
))]
#[case::a_question_of_generation_2(gen2(
    "challenge-authenticator--security_question mfa-verify-question",
    "Verify with your Security Question",
    "<input name='credentials.answer' type='password'>"
))]
#[case::a_yubikey_of_classic(classic(
    "mfa-verify-totp",
    "<input id='mfa-answer' name='answer' type='password'>"
))]
#[tokio::test]
async fn a_second_factor_never_gets_the_password(#[case] page: String) {
    assert_eq!(stopped_at(&page).await, StopPage::SecondFactor);
}

#[rstest]
#[case::reset(gen3(
    "Reset your password",
    "<input name='identifier' autocomplete='username'>"
))]
#[case::unlock(gen3("Unlock account?", "<input name='identifier' autocomplete='username'>"))]
#[case::registration(gen3(
    "Sign up",
    "<input name='userProfile.email' autocomplete='email'><input name='userProfile.firstName'>"
))]
#[case::reset_of_generation_2(gen2(
    "identify-recovery forgot-password",
    "Reset your password",
    "<input name='identifier' autocomplete='username'>"
))]
#[case::reset_from_the_start_of_generation_2(gen2(
    "identify forgot-password",
    "Reset your password",
    "<input name='identifier' autocomplete='username'>"
))]
#[case::reset_of_classic(classic(
    "forgot-password",
    "<input id='account-recovery-username' name='username'>"
))]
#[case::unlock_of_classic(classic(
    "account-unlock",
    "<input id='account-recovery-username' name='username' autocomplete='username'>"
))]
#[tokio::test]
async fn a_page_to_reset_unlock_or_register_gets_no_user_name(#[case] page: String) {
    assert_eq!(stopped_at(&page).await, StopPage::AnotherForm);
}

#[rstest]
#[case::reset(
    "<h1>Forgot your password?</h1><form method='post' action='{here}'><input type='email' \
     name='email' autocomplete='username'><button>Send me a link</button></form>"
)]
#[case::reset_that_goes_on(
    "<h1>Reset your password</h1><form method='post' action='{here}'><input name='username'>\
     <button>Next</button></form>"
)]
#[case::registration(
    "<h1>Sign up</h1><form method='post' action='{here}'><input name='username'>\
     <input type='password' name='password'><button>Register</button></form>"
)]
#[case::a_code(
    "<h1>Sign in</h1><form method='post' action='{here}'><label>One-time password \
     <input type='password' name='password'></label><button>Sign in</button></form>"
)]
#[tokio::test]
async fn nor_does_one_of_another_make(#[case] page: &str) {
    assert_eq!(stopped_at(page).await, StopPage::Unknown);
}

/// Where a visit stops without anything being typed.
async fn stopped_at(page: &str) -> StopPage {
    let org = Hostile::showing(page).await;
    let visited = org.sign_in().await;
    assert_eq!(org.typed(), Vec::<String>::new());
    assert_eq!(visited.passwords_submitted, 0);
    match visited.landing.expect("an end") {
        Landing::Stopped { kind, .. } => kind,
        other => panic!("{other:?}"),
    }
}
