//! What is only different turns nothing red: one file each.
//!
//! A file in `fixtures/harmless/` says in a sentence how a right org, its tokens or the API are
//! made different, and which trials report it although they are met.

use std::path::PathBuf;

use rstest::rstest;

use crate::support::scenario::{Scenario, assert_reads_well, keep_what_was_found};

#[rstest]
#[tokio::test]
async fn a_harmless_variation_turns_nothing_red(
    #[files("fixtures/harmless/*.toml")] file: PathBuf,
) {
    let harmless = Scenario::read(&file);
    assert!(harmless.not_met.is_empty() && harmless.unseen.is_empty());
    let verified = harmless.world().await.verify().await;
    keep_what_was_found("harmless", &file, &verified.record);
    assert_reads_well(&verified.record);
    harmless.assert_comes_true(&verified);
    let results = verified.record.results.iter();
    let reported = results.filter(|result| result.reason.is_some());
    let reported: Vec<String> = reported.map(|result| result.name.clone()).collect();
    assert_eq!(reported, harmless.reported, "{}", harmless.sentence);
    let retries = &verified.record.run.retries;
    assert_eq!(*retries, Vec::<String>::new(), "{}", harmless.sentence);
}
