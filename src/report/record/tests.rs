//! What a record says, it says without secrets, and with the letters named that print alike.

use rstest::rstest;

use super::*;
use crate::code::Code;
use crate::requirements::{Judgement, Trial, Verdict};

/// Two names that differ by this letter print alike.
const ALIKE: &str = "g\u{43e}ld";

/// A letter that is named within a secret would keep the secret from being found.
#[test]
fn letters_are_named_where_no_secret_is() {
    let secrets = Secrets::default();
    secrets.add_variables([("TEST_USER_SILVER_PASSWORD", "Р\u{430}ss-wd9")].into_iter());
    let mut recorder = Recorder::new(&secrets);
    let told = recorder.sentence("not g\u{43e}ld with Р\u{430}ss-wd9");
    assert!(told.ends_with("with [redacted]"), "{told}");
    assert!(told.contains("U+043E"), "{told}");
}

fn not_met() -> Outcome {
    let fix = Fix::new("click", "call");
    let judgement = Judgement::not_met(Code::GroupMissing, ALIKE, ALIKE, fix);
    let Verdict::NotMet(finding) = judgement.verdict else {
        panic!("it is not met")
    };
    Outcome::NotMet(finding)
}

fn not_checked() -> Outcome {
    Outcome::NotChecked {
        cause: Cause::Failed,
        reason: ALIKE.to_owned(),
        blocked_by: None,
    }
}

/// Every sentence of a result: what is expected and seen, and why nothing is known.
#[rstest]
#[case::seen(Outcome::Met(Some(Note::Seen(ALIKE.to_owned()))), 1)]
#[case::unusual(Outcome::Met(Some(Note::Unusual(ALIKE.to_owned()))), 1)]
#[case::not_met(not_met(), 2)]
#[case::not_checked(not_checked(), 1)]
fn every_sentence_names_the_letters_that_print_alike(
    #[case] outcome: Outcome,
    #[case] sentences: usize,
) {
    let trial = Trial::new(Step::Groups, "", "", [], |_| Ok(Judgement::met()));
    let judged = Judged {
        trial: &trial,
        outcome,
        observed: Observed::default(),
        severity: Severity::Required,
    };
    let secrets = Secrets::default();
    let mut recorder = Recorder::new(&secrets);
    let result = RecordedResult::new(&judged, &Observations::default(), &mut recorder);
    let said = [&result.expected, &result.actual, &result.reason];
    let said: Vec<&String> = said.into_iter().flatten().collect();
    assert_eq!(said.len(), sentences, "{result:?}");
    for sentence in said {
        assert!(sentence.contains("U+043E"), "{sentence}");
    }
}
