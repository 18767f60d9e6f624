//! A model of 200 test users and 50 endpoints, a claim of each token among it: a trial of it costs
//! about as much as a trial of the document's model.

use std::path::Path;
use std::time::{Duration, Instant};

use okta_e2e::judgement::judge;
use okta_e2e::model::OrgModel;
use okta_e2e::observation::Observations;
use okta_e2e::requirements::{self, Context, Remembered};
use okta_sandbox::Sandbox;

use crate::blind_runs::Sight;
use crate::support::large_model::LargeModel;
use crate::support::world::{World, file};

/// As in `growth`: with more endpoints, a larger share of the trials is about endpoints and claims.
const MORE_PERCENT_OF_ANOTHER_MIX: u64 = 15;
const MODEL: LargeModel = LargeModel {
    users: 200,
    endpoints: 50,
    tiers: 10,
    nested: false,
};
const CLAIMS: &str = r#"
[[claim]]
name = "company"
token = "access"
value = { fixed = "large" }

[[claim]]
name = "groups"
token = "id"
value = { groups = { starts_with = "group" } }
"#;

fn large() -> OrgModel {
    let text = MODEL.text() + CLAIMS;
    OrgModel::parse(Path::new("many.toml"), &text).expect("a model")
}

/// What trials cost: how many there are, the time and the bytes of all of them.
#[derive(Debug)]
struct Cost {
    trials: u64,
    time: Duration,
    bytes: u64,
}

impl Cost {
    /// Of listing what a model asks, and of judging it where nothing was seen.
    fn of(model: &OrgModel, facts: &okta_e2e::config::Facts) -> Self {
        let (mut trials, began) = (0, Instant::now());
        let allocated = allocation_counter::measure(|| {
            let list = requirements::trials(model);
            let (seen, remembered) = (Observations::default(), Remembered::default());
            let context = Context {
                model,
                facts,
                seen: &seen,
                remembered: &remembered,
            };
            trials = judge(&list, &context).len() as u64;
        });
        Self {
            trials,
            time: began.elapsed(),
            bytes: allocated.bytes_total,
        }
    }

    fn bytes_each(&self) -> u64 {
        self.bytes / self.trials
    }

    fn words(&self) -> String {
        let micros = self.time.as_micros() / u128::from(self.trials);
        let (trials, bytes) = (self.trials, self.bytes_each());
        format!("{trials} trials, {micros} µs and {bytes} bytes each")
    }
}

/// Allocated bytes are the same on every machine; the times are printed for whoever asks.
#[tokio::test]
async fn a_trial_of_a_large_model_costs_about_what_one_of_the_documents_does() {
    let world = World::of("fixtures/org.toml", Sandbox::builder()).await;
    let sight = Sight::of(&world).await;
    let document = OrgModel::load(&file("fixtures/org.toml")).expect("the model");
    let (small, large) = (
        Cost::of(&document, &sight.facts),
        Cost::of(&large(), &sight.facts),
    );
    println!("the document: {}", small.words());
    println!("200 users, 50 endpoints: {}", large.words());
    assert!(large.trials > 10_000, "{large:?}");
    let most = small.bytes_each() * (100 + MORE_PERCENT_OF_ANOTHER_MIX) / 100;
    assert!(large.bytes_each() <= most, "{large:?} beside {small:?}");
}
