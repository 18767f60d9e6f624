//! What is understood of a page, by what was heard and by how long it has stood.

use rstest::rstest;

use super::*;
use crate::browser::known::samples;

mod captchas;
mod closed;
mod errors;
mod natures;

const LONG_AGO: Duration = Duration::from_secs(60);
const A_MOMENT: Duration = Duration::from_millis(20);
/// A page that stops a sign-in is named within this time of standing still.
const CONTRACT: Duration = Duration::from_secs(1);
const APP_ALONE: Means = Means {
    app: true,
    passkey: Key::None,
    consent: false,
};
const SUBMITTED: Fields = Fields {
    username: true,
    password: true,
    code: false,
};

/// A page after the password, drawn anew and still for long.
struct Case {
    page: Page,
    typed: Fields,
    means: Means,
    still: Duration,
    quiet: Duration,
    is_redrawn: bool,
    instead: Option<Instead>,
    asks_in_dialog: bool,
    clicks: Clicks,
    said: Vec<String>,
}

impl Default for Case {
    fn default() -> Self {
        let page = Page {
            loaded: true,
            scripted: true,
            heading: "Ein Schritt noch".to_owned(),
            ..Page::default()
        };
        Self {
            page,
            typed: SUBMITTED,
            means: Means::default(),
            still: LONG_AGO,
            quiet: LONG_AGO,
            is_redrawn: true,
            instead: None,
            asks_in_dialog: false,
            clicks: Clicks::default(),
            said: Vec::new(),
        }
    }
}

impl Case {
    fn before_anything() -> Self {
        Self {
            typed: Fields::NONE,
            ..Self::default()
        }
    }

    fn situation(&self) -> Situation<'_> {
        Situation {
            page: &self.page,
            typed: self.typed,
            means: self.means,
            asked: self.asked(),
            submitted: 0,
            still: self.still,
            quiet: self.quiet,
            asks_for_news: false,
            is_of_another: false,
            said: &self.said,
            is_redrawn: self.is_redrawn,
            instead: self.instead,
            asks_in_dialog: self.asks_in_dialog,
            clicks: &self.clicks,
        }
    }

    fn understand(&self, heard: &Heard) -> Option<Understood> {
        self.situation().understand(heard)
    }

    fn verdict(&self, heard: &Heard) -> Option<Verdict> {
        self.understand(heard).map(|understood| understood.verdict)
    }
}

fn says(keys: &[&str]) -> Answer {
    Answer {
        id: "2".to_owned(),
        keys: keys.iter().map(|&key| key.to_owned()).collect(),
        ..Answer::default()
    }
}

fn fresh(answer: Answer) -> Heard {
    Heard::Answer {
        answer,
        is_fresh: true,
        under_way: false,
    }
}

fn heard(keys: &[&str]) -> Heard {
    fresh(says(keys))
}

const NOTHING: Heard = Heard::Nothing {
    under_way: false,
    missing_script: None,
};

fn stopped(kind: StopPage) -> Verdict {
    Verdict::Stopped(kind)
}

/// Whatever the table has to stop at, and whether or not it was drawn anew.
#[rstest]
#[case::drawn_anew(true)]
#[case::as_it_was(false)]
fn every_page_of_the_table_is_named_in_a_second(#[case] is_redrawn: bool) {
    let case = Case {
        is_redrawn,
        still: CONTRACT,
        ..Case::default()
    };
    let unnamed = samples().filter(|keys| {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        case.understand(&heard(&keys)).is_none()
    });
    assert_eq!(unnamed.collect::<Vec<_>>(), Vec::<Vec<String>>::new());
}

/// It stood still while its server took its time, and is about to draw what it was answered.
#[rstest]
#[case::a_moment_ago(A_MOMENT, None)]
#[case::long_ago(LONG_AGO, Some(stopped(StopPage::Unknown)))]
fn a_page_is_looked_at_again_that_was_answered(
    #[case] quiet: Duration,
    #[case] expected: Option<Verdict>,
) {
    let case = Case {
        quiet,
        ..Case::default()
    };
    assert_eq!(case.verdict(&NOTHING), expected);
}

