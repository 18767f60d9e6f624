//! One visit: where it ended, and what was done on the way.

use std::time::{Duration, Instant};

use okta_e2e::browser::{Browsers, Known, KnownBy, Landing};
use okta_e2e::totp::Totp;
use okta_sandbox::{Event, Facts, FactsOfAnswer, SignInPage};
use secrecy::SecretString;

use super::conduct::Conduct;
use super::expected::{self, BLANK, Engine, GOES_ON, SIGNED_IN};
use crate::browser::widget::place::{self, Org, PASSWORD, keep_picture};
use crate::support::world::World;

/// An org with a sign-in page, and what it is called in reports.
pub(super) struct Stage<'a> {
    pub(super) world: &'a World,
    pub(super) browsers: &'static Browsers,
    pub(super) page: SignInPage,
    pub(super) name: String,
}

/// What came of a visit.
pub(super) struct Visited {
    /// How long it took from the org's last answer to the end.
    pub(super) named_after: Duration,
    /// What was wrong with it.
    pub(super) wrong: Vec<String>,
}

/// Signs a user in who comes to the page of this row.
pub(super) async fn visit(stage: &Stage<'_>, row: &Facts) -> Visited {
    let sandbox = &stage.world.sandbox;
    let org = Org { world: stage.world };
    let login = org.subscriber(row.name).await;
    let who = (!row.is_for_everybody).then_some(login.as_str());
    sandbox.set_scenario(who, row.name).expect("a known row");
    let totp = app(stage, row, &login);
    let _before = sandbox.take_events();
    let mut browser = stage.browsers.user().await.expect("a browser is free");
    let landing = org.sign_in_with(&mut browser, &login, PASSWORD, totp.as_ref());
    let landing = landing.await;
    let ended = Instant::now();
    drop(browser);
    sandbox.clear_scenarios();
    keep_picture(
        stage.page,
        &format!("{}-{}", row.name, stage.name),
        &landing,
    );
    let events = sandbox.take_events();
    let conduct = Conduct {
        engine: Engine::of(stage.page),
        row,
        login: &login,
        password: PASSWORD,
        has_app: totp.is_some(),
        is_signed_in: end(&landing) == SIGNED_IN,
        events: &events,
    };
    let mut wrong = conduct.wrong();
    wrong.extend(wrong_end(stage, row, &landing));
    wrong.extend(wrong_language(stage, &landing));
    // A page that stays blank is waited for: it may be drawn yet.
    wrong.extend(named_late(&landing).filter(|_| !row.is_blank));
    let named_after = answered(&events).map_or(Duration::ZERO, |answered| ended - answered);
    // Drawing the page and the picture of it is in this time, on a machine with other tests.
    if named_after >= place::config().step_timeout / 2 {
        wrong.push(format!("was waited for {named_after:.1?}"));
    }
    let head = format!("{:?} {} {}: ", stage.page, stage.name, row.name);
    Visited {
        named_after,
        wrong: wrong.iter().map(|text| format!("{head}{text}")).collect(),
    }
}

/// An authenticator app, for a row on which one can be chosen.
fn app(stage: &Stage<'_>, row: &Facts, login: &str) -> Option<Totp> {
    let mut answers = row.identity.iter();
    let is_choice = answers.any(|answer| answer.leads.contains(&"challenge google_otp"));
    is_choice.then(|| {
        let secret = stage.world.sandbox.enrol_totp(login);
        Totp::new(&SecretString::from(secret)).expect("a secret")
    })
}

/// What is wrong with where the visit ended, and with what is said of it.
fn wrong_end(stage: &Stage<'_>, row: &Facts, landing: &Landing) -> Vec<String> {
    let engine = Engine::of(stage.page);
    let stop = expected::stop(row, engine);
    let right = stop.map_or(GOES_ON, |(_, ends)| ends);
    let end = end(landing);
    if !right.contains(&end.as_str()) {
        return vec![format!("ended {end}, not {right:?}: {}", brief(landing))];
    }
    match (landing, stop) {
        (Landing::Stopped { known, .. } | Landing::Refused { known, .. }, Some((answer, ends)))
            if ends != BLANK =>
        {
            wrong_words(engine, answer, known, &end)
        }
        _ => Vec::new(),
    }
}

