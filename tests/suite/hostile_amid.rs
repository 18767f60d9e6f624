//! What an endpoint answers is known again among more: what came with something else came all the
//! same, unless another endpoint tells it by right.

use std::path::Path;

use okta_e2e::config::Profile;
use okta_e2e::model::OrgModel;
use okta_e2e::observation::Cause;
use okta_e2e::report::RecordedResult;
use okta_e2e::requirements::Trial;
use okta_e2e::verification::Verified;
use okta_sandbox::Sandbox;
use rstest::rstest;

use crate::support::world::{World, file};

const INCLUDED: &str = "outsider_included_in_another";
const PLANETS: &str =
    r#"answers = ["mercury", "venus", "earth", "mars", "jupiter", "saturn", "uranus", "neptune"]"#;
const MOONS: &str = r#"answers = ["adrastea", "amalthea", "callisto", "europa", "ganymede", "io", "metis", "thebe"]"#;
/// An endpoint that tells of both.
const BOTH: &str = r#"answers = { planets = ["mars"], moons = ["adrastea", "amalthea", "callisto", "europa", "ganymede", "io", "metis", "thebe"] }"#;

/// The default model with other answers of its endpoints.
fn model(planets: &str, moons: &str) -> OrgModel {
    let text = std::fs::read_to_string(file("fixtures/org.toml")).expect("the model");
    assert!(text.contains(PLANETS) && text.contains(MOONS));
    let text = text.replace(PLANETS, planets).replace(MOONS, moons);
    OrgModel::parse(Path::new("org.toml"), &text).expect("the model is right")
}

async fn verified(world: &World) -> Verified {
    let here = |trial: &Trial| {
        let is_case = trial
            .id
            .strip_prefix("hostile::")
            .is_some_and(|id| id == INCLUDED || id == "outsider_name_in_the_query");
        is_case && trial.name().ends_with("[/moons]")
    };
    world.verify_where(&here).await
}

fn of_case(verified: &Verified) -> Vec<&RecordedResult> {
    let results = verified.record.results.iter();
    results
        .filter(|result| result.id.starts_with("hostile::"))
        .collect()
}

/// Where the model does not say what is answered, a good token's answer is what is looked for.
#[rstest]
#[case::told(PLANETS, MOONS)]
#[case::not_told("", "")]
#[tokio::test]
async fn what_comes_beside_another_answer_is_let_in(#[case] planets: &str, #[case] moons: &str) {
    let mut world = World::of_model(model(planets, moons), Sandbox::builder()).await;
    world.config.profile = Profile::Standard;
    let right = verified(&world).await;
    for result in of_case(&right) {
        assert!(!result.is_not_met(), "{result:#?}");
    }
    world.set_faults(None, Some("rs.includes-unchecked"));
    let wrong = verified(&world).await;
    let red = of_case(&wrong)
        .into_iter()
        .filter(|result| result.is_not_met());
    let red: Vec<&str> = red.map(|result| result.id.as_str()).collect();
    assert_eq!(red, [format!("hostile::{INCLUDED}")]);
    assert_eq!(wrong.record.run.exit_status, 1);
}

/// A token that is good for what tells of both is given nothing that is not its own.
#[rstest]
#[case::told(BOTH, MOONS)]
#[case::not_told("", "")]
#[tokio::test]
async fn what_another_endpoint_tells_by_right_is_no_breach(
    #[case] planets: &str,
    #[case] moons: &str,
) {
    let mut world = World::of_model(model(BOTH, MOONS), Sandbox::builder()).await;
    world.config.profile = Profile::Standard;
    world.model = model(planets, moons);
    let verified = verified(&world).await;
    let results = of_case(&verified);
    assert_eq!(results.len(), 2);
    for result in results {
        assert_eq!(result.cause, Some(Cause::NotApplicable), "{result:#?}");
        let reason = result.reason.as_deref().unwrap_or_default();
        assert!(reason.contains("answers the same by right"), "{reason}");
    }
}