#[test]
fn a_page_that_was_drawn_a_moment_ago_is_looked_at_again() {
    let push = heard(&[
        "remediation:challenge-poll",
        "authenticator:okta_verify",
        "method:push",
    ]);
    let case = Case {
        still: A_MOMENT,
        ..Case::default()
    };
    assert_eq!(case.understand(&push), None);
}

#[test]
fn a_page_is_named_by_its_keys_with_what_to_change() {
    let keys = [
        "remediation:challenge-poll",
        "authenticator:okta_verify",
        "method:push",
    ];
    let understood = Case::default().understand(&heard(&keys)).expect("a page");
    assert_eq!(understood.verdict, Verdict::Stopped(StopPage::SecondFactor));
    assert_eq!(understood.known.by, KnownBy::Keys);
    assert_eq!(understood.known.keys, keys);
    assert!(understood.known.policy.is_some() && understood.known.change.is_some());
}

/// A key of next year, beside a form or alone, as an error or not.
#[rstest]
#[case::a_remediation("remediation:of-next-year", true, Some(stopped(StopPage::Unknown)))]
#[case::an_error("message:of.next.year", false, Some(stopped(StopPage::Unknown)))]
#[case::an_error_after_something(
    "message:of.next.year",
    true,
    Some(Verdict::Refused(Refusal::Other, String::new()))
)]
fn a_key_that_nobody_knows_is_no_more_than_not_checked(
    #[case] key: &str,
    #[case] asked: bool,
    #[case] expected: Option<Verdict>,
) {
    let case = if asked {
        Case::default()
    } else {
        Case::before_anything()
    };
    assert_eq!(case.verdict(&heard(&[key])), expected);
}

#[test]
fn a_form_is_filled_in_whatever_else_is_said() {
    let mut case = Case::before_anything();
    case.page.username = true;
    let fields = Fields {
        username: true,
        ..Fields::NONE
    };
    let verdict = case.verdict(&heard(&["remediation:of-next-year"]));
    assert_eq!(verdict, Some(Verdict::Fill(fields)));
}

#[test]
fn what_goes_on_by_itself_is_waited_for_and_named_at_last() {
    let success = heard(&["has:success"]);
    let case = Case::default();
    assert_eq!(case.understand(&success), None);
    let given_up = case.situation().given_up(&success);
    assert_eq!(given_up.verdict, Verdict::Stopped(StopPage::Unknown));
    assert_eq!(
        given_up.known.is,
        Some("is about to lead back to the client")
    );
}

#[test]
fn a_control_that_led_back_is_not_clicked_again() {
    let keys = ["remediation:profile-update", "remediation:skip"];
    let mut case = Case::default();
    case.page.controls = vec!["skip".to_owned()];
    let click = Some(Verdict::Click("skip".to_owned()));
    assert_eq!(case.verdict(&heard(&keys)), click);
    let first = Answer {
        id: "1".to_owned(),
        ..says(&keys)
    };
    case.clicks.add("skip", "1", &fresh(first));
    assert_eq!(
        case.verdict(&heard(&keys)),
        Some(stopped(StopPage::Profile))
    );
}

#[test]
fn a_control_that_is_not_there_is_waited_for_and_no_longer() {
    let keys = ["remediation:keep-me-signed-in"];
    let mut case = Case::default();
    assert_eq!(
        case.verdict(&heard(&keys)),
        Some(stopped(StopPage::Unknown))
    );
    case.still = A_MOMENT;
    assert_eq!(case.verdict(&heard(&keys)), None);
}

/// A list of methods: what is chosen by whom.
#[rstest]
#[case::the_password_first(Fields::NONE, Means::default(), Some("okta_password"))]
#[case::the_app(SUBMITTED, APP_ALONE, Some("google_otp"))]
#[case::nothing(SUBMITTED, Means::default(), None)]
fn a_method_is_chosen_that_the_user_has_the_means_for(
    #[case] typed: Fields,
    #[case] means: Means,
    #[case] chosen: Option<&str>,
) {
    let mut answer = says(&["remediation:select-authenticator-authenticate"]);
    let offered = ["okta_email", "okta_password", "google_otp"];
    answer.choices = offered.map(|key| Choice::new(key, "")).to_vec();
    let mut case = Case {
        typed,
        means,
        ..Case::default()
    };
    case.page.lists = true;
    let expected = chosen.map_or(Verdict::Stopped(StopPage::SecondFactor), |key| {
        Verdict::Choose(Choice::new(key, ""))
    });
    assert_eq!(case.verdict(&fresh(answer)), Some(expected));
}

