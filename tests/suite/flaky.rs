//! A world that fails in passing changes no verdict: what was asked again is told, and what could
//! not be seen is not checked, with the cause.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use okta_e2e::browser::{BrowserError, Landing, UserAgent, UserAgents, Visit};
use okta_e2e::report::{RecordedOutcome, RecordedResult};
use okta_e2e::verification::Verified;
use rstest::rstest;

use crate::support::agent::HttpAgents;
use crate::support::scenario::Scenario;
use crate::support::world::{World, names};

/// What breaks in a world, by the names of the sandbox's faults; blank: nothing.
#[derive(Debug, Clone, Copy)]
struct Trouble {
    org: &'static str,
    api: &'static str,
}

const ONE_IN_FIVE: Trouble = Trouble {
    org: "flaky.one-in-five",
    api: "flaky.one-in-five",
};

impl World {
    fn trouble(&self, trouble: Trouble) {
        let named = |name: &'static str| Some(name).filter(|name| !name.is_empty());
        self.set_faults(named(trouble.org), named(trouble.api));
    }
}

fn retries(verified: &Verified) -> &[String] {
    &verified.record.run.retries
}

fn assert_all_met(verified: &Verified) {
    for outcome in ["not_met", "not_checked"] {
        assert_eq!(names(verified, outcome), Vec::<String>::new());
    }
}

/// Not met is what must be not met, as far as it was checked; what was not checked says why.
fn assert_no_wrong_verdict(verified: &Verified, must_be_red: &BTreeSet<String>) {
    let unchecked: BTreeSet<String> = names(verified, "not_checked").into_iter().collect();
    let red: BTreeSet<String> = names(verified, "not_met").into_iter().collect();
    let checked: BTreeSet<String> = must_be_red.difference(&unchecked).cloned().collect();
    assert_eq!(red, checked, "{:#?}", verified.record.run.retries);
    let reasonless = |result: &&RecordedResult| {
        result.outcome == RecordedOutcome::NotChecked
            && result.reason.as_ref().is_none_or(String::is_empty)
    };
    assert_eq!(
        verified
            .record
            .results
            .iter()
            .find(reasonless)
            .map(|result| result.name.clone()),
        None
    );
}

#[rstest]
#[case::one_in_five_of_both(ONE_IN_FIVE, &["500", "503", "connection", " asking ", "API/planets`", "/api/v1/"])]
#[case::too_fast(Trouble { org: "flaky.rate-limited", api: "rate-limited-once" }, &[
    "/api/v1/groups", "/api/v1/apps", "openid-configuration` is asked again in 1.0 s: 429",
    "/v1/keys` is asked again in 1.0 s: 429", "/v1/token` is asked again in 1.0 s: 429", "asking",
    "API/",
])]
#[case::reads_before_the_change(Trouble { org: "management.stale", api: "" }, &["found what it did not find at first"])]
#[case::keys_that_lag(Trouble { org: "keys.lag", api: "" }, &["the keys are fetched again"])]
#[tokio::test]
async fn what_fails_in_passing_is_asked_again_and_told(
    #[case] trouble: Trouble,
    #[case] told: &[&str],
) {
    let world = World::new().await;
    world.trouble(trouble);
    let verified = world.verify().await;
    assert_all_met(&verified);
    let all = retries(&verified)
        .join("\n")
        .replace(world.api.url(), "API");
    for part in told {
        assert!(all.contains(part), "no `{part}` in:\n{all}");
    }
    assert!(all.lines().count() < 100, "{all}");
}

/// One answer in five comes so much later, in seconds.
const SLOW_BY: f64 = 0.3;

#[tokio::test]
async fn what_is_slow_is_waited_for_and_asked_once() {
    let world = World::new().await;
    world.trouble(Trouble {
        org: "flaky.slow",
        api: "flaky.slow",
    });
    let verified = world.verify().await;
    assert_all_met(&verified);
    assert_eq!(retries(&verified), Vec::<String>::new());
    let mut results = verified.record.results.iter();
    let slow = results.any(|result| result.seconds >= SLOW_BY);
    assert!(slow, "the fault had no effect");
}

#[rstest]
#[case::given_too_much("step-3c-rule-open-to-everyone")]
#[case::given_too_little("step-3c-rule-without-implicit")]
#[case::not_assigned("step-4c-gold-group-not-assigned")]
#[case::one_scope_too_many("step-3c-rule-gives-gold-too")]
#[tokio::test]
async fn a_broken_org_that_fails_in_passing_is_found_to_be_broken(#[case] name: &str) {
    let (broken, world) = Scenario::broken(name).await;
    world.trouble(ONE_IN_FIVE);
    let verified = world.verify().await;
    assert!(!retries(&verified).is_empty());
    assert_eq!(names(&verified, "not_met"), broken.not_met);
}

