//! A run that takes longer than its codes live: what presents a code last has one that is young
//! enough, however slow the org, the API or the machine was.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use okta_e2e::browser::{BrowserError, UserAgent, UserAgents};
use okta_e2e::clock::Clock;
use okta_e2e::config::Profile;
use okta_e2e::verification::Verified;

use crate::support::agent::HttpAgents;
use crate::support::world::{World, names};

/// What presents a code behind everything else.
const ONCE: [&str; 2] = [
    "protocol::a_code_is_redeemed_once_where_two_come_at_once[token]",
    "protocol::a_code_is_redeemed_once[token]",
];
/// Codes live 300 seconds.
const LONGER: SignedDuration = SignedDuration::from_secs(400);

/// A world in which everything took longer than codes live.
async fn slow_world() -> World {
    let mut world = World::new().await;
    world.config.profile = Profile::Standard;
    world.config.clock = Clock::of(|| Timestamp::now() + LONGER);
    world
}

async fn verified(world: &World, agents: &dyn UserAgents) -> Verified {
    world
        .verify_filtered_with("a_code_is_redeemed_once", agents)
        .await
}

#[tokio::test]
async fn codes_that_are_too_old_are_asked_for_anew() {
    let world = slow_world().await;
    let verified = verified(&world, &HttpAgents).await;
    assert_eq!(names(&verified, "met"), ONCE);
    let run = &verified.record.run;
    // For what they are compared with, and for what comes last.
    assert_eq!(run.sign_ins, 3);
    let again = run
        .retries
        .iter()
        .filter(|retry| retry.contains("signs in once more"));
    assert_eq!(again.count(), 2, "{:?}", run.retries);
}

/// The same rows on an org that lets a code be redeemed twice.
#[tokio::test]
async fn a_code_that_is_good_twice_is_found_late_too() {
    let world = slow_world().await;
    world.set_faults(Some("token.code-reusable"), None);
    let verified = verified(&world, &HttpAgents).await;
    assert_eq!(names(&verified, "not_met"), ONCE);
}

/// Agents of which there is one.
struct One(AtomicUsize);

const HTTP: &HttpAgents = &HttpAgents;

impl UserAgents for One {
    fn description(&self) -> &'static str {
        "one agent"
    }

    fn lend(&self) -> BoxFuture<'_, Result<Box<dyn UserAgent + '_>, BrowserError>> {
        if self.0.fetch_add(1, Ordering::Relaxed) == 0 {
            return HTTP.lend();
        }
        let reason = "there are no more".to_owned();
        async { Err(BrowserError::Session { reason }) }.boxed()
    }
}

/// Where nobody can sign in again, nothing is said of how often a code is good.
#[tokio::test]
async fn where_no_code_comes_anew_nothing_is_proven() {
    let world = slow_world().await;
    world.set_faults(Some("token.code-reusable"), None);
    let verified = verified(&world, &One(AtomicUsize::new(0))).await;
    assert_eq!(names(&verified, "not_checked"), ONCE);
    let reasons = verified.record.results.iter();
    let mut reasons = reasons.filter_map(|result| result.reason.as_deref());
    assert!(reasons.all(|reason| reason.contains("there are no more")));
}
