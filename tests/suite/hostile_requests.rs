//! The API attacked as its attackers would: every case, on the right API and on broken ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use okta_e2e::config::Profile;
use okta_e2e::exchange::{self, Case, Holder};
use okta_e2e::report::RecordedResult;
use okta_e2e::requirements::{Step, Trial};
use okta_e2e::verification::Verified;
use okta_sandbox::{Access, Endpoint, LoggedRequest, Sandbox, SolarFault, SolarSystem};
use rstest::rstest;
use serde::Deserialize;

use crate::support::agent::HttpAgents;
use crate::support::served;
use crate::support::world::{World, file, names};

/// The names of hostile trials begin with it.
pub(crate) const HOSTILE: &str = "hostile::";

/// An org with probes: nothing that can be sent is left out, but what is waited for.
pub(crate) async fn world(profile: Profile) -> World {
    let mut world = World::of("fixtures/org-probes.toml", Sandbox::builder()).await;
    world.model.probes.short_lived &= profile != Profile::Full;
    world.config.profile = profile;
    world
}

/// The cases with an outcome, each once.
pub(crate) fn cases(verified: &Verified, outcome: &str) -> BTreeSet<String> {
    let names = names(verified, outcome).into_iter();
    let hostile = names.filter_map(|name| {
        let name = name.strip_prefix(HOSTILE)?;
        Some(name.split_once('[')?.0.to_owned())
    });
    hostile.collect()
}

pub(crate) fn none() -> BTreeSet<String> {
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
    let at_once = exchange::hostile().filter(|case| case.holder != Holder::ShortLived);
    let sent = at_once.filter(|case| case.profile <= profile);
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
    let mut world = World::new().await;
    world.config.profile = Profile::Standard;
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
    let verdict = &verified.record.run.verdict;
    assert!(
        verdict.contains(
            "the API's check of another expiry, issuer, audience, scope (OKTA_E2E_TRUSTED_KEY"
        ),
        "{verdict}"
    );
}

/// No org of Okta signs a token without `exp`, or with a `scp` that is a text: an API that takes
/// one gives nobody more than the model does, and many verifiers that are right otherwise are so.
#[rstest]
#[case::expiry("rs.exp-optional", "hostile::exp_missing[/moons]")]
#[case::expiry_as_text("rs.exp-string", "hostile::exp_text[/moons]")]
#[case::issuer("rs.iss-optional", "hostile::issuer_missing[/moons]")]
#[case::audience("rs.aud-optional", "hostile::audience_missing[/moons]")]
#[case::too_early("rs.nbf-unchecked", "hostile::not_yet_valid[/moons]")]
#[tokio::test]
async fn what_no_org_signs_is_advised(#[case] fault: &str, #[case] trial: &str) {
    let world = world(Profile::Standard).await;
    world.set_faults(None, Some(fault));
    let claims = exchange::families()
        .iter()
        .find(|family| family.name == "claims");
    let ids: BTreeSet<String> = claims
        .expect("a family")
        .cases
        .iter()
        .map(|case| format!("{HOSTILE}{}", case.id))
        .collect();
    let verified = world
        .verify_where(&|trial: &Trial| ids.contains(&trial.id))
        .await;
    assert!(names(&verified, "not_met").iter().any(|name| name == trial));
    assert_eq!(verified.record.run.exit_status, 0);
}

/// The largest body or header that the standard profile sends, in bytes.
const MOST_BYTES: usize = 32 * 1024;

/// Beside the endpoints, the API has what would change something for anyone who asks: nobody does.
#[tokio::test]
async fn the_standard_profile_harms_nobody() {
    let world = world(Profile::Standard).await;
    let audience = &world.model.authorization_server.audience;
    let mut endpoints: Vec<Endpoint> = served::endpoints(&world.model).collect();
    for path in ["/planets", "/moons"] {
        let harmful = ["DELETE", "PUT", "POST", "PATCH"].into_iter();
        endpoints.extend(harmful.map(|method| {
            let endpoint = Endpoint::new(path, "").access(Access::Public);
            endpoint.method(method)
        }));
    }
    let api = SolarSystem::builder(&world.access.issuer, audience).endpoints(endpoints);
    let api = api.logging().start().await.expect("the API starts");
    let verified = world.verify_at(api.url(), Some(&HttpAgents)).await;
    let run = &verified.record.run;
    assert_eq!(run.exit_status, 0, "{}", run.verdict);
    let log = api.log();
    assert!(log.len() > 1000, "{}", log.len());
    for request in log {
        let LoggedRequest {
            method, headers, ..
        } = &request;
        assert!(
            ["GET", "HEAD", "OPTIONS"].contains(&method.as_str()),
            "{request:?}"
        );
        for (name, value) in headers {
            let changes = name.contains("override") || name == "x-http-method";
            assert!(!changes && name != "transfer-encoding", "{request:?}");
            assert!(value.len() <= MOST_BYTES, "{name} of {} bytes", value.len());
            let length = (name == "content-length").then(|| value.parse::<usize>());
            assert!(length.is_none_or(|length| length == Ok(0)), "{request:?}");
        }
    }
}