#[tokio::test]
async fn a_sign_in_page_that_fails_in_passing_gives_no_wrong_verdict() {
    let world = World::new().await;
    world.trouble(Trouble {
        org: "flaky.sign-in",
        api: "",
    });
    let verified = world.verify().await;
    assert_no_wrong_verdict(&verified, &BTreeSet::new());
    assert!(
        !names(&verified, "not_checked").is_empty(),
        "the fault had no effect"
    );
}

#[rstest]
#[case::let_in_at_the_second_time("opens-when-asked-again", 2)]
#[case::told_in_a_failure("leaks-in-failure", 1)]
#[tokio::test]
async fn asking_again_hides_no_breach(#[case] fault: &str, #[case] endpoints: usize) {
    let world = World::new().await;
    world.api.set_fault(Some(fault.parse().expect("a fault")));
    let verified = world.verify().await;
    let red = names(&verified, "not_met");
    let breaches: Vec<&String> = red
        .iter()
        .filter(|name| name.starts_with("access::a_request_without_token_is_refused"))
        .collect();
    assert_eq!(breaches.len(), endpoints, "{red:?}");
    // A token in the URL is none to this API.
    let without_token = [
        "access::a_re",
        "access::a_token_in_the_query",
        "access::the_path_with_a_slash",
    ];
    let is_such = |name: &String| without_token.iter().any(|start| name.starts_with(start));
    assert!(red.iter().all(is_such), "{red:?}");
}

#[tokio::test]
async fn a_run_without_trouble_asks_nothing_twice() {
    let verified = World::new().await.verify().await;
    assert_eq!(verified.record.run.retries, Vec::<String>::new());
    let json = serde_json::to_value(&verified.record).expect("a record");
    assert!(json["run"]["retries"].is_null(), "{}", json["run"]);
}

/// User agents of which one dies at its second visit.
struct DyingAgents {
    inner: HttpAgents,
    visits: AtomicUsize,
}

struct DyingAgent<'a> {
    inner: Box<dyn UserAgent + 'a>,
    visits: &'a AtomicUsize,
}

/// Which visit of the run ends its browser.
const LAST_VISIT: usize = 7;

impl UserAgents for DyingAgents {
    fn description(&self) -> &str {
        self.inner.description()
    }

    fn lend(&self) -> BoxFuture<'_, Result<Box<dyn UserAgent + '_>, BrowserError>> {
        async {
            let inner = self.inner.lend().await?;
            let visits = &self.visits;
            Ok(Box::new(DyingAgent { inner, visits }) as Box<dyn UserAgent + '_>)
        }
        .boxed()
    }
}

impl UserAgent for DyingAgent<'_> {
    fn authorize<'a>(
        &'a mut self,
        visit: &'a Visit<'a>,
    ) -> BoxFuture<'a, Result<Landing, BrowserError>> {
        if self.visits.fetch_add(1, Ordering::Relaxed) + 1 == LAST_VISIT {
            let died = BrowserError::Died {
                doing: "visiting",
                reason: "it was ended by the test".to_owned(),
            };
            return async { Err(died) }.boxed();
        }
        self.inner.authorize(visit)
    }

    fn passwords_submitted(&self) -> usize {
        self.inner.passwords_submitted()
    }

    fn sent_elsewhere(&self) -> Option<&BTreeSet<String>> {
        self.inner.sent_elsewhere()
    }
}

#[tokio::test]
async fn a_browser_that_dies_once_is_replaced_and_told() {
    let world = World::new().await;
    let agents = DyingAgents {
        inner: HttpAgents,
        visits: AtomicUsize::new(0),
    };
    let verified = world.verify_with(Some(&agents)).await;
    assert_all_met(&verified);
    let told = retries(&verified);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("going on in a new browser"), "{told:?}");
    assert_eq!(verified.record.run.sign_ins, 5, "one user signs in twice");
    let terminal = okta_e2e::report::lines(&verified.record, "", None, None);
    assert!(
        terminal
            .join("\n")
            .contains(&format!("tried again: {}", told[0])),
        "{terminal:?}"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let page = okta_e2e::report::render(&verified.record, folder.path(), None).expect("a page");
    let page = std::fs::read_to_string(page).expect("the page");
    assert!(page.contains("<h3>Asked again</h3>") && page.contains("going on in a new browser"));
}

#[rstest]
#[case::too_fast("authorize.rate-limited", "429, the rate limit is exhausted")]
#[case::one_in_five("flaky.one-in-five", "the org answers 50")]
#[tokio::test]
async fn a_real_browser_asks_again_what_failed_in_passing(
    #[case] fault: &'static str,
    #[case] told: &'static str,
) {
    let world = World::new().await;
    world.trouble(Trouble {
        org: fault,
        api: "",
    });
    let verified = world.verify_with(None).await;
    assert_no_wrong_verdict(&verified, &BTreeSet::new());
    let asked_again = |line: &&String| line.contains(" asking ") && line.contains(told);
    assert!(
        retries(&verified).iter().any(|line| asked_again(&line)),
        "{:#?}",
        retries(&verified)
    );
    if fault == "authorize.rate-limited" {
        assert_all_met(&verified);
    }
}