#[test]
fn another_factor_that_is_asked_for_first_is_switched_from() {
    let mut answer = says(&["status:MFA_REQUIRED"]);
    answer.choices = vec![Choice::new("google_otp", "")];
    let mut case = Case {
        means: APP_ALONE,
        ..Case::default()
    };
    case.page.href = "https://example.okta.com/signin/verify/okta/push".to_owned();
    case.page.controls = vec![SWITCH_METHOD.to_owned()];
    let verdict = case.verdict(&fresh(answer));
    assert_eq!(verdict, Some(Verdict::Click(SWITCH_METHOD.to_owned())));
}

#[test]
fn where_nothing_is_heard_an_unknown_page_is_not_waited_for_to_the_end() {
    let mut case = Case::default();
    let understood = case.understand(&Heard::Deaf).expect("a page");
    assert_eq!(understood.verdict, Verdict::Stopped(StopPage::Unknown));
    assert_eq!(understood.known.by, KnownBy::WordsAlone);
    case.is_redrawn = false;
    assert_eq!(
        case.understand(&Heard::Deaf),
        None,
        "its answer may be on the way"
    );
    case.is_redrawn = true;
    case.still = CONTRACT;
    assert_eq!(case.understand(&Heard::Deaf), None, "its scripts may draw");
}

#[test]
fn where_nothing_is_heard_a_blank_page_is_named() {
    let mut case = Case::before_anything();
    case.page.heading = String::new();
    assert_eq!(case.understand(&Heard::Deaf), None);
    case.page.blank = true;
    assert_eq!(case.verdict(&Heard::Deaf), Some(stopped(StopPage::Blank)));
}

#[test]
fn a_page_that_asked_for_nothing_is_unknown_once_it_rests() {
    let mut case = Case::before_anything();
    case.still = CONTRACT;
    assert_eq!(case.verdict(&NOTHING), None, "a script may lead on");
    case.page.can_be_pressed = true;
    assert_eq!(case.verdict(&NOTHING), None, "it may pass by itself");
    case.page.asks = true;
    assert_eq!(case.verdict(&NOTHING), Some(stopped(StopPage::Unknown)));
    let under_way = Heard::Nothing {
        under_way: true,
        missing_script: None,
    };
    assert_eq!(case.verdict(&under_way), None);
    case.page.loaded = false;
    assert_eq!(case.verdict(&NOTHING), None);
}

/// A message that is shown for a moment is gone when nothing comes of waiting any more.
#[rstest]
#[case::above_the_form(true, Verdict::Refused(Refusal::Other, "Falsch".to_owned()))]
#[case::on_the_way_to_another_page(false, stopped(StopPage::Unknown))]
fn what_was_said_for_a_moment_is_said_of_the_form(#[case] stands: bool, #[case] verdict: Verdict) {
    let mut case = Case {
        said: vec!["Falsch".to_owned()],
        ..Case::default()
    };
    case.page.password = stands;
    assert_eq!(case.verdict(&NOTHING), Some(verdict));
}

#[test]
fn a_page_that_says_that_something_is_to_come_is_waited_for() {
    let mut case = Case::before_anything();
    case.page.busy = true;
    case.still = STILL_SCRIPTED;
    case.page.status = 503;
    assert_eq!(case.verdict(&NOTHING), None, "a waiting room");
    case.page.status = 200;
    assert_eq!(case.verdict(&NOTHING), None);
    case.still = STILL_BUSY;
    assert_eq!(case.verdict(&NOTHING), Some(stopped(StopPage::Unknown)));
}

