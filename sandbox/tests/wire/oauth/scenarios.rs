//! Pages that were asked for by name: what each answers, what leads on, and what is kept of it.

use okta_sandbox::{
    Event, Facts, FactsOfAnswer, Language, Look, Options, Sandbox, UnknownScenario, scenarios,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::browser::{Browser, Page, SignIn};
use crate::world::{PASSWORD, World, login};

/// Goes as far as the scenario's first page.
async fn reach(world: &World, browser: &mut Browser, row: &Facts) -> (SignIn, Page) {
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    if row.is_for_everybody {
        let first = sign_in.first.clone();
        return (sign_in, first);
    }
    let named = browser.identify(&sign_in, &login("silver")).await;
    if !row.is_after_password {
        return (sign_in, named);
    }
    let answered = browser.answer(&sign_in, PASSWORD).await;
    (sign_in, answered)
}

async fn world_of(row: &Facts) -> World {
    let world = World::new().await;
    let who = (!row.is_for_everybody).then(|| login("silver"));
    let set = world.sandbox.set_scenario(who.as_deref(), row.name);
    assert_eq!(set, Ok(()));
    world
}

fn row(name: &str) -> Facts {
    let rows = scenarios().into_iter();
    let mut named = rows.filter(|row| row.name == name);
    named.next().unwrap_or_else(|| panic!("no `{name}`"))
}

fn texts<'a>(answer: &'a Value, list: &str, pointer: &str) -> Vec<&'a str> {
    let values = answer.pointer(list).and_then(Value::as_array);
    let values = values.into_iter().flatten();
    let texts = values.filter_map(|value| value.pointer(pointer));
    texts.filter_map(Value::as_str).collect()
}

/// The key of the authenticator that an answer is about.
fn key(answer: &Value) -> Option<&str> {
    let places = ["currentAuthenticator", "currentAuthenticatorEnrollment"];
    let mut found = places.iter().filter_map(|place| answer.get(place));
    found.find_map(|value| value["value"]["key"].as_str())
}

fn compare(name: &str, page: &Page, expected: &FactsOfAnswer) {
    assert_eq!(page.status, expected.status, "{name}");
    let answer = page.json();
    let forms = texts(&answer, "/remediation/value", "/name");
    assert_eq!(forms, expected.names, "{name}");
    assert_eq!(key(&answer), expected.key, "{name}");
    let keys = texts(&answer, "/messages/value", "/i18n/key");
    assert_eq!(keys, expected.messages, "{name}");
    for member in &expected.members {
        assert!(answer.get(member).is_some(), "{name}: {member}: {answer}");
    }
    for form in answer["remediation"]["value"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let href = form["href"].as_str().unwrap_or_default();
        assert!(href.starts_with("http://127.0.0.1:"), "{name}: {form}");
        assert!(!href.contains('{'), "{name}: {form}");
    }
}

#[tokio::test]
async fn every_page_of_identity_engine_answers_as_its_row_says() {
    for row in scenarios().iter().filter(|row| !row.identity.is_empty()) {
        let world = world_of(row).await;
        let (_, first) = reach(&world, &mut Browser::new(), row).await;
        compare(row.name, &first, &row.identity[0]);
    }
}

#[tokio::test]
async fn every_page_of_classic_engine_answers_as_its_row_says() {
    let world = World::classic(Options::default()).await;
    let url = format!("{}/api/v1/authn", world.sandbox.org_url());
    let body = json!({"username": login("silver"), "password": PASSWORD});
    for row in scenarios().iter().filter(|row| !row.classic.is_empty()) {
        world.sandbox.clear_scenarios();
        let set = world.sandbox.set_scenario(Some(&login("silver")), row.name);
        assert_eq!(set, Ok(()));
        let page = Browser::new().post_json(&url, &body).await;
        let expected = &row.classic[0];
        assert_eq!(page.status, expected.status, "{}", row.name);
        let answer = page.json();
        let code = ["status", "errorCode"].map(|name| answer[name].as_str().unwrap_or_default());
        assert!(code.contains(&expected.names[0]), "{}: {answer}", row.name);
        let factors = answer["_embedded"]["factors"]
            .as_array()
            .map_or(0, Vec::len);
        assert_eq!(factors, expected.choices.len(), "{}", row.name);
        if page.status == 200 {
            assert_eq!(
                answer["_embedded"]["user"]["profile"]["login"],
                login("silver")
            );
        }
    }
}

