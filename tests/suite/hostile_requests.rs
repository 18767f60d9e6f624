//! The API attacked as its attackers would: every case, on the right API and on broken ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use okta_e2e::config::Profile;
use okta_e2e::exchange::{self, Case};
use okta_e2e::verification::Verified;
use rstest::rstest;

use crate::support::world::{World, file, names};

/// The names of hostile trials begin with it.
const HOSTILE: &str = "hostile::";

async fn world(profile: Profile) -> World {
    let mut world = World::new().await;
    world.config.profile = profile;
    world
}

/// The cases with an outcome, each once.
fn cases(verified: &Verified, outcome: &str) -> BTreeSet<String> {
    let names = names(verified, outcome).into_iter();
    let hostile = names.filter_map(|name| {
        let name = name.strip_prefix(HOSTILE)?;
        Some(name.split_once('[')?.0.to_owned())
    });
    hostile.collect()
}

fn none() -> BTreeSet<String> {
    BTreeSet::new()
}

#[rstest]
#[case::standard(Profile::Standard)]
#[case::full(Profile::Full)]
#[tokio::test]
async fn a_correct_api_passes_every_case(#[case] profile: Profile) {
    let world = world(profile).await;
    let verified = world.verify().await;
    assert_eq!(cases(&verified, "not_met"), none());
    assert_eq!(cases(&verified, "not_checked"), none());
    let sent = exchange::hostile().filter(|case| case.profile <= profile);
    let sent: BTreeSet<String> = sent.map(|case| case.id.clone()).collect();
    assert_eq!(cases(&verified, "met"), sent);
}

#[tokio::test]
async fn the_document_alone_sends_none() {
    let world = world(Profile::Document).await;
    let verified = world.verify().await;
    let hostile = |name: &String| name.starts_with(HOSTILE);
    assert!(!names(&verified, "met").iter().any(hostile));
}

/// Without the key of the issuer, nobody reads green from what was not looked at.
#[tokio::test]
async fn without_a_trusted_key_issuer_audience_and_expiry_are_not_configured() {
    let mut world = world(Profile::Standard).await;
    world.access.trusted_key = None;
    let verified = world.verify_filtered(HOSTILE).await;
    let results = verified.record.results.iter();
    let causes: BTreeMap<&str, String> = results
        .filter(|result| !result.is_met())
        .map(|result| (result.id.as_str(), format!("{:?}", result.cause)))
        .collect();
    for case in [
        "issuer_other",
        "audience_other",
        "expired_an_hour_ago",
        "scope_longer",
    ] {
        let cause = &causes[format!("{HOSTILE}{case}").as_str()];
        assert_eq!(cause, "Some(NotConfigured)", "{case}");
    }
    assert_eq!(causes["hostile::exp_missing"], "Some(NotApplicable)");
    let keyed = exchange::hostile().filter(|case| case.key_class == exchange::KeyClass::K2);
    assert_eq!(causes.len(), keyed.count());
}

/// What a fault of the API turns red is exactly what names it as its proof.
#[rstest]
#[tokio::test]
async fn a_fault_turns_red_what_names_it(
    #[values(
        "signature-unchecked",
        "garbage-accepted",
        "id-token-accepted",
        "query-token-accepted",
        "open-without-token",
        "scope-unchecked",
        "audience-unchecked",
        "issuer-unchecked",
        "expiry-unchecked"
    )]
    fault: &str,
) {
    let world = world(Profile::Full).await;
    world.set_faults(None, Some(fault));
    let verified = world.verify().await;
    let naming = exchange::hostile().filter(|case| case.proof.iter().any(|name| name == fault));
    let naming: BTreeSet<String> = naming.map(|case| case.id.clone()).collect();
    let red = cases(&verified, "not_met");
    keep(fault, &red);
    assert_eq!(red, naming, "{fault}");
}

/// Writes what was found to `target/hostile-requests/`, to be compared with the rows.
fn keep(fault: &str, red: &BTreeSet<String>) {
    let folder = file("target/hostile-requests");
    std::fs::create_dir_all(&folder).expect("a folder");
    let lines: Vec<&str> = red.iter().map(String::as_str).collect();
    std::fs::write(folder.join(fault), lines.join("\n")).expect("a file");
}

#[test]
fn the_page_of_hostile_requests_is_current() {
    let (page, path) = (page(), file("docs/hostile-requests.md"));
    if std::env::var_os("OKTA_E2E_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("the page is written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/hostile-requests.md is not current: `OKTA_E2E_WRITE_DOCS=1 scripts/test \
         hostile_requests` writes it anew"
    );
}

fn page() -> String {
    let mut page = String::from(
        "# Hostile requests\n\nGenerated from `fixtures/hostile-requests/` by \
         `OKTA_E2E_WRITE_DOCS=1 scripts/test hostile_requests`; a test keeps it current.\n\n\
         After the access matrix, each of these is sent to the API once, one at a time, with a good \
         token after each.\nThe core goes to every endpoint, the rest to one endpoint of each scope. \
         `OKTA_E2E_PROFILE` chooses: `document`\nsends none, `standard` those that change nothing if \
         they are let in (GET, HEAD, OPTIONS, at most 32 kB), `full` all.\n\nKey class: K0 takes no \
         key, K1 a genuine token, K2 the key that the issuer signs with \
         (`OKTA_E2E_TRUSTED_KEY`).\nWithout that key, what it takes is *not configured*, or *not \
         applicable* where no token of an org could show the same.\n",
    );
    for family in exchange::families() {
        let _ = write!(
            page,
            "\n## {}\n\n{}\n\n| case | what is sent | norm | severity | key class | profile | turned \
             red by |\n|---|---|---|---|---|---|---|\n",
            family.name, family.about
        );
        for case in &family.cases {
            page.push_str(&row(case));
        }
    }
    let _ = writeln!(page, "\n{} cases.", exchange::hostile().count());
    page
}

fn row(case: &Case) -> String {
    let core = if case.core { ", every endpoint" } else { "" };
    let proof: Vec<String> = case.proof.iter().map(|name| format!("`{name}`")).collect();
    format!(
        "| `{}` | {} | {} | {} | {:?} | {}{core} | {} |\n",
        case.id,
        case.sends.replace('|', "\\|"),
        case.norm,
        format!("{:?}", case.severity).to_lowercase(),
        case.key_class,
        case.profile,
        proof.join(", ")
    )
}