#[test]
fn a_script_that_did_not_come_is_told() {
    let mut case = Case::before_anything();
    case.page.heading = String::new();
    case.page.blank = true;
    case.still = CONTRACT;
    assert_eq!(case.verdict(&NOTHING), None, "its scripts may draw");
    let missing = Heard::Nothing {
        under_way: false,
        missing_script: Some("cdn.example/widget.js".to_owned()),
    };
    let understood = case.understand(&missing).expect("a page");
    assert_eq!(understood.verdict, Verdict::Stopped(StopPage::Blank));
    assert_eq!(
        understood.known.keys,
        ["script not loaded: cdn.example/widget.js"]
    );
}

#[test]
fn a_request_that_broke_off_refuses_nobody() {
    let broken = Heard::Broken("identify: net::ERR_FAILED".to_owned());
    assert_eq!(
        Case::default().verdict(&broken),
        Some(stopped(StopPage::Unavailable))
    );
    assert_eq!(Case::default().understand(&Heard::Pending), None);
}

/// Something was submitted, and the page asked the server nothing.
#[rstest]
#[case::captcha("has:captcha", StopPage::Captcha)]
#[case::nothing_of_the_kind("remediation:identify", StopPage::Unknown)]
fn a_form_that_is_not_sent_is_named(#[case] key: &str, #[case] expected: StopPage) {
    let unanswered = Heard::Answer {
        answer: says(&[key]),
        is_fresh: false,
        under_way: false,
    };
    assert_eq!(
        Case::default().verdict(&unanswered),
        Some(stopped(expected))
    );
}

const ASKS_FOR_A_PASSKEY: [&str; 2] = [
    "remediation:challenge-authenticator",
    "authenticator:webauthn",
];

/// The page asks the browser by itself; one that says that it was not answered goes no further.
#[rstest]
#[case::none(Key::None, A_MOMENT, "", None)]
#[case::none_and_still(Key::None, CONTRACT, "", Some("set TEST_USER_{user}_PASSKEY"))]
#[case::refused_by_the_driver(Key::Refused, CONTRACT, "", Some("virtual authenticators"))]
#[case::held(Key::Held, CONTRACT, "", None)]
#[case::held_for_long(Key::Held, LONG_AGO, "", Some("did not use it"))]
#[case::held_and_said(
    Key::Held,
    CONTRACT,
    "The operation is not allowed.",
    Some("did not use it")
)]
fn a_page_that_asks_for_a_passkey_is_waited_for_where_there_is_one(
    #[case] passkey: Key,
    #[case] still: Duration,
    #[case] said: &str,
    #[case] change: Option<&str>,
) {
    let mut case = Case {
        still,
        means: Means {
            passkey,
            ..Means::default()
        },
        ..Case::default()
    };
    case.page
        .alerts
        .extend((!said.is_empty()).then(|| said.to_owned()));
    let understood = case.understand(&heard(&ASKS_FOR_A_PASSKEY));
    let told = understood.map(|understood| {
        assert_eq!(understood.verdict, stopped(StopPage::SecondFactor));
        understood.known.change.unwrap_or_default()
    });
    match (told, change) {
        (None, None) => {}
        (Some(told), Some(change)) => assert!(told.contains(change), "{told}"),
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case::a_passkey(Key::Held, false, Some(PASSKEY))]
#[case::both(Key::Held, true, Some(PASSKEY))]
#[case::an_app_where_the_driver_refuses(Key::Refused, true, Some("google_otp"))]
#[case::neither(Key::Refused, false, None)]
fn a_passkey_is_chosen_where_the_browser_holds_it(
    #[case] passkey: Key,
    #[case] app: bool,
    #[case] chosen: Option<&str>,
) {
    let mut case = Case {
        means: Means {
            app,
            passkey,
            ..Means::default()
        },
        ..Case::default()
    };
    case.page.lists = true;
    let choices = ["okta_email", "webauthn", "google_otp"];
    let answer = Answer {
        choices: choices.map(|key| Choice::new(key, key)).to_vec(),
        ..says(&["remediation:select-authenticator-authenticate"])
    };
    let wanted = chosen.map_or(stopped(StopPage::SecondFactor), |key| {
        Verdict::Choose(Choice::new(key, key))
    });
    assert_eq!(case.verdict(&fresh(answer)), Some(wanted));
}
