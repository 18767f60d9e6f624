//! A form is known by what it says it is: whatever says nothing of signing in, or says it of
//! something else, is a page to stop at, and nothing is typed into it.

use okta_e2e::browser::StopPage;
use rstest::rstest;

use super::ends::End::{self, Named, SignedIn, Stopped};
use super::trust::hostile::Hostile;

const DOUBTFUL: &str = "not known to be one to sign in with";
const NOWHERE: &str = "leads to no page";
const BOTH: &str = "<input name='username'><input name='password' type='password'>";
const MARKED: &str = "<label>User name <input name='username' autocomplete='username'></label>\
    <label>Password <input name='password' type='password' autocomplete='current-password'></label>";

/// A form with these fields and this button, under this heading.
fn form(heading: &str, fields: &str, button: &str) -> String {
    format!(
        "<h1>{heading}</h1><form method='post' action='{{here}}'>{fields}\
         <button>{button}</button></form>"
    )
}

/// The same for the title of a page whose heading is of something else.
fn titled(heading: &str, fields: &str) -> String {
    let form = form(heading, fields, "Continue");
    format!("<title>Sign in | Example</title>{form}")
}

/// A page of another answer than a plain one.
fn answered(how: &str, page: &str) -> String {
    format!("<script>location = '/as?{how}'</script>{{second}}{page}")
}

// What its button does.
#[rstest]
#[case::deletes(
    Named(StopPage::Unknown, DOUBTFUL),
    form("Your account", MARKED, "Delete account")
)]
#[case::goes_on_with_something_else(
    Named(StopPage::Unknown, DOUBTFUL),
    form("Delete your account", MARKED, "Continue")
)]
#[case::does_more_than_that(
    Named(StopPage::Unknown, DOUBTFUL),
    form("Your order", MARKED, "Sign in and pay")
)]
#[case::erases_after_the_name(
    Named(StopPage::Unknown, DOUBTFUL),
    format!(
        "<h1>Sign in</h1><form method='post' action='/next'><input name='username' \
         autocomplete='username'><button>Next</button></form>{{second}}{}",
        form("One more step", "<label>Password <input name='password' type='password'></label>",
            "Erase my data")
    )
)]
#[case::of_words_that_nobody_knows(
    Named(StopPage::Unknown, DOUBTFUL),
    format!("<html lang='ka'><meta charset='utf-8'>{}", form("გამარჯობა", BOTH, "შესვლა"))
)]
#[case::makes_an_account(
    Named(StopPage::Unknown, DOUBTFUL),
    titled("Create your account", BOTH)
)]
#[case::resets_a_password(
    Stopped(StopPage::Unknown),
    titled(
        "Reset your password",
        "<label>E-mail <input type='email' name='email'></label>"
    )
)]
#[case::sends_what_a_legend_says(
    Stopped(StopPage::Unknown),
    form(
        "Sign in",
        "<fieldset><legend>Forgot your password?</legend><input type='email' name='email'>\
         </fieldset>",
        "Submit"
    ).replace("<h1>Sign in</h1>", "<h1>Sign in</h1><button type='button'>By a card</button>")
)]
// What its fields are for.
#[case::of_a_company(
    Named(StopPage::Unknown, DOUBTFUL),
    form(
        "Sign in",
        "<input name='tenant'><input name='password' type='password'>",
        "Sign in"
    )
)]
#[case::of_dots_that_nothing_names(
    Named(StopPage::Unknown, DOUBTFUL),
    form(
        "Sign in",
        "<input name='username'><input name='x1' type='password'>",
        "Sign in"
    )
)]
#[case::of_a_password_for_once(
    Named(StopPage::Unknown, DOUBTFUL),
    form(
        "Sign in",
        "<input name='username'><label>One-time password \
         <input name='password' type='password'></label>",
        "Sign in"
    )
)]
#[case::of_okta_with_its_names_exchanged(
    Stopped(StopPage::AnotherForm),
    "<main data-se='auth-container'><form data-se='o-form' method='post' action='{here}'>\
     <h1 data-se='o-form-head'>Sign In</h1><label>Password <input name='identifier'></label>\
     <label>Username <input name='credentials.passcode' type='password'></label>\
     <button type='submit' data-se='save'>Sign in</button></form></main>".to_owned()
)]
// What is known in other languages.
#[case::in_german(
    SignedIn,
    form(
        "Willkommen",
        "<label>Benutzername <input name='username'></label>\
         <label>Kennwort <input type='password' name='password'></label>",
        "Einloggen"
    )
)]
#[case::in_japanese(
    SignedIn,
    format!(
        "<html lang='ja'><meta charset='utf-8'>{}",
        form(
            "ログイン",
            "<label>ユーザー名 <input name='username'></label>\
             <label>パスワード <input type='password' name='password'></label>",
            "次へ"
        )
    )
)]
// What it comes with.
#[case::of_a_network_on_the_way(
    Stopped(StopPage::HttpError(511)),
    answered("status=511&content-type=text/html", &form("Sign in", BOTH, "Sign in"))
)]
#[case::in_a_picture(
    Named(StopPage::Unknown, "no page for people"),
    answered(
        "content-type=image/svg%2Bxml",
        "<svg xmlns='http://www.w3.org/2000/svg' width='800' height='600'>\
         <foreignObject width='800' height='600'><h1 xmlns='http://www.w3.org/1999/xhtml'>Sign in\
         </h1><form xmlns='http://www.w3.org/1999/xhtml' method='post' action='/answer'>\
         <input name='username'/><input name='password' type='password'/>\
         <button>Sign in</button></form></foreignObject></svg>"
    )
)]
#[case::in_strict_html(
    SignedIn,
    answered(
        "content-type=application/xhtml%2Bxml",
        "<html xmlns='http://www.w3.org/1999/xhtml'><body><h1>Sign in</h1>\
         <form method='post' action='/answer'><input name='username'/>\
         <input name='password' type='password'/><button>Sign in</button></form></body></html>"
    )
)]
#[case::beside_a_picture_with_a_heading(
    SignedIn,
    format!(
        "<svg role='heading' width='9' height='9'><text>Example</text></svg>{}",
        form("Sign in", BOTH, "Sign in")
    )
)]
#[case::in_a_file(
    Named(StopPage::Unknown, NOWHERE),
    answered("content-type=text/html&content-disposition=attachment", "a form")
)]
#[tokio::test]
async fn a_visit_ends_where_it_should(#[case] end: End, #[case] page: String) {
    let org = Hostile::showing(&page).await;
    let visited = org.sign_in_patiently().await;
    end.check(&org, &visited);
}
