//! Another form on the page is never touched, whichever comes first.

use okta_e2e::browser::Landing;
use rstest::rstest;

use super::hostile::Hostile;

/// Fields as in a sign-in form, with this style, in a form that leads elsewhere.
fn elsewhere(style: &str) -> String {
    format!(
        "<form method='post' action='{{elsewhere}}/login'>\
         <input name='username' style='{style}'>\
         <input name='password' type='password' style='{style}'><button>Sign in</button></form>"
    )
}

const WIDGET: &str = "<div id='okta-login-container'></div><script>setTimeout(() => {\
    document.querySelector('#okta-login-container').innerHTML = `<main data-se='auth-container'>\
    <form method='post' action='{here}'><h1 data-se='o-form-head'>Sign In</h1>\
    <input name='identifier' autocomplete='username'>\
    <input name='credentials.passcode' type='password' autocomplete='current-password'>\
    <button type='submit' data-se='save'>Sign in</button></form></main>`; }, 1500)</script>";

#[rstest]
#[case::transparent(elsewhere("opacity: 0; position: absolute"))]
#[case::all_but_transparent(elsewhere("opacity: 0.01; position: absolute"))]
#[case::in_something_transparent(format!("<div style='opacity:0'>{}</div>", elsewhere("")))]
#[case::off_the_screen(elsewhere("position: absolute; left: -9999px"))]
#[case::above_the_screen(elsewhere("position: fixed; top: -500px"))]
#[case::tiny(elsewhere("width: 1px; height: 1px; padding: 0; border: 0"))]
#[case::clipped(elsewhere("position: absolute; clip-path: inset(50%)"))]
#[case::in_a_box_of_no_height(
    format!("<div style='height:0;overflow:hidden'>{}</div>", elsewhere(""))
)]
#[case::covered(format!(
    "<div style='position:relative;width:400px'>{}<div style='position:absolute;inset:0;\
     background:white'></div></div>",
    elsewhere("")
))]
#[case::out_of_reach_of_a_pointer(elsewhere("pointer-events: none"))]
#[case::hidden_from_readers(format!("<div aria-hidden='true'>{}</div>", elsewhere("")))]
#[case::a_newsletter(
    "<form method='post' action='{elsewhere}/news'><input type='email' name='email'>\
     <button>Subscribe</button></form>"
        .to_owned()
)]
#[case::a_search(
    "<form action='{elsewhere}/search'><input type='search' name='username'><button>Go</button>\
     </form>"
        .to_owned()
)]
#[case::a_sign_up(
    "<form method='post' action='{elsewhere}/join'><input name='username'>\
     <input type='password' name='password' autocomplete='new-password'><button>Sign in</button>\
     </form>"
        .to_owned()
)]
#[case::a_sign_up_with_two_passwords(
    "<form method='post' action='{elsewhere}/join'><input name='username'>\
     <input type='password' name='password'><input type='password' name='again'>\
     <button>Sign in</button></form>"
        .to_owned()
)]
#[case::a_sign_up_by_its_button_alone(
    "<form method='post' action='{elsewhere}/join'><input name='username'>\
     <input type='password' name='password'><button>Create account</button></form>"
        .to_owned()
)]
#[tokio::test]
async fn another_form_is_left_alone(#[case] other: String, #[values(true, false)] first: bool) {
    let page = if first {
        format!("{other}<h1>Sign in</h1>{{form}}")
    } else {
        format!("<h1>Sign in</h1>{{form}}{other}")
    };
    signs_in_here_alone(&page).await;
}

/// While the widget is still to be drawn, the other form is the only one.
#[rstest]
#[case::an_empty_place_for_it(WIDGET.to_owned())]
#[case::its_script_alone(
    WIDGET.replace("id='okta-login-container'", "id='mine'")
        .replace("#okta-login-container", "#mine")
        + "<script src='/okta-signin-widget/7.49.0/js/okta-sign-in.min.js' async></script>"
)]
#[tokio::test]
async fn the_widget_is_waited_for(#[case] widget: String) {
    let other = elsewhere("");
    signs_in_here_alone(&format!("{other}{widget}")).await;
}

async fn signs_in_here_alone(page: &str) {
    let org = Hostile::showing(page).await;
    let visited = org.sign_in().await;
    let landing = visited.landing.expect("an end");
    assert!(
        matches!(
            &landing,
            Landing::Redirected {
                signed_in: true,
                ..
            }
        ),
        "{landing:?}"
    );
    assert_eq!(org.answers().len(), 1, "{:?}", org.typed());
    assert_eq!(org.leaked(), Vec::<String>::new());
    assert_eq!(visited.passwords_submitted, 1);
}

/// The middle of the first field is just below what is in view, and its upper edge is not.
#[tokio::test]
async fn a_field_that_is_half_in_view_is_scrolled_to() {
    let page = "<style>body { margin: 0 } input { display: block; height: 90px }</style>\
                <div style='height: calc(100vh - 40px)'><h1>Sign in</h1></div>{form}";
    signs_in_here_alone(page).await;
}

/// Which of two forms is meant nobody can say.
#[tokio::test]
async fn of_two_sign_in_forms_none_is_used() {
    let org = Hostile::showing(&format!("{}{{form}}", elsewhere(""))).await;
    let visited = org.sign_in().await;
    let landing = visited.landing.expect("an end");
    assert!(matches!(landing, Landing::Stopped { .. }), "{landing:?}");
    assert_eq!(org.typed(), Vec::<String>::new());
}
