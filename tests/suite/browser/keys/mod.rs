//! Pages that are known by what their server said, whatever words they are in.

mod server;

use okta_e2e::browser::{KnownBy, Landing, Refusal, StopPage};
use rstest::rstest;
use serde_json::json;

use server::{Ended, PASSWORD, Step, challenge, messages, remediation, visit};

/// Username and password, and then this.
async fn after_the_password(banner: &str, steps: Vec<Step>) -> Ended {
    let first = [Step::identify(), Step::password()];
    let ended = visit(banner, first.into_iter().chain(steps).collect()).await;
    assert_eq!(ended.typed("identifier"), ["alice@example.com"]);
    ended
}

fn refusal(ended: &Ended) -> Refusal {
    let Landing::Refused { kind, known, .. } = &ended.landing else {
        panic!("{:?}", ended.landing)
    };
    assert_eq!(known.by, KnownBy::Keys);
    *kind
}

fn stop(ended: &Ended) -> (StopPage, &'static str) {
    let Landing::Stopped { kind, known, .. } = &ended.landing else {
        panic!("{:?}", ended.landing)
    };
    (*kind, known.is.unwrap_or_default())
}

fn is_signed_in(ended: &Ended) -> bool {
    matches!(ended.landing, Landing::Redirected { .. })
}

#[rstest]
#[case::wrong_password(
    "incorrectPassword",
    "Das Passwort stimmt nicht",
    Refusal::WrongPassword
)]
#[case::anything_of_these("errors.E0000004", "サインインできません", Refusal::Credentials)]
#[case::in_own_words("errors.E0000004", "Please call extension 4711", Refusal::Credentials)]
#[case::locked(
    "authfactor.challenge.suspended_factor",
    "Bloqueado",
    Refusal::LockedOut
)]
#[case::not_assigned(
    "idx.error.user.not.assigned.to.app",
    "لم يتم تعيين المستخدم لهذا التطبيق",
    Refusal::NotAssigned
)]
#[case::policy("security.access_denied", "Sem permissão", Refusal::NotAllowed)]
#[case::rate_limit("tooManyRequests", "Zu viele Anfragen", Refusal::RateLimited)]
// Words that are known, of a key that is not.
#[case::unknown(
    "of.next.year",
    "User is not assigned to this application.",
    Refusal::Other
)]
#[tokio::test]
async fn a_refusal_is_known_in_any_language(
    #[case] key: &str,
    #[case] says: &str,
    #[case] expected: Refusal,
) {
    let ended = after_the_password("", vec![Step::refused(key, says)]).await;
    assert_eq!(refusal(&ended), expected);
    assert_eq!(ended.typed("credentials.passcode"), [PASSWORD]);
}

/// The client of the visit has an id of Okta's making; the answer names another application.
#[rstest]
#[case::the_client("0oaClient", Refusal::NotAssigned)]
#[case::another("0oaOther", Refusal::Other)]
#[tokio::test]
async fn a_refusal_of_another_application_is_none_of_the_client(
    #[case] application: &str,
    #[case] expected: Refusal,
) {
    let refused = Step::refused("idx.error.user.not.assigned.to.app", "No");
    let ended = after_the_password("", vec![refused.about(application)]).await;
    assert_eq!(refusal(&ended), expected);
}

/// Its words are none that the suite knows by chance.
#[tokio::test]
async fn a_device_that_does_not_meet_a_policy_is_no_wrong_password() {
    let key = "idx.error.code.access_denied.device_assurance.remediation.title";
    let ended = after_the_password("", vec![Step::refused(key, "Gerät")]).await;
    assert_eq!(refusal(&ended), Refusal::NotAllowed);
}

#[rstest]
#[case::loading("<p role='alert'>Loading…</p>")]
#[case::cookies("<div role='alert'>We use cookies. Access denied? Read more</div>")]
#[case::a_heading("<h1>Set up your laptop in five minutes</h1>")]
#[case::a_search("<form action='/search'><input name='q' type='search'></form>")]
#[tokio::test]
async fn what_stands_above_the_widget_is_none_of_its_business(#[case] banner: &str) {
    let ended = after_the_password(banner, vec![Step::success()]).await;
    assert!(is_signed_in(&ended), "{:?}", ended.landing);
    assert_eq!(ended.typed("credentials.passcode"), [PASSWORD]);
}

/// A note, and the words of a refusal, on a page that goes on.
#[tokio::test]
async fn a_note_is_no_refusal() {
    let mut push = challenge("challenge-poll", "okta_verify", "push");
    push["messages"] = messages("INFO", "of.a.note", "Access denied");
    let draws = "<form><h1 data-se='o-form-head'>Push</h1><div role='alert'>Access denied is what \
                 you choose if it was not you</div></form>";
    let ended = after_the_password("", vec![Step::new(push, draws)]).await;
    let is = "asks for a push notification to be accepted in Okta Verify";
    assert_eq!(stop(&ended), (StopPage::SecondFactor, is));
}

