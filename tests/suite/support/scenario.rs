//! A world as a file describes it, and exactly what a run must make of it.
//!
//! Broken orgs, harmless variations and blind runs are files of this one kind, each kind in a
//! folder of its own. A new file needs no code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use okta_e2e::model::OrgModel;
use okta_e2e::observation::Cause;
use okta_e2e::report::{Record, RecordedResult, causes};
use okta_e2e::requirements::Step;
use okta_e2e::verification::Verified;
use okta_sandbox::Sandbox;
use serde::Deserialize;

use super::change::{Change, Told, apply};
use super::gateway::Fault;
use super::pattern::selected;
use super::world::{World, file, names};

/// What a file says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// What is wrong, different or out of sight.
    pub(crate) sentence: String,
    /// The model that the right org has, if it is not the default one.
    #[serde(default = "default_model")]
    pub(crate) model: String,
    /// What is another text in that model: each pair is a text and what stands in its place.
    #[serde(default)]
    model_with: Vec<(String, String)>,
    /// The first step that is not met.
    #[serde(default)]
    pub(crate) blamed_step: Option<String>,
    /// The step that blocks what cannot be checked, if it is another one.
    #[serde(default)]
    blocked_by: Option<String>,
    /// The names of all trials that are not met, at whatever severity, in the document's order.
    #[serde(default)]
    pub(crate) not_met: Vec<String>,
    /// The trials that cannot be checked any more, by names in which `*` stands for anything.
    #[serde(default)]
    pub(crate) not_checked: Vec<String>,
    /// The same by what keeps them from being checked.
    #[serde(default)]
    pub(crate) unseen: Vec<Unseen>,
    /// The trials that are met and say that something is unusual.
    #[serde(default)]
    pub(crate) reported: Vec<String>,
    /// What the finding, or the reason, of a trial must say.
    #[serde(default)]
    explains: BTreeMap<String, String>,
    /// How many causes the findings have that are required, or all where none is: one, as a rule,
    /// since there is one mistake.
    #[serde(default = "one")]
    causes: usize,
    /// How the run ends; not looked at where it is absent.
    #[serde(default)]
    pub(crate) exit_status: Option<u8>,
    #[serde(default)]
    fault: Option<String>,
    #[serde(default)]
    api_fault: Option<String>,
    /// What stands in front of the API.
    #[serde(default)]
    gateway: Option<Fault>,
    #[serde(rename = "change", default)]
    changes: Vec<Change>,
    /// What the run is told wrong or not at all, instead of an org that is wrong.
    #[serde(default)]
    run: Told,
}

/// Trials that cannot be checked for one and the same cause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unseen {
    /// What keeps them from being checked.
    cause: Cause,
    /// What the reason of each must say.
    because: String,
    /// Their names, in which `*` stands for anything.
    trials: Vec<String>,
}

impl Unseen {
    /// What the reason of each must say.
    pub(crate) fn because(&self) -> &str {
        &self.because
    }
}

fn one() -> usize {
    1
}

fn default_model() -> String {
    "fixtures/org.toml".to_owned()
}