/// The shapes of a few, to the member: what the mock answers show.
#[tokio::test]
async fn a_push_a_number_and_a_choice_are_shaped_as_okta_s_mock_answers() {
    let number = row("number-challenge");
    let world = world_of(&number).await;
    let (_, page) = reach(&world, &mut Browser::new(), &number).await;
    let answer = page.json();
    let poll = &answer["remediation"]["value"][0];
    assert_eq!(poll["relatesTo"], json!(["$.currentAuthenticator"]));
    assert_eq!(poll["refresh"], 4000);
    let app = &answer["currentAuthenticator"]["value"];
    assert_eq!(app["contextualData"]["correctAnswer"], "10");
    assert_eq!(app["methods"], json!([{"type": "push"}]));
    assert_eq!(app["resend"]["name"], "resend");
    let choice = row("password-among-methods");
    let world = world_of(&choice).await;
    let (_, page) = reach(&world, &mut Browser::new(), &choice).await;
    let answer = page.json();
    let option = &answer["remediation"]["value"][0]["value"][0]["options"][1];
    let fields = &option["value"]["form"]["value"];
    assert_eq!(
        fields[1],
        json!({
            "name": "methodType", "required": false, "value": "password", "mutable": false,
        })
    );
    assert_eq!(option["relatesTo"], "$.authenticatorEnrollments.value[1]");
    let enrolled = &answer["authenticatorEnrollments"]["value"][1];
    assert_eq!(enrolled["key"], "okta_password");
    assert_eq!(fields[0]["value"], enrolled["id"]);
}

/// Takes a call that leads on: what must be chosen is chosen.
async fn take(browser: &mut Browser, sign_in: &SignIn, lead: &str) -> Page {
    let (path, chosen) = lead.split_once(' ').unwrap_or((lead, ""));
    let id = format!("aut-{}", chosen.replace('_', "-"));
    let body = json!({"stateHandle": sign_in.handle, "authenticator": {"id": id}});
    browser.post_json(&sign_in.path(path), &body).await
}

#[tokio::test]
async fn what_leads_on_does_and_nothing_else() {
    for row in scenarios().iter().filter(|row| leads(row)) {
        let world = world_of(row).await;
        let mut browser = Browser::new();
        let (sign_in, first) = reach(&world, &mut browser, row).await;
        for path in [
            "credential/enroll",
            "challenge/resend",
            "challenge",
            "enroll/new",
        ] {
            let stayed = take(&mut browser, &sign_in, path).await;
            assert_eq!(
                stayed.json()["remediation"],
                first.json()["remediation"],
                "{path}"
            );
        }
        let on = take(&mut browser, &sign_in, row.identity[0].leads[0])
            .await
            .json();
        assert_ne!(
            on["remediation"],
            first.json()["remediation"],
            "{}",
            row.name
        );
        if row.is_after_password {
            assert!(on["success"]["href"].is_string(), "{}: {on}", row.name);
            continue;
        }
        if row.is_for_everybody {
            browser.identify(&sign_in, &login("silver")).await;
        }
        let done = browser.answer(&sign_in, PASSWORD).await.json();
        assert!(done["success"]["href"].is_string(), "{}: {done}", row.name);
    }
}

fn leads(row: &Facts) -> bool {
    row.identity
        .first()
        .is_some_and(|answer| !answer.leads.is_empty())
}

#[tokio::test]
async fn a_page_stays_until_the_request_is_given_up() {
    let world = world_of(&row("okta-verify-push")).await;
    let mut browser = Browser::new();
    let (sign_in, asked) = reach(&world, &mut browser, &row("okta-verify-push")).await;
    let forms = asked.json()["remediation"].clone();
    let polled = take(&mut browser, &sign_in, "challenge/poll").await;
    assert_eq!(polled.json()["remediation"], forms);
    let anew = take(&mut browser, &sign_in, "cancel").await.json();
    assert_eq!(anew["remediation"]["value"][0]["name"], "identify");
}

#[tokio::test]
async fn an_unknown_name_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let refused = sandbox.set_scenario(None, "no-such-page");
    assert_eq!(refused, Err(UnknownScenario("no-such-page".to_owned())));
}

#[tokio::test]
async fn a_routing_rule_leads_to_a_page_of_another_origin() {
    let world = world_of(&row("routed-to-provider")).await;
    let mut browser = Browser::new();
    let (_, page) = reach(&world, &mut browser, &row("routed-to-provider")).await;
    let href = page.json()["remediation"]["value"][0]["href"].clone();
    let away = browser.get(href.as_str().unwrap()).await.location();
    assert_eq!(away.host_str(), Some("localhost"));
    let provider = browser.get(away.as_str()).await;
    assert!(provider.body.contains("type=\"password\""), "{provider:?}");
}

