//! No finding without a proof: each code has a case that produces it.
//!
//! `fixtures/finding-proofs.toml` names the trial and the case of each; `docs/findings.md` lists
//! them, and `OKTA_E2E_WRITE_DOCS=1 scripts/test finding_codes` writes it anew. The broken orgs
//! look at their own codes as they are tried.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use okta_e2e::config::Profile;
use okta_e2e::report::{Record, RecordedResult};
use okta_e2e::requirements::{Code, Trial};
use serde::Deserialize;

use crate::support::world::{World, file};

/// The trial that a code turns red, by its id, and the case that does it.
type Proof = (String, String);

/// `fixtures/finding-proofs.toml`: the case of each code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Proofs {
    /// By a file in `fixtures/broken-orgs/`.
    broken_orgs: BTreeMap<String, Proof>,
    /// By a fault of the embedded API.
    api_faults: BTreeMap<String, Proof>,
    /// By a fault of the sandbox org.
    org_faults: BTreeMap<String, Proof>,
    /// By a test that names the code, in this file.
    tests: BTreeMap<String, Proof>,
}

impl Proofs {
    fn read() -> Self {
        let text = std::fs::read_to_string(file("fixtures/finding-proofs.toml")).expect("a file");
        toml::from_str(&text).unwrap_or_else(|error| panic!("finding-proofs.toml: {error}"))
    }

    /// Each kind of case, by what it is called.
    fn kinds(&self) -> [(&'static str, &BTreeMap<String, Proof>); 4] {
        [
            ("broken org", &self.broken_orgs),
            ("fault of the API", &self.api_faults),
            ("fault of the org", &self.org_faults),
            ("test", &self.tests),
        ]
    }
}

/// The codes of a result, as the record has them.
pub(crate) fn codes(result: &RecordedResult) -> BTreeSet<String> {
    let observed = result.observed.texts();
    let codes = observed.get("finding").map(String::as_str);
    let codes = codes.unwrap_or_default().split_whitespace();
    codes.map(str::to_owned).collect()
}

/// Whether a trial of this id was not met by this code.
fn produces(record: &Record, id: &str, code: &str) -> bool {
    let mut results = record.results.iter().filter(|result| result.id == id);
    results.any(|result| result.is_not_met() && codes(result).contains(code))
}

/// Fails unless a broken org produces the codes that it is the case of.
pub(crate) fn assert_codes(scenario: &Path, record: &Record) {
    let name = scenario.file_stem().expect("a name").to_string_lossy();
    for (code, (trial, org)) in Proofs::read().broken_orgs {
        let is_here = *org == *name;
        assert!(
            !is_here || produces(record, &trial, &code),
            "{name} is to be the case of `{code}` in {trial}"
        );
    }
    let unnamed = record.results.iter().find(|result| {
        let has_code = !codes(result).is_empty();
        has_code != result.is_not_met()
    });
    assert!(
        unnamed.is_none(),
        "a code belongs to a finding: {unnamed:?}"
    );
}

/// What produces a code: the kind of case, the trial that finds it, and the case.
pub(crate) fn proof(code: &str) -> (&'static str, String, String) {
    let proofs = Proofs::read();
    let mut kinds = proofs.kinds().into_iter();
    let found = kinds.find_map(|(kind, cases)| Some((kind, cases.get(code)?.clone())));
    let (kind, (trial, case)) = found.expect("every code has a case");
    (kind, trial, case)
}

#[test]
fn every_code_has_one_case() {
    let proofs = Proofs::read();
    let mut cases: Vec<&str> = Vec::new();
    for (_, kind) in proofs.kinds() {
        cases.extend(kind.keys().map(String::as_str));
    }
    cases.sort_unstable();
    let mut all: Vec<&str> = Code::ALL.iter().map(|code| code.text()).collect();
    all.sort_unstable();
    let twice = all.windows(2).find(|pair| pair[0] == pair[1]);
    assert_eq!(twice, None, "a code names one way alone");
    let without: Vec<_> = all.iter().filter(|code| !cases.contains(code)).collect();
    assert!(without.is_empty(), "nothing produces {without:?}");
    assert_eq!(cases, all, "a code is proven once, and is a code");
}

/// Which trials look for a code says whether it may be there still where they could not look.
#[test]
fn a_code_stands_with_those_of_its_step() {
    for (_, kind) in Proofs::read().kinds() {
        for (code, (trial, _)) in kind {
            let module = Code::of(code).expect("a code").module();
            assert!(trial.starts_with(module), "{code} stands in {module}");
        }
    }
}

#[test]
fn a_code_is_short_and_in_small_letters() {
    for code in Code::ALL {
        let text = code.text();
        let is_plain = text.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(is_plain && text.len() <= 32, "{text}");
        assert!(code.meaning().ends_with('.'), "{text}");
    }
}

#[test]
fn every_case_is_there() {
    let proofs = Proofs::read();
    for (code, (_, org)) in &proofs.broken_orgs {
        let path = file(&format!("fixtures/broken-orgs/{org}.toml"));
        assert!(path.is_file(), "{code}: {org}");
    }
    for (code, (_, module)) in &proofs.tests {
        let text = std::fs::read_to_string(file(module)).expect("a module with tests");
        assert!(
            text.contains(&format!("\"{code}\"")),
            "{module} does not name {code}"
        );
    }
}

async fn assert_produced(org: bool, proofs: BTreeMap<String, Proof>) {
    let mut world = World::new().await;
    world.config.profile = Profile::Full;
    for (code, (trial, fault)) in proofs {
        let fault = Some(fault.as_str());
        if org {
            world.set_faults(fault, None);
        } else {
            world.set_faults(None, fault);
        }
        let here = |known: &Trial| known.id == trial;
        let record = world.verify_where(&here).await.record;
        let results = &record.results;
        assert!(
            produces(&record, &trial, &code),
            "{fault:?} does not produce {code}: {results:#?}"
        );
    }
}

#[tokio::test]
async fn a_fault_of_the_api_produces_its_codes() {
    assert_produced(false, Proofs::read().api_faults).await;
}

#[tokio::test]
async fn a_fault_of_the_org_produces_its_codes() {
    assert_produced(true, Proofs::read().org_faults).await;
}

#[test]
fn the_page_of_findings_is_current() {
    let (page, path) = (page(), file("docs/findings.md"));
    if std::env::var_os("OKTA_E2E_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("the page is written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/findings.md is not current: `OKTA_E2E_WRITE_DOCS=1 scripts/test finding_codes` \
         writes it anew"
    );
}

fn page() -> String {
    let proofs = Proofs::read();
    let mut page = String::from(
        "# Findings\n\nGenerated from `src/code/table.rs` and \
         `fixtures/finding-proofs.toml` by `OKTA_E2E_WRITE_DOCS=1 scripts/test\nfinding_codes`; a \
         test keeps it current. The record of a run has the code of each finding in \
         `observed.finding`;\nseveral are separated by blanks.\n\n| code | what it means | trial | \
         case that produces it |\n|---|---|---|---|\n",
    );
    for code in Code::ALL {
        let text = code.text();
        let mut kinds = proofs.kinds().into_iter();
        let proof = kinds.find_map(|(kind, cases)| Some((kind, cases.get(text)?)));
        let (kind, (trial, case)) = proof.expect("every code has a case");
        let meaning = code.meaning();
        let _ = writeln!(
            page,
            "| `{text}` | {meaning} | `{trial}` | {kind} `{case}` |"
        );
    }
    let _ = writeln!(page, "\n{} codes.", Code::ALL.len());
    page
}
