//! No requirement without a proof: each is turned red by at least one broken org, token or API.
//!
//! `docs/proofs.md` lists which; `OKTA_E2E_WRITE_DOCS=1 scripts/test proofs` writes it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use okta_e2e::model::OrgModel;
use okta_e2e::requirements::{self, Severity, Trial};

use crate::support::scenario::{Scenario, Unseen};
use crate::support::world::file;

/// The models that have all requirements between them.
pub(crate) const MODELS: [&str; 6] = [
    "fixtures/org.toml",
    "fixtures/org-code-only.toml",
    "fixtures/org-orders.toml",
    "fixtures/org-planets-only.toml",
    "fixtures/org-probes.toml",
    "fixtures/org-two-separate-tiers.toml",
];
/// So many proofs of one requirement are named; the second table has them all.
const MOST_NAMED: usize = 3;

/// The head of the third table.
const BLIND: &str = "\n## Runs that cannot see something\n\nGenerated from `fixtures/blind-runs/`: \
                     nothing turns red, nothing is met by what was not seen, and what is not \
                     checked says so.\n\n| file | what is out of sight | the reason says \
                     |\n|---|---|---|\n";

/// A requirement, whatever its subjects.
struct Requirement {
    step: String,
    severity: Severity,
}

/// The requirements of all shipped models by id, in the document's order.
fn all() -> Vec<(String, Requirement)> {
    let mut known = BTreeSet::new();
    let mut all = Vec::new();
    for model in MODELS {
        let model = OrgModel::load(&file(model)).expect("the model is right");
        for Trial {
            id, step, severity, ..
        } in requirements::trials(&model)
        {
            if known.insert(id.clone()) {
                let step = step.to_string();
                all.push((id, Requirement { step, severity }));
            }
        }
    }
    all
}

/// The broken orgs by name.
fn broken_orgs() -> BTreeMap<String, Scenario> {
    scenarios("fixtures/broken-orgs")
}

/// The runs that cannot see something, by name.
fn blind_runs() -> BTreeMap<String, Scenario> {
    scenarios("fixtures/blind-runs")
}

fn scenarios(folder: &str) -> BTreeMap<String, Scenario> {
    let folder = std::fs::read_dir(file(folder)).expect("a folder");
    let files = folder.map(|entry| entry.expect("an entry").path());
    let name = |path: &PathBuf| {
        path.file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    };
    files
        .map(|path| (name(&path), Scenario::read(&path)))
        .collect()
}

fn without_subject(name: &str) -> &str {
    name.split_once('[').map_or(name, |(id, _)| id)
}

fn proofs<'a>(orgs: &'a BTreeMap<String, Scenario>, id: &str) -> Vec<&'a str> {
    let turns_red = |org: &Scenario| org.not_met.iter().any(|name| without_subject(name) == id);
    let proving = orgs.iter().filter(|(_, org)| turns_red(org));
    proving.map(|(name, _)| name.as_str()).collect()
}

#[test]
fn every_requirement_is_turned_red_by_something() {
    let orgs = broken_orgs();
    let unproven: Vec<String> = all()
        .into_iter()
        .map(|(id, _)| id)
        .filter(|id| proofs(&orgs, id).is_empty())
        .collect();
    assert_eq!(unproven, Vec::<String>::new(), "nothing turns these red");
}

#[test]
fn the_page_of_proofs_is_current() {
    let page = page();
    let path = file("docs/proofs.md");
    if std::env::var_os("OKTA_E2E_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("the page is written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/proofs.md is not current: `OKTA_E2E_WRITE_DOCS=1 scripts/test proofs` writes it anew"
    );
}

#[test]
fn the_page_of_misconfigurations_names_files_that_are_there() {
    let text = std::fs::read_to_string(file("docs/misconfigurations.md")).expect("the page");
    let mut known = broken_orgs();
    known.extend(blind_runs());
    let prefixes = ["step-", "run-", "fault-", "api-"];
    let quoted = text.split('`').skip(1).step_by(2);
    let named = quoted.filter(|word| prefixes.iter().any(|prefix| word.starts_with(prefix)));
    for name in named.filter(|name| *name != "fault-…") {
        assert!(
            known.contains_key(name),
            "{name}.toml is in neither of fixtures/broken-orgs and fixtures/blind-runs"
        );
    }
}

fn page() -> String {
    let orgs = broken_orgs();
    let mut page = String::from(
        "# Proofs\n\nGenerated from `fixtures/broken-orgs/` by `OKTA_E2E_WRITE_DOCS=1 scripts/test \
         proofs`; a test keeps it current. Every\nrequirement has been seen failing: these are the \
         broken orgs, tokens and APIs that turn it red.\n\n## Requirements\n",
    );
    let mut last = String::new();
    for (id, requirement) in all() {
        if requirement.step != last {
            last.clone_from(&requirement.step);
            let _ = write!(
                page,
                "\n### {last}\n\n| requirement | severity | turned red by |\n|---|---|---|\n"
            );
        }
        let sentence = id.rsplit("::").next().unwrap_or(&id).replace('_', " ");
        let severity = format!("{:?}", requirement.severity).to_lowercase();
        let proofs = named(&proofs(&orgs, &id));
        let _ = writeln!(page, "| {sentence} | {severity} | {proofs} |");
    }
    page.push_str("\n## Broken orgs, tokens and APIs\n\n| file | what is wrong | step | not met |\n|---|---|---|---|\n");
    for (name, org) in &orgs {
        let step = org.blamed_step.as_deref().unwrap_or("none: could not look");
        let sentence = org.sentence.replace('|', "\\|");
        let _ = writeln!(
            page,
            "| `{name}` | {sentence} | {step} | {} |",
            org.not_met.len()
        );
    }
    let _ = writeln!(page, "\n{} files.", orgs.len());
    page.push_str(BLIND);
    for (name, run) in blind_runs() {
        let causes: BTreeSet<&str> = run.unseen.iter().map(Unseen::because).collect();
        let causes: Vec<String> = causes.iter().map(|cause| format!("`{cause}`")).collect();
        let causes = causes.join(", ");
        let _ = writeln!(page, "| `{name}` | {} | {causes} |", run.sentence);
    }
    page
}

fn named(proofs: &[&str]) -> String {
    let mut words: Vec<String> = proofs
        .iter()
        .take(MOST_NAMED)
        .map(|name| format!("`{name}`"))
        .collect();
    if proofs.len() > MOST_NAMED {
        words.push(format!("and {} more", proofs.len() - MOST_NAMED));
    }
    words.join(", ")
}