#[tokio::test]
async fn a_page_can_stay_blank() {
    let world = world_of(&row("blank")).await;
    let page = Browser::new().get(&world.authorize_url(&[])).await;
    assert!(!page.body.contains("idp/idx/introspect"), "{}", page.body);
}

#[rstest]
#[case::kept(true)]
#[case::not_unless_asked_for(false)]
#[tokio::test]
async fn what_is_posted_is_kept_where_it_is_to_be(#[case] watches: bool) {
    let options = Options {
        watches_sign_in: watches,
        ..Options::default()
    };
    let world = World::with(options).await;
    world.sign_in("silver", &[]).await;
    let events = world.sandbox.take_events();
    let posted: Vec<(&str, &Value)> = events.iter().filter_map(posted).collect();
    let paths: Vec<&str> = posted.iter().map(|(path, _)| *path).collect();
    if !watches {
        assert_eq!(paths, Vec::<&str>::new());
        return;
    }
    let expected =
        ["introspect", "identify", "challenge/answer"].map(|it| format!("/idp/idx/{it}"));
    assert_eq!(paths, expected);
    assert_eq!(posted[1].1["identifier"], login("silver"));
    assert_eq!(posted[2].1["credentials"]["passcode"], PASSWORD);
    assert_eq!(world.sandbox.take_events(), Vec::new());
}

fn posted(event: &Event) -> Option<(&str, &Value)> {
    match event {
        Event::Posted { path, body, .. } => Some((path, body)),
        _ => None,
    }
}

#[tokio::test]
async fn a_page_reports_what_is_typed_and_clicked() {
    let options = Options {
        watches_sign_in: true,
        ..Options::default()
    };
    let world = World::with(options).await;
    let mut browser = Browser::new();
    let page = browser.get(&world.authorize_url(&[])).await;
    assert!(page.body.contains("/sandbox/events"), "{}", page.body);
    let url = format!("{}/sandbox/events", world.sandbox.org_url());
    let typed = json!({"kind": "typed", "field": "identifier", "text": "somebody"});
    assert_eq!(browser.post_json(&url, &typed).await.status, 204);
    let clicked = json!({"kind": "clicked", "control": "save"});
    assert_eq!(browser.post_json(&url, &clicked).await.status, 204);
    let events = world.sandbox.take_events();
    assert_eq!(
        events,
        [
            Event::Typed {
                field: "identifier".to_owned(),
                text: "somebody".to_owned(),
            },
            Event::Clicked {
                control: "save".to_owned(),
            },
        ]
    );
}

/// Okta's widget gets the language by its configuration; the server's own texts follow it.
#[rstest]
#[case::german(Language::German, "de", "ltr")]
#[case::arabic(Language::Arabic, "ar", "rtl")]
#[tokio::test]
async fn a_page_is_in_the_org_s_language(
    #[case] language: Language,
    #[case] code: &str,
    #[case] direction: &str,
) {
    let options = Options {
        language,
        ..Options::default()
    };
    let world = World::classic(options).await;
    let page = super::classic::page(&world, &mut Browser::new()).await;
    assert!(
        page.body
            .contains(&format!("<html lang=\"{code}\" dir=\"{direction}\">"))
    );
    let has_own_words = page.body.contains("primaryauth.title");
    assert_eq!(has_own_words, language == Language::Arabic);
    // From here the widget fetches the words of a language, whatever characters the address has.
    let root = r"baseUrl: baseUrl + '\x2Fassets\x2Fjs\x2Fsdk\x2Fokta\x2Dsignin\x2Dwidget'";
    assert!(page.body.contains(root), "{}", page.body);
}

#[rstest]
#[case::plain(Look::Plain, false, false)]
#[case::own_words(Look::OwnWords, true, false)]
#[case::surrounded(Look::Surrounded, false, true)]
#[tokio::test]
async fn a_brand_can_have_words_and_surroundings_of_its_own(
    #[case] look: Look,
    #[case] has_words: bool,
    #[case] is_surrounded: bool,
) {
    let options = Options {
        look,
        ..Options::default()
    };
    let world = World::classic(options).await;
    let page = super::classic::page(&world, &mut Browser::new()).await;
    assert_eq!(page.body.contains("Welcome aboard"), has_words);
    assert_eq!(page.body.contains("Set up your day"), is_surrounded);
    assert_eq!(page.body.contains("<iframe"), is_surrounded);
}