#[tokio::test]
async fn the_code_of_the_app_is_typed_whatever_its_page_is_called() {
    let code = Step::code("google_otp", "ورمز التحقق");
    let ended = after_the_password("", vec![code, Step::success()]).await;
    assert!(is_signed_in(&ended), "{:?}", ended.landing);
    let typed = ended.typed("credentials.passcode");
    assert_eq!((typed.len(), typed[0]), (2, PASSWORD));
}

#[rstest]
#[case::custom(
    "custom_otp",
    "asks for a code of a custom one-time password app or token"
)]
#[case::symantec("symantec_vip", "asks for a code of Symantec VIP")]
#[case::mail("okta_email", "asks for a code or link that is sent by email")]
#[case::unknown("of_next_year", "")]
#[tokio::test]
async fn no_code_is_typed_for_another_vendor_whatever_its_page_is_called(
    #[case] authenticator: &str,
    #[case] is: &str,
) {
    let code = Step::code(authenticator, "Verify with Google Authenticator");
    let ended = after_the_password("", vec![code]).await;
    let (kind, named) = stop(&ended);
    assert!(matches!(kind, StopPage::SecondFactor | StopPage::Unknown));
    assert_eq!(named, is);
    assert_eq!(ended.typed("credentials.passcode"), [PASSWORD]);
}

/// A list of methods, with the keys that generation 3 has in its page.
fn methods(name: &str, keys: &[&str]) -> Step {
    let mut answer = remediation(&[name]);
    let options = keys.iter().enumerate().map(|(number, key)| {
        json!({"label": key, "relatesTo": format!("$.authenticatorEnrollments.value[{number}]")})
    });
    let options: Vec<_> = options.collect();
    let enrolled: Vec<_> = keys.iter().map(|key| json!({ "key": key })).collect();
    answer["remediation"]["value"][0]["value"] =
        json!([{"name": "authenticator", "options": options}]);
    answer["authenticatorEnrollments"] = json!({"value": enrolled});
    let buttons = keys.iter().enumerate().map(|(number, key)| {
        format!(
            "<button type='button' data-se='authenticator-button' aria-label='選択' data-go='{key}'>\
             <p id='{key}_{number}-label' data-se='authenticator-button-label'>方法</p></button>"
        )
    });
    let draws = format!(
        "<h1 data-se='o-form-head'>方法を選択</h1>{}",
        buttons.collect::<String>()
    );
    Step::new(answer, &draws)
}

#[tokio::test]
async fn the_password_is_chosen_where_methods_come_first() {
    let choice = methods(
        "select-authenticator-authenticate",
        &["okta_email", "okta_password"],
    );
    let steps = vec![Step::identify(), choice, Step::password(), Step::success()];
    let ended = visit("", steps).await;
    assert!(is_signed_in(&ended), "{:?}", ended.landing);
    assert_eq!(ended.typed("clicked"), ["okta_password"]);
    assert_eq!(ended.typed("credentials.passcode"), [PASSWORD]);
}

#[tokio::test]
async fn the_app_is_chosen_among_second_factors() {
    let choice = methods(
        "select-authenticator-authenticate",
        &["custom_otp", "google_otp", "okta_email"],
    );
    let steps = vec![choice, Step::code("google_otp", "確認"), Step::success()];
    let ended = after_the_password("", steps).await;
    assert!(is_signed_in(&ended), "{:?}", ended.landing);
    assert_eq!(ended.typed("clicked"), ["google_otp"]);
}

/// A profile that may be left out by what is offered, and is asked for again.
#[tokio::test]
async fn what_leads_back_to_its_own_page_is_clicked_once() {
    let profile = || {
        let draws = "<form><h1 data-se='o-form-head'>プロフィール</h1>\
                     <button type='button' data-se='skip' data-go='skip'>後で</button></form>";
        Step::new(remediation(&["profile-update", "skip"]), draws)
    };
    let steps = vec![profile(), profile(), profile()];
    let ended = after_the_password("", steps).await;
    assert_eq!(stop(&ended).0, StopPage::Profile);
    assert_eq!(ended.typed("clicked"), ["skip"]);
}

/// A page of a form that has a button, and nothing to type into.
fn button(names: &[&str]) -> Step {
    let draws = "<form><h1 data-se='o-form-head'>次のステップ</h1>\
                 <button type='button' data-se='of-next-year' data-go='it'>次へ</button></form>";
    Step::new(remediation(names), draws)
}

/// A secret that no fixture has, in a field like that of the password.
fn secret_of_next_year() -> Step {
    let answer = challenge("challenge-authenticator", "of_next_year", "secret");
    let draws = "<form><h1 data-se='o-form-head'>秘密</h1>\
                 <input name='credentials.passcode' type='password' autocomplete='current-password'>\
                 <button type='submit' data-se='save'>確認</button></form>";
    Step::new(answer, draws)
}

