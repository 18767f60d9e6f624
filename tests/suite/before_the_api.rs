//! What stands before an API, and is as good a server as others: it packs answers, sends one of four
//! requests to a server that is down, has too many requests of whoever is nobody, or leads to the
//! path that the API has.

use std::io::Read as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use flate2::Compression;
use flate2::read::GzEncoder;
use okta_e2e::config::Profile;
use okta_e2e::requirements::Trial;
use okta_e2e::verification::Verified;
use okta_sandbox::Sandbox;
use rstest::rstest;

use crate::support::front::{Answer, Change, Front, Request};
use crate::support::scenario::told;
use crate::support::world::{World, names};

const READS: &str = "access::silver_reads_planets[silver]";

/// What is found where answers of the API are changed, of these trials.
pub(crate) async fn behind(change: Change, here: impl Fn(&str) -> bool + Send + Sync) -> Verified {
    let front = Front::start().await;
    let mut world = World::of("fixtures/org.toml", Sandbox::builder()).await;
    world.config.profile = Profile::Standard;
    front.leads_to(world.api.url());
    front.changes(change);
    world.config.resource_server = Some(front.url().parse().expect("a URL"));
    world
        .verify_where_at(front.url(), &|trial: &Trial| here(&trial.name()))
        .await
}

fn none() -> Vec<String> {
    Vec::new()
}

fn pack(answer: &mut Answer) {
    let mut packed = Vec::new();
    let mut packing = GzEncoder::new(answer.body.as_slice(), Compression::fast());
    packing.read_to_end(&mut packed).expect("packed");
    answer.body = packed;
    answer.set("content-encoding", "gzip");
}

fn asks_for_nothing(asked: &Request) -> bool {
    asked.header("authorization").is_none()
}

/// RFC 9110 section 12.5.3: who names no coding may be sent any.
#[tokio::test]
async fn answers_that_are_packed_are_read() {
    let here = |name: &str| name.starts_with("access::") || name.contains("anonymous_n");
    let verified = behind(|_, answer| pack(answer), here).await;
    assert_eq!(names(&verified, "not_met"), none());
    assert!(names(&verified, "met").iter().any(|name| name == READS));
}

/// To whom it must not answer: what it answers is packed, or written for people.
#[rstest]
#[case::packed_with_a_refusal(
    |asked: &Request, answer: &mut Answer| {
        if asks_for_nothing(asked) && asked.is_to("/planets") {
            answer.body = PLANETS.into();
            pack(answer);
        }
    },
    "access::a_request_without_token_is_refused[/planets]"
)]
#[case::packed_for_who_takes_it_so(
    |asked: &Request, answer: &mut Answer| {
        if asks_for_nothing(asked) && asked.header("accept-encoding").is_some() {
            answer.status = 200;
            answer.body = PLANETS.into();
            pack(answer);
        }
    },
    "hostile::anonymous_negotiating[/planets]"
)]
#[case::for_people(
    |asked: &Request, answer: &mut Answer| {
        let wants_a_page = asked.header("accept").is_some_and(|it| it.contains("html"));
        if asks_for_nothing(asked) && wants_a_page {
            answer.status = 200;
            answer.body = PLANETS_FOR_PEOPLE.into();
            answer.set("content-type", "text/html");
        }
    },
    "hostile::anonymous_page[/planets]"
)]
#[case::a_part_of_it(
    |asked: &Request, answer: &mut Answer| {
        if asks_for_nothing(asked) && asked.is_to("/planets") {
            let preview = r#"{"error":"upgrade","preview":["mercury","venus","earth","mars"]}"#;
            answer.body = preview.into();
        }
    },
    "access::a_request_without_token_is_refused[/planets]"
)]
#[case::in_a_header(
    |asked: &Request, answer: &mut Answer| {
        if asks_for_nothing(asked) && asked.is_to("/planets") {
            answer.set("x-debug", PLANETS);
        }
    },
    "access::a_request_without_token_is_refused[/planets]"
)]
#[tokio::test]
async fn data_is_known_however_it_is_written(#[case] change: Change, #[case] trial: &str) {
    let verified = behind(change, |name| name == trial).await;
    assert_eq!(names(&verified, "not_met"), [trial], "{verified:?}");
    assert_eq!(verified.record.run.exit_status, 1);
}

const PLANETS: &str = r#"["mercury","venus","earth","mars","jupiter","saturn","uranus","neptune"]"#;
const PLANETS_FOR_PEOPLE: &str = "<ol><li>Mercury<li>Venus<li>Earth<li>Mars<li>Jupiter<li>Saturn\
    <li>Uranus<li>Neptune</ol>";

