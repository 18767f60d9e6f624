//! Nothing grows faster than the trials: work is counted, not timed, for a model and its double.
//!
//! What a step of a run allocates is counted, by thread, so that no clock and no other test counts.

use std::path::Path;

use allocation_counter::{AllocationInfo, measure};
use okta_e2e::config::Facts;
use okta_e2e::console::Console;
use okta_e2e::judgement::judge;
use okta_e2e::model::OrgModel;
use okta_e2e::observation::{
    ApiAnswer, Authorization, Denial, NotSeen, Observations, Outcome, Plan,
};
use okta_e2e::requirements::{self, Context, Remembered, Trial};
use okta_e2e::selection::{Partition, Selection};
use okta_sandbox::Sandbox;
use rstest::rstest;

use crate::support::large_model::LargeModel;
use crate::support::world::{World, names};

/// A trial of the double may cost so much more than one of the model, in percent.
const MORE_PERCENT: u64 = 5;
/// With more endpoints, a larger share of the trials is about endpoints, which cost more than some.
const MORE_PERCENT_OF_ANOTHER_MIX: u64 = 15;

const SMALL: LargeModel = LargeModel {
    users: 40,
    endpoints: 12,
    tiers: 4,
    nested: true,
};
const MORE_USERS: LargeModel = LargeModel { users: 80, ..SMALL };
const MOST_USERS: LargeModel = LargeModel {
    users: 160,
    ..SMALL
};
const MORE_ENDPOINTS: LargeModel = LargeModel {
    endpoints: 24,
    ..SMALL
};
/// A group, a scope and a rule for every endpoint: more than ten of each.
const SCOPES: LargeModel = LargeModel {
    tiers: 12,
    nested: false,
    ..SMALL
};
const MORE_SCOPES: LargeModel = LargeModel {
    tiers: 24,
    endpoints: 24,
    ..SCOPES
};
const MOST_SCOPES: LargeModel = LargeModel {
    tiers: 48,
    endpoints: 48,
    ..SCOPES
};

/// So much more may be held for what is to come, in percent.
const ROOM_PERCENT: u64 = 20;

fn parsed(model: LargeModel) -> OrgModel {
    OrgModel::parse(Path::new("large.toml"), &model.text()).expect("the model is right")
}

/// Whether a step costs no more for each trial of the double than of the model.
fn assert_as_the_trials(
    what: &str,
    (one, one_trials): (AllocationInfo, usize),
    (two, two_trials): (AllocationInfo, usize),
    more_percent: u64,
) {
    let pairs = [
        (
            "allocations",
            one.count_total,
            two.count_total,
            more_percent,
        ),
        // A list that grows has room for up to twice of what it holds.
        (
            "bytes at once",
            one.bytes_max,
            two.bytes_max,
            more_percent + ROOM_PERCENT,
        ),
    ];
    for (kind, one, two, more_percent) in pairs {
        let (one, two) = (one * two_trials as u64, two * one_trials as u64);
        assert!(
            two * 100 <= one * (100 + more_percent),
            "{what}: {kind} of a trial grow by {} per mille",
            (two * 1000 / one).saturating_sub(1000)
        );
    }
}

/// Reading, for each byte of the text.
fn read(model: LargeModel) -> (AllocationInfo, usize) {
    let text = model.text();
    let info = measure(|| {
        OrgModel::parse(Path::new("large.toml"), &text).expect("the model is right");
    });
    (info, text.len())
}

#[rstest]
#[case::users(SMALL, MORE_USERS)]
#[case::scopes(SCOPES, MORE_SCOPES)]
#[case::yet_more_scopes(MORE_SCOPES, MOST_SCOPES)]
fn reading_costs_as_the_text(#[case] one: LargeModel, #[case] two: LargeModel) {
    assert_as_the_trials("reading", read(one), read(two), MORE_PERCENT);
}

fn listed(model: LargeModel) -> (AllocationInfo, usize) {
    let mut count = 0;
    let info = measure(|| {
        let trials = requirements::trials(&parsed(model));
        count = trials
            .iter()
            .map(Trial::name)
            .filter(|name| !name.is_empty())
            .count();
    });
    (info, count)
}

#[rstest]
#[case::users(SMALL, MORE_USERS, MORE_PERCENT)]
#[case::endpoints(SMALL, MORE_ENDPOINTS, MORE_PERCENT_OF_ANOTHER_MIX)]
#[case::scopes(SCOPES, MORE_SCOPES, MORE_PERCENT_OF_ANOTHER_MIX)]
fn listing_costs_as_the_trials(
    #[case] one: LargeModel,
    #[case] two: LargeModel,
    #[case] more: u64,
) {
    assert_as_the_trials("listing", listed(one), listed(two), more);
}

/// A list is printed before any secret is known: a line costs its copies, and no reading.
#[test]
fn a_line_in_which_no_secret_can_be_costs_its_copies() {
    let console = Console::default();
    let name = "access::user_1_reads_endpoint_25_by_the_code_flow[scope-0 and scope-1]: test";
    let printed = measure(|| assert_eq!(console.line(name), name));
    assert!(printed.count_total <= 3, "{} times", printed.count_total);
}

/// Twice the users or endpoints make twice the trials at most, and a tenth for what is of neither.
#[rstest]
#[case::users(SMALL, MORE_USERS)]
#[case::endpoints(SMALL, MORE_ENDPOINTS)]
#[case::endpoints_with_a_scope_each(SCOPES, MORE_SCOPES)]
fn trials_grow_as_users_and_endpoints(#[case] one: LargeModel, #[case] two: LargeModel) {
    let [one, two] = [one, two].map(|model| requirements::trials(&parsed(model)).len());
    assert!(two * 10 <= one * 21, "{one} trials, and {two}");
}