/// `fixtures/hostile-proofs.toml`: what turns each case red.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proofs {
    /// The cases that each fault of the embedded API turns red, and no others.
    faults: BTreeMap<String, BTreeSet<String>>,
    /// The cases that no fault turns red yet.
    waiting: BTreeSet<String>,
    /// The cases that take a world of their own, each with its fault: `probes` tries these.
    elsewhere: BTreeMap<String, String>,
    /// The faults that turn no case red, and why.
    unseen: BTreeMap<String, String>,
}

impl Proofs {
    fn read() -> Self {
        let text = std::fs::read_to_string(file("fixtures/hostile-proofs.toml")).expect("a file");
        toml::from_str(&text).unwrap_or_else(|error| panic!("hostile-proofs.toml: {error}"))
    }

    fn of(&self, case: &Case) -> Vec<&str> {
        let naming = self
            .faults
            .iter()
            .filter(|(_, cases)| cases.contains(&case.id));
        let naming = naming.map(|(fault, _)| fault);
        let elsewhere = self.elsewhere.get(&case.id);
        naming.chain(elsewhere).map(String::as_str).collect()
    }
}

#[test]
fn every_case_is_turned_red_by_something_or_waits() {
    let proofs = Proofs::read();
    let named = proofs.faults.values().flatten();
    let proven: BTreeSet<&String> = named.chain(proofs.elsewhere.keys()).collect();
    let all: BTreeSet<&String> = exchange::hostile().map(|case| &case.id).collect();
    let unproven: BTreeSet<&String> = all.difference(&proven).copied().collect();
    assert_eq!(unproven, proofs.waiting.iter().collect());
    assert!(proven.is_subset(&all), "a proof of what is no case");
}

/// So many parts of the table are tried side by side.
const PARTS: usize = 4;

/// A fault that no row has would be one that the suite does not see, and nobody has said why.
#[test]
fn every_fault_turns_something_red_or_says_why_not() {
    let proofs = Proofs::read();
    let faults = SolarFault::all().into_iter();
    let faults = faults.filter(|fault| !fault.is_harmless() && !fault.family().is_empty());
    let all: BTreeSet<String> = faults.map(|fault| fault.to_string()).collect();
    let red: BTreeSet<String> = proofs.faults.keys().cloned().collect();
    let unseen: BTreeSet<String> = proofs.unseen.keys().cloned().collect();
    assert_eq!(red.union(&unseen).cloned().collect::<BTreeSet<_>>(), all);
    assert!(red.is_disjoint(&unseen));
    assert!(proofs.faults.values().all(|cases| !cases.is_empty()));
}

