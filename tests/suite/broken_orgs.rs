//! Every way to get the set-up wrong is caught, and the right step is named: one file each.
//!
//! A file in `fixtures/broken-orgs/` says what is wrong in a sentence, how a right org is made so,
//! exactly which trials must be not met and which cannot be checked any more, which step is to
//! blame, and what the findings must give as the cause. A new file needs no code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use okta_e2e::report::Record;
use okta_e2e::requirements::Step;
use okta_sandbox::Sandbox;
use rstest::rstest;
use serde::Deserialize;

use crate::support::change::{Change, Told, apply};
use crate::support::pattern::selected;
use crate::support::world::{World, file, names};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BrokenOrg {
    /// What is wrong.
    pub(crate) sentence: String,
    /// The model that the right org has, if it is not the default one.
    #[serde(default = "default_model")]
    pub(crate) model: String,
    /// The first step that is not met; none where the suite could not look.
    #[serde(default)]
    pub(crate) blamed_step: Option<String>,
    /// The step that blocks what cannot be checked, if it is another one.
    #[serde(default)]
    blocked_by: Option<String>,
    /// The names of all trials that are not met, at whatever severity, in the document's order.
    pub(crate) not_met: Vec<String>,
    /// The trials that cannot be checked any more, by names in which `*` stands for anything.
    #[serde(default)]
    not_checked: Vec<String>,
    /// What the finding, or the reason, of a trial must say.
    #[serde(default)]
    explains: BTreeMap<String, String>,
    #[serde(default)]
    fault: Option<String>,
    #[serde(default)]
    api_fault: Option<String>,
    #[serde(rename = "change", default)]
    changes: Vec<Change>,
    /// What the run is told wrong, instead of an org that is wrong.
    #[serde(default)]
    run: Told,
}

pub(crate) fn default_model() -> String {
    "fixtures/org.toml".to_owned()
}

impl BrokenOrg {
    pub(crate) fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).expect("the file can be read");
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }
}

impl BrokenOrg {
    /// A world that a file of this name has broken, and what the file says of it.
    pub(crate) async fn world(name: &str) -> (Self, World) {
        let broken = Self::read(&file(&format!("fixtures/broken-orgs/{name}.toml")));
        let mut world = World::of(&broken.model, Sandbox::builder()).await;
        broken.break_org(&mut world).await;
        (broken, world)
    }

    /// Makes a right org so.
    pub(crate) async fn break_org(&self, world: &mut World) {
        apply(world, &self.changes, &self.run).await;
        world.set_faults(self.fault.as_deref(), self.api_fault.as_deref());
    }
}

/// Without an audit a denial comes with its candidates, most likely first.
#[rstest]
#[case::no_rule(
    "step-3c-no-rule",
    "[SILVER silver]",
    "likely: (1) step 3c: no active rule"
)]
#[case::not_assigned(
    "step-4c-client-not-assigned",
    "[SILVER silver]",
    "likely: (1) step 4c: the client is not assigned"
)]
#[case::no_scope(
    "step-3b-gold-scope-missing",
    "[GOLD gold]",
    "likely: (1) step 3b: the scope is missing"
)]
#[case::no_implicit(
    "step-4a-client-without-implicit",
    "[SILVER silver]",
    "likely: (1) step 4a: Implicit (hybrid) is not ticked"
)]
#[case::no_code(
    "step-4a-client-without-code",
    "[SILVER silver]",
    "likely: (1) step 4a: Authorization Code is not ticked"
)]
#[case::redirect_uri(
    "step-4b-redirect-uri-in-capitals",
    "[SILVER silver]",
    "likely: (1) step 4b: the redirect URI is not registered"
)]
#[case::client(
    "step-4a-client-inactive",
    "[SILVER silver]",
    "likely: (1) step 4a: the client id is mistyped"
)]
#[case::zone(
    "step-4a-network-zone",
    "[SILVER silver]",
    "likely: (1) step 4a: the client may be used from other network zones"
)]
#[case::user("step-2-user-suspended", "[SILVER silver]", "likely: (1) TEST_USER_")]
#[tokio::test]
async fn without_an_api_token_a_denial_names_where_to_look_first(
    #[case] broken: &str,
    #[case] subject: &str,
    #[case] first: &str,
) {
    let (_, mut world) = BrokenOrg::world(broken).await;
    world.access.api_token = None;
    let verified = world.verify().await;
    let name = format!("step_5_authorize::the_user_gets_tokens{subject}");
    let told = told(&verified.record, &name);
    assert!(told.contains(first), "{name} says: {told}");
}

#[rstest]
#[tokio::test]
async fn a_broken_org_turns_exactly_its_trials_red(
    #[files("fixtures/broken-orgs/*.toml")] file: PathBuf,
) {
    let broken = BrokenOrg::read(&file);
    let mut world = World::of(&broken.model, Sandbox::builder()).await;
    broken.break_org(&mut world).await;
    let verified = world.verify().await;
    let record = &verified.record;
    keep_what_was_found(&file, record);
    assert_eq!(
        names(&verified, "not_met"),
        broken.not_met,
        "not met: {}",
        broken.sentence
    );
    let all: Vec<String> = record
        .results
        .iter()
        .map(|result| result.name.clone())
        .collect();
    assert_eq!(
        names(&verified, "not_checked"),
        selected(&broken.not_checked, &all),
        "not checked: {}",
        broken.sentence
    );
    assert_eq!(
        first_broken(record),
        broken.blamed_step.as_deref(),
        "the first broken step: {}",
        broken.sentence
    );
    let blocking = broken.blocked_by.as_ref().or(broken.blamed_step.as_ref());
    for result in record.results.iter().filter(|r| r.blocked_by.is_some()) {
        let (name, by) = (&result.name, result.blocked_by.map(Step::number));
        assert_eq!(
            by,
            blocking.map(String::as_str),
            "{name} is blocked: {}",
            broken.sentence
        );
    }
    for (name, text) in &broken.explains {
        let told = told(record, name);
        assert!(told.contains(text), "{name} says: {told}");
    }
}

/// The step of the first required trial that is not met, or of the first at all.
fn first_broken(record: &Record) -> Option<&'static str> {
    let not_met = || record.results.iter().filter(|result| result.is_not_met());
    let required = not_met().find(|result| result.is_required());
    required
        .or_else(|| not_met().next())
        .map(|result| result.step.number())
}

/// What a trial came to, in its own words.
fn told(record: &Record, name: &str) -> String {
    let mut results = record.results.iter();
    let result = results.find(|result| result.name == name);
    let result = result.unwrap_or_else(|| panic!("there is no trial {name}"));
    let parts = [&result.actual, &result.reason];
    parts.into_iter().flatten().cloned().collect()
}

/// Writes what was found to `target/broken-orgs/`, to be compared with the file when it fails.
fn keep_what_was_found(broken: &Path, record: &Record) {
    let folder = file("target/broken-orgs");
    std::fs::create_dir_all(&folder).expect("a folder");
    let results = serde_json::to_string_pretty(&record.results).expect("JSON");
    let name = broken.file_stem().expect("a name").to_string_lossy();
    std::fs::write(folder.join(format!("{name}.json")), results).expect("a file");
}
