//! What the org model accepts is shown and no failure; what it accepts no longer is one.

use okta_e2e::model::OrgModel;
use okta_e2e::report::RecordedResult;
use okta_e2e::verification::{Verified, write_report};
use okta_sandbox::Sandbox;
use rstest::rstest;

use crate::finding_codes::codes;
use crate::support::scenario::Scenario;
use crate::support::world::{World, file};

const OWNER: &str = "reason = \"the old portal\"\nowner = \"team identity\"\nuntil = 2999-12-31\n";
const TRIAL: &str = "accepted::the_accepted_finding_is_there_and_in_date";

/// A run at a broken org whose model accepts this.
async fn run(broken: &str, entries: &[&str]) -> Verified {
    let path = file("fixtures/org.toml");
    let mut text = std::fs::read_to_string(&path).expect("the model");
    for entry in entries {
        let table = format!("\n[[accepted]]\n{entry}\n");
        text.push_str(&table);
        if !entry.contains("until") {
            text += OWNER;
        }
    }
    let model = OrgModel::parse(&path, &text).expect("the model is right");
    let mut world = World::of_model(model, Sandbox::builder()).await;
    let broken = file(&format!("fixtures/broken-orgs/{broken}.toml"));
    Scenario::read(&broken).make(&mut world).await;
    world.verify().await
}

fn unmet(verified: &Verified) -> impl Iterator<Item = &RecordedResult> {
    let results = verified.record.results.iter();
    results.filter(|result| result.is_not_met())
}

const SILVER: &str = "finding = \"id-token-at-hash\"\nsubject = \"SILVER\"";
const GOLD: &str = "finding = \"id-token-at-hash\"\nsubject = \"GOLD\"";
const IMPLIED: &str = "finding = \"access-given\"\nscope = \"http://myapp.com/scp/silver\"\n\
                       whom = \"GOLD\"";
const OTHER_CLIENT: &str = "finding = \"scope-given-to-others\"\n\
                            scope = \"http://myapp.com/scp/gold\"\n\
                            whom = \"everyone assigned to the client `Other`\"";

#[rstest]
#[case::both("fault-id-token-at-hash-missing", &[SILVER, GOLD], 0)]
#[case::one_of_two("fault-id-token-at-hash-missing", &[SILVER], 1)]
#[case::none("fault-id-token-at-hash-missing", &[], 1)]
#[case::breach("step-3c-another-client-gets-gold", &[OTHER_CLIENT], 0)]
#[case::of_the_api("api-gold-implies-silver", &[IMPLIED], 0)]
#[case::breach_not_accepted("step-3c-another-client-gets-gold", &[], 1)]
#[tokio::test]
async fn what_is_accepted_fails_nothing(
    #[case] broken: &str,
    #[case] entries: &[&str],
    #[case] status: u8,
) {
    let verified = run(broken, entries).await;
    let run = &verified.record.run;
    assert_eq!(run.exit_status, status, "{}", run.verdict);
    let accepted = unmet(&verified).filter(|result| {
        let actual = result.actual.as_deref().unwrap_or_default();
        actual.starts_with("accepted until 2999-12-31 by team identity (the old portal): ")
    });
    assert_eq!(accepted.count(), entries.len());
    let counted = format!("; {} not met and accepted by the org model", entries.len());
    assert_eq!(
        run.verdict.contains(&counted),
        !entries.is_empty(),
        "{}",
        run.verdict
    );
    let results = verified.record.results.iter();
    let of_entries = results.filter(|result| result.id == TRIAL);
    let met = of_entries.filter(|result| result.is_met()).count();
    assert_eq!(met, entries.len());
}

/// Every rendering says by whom, until when and why.
#[tokio::test]
async fn what_is_accepted_is_shown_everywhere() {
    let verified = run("step-3c-another-client-gets-gold", &[OTHER_CLIENT]).await;
    let folder = tempfile::tempdir().expect("a folder");
    write_report(&verified, folder.path()).expect("a report");
    let page = std::fs::read_to_string(folder.path().join("report.html")).expect("the page");
    let junit = std::fs::read_to_string(folder.path().join("junit.xml")).expect("JUnit");
    let terminal = okta_e2e::report::lines(&verified.record, "report", None, None).join("\n");
    let markdown = okta_e2e::report::markdown(&verified.record, None);
    for (kind, text) in [
        ("page", page),
        ("JUnit", junit),
        ("terminal", terminal),
        ("Markdown", markdown),
    ] {
        let says = text.contains("accepted until 2999-12-31 by team identity");
        assert!(says, "the {kind} does not say so");
        let counts = text.contains("1 not met and accepted by the org model");
        assert!(counts || kind == "JUnit", "the {kind} does not count it");
    }
}

#[rstest]
#[case::expired(
    "finding = \"id-token-at-hash\"\nsubject = \"SILVER\"\nreason = \"r\"\nowner = \"o\"\n\
     until = 2001-01-31",
    "accepted-expired"
)]
#[case::gone("finding = \"client-inactive\"", "accepted-gone")]
#[case::mistyped(
    "finding = \"id-token-at-hash\"\nsubject = \"silver\"",
    "accepted-gone"
)]
#[tokio::test]
async fn what_is_accepted_no_longer_fails(#[case] entry: &str, #[case] code: &str) {
    let verified = run("fault-id-token-at-hash-missing", &[]).await;
    let before = unmet(&verified).count();
    let verified = run("fault-id-token-at-hash-missing", &[entry]).await;
    assert_eq!(unmet(&verified).count(), before + 1);
    let of_entry = unmet(&verified).find(|result| result.id == TRIAL);
    let of_entry = of_entry.expect("the trial of the entry fails");
    assert_eq!(codes(of_entry), [code.to_owned()].into());
    assert!(of_entry.is_required());
    assert_eq!(verified.record.run.exit_status, 1);
}

/// A right org in which nothing is wrong any more.
#[tokio::test]
async fn an_entry_that_nothing_needs_fails_by_itself() {
    let verified = run(
        "step-3b-scope-published",
        &["finding = \"client-inactive\""],
    )
    .await;
    assert_eq!(verified.record.run.exit_status, 1);
    let required = unmet(&verified).filter(|result| result.is_required());
    let names: Vec<&str> = required.map(|result| result.id.as_str()).collect();
    assert_eq!(names, [TRIAL]);
}
