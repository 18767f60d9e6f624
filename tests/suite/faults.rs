//! No fault of the sandbox without a proof: a file or a test of this suite shows what comes of it,
//! or it stands below with what it waits for.

use std::collections::BTreeSet;
use std::path::Path;

use okta_sandbox::{Fault, SolarFault};
use rstest::rstest;

use crate::support::world::{World, file, names};

/// A fault that no requirement speaks of yet; the sandbox's own tests pin what it does.
struct Waiting {
    fault: &'static str,
    /// The requirement that will turn red by it, or why there is to be none.
    awaits: &'static str,
}

const fn unseen(fault: &'static str, awaits: &'static str) -> Waiting {
    Waiting { fault, awaits }
}

/// Those of the org. An entry that is out of date fails a test: strike it when its proof is there.
const OF_ORG: [Waiting; 3] = [
    unseen("id-token.long", "nothing: an ID token is sent in no header"),
    unseen(
        "any-password",
        "nothing: a wrong password is never typed on purpose, since it could lock a user",
    ),
    unseen(
        "id-token.idp.other",
        "the identity provider in an ID token is the org or one that the org knows",
    ),
];

/// Those of the API: none, since `hostile_requests` has their proofs.
const OF_API: [Waiting; 0] = [];

/// What the name of a fault begins with that is one of the code flow's tokens alone.
const BY_CODE: &str = "by-code.";

/// The texts between quotation marks in the suite's fixtures and tests, this file left out.
fn quoted() -> BTreeSet<String> {
    let mut open: Vec<_> = ["fixtures", "tests/suite"].map(file).into();
    let mut quoted = BTreeSet::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a folder");
            open.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if is_source(&path) {
            let text = std::fs::read_to_string(&path).expect("a text");
            quoted.extend(text.split('"').map(str::to_owned));
        }
    }
    quoted
}

fn awaits_a_family(name: &str) -> bool {
    let fault: Option<SolarFault> = name.parse().ok();
    name.starts_with("rs.") && fault.is_some_and(|fault| !fault.family().is_empty())
}

fn is_harmless(name: &str) -> bool {
    let fault: Option<SolarFault> = name.parse().ok();
    fault.is_some_and(SolarFault::is_harmless)
}

fn is_source(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("rs" | "toml")) && !path.ends_with(file!())
}

#[rstest]
#[case::of_the_org(&OF_ORG, Fault::all().iter().map(Fault::to_string).collect())]
#[case::of_the_api(&OF_API, SolarFault::all().iter().map(SolarFault::to_string).collect())]
fn every_fault_has_a_proof_or_waits_for_a_requirement(
    #[case] waiting: &[Waiting],
    #[case] faults: BTreeSet<String>,
) {
    let quoted = quoted();
    // What is wrong with the code flow's tokens alone is shown by what is wrong with both flows'.
    let of_both = faults.iter().filter(|fault| !fault.starts_with(BY_CODE));
    // Those of the API that a family of hostile cases is for wait for that family, as they say; the
    // harmless ones have a test of their own.
    let of_both = of_both.filter(|fault| !awaits_a_family(fault) && !is_harmless(fault));
    let unproven = of_both.filter(|fault| !quoted.contains(*fault));
    let unproven: BTreeSet<&str> = unproven.map(String::as_str).collect();
    let waiting: BTreeSet<&str> = waiting.iter().map(|waiting| waiting.fault).collect();
    let missing: Vec<_> = unproven.difference(&waiting).collect();
    assert!(
        missing.is_empty(),
        "nothing shows what comes of {missing:?}"
    );
    let stale: Vec<_> = waiting.difference(&unproven).collect();
    assert!(stale.is_empty(), "{stale:?} wait no more: strike them here");
}

/// Whatever turns something red has found its requirement, and wants a file.
#[tokio::test]
async fn a_fault_that_waits_turns_nothing_red_yet() {
    let world = World::new().await;
    let of_org = OF_ORG
        .iter()
        .map(|waiting| (waiting, Some(waiting.fault), None));
    let of_api = OF_API
        .iter()
        .map(|waiting| (waiting, None, Some(waiting.fault)));
    for (waiting, org, api) in of_org.chain(of_api) {
        world.set_faults(org, api);
        let verified = world.verify().await;
        for outcome in ["not_met", "not_checked"] {
            assert_eq!(
                names(&verified, outcome),
                Vec::<String>::new(),
                "{outcome} by `{}`, which waited for: {}. Write a file in fixtures/broken-orgs/",
                waiting.fault,
                waiting.awaits
            );
        }
    }
}

/// Where no refusal is a 401, there is no challenge to look at.
fn is_left_out(fault: &str, trial: &str) -> bool {
    fault.starts_with("refusals.") && trial.starts_with("access::a_refusal_asks_for_a_bearer_token")
}

/// An API that is only different turns nothing red.
#[tokio::test]
async fn a_harmless_api_turns_nothing_red() {
    let world = World::new().await;
    let mut red = Vec::new();
    for fault in SolarFault::all() {
        if !fault.is_harmless() {
            continue;
        }
        world.api.set_fault(Some(fault));
        let verified = world.verify().await;
        for outcome in ["not_met", "not_checked"] {
            let fault = fault.to_string();
            let found = names(&verified, outcome).into_iter();
            let found = found.filter(|trial| !is_left_out(&fault, trial));
            red.extend(found.map(|trial| format!("{outcome} by {fault}: {trial}")));
        }
    }
    assert!(red.is_empty(), "{red:#?}");
}