fn planned(model: LargeModel) -> (AllocationInfo, usize) {
    let model = parsed(model);
    let trials = requirements::trials(&model);
    let selection = Selection::all(&trials);
    let mut size = 0;
    let info = measure(|| size = selection.work(&model, &|_| true).plan.size());
    (info, size)
}

#[rstest]
#[case::users(SMALL, MORE_USERS, MORE_PERCENT)]
#[case::endpoints(SMALL, MORE_ENDPOINTS, MORE_PERCENT_OF_ANOTHER_MIX)]
#[case::scopes(SCOPES, MORE_SCOPES, MORE_PERCENT_OF_ANOTHER_MIX)]
fn planning_costs_as_what_is_looked_at(
    #[case] one: LargeModel,
    #[case] two: LargeModel,
    #[case] more: u64,
) {
    let (one, two) = (planned(one), planned(two));
    assert_as_the_trials("planning", one, two, more);
    assert!(
        two.1 * 10 <= one.1 * 21,
        "{} to look at, and {}",
        one.1,
        two.1
    );
}

/// Everything that was to be looked at, and all of it refused: what costs a judgement most.
fn refused(plan: &Plan) -> Observations {
    let mut seen = Observations::default();
    for key in plan.authorizations() {
        let outcome = Outcome::Denied {
            denial: Denial::Policy,
            text: "access_denied".to_owned(),
            response: None,
        };
        let authorization = Authorization {
            url: "https://org.example/".parse().expect("a URL"),
            state: String::new(),
            nonce: String::new(),
            code_verifier: None,
            started: jiff::Timestamp::UNIX_EPOCH,
            signed_in: None,
            outcome,
            by_http: None,
        };
        seen.authorizations.insert(key.clone(), Ok(authorization));
    }
    for key in plan.calls() {
        let answer = ApiAnswer::of_status(403);
        let answer = key
            .basis()
            .map_or(Ok(answer), |_| Err(NotSeen::inconclusive("no token")));
        seen.calls.insert(key.clone(), answer);
    }
    seen
}

fn judged(model: LargeModel) -> (AllocationInfo, usize) {
    let model = parsed(model);
    let trials = requirements::trials(&model);
    let seen = refused(&Selection::all(&trials).work(&model, &|_| true).plan);
    let facts = Facts {
        issuer: "https://example.okta.com/oauth2/large".to_owned(),
        org: "https://example.okta.com".to_owned(),
        client_id: "client".to_owned(),
        ..Facts::of_model(&model)
    };
    let info = measure(|| {
        let context = Context {
            model: &model,
            facts: &facts,
            seen: &seen,
            remembered: &Remembered::default(),
        };
        assert_eq!(judge(&trials, &context).len(), trials.len());
    });
    (info, trials.len())
}

#[rstest]
#[case::users(SMALL, MORE_USERS, MORE_PERCENT)]
#[case::endpoints(SMALL, MORE_ENDPOINTS, MORE_PERCENT_OF_ANOTHER_MIX)]
#[case::scopes(SCOPES, MORE_SCOPES, MORE_PERCENT_OF_ANOTHER_MIX)]
#[case::yet_more_users(MORE_USERS, MOST_USERS, MORE_PERCENT)]
fn judging_costs_as_the_trials(
    #[case] one: LargeModel,
    #[case] two: LargeModel,
    #[case] more: u64,
) {
    assert_as_the_trials("judging", judged(one), judged(two), more);
}

/// More groups and scopes than could be tried in every combination, on an org of their own.
#[tokio::test]
async fn an_org_of_many_groups_and_scopes_is_found_as_its_model_says() {
    let model = LargeModel {
        users: 20,
        endpoints: 12,
        tiers: 12,
        nested: true,
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("many.toml");
    std::fs::write(&path, model.text()).expect("written");
    let path = path.to_str().expect("a path in UTF-8");
    let world = World::of(path, Sandbox::builder()).await;
    let verified = world.verify().await;
    // The API of the sandbox has the default model's endpoints alone.
    let is_of_the_org = |name: &String| !name.starts_with("access::");
    for outcome in ["not_met", "not_checked"] {
        let mut names = names(&verified, outcome);
        names.retain(is_of_the_org);
        assert!(names.is_empty(), "{outcome}: {names:#?}");
    }
}

/// One part of twenty pays a twentieth and a little: for its list, and for its plan.
#[rstest]
#[case::few_scopes(MORE_USERS)]
#[case::a_scope_for_every_endpoint(LargeModel { users: 160, ..SCOPES })]
fn a_part_of_twenty_pays_a_twentieth(#[case] model: LargeModel) {
    let model = parsed(model);
    let mut all = 0;
    let whole_run = measure(|| {
        let trials = requirements::trials(&model);
        all = Selection::all(&trials).work(&model, &|_| true).plan.size();
    });
    for number in 1..=20 {
        let partition: Partition = format!("{number}/20").parse().expect("a partition");
        let mut own = 0;
        let part = measure(|| {
            let trials = requirements::trials(&partition.of(&model));
            own = trials
                .iter()
                .filter(|trial| partition.has(&model, trial))
                .count();
        });
        assert!(own > 0);
        assert!(
            part.count_total * 20 <= whole_run.count_total * 2,
            "part {number} allocates {} times, the whole {}",
            part.count_total,
            whole_run.count_total
        );
    }
    assert!(all > 0);
}
