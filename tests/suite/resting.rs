//! Browsers end while the API is asked: nobody signs in meanwhile, and that may take long.

use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;
use okta_e2e::browser::{BrowserError, UserAgent, UserAgents};

use crate::support::agent::HttpAgents;
use crate::support::world::World;

/// Agents that keep what was asked of them.
#[derive(Default)]
struct Noting {
    agents: HttpAgents,
    asked: Mutex<Vec<&'static str>>,
}

impl Noting {
    fn note(&self, what: &'static str) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(what);
    }
}

impl UserAgents for Noting {
    fn description(&self) -> &str {
        self.agents.description()
    }

    fn lend(&self) -> BoxFuture<'_, Result<Box<dyn UserAgent + '_>, BrowserError>> {
        self.note("lend");
        self.agents.lend()
    }

    fn rest(&self) -> BoxFuture<'_, ()> {
        self.note("rest");
        self.agents.rest()
    }
}

#[tokio::test]
async fn browsers_rest_once_the_users_are_signed_in() {
    let world = World::new().await;
    let noting = Noting::default();
    let verified = world.verify_with(Some(&noting)).await;
    assert_eq!(verified.record.run.exit_status, 0);
    let asked = noting.asked.into_inner();
    let asked = asked.unwrap_or_else(PoisonError::into_inner);
    let rested: Vec<usize> = (0..asked.len()).filter(|at| asked[*at] == "rest").collect();
    assert_eq!(rested, [asked.len() - 1], "{asked:?}");
    assert!(asked.contains(&"lend"));
}
