//! A model of 200 test users and 50 endpoints, a claim of each token among it: a trial of it costs
//! about as much as a trial of the document's model.

use std::time::{Duration, Instant};

use okta_e2e::judgement::judge;
use okta_e2e::model::OrgModel;
use okta_e2e::observation::Observations;
use okta_e2e::requirements::{self, Context, Remembered};
use okta_sandbox::Sandbox;

use crate::blind_runs::Sight;
use crate::partition::verify;
use crate::support::large_model::LargeModel;
use crate::support::scenario::Scenario;
use crate::support::world::{World, file, names};

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

/// Where the model stands, for whoever wants to see what a large one costs.
const SHIPPED: &str = "fixtures/org-large.toml";
const ABOUT: &str = "#:schema ./org.schema.json
# 200 test users of ten tiers and 50 endpoints: made by tests/suite/many_users.rs, to try what a run
# of that size takes (docs/many-machines.md).

";

#[test]
fn the_shipped_model_is_current() {
    let (path, text) = (file(SHIPPED), ABOUT.to_owned() + &MODEL.text() + CLAIMS);
    if std::env::var_os("OKTA_E2E_WRITE_DOCS").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    let found = std::fs::read_to_string(&path).expect("the model");
    assert!(
        found == text,
        "{SHIPPED} is not current: `OKTA_E2E_WRITE_DOCS=1 scripts/test many_users` writes it anew"
    );
}

/// One of twenty machines: whom it signs in, and what they open, is all that it looks at.
#[tokio::test]
async fn a_part_of_a_large_right_org_is_green() {
    let world = World::of(SHIPPED, Sandbox::builder()).await;
    let part = "7/20".parse().expect("a partition");
    let record = verify(&world, Some(part)).await;
    let not_met = record.results.iter().filter(|result| result.is_not_met());
    let not_met: Vec<_> = not_met.map(|result| &result.name).collect();
    assert_eq!(not_met, Vec::<&String>::new());
    assert_eq!(record.run.exit_status, 0, "{}", record.run.verdict);
    assert!(record.results.len() > 1_000, "{}", record.run.verdict);
    // Its own ten, and at most three of others for each kind of positive.
    assert!(record.run.sign_ins <= 50, "{}", record.run.sign_ins);
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

/// Okta shows at most 200 assigned groups on a page: those of the model stand behind the first.
#[tokio::test]
async fn a_client_of_more_groups_than_a_page_has_those_of_the_model() {
    let call = |method: &str, group: &str| {
        format!("{method} = \"/api/v1/apps/{{client}}/groups/{group}\"\n")
    };
    let of_model = ["{group:silverSubscribers}", "{group:goldSubscribers}"];
    let others = (0..230).flat_map(|number| {
        let name = format!("more{number}");
        let made = format!(
            "post = \"/api/v1/groups\"\nname = \"{name}\"\nbody = {{ profile.name = \"{name}\" }}\n"
        );
        [made, call("put", &format!("{{made:{name}}}"))]
    });
    let taken = of_model.map(|group| call("delete", group));
    let given = of_model.map(|group| call("put", group));
    let changes = taken.into_iter().chain(others).chain(given);
    let mut text = "sentence = \"A client of 230 groups more.\"\n".to_owned();
    text.extend(changes.map(|change| format!("[[change]]\n{change}")));
    let scenario: Scenario = toml::from_str(&text).expect("a scenario");
    let verified = scenario.world().await.verify_filtered("step_4c").await;
    let not_met = ["step_4c_assignment::no_other_group_is_assigned"];
    assert_eq!(names(&verified, "not_met"), not_met);
    assert_eq!(verified.record.run.exit_status, 0);
}

/// Allocated bytes are the same on every machine; the times are printed for whoever asks.
#[tokio::test]
async fn a_trial_of_a_large_model_costs_about_what_one_of_the_documents_does() {
    let world = World::of("fixtures/org.toml", Sandbox::builder()).await;
    let sight = Sight::of(&world).await;
    let document = OrgModel::load(&file("fixtures/org.toml")).expect("the model");
    let large = OrgModel::load(&file(SHIPPED)).expect("the model");
    let (small, large) = (
        Cost::of(&document, &sight.facts),
        Cost::of(&large, &sight.facts),
    );
    println!("the document: {}", small.words());
    println!("200 users, 50 endpoints: {}", large.words());
    assert!(large.trials > 10_000, "{large:?}");
    let most = small.bytes_each() * (100 + MORE_PERCENT_OF_ANOTHER_MIX) / 100;
    assert!(large.bytes_each() <= most, "{large:?} beside {small:?}");
}