/// A page is named within so long of standing still.
const LONGEST_STILL: Duration = Duration::from_secs(1);

/// By the looks that were taken at a page that stood still, each of which takes its time by the
/// browser's own clock: what else this machine does makes them fewer.
fn named_late(landing: &Landing) -> Option<String> {
    let (Landing::Stopped { known, .. } | Landing::Refused { known, .. }) = landing else {
        return None;
    };
    let is_late = Known::LOOK * known.looks > LONGEST_STILL;
    is_late.then(|| {
        format!(
            "named after {} looks at a page that stood still",
            known.looks
        )
    })
}

/// What the widget's pages say in English, whatever they are about, and in no other language.
const ENGLISH: [&str; 2] = ["Back to sign in", "Sign Out"];

/// Languages that the widget has all of its words in; of a brand's own it has some.
const TRANSLATED: [&str; 3] = ["de-", "ja-", "pt-BR-"];

/// A page in another language proves nothing if it is in English.
fn wrong_language(stage: &Stage<'_>, landing: &Landing) -> Option<String> {
    let (Landing::Stopped { evidence, .. } | Landing::Refused { evidence, .. }) = landing else {
        return None;
    };
    let is_english = ENGLISH.iter().any(|words| evidence.text.contains(words));
    let is_to_be = TRANSLATED.iter().any(|code| stage.name.starts_with(code));
    (is_english && is_to_be).then(|| "the page is in English".to_owned())
}

/// A page is known by its keys, which are told, and so is what it does.
fn wrong_words(engine: Engine, answer: &FactsOfAnswer, known: &Known, end: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if known.by != KnownBy::Keys {
        wrong.push(format!("{end} by {:?}: {known:?}", known.by));
    }
    let key = match engine {
        Engine::Classic => answer.names.first().map(|name| (*name).to_owned()),
        Engine::Identity => {
            let form = answer.names.first();
            form.map(|name| format!("remediation:{name}"))
        }
    };
    let is_told = |key: &String| known.keys.iter().any(|told| told.ends_with(key.as_str()));
    wrong.extend(
        key.filter(|key| !is_told(key))
            .map(|key| format!("{end} without `{key}`: {known:?}")),
    );
    if known.is.is_none() || (end.starts_with("stopped") && known.change.is_none()) {
        wrong.push(format!(
            "{end} without what it is, or what to change: {known:?}"
        ));
    }
    wrong
}

/// Where a visit ended, without texts.
fn end(landing: &Landing) -> String {
    match landing {
        Landing::Redirected { url, signed_in } => {
            let answer = url.expose().fragment().unwrap_or_default();
            match (answer.contains("access_token="), signed_in) {
                (true, true) => SIGNED_IN.to_owned(),
                (has_token, typed) => format!("redirected: token {has_token}, typed {typed}"),
            }
        }
        Landing::Refused { kind, .. } => format!("refused: {kind:?}"),
        Landing::Stopped { kind, .. } => format!("stopped: {kind:?}"),
        Landing::Untrusted { danger, .. } => format!("untrusted: {danger:?}"),
        Landing::ErrorPage { .. } => "error page".to_owned(),
        Landing::Elsewhere { .. } => "answered elsewhere".to_owned(),
    }
}

fn brief(landing: &Landing) -> String {
    let text = format!("{landing:?}");
    text.chars().take(300).collect()
}

/// When the org last answered something that the page did not ask by itself.
fn answered(events: &[Event]) -> Option<Instant> {
    let posts = events.iter().rev();
    let mut times = posts.filter_map(|event| match event {
        Event::Posted { path, answered, .. } if !path.ends_with("poll") => Some(*answered),
        _ => None,
    });
    times.next()
}
