//! What a run waits for: announced before, or no longer than it may.

use std::collections::BTreeSet;
use std::time::Duration;

use okta_e2e::requirements;
use okta_e2e::selection::Selection;
use okta_e2e::verification::Verification;
use rstest::rstest;
use url::Url;

use crate::scripted::{Asked, Scripted, ScriptedServer};
use crate::support::agent::HttpAgents;
use crate::support::world::World;

/// Okta: an org of the free plan answers 50 calls to the Management API in a minute.
#[rstest]
#[case::the_model_of_the_document(1, None)]
#[case::many_users(10, Some("pacing: about 131 calls to the Management API"))]
#[tokio::test]
async fn pacing_is_announced_before_the_run(#[case] times: usize, #[case] says: Option<&str>) {
    let mut world = World::new().await;
    let users = world.model.users.clone();
    world.model.users = vec![users; times].concat();
    let trials = requirements::trials(&world.model);
    let verification = Verification {
        model: &world.model,
        config: &world.config,
        access: &world.access,
        target: "a sandbox".to_owned(),
        resource_server: Url::parse(world.api.url()).unwrap(),
        resource_server_words: "the API".to_owned(),
        filter: None,
    };
    let selection = Selection::all(&trials);
    let said = verification.announcement(&selection).join("\n");
    assert_eq!(said.contains("pacing:"), says.is_some(), "{said}");
    assert!(said.contains(says.unwrap_or_default()), "{said}");
    assert_eq!(
        said.contains("takes 2 minutes longer"),
        says.is_some(),
        "{said}"
    );
}

/// The Management API, plain HTTP and what it asks again share one account of waits.
#[tokio::test]
async fn what_nobody_announced_is_waited_for_once_a_run() {
    let refusal = || Scripted::new(429, "").header("retry-after", "1");
    let (org, api) = (
        ScriptedServer::start([refusal()]).await,
        ScriptedServer::start([refusal()]).await,
    );
    let mut world = World::new().await;
    world.access.further_origins = vec![world.access.org_url.clone()];
    world.access.org_url = Url::parse(org.base()).unwrap();
    world.config.most_waiting = Duration::from_secs(1);
    let agents = HttpAgents;
    let verified = world.verify_at(api.base(), Some(&agents)).await;
    let told = verified.record.run.retries.join("\n");
    let lines = |begin: &str| told.lines().filter(|line| line.starts_with(begin)).count();
    assert_eq!(lines("`http"), 1, "{told}");
    assert_eq!(lines("the run has waited enough: of 1.0 s"), 1, "{told}");
    // All the rest is asked once: nothing is left to wait with.
    let public = "/.well-known/okta-organization";
    let calls = |server: &ScriptedServer| {
        let asked = server.asked().into_iter();
        let asked = asked.filter(|asked| asked.path_and_query != public);
        let calls: Vec<String> = asked.map(|asked| call(&asked)).collect();
        calls
    };
    assert!(!calls(&org).is_empty() && !calls(&api).is_empty());
    for calls in [calls(&org), calls(&api)] {
        let different: BTreeSet<&String> = calls.iter().collect();
        assert_eq!(different.len(), calls.len(), "{told}\n{calls:?}");
    }
}

fn call(asked: &Asked) -> String {
    let token = asked.headers.get("authorization");
    format!("{} {token:?}", asked.path_and_query)
}
