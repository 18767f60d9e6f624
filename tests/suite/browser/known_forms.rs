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

const PASSWORD: &str = "<label>Password <input name='password' type='password'></label>";

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

/// The same where the title says what the heading says, and more.
fn entitled(title: &str, heading: &str, fields: &str) -> String {
    format!(
        "<title>{title}</title>{}",
        form(heading, fields, "Continue")
    )
}

/// A form to sign in with whose password is called so.
fn called(password: &str) -> String {
    let fields = format!(
        "<label>User <input name='username'></label><label>{password} \
         <input name='password' type='password'></label>"
    );
    format!(
        "<meta charset='utf-8'>{}",
        form("Sign in", &fields, "Sign in")
    )
}

/// A page that asks for the name, and then this one, for the password alone.
fn after_the_name(heading: &str, fields: &str, button: &str) -> String {
    format!(
        "<h1>Sign in</h1><form method='post' action='/next'><input name='username' \
         autocomplete='username'><button>Next</button></form>{{second}}{}",
        form(heading, fields, button)
    )
}

/// A form that asks for a name alone.
fn for_a_name(heading: &str, button: &str) -> String {
    let field = "<label>E-mail <input type='email' name='email'></label>";
    format!("<meta charset='utf-8'>{}", form(heading, field, button))
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
    after_the_name("One more step", PASSWORD, "Erase my data")
)]
#[case::resets_after_the_name(
    Named(StopPage::Unknown, DOUBTFUL),
    after_the_name("Reset your password", PASSWORD, "Continue")
)]
#[case::links_accounts_after_the_name(
    Named(StopPage::Unknown, DOUBTFUL),
    after_the_name("Link your accounts", PASSWORD, "Continue")
)]
#[case::registers_after_the_name(
    Named(StopPage::Unknown, DOUBTFUL),
    after_the_name("Sign in", PASSWORD, "Register this device and sign in")
)]
#[case::asks_for_it_after_the_name(
    SignedIn,
    after_the_name("Passwort eingeben", PASSWORD, "Weiter")
)]
#[case::closes_an_account_by_its_title(
    Named(StopPage::Unknown, DOUBTFUL),
    entitled("Close your account", "Close your account", MARKED)
)]
#[case::resets_a_key_beside_the_name_of_a_company(
    Named(StopPage::Unknown, DOUBTFUL),
    entitled(
        "Reset your security key | Example Login",
        "Reset your security key",
        MARKED
    )
)]
#[case::of_a_company_that_its_title_names(
    SignedIn,
    entitled("Example | Sign in", "Example", MARKED)
)]
#[case::of_a_company_alone(SignedIn, entitled("Example", "Example", MARKED))]
#[case::greets_in_korean_after_the_name(
    SignedIn,
    format!("<meta charset='utf-8'>{}", after_the_name("환영합니다", PASSWORD, "로그인"))
        .replace("{second}", "{second}<meta charset='utf-8'>")
)]
#[case::signs_in_to_delete(
    Named(StopPage::Unknown, DOUBTFUL),
    form("Your data", MARKED, "Sign in to delete my data")
)]
#[case::signs_in_at_a_place(SignedIn, form("Your data", MARKED, "Sign in to Example Portal"))]
#[case::signs_in_at_a_place_in_spanish(
    SignedIn,
    format!("<meta charset='utf-8'>{}", form("Tus datos", MARKED, "Iniciar sesión en Example"))
)]
#[case::signs_in_at_an_account_in_french(
    SignedIn,
    format!("<meta charset='utf-8'>{}", form("Vos données", MARKED, "Se connecter à mon compte"))
)]
#[case::accepts_and_signs_in(
    Named(StopPage::Unknown, DOUBTFUL),
    form("Sign in", MARKED, "Accept the terms and sign in")
)]
#[case::verifies_and_signs_in(SignedIn, form("Your data", MARKED, "Verify and sign in"))]
#[case::signs_in_at_once(SignedIn, form("Guten Tag", MARKED, "Jetzt anmelden"))]
#[case::takes_news(Stopped(StopPage::Unknown), for_a_name("Newsletter", "Anmelden"))]
#[case::takes_news_below_another_heading(
    Stopped(StopPage::Unknown),
    format!("<h1>Sign in</h1><a href='/clicked'>By your company</a>{}",
        for_a_name("Get product news", "Submit").replace("h1", "h2"))
)]
#[case::makes_an_account_below_another_heading(
    Named(StopPage::Unknown, DOUBTFUL),
    format!("<h1>Sign in or create an account</h1>{}",
        form("Create your account", BOTH, "Continue").replace("h1", "h2"))
)]
#[case::sends_a_link(
    Stopped(StopPage::Unknown),
    for_a_name("Sign in with a link", "Continue")
)]
#[case::does_without_a_password(
    Stopped(StopPage::Unknown),
    for_a_name("Iniciar sesión sin contraseña", "Enviar")
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
#[case::of_a_password_for_once_in_german(
    Named(StopPage::Unknown, DOUBTFUL),
    called("Einmalpasswort")
)]
#[case::of_a_password_for_once_in_japanese(
    Named(StopPage::Unknown, DOUBTFUL),
    called("ワンタイムパスワード")
)]
#[case::of_a_word_that_nobody_knows(Named(StopPage::Unknown, DOUBTFUL), called("动态口令"))]
#[case::of_a_password_for_once_beside_it(
    Named(StopPage::Unknown, DOUBTFUL),
    form(
        "Sign in",
        "<div>User</div><div><input name='username'></div><div>One-time password</div>\
         <div><input name='password' type='password'></div>",
        "Sign in"
    )
)]
#[case::of_a_password_of_a_network(SignedIn, called("Netzwerk-Passwort"))]
#[case::of_what_a_picture_shows(
    Named(StopPage::Unknown, DOUBTFUL),
    form("Sign in", &format!("{BOTH}<img alt='x7'><input name='shown'>"), "Sign in")
)]
#[case::of_a_captcha_that_solved_itself(
    SignedIn,
    form(
        "Sign in",
        &format!(
            "{BOTH}<div data-sitekey='x'>Done<input type='hidden' name='frc-captcha-solution' \
             value='x'></div>"
        ),
        "Sign in"
    )
)]
#[case::of_another_user_out_of_sight(
    Stopped(StopPage::AnotherForm),
    after_the_name(
        "Enter password",
        &format!("<input type='hidden' name='loginfmt' value='root@example.com'>{PASSWORD}"),
        "Sign in"
    )
)]
#[case::beside_a_place_for_errors(
    SignedIn,
    format!("<p id='error-description'>Description:</p>{}", form("Sign in", BOTH, "Sign in"))
)]
#[case::in_a_place_for_errors(
    SignedIn,
    format!("<div class='error-content'>{}</div>", form("Sign in", BOTH, "Sign in"))
)]
#[case::in_a_place_for_the_widget(
    SignedIn,
    format!("<div id='signin-container'>{}</div>", form("Sign in", BOTH, "Sign in"))
)]
#[case::under_a_title_of_okta(
    SignedIn,
    format!("<h2 class='o-form-title'>Welcome</h2>{}", form("Sign in", BOTH, "Sign in"))
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
#[case::in_greek_capitals(
    SignedIn,
    format!(
        "<meta charset='utf-8'><style>button {{ text-transform: uppercase }}</style>{}",
        form("Example", BOTH, "Σύνδεση")
    )
)]
#[case::in_written_capitals(
    SignedIn,
    format!("<html lang='tr'><meta charset='utf-8'>{}", form("Example", BOTH, "GİRİŞ YAP"))
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