impl Scenario {
    pub(crate) fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).expect("the file can be read");
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    /// A broken org by its name, and the world that it breaks.
    pub(crate) async fn broken(name: &str) -> (Self, World) {
        let scenario = Self::read(&file(&format!("fixtures/broken-orgs/{name}.toml")));
        let world = scenario.world().await;
        (scenario, world)
    }

    /// The world that the file describes.
    pub(crate) async fn world(&self) -> World {
        let mut world = World::of_model(self.org_model(), Sandbox::builder()).await;
        self.make(&mut world).await;
        world
    }

    fn org_model(&self) -> OrgModel {
        self.org_model_and("")
    }

    /// The model of the right org, with more behind it.
    pub(crate) fn org_model_and(&self, more: &str) -> OrgModel {
        let path = file(&self.model);
        let mut text = std::fs::read_to_string(&path).expect("the model can be read");
        for (from, to) in &self.model_with {
            assert!(
                text.contains(from.as_str()),
                "{} has no `{from}`",
                self.model
            );
            text = text.replace(from.as_str(), to);
        }
        text.push_str(more);
        OrgModel::parse(&path, &text).expect("the model is right")
    }

    /// Makes a right org so.
    pub(crate) async fn make(&self, world: &mut World) {
        apply(world, &self.changes, &self.run).await;
        world.set_faults(self.fault.as_deref(), self.api_fault.as_deref());
        if let Some(fault) = self.gateway {
            world.stand_before_the_api(fault).await;
        }
    }

    /// Fails unless the run came to exactly what the file says.
    pub(crate) fn assert_comes_true(&self, verified: &Verified) {
        let (record, sentence) = (&verified.record, &self.sentence);
        let not_met = names(verified, "not_met");
        assert_eq!(not_met, self.not_met, "not met: {sentence}");
        self.assert_not_checked(verified);
        self.assert_causes(record);
        let (first, blamed) = (first_broken(record), self.blamed_step.as_deref());
        assert_eq!(first, blamed, "the first broken step: {sentence}");
        self.assert_blocking(record);
        self.assert_explains(record);
        if let Some(status) = self.exit_status {
            assert_eq!(record.run.exit_status, status, "{}", record.run.verdict);
        }
    }

    /// Fails unless the run is red at the step, and what the file names is not met, whatever else
    /// the same fault turns red.
    pub(crate) fn assert_blames(&self, verified: &Verified) {
        let (record, sentence) = (&verified.record, &self.sentence);
        let not_met = names(verified, "not_met");
        assert!(!self.not_met.is_empty(), "nothing is named: {sentence}");
        for name in &self.not_met {
            assert!(
                not_met.contains(name),
                "{name} is not among {not_met:#?}: {sentence}"
            );
        }
        let (first, blamed) = (first_broken(record), self.blamed_step.as_deref());
        assert_eq!(first, blamed, "the first broken step: {sentence}");
        self.assert_explains(record);
        assert_eq!(record.run.exit_status, 1, "{}", record.run.verdict);
    }

    /// Fails unless the report shows as many causes as the file has mistakes, the step to blame
    /// first.
    pub(crate) fn assert_causes_shown(&self, record: &Record) {
        let all = causes(&record.results);
        let required = all.iter().filter(|cause| cause[0].is_required());
        let required: Vec<_> = required.collect();
        let shown = if required.is_empty() {
            all.iter().collect()
        } else {
            required
        };
        let names: Vec<Vec<&str>> = shown
            .iter()
            .map(|cause| cause.iter().map(|result| result.name.as_str()).collect())
            .collect();
        assert_eq!(
            shown.len(),
            self.causes,
            "causes: {names:#?}: {}",
            self.sentence
        );
    }

    fn assert_explains(&self, record: &Record) {
        for (name, text) in &self.explains {
            let told = told(record, name);
            assert!(told.contains(text), "{name} says: {told}");
        }
    }

    fn assert_not_checked(&self, verified: &Verified) {
        let all = all_names(&verified.record);
        let by_cause = self.unseen.iter().map(|unseen| &unseen.trials);
        let lists = by_cause.chain([&self.not_checked]);
        let wanted: BTreeSet<String> = lists.flat_map(|list| selected(list, &all)).collect();
        let wanted: Vec<String> = all.into_iter().filter(|n| wanted.contains(n)).collect();
        let found = names(verified, "not_checked");
        assert_eq!(found, wanted, "not checked: {}", self.sentence);
    }

    /// Each trial that could not be looked at says why, and what kind of reason that is.
    fn assert_causes(&self, record: &Record) {
        let all = all_names(record);
        for unseen in &self.unseen {
            for name in selected(&unseen.trials, &all) {
                let result = result(record, &name);
                assert_eq!(result.cause, Some(unseen.cause), "{name}: {result:#?}");
                let reason = result.reason.as_deref().unwrap_or_default();
                assert!(reason.contains(&unseen.because), "{name} says: {reason}");
            }
        }
    }

    fn assert_blocking(&self, record: &Record) {
        let blocking = self.blocked_by.as_ref().or(self.blamed_step.as_ref());
        for result in record.results.iter().filter(|r| r.blocked_by.is_some()) {
            let (name, by) = (&result.name, result.blocked_by.map(Step::number));
            let wanted = blocking.map(String::as_str);
            assert_eq!(by, wanted, "{name} is blocked: {}", self.sentence);
        }
    }
}

fn all_names(record: &Record) -> Vec<String> {
    let results = record.results.iter();
    results.map(|result| result.name.clone()).collect()
}

/// The step of the first required trial that is not met, or of the first at all.
fn first_broken(record: &Record) -> Option<&'static str> {
    let not_met = || record.results.iter().filter(|result| result.is_not_met());
    let required = not_met().find(|result| result.is_required());
    required
        .or_else(|| not_met().next())
        .map(|result| result.step.number())
}

fn result<'a>(record: &'a Record, name: &str) -> &'a RecordedResult {
    let mut results = record.results.iter();
    let result = results.find(|result| result.name == name);
    result.unwrap_or_else(|| panic!("there is no trial {name}"))
}

/// What a trial came to and how it is mended, in its own words.
pub(crate) fn told(record: &Record, name: &str) -> String {
    let result = result(record, name);
    let mend = result.fix.as_ref().map(|fix| fix.admin_console.clone());
    let parts = [result.actual.clone(), result.reason.clone(), mend];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Writes what was found to a folder of `target`, to be compared with the file when it fails.
pub(crate) fn keep_what_was_found(folder: &str, scenario: &Path, record: &Record) {
    let folder = file("target").join(folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let results = serde_json::to_string_pretty(&record.results).expect("JSON");
    let name = scenario.file_stem().expect("a name").to_string_lossy();
    std::fs::write(folder.join(format!("{name}.json")), results).expect("a file");
}

/// No part of a sentence is missing: no name between quotes, no list behind a word that leads to
/// one. What others wrote may end as it likes, but not in nothing.
pub(crate) fn assert_reads_well(record: &Record) {
    for result in &record.results {
        let fix = result
            .fix
            .iter()
            .flat_map(|fix| [&fix.admin_console, &fix.api]);
        let said = [&result.expected, &result.actual, &result.reason];
        for text in said.into_iter().flatten().chain(fix) {
            let gap = gap(text);
            assert_eq!(gap, None, "{}: {text}", result.name);
        }
    }
}

/// What shows that something is missing in a text.
fn gap(text: &str) -> Option<&'static str> {
    const WITHIN: [&str; 13] = [
        "``", "()", "( ", "  ", " ,", " ;", " )", ", ,", ",,", ": ;", ";;", ", and ,", ":,",
    ];
    const AT_THE_END: [&str; 9] = [" ", ",", ";", ":", "(", " of", " by", " and", " or"];
    let mut within = WITHIN.into_iter().filter(|gap| text.contains(gap));
    let mut end = AT_THE_END.into_iter().filter(|gap| text.ends_with(gap));
    let is_empty = text.is_empty().then_some("nothing at all");
    is_empty.or_else(|| within.next()).or_else(|| end.next())
}