/// One server of four is down: what is asked again is answered, and what is asked once says nothing.
#[tokio::test]
async fn an_api_that_fails_at_times_is_charged_to_no_request() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let here = |name: &str| name.starts_with("access::") || name.contains("hostile::anonymous_");
    let verified = behind(
        |_, answer| {
            if ASKED.fetch_add(1, Ordering::Relaxed) % 4 == 3 {
                answer.status = 503;
                answer.body = Vec::new();
            }
        },
        here,
    )
    .await;
    assert_eq!(names(&verified, "not_met"), none());
    let met = names(&verified, "met");
    assert!(met.iter().any(|name| name.contains("_reads_")), "{met:?}");
    let results = verified.record.results.iter();
    let unseen = results.filter_map(|result| result.reason.as_deref());
    let unseen: Vec<&str> = unseen
        .filter(|why| why.contains("fails at times"))
        .collect();
    assert!(!unseen.is_empty());
}

/// Time is no cure for a limit that knows none: each request is sent, and few of them again.
#[tokio::test]
async fn a_limit_that_never_ends_is_not_waited_for() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let here = |name: &str| name.starts_with("hostile::anonymous_");
    let verified = behind(
        |asked, answer| {
            if asks_for_nothing(asked) {
                ASKED.fetch_add(1, Ordering::Relaxed);
                answer.status = 429;
                answer.body = Vec::new();
            }
        },
        here,
    )
    .await;
    let unseen = names(&verified, "not_checked").len();
    assert!(unseen > 30, "{unseen}");
    let asked = ASKED.load(Ordering::Relaxed);
    assert!(asked < 2 * unseen + 50, "{asked} requests for {unseen}");
    let told = &verified.record.run;
    assert_ne!(told.exit_status, 1, "{}", told.verdict);
}

/// What is too long to be compared is no other answer, whatever stands in it.
#[tokio::test]
async fn an_answer_that_is_too_long_is_not_judged() {
    let verified = behind(
        |asked, answer| {
            if asked.is_to("/planets") {
                answer.body.extend(std::iter::repeat_n(b' ', 300_000));
            }
        },
        |name| name == READS,
    )
    .await;
    let told = told(&verified.record, READS);
    assert!(told.contains("too long to be compared"), "{told}");
    assert_eq!(verified.record.run.exit_status, 2);
}

#[tokio::test]
async fn the_path_that_an_api_has_is_named() {
    let verified = behind(
        |asked, answer| {
            if asked.is_to("/planets") {
                answer.status = 307;
                answer.set("location", "/planets/");
            }
        },
        |name| name == READS,
    )
    .await;
    let told = told(&verified.record, READS);
    assert!(
        told.contains("the API has the endpoint at `/planets/`"),
        "{told}"
    );
}

/// The limit of nginx (`limit_req`) answers 503 where nobody has said otherwise, to good tokens too:
/// it is no doing of the request that came before.
#[tokio::test]
async fn a_limit_that_answers_as_a_failure_is_charged_to_no_request() {
    /// So many a second, and so many at once.
    const RATE: (f64, f64) = (50.0, 20.0);
    static LEVEL: Mutex<Option<(Instant, f64)>> = Mutex::new(None);
    let verified = behind(
        |_, answer| {
            let mut level = LEVEL.lock().expect("the level");
            let (last, full) = level.unwrap_or((Instant::now(), 0.0));
            let left = (full - last.elapsed().as_secs_f64() * RATE.0).max(0.0);
            let is_too_much = left >= RATE.1;
            if is_too_much {
                answer.status = 503;
                answer.set("content-type", "text/html");
                answer.body = b"<h1>503 Service Temporarily Unavailable</h1>".to_vec();
            }
            let more = if is_too_much { 0.0 } else { 1.0 };
            *level = Some((Instant::now(), left + more));
        },
        |name| name.starts_with("hostile::anonymous_"),
    )
    .await;
    assert_eq!(names(&verified, "not_met"), none());
    let run = &verified.record.run;
    assert_ne!(run.exit_status, 1, "{}", run.verdict);
    assert!(names(&verified, "met").len() > 50, "{}", run.verdict);
}

/// What is asked again is answered: no request has to do with it.
#[tokio::test]
async fn one_failure_of_many_answers_is_charged_to_no_request() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let verified = behind(
        |_, answer| {
            if ASKED.fetch_add(1, Ordering::Relaxed) % 50 == 49 {
                answer.status = 500;
                answer.body = Vec::new();
            }
        },
        |name| name.starts_with("hostile::anonymous_"),
    )
    .await;
    assert_eq!(names(&verified, "not_met"), none());
    let run = &verified.record.run;
    assert_eq!(run.exit_status, 0, "{}", run.verdict);
}