#[rstest]
#[case::a_form("remediation:of-next-year", button(&["of-next-year"]))]
#[case::a_form_beside_links(
    "remediation:of-next-year",
    button(&["of-next-year", "cancel-of-next-year"])
)]
#[case::an_authenticator("authenticator:of_next_year", secret_of_next_year())]
#[tokio::test]
async fn what_nobody_knows_is_told_by_its_key_and_left_alone(
    #[case] key: &str,
    #[case] page: Step,
    #[values(true, false)] is_after_password: bool,
) {
    let first = [Step::identify(), Step::password()];
    let before = first.into_iter().filter(|_| is_after_password);
    let ended = visit("", before.chain([page]).collect()).await;
    let Landing::Stopped { kind, known, .. } = &ended.landing else {
        panic!("{:?}", ended.landing)
    };
    assert_eq!((*kind, known.by), (StopPage::Unknown, KnownBy::Keys));
    assert!(known.keys.iter().any(|told| told == key), "{known:?}");
    assert_eq!(ended.posted.len(), if is_after_password { 2 } else { 0 });
}

/// Forms that the sandbox's pages do not have, and those that stand beside others, here alone.
#[rstest]
#[case::a_smart_card("piv-idp", StopPage::SecondFactor)]
#[case::an_extension_of_the_system("device-apple-sso-extension", StopPage::Device)]
#[case::the_end_of_one("cancel-transaction", StopPage::Device)]
#[case::a_device_by_radio("launch-nfc-authenticator", StopPage::Device)]
#[case::another_channel("enrollment-channel-data", StopPage::Enrolment)]
#[case::a_passkey_to_set_up("enroll-webauthn-residentkey", StopPage::Enrolment)]
#[case::a_code_of_another_device("user-code", StopPage::AnotherForm)]
#[case::a_passkey("launch-passkeys-authenticator", StopPage::SecondFactor)]
#[case::a_passkey_by_itself("challenge-webauthn-autofillui-authenticator", StopPage::SecondFactor)]
#[case::links("select-enroll-profile", StopPage::AnotherForm)]
#[case::a_link_back("select-identify", StopPage::AnotherForm)]
#[case::device_management("device-enrollment-terminal", StopPage::Device)]
#[case::data_to_set_up("select-authenticator-enroll-data", StopPage::Enrolment)]
#[tokio::test]
async fn a_form_is_named_where_it_is_the_only_one(#[case] name: &str, #[case] expected: StopPage) {
    let ended = visit("", vec![Step::identify(), button(&[name])]).await;
    let (kind, is) = stop(&ended);
    assert_eq!(kind, expected);
    assert_ne!(is, "");
    assert_eq!(ended.posted.len(), 1);
}

#[tokio::test]
async fn a_passkey_that_a_button_asks_for_is_named() {
    let launch = challenge("launch-webauthn-authenticator", "webauthn", "webauthn");
    let draws = "<form><h1 data-se='o-form-head'>パスキー</h1>\
                 <button type='button' data-go='launch'>続ける</button></form>";
    let ended = after_the_password("", vec![Step::new(launch, draws)]).await;
    let is = "asks for a security key, a passkey or a biometric authenticator (WebAuthn)";
    assert_eq!(stop(&ended), (StopPage::SecondFactor, is));
    assert_eq!(ended.typed("clicked"), [""; 0]);
}

#[tokio::test]
async fn a_slow_org_is_waited_for() {
    let steps = [Step::identify(), Step::password(), Step::success()];
    let ended = visit("", steps.map(Step::late).into()).await;
    assert!(is_signed_in(&ended), "{:?}", ended.landing);
    assert_eq!(ended.typed("credentials.passcode"), [PASSWORD]);
}

/// The same list, to set methods up.
#[tokio::test]
async fn nothing_is_set_up() {
    let list = methods("select-authenticator-enroll", &["okta_email", "google_otp"]);
    let ended = after_the_password("", vec![list]).await;
    let is = "wants a security method to be set up";
    assert_eq!(stop(&ended), (StopPage::Enrolment, is));
    assert_eq!(ended.typed("clicked"), [""; 0]);
}

#[rstest]
#[case::no_json(502, StopPage::Unavailable)]
#[case::maintenance(503, StopPage::Unavailable)]
#[tokio::test]
async fn a_server_that_fails_refuses_nobody(#[case] status: u16, #[case] expected: StopPage) {
    let alert = "<div data-se='infobox-error'><div role='alert'>Authentication failed</div></div>";
    let failed = Step::failed(status, json!("oops"), alert);
    let ended = after_the_password("", vec![failed]).await;
    assert_eq!(stop(&ended).0, expected);
    assert_eq!(ended.typed("credentials.passcode"), [PASSWORD]);
}

/// What is said before anything was submitted is said to everybody.
#[tokio::test]
async fn nothing_is_a_refusal_before_something_was_submitted() {
    let mut answer = remediation(&[]);
    answer["messages"] = messages("ERROR", "security.access_denied", "Zugriff verweigert");
    let alert = "<div data-se='infobox-error'><div role='alert'>Zugriff verweigert</div></div>";
    let ended = visit("", vec![Step::failed(403, answer, alert)]).await;
    assert_eq!(stop(&ended).0, StopPage::Closed);
}