/// What a fault of the API turns red is exactly what stands beside it.
#[rstest]
#[tokio::test]
async fn a_fault_turns_red_what_stands_beside_it(#[values(0, 1, 2, 3)] part: usize) {
    let proofs = Proofs::read();
    let world = world(Profile::Full).await;
    let faults = proofs.faults.iter().skip(part).step_by(PARTS);
    let mut wrong = Vec::new();
    for (fault, named) in faults {
        world.set_faults(None, Some(fault));
        let tried = tried(named);
        let here = |trial: &Trial| {
            let case = trial.id.strip_prefix(HOSTILE);
            case.is_some_and(|case| tried.contains(case)) && trial.name().ends_with("[/moons]")
        };
        let red = cases(&world.verify_where(&here).await, "not_met");
        keep(fault, &red);
        if red != *named {
            let more: Vec<_> = red.difference(named).collect();
            let fewer: Vec<_> = named.difference(&red).collect();
            wrong.push(format!(
                "{fault} turns red also {more:?}, and not {fewer:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The cases that may come out otherwise by a fault: the families of those that must, and the core.
fn tried(named: &BTreeSet<String>) -> BTreeSet<&'static str> {
    let families = exchange::families().iter();
    let families = families.filter(|family| family.name != exchange::ACCESS);
    let tried = families.flat_map(|family| {
        let is_whole = family.cases.iter().any(|case| named.contains(&case.id));
        let cases = family.cases.iter();
        cases.filter(move |case| is_whole || case.core)
    });
    tried.map(|case| case.id.as_str()).collect()
}

/// Writes what was found to `target/hostile-requests/`, to be compared with the file.
fn keep(fault: &str, red: &BTreeSet<String>) {
    let folder = file("target/hostile-requests");
    std::fs::create_dir_all(&folder).expect("a folder");
    let lines: Vec<&str> = red.iter().map(String::as_str).collect();
    std::fs::write(folder.join(fault), lines.join("\n")).expect("a file");
}

/// What came of one case: its outcome, its weight, and what is said of it.
pub(crate) async fn of_case(fault: &str, case: &str) -> RecordedResult {
    let world = world(Profile::Standard).await;
    world.set_faults(None, Some(fault));
    let verified = world
        .verify_filtered(&format!("{HOSTILE}{case}[/moons]"))
        .await;
    let results = verified.record.results.into_iter();
    let mut results = results.filter(|result| result.id.starts_with(HOSTILE));
    results.next().expect("the case")
}

/// Where the key is owned, the leeway is in the record: of the API as it is, a minute.
#[rstest]
#[case::a_minute("rs.scheme-case", 55..=60)]
#[case::none("expiry.to-the-second", 0..=0)]
#[tokio::test]
async fn the_leeway_is_measured(
    #[case] harmless: &str,
    #[case] seconds: std::ops::RangeInclusive<u64>,
) {
    let result = of_case(harmless, "expired_three_minutes_ago").await;
    assert!(result.is_met(), "{result:?}");
    let observed = result.observed.texts();
    let measured = observed["leeway_seconds"].parse().expect("a number");
    assert!(seconds.contains(&measured), "{measured}");
}

/// What is let in without anything hostile about it is one mistake, and a hundred requests follow.
#[rstest]
#[case::everything("open-without-token", "a_request_without_token_is_refused")]
#[case::scope("scope-unchecked", "silver_is_refused_moons")]
#[case::signature("signature-unchecked", "a_tampered_token_is_refused")]
#[tokio::test]
async fn what_follows_from_one_mistake_is_mended_as_it_is(
    #[case] fault: &str,
    #[case] named: &str,
) {
    let world = world(Profile::Standard).await;
    world.set_faults(None, Some(fault));
    let of_access = |trial: &Trial| trial.step == Step::Access;
    let verified = world.verify_where(&of_access).await;
    let unmet = || verified.record.results.iter().filter(|it| it.is_not_met());
    assert!(unmet().any(|it| !it.id.starts_with(HOSTILE) && it.id.contains(named)));
    assert!(unmet().any(|it| it.id.starts_with(HOSTILE)));
    let fixes: BTreeSet<String> = unmet()
        .filter_map(|it| Some(it.fix.as_ref()?.admin_console.clone()))
        .collect();
    assert_eq!(fixes.len(), 1, "{fixes:#?}");
}

/// What may well be so turns nothing red.
#[rstest]
#[tokio::test]
async fn a_harmless_api_passes_every_case(#[values(0, 1, 2, 3)] part: usize) {
    let world = world(Profile::Full).await;
    let here = |trial: &Trial| trial.id.starts_with(HOSTILE) && trial.name().ends_with("[/moons]");
    let faults = SolarFault::all().into_iter();
    let harmless = faults.filter(|fault| fault.is_harmless());
    for fault in harmless.skip(part).step_by(PARTS) {
        let name = fault.to_string();
        world.set_faults(None, Some(&name));
        // Of what is slow, a few cases say as much as all, which would take a quarter of an hour.
        let is_told = |trial: &Trial| !name.contains("slow") || trial.id.contains("scheme_");
        let asked = |trial: &Trial| here(trial) && is_told(trial);
        let verified = world.verify_where(&asked).await;
        keep(&name, &cases(&verified, "not_met"));
        assert_eq!(cases(&verified, "not_met"), none(), "{name}");
    }
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
    let proofs = Proofs::read();
    let mut page = String::from(
        "# Hostile requests\n\nGenerated from `fixtures/hostile-requests/` by \
         `OKTA_E2E_WRITE_DOCS=1 scripts/test hostile_requests`; a test keeps it current.\n\n\
         After the access matrix, each of these is sent to the API once, one at a time, with a \
         good token after each.\nThe core goes to every endpoint, the rest to one endpoint of each \
         scope. `OKTA_E2E_PROFILE` chooses: `document`\nsends none, `standard` those that change \
         nothing if they are let in (GET, HEAD, OPTIONS, at most 32 kB), `full` all.\n\nKey class: \
         K0 takes no key, K1 a genuine token, K2 the key that the issuer signs with \
         (`OKTA_E2E_TRUSTED_KEY`).\nWithout that key, what it takes is *not configured*, or *not \
         applicable* where no token of an org could show the same.\nThe probes are sent where the \
         model has `[probes]`: they need no key, and the org needs what `provision \
         --with-probes` makes.\n",
    );
    for family in exchange::families() {
        let _ = write!(
            page,
            "\n## {}\n\n{}\n\n| case | what is sent | norm | severity | key class | profile | \
             turned red by |\n|---|---|---|---|---|---|---|\n",
            family.name, family.about
        );
        for case in &family.cases {
            page.push_str(&row(case, &proofs));
        }
    }
    let _ = writeln!(page, "\n{} cases.", exchange::hostile().count());
    page
}

fn row(case: &Case, proofs: &Proofs) -> String {
    let core = if case.core { ", every endpoint" } else { "" };
    let proof: Vec<String> = proofs
        .of(case)
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
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
