//! "Could not look" is never "is fine": what a run cannot see is not checked, and says why.
//!
//! The mirror of the broken orgs. A file in `fixtures/blind-runs/` says what is out of sight, exactly
//! which trials cannot be checked by it, and for which cause; all others are met, for what was seen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use okta_e2e::judgement::{Outcome, judge};
use okta_e2e::observation::{Agents, Need, Observations, Observer};
use okta_e2e::openid::Http;
use okta_e2e::progress::Progress;
use okta_e2e::requirements::{self, Context, Facts, Remembered, Trial};
use okta_e2e::selection::Selection;
use okta_e2e::verification::Verification;
use rstest::rstest;
use url::Url;

use crate::support::agent::HttpAgents;
use crate::support::scenario::{Scenario, keep_what_was_found};
use crate::support::world::World;

#[rstest]
#[tokio::test]
async fn what_a_blind_run_cannot_see_is_not_checked(
    #[files("fixtures/blind-runs/*.toml")] file: PathBuf,
) {
    let blind = Scenario::read(&file);
    let verified = blind.world().await.verify().await;
    keep_what_was_found("blind-runs", &file, &verified.record);
    assert!(blind.not_met.is_empty(), "what is not met was seen");
    assert!(!blind.unseen.is_empty(), "it says what it cannot see");
    assert!(blind.not_checked.is_empty(), "it says why it cannot see it");
    blind.assert_comes_true(&verified);
}
